"""Client authentication at the token endpoint (RFC 6749 section 2.3, RFC 9700 section 2.5)."""

from dataclasses import dataclass

from hexkeep.core.application.state import AuthMethod
from hexkeep.core.applicationkey.state import APPLICATION_KEY
from hexkeep.core.kernel.ask import ClaimOnce, VerifyJwt, VerifyKeyedHash
from hexkeep.core.kernel.decision import Context
from hexkeep.core.oidc import rfc7523
from hexkeep.core.oidc.errors import InvalidClient
from hexkeep.core.oidc.parties import Client, active_client, active_user
from hexkeep.core.oidc.rfc6749 import ClientMethod, PresentedClient
from hexkeep.core.user.state import User, UserKind

SECRET_PURPOSE = "client_secret"
"""The purpose under which the secrets of applications and machine users are hashed."""
USED = "client_assertion"
"""The scope in which ids of clients' assertions are claimed."""


@dataclass(frozen=True, slots=True)
class Machine:
    """A machine user that is its own client."""

    id: str
    user: User


def authenticated_client(ctx: Context, presented: PresentedClient) -> Client:
    """The application that proved to be itself by exactly the method it registered; raises ``InvalidClient``.

    An unknown client, a wrong secret and a wrong method take the same steps and give the same error.
    """
    client = active_client(ctx, presented.id)
    if presented.method is ClientMethod.PRIVATE_KEY_JWT:
        return _by_assertion(ctx, client, presented)
    if client is not None and client.public and presented.method is ClientMethod.NONE:
        return client
    known = client.application.secret_hash if client else ""
    fits = ctx.ask(VerifyKeyedHash(SECRET_PURPOSE, presented.secret, known))
    if client is None or not fits or client.application.auth_method.value != presented.method.value:
        raise InvalidClient(basic=presented.method is ClientMethod.BASIC)
    return client


def _by_assertion(ctx: Context, client: Client | None, presented: PresentedClient) -> Client:
    """RFC 7523 section 3, with our bounds: see ``rfc7523``. The key is found by its name and fixes the algorithm."""
    key_id = rfc7523.key_id_of(presented.secret)
    key = ctx.load(APPLICATION_KEY, key_id) if key_id else None
    if client is None or client.application.auth_method is not AuthMethod.PRIVATE_KEY_JWT:
        raise InvalidClient
    if key is None or key.client_id != client.id or not key.active(ctx.now):
        raise InvalidClient
    claims = ctx.ask(VerifyJwt(presented.secret, ({**key.public, "kid": key_id},), ""))
    said = None if claims is None else rfc7523.read(claims, ctx.request.issuer, ctx.now)
    if said is None or said.subject != client.id or not said.token_id:
        raise InvalidClient
    if not ctx.ask(ClaimOnce(USED, f"{client.id} {said.token_id}", said.expires_at)):
        raise InvalidClient
    return client


def authenticated_machine(ctx: Context, presented: PresentedClient) -> Machine | None:
    """The machine user that proved to be itself, by header or body, or ``None``."""
    user = active_user(ctx, presented.id)
    known = user.client_secret_hash if user and user.kind is UserKind.MACHINE else ""
    fits = ctx.ask(VerifyKeyedHash(SECRET_PURPOSE, presented.secret, known))
    if user is None or not known or not fits:
        return None
    ctx.client_id = presented.id
    return Machine(presented.id, user)
