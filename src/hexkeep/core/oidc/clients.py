"""Client authentication, the same at every endpoint that clients call (RFC 6749 section 2.3, OIDC Core section 9).

An unknown client, a wrong secret and another method than the registered one take the same steps and give the same
error. Failures are counted, so nobody can lock a client out: what holds always holds.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from pydantic import JsonValue

from hexkeep.core.application.state import AuthMethod
from hexkeep.core.kernel.ask import ClaimOnce, CountUp, VerifyKeyedHash
from hexkeep.core.kernel.decision import Context
from hexkeep.core.kernel.errors import ResourceExhausted
from hexkeep.core.kernel.network import network
from hexkeep.core.oidc import discovery, rfc7523
from hexkeep.core.oidc.algorithms import SYMMETRIC, SigningAlgorithm
from hexkeep.core.oidc.asks import VerifySecretJwt
from hexkeep.core.oidc.certificates import among, subject_fits
from hexkeep.core.oidc.client_jwks import verification_keys, verify_by_client, verify_by_nobody
from hexkeep.core.oidc.errors import InvalidClient
from hexkeep.core.oidc.messages import ClientRequest
from hexkeep.core.oidc.parties import Client, active_client, active_user
from hexkeep.core.oidc.profiles import rules_of
from hexkeep.core.oidc.rfc6749 import ClientMethod, PresentedClient, present, presented_client, refuse_repeated
from hexkeep.core.oidc.rfc7800 import BEARER, Confirmation
from hexkeep.core.oidc.x509 import ReadCertificate, ReadName
from hexkeep.core.user.state import User, UserKind

SECRET_PURPOSE = "client_secret"
"""The purpose under which the secrets of applications and machine users are hashed."""
_SAME = dict.fromkeys(
    (SigningAlgorithm.EDDSA, SigningAlgorithm.ED25519),
    frozenset({SigningAlgorithm.EDDSA, SigningAlgorithm.ED25519}),
)
"""Two names of one algorithm (RFC 9864 section 2.2)."""
ASSERTING = frozenset({AuthMethod.PRIVATE_KEY_JWT, AuthMethod.CLIENT_SECRET_JWT})
FAILURES, WINDOW_SECONDS = 30, 60
"""How often one address may fail as one client within a minute."""


@dataclass(frozen=True, slots=True)
class Machine:
    """A machine user that is its own client."""

    id: str
    user: User
    confirmation: Confirmation = BEARER
    """What it has shown in this call, and what the tokens are bound to that it gets in answer."""


def client_of(ctx: Context, request: ClientRequest, endpoint: str = discovery.TOKEN) -> Client:
    """The client that sent ``request`` to ``endpoint`` (a path); public ones show nothing but their id.

    Raises ``InvalidRequest``, ``InvalidClient``, ``ResourceExhausted``.
    """
    refuse_repeated(request.repeated)
    return authenticated_client(ctx, presented_by(request), endpoint)


def authenticated_resource_server(ctx: Context, request: ClientRequest, endpoint: str) -> Client:
    """The application that asks about tokens: an API application, or any other that can prove who it is.

    RFC 7662 section 2.1: the endpoint needs some form of authorization, so a public client is refused.
    """
    client = client_of(ctx, request, endpoint)
    if client.public:
        raise InvalidClient
    return client


def presented_by(request: ClientRequest) -> PresentedClient:
    """Who the sender of a request says it is, and what it shows for it; raises as ``presented_client`` does."""
    params, verified = present(request.params), request.certificate_verified
    return presented_client(params, request.authorization, request.certificate, verified=verified)


def authenticated_client(ctx: Context, presented: PresentedClient, endpoint: str = discovery.TOKEN) -> Client:
    """The application that proved to be itself by exactly the method it registered.

    Raises ``InvalidClient``, or ``ResourceExhausted`` for who has failed too often.
    """
    client = active_client(ctx, presented.id)
    if not _proves(ctx, client, presented, endpoint) or client is None:
        ctx.client_id = ""
        refuse_attempts(ctx, presented.id)
        raise InvalidClient(basic=presented.method is ClientMethod.BASIC)
    return client


def refuse_attempts(ctx: Context, client_id: str) -> None:
    """Count a failure of this client at this address; raises ``ResourceExhausted`` where there were too many."""
    bucket = f"client/failed/{client_id}/{network(ctx.request.address)}"
    if ctx.ask(CountUp(bucket, WINDOW_SECONDS)) > FAILURES:
        raise ResourceExhausted("Client authentication failed too often", retry_after=WINDOW_SECONDS)


def _proves(ctx: Context, client: Client | None, presented: PresentedClient, endpoint: str) -> bool:
    if presented.method is ClientMethod.PRIVATE_KEY_JWT:
        if client is None or client.application.auth_method not in ASSERTING:
            verify_by_nobody(ctx, presented.secret)
            return False
        return _by_assertion(ctx, client, presented, endpoint)
    if presented.method is ClientMethod.NONE and client is not None:
        return client.public or _by_certificate(ctx, client, presented)
    known = client.application.secret_hash if client else ""
    fits = ctx.ask(VerifyKeyedHash(SECRET_PURPOSE, presented.secret, known))
    return fits and client is not None and client.application.auth_method.value == presented.method.value


def _by_certificate(ctx: Context, client: Client, presented: PresentedClient) -> bool:
    """RFC 8705 section 2."""
    method, metadata = client.application.auth_method, client.application.client_metadata
    shown = ctx.ask(ReadCertificate(presented.certificate)) if presented.certificate else None
    if shown is None or not shown.valid(ctx.now):
        return False
    if method is AuthMethod.SELF_SIGNED_TLS_CLIENT_AUTH:
        return among(shown, presented.certificate, verification_keys(ctx, client)) or (
            bool(metadata.jwks_uri) and among(shown, presented.certificate, verification_keys(ctx, client, fresh=True))
        )
    if method is AuthMethod.TLS_CLIENT_AUTH and presented.verified:
        name = metadata.tls_client_auth_subject_dn
        return subject_fits(shown, metadata, ctx.ask(ReadName(name)) if name else None)
    return False


def _by_assertion(ctx: Context, client: Client, presented: PresentedClient, endpoint: str) -> bool:
    """RFC 7523 section 3, with our bounds: see ``rfc7523``. One that has been shown before proves nothing."""
    claims = _asserted(ctx, client, presented.secret)
    said = None if claims is None else _read(claims, _audiences(ctx, client, endpoint), ctx)
    if said is None or said.subject != client.id or not said.token_id:
        return False
    return ctx.ask(ClaimOnce(rfc7523.USED, f"{client.id} {said.token_id}", said.expires_at))


def _asserted(ctx: Context, client: Client, token: str) -> Mapping[str, JsonValue] | None:
    """The claims of an assertion by the method and with the algorithm that the client registered, or ``None``."""
    application, asked = client.application, client.application.client_metadata.token_endpoint_auth_signing_alg
    algorithms = _SAME.get(asked, frozenset({asked} - {SigningAlgorithm.UNSPECIFIED}))
    if application.auth_method is AuthMethod.PRIVATE_KEY_JWT:
        return verify_by_client(ctx, client, token, "", algorithms)
    if application.auth_method is AuthMethod.CLIENT_SECRET_JWT and application.secret:
        names = tuple(sorted(one.value for one in algorithms or SYMMETRIC))
        return ctx.ask(VerifySecretJwt(token, application.secret, names))
    return None


def _read(claims: Mapping[str, JsonValue], audiences: Iterable[str], ctx: Context) -> rfc7523.Assertion | None:
    found = (rfc7523.read(claims, audience, ctx.now) for audience in audiences)
    return next((one for one in found if one is not None), None)


def _audiences(ctx: Context, client: Client, endpoint: str) -> tuple[str, ...]:
    """What an assertion may name: the issuer, or for a client set so also the endpoints, as RFC 7523 once advised."""
    issuer = ctx.request.issuer
    if not rules_of(client.application).token_endpoint_audience:
        return (issuer,)
    return (issuer, issuer + discovery.TOKEN, issuer + endpoint)


def authenticated_machine(ctx: Context, presented: PresentedClient) -> Machine | None:
    """The machine user that proved to be itself, by header or body, or ``None``."""
    user = active_user(ctx, presented.id)
    known = user.client_secret_hash if user and user.kind is UserKind.MACHINE else ""
    fits = ctx.ask(VerifyKeyedHash(SECRET_PURPOSE, presented.secret, known))
    if user is None or not known or not fits:
        return None
    ctx.client_id = presented.id
    return Machine(presented.id, user)
