"""Setting what holds for an instance as a whole."""

from typing import Annotated

from pydantic import Field, StringConstraints

from hexkeep.core.kernel.decision import Context, Decision
from hexkeep.core.kernel.errors import FailedPrecondition, InvalidInput, ResourceExhausted, Violation
from hexkeep.core.kernel.event import Event
from hexkeep.core.kernel.operation import Empty
from hexkeep.core.kernel.origin import Origin
from hexkeep.core.kernel.update import Conditional, expect
from hexkeep.core.setting.events import (
    DefaultLanguageSet,
    LinkOriginSet,
    RestrictionsSet,
    TrustedDomainAdded,
    TrustedDomainRemoved,
)
from hexkeep.core.setting.state import SETTINGS, SETTINGS_ID, SUPPORTED_LANGUAGES, Settings, settings_of

MAX_TRUSTED_DOMAINS = 100
Tag = Annotated[str, StringConstraints(min_length=2, max_length=35, to_lower=True)]
"""A language tag (RFC 5646), in lower case."""


class SetDefaultLanguage(Conditional):
    """The language of people whose own is unknown or not allowed."""

    language: Tag = Field(examples=["de"])


class SetRestrictions(Conditional):
    """What the public may do, in place of the present restrictions."""

    allowed_languages: tuple[Tag, ...] = Field(
        default=(), max_length=50, description="Supported languages; none: all of them.", examples=[["en", "de"]]
    )
    public_organization_registration_disallowed: bool = Field(
        default=False, description="Whether strangers are kept from making organizations for themselves."
    )


class AddTrustedDomain(Conditional):
    """The origin whose pages are to speak for the instance."""

    origin: Origin


class RemoveTrustedDomain(Conditional):
    """The origin whose pages are not to speak for the instance any more."""

    origin: Origin


class SetLinkOrigin(Conditional):
    """The trusted domain that links in messages are to lead to."""

    origin: Origin


class ResetLinkOrigin(Conditional):
    """Has links in messages lead to the instance itself."""


def set_default_language(request: SetDefaultLanguage, ctx: Context) -> Decision[Empty]:
    """Set the language of people whose own is unknown or not allowed."""
    settings = _present(request, ctx)
    if request.language not in settings.languages:
        raise InvalidInput("", Violation("language", f"must be one of {', '.join(settings.languages)}"))
    return _decided(DefaultLanguageSet(language=request.language), needed=settings.default_language != request.language)


def set_restrictions(request: SetRestrictions, ctx: Context) -> Decision[Empty]:
    """Set which languages may be used, and whether strangers may make organizations."""
    settings = _present(request, ctx)
    allowed = tuple(one for one in SUPPORTED_LANGUAGES if one in request.allowed_languages)
    if len(allowed) != len(set(request.allowed_languages)):
        raise InvalidInput("", Violation("allowed_languages", f"must be among {', '.join(SUPPORTED_LANGUAGES)}"))
    if allowed and settings.default_language not in allowed:
        raise FailedPrecondition("The default language has to stay allowed", language=settings.default_language)
    wanted = RestrictionsSet(
        allowed_languages=allowed,
        public_organization_registration_disallowed=request.public_organization_registration_disallowed,
    )
    present = RestrictionsSet(
        allowed_languages=settings.allowed_languages,
        public_organization_registration_disallowed=settings.public_organization_registration_disallowed,
    )
    return _decided(wanted, needed=wanted != present)


def add_trusted_domain(request: AddTrustedDomain, ctx: Context) -> Decision[Empty]:
    """Have the pages of an origin speak for the instance, as with sign-in pages of one's own."""
    settings = _present(request, ctx)
    if request.origin in settings.trusted_domains:
        return Decision(Empty())
    if len(settings.trusted_domains) >= MAX_TRUSTED_DOMAINS:
        raise ResourceExhausted(f"An instance has {MAX_TRUSTED_DOMAINS} trusted domains at most")
    return _decided(TrustedDomainAdded(origin=request.origin))


def remove_trusted_domain(request: RemoveTrustedDomain, ctx: Context) -> Decision[Empty]:
    """Have the pages of an origin not speak for the instance any more. Refused while links lead there."""
    settings = _present(request, ctx)
    if request.origin == settings.link_origin:
        raise FailedPrecondition("Links in messages lead there", origin=request.origin)
    return _decided(TrustedDomainRemoved(origin=request.origin), needed=request.origin in settings.trusted_domains)


def set_link_origin(request: SetLinkOrigin, ctx: Context) -> Decision[Empty]:
    """Have links in messages lead to a trusted domain, which has to have pages at the same paths as ours."""
    settings = _present(request, ctx)
    if request.origin not in settings.trusted_domains:
        raise InvalidInput("", Violation("origin", "must be a trusted domain"))
    return _decided(LinkOriginSet(origin=request.origin), needed=settings.link_origin != request.origin)


def reset_link_origin(request: ResetLinkOrigin, ctx: Context) -> Decision[Empty]:
    """Have links in messages lead to the instance itself again."""
    return _decided(LinkOriginSet(origin=""), needed=bool(_present(request, ctx).link_origin))


def _present(request: Conditional, ctx: Context) -> Settings:
    """The settings as they are, for who may change them and has seen this version."""
    ctx.authorize()
    expect(ctx, SETTINGS, SETTINGS_ID, request)
    return settings_of(ctx)


def _decided(event: Event, *, needed: bool = True) -> Decision[Empty]:
    return Decision(Empty(), *((SETTINGS.append(SETTINGS_ID, event),) if needed else ()))
