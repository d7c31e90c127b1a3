import json
from collections.abc import Mapping
from datetime import timedelta

import pytest
from pydantic import JsonValue

from hexkeep.core.kernel.aggregate import Append
from hexkeep.core.kernel.errors import (
    FailedPrecondition,
    HexkeepError,
    InvalidInput,
    NotFound,
    PermissionDenied,
)
from hexkeep.core.kernel.permission import ANONYMOUS, Caller, Level
from hexkeep.core.key.state import Algorithm
from hexkeep.core.machinekey.commands import (
    FILE_TYPE,
    CreateMachineKey,
    DeleteMachineKey,
)
from hexkeep.core.machinekey.events import MachineKeyCreated, MachineKeyDeleted
from hexkeep.core.machinekey.queries import GetMachineKey, ListMachineKeys
from hexkeep.core.machinekey.state import MACHINE_KEY
from hexkeep.core.membership.events import MembershipAdded
from hexkeep.core.membership.state import MEMBERSHIPS
from hexkeep.core.oidc import rfc7523
from hexkeep.core.oidc.client_keys import LONGEST, MAX_KEYS, USUAL
from hexkeep.core.oidc.errors import InvalidGrant, InvalidRequest
from hexkeep.core.organization.events import OrganizationDeactivated
from hexkeep.core.organization.state import ORGANIZATION
from hexkeep.core.token.messages import ExchangeToken
from hexkeep.core.user.events import SubjectErased, UserDeactivated, UserRemoved
from hexkeep.core.user.state import USER
from hexkeep.testing.answers import claims_of, jwt, signing_key
from hexkeep.testing.decisions import ISSUER, NOW, World
from tests.unit.core.oidc_world import world
from tests.unit.core.people import caller, machine

OWNER = caller("ada", "ORGANIZATION_OWNER", "acme")
PUBLIC: dict[str, JsonValue] = {"alg": "ES256", "use": "sig", "kty": "kit"}
LATER = NOW + timedelta(minutes=5)
SECONDS = int(LATER.timestamp())
PRIVATE = json.dumps({**json.loads(signing_key("ES256", 1).private), "kid": "id-1"})
CLAIMS: dict[str, JsonValue] = {
    "iss": "robot",
    "sub": "robot",
    "aud": ISSUER,
    "iat": SECONDS,
    "exp": SECONDS + 3600,
    "jti": "first",
}


def created(user_id: str = "robot", **changes: object) -> MachineKeyCreated:
    """What making a key for the machine appends."""
    fields: dict[str, object] = {
        "user_id": user_id,
        "organization_id": "acme",
        "public": PUBLIC,
        "expires_at": LATER + USUAL,
    }
    return MachineKeyCreated.model_validate(fields | changes)


def with_key(*more: Append) -> World:
    """The machine has a key, and nobody calls."""
    made = world(*machine("other")).as_(OWNER).when(CreateMachineKey(user_id="robot"))
    assert json.loads(made.result.key_file)["private_key"] == json.loads(PRIVATE)
    return made.world.as_(ANONYMOUS).given(*more)


def signed(changes: Mapping[str, JsonValue], private: str = PRIVATE) -> str:
    """An assertion, some claims changed or, with ``None``, left out."""
    return jwt(private, "", {name: value for name, value in {**CLAIMS, **changes}.items() if value is not None})


def asserted(private: str = PRIVATE, scope: str = "", **changes: JsonValue) -> ExchangeToken:
    """A token request with such an assertion."""
    return requested(signed(changes, private), **({"scope": scope} if scope else {}))


def requested(assertion: str, **params: str) -> ExchangeToken:
    """A token request with this assertion."""
    return ExchangeToken(params={"grant_type": rfc7523.GRANT_TYPE, "assertion": assertion, **params})


# --- making --------------------------------------------------------------------------------------------------------


