import pytest

from hexkeep.core.kernel.errors import (
    AlreadyExists,
    FailedPrecondition,
    InvalidInput,
    NotFound,
    PermissionDenied,
    Unauthenticated,
)
from hexkeep.core.kernel.operation import Empty
from hexkeep.core.kernel.permission import ROLES, SYSTEM, Caller, CallerKind, Level, Membership, Role, Scope
from hexkeep.core.kernel.slice import Slice
from hexkeep.core.membership.commands import CreateMembership, DeleteMembership, MembershipLevel, UpdateMembership
from hexkeep.core.membership.events import MembershipAdded, MembershipChanged, MembershipRemoved
from hexkeep.core.membership.queries import ListMemberships
from hexkeep.core.membership.state import MEMBERSHIPS, Held, Memberships, covers, memberships_of
from hexkeep.core.user.commands import DeactivateUser, DeleteUser
from hexkeep.testing.decisions import Kit
from tests.unit.core.worlds import KIT, NOBODY, SLICES, caller, human, member, organization, project

WORLD = KIT.given(*organization(), *organization("other"), *human(), *human("bob"), *project())
INSTANCE, ORGANIZATION, PROJECT = MembershipLevel.INSTANCE, MembershipLevel.ORGANIZATION, MembershipLevel.PROJECT
ROOT = caller("INSTANCE_OWNER")
OWNER = caller("ORGANIZATION_OWNER", "acme")


def give(role: str, scope_id: str = "", user_id: str = "alice") -> CreateMembership:
    """A request for a role at the level where it can be held."""
    level = MembershipLevel(ROLES[role].level.value)
    return CreateMembership(user_id=user_id, level=level, scope_id=scope_id, roles=(role,))


@pytest.mark.parametrize(
    ("role", "scope_id", "organization_id"),
    [
        ("INSTANCE_VIEWER", "", ""),
        ("ORGANIZATION_OWNER", "acme", "acme"),
        ("PROJECT_OWNER", "shop", "acme"),
    ],
)
def test_create_membership_records_whose_scope_it_is(role: str, scope_id: str, organization_id: str) -> None:
    """At each level the event holds the scope and its organization."""
    event = MembershipAdded(level=ROLES[role].level, scope_id=scope_id, organization_id=organization_id, roles=(role,))
    WORLD.as_(ROOT).when(give(role, scope_id)).then(MEMBERSHIPS.append("alice", event))


def test_create_membership_once_per_scope() -> None:
    """A second one in the same scope is refused; in another scope it stands beside the first."""
    world = WORLD.when(give("ORGANIZATION_OWNER", "acme")).world
    world.when(give("ORGANIZATION_VIEWER", "acme")).refused(AlreadyExists)
    assert world.when(give("ORGANIZATION_VIEWER", "other")).changes


@pytest.mark.parametrize(
    "request_",
    [
        give("ORGANIZATION_OWNER", "nowhere"),
        give("PROJECT_OWNER", "nowhere"),
        give("ORGANIZATION_OWNER", "acme", "nobody-known"),
    ],
)
def test_create_membership_needs_scope_and_user(request_: CreateMembership) -> None:
    """Nothing can be held at nothing, nor by nobody."""
    WORLD.when(request_).refused(NotFound)


@pytest.mark.parametrize(
    ("level", "scope_id", "role"),
    [
        (MembershipLevel.UNSPECIFIED, "", "INSTANCE_OWNER"),
        (INSTANCE, "acme", "INSTANCE_OWNER"),
        (INSTANCE, "", "ORGANIZATION_OWNER"),
        (ORGANIZATION, "acme", "INSTANCE_OWNER"),
        (ORGANIZATION, "acme", "PROJECT_OWNER"),
        (PROJECT, "shop", "ORGANIZATION_VIEWER"),
        (PROJECT, "shop", "NO_SUCH_ROLE"),
    ],
)
def test_roles_fit_their_level(level: MembershipLevel, scope_id: str, role: str) -> None:
    """A role is held at its own level, and only roles that there are."""
    WORLD.when(CreateMembership(user_id="alice", level=level, scope_id=scope_id, roles=(role,))).refused(InvalidInput)


