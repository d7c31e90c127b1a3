"""Clients that are known by a document at their address (draft-ietf-oauth-client-id-metadata-document)."""

import json
from collections.abc import Mapping
from dataclasses import replace

import pytest
from pydantic import JsonValue

from hexkeep.core.authrequest.messages import GetAuthRequest
from hexkeep.core.connection.messages import ListMyConnections, RevokeMyConnection
from hexkeep.core.consent.messages import GrantConsent, ListMyConsents, RevokeConsent
from hexkeep.core.kernel.operation import Empty
from hexkeep.core.kernel.outside import Fetched
from hexkeep.core.kernel.permission import ANONYMOUS, SYSTEM, Caller, CallerKind
from hexkeep.core.logout.plan import PlanLogout
from hexkeep.core.logout.settling import SettleSessions
from hexkeep.core.oidc.client_documents import FETCHES
from hexkeep.core.oidc.errors import InvalidClient, InvalidGrant, InvalidRedirectUri
from hexkeep.core.oidc.rfc7523 import CLIENT_ASSERTION_TYPE
from hexkeep.core.registration.settings import SetClientRegistration
from hexkeep.core.registration.state import RegistrationMode
from hexkeep.core.session.commands import EndMySession
from hexkeep.core.session.events import SessionClientLeft, SessionEnded
from hexkeep.core.session.state import SESSION
from hexkeep.core.token.messages import EndOidcSession, ExchangeToken
from hexkeep.testing.answers import jwt, signing_key
from hexkeep.testing.decisions import ISSUER, World
from hexkeep.testing.jose import claims_of
from tests.unit.core.oidc_world import REDIRECT_URI, SESSION_TOKEN, VERIFIER, resume, start, told, world
from tests.unit.core.people import caller

ADDRESS = "https://tool.example.net/client.json"
Document = dict[str, JsonValue]
NOTHING_ELSE: Mapping[str, JsonValue] = {}


def publishing(
    address: str = ADDRESS, changes: Mapping[str, JsonValue] = NOTHING_ELSE, *, allowed: bool = True
) -> World:
    """The world in which a document is found at an address, and clients may be known by one."""
    said: Document = {"client_id": address, "client_name": "Tool", "redirect_uris": [REDIRECT_URI], **changes}
    before = world()
    answerer = before.answerer.copy()
    document = {name: value for name, value in said.items() if value is not None}
    answerer.pages[address] = Fetched(200, json.dumps(document))
    rule = SetClientRegistration(mode=RegistrationMode.CLOSED, project_id="shop", metadata_documents=allowed)
    return replace(before.as_(SYSTEM), answerer=answerer).when(rule).world.as_(ANONYMOUS)


def code_for(before: World, client_id: str = ADDRESS, scope: str = "openid") -> tuple[World, str]:
    """A code for a client after the person has consented."""
    asked = before.when(start(client_id, scope=scope))
    assert asked.result.kind == "consent"
    request_id = asked.result.auth_request_id
    agreed = asked.world.when(GrantConsent(auth_request_id=request_id, session_token=SESSION_TOKEN))
    done = agreed.world.when(resume(request_id))
    return done.world, told(done.result)["code"]


def redeeming(code: str, **params: str) -> ExchangeToken:
    """The redemption of a code by a client that shows nothing but its address."""
    usual = {"grant_type": "authorization_code", "code": code, "redirect_uri": REDIRECT_URI, "code_verifier": VERIFIER}
    return ExchangeToken(params={**usual, "client_id": ADDRESS, **params})


def test_person_is_signed_in_to_a_client_known_by_its_document() -> None:
    """Consent is asked; then it is a public client like any other, and its document is fetched once for a while."""
    after, code = code_for(publishing())
    silent = replace(after, answerer=replace(after.answerer.copy(), pages={}))
    assert silent.when(redeeming(code)).result.id_token
    ada = silent.as_(caller("ada"))
    (agreed,) = ada.when(ListMyConsents()).result.consents
    assert (agreed.client_id, agreed.client_name) == (ADDRESS, ADDRESS)
    assert ada.when(RevokeConsent(client_id=ADDRESS)).changes


