"""How operations come by the project they act on."""

from hexkeep.core.kernel.access import reach
from hexkeep.core.kernel.decision import Context
from hexkeep.core.project.state import PROJECT, Project


def reached(project_id: str, ctx: Context) -> Project:
    """A project on which the caller holds the operation's permission."""
    project = ctx.load(PROJECT, project_id)
    reach(ctx, "project.read", exists=project.exists, organization=project.organization_id, project=project_id)
    return project
