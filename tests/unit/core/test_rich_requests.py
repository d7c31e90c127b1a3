"""Rich authorization requests (RFC 9396), from the question to the token that says what was granted."""

import json
from typing import Any

import pytest
from pydantic import JsonValue

from hexkeep.core.application.client_metadata import ClientMetadata
from hexkeep.core.authrequest.messages import GetAuthRequest, StartAuthorization
from hexkeep.core.consent.messages import GrantConsent
from hexkeep.core.oidc.errors import InvalidAuthorizationDetails
from hexkeep.testing.decisions import World
from hexkeep.testing.jose import claims_of
from tests.unit.core.fapi_world import PAYMENT, world
from tests.unit.core.oidc_world import SESSION_TOKEN, application, redeem, refresh, resume, start, told

PAY: JsonValue = {"type": "payment", "amount": "5 EUR"}
TWO: list[JsonValue] = [PAY, {"type": "payment", "amount": "7 EUR"}]
SHOP = application("rich", client_metadata=ClientMetadata(authorization_details_types=("payment",)))
WORLD = world(SHOP)


def asking(details: list[JsonValue], **params: str) -> StartAuthorization:
    """A request of an application that may ask for payments and needs no consent apart from that."""
    return start("rich", authorization_details=json.dumps(details), **params)


def agreed(before: World, request_id: str) -> World:
    """The world after Ada said yes on the consent page of a request."""
    return before.when(GrantConsent(auth_request_id=request_id, session_token=SESSION_TOKEN)).world


def granted(details: list[JsonValue], **params: str) -> tuple[World, str]:
    """The world after a request that Ada agreed to, and its code."""
    begun = WORLD.when(asking(details, **params))
    after = agreed(begun.world, begun.result.auth_request_id).when(resume(begun.result.auth_request_id))
    return after.world, told(after.result)["code"]


def test_details_are_shown_before_anything_is_granted() -> None:
    """Section 11.2: also where the application needs no consent for all the rest."""
    begun = WORLD.when(asking([PAY]))
    assert begun.result.kind == "consent"
    (one,) = begun.world.when(GetAuthRequest(auth_request_id=begun.result.auth_request_id)).result.authorization_details
    assert (one.name, one.lines) == (PAYMENT.name, ("amount: 5 EUR",))
    assert told(WORLD.when(asking([PAY], prompt="none")).result)["error"] == "consent_required"


def test_consent_to_one_request_is_none_to_another() -> None:
    """Whoever agreed to a small payment in one window has not agreed to a large one in the other."""
    large = WORLD.when(asking([{"type": "payment", "amount": "9000 EUR"}]))
    small = large.world.when(asking([PAY]))
    after = agreed(small.world, small.result.auth_request_id)
    assert after.when(resume(large.result.auth_request_id)).result.kind == "consent"
    assert told(after.when(resume(small.result.auth_request_id)).result)["code"]
    later = after.when(asking([PAY]))
    assert later.result.kind == "consent"


def test_token_and_answer_say_what_was_granted() -> None:
    """Sections 7 and 9.1: the client is told, and so is the API."""
    after, code = granted(TWO)
    answer = after.when(redeem(code, "rich")).result
    assert json.loads(answer.authorization_details) == TWO
    assert claims_of(answer.access_token)["authorization_details"] == TWO


def test_tokens_can_be_asked_for_with_less() -> None:
    """Section 6: at the redemption and at each refresh, never with more than was granted."""
    after, code = granted(TWO, scope="openid offline_access")
    outcome = after.when(redeem(code, "rich", authorization_details=json.dumps([PAY])))
    assert claims_of(outcome.result.access_token)["authorization_details"] == [PAY]
    token = outcome.result.refresh_token
    again = outcome.world.when(refresh(token, "rich"))
    assert claims_of(again.result.access_token)["authorization_details"] == TWO
    more = json.dumps([{"type": "payment", "amount": "8 EUR"}])
    outcome.world.when(refresh(token, "rich", authorization_details=more)).refused(InvalidAuthorizationDetails)
    after.when(redeem(code, "rich", authorization_details=more)).refused(InvalidAuthorizationDetails)
    assert after.when(redeem(code, "rich")).result


@pytest.mark.parametrize(
    "details",
    [[{"type": "unknown"}], [{"type": "payment"}], [{"type": "payment", "amount": "5", "x": 1}], []],
    ids=str,
)
def test_what_is_not_understood_is_not_granted(details: list[Any]) -> None:
    """Section 5: told the application as its own error."""
    assert told(WORLD.when(asking(details)).result)["error"] == "invalid_authorization_details"


def test_application_has_to_register_its_types() -> None:
    """Section 10: what it does not say that it needs it does not get."""
    outcome = WORLD.when(start(authorization_details=json.dumps([PAY])))
    assert told(outcome.result)["error"] == "invalid_authorization_details"
