"""How sessions are called at service providers (Core section 2.7.2).

Each of them knows a session by another index, so that no two can find out by comparing that they know one person. An
index tells nothing of the session: which one it is for is kept for as long as the session may last.
"""

from datetime import datetime

from hexkeep.core.kernel.ask import Keep, Kept, KeyedHash
from hexkeep.core.kernel.decision import Context

PURPOSE = "saml_session_index"
"""The purpose under which sessions are hashed, and the scope in which the expiring store keeps which one it was."""


def index_of(ctx: Context, session_id: str, client_id: str) -> str:
    """How an application knows a session; always the same."""
    return ctx.ask(KeyedHash(PURPOSE, f"{session_id} {client_id}"))


def told(ctx: Context, session_id: str, client_id: str, until: datetime) -> str:
    """The same for an assertion, and from now on the session is found by it until a time."""
    index = index_of(ctx, session_id, client_id)
    ctx.ask(Keep(PURPOSE, _place(index, client_id), session_id.encode(), until))
    return index


def session_with(ctx: Context, index: str, client_id: str) -> str:
    """The id of the session that an application knows by an index; empty where there is none."""
    return (ctx.ask(Kept(PURPOSE, _place(index, client_id))) or b"").decode()


def _place(index: str, client_id: str) -> str:
    return f"{client_id} {index}"