def test_nobody_gives_what_they_do_not_hold() -> None:
    """Owners give roles of their organization and its projects; nothing above and nothing beside."""
    assert WORLD.as_(OWNER).when(give("ORGANIZATION_OWNER", "acme")).changes
    assert WORLD.as_(OWNER).when(give("PROJECT_OWNER", "shop")).changes
    WORLD.as_(OWNER).when(give("INSTANCE_VIEWER")).refused(PermissionDenied)
    WORLD.as_(OWNER).when(give("ORGANIZATION_VIEWER", "other")).refused(NotFound)
    for who in (NOBODY, caller("ORGANIZATION_USER_MANAGER", "acme")):
        WORLD.as_(who).when(give("ORGANIZATION_VIEWER", "acme")).refused(NotFound)
    for who in (caller("ORGANIZATION_VIEWER", "acme"), caller("PROJECT_OWNER", "shop")):
        WORLD.as_(who).when(give("PROJECT_VIEWER", "shop")).refused(
            PermissionDenied if who.may("membership.read", organization="acme", project="shop") else NotFound
        )


def test_a_manager_of_memberships_alone_gives_no_more_than_they_have() -> None:
    """The permission to write memberships does not itself carry the permissions of the roles it could write."""
    clerk = ROLES["ORGANIZATION_VIEWER"].permissions | {"membership.write"}
    held = Membership(
        type(ROLES["ORGANIZATION_OWNER"])("CLERK", Level.ORGANIZATION, clerk), Scope(Level.ORGANIZATION, "acme")
    )
    who = Caller(CallerKind.USER, user_id="clerk", memberships=(held,))
    assert WORLD.as_(who).when(give("ORGANIZATION_VIEWER", "acme")).changes
    WORLD.as_(who).when(give("ORGANIZATION_OWNER", "acme")).refused(PermissionDenied)
    world = WORLD.given(*member("alice", "ORGANIZATION_OWNER", "acme"))
    fewer = UpdateMembership(user_id="alice", level=ORGANIZATION, scope_id="acme", roles=("ORGANIZATION_VIEWER",))
    world.as_(who).when(fewer).refused(PermissionDenied)
    world.as_(who).when(DeleteMembership(user_id="alice", level=ORGANIZATION, scope_id="acme")).refused(
        PermissionDenied
    )


def test_create_membership_for_a_user_of_elsewhere() -> None:
    """Who cannot read another organization's users cannot find out by granting who they are."""
    world = WORLD.given(*human("zoe", "other"))
    world.as_(OWNER).when(give("ORGANIZATION_VIEWER", "acme", "zoe")).refused(NotFound)
    assert world.as_(ROOT).when(give("ORGANIZATION_VIEWER", "acme", "zoe")).changes


def test_update_membership_replaces_the_roles() -> None:
    """The roles are replaced as a whole; the same ones are no change; what is not held cannot be changed."""
    world = WORLD.given(*member("alice", "ORGANIZATION_OWNER", "acme")).as_(OWNER)
    roles = ("ORGANIZATION_VIEWER", "ORGANIZATION_USER_MANAGER")
    request = UpdateMembership(user_id="alice", level=ORGANIZATION, scope_id="acme", roles=roles)
    outcome = world.when(request)
    event = MembershipChanged(level=Level.ORGANIZATION, scope_id="acme", roles=tuple(sorted(roles)))
    outcome.then(MEMBERSHIPS.append("alice", event))
    outcome.world.when(request).then()
    WORLD.when(request).refused(NotFound)


def test_delete_membership_ends_it() -> None:
    """What was removed is held no more and cannot be removed again."""
    world = WORLD.given(*member("alice", "PROJECT_OWNER", "shop", "acme")).as_(OWNER)
    request = DeleteMembership(user_id="alice", level=PROJECT, scope_id="shop")
    outcome = world.when(request)
    outcome.then(MEMBERSHIPS.append("alice", MembershipRemoved(level=Level.PROJECT, scope_id="shop")))
    assert outcome.world.history("main").state(MEMBERSHIPS, "alice") == Memberships()
    outcome.world.when(request).refused(NotFound)


def test_anybody_may_give_up_their_own() -> None:
    """To resign takes no permission; to take from others does."""
    world = WORLD.given(*member("alice", "PROJECT_VIEWER", "shop", "acme"))
    request = DeleteMembership(user_id="alice", level=PROJECT, scope_id="shop")
    assert world.as_(Caller(CallerKind.USER, user_id="alice")).when(request).changes
    world.as_(Caller(CallerKind.USER, user_id="bob")).when(request).refused(NotFound)


