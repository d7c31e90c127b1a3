"""Messages of ours to service providers, by the browser."""

import base64
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from hexkeep.core.kernel.decision import Context
from hexkeep.core.kernel.urls import with_query
from hexkeep.core.key.state import SIGNING_KEYS, SIGNING_KEYS_ID
from hexkeep.core.saml import keys
from hexkeep.core.saml.asks import WriteQuery, WriteXml
from hexkeep.core.saml.bindings import HTTP_POST
from hexkeep.core.saml.entity_id import ENTITY_ID
from hexkeep.core.saml.response import Envelope
from hexkeep.core.saml.xml import Element


@dataclass(frozen=True, slots=True)
class Sent:
    """Where the browser goes with a message, and with which form unless it is in the URL."""

    url: str = field(repr=False)
    fields: Mapping[str, str] = field(repr=False)


def envelope(ctx: Context, destination: str, in_response_to: str = "") -> Envelope:
    """What a new message of ours says of itself."""
    return Envelope(f"_{ctx.new_id()}", ctx.request.issuer + ENTITY_ID, destination, in_response_to, ctx.now)


def sent(
    ctx: Context, binding: str, url: str, parameter: str, document: Callable[[bool], Element], relay_state: str = ""
) -> Sent | None:
    """A message on its way; ``None`` where the instance has no key any more to sign it with.

    ``document`` makes it, with its signature in it or, by redirect, without.
    """
    known = ctx.load(SIGNING_KEYS, SIGNING_KEYS_ID)
    if known.active(keys.ALGORITHM) is None:
        return None
    signer = keys.signer(known)
    if binding != HTTP_POST:
        query = ctx.ask(WriteQuery(parameter, document(False), relay_state, signer))
        return Sent(with_query(url, query), {})
    text = ctx.ask(WriteXml(document(True), signer)) or ""
    fields = {parameter: base64.b64encode(text.encode()).decode(), "RelayState": relay_state}
    return Sent(url, {name: value for name, value in fields.items() if value})
