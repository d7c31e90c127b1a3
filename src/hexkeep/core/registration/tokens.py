"""Initial access tokens: making, listing and deleting them."""

from datetime import datetime, timedelta

from pydantic import Field

from hexkeep.core.kernel.access import listed, reach
from hexkeep.core.kernel.ask import KeyedHash, RowsOf
from hexkeep.core.kernel.decision import Context, Decision
from hexkeep.core.kernel.errors import FailedPrecondition
from hexkeep.core.kernel.expiry import expiry_of
from hexkeep.core.kernel.fields import Id, Line, Name
from hexkeep.core.kernel.lifecycle import Status
from hexkeep.core.kernel.operation import Empty, Message
from hexkeep.core.kernel.paging import Page, PageRequest, RowMessage, page_of
from hexkeep.core.kernel.update import Conditional, expect
from hexkeep.core.kernel.view import And, Select, eq
from hexkeep.core.project.state import PROJECT
from hexkeep.core.registration.events import InitialAccessTokenCreated, InitialAccessTokenDeleted
from hexkeep.core.registration.projection import INITIAL_ACCESS_TOKENS
from hexkeep.core.registration.state import INITIAL_ACCESS_TOKEN, PURPOSE, token_of

MAX_TOKENS = 100
"""How many a project may have, expired and used up ones included."""
MAX_USES = 10_000
USUAL, LONGEST = timedelta(days=1), timedelta(days=365)
"""How long a token holds that is made without a word about that, and how long one may hold at most."""


class CreateInitialAccessToken(Message):
    """A new invitation to register clients in a project."""

    project_id: Id
    name: Name = Field(examples=["Partner portal"])
    uses: int = Field(default=1, ge=1, le=MAX_USES, description="How many clients may be registered with it.")
    expires_at: datetime | None = Field(
        default=None, description="When it ceases to hold: within a year. If left out: a day from now."
    )


class NewInitialAccessToken(Message):
    """The token, to be sent as a bearer token (RFC 7591 section 3.1). It is not shown again."""

    token_id: str
    token: str = Field(repr=False)
    expires_at: datetime


class ListInitialAccessTokens(PageRequest):
    """Which tokens to list, by id and so by age."""

    project_id: Line = Field(default="", description="Only those of this project.")


class InitialAccessTokenView(RowMessage):
    """An initial access token as its readers see it."""

    token_id: str
    organization_id: str
    project_id: str
    name: str
    uses_left: int
    expires_at: datetime
    version: int
    created_at: datetime
    changed_at: datetime


class InitialAccessTokenPage(Page):
    """Some initial access tokens."""

    tokens: tuple[InitialAccessTokenView, ...]


class DeleteInitialAccessToken(Conditional):
    """The token that is to hold no more."""

    token_id: Id


def create_initial_access_token(request: CreateInitialAccessToken, ctx: Context) -> Decision[NewInitialAccessToken]:
    """Create a token with which clients may register themselves in a project (RFC 7591). It is shown this once.

    It is good for nothing while the instance's registration of clients is closed.
    """
    project = ctx.load(PROJECT, request.project_id)
    organization = project.organization_id
    reach(ctx, "project.read", exists=project.exists, organization=organization, project=request.project_id)
    project.status.insist(Status.ACTIVE, "project")
    expires = expiry_of(request.expires_at, ctx.now, usual=USUAL, longest=LONGEST)
    present = RowsOf(
        Select(INITIAL_ACCESS_TOKENS, eq("project_id", request.project_id), limit=MAX_TOKENS), unscoped=True
    )
    if len(ctx.ask(present)) >= MAX_TOKENS:
        raise FailedPrecondition(f"A project has at most {MAX_TOKENS} initial access tokens: delete one first")
    token_id, secret = ctx.new_id(), ctx.new_secret()
    created = InitialAccessTokenCreated(
        organization_id=organization,
        project_id=request.project_id,
        name=request.name,
        token_hash=ctx.ask(KeyedHash(PURPOSE, secret)),
        uses=request.uses,
        expires_at=expires,
    )
    answer = NewInitialAccessToken(token_id=token_id, token=token_of(token_id, secret), expires_at=expires)
    return Decision(answer, INITIAL_ACCESS_TOKEN.append(token_id, created))


def list_initial_access_tokens(request: ListInitialAccessTokens, ctx: Context) -> Decision[InitialAccessTokenPage]:
    """List those initial access tokens that the caller may read; never the tokens themselves."""
    where = And((eq("project_id", request.project_id),) if request.project_id else ())
    found = listed(ctx, request, page_of(INITIAL_ACCESS_TOKENS, request, where))
    views = tuple(InitialAccessTokenView.of(row) for row in found.rows)
    return Decision(InitialAccessTokenPage(tokens=views, next_cursor=found.next_cursor, total=found.total))


def delete_initial_access_token(request: DeleteInitialAccessToken, ctx: Context) -> Decision[Empty]:
    """Delete an initial access token: nobody registers with it any more. Clients that did so stay."""
    token = ctx.load(INITIAL_ACCESS_TOKEN, request.token_id)
    reach(ctx, "application.read", exists=token.exists, organization=token.organization_id, project=token.project_id)
    expect(ctx, INITIAL_ACCESS_TOKEN, request.token_id, request)
    return Decision(Empty(), INITIAL_ACCESS_TOKEN.append(request.token_id, InitialAccessTokenDeleted()))
