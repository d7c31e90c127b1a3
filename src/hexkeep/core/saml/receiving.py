"""Messages of service providers, from what came to what was said: all kinds of them begin alike."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Generic, TypeVar

from hexkeep.core.application.state import SamlProvider
from hexkeep.core.kernel.decision import Context, FollowUp
from hexkeep.core.oidc.parties import Client
from hexkeep.core.saml import incoming, soap
from hexkeep.core.saml.asks import ReadXml
from hexkeep.core.saml.bindings import Received, SamlRequestBinding
from hexkeep.core.saml.errors import SamlError, SamlProviderUnknown, SamlRequestUnsigned
from hexkeep.core.saml.incoming import Head
from hexkeep.core.saml.parties import look_again, proven, provider_of
from hexkeep.core.saml.xml import Element

H_co = TypeVar("H_co", bound=Head, covariant=True)


@dataclass(frozen=True, slots=True)
class Kind(Generic[H_co]):
    """A kind of messages: the name of its element, how it is read, and of which providers it has to be signed."""

    name: str
    read: Callable[[Element | None], H_co]
    signed_by: Callable[[SamlProvider], bool]


@dataclass(frozen=True, slots=True)
class Made:
    """A message that counts as its provider's: what was ``signed`` of it, or all of it where nothing has to be."""

    client: Client
    provider: SamlProvider
    covered: Element
    signed: bool


@dataclass(frozen=True, slots=True)
class Said(Generic[H_co]):
    """What a service provider says, which counts once, ``until`` it is over."""

    client: Client
    provider: SamlProvider
    message: H_co
    until: datetime


@dataclass(frozen=True, slots=True)
class Disbelieved:
    """Why nothing that a message says counts, and what follows from it."""

    error: SamlError
    then: tuple[FollowUp, ...]


def root_of(ctx: Context, came: Received) -> Element | None:
    """The message itself, with nobody's word for it; ``None`` for what is none, or ``SoapInvalid`` is raised."""
    root = ctx.ask(ReadXml(came.content, came.deflated))
    return soap.opened(root) if came.binding is SamlRequestBinding.SOAP else root


def said(ctx: Context, came: Received, kind: Kind[H_co], place: str) -> Said[H_co] | Disbelieved:
    """What a message says to us at ``place``, below the issuer, if it is its provider's, and of now.

    As ``made`` and then ``read``.
    """
    found = made(ctx, came, kind)
    return found if isinstance(found, Disbelieved) else read(ctx, found, kind, place)


def made(ctx: Context, came: Received, kind: Kind[H_co]) -> Made | Disbelieved:
    """Whose message it is, as far as that can be known.

    Where its signature does not hold, or its provider's metadata are over, these are looked at again, so that the next
    message of a provider with a new key is believed. Raises ``SamlError`` for everything else that is wrong.
    """
    root = root_of(ctx, came)
    client, provider = provider_of(ctx, incoming.issuer_of(root, kind.name))
    try:
        covered, signed = proven(ctx, came, root, provider, required=kind.signed_by(provider))
    except (SamlProviderUnknown, SamlRequestUnsigned) as error:
        return Disbelieved(error, look_again(client.id, provider))
    return Made(client, provider, covered or Element(""), signed)


def read(ctx: Context, found: Made, kind: Kind[H_co], place: str) -> Said[H_co]:
    """What it says to us at ``place``; raises ``SamlError`` for what is malformed, of then, or for somebody else."""
    message = kind.read(found.covered)
    incoming.insist_on_destination(message, ctx.request.issuer + place, signed=found.signed)
    return Said(found.client, found.provider, message, incoming.insist_on_freshness(message, ctx.now))
