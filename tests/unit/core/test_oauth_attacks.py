"""Attacks on OAuth and OpenID Connect that go from one part of the protocol to another.

Those on a single part are tried beside its other tests; `docs/reference/oidc.md` lists all of them.
"""

import json
from collections.abc import Callable, Mapping
from typing import Any

import pytest
from pydantic import JsonValue

from hexkeep.core.application.client_metadata import ClientMetadata
from hexkeep.core.application.state import GrantType
from hexkeep.core.authrequest.messages import DenyAuthorization
from hexkeep.core.kernel.permission import ANONYMOUS, SYSTEM
from hexkeep.core.logout.plan import PlanLogout
from hexkeep.core.oidc import rfc7523, rfc8693
from hexkeep.core.oidc.errors import InsufficientScope, InvalidClient, InvalidGrant, InvalidRequest
from hexkeep.core.registration.clients import RegisterClient
from hexkeep.core.registration.settings import SetClientRegistration
from hexkeep.core.token.messages import EndOidcSession, ExchangeToken, GetUserInfo, IntrospectToken
from hexkeep.testing.answers import claims_of, jwt, self_signed, signing_key
from hexkeep.testing.decisions import ISSUER, World
from tests.unit.core.oidc_world import (
    ALL_GRANTS,
    REDIRECT_URI,
    SESSION_TOKEN,
    application,
    basic,
    redeem,
    refresh,
    resume,
    signed_in,
    start,
    tokens,
    told,
    world,
)

TOKEN_URL = f"{ISSUER}/oauth/token"
OURS = json.dumps({"keys": [dict(signing_key("ES256", 1).public), dict(signing_key("RS256", 2).public)]})
"""The instance's own public keys, in the form in which a client registers its keys."""


# --- one JWT in place of another (RFC 8725 sections 2.8, 3.11 and 3.12) ----------------------------------------------


def signs_for_it(algorithm: str) -> World:
    """A client that has registered the instance's keys as its own: what the instance signs, it seems to have signed.

    ``algorithm`` is that of its access tokens; everything else for it is signed with RS256.
    """
    metadata = {"jwks": OURS, "backchannel_logout_uri": "https://shop.example.com/bye"}
    metadata |= {"access_token_signed_response_alg": algorithm, "authorization_signed_response_alg": "RS256"}
    signed = {"userinfo_signed_response_alg": "RS256"}
    grants = (*ALL_GRANTS, GrantType.JWT_BEARER, GrantType.TOKEN_EXCHANGE)
    return world(
        application("web", grant_types=grants, client_metadata=ClientMetadata.model_validate({**metadata, **signed}))
    )


def signed_by_us(algorithm: str) -> tuple[World, dict[str, str]]:
    """Everything that the instance signs for a client about Ada, by what it is."""
    after, answer = tokens(signs_for_it(algorithm), scope="openid profile")
    shown = IntrospectToken(params={"token": answer.access_token}, authorization=basic(), signed=True)
    logout = PlanLogout(client_id="web", session_id="session-1", token_id="key-1")
    return after, {
        "access token": answer.access_token,
        "ID token": answer.id_token or "",
        "userinfo": after.when(GetUserInfo(access_token=answer.access_token)).result.document,
        "introspection": after.when(shown).result.document,
        "logout token": after.as_(SYSTEM).when(logout).result.logout_token,
        "authorization response": told(after.when(start(response_mode="jwt")).result)["response"],
    }


def grants(after: World, **params: str) -> bool:
    """Whether a token request of the client gets something."""
    header = "" if params["grant_type"] == GrantType.JWT_BEARER else basic()
    return after.when(ExchangeToken(params=params, authorization=header)).error is None


def exchanges(after: World, text: str, kind: str) -> bool:
    """Whether a token is exchanged for what it is said to be."""
    return grants(after, grant_type=GrantType.TOKEN_EXCHANGE, subject_token=text, subject_token_type=kind)


def introspects(after: World, text: str) -> bool:
    """Whether the client is told that a token holds."""
    asked = IntrospectToken(params={"token": text}, authorization=basic())
    active: bool = json.loads(after.when(asked).result.document)["active"]
    return active


DOORS: Mapping[str, Callable[[World, str], bool]] = {
    "userinfo": lambda after, text: after.when(GetUserInfo(access_token=text)).error is None,
    "introspection": introspects,
    "hint of a request": lambda after, text: "code" in told(after.when(start(id_token_hint=text)).result),
    "hint of a logout": lambda after, text: (
        after.when(EndOidcSession(params={"id_token_hint": text}, session_token=SESSION_TOKEN)).error is None
    ),
    "request object": lambda after, text: "code" in told(after.when(start(request=text)).result),
    "assertion": lambda after, text: grants(after, grant_type=GrantType.JWT_BEARER, assertion=text),
    "exchange": lambda after, text: exchanges(after, text, rfc8693.ACCESS_TOKEN),
    "exchange of an ID token": lambda after, text: exchanges(after, text, rfc8693.ID_TOKEN),
}
OPENS = {
    "access token": {"userinfo", "introspection", "exchange"},
    "ID token": {"hint of a request", "hint of a logout", "exchange of an ID token"},
}


