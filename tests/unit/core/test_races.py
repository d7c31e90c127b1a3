"""What only the real engine shows: decisions made at the same moment, and what follows a decision."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from hexkeep.adapters.argon2.hashing import Argon2Hashing, Argon2Settings
from hexkeep.core.kernel.errors import FailedPrecondition, HexkeepError, Unauthenticated
from hexkeep.core.oidc.errors import InvalidGrant
from hexkeep.core.session.errors import InvalidCredentials
from hexkeep.core.session.sign_in import PER_PLACE
from hexkeep.core.slices import SLICES
from hexkeep.core.user.state import USER
from hexkeep.engine.assembly import Machinery
from hexkeep.engine.iam import Iam
from hexkeep.ports.api import Anonymous, Bearer, System
from tests.unit.core.tenants import PASSWORD, Land, land
from tests.unit.engine.rig import MASTER

NEW = "seven sad seagulls"


@pytest.fixture
async def here() -> AsyncIterator[Land]:
    """Two instances with everything in each."""
    async with land() as made:
        yield made


@pytest.mark.parametrize("login_name", ["north-0-person", "nobody-known"])
async def test_attempts_at_the_same_moment_are_answered_alike(here: Land, login_name: str) -> None:
    """Failed sign-ins do not conflict with each other, so a known user cannot be told from an unknown one."""
    north, _ = here.tenants
    tries = (
        here.call("CreateSession", Anonymous(), north.id, login_name=login_name, password="wrong")
        for _ in range(PER_PLACE)
    )
    answers = await asyncio.gather(*tries, return_exceptions=True)
    allowed_before = 1 if login_name == "north-0-person" else 0  # the person has signed in once
    assert [type(answer) for answer in answers].count(InvalidCredentials) == PER_PLACE - allowed_before


async def test_the_last_two_owners_do_not_remove_each_other(here: Land) -> None:
    """At the same moment as well one of them stays."""
    north, _ = here.tenants
    admin = Bearer(north.admin)
    own = (await here.call("GetMyUser", admin, north.id)).user_id
    other = north.parties[0].known["user_id"][0]
    await here.call("CreateMembership", admin, north.id, user_id=other, level="instance", roles=["INSTANCE_OWNER"])
    both = (
        here.call("DeleteMembership", System(), north.id, user_id=user_id, level="instance") for user_id in (own, other)
    )
    answers = await asyncio.gather(*both, return_exceptions=True)
    refused = [answer for answer in answers if isinstance(answer, BaseException)]
    assert [type(answer) for answer in refused] == [FailedPrecondition]
    page = await here.call("ListMemberships", System(), north.id, role="INSTANCE_OWNER")
    assert len({own, other} & {one.user_id for one in page.memberships}) >= 1


async def test_a_sign_in_stores_a_stronger_hash(here: Land) -> None:
    """The next process with a higher cost hashes anew when somebody signs in, and nobody is signed out by it."""
    north, _ = here.tenants
    user_id, machinery = north.parties[0].known["user_id"][0], here.iam.machinery
    costly = Argon2Hashing(Argon2Settings(time=3))
    node = Land(Iam(Machinery(replace(machinery.ports, hashing=costly), MASTER, SLICES)), here.tenants)
    opened = await node.call("CreateSession", Anonymous(), north.id, login_name="north-0-person", password=PASSWORD)
    _, user = await machinery.states.load(north.id, USER, user_id)
    assert ",t=3," in user.password_hash
    assert user.password_version == 1
    for token in (opened.session_token, north.parties[0].known["session_token"][0]):
        assert (await here.call("GetMyUser", Bearer(token), north.id)).user_id == user_id
    before = await here.heads(north.id)
    await node.call("CreateSession", Anonymous(), north.id, login_name="north-0-person", password=PASSWORD)
    assert (await here.heads(north.id))[0] == before[0]
    costly.close()


async def test_a_new_password_ends_every_session_and_token(here: Land) -> None:
    """Offline access included; the session at hand goes on once it is proven anew, with another token."""
    north, _ = here.tenants
    party = north.parties[0]
    elsewhere, access = party.known["session_token"][0], party.known["access_token"][0]
    refresh = next(one for one in party.params["ExchangeToken"] if "refresh_token" in one)
    mine = await here.call("CreateSession", Anonymous(), north.id, login_name="north-0-person", password=PASSWORD)
    for token in (elsewhere, access, mine.session_token):
        assert await here.call("GetMyUser", Bearer(token), north.id)
    changed = {"present_password": PASSWORD, "new_password": NEW}
    await here.call("ChangePassword", Bearer(mine.session_token), north.id, **changed)
    for token in (elsewhere, access, mine.session_token):
        await _refused(here, Unauthenticated, "GetMyUser", token)
    with pytest.raises(InvalidGrant):
        await here.call("ExchangeToken", Anonymous(), north.id, params={**refresh})
    held = {"session_id": mine.session_id, "session_token": mine.session_token}
    proven = await here.call("CheckSession", Anonymous(), north.id, **held, password=NEW)
    assert await here.call("GetMyUser", Bearer(proven.session_token), north.id)
    await _refused(here, Unauthenticated, "GetMyUser", mine.session_token)


async def _refused(here: Land, error: type[HexkeepError], operation: str, token: str) -> None:
    with pytest.raises(error):
        await here.call(operation, Bearer(token), here.tenants[0].id)
