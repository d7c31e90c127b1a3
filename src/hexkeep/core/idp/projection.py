"""The view of identity providers. Settings stand in the state alone, so that a list stays light."""

from collections.abc import Iterable

from hexkeep.core.idp.events import (
    IdentityProviderAdded,
    IdentityProviderChanged,
    IdentityProviderDeactivated,
    IdentityProviderReactivated,
    IdentityProviderRemoved,
    IdentityProviderSecretsChanged,
)
from hexkeep.core.idp.kinds import unpacked
from hexkeep.core.idp.state import IDENTITY_PROVIDER
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

IDENTITY_PROVIDERS = Table(
    "identity_providers",
    columns=(
        Column("identity_provider_id"),
        Column("organization_id"),
        Column("kind"),
        Column("name", search=True),
        Column("status"),
        Column("linking_allowed", ColumnType.BOOLEAN),
        Column("creation_allowed", ColumnType.BOOLEAN),
        Column("auto_creation", ColumnType.BOOLEAN),
        Column("auto_update", ColumnType.BOOLEAN),
        Column("auto_linking"),
        Column("provider_logout", ColumnType.BOOLEAN),
        Column("asks_again", ColumnType.BOOLEAN),
        Column("email_trusted", ColumnType.BOOLEAN),
        Column("email_domains", ColumnType.TEXTS),
        Column("leads", ColumnType.BOOLEAN),
        Column("has_secret", ColumnType.BOOLEAN),
    ),
    key=("identity_provider_id",),
    indexes=(("organization_id", "name"), ("name",), ("leads",)),
    of=IDENTITY_PROVIDER.name,
    visibility=Visibility(organization="organization_id"),
)


def project(recorded: Recorded[Event]) -> Iterable[RowOperation]:
    """The row operations of one event."""
    key = (recorded.aggregate_id,)
    match recorded.event:
        case IdentityProviderAdded() as event:
            row: Row = {"identity_provider_id": recorded.aggregate_id, "organization_id": event.organization_id}
            has_secret = bool(unpacked(event.secrets))
            fixed: Row = {"kind": event.kind, "status": Status.ACTIVE, "has_secret": has_secret}
            yield Put(IDENTITY_PROVIDERS, {**row, **fixed, **_changeable(event)})
        case IdentityProviderChanged() as event:
            yield Patch(IDENTITY_PROVIDERS, key, _changeable(event))
        case IdentityProviderSecretsChanged(secrets=secrets):
            yield Patch(IDENTITY_PROVIDERS, key, {"has_secret": bool(unpacked(secrets))})
        case IdentityProviderDeactivated():
            yield Patch(IDENTITY_PROVIDERS, key, {"status": Status.INACTIVE})
        case IdentityProviderReactivated():
            yield Patch(IDENTITY_PROVIDERS, key, {"status": Status.ACTIVE})
        case IdentityProviderRemoved():
            yield Delete(IDENTITY_PROVIDERS, key)


def _changeable(event: IdentityProviderAdded | IdentityProviderChanged) -> Row:
    return {
        "name": event.name,
        "linking_allowed": event.linking_allowed,
        "creation_allowed": event.creation_allowed,
        "auto_creation": event.auto_creation,
        "auto_update": event.auto_update,
        "auto_linking": event.auto_linking,
        "provider_logout": event.provider_logout,
        "asks_again": event.asks_again,
        "email_trusted": event.email_trusted,
        "email_domains": event.email_domains,
        "leads": bool(event.email_domains),
    }


PROJECTION = Projection("identity_providers", 3, Log.DURABLE, (IDENTITY_PROVIDERS,), IDENTITY_PROVIDER.events, project)