def test_the_last_owner_stays() -> None:
    """The instance always has an owner, so neither removal nor change nor resignation takes the last one away."""
    world = WORLD.given(*member("alice", "INSTANCE_OWNER"))
    remove = DeleteMembership(user_id="alice", level=INSTANCE)
    for who in (SYSTEM, ROOT, caller("INSTANCE_OWNER", user_id="alice")):
        world.as_(who).when(remove).refused(FailedPrecondition)
    change = UpdateMembership(user_id="alice", level=INSTANCE, roles=("INSTANCE_VIEWER",))
    world.when(change).refused(FailedPrecondition)
    two = world.given(*member("bob", "INSTANCE_OWNER"))
    assert two.when(remove).changes
    two.when(DeleteUser(user_id="bob")).world.when(remove).refused(FailedPrecondition)
    two.when(DeactivateUser(user_id="bob")).world.when(remove).refused(FailedPrecondition)


def test_roles_of_plugins_are_held_like_any() -> None:
    """What a slice or a plugin registers can be given at its level by those who hold as much."""
    auditor = Role("AUDITOR", Level.INSTANCE, frozenset({"event.read", "audit.sign"}))
    world = Kit(*SLICES, Slice("audit", roles=(auditor,))).given(*organization(), *human("alice"))
    add = CreateMembership(user_id="alice", level=INSTANCE, roles=("AUDITOR",))
    outcome = world.as_(ROOT).when(add)
    assert outcome.changes
    WORLD.as_(ROOT).when(add).refused(InvalidInput)
    world.as_(caller("INSTANCE_VIEWER")).when(add).refused(PermissionDenied)
    wrong = CreateMembership(user_id="alice", level=ORGANIZATION, scope_id="acme", roles=("AUDITOR",))
    world.as_(ROOT).when(wrong).refused(InvalidInput)


def test_list_memberships_shows_scopes_that_may_be_read() -> None:
    """Owners of an organization see it and its projects; project owners the project; nobody else anything."""
    world = WORLD.given(
        *member("alice", "INSTANCE_OWNER"),
        *member("alice", "ORGANIZATION_OWNER", "acme"),
        *member("bob", "PROJECT_VIEWER", "shop", "acme"),
        *member("bob", "ORGANIZATION_VIEWER", "other"),
    )

    def seen(who: Caller, request: ListMemberships) -> list[tuple[str, str]]:
        return [(one.user_id, one.scope_id) for one in world.as_(who).when(request).result.memberships]

    assert seen(OWNER, ListMemberships()) == [("alice", "acme"), ("bob", "shop")]
    assert seen(caller("PROJECT_OWNER", "shop"), ListMemberships()) == [("bob", "shop")]
    assert seen(ROOT, ListMemberships(level=INSTANCE, role="INSTANCE_OWNER")) == [("alice", "")]
    assert seen(ROOT, ListMemberships(user_id="bob", scope_id="other")) == [("bob", "other")]
    world.as_(NOBODY).when(ListMemberships()).refused(PermissionDenied)


def test_list_my_memberships_is_the_callers_own() -> None:
    """A user sees all they hold, from the state and so always current."""
    world = WORLD.given(*member("alice", "INSTANCE_OWNER"), *member("bob", "ORGANIZATION_OWNER", "acme"))
    mine = world.as_(Caller(CallerKind.USER, user_id="bob")).when(Empty(), "ListMyMemberships").result.memberships
    assert [(one.level, one.scope_id, one.roles) for one in mine] == [(ORGANIZATION, "acme", ("ORGANIZATION_OWNER",))]
    world.as_(SYSTEM).when(Empty(), "ListMyMemberships").refused(Unauthenticated)


def test_memberships_of_leaves_out_what_does_not_count() -> None:
    """Names without a role, or of a role of another level, allow nothing."""
    names = ("PROJECT_OWNER", "INSTANCE_OWNER", "GONE")
    held = memberships_of(Memberships((Held(Level.PROJECT, "shop", names, "acme"),)), ROLES)
    assert held == (Membership(ROLES["PROJECT_OWNER"], Scope(Level.PROJECT, "shop")),)


@pytest.mark.parametrize("name", ROLES)
def test_covers_is_reflexive_and_the_instances_owner_covers_all(name: str) -> None:
    """Whoever holds a role may give it; the instance's owner may give any."""
    scopes = {Level.INSTANCE: "", Level.ORGANIZATION: "acme", Level.PROJECT: "shop", Level.PROJECT_GRANT: "lent"}
    scope = scopes[ROLES[name].level]
    held = Held(ROLES[name].level, scope, (name,), "acme" if scope else "")
    assert covers(caller(name, scope), held, ROLES)
    assert covers(ROOT, held, ROLES)
    assert not covers(NOBODY, held, ROLES)
