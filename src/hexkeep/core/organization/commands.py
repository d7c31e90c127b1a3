"""What can be done to an organization."""

from pydantic import Field

from hexkeep.core.asset.state import without_assets
from hexkeep.core.domain.state import DOMAINS, given_up
from hexkeep.core.group.projection import GROUPS
from hexkeep.core.kernel.access import reach
from hexkeep.core.kernel.ask import RowsOf
from hexkeep.core.kernel.decision import Context, Decision
from hexkeep.core.kernel.errors import (
    AlreadyExists,
    FailedPrecondition,
    InvalidInput,
    PermissionDenied,
    Violation,
)
from hexkeep.core.kernel.fields import ChosenId, Id, Name
from hexkeep.core.kernel.lifecycle import Status
from hexkeep.core.kernel.operation import Empty, Message
from hexkeep.core.kernel.update import Conditional, UpdateRequest, expect
from hexkeep.core.kernel.view import Select, Table, eq
from hexkeep.core.membership import owners
from hexkeep.core.organization.events import (
    OrganizationAdded,
    OrganizationDeactivated,
    OrganizationReactivated,
    OrganizationRemoved,
    OrganizationRenamed,
)
from hexkeep.core.organization.state import ORGANIZATION, Organization
from hexkeep.core.policy.state import INSTANCE_POLICIES
from hexkeep.core.project.projection import PROJECTS
from hexkeep.core.setting.state import SETTINGS, SETTINGS_ID
from hexkeep.core.user.projection import USERS
from hexkeep.core.user.state import User


class CreateOrganization(Message):
    """A new organization."""

    name: Name = Field(description="What it is called; need not be unique.", examples=["Acme"])
    organization_id: ChosenId = Field(default="", description="Its id, if it has to be a certain one.")


class OrganizationCreated(Message):
    """The organization there is now."""

    organization_id: str


class UpdateOrganization(UpdateRequest):
    """What to change; what is left out stays as it is."""

    organization_id: Id
    name: Name | None = Field(default=None, description="What it is called.", examples=["Acme"])


class DeactivateOrganization(Conditional):
    """The organization to switch off."""

    organization_id: Id


class ReactivateOrganization(Conditional):
    """The organization to switch on again."""

    organization_id: Id


class DeleteOrganization(Conditional):
    """The organization to remove."""

    organization_id: Id


def create_organization(request: CreateOrganization, ctx: Context) -> Decision[OrganizationCreated]:
    """Create an organization."""
    ctx.authorize()
    if request.organization_id == INSTANCE_POLICIES:
        raise InvalidInput("", Violation("organization_id", "stands for the instance itself"))
    organization_id = request.organization_id or ctx.new_id()
    if ctx.load(ORGANIZATION, organization_id).status is not Status.UNSPECIFIED:
        raise AlreadyExists("organization_id")
    added = ORGANIZATION.append(organization_id, OrganizationAdded(name=request.name))
    return Decision(OrganizationCreated(organization_id=organization_id), added)


def update_organization(request: UpdateOrganization, ctx: Context) -> Decision[Empty]:
    """Change an organization's name."""
    organization = _reached(request.organization_id, ctx)
    expect(ctx, ORGANIZATION, request.organization_id, request)
    name = request.changes().get("name", organization.name)
    if name == organization.name:
        return Decision(Empty())
    renamed = OrganizationRenamed(name=name)
    return Decision(Empty(), ORGANIZATION.append(request.organization_id, renamed))


def deactivate_organization(request: DeactivateOrganization, ctx: Context) -> Decision[Empty]:
    """Switch an organization off: its users cannot sign in, its applications cannot be used.

    Where owners of the instance are among them it takes instance-wide rights, and an owner elsewhere.
    """
    _reached(request.organization_id, ctx).status.insist(Status.ACTIVE, "organization")
    expect(ctx, ORGANIZATION, request.organization_id, request)
    _keep_an_owner(request.organization_id, ctx)
    return Decision(Empty(), ORGANIZATION.append(request.organization_id, OrganizationDeactivated()))


def reactivate_organization(request: ReactivateOrganization, ctx: Context) -> Decision[Empty]:
    """Switch an organization on again. It takes instance-wide rights, so that who is suspended stays so."""
    _reached(request.organization_id, ctx).status.insist(Status.INACTIVE, "organization")
    expect(ctx, ORGANIZATION, request.organization_id, request)
    _insist_on_instance(ctx, "Only callers with instance-wide rights may switch an organization on again")
    return Decision(Empty(), ORGANIZATION.append(request.organization_id, OrganizationReactivated()))


def delete_organization(request: DeleteOrganization, ctx: Context) -> Decision[Empty]:
    """Remove an organization for good, with its domains.

    Refused while it has users, projects or groups, or is the default one of the instance.
    """
    _reached(request.organization_id, ctx)
    expect(ctx, ORGANIZATION, request.organization_id, request)
    if ctx.load(SETTINGS, SETTINGS_ID, guarded=True).default_organization_id == request.organization_id:
        raise FailedPrecondition("The organization is the default one of the instance")
    for noun, table in (("users", USERS), ("projects", PROJECTS), ("groups", GROUPS)):
        if _owns_any(table, request.organization_id, ctx):
            raise FailedPrecondition(f"The organization still has {noun}", has=noun)
    domains = given_up(request.organization_id, ctx.load(DOMAINS, request.organization_id))
    assets = without_assets(request.organization_id, ctx)
    return Decision(Empty(), ORGANIZATION.append(request.organization_id, OrganizationRemoved()), *domains, *assets)


def _reached(organization_id: str, ctx: Context) -> Organization:
    organization = ctx.load(ORGANIZATION, organization_id)
    reach(ctx, "organization.read", exists=organization.exists, organization=organization_id)
    return organization


def _keep_an_owner(organization_id: str, ctx: Context) -> None:
    """Nobody locks those out who own more than the caller does, or the last of them."""

    def lost(_: str, user: User) -> bool:
        return user.organization_id == organization_id

    if any(lost(*owner) for owner in owners.all_of(ctx)):
        _insist_on_instance(ctx, "The organization has owners of the instance among its users")
        owners.keep_one(ctx, lost)


def _insist_on_instance(ctx: Context, refusal: str) -> None:
    if not ctx.caller.may(ctx.request.permission):
        raise PermissionDenied(refusal)


def _owns_any(table: Table, organization_id: str, ctx: Context) -> bool:
    owned = Select(table, eq("organization_id", organization_id), limit=1)
    return bool(ctx.ask(RowsOf(owned, unscoped=True, current=True)))
