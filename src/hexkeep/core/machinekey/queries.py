"""What can be read of machine users' keys: all but the private parts, which are nowhere here."""

from datetime import datetime

from pydantic import Field

from hexkeep.core.kernel.access import listed, visible_row
from hexkeep.core.kernel.decision import Context, Decision
from hexkeep.core.kernel.errors import NotFound
from hexkeep.core.kernel.fields import Id, Line
from hexkeep.core.kernel.operation import Message
from hexkeep.core.kernel.paging import Page, PageRequest, RowMessage, page_of
from hexkeep.core.kernel.view import And, eq
from hexkeep.core.machinekey.projection import MACHINE_KEYS
from hexkeep.core.user.state import USER


class MachineKeyView(RowMessage):
    """A machine user's key as its readers see it."""

    key_id: str
    user_id: str
    organization_id: str
    algorithm: str
    public_key: str = Field(description="The public key as a JWK (RFC 7517), in JSON.")
    expires_at: datetime
    version: int
    created_at: datetime
    changed_at: datetime


class GetMachineKey(Message):
    """The key to read."""

    key_id: Id


class ListMachineKeys(PageRequest):
    """Which keys to list, by id and so by age."""

    user_id: Line = Field(default="", description="Only those of this user.")
    organization_id: Line = Field(default="", description="Only those of users of this organization.")


class MachineKeyPage(Page):
    """Some keys."""

    keys: tuple[MachineKeyView, ...]


def get_machine_key(request: GetMachineKey, ctx: Context) -> Decision[MachineKeyView]:
    """Get one machine user's key: its public part, and how long it holds."""
    view = MachineKeyView.of(visible_row(ctx, MACHINE_KEYS, request.key_id))
    if not ctx.load(USER, view.user_id).exists:
        raise NotFound
    return Decision(view)


def list_machine_keys(request: ListMachineKeys, ctx: Context) -> Decision[MachineKeyPage]:
    """List those machine users' keys that the caller may read."""
    filters = {"user_id": request.user_id, "organization_id": request.organization_id}
    where = And(tuple(eq(column, value) for column, value in filters.items() if value))
    select = page_of(MACHINE_KEYS, request, where)
    found = listed(ctx, request, select)
    views = tuple(MachineKeyView.of(row) for row in found.rows)
    return Decision(MachineKeyPage(keys=views, next_cursor=found.next_cursor, total=found.total))