def test_key_is_made_and_its_private_part_shown_once() -> None:
    """The file says all that a client has to know; what is recorded is the public part."""
    outcome = world().as_(OWNER).when(CreateMachineKey(user_id="robot"))
    outcome.then(MACHINE_KEY.append("id-1", created()))
    told = json.loads(outcome.result.key_file)
    assert told.pop("private_key") == json.loads(PRIVATE)
    assert told == {
        "type": FILE_TYPE,
        "issuer": ISSUER,
        "token_endpoint": f"{ISSUER}/oauth/token",
        "user_id": "robot",
        "key_id": "id-1",
        "expires_at": (LATER + USUAL).isoformat(),
    }
    assert "private_key" not in repr(outcome.result)


@pytest.mark.parametrize("algorithm", [Algorithm.RS256, Algorithm.ED25519])
def test_algorithm_of_a_key_can_be_chosen(algorithm: Algorithm) -> None:
    """Of those that instances sign with themselves."""
    outcome = world().as_(OWNER).when(CreateMachineKey(user_id="robot", algorithm=algorithm))
    outcome.then(MACHINE_KEY.append("id-1", created(public={**PUBLIC, "alg": algorithm.value})))


def test_public_key_of_ones_own_is_taken() -> None:
    """Then there is no file: the private part has never been here."""
    outcome = world().as_(OWNER).when(CreateMachineKey(user_id="robot", public_key="RS256"))
    outcome.then(MACHINE_KEY.append("id-1", created(public={"kty": "kit", "alg": "RS256"})))
    assert (outcome.result.key_id, outcome.result.key_file) == ("id-1", "")


@pytest.mark.parametrize(
    ("request_", "field"),
    [
        (CreateMachineKey(user_id="robot", public_key="no key"), "public_key"),
        (CreateMachineKey(user_id="robot", public_key="RS256", algorithm=Algorithm.RS256), "algorithm"),
        (CreateMachineKey(user_id="robot", expires_at=LATER), "expires_at"),
        (CreateMachineKey(user_id="robot", expires_at=LATER + LONGEST + timedelta(seconds=1)), "expires_at"),
    ],
)
def test_what_makes_no_sense_is_refused(request_: CreateMachineKey, field: str) -> None:
    """No key, an algorithm that the key has already, a time that is over or too far away."""
    error = world().as_(OWNER).when(request_).refused(InvalidInput)
    assert isinstance(error, InvalidInput)
    assert error.violations[0].field == field


def test_number_of_keys_is_bounded() -> None:
    """A machine has twenty at most."""
    full = world(*(MACHINE_KEY.append(f"key-{n}", created()) for n in range(MAX_KEYS))).as_(OWNER)
    full.when(CreateMachineKey(user_id="robot")).refused(FailedPrecondition)


@pytest.mark.parametrize(
    ("who", "error"),
    [
        (caller("eve"), NotFound),
        (caller("eve", "ORGANIZATION_OWNER", "other"), NotFound),
        (caller("eve", "ORGANIZATION_VIEWER", "acme"), PermissionDenied),
    ],
)
def test_strangers_make_and_delete_nothing(who: Caller, error: type[HexkeepError]) -> None:
    """Who may not see the user is told that there is none; who may see but not change it is refused."""
    start = with_key().as_(who)
    start.when(CreateMachineKey(user_id="robot")).refused(error)
    start.when(DeleteMachineKey(key_id="id-1")).refused(error)


def test_nobody_becomes_more_than_they_are() -> None:
    """A machine with more rights than the caller gets no key from the caller, and loses none."""
    held = MembershipAdded(level=Level.INSTANCE, scope_id="", organization_id="", roles=("INSTANCE_OWNER",))
    start = with_key(MEMBERSHIPS.append("robot", held)).as_(OWNER)
    start.when(CreateMachineKey(user_id="robot")).refused(PermissionDenied)
    start.when(DeleteMachineKey(key_id="id-1")).refused(PermissionDenied)


