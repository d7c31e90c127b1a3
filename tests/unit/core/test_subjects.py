"""Pairwise subjects (OIDC Core section 8), and in which form applications are told about people."""

import json
from typing import Any

import pytest

from hexkeep.core.application.client_metadata import ClientMetadata, SubjectType
from hexkeep.core.kernel.permission import ANONYMOUS
from hexkeep.core.key.events import SigningKeyActivated, SigningKeyCreated
from hexkeep.core.key.state import SIGNING_KEYS, SIGNING_KEYS_ID
from hexkeep.core.oidc.algorithms import ContentAlgorithm, KeyAlgorithm, SigningAlgorithm
from hexkeep.core.oidc.errors import ClientKeyUnusable, InvalidRequest
from hexkeep.core.session.state import token_of
from hexkeep.core.token.messages import EndOidcSession, GetUserInfo, IntrospectToken, LogoutKind
from hexkeep.testing.answers import claims_of, signing_key
from hexkeep.testing.decisions import ISSUER, World
from hexkeep.testing.jose import decrypted, header_of
from tests.unit.core.oidc_world import (
    SESSION_TOKEN,
    application,
    basic,
    redeem,
    refresh,
    session,
    signed_in,
    start,
    tokens,
    told,
    world,
)

PAIRWISE = ClientMetadata(subject_type=SubjectType.PAIRWISE)
ELSEWHERE = "https://other.example.net/cb"
OFFLINE = "openid profile offline_access"


def pair_world(**more: ClientMetadata) -> World:
    """The world with two pairwise applications of one sector, and one of another."""
    return world(
        application("one", client_metadata=PAIRWISE),
        application("two", client_metadata=PAIRWISE),
        application("far", client_metadata=PAIRWISE, redirect_uris=(ELSEWHERE,)),
        *(application(name, client_metadata=metadata) for name, metadata in more.items()),
    )


def subject(before: World, client: str, **params: str) -> str:
    """What a client's ID token calls Ada."""
    _, answer = tokens(before, client, **params)
    return str(claims_of(answer.id_token or "")["sub"])


def user_info(before: World, access_token: str) -> dict[str, Any]:
    """The userinfo document."""
    document: dict[str, Any] = json.loads(before.when(GetUserInfo(access_token=access_token)).result.document)
    return document


def test_subject_is_one_within_a_sector_and_another_beyond() -> None:
    """OIDC Core section 8.1: by the host of the redirect URIs, and never the user's id."""
    before = pair_world()
    here = subject(before, "one")
    assert here == subject(before, "two")
    after, code = signed_in(before, "far", redirect_uri=ELSEWHERE)
    there = claims_of(after.when(redeem(code, "far", redirect_uri=ELSEWHERE)).result.id_token)["sub"]
    assert len({here, there, "ada"}) == 3
    assert "ada" not in here


def test_sector_may_be_named() -> None:
    """OIDC Core section 8.1: applications on several hosts are one sector by its URI."""
    named = PAIRWISE.model_copy(update={"sector_identifier_uri": "https://other.example.net/sector.json"})
    before = pair_world(named=named)
    assert subject(before, "named") != subject(before, "one")


def test_everything_names_the_same_subject() -> None:
    """OIDC Core sections 5.3.2 and 12.2: ID token, access token, userinfo, introspection and refreshed tokens."""
    after, answer = tokens(pair_world(), "one", scope=OFFLINE)
    sub = claims_of(answer.id_token or "")["sub"]
    asked = IntrospectToken(params={"token": answer.access_token}, authorization=basic("one"))
    held = IntrospectToken(params={"token": answer.refresh_token or ""}, authorization=basic("one"))
    again = after.when(refresh(answer.refresh_token or "", "one")).result
    assert {
        claims_of(answer.access_token)["sub"],
        user_info(after, answer.access_token)["sub"],
        json.loads(after.when(asked).result.document)["sub"],
        json.loads(after.when(held).result.document)["sub"],
        claims_of(again.id_token)["sub"],
    } == {sub}
    assert user_info(after, answer.access_token)["name"] == "Ada Lovelace"


def test_hint_with_a_pairwise_subject_is_understood() -> None:
    """OIDC Core section 3.1.2.1: ``prompt=none`` with the application's own ID token goes straight on."""
    after, answer = tokens(pair_world(), "one")
    hinted = after.when(start("one", prompt="none", id_token_hint=answer.id_token or ""))
    assert "code" in told(hinted.result)


def test_hint_of_somebody_else_is_not() -> None:
    """The session at hand is another person's: ``login_required``, also where only hashes are compared."""
    after, answer = tokens(pair_world(), "one")
    others = after.given(session("session-2", "of-robot", "robot")).as_(ANONYMOUS)
    token = token_of("session-2", "of-robot")
    assert "code" in told(others.when(start("one", token, prompt="none")).result)
    refused = others.when(start("one", token, prompt="none", id_token_hint=answer.id_token or ""))
    assert told(refused.result)["error"] == "login_required"


def test_logout_with_a_pairwise_hint_needs_no_question() -> None:
    """OIDC RP-Initiated Logout section 2: also with the ID token of an earlier session of the same person."""
    after, answer = tokens(pair_world(), "one")
    later = after.given(session("session-3", "of-ada-later"))
    for token in (SESSION_TOKEN, token_of("session-3", "of-ada-later")):
        asked = EndOidcSession(params={"id_token_hint": answer.id_token or ""}, session_token=token)
        assert later.when(asked).result.kind is LogoutKind.DONE


# --- forms -----------------------------------------------------------------------------------------------------------


