"""Which origins belong to an application: scripts of theirs may call the instance's API (CORS)."""

from collections.abc import Iterable
from urllib.parse import urlsplit

from pydantic import Field

from hexkeep.core.application.projection import ORIGINS
from hexkeep.core.application.redirects import redirect_problem
from hexkeep.core.application.state import APPLICATION, ApplicationType
from hexkeep.core.kernel.ask import RowsOf
from hexkeep.core.kernel.decision import Context, Decision
from hexkeep.core.kernel.errors import InvalidInput, Violation
from hexkeep.core.kernel.operation import Message
from hexkeep.core.kernel.view import Select, eq

CONSIDERED = 20
"""How many applications that name one origin are looked at."""


class CheckOrigin(Message):
    """Where a script comes from, as the header ``Origin`` says (RFC 6454 section 7)."""

    origin: str = Field(max_length=300)


class OriginStanding(Message):
    """Whether scripts from there may call this instance."""

    allowed: bool


def check_origin(request: CheckOrigin, ctx: Context) -> Decision[OriginStanding]:
    """Tell whether an active application of the instance names this origin."""
    select = Select(ORIGINS, eq("origin", request.origin), limit=CONSIDERED)
    named = (str(row["client_id"]) for row in ctx.ask(RowsOf(select, unscoped=True)))
    return Decision(OriginStanding(allowed=any(ctx.load(APPLICATION, client_id).active for client_id in named)))


def accept_origins(origins: Iterable[str]) -> tuple[str, ...]:
    """Origins in normal form, each once; raises ``InvalidInput`` for what is none, or is neither https nor loopback."""
    found, wrong = [], []
    for number, origin in enumerate(origins):
        problem = redirect_problem(origin, ApplicationType.SPA)
        parts = urlsplit(origin) if not problem else None
        if parts is None or parts.path.strip("/") or parts.query:
            wrong.append(Violation(f"additional_origins.{number}", problem or "must have no path and no query"))
        else:
            found.append(f"{parts.scheme}://{parts.netloc}".lower())
    if wrong:
        raise InvalidInput("An origin cannot be registered", *wrong)
    return tuple(dict.fromkeys(found))
