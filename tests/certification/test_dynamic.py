"""The modules of the Dynamic plan and of third-party initiated login: clients that have registered themselves.

Nothing is done over HTTP here, so that what a client publishes at its own addresses can be told and changed.
"""

import json
from dataclasses import dataclass, replace

import pytest
from pydantic import JsonValue

from hexkeep.core.authrequest.messages import StartAuthorization
from hexkeep.core.consent.messages import GrantConsent
from hexkeep.core.kernel.ask import KeyPair
from hexkeep.core.kernel.outside import Fetched
from hexkeep.core.kernel.permission import ANONYMOUS
from hexkeep.core.oidc.discovery import TOKEN
from hexkeep.core.oidc.errors import InvalidClient, InvalidClientMetadata, InvalidRegisteredRedirectUri
from hexkeep.core.oidc.rfc7523 import CLIENT_ASSERTION_TYPE
from hexkeep.core.registration.clients import GetRegisteredClient, RegisterClient
from hexkeep.core.registration.settings import SetClientRegistration
from hexkeep.core.token.messages import ExchangeToken, GetUserInfo
from hexkeep.testing.decisions import ISSUER, Outcome, World
from hexkeep.testing.jose import claims_of, header_of, jwt, part, signing_key
from tests.unit.core import oidc_world
from tests.unit.core.oidc_world import SESSION_TOKEN, resume, told
from tests.unit.core.worlds import caller

CALLBACK = "https://client.example.com/callback"
KEYS_AT = "https://client.example.com/jwks"
SECTOR = "https://client.example.com/redirect_uris.json"
REQUEST_AT = "https://client.example.com/request.jwt"
REFRESHING: list[JsonValue] = ["authorization_code", "refresh_token"]
KEY, NEWER = signing_key("RS256", 41), signing_key("RS256", 42)
Document = dict[str, JsonValue]


@dataclass(frozen=True)
class Registered:
    """A client that signs its assertions, and the world in which it is known."""

    world: World
    document: Document
    audience: str = ISSUER

    @property
    def id(self) -> str:
        """Under which name it is known."""
        return str(self.document["client_id"])

    def request(self, **changes: str) -> dict[str, str]:
        """A good authorization request, changed; an empty value takes a parameter away."""
        usual = {"client_id": self.id, "redirect_uri": CALLBACK, "response_type": "code", "scope": "openid"}
        asked = {**usual, "state": "s", "nonce": "n", **changes}
        return {name: value for name, value in asked.items() if value}

    def code(self, params: dict[str, str]) -> tuple[World, str]:
        """The code that Ada's browser brings back after she has agreed."""
        asked = self.world.when(StartAuthorization(params=params, session_token=SESSION_TOKEN))
        step = asked.result
        assert step.kind == "consent", step
        request_id = step.auth_request_id
        agreed = asked.world.when(GrantConsent(auth_request_id=request_id, session_token=SESSION_TOKEN)).world
        answer = agreed.when(resume(request_id))
        return answer.world, told(answer.result)["code"]

    def token_request(self, now: World, pair: KeyPair = KEY, /, **params: str) -> ExchangeToken:
        """A token request that the client signs for itself; the audience is the issuer unless it has another."""
        moment = int(now.now.timestamp())
        claims: Document = {"iss": self.id, "sub": self.id, "aud": self.audience, "iat": moment, "exp": moment + 60}
        assertion = jwt(pair.private, "", {**claims, "jti": f"{moment}-{pair.key_id}-{len(params)}"})
        shown = {"client_assertion": assertion, "client_assertion_type": CLIENT_ASSERTION_TYPE}
        return ExchangeToken(params={**params, **shown})

    def signs_in(self, **changes: str) -> Outcome:
        """From the authorization request to the tokens."""
        after, code = self.code(self.request(**changes))
        form = {"grant_type": "authorization_code", "code": code, "redirect_uri": CALLBACK}
        return after.when(self.token_request(after, **form))


def publishing(before: World, *now: KeyPair, renewed: KeyPair | None = None, **pages: str) -> World:
    """The world in which the client publishes keys, and other things at its addresses."""
    answerer = before.answerer.copy()
    answerer.key_sets[KEYS_AT] = tuple(one.public for one in now)
    answerer.renewed |= {KEYS_AT: (renewed.public,)} if renewed else {}
    places = {"sector": SECTOR, "request": REQUEST_AT}
    answerer.pages |= {places[name]: Fetched(200, text) for name, text in pages.items()}
    return replace(before, answerer=answerer)


