"""What a person agreed to."""

from collections.abc import Mapping
from datetime import datetime
from typing import cast

from hexkeep.core.application.projection import APPLICATIONS
from hexkeep.core.consent.messages import ConsentItem, ConsentList, ListMyConsents
from hexkeep.core.consent.projection import CONSENTS
from hexkeep.core.kernel.ask import RowsOf
from hexkeep.core.kernel.decision import Context, Decision
from hexkeep.core.kernel.view import In, Row, Select, Sort, eq

LIMIT = 1000


def list_my_consents(_: ListMyConsents, ctx: Context) -> Decision[ConsentList]:
    """List the applications that the caller has agreed to, with what was agreed."""
    ctx.authorize(user=ctx.caller.user_id)
    mine = Select(CONSENTS, eq("user_id", ctx.caller.user_id), (Sort("client_id"),), LIMIT)
    rows = ctx.rows(mine)
    names = _names(ctx, tuple(str(row["client_id"]) for row in rows))
    return Decision(ConsentList(consents=tuple(_item(row, names) for row in rows)))


def _names(ctx: Context, client_ids: tuple[str, ...]) -> dict[str, str]:
    """What the applications are called, read at once; a removed one has no name."""
    if not client_ids:
        return {}
    named = ctx.ask(RowsOf(Select(APPLICATIONS, In("client_id", client_ids), limit=LIMIT), unscoped=True))
    return {str(row["client_id"]): str(row["name"]) for row in named}


def _address(client_id: str) -> str:
    """What a client is called that is known by a document at its address, and is no application."""
    return client_id if client_id.startswith("https://") else ""


def _item(row: Row, names: Mapping[str, str]) -> ConsentItem:
    client_id = cast("str", row["client_id"])
    return ConsentItem(
        client_id=client_id,
        client_name=names.get(client_id, _address(client_id)),
        scopes=cast("tuple[str, ...]", row["scopes"]),
        granted_at=cast("datetime", row["granted_at"]),
    )
