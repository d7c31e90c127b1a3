"""The view of applications."""

from collections.abc import Iterable

from hexkeep.core.application.events import (
    ApplicationDeactivated,
    ApplicationReactivated,
    ApplicationRemoved,
    ApplicationSecretSet,
    OidcApplicationAdded,
    OidcApplicationChanged,
)
from hexkeep.core.application.state import APPLICATION, AuthMethod
from hexkeep.core.kernel.event import Event, Log, Recorded
from hexkeep.core.kernel.lifecycle import Status
from hexkeep.core.kernel.view import (
    Column,
    ColumnType,
    Delete,
    Patch,
    Projection,
    Put,
    Row,
    RowOperation,
    Table,
    Visibility,
)

APPLICATIONS = Table(
    "applications",
    columns=(
        Column("client_id"),
        Column("organization_id"),
        Column("project_id"),
        Column("name", search=True),
        Column("status"),
        Column("application_type"),
        Column("auth_method"),
        Column("has_secret", ColumnType.BOOLEAN),
        Column("redirect_uris", ColumnType.TEXTS),
        Column("post_logout_redirect_uris", ColumnType.TEXTS),
        Column("grant_types", ColumnType.TEXTS),
        Column("consent_required", ColumnType.BOOLEAN),
        Column("api_access", ColumnType.BOOLEAN),
        Column("role_assertion", ColumnType.BOOLEAN),
    ),
    key=("client_id",),
    indexes=(("project_id", "name"), ("organization_id",), ("name",)),
    of=APPLICATION.name,
    visibility=Visibility(organization="organization_id", project="project_id"),
)


def project(recorded: Recorded[Event]) -> Iterable[RowOperation]:
    """The row operations of one event. Not even the hash of a secret gets here."""
    key = (recorded.aggregate_id,)
    match recorded.event:
        case OidcApplicationAdded() as event:
            yield Put(APPLICATIONS, _added(recorded.aggregate_id, event))
        case OidcApplicationChanged() as event:
            forgotten: Row = {"has_secret": False} if event.auth_method == AuthMethod.NONE else {}
            yield Patch(APPLICATIONS, key, {**event.model_dump(), **forgotten})
        case ApplicationSecretSet():
            yield Patch(APPLICATIONS, key, {"has_secret": True})
        case ApplicationDeactivated():
            yield Patch(APPLICATIONS, key, {"status": Status.INACTIVE.value})
        case ApplicationReactivated():
            yield Patch(APPLICATIONS, key, {"status": Status.ACTIVE.value})
        case ApplicationRemoved():
            yield Delete(APPLICATIONS, key)


def _added(client_id: str, event: OidcApplicationAdded) -> Row:
    own = {"client_id": client_id, "status": Status.ACTIVE.value, "has_secret": bool(event.secret_hash)}
    return {**event.model_dump(exclude={"secret_hash"}), **own}


PROJECTION = Projection("applications", 1, Log.DURABLE, (APPLICATIONS,), APPLICATION.events, project)
