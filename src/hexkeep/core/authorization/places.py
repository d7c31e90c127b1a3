"""Where roles are given: in a project of one's own, or in one that was granted; and to whom there."""

from typing import NamedTuple, Protocol

from hexkeep.core.authorization.state import authorization_key
from hexkeep.core.group.state import GROUP
from hexkeep.core.kernel.access import reach
from hexkeep.core.kernel.decision import Context
from hexkeep.core.kernel.errors import InvalidInput, NotFound, Violation
from hexkeep.core.kernel.lifecycle import Status
from hexkeep.core.kernel.unique import UniqueKey
from hexkeep.core.project.state import PROJECT, Project
from hexkeep.core.projectgrant.state import PROJECT_GRANT, ProjectGrant
from hexkeep.core.user.state import USER


class Place(NamedTuple):
    """A project, and the organization that manages what is given there: its own, or that to which it is granted."""

    organization_id: str
    project_id: str
    project: Project
    grant: ProjectGrant | None = None


class Wanted(Protocol):
    """What a request says about the place."""

    @property
    def project_id(self) -> str:
        """The project, or nothing."""

    @property
    def project_grant_id(self) -> str:
        """The grant, or nothing."""


class Subject(Protocol):
    """What an authorization says about whom it is for, and where."""

    @property
    def user_id(self) -> str:
        """The user, or nothing."""

    @property
    def group_id(self) -> str:
        """The group, or nothing."""

    @property
    def project_id(self) -> str:
        """The project."""

    @property
    def project_grant_id(self) -> str:
        """The grant, or nothing."""


def in_project(request: Wanted, ctx: Context) -> Place:
    """A project in which the caller may give roles. Guarded: a role that is removed at that moment is not given."""
    project = ctx.load(PROJECT, request.project_id, guarded=True)
    organization = project.organization_id
    reach(ctx, "project.read", exists=project.exists, organization=organization, project=request.project_id)
    return Place(organization, request.project_id, project)


def under_grant(request: Wanted, ctx: Context) -> Place:
    """A project under whose grant the caller may give roles; the grant is active and the project is there."""
    grant_id = request.project_grant_id
    grant = ctx.load(PROJECT_GRANT, grant_id, guarded=True)
    organization = grant.granted_organization_id
    reach(ctx, "project_grant.read", exists=grant.exists, organization=organization, project_grant=grant_id)
    if request.project_id not in {"", grant.project_id}:
        raise InvalidInput("", Violation("project_id", "is not the project that is granted"))
    grant.status.insist(Status.ACTIVE, "grant")
    project = ctx.load(PROJECT, grant.project_id, guarded=True)
    if not project.exists:
        raise NotFound("The project is gone")
    return Place(organization, grant.project_id, project, grant)


def insist_on_subject(user_id: str, group_id: str, place: Place, ctx: Context) -> None:
    """Raise ``NotFound`` unless there is such a user or group, of the place's organization or known to the caller.

    Under a grant it has to be of that organization: the grant is for its own.
    """
    if user_id:
        user = ctx.load(USER, user_id)
        exists, organization, read = user.exists, user.organization_id, "user.read"
    else:
        group = ctx.load(GROUP, group_id)
        exists, organization, read = group.exists, group.organization_id, "group.read"
    own = organization == place.organization_id
    known = own or (place.grant is None and ctx.caller.may(read, organization=organization))
    if not (exists and known):
        raise NotFound(f"There is no such {'user' if user_id else 'group'}")


def allowed(roles: tuple[str, ...], project: Project, grant: ProjectGrant | None) -> tuple[str, ...]:
    """Sorted and each once; raises ``InvalidInput`` for a role that project or grant do not have."""
    unknown = [key for key in roles if project.role(key) is None or (grant is not None and key not in grant.roles)]
    if unknown:
        problem = Violation("roles", f"unknown: {', '.join(unknown)}")
        raise InvalidInput(f"The {'project' if grant is None else 'grant'} has no such role", problem)
    return tuple(sorted(set(roles)))


def key_of(subject: Subject) -> UniqueKey:
    """The key that allows one authorization of its kind."""
    return authorization_key(
        subject.user_id,
        subject.project_id,
        group_id=subject.group_id,
        project_grant_id=subject.project_grant_id,
    )
