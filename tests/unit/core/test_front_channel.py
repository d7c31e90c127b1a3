"""Tokens in the authorization response: who gets which, how they are carried, and on what they rest."""

import pytest

from hexkeep.core.application.client_metadata import ClientMetadata, ClientProfile
from hexkeep.core.authrequest.events import AuthorizationCodeIssued, AuthorizationTokensIssued
from hexkeep.core.consent.events import ConsentGranted, ConsentRevoked
from hexkeep.core.consent.state import CONSENT, consent_id
from hexkeep.core.kernel.aggregate import Append
from hexkeep.core.oidc.errors import InvalidGrant, InvalidToken
from hexkeep.core.oidc.oidc_core import half_hash
from hexkeep.core.session.events import SessionEnded
from hexkeep.core.session.state import SESSION
from hexkeep.core.token.events import TokenFamilyStarted
from hexkeep.core.token.messages import GetUserInfo
from hexkeep.testing.answers import claims_of
from hexkeep.testing.decisions import ISSUER, World
from tests.unit.core.oidc_world import application, redeem, start, told, world

TYPES = ("code", "id_token", "id_token token", "code id_token", "code token", "code id_token token")
GRANTS = ("authorization_code", "implicit", "refresh_token")
NONCE = {"nonce": "n-1"}


def hybrid(**metadata: object) -> World:
    """A world with an application that registered for everything."""
    return world(
        application(
            "all",
            grant_types=GRANTS,
            client_metadata=ClientMetadata.model_validate({"response_types": TYPES, **metadata}),
        )
    )


def carried(response_type: str) -> set[str]:
    """What a response of a type has besides state and issuer."""
    words = set(response_type.split())
    token = {"access_token", "token_type", "expires_in", "scope"} if "token" in words else set()
    return (words & {"code", "id_token"}) | token


@pytest.mark.parametrize("response_type", [*TYPES, "token id_token", "id_token code", "token code id_token"])
def test_each_type_gets_what_it_names(response_type: str) -> None:
    """Multiple Response Type Encoding Practices section 5: in any order, in the fragment unless it is a code alone."""
    step = hybrid().when(start("all", response_type=response_type, **NONCE)).result
    answer = told(step)
    assert answer.keys() == carried(response_type) | {"state", "iss"}
    assert (answer["state"], answer["iss"]) == ("xyz", ISSUER)
    assert ("#" in step.redirect_to) is (response_type != "code")


@pytest.mark.parametrize("response_type", TYPES)
def test_form_carries_any_answer_and_any_error(response_type: str) -> None:
    """Form Post Response Mode section 2: nothing of it is in the address."""
    params = {"response_type": response_type, "response_mode": "form_post", **NONCE}
    good = hybrid().when(start("all", **params)).result
    bad = hybrid().when(start("all", prompt="none", token="", **params)).result
    assert good.fields.keys() == carried(response_type) | {"state", "iss"}
    assert (bad.fields["error"], bad.fields["state"], bad.fields["iss"]) == ("login_required", "xyz", ISSUER)
    for step in (good, bad):
        assert (step.kind, step.redirect_to) == ("form_post", "https://shop.example.com/cb")


@pytest.mark.parametrize("response_type", TYPES[1:])
def test_tokens_never_stand_in_a_query(response_type: str) -> None:
    """Section 3: the wish for a query is refused, and the refusal comes in the fragment."""
    step = hybrid().when(start("all", response_type=response_type, response_mode="query", **NONCE)).result
    assert told(step)["error"] == "invalid_request"
    assert "#" in step.redirect_to


@pytest.mark.parametrize("response_type", TYPES[1:])
def test_types_that_are_not_registered_are_refused(response_type: str) -> None:
    """RFC 9700 section 2.1.2: by default there is the code alone; the grant has to be registered as well."""
    asked = start("web", response_type=response_type, **NONCE)
    assert told(world().when(asked).result)["error"] == "unauthorized_client"
    registered = application("web", client_metadata=ClientMetadata.model_validate({"response_types": TYPES}))
    assert told(world(registered).when(asked).result)["error"] == "unauthorized_client"


@pytest.mark.parametrize(
    "metadata",
    [
        {"profile": ClientProfile.OAUTH_2_1},
        {"profile": ClientProfile.FAPI_2_SECURITY},
        {"dpop_bound_access_tokens": True},
        {"tls_client_certificate_bound_access_tokens": True},
    ],
    ids=str,
)
def test_strict_clients_get_no_tokens_from_the_front(metadata: dict[str, object]) -> None:
    """OAuth 2.1 and FAPI 2.0 know the code alone; a token in an address can be bound to nobody."""
    step = hybrid(**metadata).when(start("all", response_type="code token", **NONCE)).result
    assert told(step)["error"] in {"unauthorized_client", "invalid_request"}
    assert "access_token" not in step.redirect_to


