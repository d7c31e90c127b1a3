"""Client secrets: how they are made, and what is kept of them."""

from hexkeep.core.application.state import Application, AuthMethod
from hexkeep.core.kernel.ask import KeyedHash
from hexkeep.core.kernel.decision import Context

CLIENT_SECRET = "client_secret"
"""The purpose of the keyed hash of a client secret."""


def new_secret(ctx: Context, auth_method: str) -> tuple[str, str]:
    """A client secret, and the hash of it that is kept.

    With a secret of 86 characters even HS512 may be used, whose key has to have 64 octets (RFC 7518 section 3.2).
    """
    secret = ctx.new_secret() + (ctx.new_secret() if auth_method == AuthMethod.CLIENT_SECRET_JWT else "")
    return secret, ctx.ask(KeyedHash(CLIENT_SECRET, secret))


def readable(auth_method: str, secret: str) -> str:
    """What is kept of a secret besides its hash: nothing, unless the method has us make MACs with it."""
    return secret if auth_method == AuthMethod.CLIENT_SECRET_JWT else ""


def outlives(application: Application, auth_method: str) -> bool:
    """Whether there is a secret that a new method cannot use: of one that was sent, only the hash is known."""
    return auth_method == AuthMethod.CLIENT_SECRET_JWT and bool(application.secret_hash) and not application.secret
