"""Which parameters count: those of the address, those that were pushed before, or those in a request object."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from hexkeep.core.kernel.decision import Context
from hexkeep.core.oidc import rfc9126, rfc9449
from hexkeep.core.oidc.errors import InvalidRequest, RequestNotSupported, RequestUriNotSupported
from hexkeep.core.oidc.parties import Client
from hexkeep.core.oidc.profiles import rules_of
from hexkeep.core.oidc.request_objects import opened, referenced
from hexkeep.core.oidc.rfc6749 import refuse_repeated
from hexkeep.core.oidc.rfc9101 import CREDENTIALS

UNSIGNED = "Authorization requests of this application have to be signed"


@dataclass(frozen=True, slots=True)
class Counting:
    """The parameters of an authorization request, wherever they were.

    ``pushed_id`` names the pushed request that they are from, ``dpop_jkt`` the key that was proven when it was pushed
    (RFC 9449 section 10.1); ``signed`` tells whether the client signed them.
    """

    params: dict[str, str] = field(repr=False)
    repeated: tuple[str, ...] = ()
    resources: tuple[str, ...] = ()
    signed: bool = False
    pushed_id: str = ""
    dpop_jkt: str = ""


def visited(ctx: Context, client: Client, sent: Counting) -> Counting:
    """What counts of a request that a browser brought; raises the ``OAuthError`` to answer with.

    RFC 9101 section 5, RFC 9126 section 4: beside a request object or a reference only the client's id counts.
    """
    rules, request_uri = rules_of(client.application), sent.params.get("request_uri", "")
    if request_uri.startswith(rfc9126.PREFIX):
        refuse_repeated(sent.repeated)
        found = rfc9126.pushed(ctx, request_uri, client.id)
        if rules.signed_requests and not found.signed:
            raise InvalidRequest(UNSIGNED)
        return Counting(
            found.params, (), found.resources, signed=found.signed, pushed_id=found.id, dpop_jkt=found.dpop_jkt
        )
    if rules.pushed:
        raise InvalidRequest("Authorization requests of this application have to be pushed")
    if request_uri:
        refuse_repeated(sent.repeated)
        if "request" in sent.params:
            raise InvalidRequest("The parameters request and request_uri exclude each other")
        try:
            return _contained(ctx, client, referenced(ctx, client, request_uri))
        except RequestNotSupported as error:
            raise RequestUriNotSupported(error.message) from None
    return _insisted(ctx, client, sent)


def brought(ctx: Context, client: Client, sent: Counting) -> Counting:
    """What counts of a request that the client itself brings, with nothing of what it authenticates with.

    RFC 9126 section 2.1: a reference in place of a request is refused here.
    """
    if "request_uri" in sent.params:
        raise InvalidRequest("A request_uri cannot be pushed")
    params = {name: value for name, value in sent.params.items() if name not in CREDENTIALS}
    return _insisted(ctx, client, Counting({**params, "client_id": client.id}, sent.repeated, sent.resources))


def bound_key(params: Mapping[str, str], proven: str) -> str:
    """RFC 9449 section 10: the key that has to redeem the code, by its thumbprint, or empty.

    It is named by ``dpop_jkt`` or was ``proven`` when the request was pushed; raises ``InvalidRequest`` where these
    are not the same (section 10.1).
    """
    named = rfc9449.jkt_parameter(params)
    if named and proven and named != proven:
        raise InvalidRequest("The dpop_jkt is not that of the DPoP proof")
    return named or proven


def _insisted(ctx: Context, client: Client, sent: Counting) -> Counting:
    """The object that is in ``request``, if there is one; signed it has to be where the client is held to that."""
    if "request" in sent.params:
        refuse_repeated(sent.repeated)
        return _contained(ctx, client, sent.params["request"])
    if rules_of(client.application).signed_requests:
        raise InvalidRequest(UNSIGNED)
    return sent


def _contained(ctx: Context, client: Client, text: str) -> Counting:
    found = opened(ctx, client, text)
    return Counting(found.params, (), found.resources, signed=found.signed)
