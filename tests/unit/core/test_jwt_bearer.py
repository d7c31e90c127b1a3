"""The JWT bearer grant (RFC 7523 section 2.1) for applications; for machine users see `test_machine_key.py`."""

from typing import Any

import pytest

from hexkeep.core.application.client_metadata import ClientMetadata
from hexkeep.core.application.events import ApplicationDeactivated
from hexkeep.core.application.state import APPLICATION
from hexkeep.core.applicationkey.events import ApplicationKeyDeleted
from hexkeep.core.applicationkey.state import APPLICATION_KEY
from hexkeep.core.oidc import rfc7523
from hexkeep.core.oidc.errors import InvalidClient, InvalidGrant, InvalidRequest, UnauthorizedClient
from hexkeep.core.token.messages import ExchangeToken
from hexkeep.testing.decisions import ISSUER, Outcome, World
from hexkeep.testing.jose import claims_of, jwt, signing_key
from tests.unit.core.oidc_world import application, basic, world
from tests.unit.core.test_api_application import PRIVATE, key

TOKEN_ENDPOINT = f"{ISSUER}/oauth/token"


def services(**changes: Any) -> World:
    """An application with a key and the grant."""
    facts = {"auth_method": "private_key_jwt", "secret_hash": "", "grant_types": (rfc7523.GRANT_TYPE,), **changes}
    return world(application("keyed", **facts), APPLICATION_KEY.append("key-of-app", key()))


def shown(at: World, private: str = PRIVATE, **claims: object) -> Outcome:
    """A token request with an assertion, and nothing else."""
    now = int(at.now.timestamp())
    said: dict[str, Any] = {"iss": "keyed", "sub": "keyed", "aud": ISSUER, "exp": now + 60, "jti": "one", **claims}
    params = {"grant_type": rfc7523.GRANT_TYPE, "assertion": jwt(private, "", said), "scope": "openid"}
    return at.when(ExchangeToken(params=params))


def test_an_application_gets_a_token_for_itself_by_what_its_key_signed() -> None:
    """As client credentials give one: without a person, so without scopes that need one."""
    answer = shown(services()).result
    claims = claims_of(answer.access_token)
    assert (claims["sub"], claims["client_id"], answer.scope) == ("keyed", "keyed", "")
    assert (answer.refresh_token, answer.id_token) == (None, None)


def test_an_assertion_is_used_once() -> None:
    """On every node: what was used is kept for all."""
    first = shown(services())
    shown(first.world).refused(InvalidGrant)
    assert shown(first.world, jti="two").result.access_token


def test_what_was_a_grant_is_no_credential_any_more() -> None:
    """Whoever overhears an assertion can use it in no other place either."""
    both = (rfc7523.GRANT_TYPE, "client_credentials")
    before = services(grant_types=both)
    until = int(before.now.timestamp()) + 60
    said: dict[str, Any] = {"iss": "keyed", "sub": "keyed", "aud": ISSUER, "exp": until, "jti": "one"}
    credential = {
        "grant_type": "client_credentials",
        "client_assertion_type": rfc7523.CLIENT_ASSERTION_TYPE,
        "client_assertion": jwt(PRIVATE, "", said),
    }
    assert before.when(ExchangeToken(params=credential)).result.access_token
    shown(before).world.when(ExchangeToken(params=credential)).refused(InvalidClient)


@pytest.mark.parametrize(
    "claims",
    [
        {"aud": [ISSUER]},
        {"aud": TOKEN_ENDPOINT},
        {"aud": "https://elsewhere.example"},
        {"sub": "ada"},
        {"jti": ""},
        {"exp": 1},
        {"exp": 10**10},
        {"nbf": 10**10},
    ],
)
def test_wrong_claims_are_refused(claims: dict[str, Any]) -> None:
    """RFC 7523 section 3, with the audience as one single string: ours."""
    shown(services(), **claims).refused(InvalidGrant)


def test_old_libraries_may_name_the_token_endpoint() -> None:
    """For an application that is set so, and not under FAPI."""
    legacy = services(client_metadata=ClientMetadata(token_endpoint_audience=True))
    assert shown(legacy, aud=TOKEN_ENDPOINT).result.access_token
    strict = ClientMetadata.model_validate({"token_endpoint_audience": True, "profile": "fapi_2_security"})
    shown(services(client_metadata=strict), aud=TOKEN_ENDPOINT).refused(InvalidGrant)


def test_the_grant_is_registered() -> None:
    """A right assertion is not enough."""
    shown(services(grant_types=("authorization_code",))).refused(UnauthorizedClient)


def test_others_keys_and_gone_ones_prove_nothing() -> None:
    """Nor does an application that is switched off."""
    stranger = signing_key("ES256", 9).private
    shown(services(), stranger).refused(InvalidGrant)
    shown(services().given(APPLICATION_KEY.append("key-of-app", ApplicationKeyDeleted()))).refused(InvalidGrant)
    shown(services().given(APPLICATION.append("keyed", ApplicationDeactivated()))).refused(InvalidGrant)


def test_the_assertion_comes_alone() -> None:
    """Client authentication beside it would have to be somebody's."""
    params = {"grant_type": rfc7523.GRANT_TYPE, "assertion": "x"}
    services().when(ExchangeToken(params=params, authorization=basic("web"))).refused(InvalidRequest)
