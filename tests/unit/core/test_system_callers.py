from collections.abc import Mapping
from dataclasses import replace

import pytest
from pydantic import JsonValue

from hexkeep.core.instance.commands import DeactivateInstance
from hexkeep.core.instance.queries import ListInstances
from hexkeep.core.kernel.decision import Context, Decision
from hexkeep.core.kernel.errors import NotFound, PermissionDenied, Unauthenticated
from hexkeep.core.kernel.operation import ApiName, Message, Operation
from hexkeep.core.kernel.permission import ANONYMOUS, INSTANCE, PUBLIC, Caller, CallerKind, Level, Membership, Role
from hexkeep.core.kernel.slice import Slice
from hexkeep.core.oidc import rfc7523
from hexkeep.core.slices import SLICES
from hexkeep.core.system_callers import EVERYTHING, MAX_TOKEN, SystemCaller, SystemCallers, identify_system_caller
from hexkeep.testing.answers import jwt, signing_key
from hexkeep.testing.decisions import NOW, Kit, World

SERVER = "https://id.example.com"
OPS, AUDIT = signing_key("ES256", 1), signing_key("Ed25519", 2)
CALLERS = SystemCallers(
    SERVER,
    {
        "ops": SystemCaller({"kty": "kit", "alg": "ES256"}),
        "audit": SystemCaller({"kty": "kit", "alg": "Ed25519"}, frozenset({"system.instance.read"})),
    },
)
SECONDS = int(NOW.timestamp())
CLAIMS: dict[str, JsonValue] = {"iss": "ops", "sub": "ops", "aud": SERVER, "iat": SECONDS, "exp": SECONDS + 600}


class WhoCalls(Message):
    """A token for the System API."""

    token: str


class SystemIdentified(Message):
    """The caller it stands for."""

    actor: str
    caller: str


def who_calls(request: WhoCalls, ctx: Context) -> Decision[SystemIdentified]:
    """Identify the token's caller."""
    found = identify_system_caller(request.token, ctx, CALLERS)
    assert found.kind is CallerKind.SYSTEM
    return Decision(SystemIdentified(actor=found.actor, caller=repr(found)))


WHO_CALLS = Operation("WhoCalls", ApiName.PROTOCOL, WhoCalls, SystemIdentified, PUBLIC, who_calls)
DOOR = Slice("door", operations=(WHO_CALLS,))
WORLD = Kit(*SLICES, DOOR).given().as_(ANONYMOUS)


def signed(changes: Mapping[str, JsonValue], signer: str = OPS.private, type_: str = "") -> str:
    """A token with some claims changed or, with ``None``, left out."""
    return jwt(signer, type_, {name: value for name, value in {**CLAIMS, **changes}.items() if value is not None})


def token(signer: str = OPS.private, type_: str = "", **changes: JsonValue) -> str:
    """The same in short."""
    return signed(changes, signer, type_)


def caller_named(name: str, *permissions: str) -> Caller:
    """Such a caller, as it is known behind its token."""
    role = Role("SYSTEM_CALLER", Level.INSTANCE, frozenset(permissions))
    return Caller(CallerKind.SYSTEM, name=name, memberships=(Membership(role, INSTANCE),))


def refused(presented: str, world: World = WORLD) -> None:
    """Insist that a token stands for nobody, and that the answer does not say why."""
    error = world.when(WhoCalls(token=presented)).refused(Unauthenticated)
    assert (error.message, error.details) == (Unauthenticated.title, {})


def test_token_stands_for_its_caller() -> None:
    """With what the settings say that it may do; events name it."""
    found = WORLD.when(WhoCalls(token=token())).result
    assert (found.actor, found.caller) == ("system:ops", repr(caller_named("ops", *EVERYTHING)))
    audit = WORLD.when(WhoCalls(token=token(AUDIT.private, iss="audit", sub="audit"))).result
    assert (audit.actor, audit.caller) == ("system:audit", repr(caller_named("audit", "system.instance.read")))


