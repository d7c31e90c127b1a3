"""Asks of identity providers. The engine has them answered by the provider that a plugin has made of the settings."""

import enum
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from pydantic import JsonValue

from hexkeep.core.idpintent.errors import IdpCancelled, IdpMalformed, IdpNotRecent, IdpRefused, IdpUnreachable
from hexkeep.core.idpintent.identity import Identity
from hexkeep.core.kernel.ask import Ask
from hexkeep.core.saml.bindings import SamlRequestBinding
from hexkeep.core.saml.errors import SUCCESS, Status
from hexkeep.core.saml.party import SamlParty


@dataclass(frozen=True, slots=True)
class ProviderSetUp:
    """An identity provider as its kind has to know it; ``id`` is for the log.

    ``party`` is how it knows the instance, with the instance's own keys, for kinds that need that.
    """

    id: str
    kind: str
    settings: Mapping[str, JsonValue]
    secrets: Mapping[str, str] = field(repr=False)
    party: SamlParty | None = None


@dataclass(frozen=True, slots=True)
class Begun:
    """Where the browser is sent, and what the provider wants back when it returns; that never leaves the server.

    With ``fields`` it is not led there but posts a form with them.
    ``posts``: the browser comes back with a form that the provider's page posts (OAuth 2.0 Form Post Response Mode,
    SAML 2.0 HTTP-POST), which counts then, and not the query.
    ``header`` names a header of the request that the browser comes back by, if it is wanted: none of ours.
    """

    url: str = field(repr=False)
    kept: Mapping[str, str] = field(default_factory=dict, repr=False)
    posts: bool = False
    fields: Mapping[str, str] = field(default_factory=dict, repr=False)
    header: str = ""


@dataclass(frozen=True, slots=True)
class BeginAtProvider(Ask[Begun]):
    """How somebody begins to sign in at a provider. ``callback`` is where the browser comes back to, with ``state``."""

    raises = (IdpUnreachable, IdpMalformed, IdpRefused, IdpNotRecent)

    provider: ProviderSetUp
    callback: str
    state: str = field(repr=False)
    login_hint: str = field(default="", repr=False)
    ui_locales: tuple[str, ...] = ()
    max_age: int | None = None
    anew: bool = False


@dataclass(frozen=True, slots=True)
class FinishAtProvider(Ask[Identity]):
    """Who came back from a provider, with ``parameters``. Codes are used up by this."""

    raises = (IdpRefused, IdpCancelled, IdpMalformed, IdpUnreachable, IdpNotRecent)

    provider: ProviderSetUp
    callback: str
    state: str = field(repr=False)
    kept: Mapping[str, str] = field(repr=False)
    parameters: Mapping[str, str] = field(repr=False)
    header: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class FindAtProvider(Ask[str]):
    """Whose a name is at a provider: the same text for all names of one account, empty where it is nobody's."""

    raises = (IdpMalformed, IdpUnreachable)

    provider: ProviderSetUp
    login_name: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class CheckAtProvider(Ask[Identity]):
    """Whose name and password these are at a provider. It is tried there once, whatever becomes of the decision."""

    raises = (IdpRefused, IdpMalformed, IdpUnreachable)

    provider: ProviderSetUp
    login_name: str = field(repr=False)
    password: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class KnownAccount:
    """An account that somebody has signed in by; ``session`` is what the provider has wanted to get back."""

    external_id: str = field(repr=False)
    session: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class SignOutAtProvider(Ask[str]):
    """Where the browser goes to be signed out at a provider, empty where it cannot be.

    ``back`` is where it comes back to, with ``state``.
    """

    provider: ProviderSetUp
    account: KnownAccount
    back: str
    state: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class RefreshAtProvider(Ask[Identity | None]):
    """What a provider tells by now of an account; ``None`` where it says that it has none, or lets it in no more."""

    raises = (IdpMalformed, IdpUnreachable)

    provider: ProviderSetUp
    account: KnownAccount


@dataclass(frozen=True, slots=True)
class RevokeAtProvider(Ask[str]):
    """Have a provider take back what it has given for a session; what is left of ``account.session``.

    That is all of it where nothing can be taken back.
    """

    raises = (IdpMalformed, IdpUnreachable)

    provider: ProviderSetUp
    account: KnownAccount


class SignInWay(enum.StrEnum):
    """How somebody signs in by a kind of identity providers."""

    REDIRECT = "redirect"
    """At the provider's own page."""
    PASSWORD = "password"
    """With name and password on a page of ours."""


@dataclass(frozen=True, slots=True)
class LogoutThere:
    """A provider has signed somebody out and says so.

    ``answer`` is where the browser goes back to, with what; nowhere where it came by SOAP, or takes no response.

    ``name`` is what it calls the person, ``indexes`` what it calls the sessions that are meant: all of the person's,
    where there are none. A single session may be named without its person. What it says is told by ``id`` when it comes
    again, ``until`` it is over: it reaches then what had begun when it was first heard. With a
    ``status`` other than ``SUCCESS`` it counts for nothing: that is told in the answer, where the request came by SOAP.
    """

    id: str
    until: datetime
    name: str = field(repr=False)
    indexes: tuple[str, ...] = field(repr=False)
    answer: Begun = Begun("")
    status: Status = SUCCESS


@dataclass(frozen=True, slots=True)
class LogoutAtProvider(Ask[LogoutThere]):
    """What a message of single logout says, if the provider has signed it.

    ``query`` is as it came; by SOAP it is the envelope.
    """

    raises = (IdpMalformed, IdpUnreachable)

    provider: ProviderSetUp
    binding: SamlRequestBinding
    query: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class SessionEndedAtProvider(Ask[LogoutThere | None]):
    """Whose session is over at a provider, by a form that was posted here; ``None`` where it has not said so."""

    raises = (IdpUnreachable,)

    provider: ProviderSetUp
    form: Mapping[str, str] = field(repr=False)


@dataclass(frozen=True, slots=True)
class SessionLeftAtProvider(Ask[str]):
    """What a provider calls a session that is over, by the query of a frame; empty where it names none of its own."""

    raises = (IdpUnreachable,)

    provider: ProviderSetUp
    parameters: Mapping[str, str] = field(repr=False)


@dataclass(frozen=True, slots=True)
class MetadataAtProvider(Ask[str]):
    """The metadata of the instance as the party that a provider knows, as XML that is signed."""

    raises = (IdpMalformed, IdpUnreachable)

    provider: ProviderSetUp


@dataclass(frozen=True, slots=True)
class ServedKinds(Ask[Mapping[str, SignInWay]]):
    """The kinds of identity providers by which somebody can sign in with a browser, and how; others are records."""


@dataclass(frozen=True, slots=True)
class PartyKinds(Ask[frozenset[str]]):
    """The kinds whose providers know the instance as a party of SAML, with keys of its own."""
