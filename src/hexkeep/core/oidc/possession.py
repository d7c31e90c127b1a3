"""Sender-constrained tokens: bound when they are issued to what the client shows, good only with it when presented.

Both ways are here as one, DPoP (RFC 9449) and certificates (RFC 8705 section 3), so that nothing that issues or accepts
tokens knows of either.
"""

from dataclasses import dataclass, field, replace

from hexkeep.core.kernel.decision import Context
from hexkeep.core.oidc import rfc8705, rfc9449
from hexkeep.core.oidc.client_documents import application_of
from hexkeep.core.oidc.clients import Machine
from hexkeep.core.oidc.errors import InvalidDpopProof, InvalidRequest, InvalidToken, ProofRefused, UseDpopNonce
from hexkeep.core.oidc.messages import ClientRequest
from hexkeep.core.oidc.parties import Client
from hexkeep.core.oidc.profiles import ASYMMETRIC, Rules, rules_of
from hexkeep.core.oidc.rfc7800 import BEARER, Confirmation

ALGORITHMS = tuple(sorted(ASYMMETRIC))
"""With which proofs may be signed where no profile says less (RFC 9449 section 5.1)."""
POST = "POST"


def dpop_key(ctx: Context, request: ClientRequest, rules: Rules | None = None) -> str:
    """The thumbprint of the key that a client's request comes with a proof of, empty where there is no proof.

    For every endpoint that clients post to. Without ``rules`` it is nobody who has any. Raises ``InvalidDpopProof``
    and ``UseDpopNonce``.
    """
    if not request.dpop:
        return ""
    shown = rfc9449.Shown(request.dpop, POST, request.url)
    algorithms = ALGORITHMS if rules is None else tuple(rules.algorithms)
    return rfc9449.proven_key(ctx, shown, algorithms, nonce=rules is not None and rules.dpop_nonce)


def confirmation_of(ctx: Context, request: ClientRequest, rules: Rules | None = None) -> Confirmation:
    """To what the tokens of a token request are bound; raises ``InvalidRequest`` where they must be and cannot.

    A proof binds whoever sends it (RFC 9449 section 5), a certificate those clients that asked for that (RFC 8705
    section 3) or have to be bound and sent no proof.
    """
    if not request.dpop and (rules is None or not rules.sender_constrained):
        return BEARER
    jkt = dpop_key(ctx, request, rules)
    if rules is None or not rules.sender_constrained:
        return Confirmation(jkt)
    wanted = rules.certificate or not (jkt or rules.dpop)
    certificate = rfc8705.thumbprint(request.certificate) if wanted else ""
    if rules.dpop and not jkt:
        raise InvalidRequest("This client has to send a DPoP proof")
    if rules.certificate and not certificate:
        raise InvalidRequest("This client has to send its certificate")
    if not jkt and not certificate:
        raise InvalidRequest("This client has to send a DPoP proof or its certificate")
    return Confirmation(jkt, certificate)


def bound_client(ctx: Context, request: ClientRequest, client: Client) -> Client:
    """The client that sent a token request, with what its tokens are bound to; raises as ``confirmation_of``."""
    confirmation = confirmation_of(ctx, request, rules_of(client.application))
    return client if confirmation is BEARER else replace(client, confirmation=confirmation)


def bound_machine(ctx: Context, request: ClientRequest, machine: Machine) -> Machine:
    """The same for a machine user, whom nothing but its own proof binds."""
    confirmation = confirmation_of(ctx, request)
    return machine if confirmation is BEARER else replace(machine, confirmation=confirmation)


def next_nonce(ctx: Context, client_id: str) -> str:
    """The nonce that goes back with what a client gets; empty for one whose proofs need none."""
    application = application_of(ctx, client_id)
    return rfc9449.current_nonce(ctx) if application.exists and rules_of(application).dpop_nonce else ""


@dataclass(frozen=True, slots=True)
class Presented:
    """An access token as it was presented, with what shows that whoever has it may have it.

    ``dpop`` tells by which scheme of the Authorization header it came; ``url`` where the client believes to have sent
    it; ``certificate`` is that of its connection, DER in base64.
    """

    token: str = field(repr=False)
    dpop: bool = False
    proof: str = field(default="", repr=False)
    method: str = ""
    url: str = ""
    certificate: str = field(default="", repr=False)
    proven: bool = False
    """The proof was seen to hold when this very request began: another look at it would find it used."""


def insist_on_possession(ctx: Context, presented: Presented, bound: Confirmation, rules: Rules | None = None) -> None:
    """Let a token that is ours and holds pass only with what it is bound to; ``rules`` are those of its client.

    Raises ``InvalidToken``, also for a bound token that comes as a bearer token (RFC 9449 section 7.1), and
    ``ProofRefused``.
    """
    if presented.dpop and not bound.jkt:
        raise ProofRefused("The access token is not bound to a key")
    if bound.jkt and not presented.dpop:
        raise InvalidToken("The access token is bound to a key and needs a DPoP proof")
    if bound.jkt and not presented.proven:
        _insist_on_key(ctx, presented, bound.jkt, rules)
    if bound.certificate and rfc8705.thumbprint(presented.certificate) != bound.certificate:
        raise InvalidToken("The access token is bound to a certificate that was not presented")


def _insist_on_key(ctx: Context, presented: Presented, jkt: str, rules: Rules | None) -> None:
    shown = rfc9449.Shown(presented.proof, presented.method, presented.url)
    algorithms = ALGORITHMS if rules is None else tuple(rules.algorithms)
    nonce = rules is not None and rules.dpop_nonce
    try:
        found = rfc9449.proven_key(ctx, shown, algorithms, nonce=nonce, access_token=presented.token)
    except InvalidDpopProof as error:
        raise ProofRefused(error.message, error=error.error) from None
    except UseDpopNonce as error:
        raise ProofRefused(error.message, error=error.error, nonce=error.nonce) from None
    if found != jkt:
        raise ProofRefused("The access token is bound to another key", error=InvalidDpopProof.error)
