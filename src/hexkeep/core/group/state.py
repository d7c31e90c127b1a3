"""The state of a group, and of the groups that a user is in (that aggregate's id is the user's).

Membership is kept with the user: what a token says is read from there, by id, and so never from before the last change.
"""

from dataclasses import dataclass, replace

from hexkeep.core.group.events import GroupAdded, GroupChanged, GroupMemberAdded, GroupMemberRemoved, GroupRemoved
from hexkeep.core.kernel.aggregate import Aggregate
from hexkeep.core.kernel.event import Event, Log
from hexkeep.core.kernel.lifecycle import Status
from hexkeep.core.kernel.unique import UniqueKey


@dataclass(frozen=True, slots=True)
class Group:
    """A group. Whoever counts its roles has to see that its organization is active."""

    status: Status = Status.UNSPECIFIED
    organization_id: str = ""
    name: str = ""
    description: str = ""

    @property
    def exists(self) -> bool:
        """Whether there is such a group."""
        return self.status.exists


@dataclass(frozen=True, slots=True)
class GroupOfUser:
    """One of the groups of a user, and whose it is. The group itself may be gone by now."""

    group_id: str
    organization_id: str


@dataclass(frozen=True, slots=True)
class UserGroups:
    """The groups of one user, in the order in which they were joined."""

    groups: tuple[GroupOfUser, ...] = ()

    def within(self, group_id: str) -> bool:
        """Whether the user is in that group."""
        return any(group.group_id == group_id for group in self.groups)


NAME_KIND = "group_name"


def group_name_key(organization_id: str, name: str) -> UniqueKey:
    """The key that makes the name of a group unique in its organization; owned by ``GROUP.ref(id)``."""
    return UniqueKey(NAME_KIND, organization_id, name)


def evolve(state: Group, event: Event) -> Group:
    """The state after ``event``; an event that says nothing about a group leaves it as it was."""
    match event:
        case GroupAdded():
            return Group(Status.ACTIVE, **event.model_dump())
        case GroupChanged(name=name, description=description):
            return replace(state, name=name, description=description)
        case GroupRemoved():
            return Group(Status.REMOVED)
        case _:
            return state


def evolve_user(state: UserGroups, event: Event) -> UserGroups:
    """The groups of a user after ``event``; any other event leaves them as they were."""
    match event:
        case GroupMemberAdded(group_id=group_id, organization_id=organization_id):
            return UserGroups((*_others(state, group_id), GroupOfUser(group_id, organization_id)))
        case GroupMemberRemoved(group_id=group_id):
            return UserGroups(_others(state, group_id))
        case _:
            return state


def _others(state: UserGroups, group_id: str) -> tuple[GroupOfUser, ...]:
    return tuple(group for group in state.groups if group.group_id != group_id)


GROUP: Aggregate[Group] = Aggregate(
    name="group",
    log=Log.DURABLE,
    initial=Group(),
    events=(GroupAdded, GroupChanged, GroupRemoved),
    evolve=evolve,
    keys=(NAME_KIND,),
)
USER_GROUPS: Aggregate[UserGroups] = Aggregate(
    name="user_groups",
    log=Log.DURABLE,
    initial=UserGroups(),
    events=(GroupMemberAdded, GroupMemberRemoved),
    evolve=evolve_user,
)
