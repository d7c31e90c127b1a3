"""What can be read of applications' keys: all but the private parts, which are nowhere here."""

from datetime import datetime

from pydantic import Field

from hexkeep.core.applicationkey.projection import APPLICATION_KEYS
from hexkeep.core.kernel.access import listed
from hexkeep.core.kernel.decision import Context, Decision
from hexkeep.core.kernel.fields import Line
from hexkeep.core.kernel.paging import Page, PageRequest, RowMessage, page_of
from hexkeep.core.kernel.view import And, eq


class ApplicationKeyView(RowMessage):
    """An application's key as its readers see it."""

    key_id: str
    client_id: str
    organization_id: str
    project_id: str
    algorithm: str
    public_key: str = Field(description="The public key as a JWK (RFC 7517), in JSON.")
    expires_at: datetime
    version: int
    created_at: datetime
    changed_at: datetime


class ListApplicationKeys(PageRequest):
    """Which keys to list, by id and so by age."""

    client_id: Line = Field(default="", description="Only those of this application.")
    project_id: Line = Field(default="", description="Only those of applications of this project.")


class ApplicationKeyPage(Page):
    """Some keys."""

    keys: tuple[ApplicationKeyView, ...]


def list_application_keys(request: ListApplicationKeys, ctx: Context) -> Decision[ApplicationKeyPage]:
    """List those applications' keys that the caller may read."""
    filters = {"client_id": request.client_id, "project_id": request.project_id}
    where = And(tuple(eq(column, value) for column, value in filters.items() if value))
    found = listed(ctx, request, page_of(APPLICATION_KEYS, request, where))
    views = tuple(ApplicationKeyView.of(row) for row in found.rows)
    return Decision(ApplicationKeyPage(keys=views, next_cursor=found.next_cursor, total=found.total))
