"""Client authentication at the token endpoint (RFC 6749 section 2.3, RFC 9700 section 2.5)."""

from dataclasses import dataclass

from hexkeep.core.kernel.ask import VerifyKeyedHash
from hexkeep.core.kernel.decision import Context
from hexkeep.core.oidc.errors import InvalidClient
from hexkeep.core.oidc.parties import Client, active_client, active_user
from hexkeep.core.oidc.rfc6749 import ClientMethod, PresentedClient
from hexkeep.core.user.state import User, UserKind

SECRET_PURPOSE = "client_secret"
"""The purpose under which the secrets of applications and machine users are hashed."""


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
    if client is not None and client.public and presented.method is ClientMethod.NONE:
        return client
    known = client.application.secret_hash if client else ""
    fits = ctx.ask(VerifyKeyedHash(SECRET_PURPOSE, presented.secret, known))
    if client is None or not fits or client.application.auth_method.value != presented.method.value:
        raise InvalidClient(basic=presented.method is ClientMethod.BASIC)
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
