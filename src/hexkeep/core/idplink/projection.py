"""The view of links of users to accounts at identity providers."""

from collections.abc import Iterable

from hexkeep.core.idplink.events import IdentityProviderLinkAdded, IdentityProviderLinkRemoved
from hexkeep.core.idplink.state import IDENTITY_PROVIDER_LINK
from hexkeep.core.kernel.event import Event, Log, Recorded
from hexkeep.core.kernel.view import Column, Delete, Projection, Put, RowOperation, Table, Visibility

IDENTITY_PROVIDER_LINKS = Table(
    "identity_provider_links",
    columns=(
        Column("identity_provider_link_id"),
        Column("user_id"),
        Column("organization_id"),
        Column("identity_provider_id"),
        Column("external_id"),
        Column("display_name"),
    ),
    key=("identity_provider_link_id",),
    indexes=(("user_id",), ("identity_provider_id", "user_id")),
    of=IDENTITY_PROVIDER_LINK.name,
    visibility=Visibility(organization="organization_id", user="user_id"),
)


def project(recorded: Recorded[Event]) -> Iterable[RowOperation]:
    """The row operations of one event.

    Links of a removed user stay until they are taken away: with the row nobody could find what holds the account.
    """
    link_id = recorded.aggregate_id
    match recorded.event:
        case IdentityProviderLinkAdded() as event:
            shown = event.model_dump(exclude={"provider_name", "told"})
            yield Put(IDENTITY_PROVIDER_LINKS, {"identity_provider_link_id": link_id, **shown})
        case IdentityProviderLinkRemoved():
            yield Delete(IDENTITY_PROVIDER_LINKS, (link_id,))


PROJECTION = Projection(
    "identity_provider_links",
    2,
    Log.DURABLE,
    (IDENTITY_PROVIDER_LINKS,),
    IDENTITY_PROVIDER_LINK.events,
    project,
)
