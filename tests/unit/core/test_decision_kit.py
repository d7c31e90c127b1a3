"""The decision kit insists on what the engine insists on; a slice that gets it wrong is found out."""

from datetime import timedelta

import pytest

from hexkeep.core.kernel.ask import (
    ClaimOnce,
    CountUp,
    HashPassword,
    Keep,
    Kept,
    KeyedHash,
    NewSigningKey,
    SignJwt,
    Take,
    VerifyJwt,
    VerifyKeyedHash,
    VerifyPassword,
)
from hexkeep.core.kernel.decision import Context, Decision
from hexkeep.core.kernel.errors import (
    AlreadyExists,
    FailedPrecondition,
    InvalidInput,
    PermissionDenied,
    Unauthenticated,
    VersionConflict,
)
from hexkeep.core.kernel.event import Log
from hexkeep.core.kernel.operation import ApiName, Empty, Message, Operation
from hexkeep.core.kernel.permission import ANONYMOUS, PUBLIC
from hexkeep.core.kernel.slice import Slice
from hexkeep.core.kernel.unique import Claim, Release, UniqueKey
from hexkeep.core.organization.events import OrganizationAdded
from hexkeep.core.organization.state import ORGANIZATION
from hexkeep.testing.answers import claims_of
from hexkeep.testing.decisions import NOW, Kit, Outcome, World
from tests.unit.core.worlds import NOBODY, SLICES, caller

KEY = UniqueKey("kind", "scope", "value")
ADDED = ORGANIZATION.append("acme", OrganizationAdded(name="Acme"))


class Ping(Message):
    """An input of the tests' own."""


class Pong(Message):
    """An output of the tests' own."""

    said: str = ""


def kit(handle: object, permission: str = "organization.write", *, writes: bool = True) -> World:
    """A world with one operation that does as the test wants."""
    assert callable(handle)
    operation = Operation("Ping", ApiName.PROTOCOL, Ping, Pong, permission, handle, writes=writes)
    return Kit(*SLICES, Slice("ping", operations=(operation,))).given()


def ping(world: World) -> Outcome:
    """Call it."""
    return world.when(Ping())


def test_decisions_have_to_be_pure() -> None:
    """A function that decides otherwise the second time is found out."""
    seen: list[int] = []

    def handle(_: Ping, ctx: Context) -> Decision[Pong]:
        ctx.authorize()
        seen.append(1)
        return Decision(Pong(said=str(len(seen))))

    with pytest.raises(AssertionError, match="pure"):
        ping(kit(handle))


def test_reading_operations_change_nothing() -> None:
    """An operation that says it reads must not write."""
    with pytest.raises(AssertionError, match="reads"):
        ping(kit(lambda _, __: Decision(Pong(), ADDED), writes=False))


def test_permission_is_insisted_on() -> None:
    """A decision that never authorizes is for instance-wide callers, and one with a permission never for nobody."""
    world = kit(lambda _, __: Decision(Pong()))
    ping(world.as_(NOBODY)).refused(PermissionDenied)
    ping(world.as_(caller("ORGANIZATION_OWNER", "acme"))).refused(PermissionDenied)
    ping(world.as_(ANONYMOUS)).refused(Unauthenticated)
    assert ping(world.as_(caller("INSTANCE_OWNER"))).result
    assert ping(kit(lambda _, __: Decision(Pong()), PUBLIC).as_(ANONYMOUS)).result


def test_a_decision_writes_to_one_log() -> None:
    """Durable and activity aggregates do not change together."""
    other = type(ADDED)(ADDED.ref._replace(id="b"), Log.ACTIVITY, ADDED.events)
    with pytest.raises(AssertionError, match="one log"):
        ping(kit(lambda _, __: Decision(Pong(), ADDED, other)))


def test_what_is_appended_to_has_been_looked_at() -> None:
    """To the engine an aggregate that the decision did not load is a new one, and if it is not, a lost race."""

    def loading(_: Ping, ctx: Context) -> Decision[Pong]:
        ctx.load(ORGANIZATION, "acme")
        return Decision(Pong(), ADDED)

    def elsewhere(_: Ping, ctx: Context) -> Decision[Pong]:
        ctx.load(ORGANIZATION, "acme", instance="another")
        return Decision(Pong(), ADDED)

    assert ping(kit(lambda _, __: Decision(Pong(), ADDED))).changes
    assert ping(kit(loading).given(ADDED)).changes
    ping(kit(lambda _, __: Decision(Pong(), ADDED)).given(ADDED)).refused(VersionConflict)
    ping(kit(elsewhere).given(ADDED)).refused(VersionConflict)


def test_keys_of_a_kind_change_in_one_log() -> None:
    """A kind that no aggregate names is one of the durable log."""
    other = type(ADDED)(ADDED.ref, Log.ACTIVITY, ADDED.events)
    claim = Claim(KEY, ADDED.ref)
    assert ping(kit(lambda _, __: Decision(Pong(), ADDED, claim))).changes
    with pytest.raises(AssertionError, match="durable log alone"):
        ping(kit(lambda _, __: Decision(Pong(), other, claim)))


def test_an_error_may_leave_changes_behind() -> None:
    """A decision with an error is refused and written all the same."""
    outcome = ping(kit(lambda _, __: Decision(Pong(), ADDED, error=InvalidInput("no"))))
    outcome.refused(InvalidInput, ADDED)
    assert outcome.world.history("main").state(ORGANIZATION, "acme").exists
    with pytest.raises(InvalidInput):
        outcome.then(ADDED)