def test_a_person_has_no_keys() -> None:
    """Persons sign in."""
    world().as_(OWNER).when(CreateMachineKey(user_id="ada")).refused(FailedPrecondition)


# --- reading and deleting ------------------------------------------------------------------------------------------


def test_keys_are_shown_without_their_private_parts() -> None:
    """By id and in lists, to who may read the user."""
    start = with_key().as_(OWNER)
    shown = start.when(GetMachineKey(key_id="id-1")).result
    assert (shown.user_id, shown.algorithm, shown.expires_at) == ("robot", "ES256", LATER + USUAL)
    assert json.loads(shown.public_key) == {**PUBLIC, "kid": "id-1"}
    assert start.when(ListMachineKeys(user_id="robot")).result.keys == (shown,)
    assert start.when(ListMachineKeys(user_id="other")).result.keys == ()
    start.as_(caller("eve")).when(ListMachineKeys()).refused(PermissionDenied)
    start.as_(caller("eve", "ORGANIZATION_OWNER", "other")).when(GetMachineKey(key_id="id-1")).refused(NotFound)


def test_keys_leave_the_view_with_their_user() -> None:
    """And can still be deleted as the system, as an erasure does."""
    gone = with_key(USER.append("robot", UserRemoved()))
    assert gone.as_(OWNER).when(ListMachineKeys()).result.keys == ()
    gone.as_(OWNER).when(GetMachineKey(key_id="id-1")).refused(NotFound)
    with_key(USER.append("robot", SubjectErased())).as_(World(gone.registry).caller).when(
        DeleteMachineKey(key_id="id-1")
    ).then(MACHINE_KEY.append("id-1", MachineKeyDeleted()))


def test_deleted_key_is_gone() -> None:
    """Once."""
    outcome = with_key().as_(OWNER).when(DeleteMachineKey(key_id="id-1"))
    outcome.then(MACHINE_KEY.append("id-1", MachineKeyDeleted()))
    outcome.world.when(DeleteMachineKey(key_id="id-1")).refused(NotFound)
    outcome.world.when(GetMachineKey(key_id="id-1")).refused(NotFound)


# --- the JWT bearer grant ------------------------------------------------------------------------------------------


def test_assertion_gives_a_token_as_client_credentials_do() -> None:
    """RFC 7523 section 2.1: subject and client are the machine; for our API when it asks."""
    outcome = with_key().when(asserted(scope="urn:hexkeep:api urn:hexkeep:organization openid"))
    answer = outcome.then().result
    claims = claims_of(answer.access_token)
    assert (claims["sub"], claims["client_id"], claims["aud"]) == ("robot", "robot", ["robot", ISSUER])
    assert claims["urn:hexkeep:organization:id"] == "acme"
    assert (answer.refresh_token, answer.id_token) == (None, None)
    assert answer.scope == "urn:hexkeep:api urn:hexkeep:organization"


def test_assertion_is_good_for_one_token() -> None:
    """RFC 7523 section 3, point 7: it may have been seen on its way."""
    once = with_key().when(asserted()).world
    once.when(asserted()).refused(InvalidGrant)
    assert once.when(asserted(jti="second")).result.access_token


@pytest.mark.parametrize(
    "changes",
    [
        {"iss": "other"},
        {"sub": "other"},
        {"iss": "other", "sub": "other"},
        {"iss": None},
        {"sub": None},
        {"sub": 7, "iss": 7},
        {"aud": f"{ISSUER}/oauth/token"},
        {"aud": [ISSUER]},
        {"aud": f"{ISSUER}/"},
        {"aud": None},
        {"exp": None},
        {"exp": "never"},
        {"exp": True},
        {"exp": SECONDS},
        {"exp": SECONDS + 3600 + rfc7523.LEEWAY_SECONDS + 1},
        {"exp": 10**400},
        {"iat": "now"},
        {"iat": SECONDS + rfc7523.LEEWAY_SECONDS + 1},
        {"nbf": SECONDS + rfc7523.LEEWAY_SECONDS + 1},
        {"nbf": None, "iat": True},
        {"jti": None},
        {"jti": ""},
        {"jti": 7},
        {"jti": "x" * 201},
    ],
    ids=str,
)
def test_assertion_with_wrong_claims_is_refused(changes: Mapping[str, JsonValue]) -> None:
    """Subject, audience (the issuer, as one string), times and id must all hold; the answer does not say which."""
    error = with_key().when(requested(signed(changes))).refused(InvalidGrant)
    assert error.message == InvalidGrant.title