OWNED = oidc_world.world().as_(caller("INSTANCE_OWNER"))
SETTINGS = SetClientRegistration.model_validate({"mode": "open", "project_id": "shop"})
LEGACY = SETTINGS.model_copy(update={"token_endpoint_audience": True})
OPEN = publishing(OWNED.when(SETTINGS).world.as_(ANONYMOUS), KEY)
"""Everybody may register clients, and one publishes its key."""


def registering(before: World = OPEN, /, **document: JsonValue) -> Outcome:
    """The registration of the suite: `private_key_jwt`, with the keys at an address."""
    usual: Document = {
        "redirect_uris": [CALLBACK],
        "token_endpoint_auth_method": "private_key_jwt",
        "grant_types": ["authorization_code"],
        "response_types": ["code"],
        "jwks_uri": KEYS_AT,
    }
    return before.when(RegisterClient(document=json.dumps({**usual, **document})))


def registered(before: World = OPEN, /, **document: JsonValue) -> Registered:
    """A client that is known by now."""
    outcome = registering(before, **document)
    return Registered(outcome.world, json.loads(outcome.result.document))


def test_oidcc_server_and_client_assertion_with_issuer_as_audience() -> None:
    """`oidcc-server` and `oidcc-ensure-client-assertion-with-iss-aud-succeeds`."""
    tokens = registered().signs_in().result
    assert claims_of(tokens.id_token)["sub"] == "ada"
    assert tokens.access_token


def test_client_assertion_with_token_endpoint_as_audience() -> None:
    """What every module but the last of the plan sends: refused, unless the instance lets such clients do that."""
    endpoint = f"{ISSUER}{TOKEN}"
    replace(registered(), audience=endpoint).signs_in().refused(InvalidClient)
    legacy = publishing(OWNED.when(LEGACY).world.as_(ANONYMOUS), KEY)
    for audience in (endpoint, ISSUER):
        assert replace(registered(legacy), audience=audience).signs_in().result.id_token
    replace(registered(legacy), audience=f"{ISSUER}/elsewhere").signs_in().refused(InvalidClient)


def test_oidcc_idtoken_rs256() -> None:
    """Asked for, and told in the header."""
    tokens = registered(id_token_signed_response_alg="RS256").signs_in().result
    assert header_of(tokens.id_token)["alg"] == "RS256"


def test_oidcc_idtoken_unsigned() -> None:
    """Nobody registers `none` for ID tokens; the suite skips the module, for discovery does not have it."""
    registering(id_token_signed_response_alg="none").refused(InvalidClientMetadata)


def test_oidcc_userinfo_rs256() -> None:
    """A JWT of ours for this client about the person of the ID token (OIDC Core section 5.3.2)."""
    client = registered(userinfo_signed_response_alg="RS256")
    outcome = client.signs_in()
    answer = outcome.world.when(GetUserInfo(access_token=outcome.result.access_token)).result
    assert (answer.media_type, header_of(answer.document)["alg"]) == ("application/jwt", "RS256")
    told_ = claims_of(answer.document)
    assert (told_["iss"], told_["aud"], told_["sub"]) == (ISSUER, client.id, claims_of(outcome.result.id_token)["sub"])


def test_oidcc_redirect_uri_regfrag() -> None:
    """An address with a fragment is not registered."""
    registering(redirect_uris=[CALLBACK + "#foobar"]).refused(InvalidRegisteredRedirectUri)


def test_oidcc_registration_jwks_uri() -> None:
    """The keys are where the client says."""
    client = registered()
    assert client.document["jwks_uri"] == KEYS_AT
    assert client.signs_in().result.id_token


def test_oidcc_refresh_token_rp_key_rotation() -> None:
    """A minute after the client has published another key, that one is good, and the former one is not any more."""
    client = registered(grant_types=REFRESHING)
    signed_in = client.signs_in(scope="openid offline_access", prompt="consent")
    rotated = publishing(signed_in.world.later(seconds=60), KEY, renewed=NEWER)
    form = {"grant_type": "refresh_token", "refresh_token": signed_in.result.refresh_token}
    refreshed = rotated.when(client.token_request(rotated, NEWER, **form))
    assert claims_of(refreshed.result.id_token)["sub"] == "ada"
    forgotten = publishing(signed_in.world.later(minutes=10), NEWER)
    forgotten.when(client.token_request(forgotten, KEY, **form)).refused(InvalidClient)


def test_oidcc_registration_sector_uri() -> None:
    """A pairwise client whose address stands where its sector says; its subject is its own."""
    before = publishing(OPEN, KEY, sector=json.dumps([CALLBACK]))
    client = registered(before, subject_type="pairwise", sector_identifier_uri=SECTOR)
    assert client.document["sector_identifier_uri"] == SECTOR
    assert claims_of(client.signs_in().result.id_token)["sub"] != "ada"


