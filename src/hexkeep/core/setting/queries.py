"""Reading the settings of an instance."""

from hexkeep.core.kernel.decision import Context, Decision
from hexkeep.core.kernel.operation import Empty, Message
from hexkeep.core.setting.state import SETTINGS, SETTINGS_ID, SUPPORTED_LANGUAGES, settings_of


class InstanceSettings(Message):
    """What counts in an instance. Empty ``allowed_languages``: all that are supported."""

    default_organization_id: str
    default_language: str
    allowed_languages: tuple[str, ...]
    public_organization_registration_disallowed: bool
    trusted_domains: tuple[str, ...]
    link_origin: str
    version: int


class TrustedDomain(Message):
    """An origin whose pages speak for the instance, and whether links in messages lead there."""

    origin: str
    has_links: bool


class TrustedDomains(Message):
    """The origins whose pages speak for the instance."""

    trusted_domains: tuple[TrustedDomain, ...]


class SupportedLanguage(Message):
    """A language that messages come in, and whether this instance uses it."""

    language: str
    is_allowed: bool
    is_default: bool


class SupportedLanguages(Message):
    """All languages that messages come in."""

    languages: tuple[SupportedLanguage, ...]


def get_instance_settings(_request: Empty, ctx: Context) -> Decision[InstanceSettings]:
    """Get the settings of the instance."""
    ctx.authorize()
    settings = settings_of(ctx)
    return Decision(
        InstanceSettings(
            default_organization_id=settings.default_organization_id,
            default_language=settings.default_language,
            allowed_languages=settings.allowed_languages,
            public_organization_registration_disallowed=settings.public_organization_registration_disallowed,
            trusted_domains=settings.trusted_domains,
            link_origin=settings.link_origin,
            version=ctx.version(SETTINGS, SETTINGS_ID),
        )
    )


def list_trusted_domains(_request: Empty, ctx: Context) -> Decision[TrustedDomains]:
    """List the origins whose pages speak for the instance."""
    ctx.authorize()
    settings = settings_of(ctx)
    domains = (TrustedDomain(origin=one, has_links=one == settings.link_origin) for one in settings.trusted_domains)
    return Decision(TrustedDomains(trusted_domains=tuple(domains)))


def list_supported_languages(_request: Empty, ctx: Context) -> Decision[SupportedLanguages]:
    """List the languages that messages come in, and which of them the instance uses."""
    settings = settings_of(ctx)
    languages = tuple(
        SupportedLanguage(
            language=one, is_allowed=one in settings.languages, is_default=one == settings.default_language
        )
        for one in SUPPORTED_LANGUAGES
    )
    return Decision(SupportedLanguages(languages=languages))
