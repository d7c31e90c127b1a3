"""Making and deleting keys of machine users."""

from datetime import datetime

from pydantic import Field

from hexkeep.core.kernel.access import reach
from hexkeep.core.kernel.ask import RowsOf
from hexkeep.core.kernel.decision import Context, Decision
from hexkeep.core.kernel.errors import FailedPrecondition
from hexkeep.core.kernel.expiry import expiry_of
from hexkeep.core.kernel.fields import Id
from hexkeep.core.kernel.operation import Empty, Message
from hexkeep.core.kernel.update import Conditional, expect
from hexkeep.core.kernel.view import Select, eq
from hexkeep.core.key.state import Algorithm
from hexkeep.core.machinekey.events import MachineKeyCreated, MachineKeyDeleted
from hexkeep.core.machinekey.projection import MACHINE_KEYS
from hexkeep.core.machinekey.state import MACHINE_KEY
from hexkeep.core.oidc.client_keys import LONGEST, MAX_KEYS, USUAL, key_file, new_key
from hexkeep.core.user.access import equipped_machine, insist_on_cover
from hexkeep.core.user.state import USER

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
    user = equipped_machine(request.user_id, ctx)
    expires = expiry_of(request.expires_at, ctx.now, usual=USUAL, longest=LONGEST)
    present = RowsOf(Select(MACHINE_KEYS, eq("user_id", request.user_id), limit=MAX_KEYS), unscoped=True)
    if len(ctx.ask(present)) >= MAX_KEYS:
        raise FailedPrecondition(f"A machine has at most {MAX_KEYS} keys: delete one first")
    key, key_id = new_key(ctx, request.algorithm, request.public_key), ctx.new_id()
    created = MachineKeyCreated(
        user_id=request.user_id, organization_id=user.organization_id, public=dict(key.public), expires_at=expires
    )
    file = key_file(ctx, key, key_id, expires, {"type": FILE_TYPE, "user_id": request.user_id})
    answer = NewMachineKey(key_id=key_id, key_file=file, expires_at=expires)
    return Decision(answer, MACHINE_KEY.append(key_id, created))


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
