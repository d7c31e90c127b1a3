"""The metadata of organizations. Who may change an organization may change what is kept with it."""

from hexkeep.core.kernel.access import reach
from hexkeep.core.kernel.decision import Context, Decision
from hexkeep.core.kernel.operation import Empty
from hexkeep.core.metadata import messages
from hexkeep.core.metadata.events import OrganizationMetadataRemoved, OrganizationMetadataSet
from hexkeep.core.metadata.kept import Kept
from hexkeep.core.metadata.state import ORGANIZATION_METADATA
from hexkeep.core.organization.state import ORGANIZATION

KEPT = Kept(
    ORGANIZATION_METADATA,
    lambda _, key, value: OrganizationMetadataSet(key=key, value=value),
    lambda _, key: OrganizationMetadataRemoved(key=key),
)


def set_organization_metadata(request: messages.SetOrganizationMetadata, ctx: Context) -> Decision[Empty]:
    """Keep a value with an organization, in place of the one of that key. No personal data belongs there."""
    _insist_on_reach(request.organization_id, ctx)
    entry = messages.MetadataEntry(key=request.key, value=request.value)
    return KEPT.set(request.organization_id, (entry,), ctx)


def bulk_set_organization_metadata(request: messages.BulkSetOrganizationMetadata, ctx: Context) -> Decision[Empty]:
    """Keep several values with an organization, all or none. No personal data belongs there."""
    _insist_on_reach(request.organization_id, ctx)
    return KEPT.set(request.organization_id, request.entries, ctx)


def get_organization_metadata(
    request: messages.GetOrganizationMetadata, ctx: Context
) -> Decision[messages.MetadataValue]:
    """Read the value of a key of an organization."""
    _insist_on_reach(request.organization_id, ctx)
    return KEPT.value(request.organization_id, request.key, ctx)


def list_organization_metadata(
    request: messages.ListOrganizationMetadata, ctx: Context
) -> Decision[messages.MetadataEntries]:
    """List the metadata of an organization, by key."""
    _insist_on_reach(request.organization_id, ctx)
    return KEPT.listed(request.organization_id, request.key_prefix, ctx)


def delete_organization_metadata(request: messages.DeleteOrganizationMetadata, ctx: Context) -> Decision[Empty]:
    """Remove metadata of an organization. A key that is not there is passed over."""
    _insist_on_reach(request.organization_id, ctx)
    return KEPT.delete(request.organization_id, request.keys, ctx)


def _insist_on_reach(organization_id: str, ctx: Context) -> None:
    organization = ctx.load(ORGANIZATION, organization_id)
    reach(ctx, "organization.read", exists=organization.exists, organization=organization_id)