def test_person_cuts_off_a_client_known_by_its_document() -> None:
    """What it has is shown, taken back and settled as of any other, though its id is an address."""
    before = publishing(changes={"grant_types": ["authorization_code", "refresh_token"]})
    after, code = code_for(before, scope="openid offline_access")
    redeemed = after.when(redeeming(code))
    ada = redeemed.world.as_(caller("ada"))
    (shown,) = ada.when(ListMyConnections()).result.connections
    assert (shown.client_id, shown.refresh_tokens) == (ADDRESS, 1)
    cut = ada.when(RevokeMyConnection(client_id=ADDRESS)).world
    assert cut.when(ListMyConnections()).result.connections == ()
    left = cut.as_(SYSTEM).when(SettleSessions(user_id="ada", client_id=ADDRESS))
    assert left.changes == (SESSION.append("session-1", SessionClientLeft(client_id=ADDRESS, told=True)),)
    again = {"grant_type": "refresh_token", "refresh_token": redeemed.result.refresh_token, "client_id": ADDRESS}
    left.world.as_(ANONYMOUS).when(ExchangeToken(params=again)).refused(InvalidGrant)


def test_client_is_shown_with_its_host() -> None:
    """Section 6.4: anybody can call a client anything; where it is, is true."""
    before = publishing(ADDRESS, {"client_name": "Your bank"})
    assert before.when(start(ADDRESS, scope="openid", max_age="soon")).result.notice.error == "invalid_request"
    asked = before.when(start(ADDRESS, scope="openid"))
    details = GetAuthRequest(auth_request_id=asked.result.auth_request_id)
    assert asked.world.when(details).result.client_name == "Your bank (tool.example.net)"


@pytest.mark.parametrize(
    "changes",
    [
        {"client_id": None},
        {"client_id": "https://tool.example.net/other.json"},
        {"client_id": f"{ADDRESS}/"},
        {"client_secret": "shared"},
        {"client_secret_expires_at": 0},
        {"token_endpoint_auth_method": "client_secret_basic"},
        {"token_endpoint_auth_method": "client_secret_jwt"},
        {"token_endpoint_auth_method": "private_key_jwt"},
        {"redirect_uris": ["https://elsewhere.example/cb"]},
        {"redirect_uris": []},
        {"grant_types": ["authorization_code", "client_credentials"]},
        {"response_types": ["id_token"]},
        {"sector_identifier_uri": "https://tool.example.net/sector"},
        {"id_token_signed_response_alg": "PS512"},
    ],
)
def test_document_that_does_not_hold_makes_no_client(changes: Document) -> None:
    """Sections 3 and 4: it names its own address, has no secrets, and sends people to its own redirect URIs alone."""
    publishing(ADDRESS, changes).when(start(ADDRESS)).refused(InvalidRedirectUri)


@pytest.mark.parametrize(
    "address",
    [
        "https://tool.example.net",
        "https://tool.example.net/",
        "https://tool.example.net/a/../client.json",
        "https://tool.example.net/a/%2e%2e/client.json",
        "https://tool.example.net/client.json?a=b",
        "https://tool.example.net/client.json#a",
        "https://me@tool.example.net/client.json",
        "https://localhost/client.json",
        "https://127.0.0.1/client.json",
        "https://10.0.0.1/client.json",
        "http://tool.example.net/client.json",
        f"https://tool.example.net/{'a' * 500}",
    ],
)
def test_address_has_to_be_one_of_a_public_document(address: str) -> None:
    """Section 3: https, with a path, and nothing that could mean another document or lead inside."""
    publishing(address).when(start(address)).refused(InvalidRedirectUri)


def test_nobody_is_known_by_a_document_unless_that_is_allowed() -> None:
    """It is off at first, and then nothing is fetched."""
    publishing(allowed=False).when(start(ADDRESS)).refused(InvalidRedirectUri)


@pytest.mark.parametrize("allowed", [True, False])
def test_discovery_tells_whether_clients_may_be_known_so(*, allowed: bool) -> None:
    """Section 5: clients look before they come by their address."""
    document = publishing(allowed=allowed).when(Empty(), "GetDiscovery").result
    assert document.client_id_metadata_document_supported is (allowed or None)


