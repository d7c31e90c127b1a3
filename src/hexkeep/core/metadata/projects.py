"""The metadata of projects. Who may change a project may change what is kept with it."""

from hexkeep.core.kernel.access import reach
from hexkeep.core.kernel.decision import Context, Decision
from hexkeep.core.kernel.operation import Empty
from hexkeep.core.metadata import messages
from hexkeep.core.metadata.events import ProjectMetadataRemoved, ProjectMetadataSet
from hexkeep.core.metadata.kept import Kept
from hexkeep.core.metadata.state import PROJECT_METADATA
from hexkeep.core.project.state import PROJECT

KEPT = Kept(
    PROJECT_METADATA,
    lambda _, key, value: ProjectMetadataSet(key=key, value=value),
    lambda _, key: ProjectMetadataRemoved(key=key),
)


def set_project_metadata(request: messages.SetProjectMetadata, ctx: Context) -> Decision[Empty]:
    """Keep a value with a project, in place of the one of that key. No personal data belongs there."""
    _insist_on_reach(request.project_id, ctx)
    entry = messages.MetadataEntry(key=request.key, value=request.value)
    return KEPT.set(request.project_id, (entry,), ctx)


def bulk_set_project_metadata(request: messages.BulkSetProjectMetadata, ctx: Context) -> Decision[Empty]:
    """Keep several values with a project, all or none. No personal data belongs there."""
    _insist_on_reach(request.project_id, ctx)
    return KEPT.set(request.project_id, request.entries, ctx)


def get_project_metadata(request: messages.GetProjectMetadata, ctx: Context) -> Decision[messages.MetadataValue]:
    """Read the value of a key of a project."""
    _insist_on_reach(request.project_id, ctx)
    return KEPT.value(request.project_id, request.key, ctx)


def list_project_metadata(request: messages.ListProjectMetadata, ctx: Context) -> Decision[messages.MetadataEntries]:
    """List the metadata of a project, by key."""
    _insist_on_reach(request.project_id, ctx)
    return KEPT.listed(request.project_id, request.key_prefix, ctx)


def delete_project_metadata(request: messages.DeleteProjectMetadata, ctx: Context) -> Decision[Empty]:
    """Remove metadata of a project. A key that is not there is passed over."""
    _insist_on_reach(request.project_id, ctx)
    return KEPT.delete(request.project_id, request.keys, ctx)


def _insist_on_reach(project_id: str, ctx: Context) -> None:
    project = ctx.load(PROJECT, project_id)
    reach(ctx, "project.read", exists=project.exists, organization=project.organization_id, project=project_id)
