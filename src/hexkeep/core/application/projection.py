"""The view of applications."""

from collections.abc import Iterable, Mapping
from urllib.parse import urlsplit

from hexkeep.core.application.events import (
    ApiApplicationAdded,
    ApiApplicationChanged,
    ApplicationDeactivated,
    ApplicationReactivated,
    ApplicationRemoved,
    ApplicationSecretDiscarded,
    ApplicationSecretSet,
    OidcApplicationAdded,
    OidcApplicationChanged,
    SamlApplicationAdded,
    SamlApplicationChanged,
)
from hexkeep.core.application.state import APPLICATION, WITH_SECRET, ApplicationType, AuthMethod
from hexkeep.core.kernel.event import Event, Log, Recorded
from hexkeep.core.kernel.lifecycle import Status
from hexkeep.core.kernel.view import (
    Column,
    ColumnType,
    Delete,
    DeleteWhere,
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
        Column("additional_origins", ColumnType.TEXTS),
        Column("client_metadata_json"),
        Column("registered", ColumnType.BOOLEAN),
        Column("saml_json"),
    ),
    key=("client_id",),
    indexes=(("project_id", "name"), ("organization_id",), ("name",)),
    of=APPLICATION.name,
    visibility=Visibility(organization="organization_id", project="project_id"),
)


ORIGINS = Table(
    "application_origins",
    columns=(Column("origin"), Column("client_id")),
    key=("origin", "client_id"),
    indexes=(("client_id",),),
)
"""Whose scripts may call the API: every origin that an application names, switched off or not."""

SAML_SOURCES = Table("saml_sources", columns=(Column("client_id"),), key=("client_id",))
"""The SAML applications whose metadata is at a URL."""


def project(recorded: Recorded[Event]) -> Iterable[RowOperation]:
    """The row operations of one event. Not even the hash of a secret gets here."""
    key = (recorded.aggregate_id,)
    match recorded.event:
        case OidcApplicationAdded() as event:
            yield Put(APPLICATIONS, _added(recorded.aggregate_id, event))
            yield from _origins(recorded.aggregate_id, event)
        case OidcApplicationChanged() as event:
            told = {**event.model_dump(exclude={"client_metadata"}), **_metadata(event)}
            yield Patch(APPLICATIONS, key, {**told, **_forgotten(event.auth_method)})
            yield DeleteWhere(ORIGINS, {"client_id": recorded.aggregate_id})
            yield from _origins(recorded.aggregate_id, event)
        case ApiApplicationAdded() as event:
            yield Put(APPLICATIONS, _api_added(recorded.aggregate_id, event))
        case ApiApplicationChanged() as event:
            told = {**event.model_dump(exclude={"client_metadata"}), **_metadata(event)}
            yield Patch(APPLICATIONS, key, {**told, **_forgotten(event.auth_method)})
        case SamlApplicationAdded() as event:
            yield Put(APPLICATIONS, _provider(recorded.aggregate_id, event))
            yield _source(recorded.aggregate_id, event)
        case SamlApplicationChanged() as event:
            yield Patch(APPLICATIONS, key, {"name": event.name, "saml_json": _saml(event)})
            yield _source(recorded.aggregate_id, event)
        case ApplicationRemoved():
            yield Delete(APPLICATIONS, key)
            yield Delete(SAML_SOURCES, key)
            yield DeleteWhere(ORIGINS, {"client_id": recorded.aggregate_id})
        case event if type(event) in _MARKS:
            yield Patch(APPLICATIONS, key, _MARKS[type(event)])


_MARKS: Mapping[type[Event], Row] = {
    ApplicationSecretSet: {"has_secret": True},
    ApplicationSecretDiscarded: {"has_secret": False},
    ApplicationDeactivated: {"status": Status.INACTIVE.value},
    ApplicationReactivated: {"status": Status.ACTIVE.value},
}
"""What events that say a single thing change of a row."""
UNSHOWN = {"secret", "secret_hash", "client_metadata", "uninvited"}


def _added(client_id: str, event: OidcApplicationAdded) -> Row:
    own = {"client_id": client_id, "status": Status.ACTIVE.value, "has_secret": bool(event.secret_hash)}
    return {**event.model_dump(exclude=UNSHOWN), **_metadata(event), **own, "saml_json": ""}


Described = OidcApplicationAdded | OidcApplicationChanged | ApiApplicationAdded | ApiApplicationChanged


def _metadata(event: Described) -> Row:
    """What differs from the defaults, as JSON: columns hold what is searched and sorted by, and that is not."""
    return {"client_metadata_json": event.client_metadata.model_dump_json(exclude_defaults=True)}


def _saml(event: SamlApplicationAdded | SamlApplicationChanged) -> str:
    return event.model_dump_json(include={"metadata", "metadata_url", "options", "metadata_certificates"})


def _source(client_id: str, event: SamlApplicationAdded | SamlApplicationChanged) -> RowOperation:
    return Put(SAML_SOURCES, {"client_id": client_id}) if event.metadata_url else Delete(SAML_SOURCES, (client_id,))


def _provider(client_id: str, event: SamlApplicationAdded) -> Row:
    own = {"client_id": client_id, "application_type": ApplicationType.SAML.value, "saml_json": _saml(event)}
    named = {"organization_id": event.organization_id, "project_id": event.project_id, "name": event.name}
    return {**_UNSET, **own, **named, "auth_method": AuthMethod.UNSPECIFIED.value, "client_metadata_json": "{}"}


def _api_added(client_id: str, event: ApiApplicationAdded) -> Row:
    own = {"client_id": client_id, "has_secret": bool(event.secret_hash)}
    kind: Row = {"application_type": ApplicationType.API.value, **_metadata(event)}
    return {**_UNSET, **kind, **event.model_dump(exclude={"secret_hash", "client_metadata"}), **own}


_UNSET: Row = {
    "status": Status.ACTIVE.value,
    **dict.fromkeys(("redirect_uris", "post_logout_redirect_uris", "grant_types", "additional_origins"), ()),
    **dict.fromkeys(("consent_required", "api_access", "role_assertion", "registered", "has_secret"), False),
    "saml_json": "",
}
"""What is known of an application that is no client of OAuth's."""


def _forgotten(auth_method: str) -> Row:
    return {} if auth_method in WITH_SECRET else {"has_secret": False}


def _origins(client_id: str, event: OidcApplicationAdded | OidcApplicationChanged) -> Iterable[RowOperation]:
    """The origins of its web redirect URIs, and those it names besides."""
    parts = [urlsplit(uri) for uri in event.redirect_uris]
    own = (f"{one.scheme}://{one.netloc}".lower() for one in parts if one.scheme in {"http", "https"})
    for origin in dict.fromkeys((*own, *event.additional_origins)):
        yield Put(ORIGINS, {"origin": origin, "client_id": client_id})


PROJECTION = Projection(
    "applications", 6, Log.DURABLE, (APPLICATIONS, ORIGINS, SAML_SOURCES), APPLICATION.events, project
)