@pytest.mark.parametrize(
    "changes",
    [
        {"iss": "audit"},
        {"sub": "audit"},
        {"iss": "audit", "sub": "audit"},
        {"iss": "nobody", "sub": "nobody"},
        {"iss": None},
        {"sub": None},
        {"aud": "https://other.example.com"},
        {"aud": [SERVER]},
        {"aud": f"{SERVER}/"},
        {"aud": ""},
        {"aud": None},
        {"exp": None},
        {"exp": SECONDS},
        {"exp": SECONDS + 3600 + rfc7523.LEEWAY_SECONDS + 1},
        {"iat": SECONDS + rfc7523.LEEWAY_SECONDS + 1},
        {"nbf": SECONDS + rfc7523.LEEWAY_SECONDS + 1},
        {"jti": ""},
        {"jti": 1},
    ],
    ids=str,
)
def test_token_with_wrong_claims_is_refused(changes: Mapping[str, JsonValue]) -> None:
    """Name, audience and times must all hold."""
    refused(signed(changes))


def test_nobody_signs_for_another() -> None:
    """Each name has its own key, and the key its own algorithm."""
    refused(token(iss="audit", sub="audit"))
    refused(token(AUDIT.private))


@pytest.mark.parametrize("type_", ["at+jwt", "logout+jwt"])
def test_other_kinds_of_jwt_are_refused(type_: str) -> None:
    """What was signed for another purpose (RFC 8725 section 3.11)."""
    refused(token(type_=type_))


@pytest.mark.parametrize("presented", ["", "x", "a.b", "a.b.c", "ä.ö.ü", "e30.W10.x", "x" * (MAX_TOKEN + 1)])
def test_what_is_no_token_is_refused(presented: str) -> None:
    """Whatever is presented, the answer is the same."""
    refused(presented)


def test_token_may_be_good_for_one_call() -> None:
    """If it has an id; without one it holds until it expires."""
    once = WORLD.when(WhoCalls(token=token(jti="a"))).world
    refused(token(jti="a"), once)
    assert once.when(WhoCalls(token=token(jti="b"))).result.actor == "system:ops"
    again = WORLD.when(WhoCalls(token=token())).world
    assert again.when(WhoCalls(token=token())).result.actor == "system:ops"


def test_callers_do_what_the_settings_allow() -> None:
    """Everything in the System API, or less; nothing by being the system."""
    ops, audit = caller_named("ops", *EVERYTHING), caller_named("audit", "system.instance.read")
    assert WORLD.as_(ops).when(ListInstances()).result
    assert WORLD.as_(audit).when(ListInstances()).result
    WORLD.as_(ops).when(DeactivateInstance(instance_id="none")).refused(NotFound)
    WORLD.as_(audit).when(DeactivateInstance(instance_id="none")).refused(PermissionDenied)
    WORLD.as_(replace(audit, memberships=())).when(ListInstances()).refused(PermissionDenied)


def test_permissions_of_the_system_are_a_family_of_their_own() -> None:
    """So what a caller may do by default is exactly what the System API has."""
    role = Role("SYSTEM_CALLER", Level.INSTANCE, EVERYTHING)
    for operation in (operation for one in SLICES for operation in one.operations):
        if operation.api is not ApiName.PROTOCOL:
            assert role.allows(operation.permission) is (operation.api is ApiName.SYSTEM), operation.name


@pytest.mark.parametrize(
    ("held", "asked", "allowed"),
    [
        ("system.*", "system.instance.read", True),
        ("system.instance.*", "system.instance.read", True),
        ("system.instance.read", "system.instance.read", True),
        ("system.instance.*", "system.key.write", False),
        ("user.*", "user.read", True),
        ("user.*", "users.read", False),
        ("*", "system.instance.read", True),
        ("user", "user.read", False),
    ],
)
def test_a_family_holds_all_that_begins_so(held: str, asked: str, *, allowed: bool) -> None:
    """On every level of the name."""
    assert Role("R", Level.INSTANCE, frozenset({held})).allows(asked) is allowed
