"""Authorization responses as signed JWTs (JARM): codes and errors, each way, encrypted for who wants that."""

import json
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest

from hexkeep.core.application.client_metadata import ClientMetadata
from hexkeep.core.authrequest.messages import AuthorizationStep, DenyAuthorization
from hexkeep.core.oidc.errors import ClientKeyUnusable
from hexkeep.core.oidc.jarm import LIFETIME
from hexkeep.core.session.events import SessionEnded
from hexkeep.core.session.state import SESSION
from hexkeep.testing.decisions import ISSUER, World
from hexkeep.testing.jose import claims_of, decrypted, encryption_key, unpacked
from tests.unit.core.fapi_world import BANK, pushed, visit, world
from tests.unit.core.oidc_world import REDIRECT_URI, application, redeem, start

WORLD = world()


def response(step: AuthorizationStep) -> tuple[str, str]:
    """Where in the answer the one parameter is, and the JWT."""
    if step.kind == "form_post":
        found, place = step.fields, "form"
    else:
        parts = urlsplit(step.redirect_to)
        found, place = dict(parse_qsl(parts.query or parts.fragment)), "query" if parts.query else "fragment"
    assert step.redirect_to.startswith(REDIRECT_URI)
    assert list(found) == ["response"]
    return place, found["response"]


def of_client(**metadata: Any) -> World:
    """A client with this metadata."""
    registered = ClientMetadata.model_validate(metadata)
    return world(application("jarm", grant_types=("authorization_code", "implicit"), client_metadata=registered))


@pytest.mark.parametrize(
    ("mode", "place"),
    [("jwt", "query"), ("query.jwt", "query"), ("fragment.jwt", "fragment"), ("form_post.jwt", "form")],
)
def test_answer_is_one_jwt(mode: str, place: str) -> None:
    """Sections 2.1 and 2.3: for the client, from us, for a moment; with all that the answer would say."""
    outcome = WORLD.when(start(response_mode=mode))
    found, token = response(outcome.result)
    claims = claims_of(token)
    assert found == place
    assert (claims["iss"], claims["aud"], claims["state"]) == (ISSUER, "web", "xyz")
    assert claims["exp"] == int((WORLD.now + LIFETIME).timestamp())
    assert unpacked(token.split(".")[0])["alg"] == "RS256"
    assert outcome.world.when(redeem(str(claims["code"]))).result.access_token


def test_tokens_are_not_in_a_query() -> None:
    """Section 2.3: `jwt` is the fragment where there are tokens, and `query.jwt` is refused."""
    before = of_client(response_types=["code", "code id_token"])
    asked = {"response_type": "code id_token", "nonce": "n"}
    place, token = response(before.when(start("jarm", response_mode="jwt", **asked)).result)
    assert place == "fragment"
    assert {"code", "id_token"} <= claims_of(token).keys()
    refused = before.when(start("jarm", response_mode="query.jwt", **asked)).result
    assert dict(parse_qsl(urlsplit(refused.redirect_to).fragment))["error"] == "invalid_request"


def test_errors_are_told_in_a_jwt_as_well() -> None:
    """Section 2.1: those of the request, of the person, and of a session that is not there."""
    at_once = WORLD.when(start(response_mode="jwt", response_type="code", prompt="none login"))
    assert claims_of(response(at_once.result)[1])["error"] == "invalid_request"
    ended = WORLD.given(SESSION.append("session-1", SessionEnded()))
    silent = ended.when(start(response_mode="jwt", prompt="none"))
    assert claims_of(response(silent.result)[1])["error"] == "login_required"
    begun = ended.when(start(response_mode="jwt"))
    denied = begun.world.when(DenyAuthorization(auth_request_id=begun.result.auth_request_id))
    claims = claims_of(response(denied.result)[1])
    assert (claims["error"], claims["state"], claims["aud"]) == ("access_denied", "xyz", "web")


def test_algorithm_is_the_registered_one_or_that_of_the_profile() -> None:
    """Section 3: RS256 unless told otherwise; FAPI 2.0 knows none of that, so ES256."""
    token = response(
        of_client(authorization_signed_response_alg="ES256").when(start("jarm", response_mode="jwt")).result
    )
    assert unpacked(token[1].split(".")[0])["alg"] == "ES256"
    after, request_uri = pushed(WORLD, response_mode="jwt")
    token = response(visit(after, request_uri, BANK).result)
    assert unpacked(token[1].split(".")[0])["alg"] == "ES256"


def test_answer_is_encrypted_for_who_registered_that() -> None:
    """Section 2.2: signed, then encrypted; without a key to encrypt to nothing is told."""
    pair = encryption_key("RSA-OAEP-256", 41)
    wanted = {"authorization_encrypted_response_alg": "RSA-OAEP-256"}
    jwks = json.dumps({"keys": [{**pair.public, "kty": "RSA"}]})
    _, token = response(of_client(jwks=jwks, **wanted).when(start("jarm", response_mode="jwt")).result)
    opened = decrypted(token, (pair.private,))
    assert opened is not None
    assert claims_of(opened.content)["aud"] == "jarm"
    of_client(**wanted).when(start("jarm", response_mode="jwt")).refused(ClientKeyUnusable)
