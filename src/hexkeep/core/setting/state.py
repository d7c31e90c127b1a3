"""The settings of an instance, and which language somebody is addressed in."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from hexkeep.core.kernel.aggregate import Aggregate
from hexkeep.core.kernel.decision import Context
from hexkeep.core.kernel.event import Event, Log
from hexkeep.core.setting.events import (
    DefaultLanguageSet,
    DefaultOrganizationSet,
    LinkOriginSet,
    RestrictionsSet,
    TrustedDomainAdded,
    TrustedDomainRemoved,
)

SUPPORTED_LANGUAGES = ("en", "de")
"""The languages that messages come in, as language tags (RFC 5646)."""
SETTINGS_ID = "instance"
"""The id of the one aggregate of settings that an instance has."""


@dataclass(frozen=True, slots=True)
class Settings:
    """What an instance's administrators have decided."""

    default_organization_id: str = ""
    default_language: str = SUPPORTED_LANGUAGES[0]
    allowed_languages: tuple[str, ...] = ()
    """Empty: all that are supported."""
    public_organization_registration_disallowed: bool = False
    trusted_domains: tuple[str, ...] = ()
    """Origins."""
    link_origin: str = ""

    @property
    def languages(self) -> tuple[str, ...]:
        """The languages that may be used."""
        return self.allowed_languages or SUPPORTED_LANGUAGES

    def language_for(self, wanted: str) -> str:
        """The language that somebody who wants ``wanted`` is addressed in (RFC 4647 section 3.4, lookup)."""
        return next((one for one in _ever_shorter(wanted.lower()) if one in self.languages), self.default_language)


def _ever_shorter(tag: str) -> Iterator[str]:
    parts = tag.split("-")
    for length in range(len(parts), 0, -1):
        yield "-".join(parts[:length])


def _evolve(state: Settings, event: Event) -> Settings:
    match event:
        case DefaultOrganizationSet(organization_id=organization_id):
            return replace(state, default_organization_id=organization_id)
        case DefaultLanguageSet(language=language):
            return replace(state, default_language=language)
        case RestrictionsSet():
            return replace(state, **event.model_dump())
        case TrustedDomainAdded(origin=origin):
            return replace(state, trusted_domains=(*_without(state, origin), origin))
        case TrustedDomainRemoved(origin=origin):
            return replace(state, trusted_domains=_without(state, origin))
        case LinkOriginSet(origin=origin):
            return replace(state, link_origin=origin)
        case _:
            return state


def _without(state: Settings, origin: str) -> tuple[str, ...]:
    return tuple(one for one in state.trusted_domains if one != origin)


SETTINGS = Aggregate(
    name="setting",
    log=Log.DURABLE,
    initial=Settings(),
    events=(
        DefaultOrganizationSet,
        DefaultLanguageSet,
        RestrictionsSet,
        TrustedDomainAdded,
        TrustedDomainRemoved,
        LinkOriginSet,
    ),
    evolve=_evolve,
)


def settings_of(ctx: Context) -> Settings:
    """The settings of the instance that was called."""
    return ctx.load(SETTINGS, SETTINGS_ID)


def link_origin(ctx: Context) -> str:
    """Where links in messages lead: the origin that was set for them, else the instance's own."""
    return settings_of(ctx).link_origin or ctx.request.issuer