def test_oidcc_registration_sector_bad() -> None:
    """One whose address does not stand there is refused."""
    before = publishing(OPEN, KEY, sector=json.dumps(["https://client.example.com/other"]))
    registering(before, subject_type="pairwise", sector_identifier_uri=SECTOR).refused(InvalidClientMetadata)


def test_oidcc_request_uri_signed_rs256() -> None:
    """A signed request object at the client's own address, with nothing but the reference beside it."""
    client = registered(request_uris=[REQUEST_AT], request_object_signing_alg="RS256")
    claims: Document = {**client.request(state="inside"), "iss": client.id, "aud": ISSUER}
    at = publishing(client.world, KEY, request=jwt(KEY.private, "oauth-authz-req+jwt", claims))
    after, code = replace(client, world=at).code({"client_id": client.id, "request_uri": REQUEST_AT})
    form = {"grant_type": "authorization_code", "code": code, "redirect_uri": CALLBACK}
    assert after.when(client.token_request(after, **form)).result.id_token


def unsigned(client: Registered, **changes: str) -> str:
    """The client's request in an object that nobody signed, which says nothing of itself."""
    return f"{part({'alg': 'none'})}.{part({**client.request(**changes)})}."


@pytest.mark.parametrize("algorithm", [None, "none"], ids=["nothing", "none"])
def test_oidcc_request_uri_unsigned(algorithm: str | None) -> None:
    """An object that nobody signed at the client's own address, of one that registered nothing else of it."""
    client = registered(request_uris=[REQUEST_AT], request_object_signing_alg=algorithm)
    at = publishing(client.world, KEY, request=unsigned(client, state="inside"))
    params = {"client_id": client.id, "redirect_uri": CALLBACK, "request_uri": REQUEST_AT}
    after, code = replace(client, world=at).code(params)
    form = {"grant_type": "authorization_code", "code": code, "redirect_uri": CALLBACK}
    assert after.when(client.token_request(after, **form)).result.id_token


def test_unsigned_request_uri_of_a_client_that_signs() -> None:
    """Who registered an algorithm is held to it: `request_uri_not_supported`."""
    client = registered(request_uris=[REQUEST_AT], request_object_signing_alg="RS256")
    at = publishing(client.world, KEY, request=unsigned(client))
    params = {"client_id": client.id, "redirect_uri": CALLBACK, "request_uri": REQUEST_AT}
    refused = at.when(StartAuthorization(params=params, session_token=SESSION_TOKEN))
    assert told(refused.result)["error"] == "request_uri_not_supported"


def test_oidcc_ensure_request_object_with_redirect_uri() -> None:
    """The address in the object counts, and not the one beside it that is not registered."""
    client = registered()
    params = {"client_id": client.id, "redirect_uri": CALLBACK + "/other", "request": unsigned(client)}
    after, code = client.code(params)
    form = {"grant_type": "authorization_code", "code": code, "redirect_uri": CALLBACK}
    assert after.when(client.token_request(after, **form)).result.id_token


def test_oidcc_3rd_party_init_login() -> None:
    """`oidcc-3rd_party-init-login`: it is registered, and told whoever asks for the registration later."""
    uri = "https://client.example.com/initiate_login"
    client = registered(initiate_login_uri=uri)
    assert client.document["initiate_login_uri"] == uri
    read = GetRegisteredClient(client_id=client.id, token=str(client.document["registration_access_token"]))
    assert json.loads(client.world.when(read).result.document)["initiate_login_uri"] == uri


def test_oidcc_3rd_party_init_login_nohttps() -> None:
    """`oidcc-3rd_party-init-login-nohttps`: invalid_client_metadata."""
    error = registering(initiate_login_uri="http://client.example.com/initiate_login").refused(InvalidClientMetadata)
    assert isinstance(error, InvalidClientMetadata)
    assert error.error == "invalid_client_metadata"


def test_oidcc_refresh_token() -> None:
    """`oidcc-refresh-token` as the Dynamic plan has it: with `offline_access`, and of no use to another client."""
    client = registered(grant_types=REFRESHING)
    signed_in = client.signs_in(scope="openid offline_access", prompt="consent")
    form = {"grant_type": "refresh_token", "refresh_token": signed_in.result.refresh_token}
    other = registered(signed_in.world, grant_types=REFRESHING)
    stolen = other.world.when(other.token_request(other.world, **form))
    assert stolen.error is not None
    later = signed_in.world.later(seconds=1)
    assert claims_of(later.when(client.token_request(later, **form)).result.id_token)["sub"] == "ada"
