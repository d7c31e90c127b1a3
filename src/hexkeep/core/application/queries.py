"""What can be read of applications."""

import enum
from collections.abc import Iterator
from datetime import datetime
from typing import Self

from pydantic import Field

from hexkeep.core.application.client_metadata import ClientMetadata
from hexkeep.core.application.projection import APPLICATIONS
from hexkeep.core.application.state import ApplicationType, AuthMethod, GrantType
from hexkeep.core.kernel.access import listed, visible_row
from hexkeep.core.kernel.decision import Context, Decision
from hexkeep.core.kernel.fields import Id, Line
from hexkeep.core.kernel.lifecycle import Status
from hexkeep.core.kernel.operation import Message
from hexkeep.core.kernel.paging import Page, PageRequest, RowMessage, page_of
from hexkeep.core.kernel.view import And, Condition, Contains, Row, eq
from hexkeep.core.saml.settings import SamlOptions, SamlProviderMetadata


class SamlProviderView(Message):
    """What makes an application a service provider of SAML."""

    metadata: SamlProviderMetadata
    metadata_url: str = ""
    options: SamlOptions
    metadata_certificates: tuple[str, ...] = ()


class ApplicationView(RowMessage):
    """An application as its readers see it."""

    client_id: str
    organization_id: str
    project_id: str
    name: str
    status: Status
    application_type: ApplicationType
    auth_method: AuthMethod
    has_secret: bool
    redirect_uris: tuple[str, ...]
    post_logout_redirect_uris: tuple[str, ...]
    grant_types: tuple[GrantType, ...]
    consent_required: bool
    api_access: bool
    role_assertion: bool
    additional_origins: tuple[str, ...]
    client_metadata: ClientMetadata
    registered: bool = Field(description="Whether the client has registered itself (RFC 7591).")
    saml: SamlProviderView | None = Field(default=None, description="There for SAML applications alone.")
    version: int
    created_at: datetime
    changed_at: datetime

    @classmethod
    def of(cls, row: Row) -> Self:
        """What ``row`` says; the client's metadata stands in it as JSON."""
        metadata = ClientMetadata.model_validate_json(str(row["client_metadata_json"]))
        told = {name: row[name] for name in cls.model_fields if name in row}
        saml = SamlProviderView.model_validate_json(text) if (text := str(row["saml_json"])) else None
        return cls.model_validate({**told, "client_metadata": metadata, "saml": saml})


class GetApplication(Message):
    """The application to read."""

    client_id: Id


class ApplicationSort(enum.StrEnum):
    """What applications can be sorted by; unspecified is by id, and so by age."""

    UNSPECIFIED = "unspecified"
    NAME = "name"
    CREATED_AT = "created_at"


class ListApplications(PageRequest):
    """Which applications to list."""

    project_id: Line = Field(default="", description="Only those of this project.")
    organization_id: Line = Field(default="", description="Only those in projects of this organization.")
    name: Line = Field(default="", description="Only those whose name contains this, whatever its case.")
    status: Status = Field(default=Status.UNSPECIFIED, description="Only those with this status.")
    sort: ApplicationSort = ApplicationSort.UNSPECIFIED


class ApplicationPage(Page):
    """Some applications."""

    applications: tuple[ApplicationView, ...]


def get_application(request: GetApplication, ctx: Context) -> Decision[ApplicationView]:
    """Read one application."""
    return Decision(ApplicationView.of(visible_row(ctx, APPLICATIONS, request.client_id)))


def list_applications(request: ListApplications, ctx: Context) -> Decision[ApplicationPage]:
    """List those applications that the caller may read."""
    select = page_of(APPLICATIONS, request, And(tuple(_filters(request))), sort=request.sort)
    found = listed(ctx, request, select)
    views = tuple(ApplicationView.of(row) for row in found.rows)
    return Decision(ApplicationPage(applications=views, next_cursor=found.next_cursor, total=found.total))


def _filters(request: ListApplications) -> Iterator[Condition]:
    for column in ("project_id", "organization_id"):
        value = getattr(request, column)
        if value:
            yield eq(column, value)
    if request.name:
        yield Contains("name", request.name)
    if request.status is not Status.UNSPECIFIED:
        yield eq("status", request.status.value)