@pytest.mark.parametrize("found", [Fetched(failure="refused"), Fetched(404, "{}"), Fetched(200)])
def test_what_is_not_found_is_not_kept(found: Fetched) -> None:
    """Section 4.4: failures are forgotten at once, so that a client that mends its document is known."""
    before = publishing()
    answerer = before.answerer.copy()
    page, answerer.pages[ADDRESS] = answerer.pages[ADDRESS], found
    failed = replace(before, answerer=answerer).when(start(ADDRESS))
    failed.refused(InvalidRedirectUri)
    mended = failed.world.answerer.copy()
    mended.pages[ADDRESS] = page
    assert replace(before, answerer=mended).when(start(ADDRESS, scope="openid")).result.kind == "consent"


def test_nobody_makes_us_fetch_without_end() -> None:
    """Invented addresses of one caller are looked at so often in a minute, and no more."""
    now = publishing()
    for number in range(FETCHES):
        now = now.when(start(f"https://tool.example.net/{number}")).world
    now.when(start(ADDRESS)).refused(InvalidRedirectUri)
    assert now.later(minutes=1).when(start(ADDRESS, scope="openid")).result.kind == "consent"


def test_client_may_have_keys() -> None:
    """Section 4.1: public keys in the document, which private_key_jwt is verified with; without it nobody redeems.

    The audience is the issuer, or what the instance lets such clients name.
    """
    pair = signing_key("ES256", 1)
    real: Document = {"kty": "EC", "crv": "P-256", "x": "a" * 43, "y": "b" * 43, "kid": pair.key_id, "alg": "ES256"}
    before = publishing(ADDRESS, {"token_endpoint_auth_method": "private_key_jwt", "jwks": {"keys": [real]}})
    after, code = code_for(before)
    after.when(redeeming(code)).refused(InvalidClient)
    seconds = int(after.now.timestamp())
    claims: Document = {"iss": ADDRESS, "sub": ADDRESS, "aud": ISSUER, "exp": seconds + 60, "jti": "one"}
    shown = {"client_assertion": jwt(pair.private, "", claims), "client_assertion_type": CLIENT_ASSERTION_TYPE}
    assert after.when(redeeming(code, **shown)).result.id_token
    elsewhere = jwt(pair.private, "", {**claims, "aud": f"{ISSUER}/oauth/token"})
    asks = redeeming(code, **{**shown, "client_assertion": elsewhere})
    after.when(asks).refused(InvalidClient)
    rule = {"mode": "closed", "project_id": "shop", "metadata_documents": True, "token_endpoint_audience": True}
    lenient = after.as_(SYSTEM).when(SetClientRegistration.model_validate(rule)).world.as_(ANONYMOUS)
    assert lenient.when(asks).result.id_token


def test_person_sees_what_clients_known_by_documents_have() -> None:
    """By the name in the document as long as that is at hand; listing fetches nothing, so afterwards by its host."""
    after, code = code_for(publishing())
    used = after.when(redeeming(code)).world.as_(Caller(CallerKind.USER, user_id="ada", session_id="session-1"))
    (shown,) = used.when(ListMyConnections()).result.connections
    assert (shown.client_id, shown.client_name) == (ADDRESS, "Tool (tool.example.net)")
    (later,) = used.later(minutes=10).when(ListMyConnections()).result.connections
    assert later.client_name == "tool.example.net"


def test_client_known_by_its_document_hears_of_logouts() -> None:
    """Where to is read from its document when it is told; one that wants to hear nothing is not called."""
    hears = "https://shop.example.com/backchannel"
    for wanted in (hears, None):
        after, code = code_for(publishing(ADDRESS, {"backchannel_logout_uri": wanted}))
        used = after.when(redeeming(code)).world.as_(Caller(CallerKind.USER, user_id="ada", session_id="session-1"))
        out = used.when(EndMySession(session_id="session-1"))
        out.then(SESSION.append("session-1", SessionEnded(told=(ADDRESS,))))
        asked = PlanLogout(client_id=ADDRESS, session_id="session-1", token_id="logout-1")
        plan = out.world.as_(SYSTEM).when(asked).result
        assert plan.uri == (wanted or "")
        assert not wanted or claims_of(plan.logout_token)["aud"] == ADDRESS


def test_browser_loads_the_frames_of_clients_known_by_documents() -> None:
    """Front-Channel Logout 1.0 section 3."""
    frame = "https://shop.example.com/frame"
    after, code = code_for(publishing(ADDRESS, {"frontchannel_logout_uri": frame}))
    used = after.when(redeeming(code)).world
    step = used.when(EndOidcSession(params={}, session_token=SESSION_TOKEN, confirmed=True)).result
    assert step.frames == (frame,)
