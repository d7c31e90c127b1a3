"""Making and deleting keys of machine users."""

import json
from collections.abc import Mapping
from datetime import datetime, timedelta

from pydantic import Field, JsonValue

from hexkeep.core.kernel.access import reach
from hexkeep.core.kernel.ask import KeyPair, NewSigningKey, ReadPublicKey, RowsOf
from hexkeep.core.kernel.decision import Context, Decision
from hexkeep.core.kernel.errors import FailedPrecondition, InvalidInput, Violation
from hexkeep.core.kernel.expiry import expiry_of
from hexkeep.core.kernel.fields import Id
from hexkeep.core.kernel.operation import Empty, Message
from hexkeep.core.kernel.update import Conditional, expect
from hexkeep.core.kernel.view import Select, eq
from hexkeep.core.key.state import Algorithm
from hexkeep.core.machinekey.events import MachineKeyCreated, MachineKeyDeleted
from hexkeep.core.machinekey.projection import MACHINE_KEYS
from hexkeep.core.machinekey.state import MACHINE_KEY
from hexkeep.core.oidc import discovery
from hexkeep.core.user.access import insist_on_cover, managed_machine
from hexkeep.core.user.state import USER

MAX_KEYS = 20
"""How many a machine may have, expired ones included."""
USUAL, LONGEST = timedelta(days=365), timedelta(days=5 * 365)
"""How long a key holds that is made without a word about that, and how long one may hold at most."""
FILE_TYPE = "hexkeep.machine_key"
"""What a key file says it is."""


class CreateMachineKey(Message):
    """A new key for a machine user."""

    user_id: Id
    algorithm: Algorithm = Field(
        default=Algorithm.UNSPECIFIED, description="What a key made here signs with. If left out: ES256."
    )
    public_key: str = Field(
        default="",
        max_length=8000,
        description="A public key of one's own: a JWK, or PEM. If left out a key pair is made.",
    )
    expires_at: datetime | None = Field(
        default=None, description="When it ceases to hold: within five years. If left out: a year from now."
    )


class NewMachineKey(Message):
    """The key. ``key_id`` goes into the `kid` of what it signs. A key file is empty for who brought a public key."""

    key_id: str
    key_file: str = Field(
        repr=False, description="JSON with the private key as a JWK and where to use it. It is not shown again."
    )
    expires_at: datetime


class DeleteMachineKey(Conditional):
    """The key that is to hold no more."""

    key_id: Id


def create_machine_key(request: CreateMachineKey, ctx: Context) -> Decision[NewMachineKey]:
    """Create a key with which a machine user gets access tokens, by assertions that it signs (RFC 7523 section 2.1).

    Either a key pair is made here and its private part is shown this once, as a file; or the caller brings a public
    key, whose private part never leaves the machine. The caller must hold at least what the user holds.
    """
    user = managed_machine(request.user_id, ctx)
    expires = expiry_of(request.expires_at, ctx.now, usual=USUAL, longest=LONGEST)
    present = RowsOf(Select(MACHINE_KEYS, eq("user_id", request.user_id), limit=MAX_KEYS), unscoped=True)
    if len(ctx.ask(present)) >= MAX_KEYS:
        raise FailedPrecondition(f"A machine has at most {MAX_KEYS} keys: delete one first")
    public, pair = _brought(request, ctx) if request.public_key else _made(request.algorithm, ctx)
    key_id = ctx.new_id()
    created = MachineKeyCreated(
        user_id=request.user_id, organization_id=user.organization_id, public=dict(public), expires_at=expires
    )
    key_file = "" if pair is None else _file(pair, key_id, request.user_id, expires, ctx)
    answer = NewMachineKey(key_id=key_id, key_file=key_file, expires_at=expires)
    return Decision(answer, MACHINE_KEY.append(key_id, created))


def _made(algorithm: Algorithm, ctx: Context) -> tuple[Mapping[str, JsonValue], KeyPair]:
    wanted = Algorithm.ES256 if algorithm is Algorithm.UNSPECIFIED else algorithm
    pair = ctx.ask(NewSigningKey(wanted.value))
    return {name: value for name, value in pair.public.items() if name != "kid"}, pair


def _brought(request: CreateMachineKey, ctx: Context) -> tuple[Mapping[str, JsonValue], None]:
    if request.algorithm is not Algorithm.UNSPECIFIED:
        raise InvalidInput("", Violation("algorithm", "goes with a key that is made here: the public key has its own"))
    public = ctx.ask(ReadPublicKey(request.public_key))
    if public is None:
        problem = "must be a public key for ES256, RS256 (2048 bits at least) or Ed25519, as a JWK or PEM"
        raise InvalidInput("", Violation("public_key", problem))
    return public, None


def _file(pair: KeyPair, key_id: str, user_id: str, expires: datetime, ctx: Context) -> str:
    """All that a client library has to be told. The key's own name gives way to the one it is found by here."""
    private = {**json.loads(pair.private), "kid": key_id}
    issuer = ctx.request.issuer
    told = {
        "type": FILE_TYPE,
        "issuer": issuer,
        "token_endpoint": issuer + discovery.TOKEN,
        "user_id": user_id,
        "key_id": key_id,
        "expires_at": expires.isoformat(),
        "private_key": private,
    }
    return json.dumps(told, indent=2)


def delete_machine_key(request: DeleteMachineKey, ctx: Context) -> Decision[Empty]:
    """Delete a machine user's key: nothing that it signs is believed any more.

    An access token that was issued for it ends by itself within minutes. The caller must hold at least what the user
    holds.
    """
    key = ctx.load(MACHINE_KEY, request.key_id)
    reach(ctx, "user.read", exists=key.exists, organization=key.organization_id)
    if ctx.load(USER, key.user_id).exists:
        insist_on_cover(key.user_id, ctx)
    expect(ctx, MACHINE_KEY, request.key_id, request)
    return Decision(Empty(), MACHINE_KEY.append(request.key_id, MachineKeyDeleted()))