def test_clocks_may_differ_a_little() -> None:
    """The signer's clock is not ours."""
    ahead = SECONDS + rfc7523.LEEWAY_SECONDS
    assert with_key().when(asserted(iat=ahead, nbf=ahead, exp=ahead + 3600)).result.access_token
    assert with_key().when(asserted(iat=None)).result.access_token


def test_only_the_named_key_of_the_machine_counts() -> None:
    """Neither another's key, nor one's own under another's name, nor one that is known to nobody."""
    others = json.dumps({**json.loads(signing_key("ES256", 2).private), "kid": "key-2"})
    start = with_key(MACHINE_KEY.append("key-2", created("other")))
    start.when(asserted(others)).refused(InvalidGrant)
    assert start.when(asserted(others, iss="other", sub="other")).result.access_token
    unknown = json.dumps({**json.loads(PRIVATE), "kid": "nobody-knows"})
    start.when(asserted(unknown)).refused(InvalidGrant)


@pytest.mark.parametrize("type_", ["at+jwt", "logout+jwt"])
def test_other_kinds_of_jwt_are_refused(type_: str) -> None:
    """What was signed for another purpose is no assertion (RFC 8725 section 3.11)."""
    with_key().when(requested(jwt(PRIVATE, type_, CLAIMS))).refused(InvalidGrant)


@pytest.mark.parametrize(
    "text", ["x", "a.b.c", "....", "e30.e30.", "W10.e30.x", "ä.ö.ü", "[" * 9000, "eyJraWQiOjF9.e30.x"]
)
def test_what_is_no_assertion_is_refused(text: str) -> None:
    """Whatever is presented, the answer is the same."""
    with_key().when(requested(text)).refused(InvalidGrant)


@pytest.mark.parametrize(
    "gone",
    [
        USER.append("robot", UserDeactivated()),
        USER.append("robot", UserRemoved()),
        ORGANIZATION.append("acme", OrganizationDeactivated()),
        MACHINE_KEY.append("id-1", MachineKeyDeleted()),
    ],
    ids=lambda change: type(change.events[0]).__name__,
)
def test_assertion_ends_with_what_it_rests_on(gone: Append) -> None:
    """The user, the organization, the key."""
    with_key(gone).when(asserted()).refused(InvalidGrant)


def test_expired_key_signs_nothing() -> None:
    """Whatever the assertion says."""
    over = LATER + USUAL
    seconds = int(over.timestamp())
    late = asserted(iat=seconds - 1, exp=seconds + 60)
    assert with_key().at(over - timedelta(seconds=1)).when(late).result.access_token
    with_key().at(over).when(late).refused(InvalidGrant)


def test_assertion_comes_alone() -> None:
    """There is one way at a time to say who one is; to name the machine once more is no harm."""
    text = jwt(PRIVATE, "", CLAIMS)
    start = with_key()
    start.when(requested(text, client_secret="x")).refused(InvalidRequest)
    start.when(requested(text).model_copy(update={"authorization": "Basic eDp5"})).refused(InvalidRequest)
    start.when(requested("")).refused(InvalidRequest)
    start.when(requested(text, client_id="other")).refused(InvalidGrant)
    assert start.when(requested(text, client_id="robot")).result.access_token


def test_assertion_is_worthless_in_another_instance() -> None:
    """The key is not known there."""
    with_key().within("other").when(asserted()).refused(InvalidGrant)
