"""Which organization whoever comes without one belongs to."""

from hexkeep.core.kernel.decision import Context, Decision
from hexkeep.core.kernel.fields import Id
from hexkeep.core.kernel.lifecycle import Status
from hexkeep.core.kernel.operation import Empty
from hexkeep.core.kernel.update import Conditional, expect
from hexkeep.core.organization.state import ORGANIZATION
from hexkeep.core.setting.events import DefaultOrganizationSet
from hexkeep.core.setting.state import SETTINGS, SETTINGS_ID, settings_of


class SetDefaultOrganization(Conditional):
    """The organization that whoever comes without one belongs to. The version is that of the instance's settings."""

    organization_id: Id


def set_default_organization(request: SetDefaultOrganization, ctx: Context) -> Decision[Empty]:
    """Set which organization whoever comes without one belongs to."""
    ctx.authorize()
    expect(ctx, SETTINGS, SETTINGS_ID, request)
    ctx.load(ORGANIZATION, request.organization_id, guarded=True).status.insist(Status.ACTIVE, "organization")
    if settings_of(ctx).default_organization_id == request.organization_id:
        return Decision(Empty())
    changed = DefaultOrganizationSet(organization_id=request.organization_id)
    return Decision(Empty(), SETTINGS.append(SETTINGS_ID, changed))
