"""What a person agreed to."""

from datetime import datetime
from typing import cast

from hexkeep.core.application.state import APPLICATION
from hexkeep.core.consent.messages import ConsentItem, ConsentList, ListMyConsents
from hexkeep.core.consent.projection import CONSENTS
from hexkeep.core.kernel.decision import Context, Decision
from hexkeep.core.kernel.view import Row, Select, Sort, eq

LIMIT = 1000


def list_my_consents(_: ListMyConsents, ctx: Context) -> Decision[ConsentList]:
    """List the applications that the caller has agreed to, with what was agreed."""
    ctx.authorize(user=ctx.caller.user_id)
    mine = Select(CONSENTS, eq("user_id", ctx.caller.user_id), (Sort("client_id"),), LIMIT)
    return Decision(ConsentList(consents=tuple(_item(ctx, row) for row in ctx.rows(mine))))


def _item(ctx: Context, row: Row) -> ConsentItem:
    client_id = cast("str", row["client_id"])
    return ConsentItem(
        client_id=client_id,
        client_name=ctx.load(APPLICATION, client_id).name,
        scopes=cast("tuple[str, ...]", row["scopes"]),
        granted_at=cast("datetime", row["granted_at"]),
    )