@pytest.mark.parametrize("algorithm", ["ES256", "RS256"])
@pytest.mark.parametrize("door", DOORS)
def test_what_we_sign_is_good_for_one_purpose(door: str, algorithm: str) -> None:
    """RFC 8725 sections 2.8 and 3.12: everywhere else it is as good as nothing, even for who calls our keys its own.

    So it is where one key signs everything.
    """
    after, signed = signed_by_us(algorithm)
    good = {kind for kind, text in signed.items() if DOORS[door](after, text)}
    assert good == {kind for kind in signed if door in OPENS.get(kind, set())}


NOT_KEYS = ["../../../etc/passwd", "key-1' OR '1'='1", "https://evil.example/jwks", "key-1?x=1", "key-1\0", "/", ""]


@pytest.mark.parametrize("kid", NOT_KEYS)
def test_name_of_a_key_is_nothing_but_a_name(kid: str) -> None:
    """RFC 8725 section 3.10: neither a path nor a query nor an address; nothing is looked for that it could lead to."""
    now = int(world().now.timestamp())
    claims: dict[str, JsonValue] = {"iss": "robot", "sub": "robot", "aud": ISSUER, "exp": now + 60, "jti": "one"}
    forged = jwt(json.dumps({"alg": "ES256", "kid": kid}), "", claims)
    world().when(ExchangeToken(params={"grant_type": rfc7523.GRANT_TYPE, "assertion": forged})).refused(InvalidGrant)
    shown = {"client_assertion": forged, "client_assertion_type": rfc7523.CLIENT_ASSERTION_TYPE}
    world().when(ExchangeToken(params={"grant_type": "client_credentials", **shown})).refused(InvalidClient)


# --- a client in place of a person (RFC 9700 section 4.15) -----------------------------------------------------------


def test_client_with_the_id_of_a_person_is_not_that_person() -> None:
    """RFC 9700 section 4.15: its own token tells nothing of her, and is for nobody who would take it for hers."""
    before = world(application("ada", api_access=True))
    params = {"grant_type": "client_credentials", "scope": "openid profile urn:hexkeep:api"}
    outcome = before.when(ExchangeToken(params=params, authorization=basic("ada")))
    answer = outcome.result
    claims = claims_of(answer.access_token)
    assert (claims["sub"], claims["client_id"], claims["aud"], answer.scope) == ("ada", "ada", ["ada", "shop"], "")
    outcome.world.when(GetUserInfo(access_token=answer.access_token)).refused(InsufficientScope)
    exchange = {"grant_type": GrantType.TOKEN_EXCHANGE, "subject_token_type": rfc8693.ACCESS_TOKEN}
    service = application("orders", grant_types=(GrantType.TOKEN_EXCHANGE,))
    passed = ExchangeToken(params={**exchange, "subject_token": answer.access_token}, authorization=basic("orders"))
    outcome.world.given(service).when(passed).refused(InvalidRequest)


def test_nobody_chooses_the_id_of_a_client() -> None:
    """RFC 9700 section 4.15: who registers a client gets a name for it, and cannot wish for somebody's."""
    rule = SetClientRegistration.model_validate({"mode": "open", "project_id": "shop"})
    opened = world().as_(SYSTEM).when(rule).world.as_(ANONYMOUS)
    body = {"client_id": "ada", "redirect_uris": ["https://evil.example/cb"]}
    outcome = opened.when(RegisterClient(document=json.dumps(body)))
    assert json.loads(outcome.result.document)["client_id"] != "ada"


# --- a refresh token in the wrong hands (RFC 9700 section 4.14) ------------------------------------------------------


def test_grace_is_for_the_client_alone() -> None:
    """An answer may get lost; whoever found the token before it is let in no more for that than at any other time."""
    after, first = tokens(world(application("other")), scope="openid offline_access")
    rotated = after.when(refresh(first.refresh_token or "")).world
    for stranger in ("other", "spa"):
        rotated.when(refresh(first.refresh_token or "", stranger)).refused(InvalidGrant)
    nobody = refresh(first.refresh_token or "").model_copy(update={"authorization": ""})
    rotated.when(nobody).refused(InvalidClient)
    assert rotated.when(refresh(first.refresh_token or "")).result.access_token


