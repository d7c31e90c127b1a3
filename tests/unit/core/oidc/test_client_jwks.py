"""The keys of clients, and what is signed for them, through an operation of the tests' own."""

import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from pydantic import JsonValue

from hexkeep.core.application.client_metadata import ClientMetadata, ClientProfile
from hexkeep.core.applicationkey.events import ApplicationKeyCreated, ApplicationKeyDeleted
from hexkeep.core.applicationkey.state import APPLICATION_KEY
from hexkeep.core.kernel.aggregate import Append
from hexkeep.core.kernel.decision import Context, Decision
from hexkeep.core.kernel.errors import Unavailable
from hexkeep.core.kernel.operation import ApiName, Empty, Message, Operation
from hexkeep.core.kernel.permission import ANONYMOUS, PUBLIC
from hexkeep.core.kernel.slice import Slice
from hexkeep.core.key.events import SigningKeyActivated
from hexkeep.core.key.state import SIGNING_KEYS, SIGNING_KEYS_ID, created
from hexkeep.core.oidc.algorithms import ContentAlgorithm, KeyAlgorithm, SigningAlgorithm
from hexkeep.core.oidc.client_jwks import verify_by_client
from hexkeep.core.oidc.errors import ClientKeyUnusable
from hexkeep.core.oidc.oidc_core import Authentication, Beside
from hexkeep.core.oidc.parties import Client, active_client
from hexkeep.core.oidc.signing import for_client, sign_id_token
from hexkeep.core.organization.events import OrganizationAdded
from hexkeep.core.organization.state import ORGANIZATION
from hexkeep.core.slices import SLICES
from hexkeep.testing.decisions import NOW, Kit, Outcome, World
from hexkeep.testing.jose import claims_of, decrypted, encryption_key, jwt, signing_key, unpacked
from tests.unit.core.oidc_world import application, keys, project

URI = "https://client.example/jwks"
CLAIMS: dict[str, JsonValue] = {"iss": "web"}
ES, PS, RS = (signing_key(algorithm, number) for number, algorithm in ((11, "ES256"), (12, "PS256"), (13, "RS256")))
ENCRYPTION = encryption_key("RSA-OAEP-256", 14)


class Told(Message):
    """What became of it, as JSON."""

    text: str


def asked(work: Callable[[Context, Client], object], *changes: Append, **metadata: Any) -> Outcome:
    """What ``work`` finds, for a client with this metadata."""

    def handle(_: Empty, ctx: Context) -> Decision[Told]:
        client = active_client(ctx, "web")
        assert client is not None
        return Decision(Told(text=json.dumps(work(ctx, client))))

    operation = Operation("Work", ApiName.PROTOCOL, Empty, Told, PUBLIC, handle)
    kit = Kit(*SLICES, Slice("of_the_tests", operations=(operation,)))
    acme = ORGANIZATION.append("acme", OrganizationAdded(name="Acme"))
    web = application("web", client_metadata=ClientMetadata(**metadata))
    world = published(kit.given(acme, project(), keys(), web, *changes).as_(ANONYMOUS))
    return world.when(Empty(), "Work")


def published(world: World) -> World:
    """The client's URL has a key for ES256, and by now one more."""
    answers = world.answerer.copy()
    answers.key_sets[URI], answers.renewed[URI] = (ES.public,), (ES.public, PS.public)
    return replace(world, answerer=answers)


def verified(private: str, *changes: Append, algorithms: tuple[SigningAlgorithm, ...] = (), **metadata: Any) -> object:
    """What is found in a JWT that the client is said to have signed."""
    token = jwt(private, "JWT", CLAIMS)
    outcome = asked(
        lambda ctx, client: _plain(verify_by_client(ctx, client, token, "JWT", algorithms)), *changes, **metadata
    )
    return json.loads(outcome.result.text)


def _plain(claims: Mapping[str, JsonValue] | None) -> object:
    return None if claims is None else dict(claims)


def own_key(client_id: str = "web", **lifetime: int) -> Append:
    """An application key."""
    expires = NOW.replace(year=NOW.year + lifetime.get("years", 1))
    public = {name: value for name, value in ES.public.items() if name != "kid"}
    facts: dict[str, Any] = {"client_id": client_id, "organization_id": "acme", "project_id": "shop", "public": public}
    return APPLICATION_KEY.append(ES.key_id, ApplicationKeyCreated(**facts, expires_at=expires))


def test_application_keys_count_while_they_hold() -> None:
    """Its own, neither another's nor one that has expired or was deleted."""
    assert verified(ES.private, own_key()) == CLAIMS
    assert verified(PS.private, own_key()) is None
    assert verified(ES.private, own_key("spa")) is None
    assert verified(ES.private, own_key(years=-1)) is None
    assert verified(ES.private, own_key(), APPLICATION_KEY.append(ES.key_id, ApplicationKeyDeleted())) is None
    assert verified(ES.private) is None