def with_key(before: World, algorithm: str) -> World:
    """The world with one more key that signs."""
    one = signing_key(algorithm, 9)
    made = SigningKeyCreated(key_id=one.key_id, algorithm=algorithm, private=one.private, public=dict(one.public))
    return before.given(SIGNING_KEYS.append(SIGNING_KEYS_ID, made, SigningKeyActivated(key_id=one.key_id)))


@pytest.mark.parametrize("algorithm", ["RS256", "ES256", "PS256", "ES384"])
def test_user_info_is_signed_for_who_registered_that(algorithm: str) -> None:
    """OIDC Core section 5.3.2: a JWT with issuer and audience, in its own media type."""
    metadata = ClientMetadata(userinfo_signed_response_alg=SigningAlgorithm(algorithm))
    before = with_key(world(application("bank", client_metadata=metadata)), algorithm)
    after, answer = tokens(before, "bank")
    told_of = after.when(GetUserInfo(access_token=answer.access_token)).result
    assert told_of.media_type == "application/jwt"
    claims = claims_of(told_of.document)
    assert (claims["iss"], claims["aud"], claims["sub"]) == (ISSUER, "bank", "ada")


def test_signed_user_info_is_no_hint() -> None:
    """Confusion of one JWT with another (RFC 8725 section 3.12): it has the type, issuer and audience of ID tokens."""
    metadata = ClientMetadata(userinfo_signed_response_alg=SigningAlgorithm.RS256)
    after, answer = tokens(world(application("bank", client_metadata=metadata)), "bank", scope=OFFLINE)
    signed = after.when(GetUserInfo(access_token=answer.access_token)).result.document
    refused = after.when(start("bank", prompt="none", id_token_hint=signed))
    assert told(refused.result)["error"] == "invalid_request"
    end = EndOidcSession(params={"id_token_hint": signed}, session_token=SESSION_TOKEN)
    after.when(end).refused(InvalidRequest)
    end = EndOidcSession(params={"id_token_hint": answer.id_token or ""}, session_token=SESSION_TOKEN)
    assert after.when(end).result.kind is LogoutKind.DONE


@pytest.mark.parametrize(("algorithm", "length"), [("ES256", 22), ("ES384", 32), ("Ed25519", 43)])
def test_id_token_is_signed_as_registered(algorithm: str, length: int) -> None:
    """OIDC Core section 3.1.3.6: the hash of the access token goes by the algorithm."""
    metadata = ClientMetadata(id_token_signed_response_alg=SigningAlgorithm(algorithm))
    before = with_key(world(application("bank", client_metadata=metadata)), algorithm)
    _, answer = tokens(before, "bank")
    assert len(str(claims_of(answer.id_token or "")["at_hash"])) == length


@pytest.mark.parametrize("algorithm", ["", "RS256", "PS256", "Ed25519"])
def test_access_token_is_signed_as_the_application_has_it(algorithm: str) -> None:
    """RFC 9068 section 2.1: RS256 can be had, ES256 is usual; whatever it is, the token says what it is and works."""
    metadata = ClientMetadata.model_validate({"access_token_signed_response_alg": algorithm} if algorithm else {})
    before = world(application("bank", client_metadata=metadata))
    after, answer = tokens(before if algorithm in {"", "RS256"} else with_key(before, algorithm), "bank")
    header = header_of(answer.access_token)
    assert (header["alg"], header["typ"]) == (algorithm or "ES256", "at+jwt")
    assert json.loads(after.when(GetUserInfo(access_token=answer.access_token)).result.document)["sub"] == "ada"


def test_plain_user_info_stays_json() -> None:
    """Whoever registered nothing is told in JSON."""
    after, answer = tokens(world())
    assert after.when(GetUserInfo(access_token=answer.access_token)).result.media_type == "application/json"


JWKS = json.dumps({"keys": [{"kty": "RSA", "kid": "mine", "use": "enc", "n": "AQ", "e": "AQAB"}]})
MINE = json.dumps({"kid": "mine"})


@pytest.mark.parametrize("signed", [SigningAlgorithm.UNSPECIFIED, SigningAlgorithm.RS256])
def test_who_registered_encryption_is_told_nothing_in_the_clear(signed: SigningAlgorithm) -> None:
    """OIDC Core sections 2 and 5.3.2: ID token and userinfo are nested in a JWE; userinfo may be unsigned in it."""
    metadata = ClientMetadata(
        jwks=JWKS,
        id_token_encrypted_response_alg=KeyAlgorithm.RSA_OAEP_256,
        userinfo_signed_response_alg=signed,
        userinfo_encrypted_response_alg=KeyAlgorithm.RSA_OAEP_256,
        userinfo_encrypted_response_enc=ContentAlgorithm.A256GCM,
    )
    after, answer = tokens(world(application("bank", client_metadata=metadata)), "bank")
    opened = decrypted(answer.id_token or "", (MINE,))
    assert opened is not None
    assert (claims_of(opened.content)["sub"], opened.encryption) == ("ada", "A128CBC-HS256")
    told_of = after.when(GetUserInfo(access_token=answer.access_token)).result
    inner = decrypted(told_of.document, (MINE,))
    assert inner is not None
    claims = claims_of(inner.content) if signed is SigningAlgorithm.RS256 else json.loads(inner.content)
    assert (claims["sub"], inner.encryption, told_of.media_type) == ("ada", "A256GCM", "application/jwt")


def test_without_a_key_to_encrypt_to_nothing_is_told() -> None:
    """Fail closed: who wanted it secret does not get it in the clear."""
    metadata = ClientMetadata(userinfo_encrypted_response_alg=KeyAlgorithm.RSA_OAEP_256)
    after, answer = tokens(world(application("bank", client_metadata=metadata)), "bank")
    after.when(GetUserInfo(access_token=answer.access_token)).refused(ClientKeyUnusable)