def test_grace_is_for_the_key_alone() -> None:
    """A public client's token is bound to its key in its last seconds as well."""
    after, code = signed_in(world(), "spa", scope="openid offline_access")

    def with_key(request: ExchangeToken, key: str, jti: str) -> ExchangeToken:
        said: dict[str, JsonValue] = {"htm": "POST", "htu": TOKEN_URL, "iat": int(after.now.timestamp()), "jti": jti}
        return request.model_copy(update={"dpop": self_signed(said, key=key), "url": TOKEN_URL})

    first = after.when(with_key(redeem(code, "spa"), "ada", "1"))
    again = refresh(first.result.refresh_token, "spa")
    rotated = first.world.when(with_key(again, "ada", "2")).world
    rotated.when(with_key(again, "mallory", "3")).refused(InvalidGrant)
    rotated.when(again).refused(InvalidGrant)
    assert rotated.when(with_key(again, "ada", "4")).result.access_token


# --- somebody else's answer (RFC 9700 sections 4.5 and 4.7) ----------------------------------------------------------


def test_code_of_one_sign_in_does_not_end_another() -> None:
    """RFC 9700 section 4.5: a stolen code, put into another sign-in of the same client, meets another verifier."""
    after, stolen = signed_in(world())
    mine = "a-verifier-of-the-attackers-own-that-is-long-enough"
    outcome = after.when(redeem(stolen, code_verifier=mine))
    outcome.refused(InvalidGrant)
    assert outcome.world.when(redeem(stolen)).result.access_token


def test_nonce_of_a_sign_in_comes_back_unchanged() -> None:
    """RFC 9700 sections 4.5 and 4.7: by it a client sees that an ID token is not of another sign-in."""
    for nonce in ("n-0S6_WzA2Mj", "a b&c=d#e", "ü" * 100):
        _, answer = tokens(world(), nonce=nonce)
        assert claims_of(answer.id_token or "")["nonce"] == nonce


STRANGE: dict[str, Any] = {"registered": True, "uninvited": True, "consent_required": True}


def test_error_is_told_the_person_before_a_stranger() -> None:
    """RFC 9700 section 4.11.2: a client that came uninvited makes no open redirector of us by requests that are wrong.

    The answer is kept as it would have been sent, for the person to go on by choice, in session or not.
    """
    before = world(application("stranger", **STRANGE))
    for token in ("", SESSION_TOKEN):
        for wrong in ({"response_type": "token"}, {"max_age": "soon"}, {"request_uri": "https://a.example"}):
            step = before.when(start("stranger", token, **wrong)).then().result
            assert step.notice is not None
            assert told(step)["error"] == step.notice.error
            assert (told(step)["state"], step.redirect_to.startswith(REDIRECT_URI)) == ("xyz", True)
    posted = before.when(start("stranger", "", response_mode="form_post", max_age="soon")).result
    assert (posted.kind, posted.notice.error, posted.redirect_to) == ("form_post", "invalid_request", REDIRECT_URI)


def test_who_is_signed_in_is_not_sent_to_a_stranger_unasked() -> None:
    """The same section: a request that this person cannot satisfy is as good for that as one that is wrong."""
    before = world(application("stranger", **STRANGE), authorization_required=True)
    step = before.when(start("stranger")).result
    assert step.notice is not None
    assert told(step)["error"] == step.notice.error == "access_denied"
    assert step.redirect_to.startswith(f"{REDIRECT_URI}?")
    for request in (start("stranger", prompt="none"), start()):
        at_once = before.when(request).result
        assert (told(at_once)["error"], at_once.notice) == ("access_denied", None)
    asked = before.when(start("stranger", ""))
    signed_in_for_it = asked.world.when(resume(asked.result.auth_request_id, SESSION_TOKEN)).result
    assert (told(signed_in_for_it)["error"], signed_in_for_it.notice) == ("access_denied", None)


@pytest.mark.parametrize(
    "trusted",
    [
        {},
        {"registered": True, "consent_required": True},
        {**STRANGE, "consent_required": False},
    ],
    ids=["set up by a manager", "invited", "trusted by a manager"],
)
def test_error_goes_to_who_is_known_at_once(trusted: dict[str, Any]) -> None:
    """Set up by a manager, registered with an initial access token, or trusted by a manager afterwards."""
    step = world(application("known", **trusted)).when(start("known", "", max_age="soon")).result
    assert (step.kind, step.notice) == ("redirect", None)


def test_errors_that_no_page_may_be_shown_for_go_to_strangers_at_once() -> None:
    """OIDC Core section 3.1.2.1, `prompt=none`, as RFC 9700 section 4.11.2 grants; and what the person has chosen."""
    before = world(application("stranger", **STRANGE))
    for wrong in ({}, {"max_age": "soon"}):
        step = before.when(start("stranger", "", prompt="none", **wrong)).result
        assert (step.kind, step.notice) == ("redirect", None)
    asked = before.when(start("stranger", ""))
    denied = asked.world.when(DenyAuthorization(auth_request_id=asked.result.auth_request_id)).result
    assert (told(denied)["error"], denied.notice) == ("access_denied", None)
    twice = start("stranger", "", prompt="none", max_age="soon").model_copy(update={"repeated": ("prompt",)})
    assert before.when(twice).result.notice is not None