def test_unique_keys_have_one_owner() -> None:
    """A key is released before it is claimed, and taken for everybody but its owner."""
    mine, theirs = ORGANIZATION.ref("a"), ORGANIZATION.ref("b")
    world = kit(lambda _, __: Decision(Pong(), Claim(KEY._replace(value=" VALUE "), theirs)))
    assert ping(world).changes
    error = ping(world.given(Claim(KEY, mine))).refused(AlreadyExists)
    assert error.details == {"kind": "kind"}
    assert ping(world.given(Claim(KEY, mine)).given(Release(KEY, mine))).changes
    assert ping(world.given(Claim(KEY, theirs))).changes
    assert not ping(world.given(Claim(KEY, mine)).given(Release(KEY, theirs))).changes


def test_a_key_is_not_handed_over_within_one_decision() -> None:
    """Who gives it back and who takes it are one; another takes it by a decision of its own."""
    mine, theirs = ORGANIZATION.ref("a"), ORGANIZATION.ref("b")
    for taker in (mine, theirs):
        changes = (Release(KEY, mine), Claim(KEY._replace(value=" VALUE "), taker))
        world = kit(lambda _, __, changes=changes: Decision(Pong(), *changes)).given(Claim(KEY, mine))
        if taker == mine:
            assert ping(world).changes
            continue
        with pytest.raises(AssertionError, match="by two decisions"):
            ping(world)


def test_the_wrong_refusal_fails_the_test_with_its_cause() -> None:
    """A test that expects one error and gets another shows the other one."""
    outcome = ping(kit(lambda _, __: Decision(Pong())).as_(ANONYMOUS))
    with pytest.raises(Unauthenticated):
        outcome.refused(PermissionDenied)
    with pytest.raises(AssertionError, match="not refused"):
        ping(kit(lambda _, __: Decision(Pong()))).refused(FailedPrecondition)


def test_ids_and_secrets_are_numbered_over_calls() -> None:
    """The first call gets the first, the second the next, and one decision as many as it asks for."""

    def handle(_: Ping, ctx: Context) -> Decision[Pong]:
        return Decision(Pong(said=f"{ctx.new_id()} {ctx.new_id()} {ctx.new_secret()}"))

    first = ping(kit(handle))
    assert first.result.said == "id-1 id-2 secret-1"
    assert ping(first.world).result.said == "id-3 id-4 secret-2"


def test_hashes_fit_what_they_are_of() -> None:
    """A hash fits its own password or secret and purpose, an empty one nothing."""

    def handle(_: Ping, ctx: Context) -> Decision[Pong]:
        password, secret = ctx.ask(HashPassword("p")), ctx.ask(KeyedHash("a", "s"))
        fits = [
            ctx.ask(VerifyPassword(password, "p")).ok,
            ctx.ask(VerifyKeyedHash("a", "s", secret)),
            ctx.ask(VerifyPassword(password, "q")).ok,
            ctx.ask(VerifyPassword("", "")).ok,
            ctx.ask(VerifyKeyedHash("b", "s", secret)),
            ctx.ask(VerifyKeyedHash("a", "s", "")),
        ]
        return Decision(Pong(said=str(fits)))

    assert ping(kit(handle)).result.said == "[True, True, False, False, False, False]"


def test_what_is_kept_ends() -> None:
    """Things are kept until their time, taken once, claimed once and counted per window, over calls."""
    until = NOW + timedelta(seconds=60)

    def handle(_: Ping, ctx: Context) -> Decision[Pong]:
        took, first = ctx.ask(Take("s", "k")), ctx.ask(ClaimOnce("s", "once", until))
        count = ctx.ask(CountUp("b", 3600))
        if count == 1:
            ctx.ask(Keep("s", "k", b"v", until))
        return Decision(Pong(said=f"{took!r} {first} {count} {ctx.ask(Kept('s', 'k'))!r}"))

    first = ping(kit(handle))
    assert first.result.said == "None True 1 b'v'"
    assert ping(first.world).result.said == "b'v' False 2 None"
    assert ping(first.world.later(minutes=2)).result.said == "None True 2 None"


def test_signatures_hold_for_their_key_and_type() -> None:
    """A token verifies with the key that signed it and its own type, and shows its claims."""

    def handle(_: Ping, ctx: Context) -> Decision[Pong]:
        key = ctx.ask(NewSigningKey("ES256"))
        other = {**key.public, "kid": "another"}
        token = ctx.ask(SignJwt(key.private, "at+jwt", {"sub": "alice"}))
        assert claims_of(token) == {"sub": "alice"}
        answers = [
            ctx.ask(VerifyJwt(token, (other, key.public), "at+jwt")),
            ctx.ask(VerifyJwt(token, (other,), "at+jwt")),
            ctx.ask(VerifyJwt(token, (key.public,), "JWT")),
            ctx.ask(VerifyJwt(token + "x", (key.public,), "at+jwt")),
            ctx.ask(VerifyJwt("not a token", (key.public,), "at+jwt")),
        ]
        return Decision(Pong(said=str(answers)))

    assert ping(kit(handle)).result.said == "[{'sub': 'alice'}, None, None, None, None]"


def test_operations_are_found_by_their_input() -> None:
    """An input that several operations take needs the name of the one meant."""
    world = kit(lambda _, __: Decision(Pong()))
    with pytest.raises(AssertionError, match="name the one meant"):
        world.when(Empty())


def test_instances_do_not_see_each_other() -> None:
    """What happened in one instance is nothing in another."""
    world = kit(lambda _, ctx: Decision(Pong(said=ctx.load(ORGANIZATION, "acme").name))).given(ADDED)
    assert ping(world).result.said == "Acme"
    assert ping(world.within("other")).result.said == ""
    elsewhere = kit(lambda _, ctx: Decision(Pong(said=ctx.load(ORGANIZATION, "acme", instance="main").name)))
    assert ping(elsewhere.given(ADDED).within("other")).result.said == "Acme"
