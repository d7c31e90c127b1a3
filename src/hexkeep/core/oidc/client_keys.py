"""Keys with which programs prove who they are: made here and handed out once as a file, or brought."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from pydantic import JsonValue

from hexkeep.core.kernel.ask import NewSigningKey, ReadPublicKey
from hexkeep.core.kernel.decision import Context
from hexkeep.core.kernel.errors import InvalidInput, Violation
from hexkeep.core.key.state import Algorithm
from hexkeep.core.oidc import discovery

MAX_KEYS = 20
"""How many a program may have, expired ones included."""
USUAL, LONGEST = timedelta(days=365), timedelta(days=5 * 365)
"""How long a key holds that is made without a word about that, and how long one may hold at most."""


@dataclass(frozen=True, slots=True)
class NewKey:
    """The public JWK with ``alg``, without ``kid``; the private one as JSON text, empty for a key that was brought."""

    public: Mapping[str, JsonValue]
    private: str = field(default="", repr=False)


def new_key(ctx: Context, algorithm: Algorithm, public_key: str) -> NewKey:
    """The key that ``public_key`` is (a JWK, or PEM) or, where it is empty, a fresh one: ES256 unless told otherwise.

    Raises ``InvalidInput`` for what is no such key, and for an algorithm beside one: a key has its own.
    """
    if not public_key:
        pair = ctx.ask(NewSigningKey((algorithm if algorithm is not Algorithm.UNSPECIFIED else Algorithm.ES256).value))
        return NewKey({name: value for name, value in pair.public.items() if name != "kid"}, pair.private)
    if algorithm is not Algorithm.UNSPECIFIED:
        raise InvalidInput("", Violation("algorithm", "goes with a key that is made here: the public key has its own"))
    public = ctx.ask(ReadPublicKey(public_key))
    if public is None:
        problem = "must be a public key (EC, Ed25519, or RSA of 2048 bits at least) to verify with, as a JWK or PEM"
        raise InvalidInput("", Violation("public_key", problem))
    return NewKey(public)


def key_file(ctx: Context, key: NewKey, key_id: str, expires: datetime, told: Mapping[str, str]) -> str:
    """All that a client library has to be told, in JSON; empty for a key that was brought.

    The key's own name gives way to the one it is found by here.
    """
    if not key.private:
        return ""
    issuer = ctx.request.issuer
    file = {
        **told,
        "issuer": issuer,
        "token_endpoint": issuer + discovery.TOKEN,
        "key_id": key_id,
        "expires_at": expires.isoformat(),
        "private_key": {**json.loads(key.private), "kid": key_id},
    }
    return json.dumps(file, indent=2)
