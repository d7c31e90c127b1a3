"""Who calls the System API: programs whose public keys the operator has configured, never users of an instance.

A caller presents a JWT that it has signed itself (RFC 7523 section 3 read as for clients: issuer and subject are its
name, the audience is this installation). Whatever is wrong with it, the answer is ``Unauthenticated`` and nothing else.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import NoReturn

from pydantic import JsonValue

from hexkeep.core.kernel.ask import ClaimOnce, VerifyJwt
from hexkeep.core.kernel.decision import Context
from hexkeep.core.kernel.errors import Unauthenticated
from hexkeep.core.kernel.permission import INSTANCE, Caller, CallerKind, Level, Membership, Role
from hexkeep.core.oidc import rfc7523

MAX_TOKEN = 16_384
USED = "system_token"
"""The scope in which ids of tokens are claimed."""
ROLE = "SYSTEM_CALLER"
EVERYTHING = frozenset({"system.*"})


@dataclass(frozen=True, slots=True)
class SystemCaller:
    """A program that may call the System API. ``public`` is its public JWK with ``alg``."""

    public: Mapping[str, JsonValue]
    permissions: frozenset[str] = EVERYTHING


@dataclass(frozen=True, slots=True)
class SystemCallers:
    """All of them, by name. ``audience`` is what their tokens have to be for: the server's public origin."""

    audience: str = ""
    by_name: Mapping[str, SystemCaller] = field(default_factory=lambda: MappingProxyType({}))


NO_SYSTEM_CALLERS = SystemCallers()


def identify_system_caller(token: str, ctx: Context, callers: SystemCallers) -> Caller:
    """The caller behind a token; raises ``Unauthenticated`` without saying why.

    The name that the token gives itself only chooses the key, which fixes the algorithm. A token with a ``jti`` is good
    for one call.
    """
    if len(token) > MAX_TOKEN or not token.isascii():
        _refuse()
    name = rfc7523.issuer_of(token)
    known = callers.by_name.get(name) or _refuse()
    claims = ctx.ask(VerifyJwt(token, (known.public,), "")) or _refuse()
    said = rfc7523.read(claims, callers.audience, ctx.now) or _refuse()
    if said.subject != name:
        _refuse()
    if said.token_id and not ctx.ask(ClaimOnce(USED, f"{name} {said.token_id}", said.expires_at)):
        _refuse()
    role = Role(ROLE, Level.INSTANCE, known.permissions)
    return Caller(CallerKind.SYSTEM, name=name, memberships=(Membership(role, INSTANCE),))


def _refuse() -> NoReturn:
    raise Unauthenticated