def test_registered_and_published_keys_count() -> None:
    """The set it registered, and the set at its URL."""
    assert verified(ES.private, jwks=json.dumps({"keys": [dict(ES.public)]})) == CLAIMS
    assert verified(PS.private, jwks=json.dumps({"keys": [dict(ES.public)]})) is None
    assert verified(ES.private, jwks_uri=URI) == CLAIMS
    assert verified(ES.private, jwks_uri="https://client.example/elsewhere") is None


def test_an_unknown_name_makes_us_look_anew() -> None:
    """OIDC Core section 10.1.1: a client may change its keys; what it never had is refused all the same."""
    assert verified(PS.private, jwks_uri=URI) == CLAIMS
    assert verified(RS.private, jwks_uri=URI) is None


def test_algorithms_are_those_of_the_profile_and_the_registration() -> None:
    """FAPI has no RS256, whoever registers it; and a MAC is never verified with what is public."""
    registered: dict[str, Any] = {"jwks": json.dumps({"keys": [dict(RS.public), dict(PS.public)]})}
    fapi = {**registered, "profile": ClientProfile.FAPI_2_SECURITY}
    assert verified(RS.private, **registered) == CLAIMS
    assert verified(RS.private, **fapi) is None
    assert verified(PS.private, **fapi) == CLAIMS
    assert verified(RS.private, algorithms=(SigningAlgorithm.RS256,), **fapi) is None
    assert verified(RS.private, algorithms=(SigningAlgorithm.PS256,), **registered) is None
    mac = json.dumps({"kid": "mac", "alg": "HS256"})
    jwks = json.dumps({"keys": [{"kid": "mac", "kty": "kit"}]})
    assert verified(mac, algorithms=(SigningAlgorithm.HS256,), jwks=jwks) is None


def told(**metadata: Any) -> Outcome:
    """What is told to a client that wants it encrypted."""
    return asked(
        lambda ctx, client: for_client(
            ctx, client, CLAIMS, "JWT", SigningAlgorithm.RS256, KeyAlgorithm.RSA_OAEP_256, ContentAlgorithm.A256GCM
        ),
        **metadata,
    )


def test_what_is_told_to_a_client_is_signed_and_if_it_wants_encrypted() -> None:
    """A JWT of ours, nested in one that the client's key alone opens."""
    signed = asked(lambda ctx, client: for_client(ctx, client, CLAIMS, "JWT", SigningAlgorithm.RS256))
    assert claims_of(json.loads(signed.result.text)) == CLAIMS
    nested = json.loads(
        told(jwks=json.dumps({"keys": [dict(ES.public), dict(ENCRYPTION.public) | {"kty": "RSA"}]})).result.text
    )
    opened = decrypted(nested, (ENCRYPTION.private,))
    assert opened is not None
    assert (opened.algorithm, opened.encryption) == ("RSA-OAEP-256", "A256GCM")
    assert claims_of(opened.content) == CLAIMS


@pytest.mark.parametrize("change", [{"kty": "EC"}, {"kty": "RSA", "use": "sig"}, {"kty": "RSA", "alg": "RSA-OAEP"}])
def test_nothing_is_told_in_the_clear_to_who_wants_it_secret(change: dict[str, JsonValue]) -> None:
    """Where no key fits, or there is none."""
    told(jwks=json.dumps({"keys": [dict(ENCRYPTION.public) | change]})).refused(ClientKeyUnusable)
    told().refused(ClientKeyUnusable)


def test_an_algorithm_without_a_key_is_unavailable() -> None:
    """Nothing is signed with another key instead."""
    asked(lambda ctx, client: for_client(ctx, client, CLAIMS, "JWT", SigningAlgorithm.PS512)).refused(Unavailable)


PSS = signing_key("PS256", 15)
IN_USE = SIGNING_KEYS.append(SIGNING_KEYS_ID, created(PSS), SigningKeyActivated(key_id=PSS.key_id))


def id_token(**metadata: Any) -> str:
    """The ID token of such a client."""
    who = Authentication("ada", "web", "session-1", 0)
    beside = Beside("token")
    outcome = asked(
        lambda ctx, client: sign_id_token(ctx, client, who, beside, {}, timedelta(hours=1)), IN_USE, **metadata
    )
    return str(json.loads(outcome.result.text))


def test_id_tokens_are_protected_as_their_client_registered() -> None:
    """RS256 for who registered nothing (OIDC Core section 15.1), but not under FAPI; encrypted for who wants it."""
    named = {"": "RS256", "PS256": "PS256"}
    for registered, algorithm in named.items():
        header = unpacked(id_token(id_token_signed_response_alg=registered or "unspecified").split(".")[0])
        assert header["alg"] == algorithm
    fapi = unpacked(id_token(profile=ClientProfile.FAPI_2_SECURITY).split(".")[0])
    assert fapi["alg"] == "ES256"
    jwks = json.dumps({"keys": [dict(ENCRYPTION.public) | {"kty": "RSA"}]})
    opened = decrypted(id_token(id_token_encrypted_response_alg="RSA-OAEP-256", jwks=jwks), (ENCRYPTION.private,))
    assert opened is not None
    assert opened.encryption == "A128CBC-HS256"
    assert claims_of(opened.content)["sub"] == "ada"
