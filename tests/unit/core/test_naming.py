"""User names are unique where the domain policy says, and found by what people sign in with."""

from typing import Any

import pytest

from hexkeep.core.domain.events import OrganizationDomainAdded, OrganizationDomainVerified
from hexkeep.core.domain.state import DOMAINS, domain_key
from hexkeep.core.kernel.decision import Change
from hexkeep.core.kernel.errors import AlreadyExists, InvalidInput, ResourceExhausted
from hexkeep.core.kernel.permission import ANONYMOUS, SYSTEM
from hexkeep.core.kernel.unique import Claim, Release
from hexkeep.core.organization.events import OrganizationAdded
from hexkeep.core.organization.state import ORGANIZATION
from hexkeep.core.policy.events import DomainPolicySet, UserNameScope
from hexkeep.core.policy.state import POLICIES
from hexkeep.core.session.commands import CreateSession
from hexkeep.core.session.errors import InvalidCredentials
from hexkeep.core.session.sign_in import PER_PLACE
from hexkeep.core.slices import SLICES
from hexkeep.core.user.commands import CreateHumanUser, CreateMachineUser, DeleteUser, UpdateUserName
from hexkeep.core.user.state import USER, user_name_key
from hexkeep.testing.decisions import Kit, World
from tests.unit.core.people import PASSWORD, human, organization

KIT = Kit(*SLICES)
OWN_NAMES = DomainPolicySet(user_names_unique_in=UserNameScope.ORGANIZATION)


def organization_with(name: str, *policies: Any) -> tuple[Change, ...]:
    """An organization with a domain of its own and maybe policies."""
    domain = f"{name}.example"
    return (
        ORGANIZATION.append(name, OrganizationAdded(name=name)),
        DOMAINS.append(name, OrganizationDomainAdded(domain=domain), OrganizationDomainVerified(domain=domain)),
        Claim(domain_key(domain), DOMAINS.ref(name)),
        *((POLICIES.append(name, *policies),) if policies else ()),
    )


def world() -> World:
    """Two organizations whose names are their own, and one that has its names of the instance."""
    return KIT.given(
        *organization_with("north", OWN_NAMES), *organization_with("south", OWN_NAMES), *organization("acme")
    )


def person(organization_id: str, user_name: str = "ada", password: str = PASSWORD) -> CreateHumanUser:
    """A new person."""
    return CreateHumanUser(
        organization_id=organization_id, user_name=user_name, given_name="A", email="a@example.com", password=password
    )


def populated() -> World:
    """An Ada in each."""
    after = world()
    for organization_id in ("north", "south", "acme"):
        outcome = after.when(person(organization_id, password=f"{organization_id} has happy otters"))
        assert outcome.error is None
        after = outcome.world
    return after


def test_name_is_unique_within_its_organization_alone() -> None:
    """Others have the same; a second one there does not."""
    after = populated()
    after.when(person("north", "ADA")).refused(AlreadyExists)
    after.when(person("acme", "ada")).refused(AlreadyExists)
    (_, claim) = world().when(person("north")).changes
    assert claim == Claim(user_name_key("ada", "north"), USER.ref("id-1"))


def sign_in(world_: World, login_name: str, password: str) -> Any:
    """Who signs in, or the error."""
    outcome = world_.as_(ANONYMOUS).when(CreateSession(login_name=login_name, password=password))
    return outcome.error or outcome.result.user_id


def test_people_sign_in_with_the_domain_of_their_organization() -> None:
    """Without it only a name of the instance is found."""
    after = populated()
    assert sign_in(after, "ada@north.example", "north has happy otters") == "id-1"
    assert sign_in(after, "ADA@South.Example", "south has happy otters") == "id-2"
    assert sign_in(after, "ada", "acme has happy otters") == "id-3"
    assert isinstance(sign_in(after, "ada", "north has happy otters"), InvalidCredentials)
    assert isinstance(sign_in(after, "ada@elsewhere.example", "north has happy otters"), InvalidCredentials)


def test_nobody_takes_a_login_name_away_by_choosing_it_elsewhere() -> None:
    """Whoever holds the domain comes first; without such a user there the whole name counts."""
    hijacked = populated().when(person("acme", "ada@north.example", "an attackers otter")).world
    assert sign_in(hijacked, "ada@north.example", "north has happy otters") == "id-1"
    assert isinstance(sign_in(hijacked, "ada@north.example", "an attackers otter"), InvalidCredentials)
    other = populated().when(person("acme", "eve@north.example", "an attackers otter")).world
    assert sign_in(other, "eve@north.example", "an attackers otter") == "id-4"


def test_attempts_are_counted_for_a_user_whatever_the_name_or_id() -> None:
    """Else each way in would give as many attempts again."""
    after = populated().as_(ANONYMOUS)
    for _ in range(PER_PLACE):
        after = after.when(CreateSession(login_name="ada@north.example", password="wrong")).world
    after.when(CreateSession(user_id="id-1", password="wrong")).refused(ResourceExhausted)
    assert sign_in(after, "ada", "acme has happy otters") == "id-3"


def test_name_is_changed_and_given_back_where_it_is_unique() -> None:
    """In the scope it was claimed in, whatever the policy is by now."""
    after = populated().given(POLICIES.append("north", DomainPolicySet()))
    renamed = after.when(UpdateUserName(user_id="id-1", user_name="grace"))
    released, claimed = renamed.changes[1:]
    assert released == Release(user_name_key("ada", "north"), USER.ref("id-1"))
    assert claimed == Claim(user_name_key("grace", "north"), USER.ref("id-1"))
    deleted = renamed.world.when(DeleteUser(user_id="id-1"))
    assert deleted.changes[1] == Release(user_name_key("grace", "north"), USER.ref("id-1"))
    erased = populated().as_(SYSTEM).when(KIT.operation("EraseUser").input(user_id="id-2"), "EraseUser")
    assert (
        Release(user_name_key("ada", "south"), USER.ref("id-2"))
        in erased.world.as_(SYSTEM)
        .when(KIT.operation("CompleteErasure").input(user_id="id-2"), "CompleteErasure")
        .changes
        + erased.changes
    )


@pytest.mark.parametrize("name", ["ada", "ada@", "@example.com", "ada@example", "a@b@example.com"])
def test_names_may_have_to_end_in_a_domain(name: str) -> None:
    """For new names of people and machines, and for changed ones."""
    strict = KIT.given(*organization(), *human("bob"), POLICIES.append("acme", OWN)).as_(SYSTEM)
    strict.when(person("acme", name)).refused(InvalidInput)
    strict.when(CreateMachineUser(organization_id="acme", user_name=name)).refused(InvalidInput)
    strict.when(UpdateUserName(user_id="bob", user_name=name)).refused(InvalidInput)
    assert strict.when(person("acme", "ada@example.com")).error is None


OWN = DomainPolicySet(user_names_are_addresses=True)


def test_domains_need_no_proof_where_the_policy_says_so() -> None:
    """Then the first who adds one has it."""
    trusting = DomainPolicySet(validate_organization_domains=False)
    start = KIT.given(*organization("acme"), *organization_with("north"), POLICIES.append("acme", trusting))
    add = KIT.operation("AddOrganizationDomain")
    added = start.when(add.input(organization_id="acme", domain="acme.example"), add.name)
    added.then(
        DOMAINS.append(
            "acme", OrganizationDomainAdded(domain="acme.example"), OrganizationDomainVerified(domain="acme.example")
        ),
        Claim(domain_key("acme.example"), DOMAINS.ref("acme")),
    )
    start.when(add.input(organization_id="acme", domain="north.example"), add.name).refused(AlreadyExists)