@pytest.mark.parametrize("response_type", ["code code", "code token token", "none", "token", "CODE", "code  token"])
def test_what_is_no_response_type_is_told(response_type: str) -> None:
    """RFC 6749 section 4.1.2.1. A bare access token is none of OpenID Connect, and not offered."""
    step = hybrid().when(start("all", response_type=response_type, **NONCE)).result
    assert told(step)["error"] == "unsupported_response_type"


@pytest.mark.parametrize(("missing", "response_type"), [(name, one) for name in ("nonce", "scope") for one in TYPES])
def test_id_token_from_the_front_needs_nonce_and_openid(missing: str, response_type: str) -> None:
    """OIDC Core sections 3.2.2.1 and 3.3.2.11: or it could be replayed, and would be no OpenID Connect at all."""
    params = {"response_type": response_type, **NONCE, missing: ""}
    answer = told(hybrid().when(start("all", **params)).result)
    assert (answer.get("error") == "invalid_request") is ("id_token" in response_type)


def test_id_token_is_bound_to_all_that_comes_with_it() -> None:
    """OIDC Core sections 3.2.2.10 and 3.3.2.11: `at_hash`, `c_hash`; `s_hash` binds it to the request as well."""
    answer = told(hybrid().when(start("all", response_type="code id_token token", **NONCE)).result)
    claims = claims_of(answer["id_token"])
    beside = {"at_hash": answer["access_token"], "c_hash": answer["code"], "s_hash": "xyz"}
    assert {name: claims[name] for name in beside} == {name: half_hash(of, "RS256") for name, of in beside.items()}
    assert (claims["nonce"], claims["aud"], claims["sub"], claims["sid"]) == ("n-1", "all", "ada", "session-1")
    alone = claims_of(told(hybrid().when(start("all", response_type="id_token", **NONCE)).result)["id_token"])
    assert not {"at_hash", "c_hash"} & alone.keys()


@pytest.mark.parametrize("response_type", TYPES[1:])
def test_tokens_from_the_front_found_the_family_of_the_request(response_type: str) -> None:
    """So that one revocation, one list and one logout know them like any other."""
    request, family, *_ = hybrid().when(start("all", response_type=response_type, **NONCE)).changes
    assert isinstance(request, Append)
    assert isinstance(family, Append)
    issued = AuthorizationCodeIssued if "code" in response_type else AuthorizationTokensIssued
    assert request.events[1] == issued(user_id="ada", session_id="session-1")
    (started,) = family.events
    assert isinstance(started, TokenFamilyStarted)
    assert (family.ref.id, started.client_id, started.grant_type) == ("id-1", "all", "implicit")


def test_access_token_of_the_front_ends_with_its_session() -> None:
    """Even if it was asked for offline use: that is for what is redeemed (OIDC Core section 11)."""
    outcome = hybrid().when(start("all", response_type="id_token token", scope="openid offline_access", **NONCE))
    answer = told(outcome.result)
    asked = GetUserInfo(access_token=answer["access_token"])
    assert answer["scope"] == "openid"
    assert '"sub":"ada"' in outcome.world.when(asked).result.document
    outcome.world.given(SESSION.append("session-1", SessionEnded())).when(asked).refused(InvalidToken)


def test_code_of_a_hybrid_response_is_redeemed_once() -> None:
    """OIDC Core section 3.3.3: with offline use; its reuse ends what came beside it as well."""
    asked = start("all", response_type="code token", scope="openid offline_access")
    outcome = hybrid().when(asked)
    answer = told(outcome.result)
    redeemed = outcome.world.when(redeem(answer["code"], "all"))
    assert redeemed.result.refresh_token
    front = GetUserInfo(access_token=answer["access_token"])
    assert redeemed.world.when(front).result
    again = redeemed.world.when(redeem(answer["code"], "all"))
    assert isinstance(again.error, InvalidGrant)
    again.world.when(front).refused(InvalidToken)


def test_code_does_not_outlive_the_consent_it_was_issued_under() -> None:
    """Taken back between the answer and the redemption, it founds nothing, and revives nothing."""
    agreed = CONSENT.append(
        consent_id("ada", "all"),
        ConsentGranted(user_id="ada", client_id="all", scopes=("openid",), granted_at=hybrid().now),
    )
    outcome = hybrid().given(agreed).when(start("all", response_type="code token"))
    answer = told(outcome.result)
    later = outcome.world.later(seconds=5)
    revoked = later.given(CONSENT.append(consent_id("ada", "all"), ConsentRevoked(revoked_at=later.now)))
    revoked.when(redeem(answer["code"], "all")).refused(InvalidGrant)
    revoked.when(GetUserInfo(access_token=answer["access_token"])).refused(InvalidToken)


def test_answer_is_not_posted_to_a_native_application() -> None:
    """A private-use scheme takes no form: the refusal comes the usual way."""
    uri = "com.example.app:/cb"
    native = application("app", application_type="native", auth_method="none", secret_hash="", redirect_uris=(uri,))
    step = world(native).when(start("app", redirect_uri=uri, response_mode="form_post")).result
    assert step.redirect_to.startswith(uri + "?error=invalid_request")
