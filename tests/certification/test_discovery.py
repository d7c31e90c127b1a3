"""Discovery tells exactly what the provider does: all of it is accepted, and nothing else.

What is signed and encrypted is in ``test_discovery_algorithms``. A member of the document that none of the two looks at
fails ``test_nothing_is_told_that_is_not_looked_at``.
"""

import itertools
import json
from ipaddress import ip_network
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest

from hexkeep.adapters.asgi.dispatcher import Dispatcher
from hexkeep.adapters.asgi.front import Front
from hexkeep.adapters.asgi.proxies import ClientCertificates, Proxies
from hexkeep.adapters.oidc.app import SEGMENTS, create_oidc_app
from hexkeep.adapters.web.pages import WebPages
from tests.certification.party import (
    FORM_POST,
    PKCE,
    TOKEN,
    Claims,
    Foundation,
    Party,
    Variant,
    is_error_page,
    is_login,
)
from tests.unit.adapters.site import ORIGIN, elsewhere

pytestmark = pytest.mark.asyncio(loop_scope="module")
CONFIGURATION = "/.well-known/openid-configuration"
GRANTS = {
    *("authorization_code", "refresh_token", "client_credentials", "password", "implicit"),
    *(f"urn:ietf:params:oauth:grant-type:{one}" for one in ("jwt-bearer", "device_code", "token-exchange")),
    *("urn:ietf:params:oauth:grant-type:saml2-bearer", "urn:ietf:params:oauth:grant-type:uma-ticket"),
    *("urn:openid:params:grant-type:ciba", "urn:ietf:params:oauth:grant-type:pre-authorized_code"),
}
"""All that there are in use."""
CLIENT = "client_credentials"
FLAGS = {
    "require_pushed_authorization_requests": False,
    "require_signed_request_object": False,
    "backchannel_user_code_parameter_supported": False,
    "frontchannel_logout_supported": True,
    "frontchannel_logout_session_supported": True,
    "backchannel_logout_supported": True,
    "backchannel_logout_session_supported": True,
    "grant_management_action_required": False,
}
"""Members that are looked at elsewhere: logout in test_logout and test_single_logout. That nothing has to be pushed or
signed every other test here shows."""
LOOKED_AT = {
    *("issuer", "jwks_uri", "response_types_supported", "response_modes_supported", "grant_types_supported"),
    *("subject_types_supported", "scopes_supported", "claims_supported", "claim_types_supported"),
    *("claims_parameter_supported", "acr_values_supported", "display_values_supported", "ui_locales_supported"),
    *("prompt_values_supported", "code_challenge_methods_supported", "authorization_details_types_supported"),
    *("request_parameter_supported", "request_uri_parameter_supported", "require_request_uri_registration"),
    *("authorization_response_iss_parameter_supported", "backchannel_token_delivery_modes_supported"),
    *("tls_client_certificate_bound_access_tokens", "grant_management_actions_supported", *FLAGS),
}


async def discovered(browser: httpx.AsyncClient) -> Claims:
    """The document."""
    document: Claims = (await browser.get(CONFIGURATION)).json()
    return document


async def test_oidcc_discovery_endpoint_verification(basic: Party) -> None:
    """The conditions of the module that every plan begins with."""
    response = await basic.browser.get(CONFIGURATION)
    assert (response.status_code, response.headers["content-type"]) == (200, "application/json")
    document = response.json()
    issuer = urlsplit(document["issuer"])
    assert (document["issuer"], issuer.scheme, issuer.query, issuer.fragment) == (ORIGIN, "https", "", "")
    places = [value for name, value in document.items() if name.endswith(("_endpoint", "_uri", "_iframe"))]
    assert places
    assert all(urlsplit(place).scheme == "https" for place in places)
    assert {"authorization_endpoint", "token_endpoint", "userinfo_endpoint", "jwks_uri"} <= document.keys()
    assert {"code", "id_token", "id_token token"} <= set(document["response_types_supported"])
    assert {"authorization_code", "implicit"} <= set(document["grant_types_supported"])
    assert set(document["subject_types_supported"]) <= {"public", "pairwise"}
    assert "RS256" in document["id_token_signing_alg_values_supported"]
    assert "RS256" in document["userinfo_signing_alg_values_supported"]
    assert "RS256" in document["request_object_signing_alg_values_supported"]
    assert "openid" in document["scopes_supported"]
    assert all(isinstance(value, bool) for name, value in document.items() if name.endswith("_parameter_supported"))
    lists = [value for value in document.values() if isinstance(value, list)]
    assert all(isinstance(one, str) for values in lists for one in values)
    assert all(len(values) == len(set(values)) for values in lists)
    keys = (await basic.browser.get(urlsplit(document["jwks_uri"]).path)).json()["keys"]
    assert keys
    assert len({key["kid"] for key in keys}) == len(keys)
    assert not {"d", "p", "q", "dp", "dq", "qi", "k"} & {name for key in keys for name in key}


async def test_oauth_metadata_are_the_same(basic: Party) -> None:
    """RFC 8414 section 5: an OpenID provider may publish one document at both places."""
    other = await basic.browser.get("/.well-known/oauth-authorization-server")
    assert other.json() == await discovered(basic.browser)


async def test_nothing_is_told_that_is_not_looked_at(basic: Party) -> None:
    """Whoever adds a member adds what holds it."""
    document = await discovered(basic.browser)
    rest = {name for name in document if not name.endswith(("_endpoint", "_alg_values_supported"))} - LOOKED_AT
    assert {name for name in rest if not name.endswith(("_enc_values_supported", "_auth_methods_supported"))} == set()
    assert {name: document[name] for name in FLAGS} == FLAGS


async def test_every_endpoint_is_there(foundation: Foundation, basic: Party) -> None:
    """Each answers as what it is, and what can be switched on is told when it is, and gone when it is not."""
    document = await discovered(basic.browser)
    assert not {"registration_endpoint", "check_session_iframe"} & document.keys()
    project = (await foundation.tenant.do("GetApplication", client_id=basic.client["client_id"]))["project_id"]
    await foundation.tenant.do("SetClientRegistration", mode="open", project_id=project)
    await foundation.tenant.do("SetFeature", feature="session_management", enabled=True)
    open_ = await discovered(basic.browser)
    assert open_.keys() - document.keys() == {"registration_endpoint", "check_session_iframe"}
    endpoints = {name: urlsplit(place).path for name, place in open_.items() if name.endswith("_endpoint")}
    expected = {
        "authorization_endpoint": 400,
        "end_session_endpoint": 303,
        "userinfo_endpoint": 401,
        "registration_endpoint": 400,
        "pushed_authorization_request_endpoint": 401,
        "token_endpoint": 400,
        "device_authorization_endpoint": 401,
        "backchannel_authentication_endpoint": 401,
        "revocation_endpoint": 401,
        "introspection_endpoint": 401,
        "grant_management_endpoint": 401,
    }
    endpoints["grant_management_endpoint"] += "/any"  # the address of one grant, not of a list
    browsed = {"authorization_endpoint", "end_session_endpoint", "userinfo_endpoint", "grant_management_endpoint"}
    answers = {}
    for name, path in endpoints.items():
        call = basic.browser.get(path) if name in browsed else basic.browser.post(path, **sent_to(name))
        answers[name] = (await call).status_code
    assert answers == expected
    assert (await basic.browser.get(urlsplit(open_["check_session_iframe"]).path)).status_code == 200
    await foundation.tenant.do("SetClientRegistration", mode="closed")
    await foundation.tenant.do("SetFeature", feature="session_management", enabled=False)
    assert await discovered(basic.browser) == document
    assert (await basic.browser.post(endpoints["registration_endpoint"], json={})).status_code == 403
    assert (await basic.browser.get(urlsplit(open_["check_session_iframe"]).path)).status_code == 404


def sent_to(endpoint: str) -> dict[str, Any]:
    """The least that an endpoint takes for a request of its kind."""
    return {"json": {}} if endpoint == "registration_endpoint" else {"data": {"client_id": "nobody", "token": "x"}}


async def test_response_types(foundation: Foundation) -> None:
    """Each in any order of its words; a combination that is not told is no response type."""
    types = set((await discovered(foundation.site.browser()))["response_types_supported"])
    metadata = {"response_types": tuple(sorted(types))}
    party = await foundation.party(grant_types=("authorization_code", "implicit"), client_metadata=metadata)
    words = ("code", "id_token", "token", "none")
    combinations = [" ".join(c) for n in range(1, 5) for c in itertools.combinations(words, n)]
    assert types <= set(combinations)
    async with party.browser:
        await party.through(await party.goes())
        for one in combinations:
            party.variant = Variant(" ".join(reversed(one.split())), form_post=True)
            answer = party.answered(await party.goes())
            got = {"id_token": "id_token", "code": "code", "token": "access_token"}
            if one in types:
                assert answer.keys() & set(got.values()) == {got[word] for word in one.split()}, one
            else:
                assert answer["error"] == "unsupported_response_type", one


async def test_response_modes(basic: Party) -> None:
    """Each carries the code in its way; another is refused, with an error in the usual one."""
    document = await discovered(basic.browser)
    assert document["authorization_response_iss_parameter_supported"] is True
    await basic.through(await basic.goes())
    for mode in document["response_modes_supported"]:
        response = await basic.goes(response_mode=mode)
        place = urlsplit(response.headers.get("location", ""))
        carried = {"query": place.query, "fragment": place.fragment, FORM_POST: response.text}
        way = mode.removesuffix("jwt").removesuffix(".") or "query"
        assert ("response=" if mode.endswith("jwt") else "code=") in carried[way].replace('name="', "").replace(
            '" value="', "="
        ), mode
        assert sum(bool(text) for text in carried.values()) == 1, mode
    for mode in ("web_message", "cookie", "none"):
        assert basic.answered(await basic.goes(response_mode=mode))["error"] == "unsupported_response_mode"


async def test_grant_types(foundation: Foundation) -> None:
    """A client can register each, and the token endpoint knows it; of others it says that there are none such."""
    document = await discovered(foundation.site.browser())
    told_ = set(document["grant_types_supported"])
    assert told_ < GRANTS
    for grant in sorted(GRANTS - {"implicit"}):
        fields = registered_with(grant) if grant in told_ else {}
        client = await foundation.tenant.application(**fields)
        async with foundation.site.browser() as browser:
            secret = (client["client_id"], client["client_secret"])
            response = await browser.post(TOKEN, data={"grant_type": grant}, auth=secret)
        if grant not in told_:
            assert response.json()["error"] == "unsupported_grant_type", grant
        elif grant == "client_credentials":
            assert response.json()["access_token"]
        else:
            assert response.json()["error"] == "invalid_request", grant
    modes = document["backchannel_token_delivery_modes_supported"]
    assert modes == ["poll", "ping"]


def registered_with(grant: str) -> dict[str, Any]:
    """What a client registers that wants to use a grant."""
    if grant in {"authorization_code", "refresh_token"}:
        return {"grant_types": ("authorization_code", "refresh_token")}
    return {"grant_types": (grant,), "redirect_uris": (), "post_logout_redirect_uris": ()}


@pytest.mark.parametrize(
    ("told_of", "methods"),
    [
        (ClientCertificates.NONE, set()),
        (ClientCertificates.ANY, {"self_signed_tls_client_auth"}),
        (ClientCertificates.VERIFIED, {"self_signed_tls_client_auth", "tls_client_auth"}),
    ],
)
async def test_certificates(foundation: Foundation, told_of: ClientCertificates, methods: set[str]) -> None:
    """What needs certificates is told where a proxy tells of them; it works in ``tests/e2e/test_mutual_tls``."""
    app = create_oidc_app(foundation.site.iam, WebPages())
    proxies = Proxies((ip_network("127.0.0.1/32"),), certificates=told_of)
    front = Front(Dispatcher(dict.fromkeys(SEGMENTS, app), elsewhere), proxies)
    transport = httpx.ASGITransport(app=front, client=("127.0.0.1", 1))
    async with httpx.AsyncClient(transport=transport, base_url=ORIGIN) as browser:
        document = await discovered(browser)
    by_certificate = {"self_signed_tls_client_auth", "tls_client_auth"}
    for endpoint in ("token", "revocation", "introspection"):
        assert set(document[f"{endpoint}_endpoint_auth_methods_supported"]) & by_certificate == methods
    assert document["tls_client_certificate_bound_access_tokens"] is bool(methods)


async def test_subject_types(foundation: Foundation) -> None:
    """Public is the same for everybody, pairwise is not; there are no others."""
    document = await discovered(foundation.site.browser())
    assert set(document["subject_types_supported"]) == {"public", "pairwise"}
    seen = {}
    for kind in ("public", "pairwise", ""):
        party = await foundation.party(client_metadata={"subject_type": kind} if kind else {})
        async with party.browser:
            seen[kind] = (await party.signs_in()).claims["sub"]
    assert seen["public"] == seen[""] != seen["pairwise"]
    with pytest.raises(ValueError, match="subject_type"):
        await foundation.party(client_metadata={"subject_type": "ephemeral"})


async def test_scopes(foundation: Foundation) -> None:
    """Each is granted to who may have it; what is not told is ignored."""
    scopes = (await discovered(foundation.site.browser()))["scopes_supported"]
    own = ("grant_management_query", "grant_management_revoke")
    party = await foundation.party(api_access=True, grant_types=("authorization_code", "refresh_token", CLIENT))
    others = ("addresses", "nonsense", "admin")
    everything = " ".join((*scopes, *others))
    async with party.browser:
        signed = await party.signs_in(scope=everything)
        itself = (await party.asks_for_tokens({"grant_type": CLIENT, "scope": everything})).json()
    assert signed.tokens["scope"].split() == [scope for scope in scopes if scope not in own]
    assert set(own) <= set(itself["scope"].split()) <= set(scopes)


async def test_grant_management_actions(foundation: Foundation) -> None:
    """Each does what it says to a grant; what is none of them is refused."""
    document = await discovered(foundation.site.browser())
    assert document["grant_management_actions_supported"] == ["create", "merge", "replace", "query", "revoke"]
    party = await foundation.party(grant_types=("authorization_code", "refresh_token", CLIENT))
    async with party.browser:
        made = (await party.signs_in(grant_management_action="create")).tokens["grant_id"]
        for action in ("merge", "replace"):
            assert (await party.signs_in(grant_management_action=action, grant_id=made)).tokens["grant_id"] == made
        refused = party.answered(await party.goes(grant_management_action="forget", grant_id=made))
        assert refused["error"] == "invalid_request"
        form = {"grant_type": CLIENT, "scope": "grant_management_query grant_management_revoke"}
        token = (await party.asks_for_tokens(form)).json()["access_token"]
        grant = f"{urlsplit(document['grant_management_endpoint']).path}/{made}"
        bearer = {"authorization": f"Bearer {token}"}
        assert "openid" in (await party.browser.get(grant, headers=bearer)).text
        assert (await party.browser.delete(grant, headers=bearer)).status_code == 204
        assert (await party.browser.get(grant, headers=bearer)).status_code == 404


async def test_prompts(basic: Party) -> None:
    """Each leads to its page, or to none; another is refused, and one to make an account is told where people may."""
    document = await discovered(basic.browser)
    assert document["prompt_values_supported"] == ["none", "login", "consent", "select_account"]
    await basic.through(await basic.goes())
    pages = {"login": "/ui/login", "consent": "/ui/consent", "select_account": "/ui/accounts"}
    for prompt, page in pages.items():
        assert urlsplit((await basic.goes(prompt=prompt)).headers["location"]).path == page
    assert basic.answered(await basic.goes(prompt="none"))["code"]
    for prompt in ("create", "nonsense"):
        assert basic.answered(await basic.goes(prompt=prompt))["error"] == "invalid_request"
    await basic.tenant.do("SetDefaultLoginPolicy", registration_allowed=True)
    try:
        assert (await discovered(basic.browser))["prompt_values_supported"][-1] == "create"
        assert urlsplit((await basic.goes(prompt="create")).headers["location"]).path == "/ui/register"
    finally:
        await basic.tenant.do("ResetDefaultLoginPolicy")


async def test_classes_displays_and_languages(basic: Party) -> None:
    """Each class of sign-in can be insisted on, and no other; pages are in the languages told."""
    document = await discovered(basic.browser)
    for acr in document["acr_values_supported"]:
        wish = {"id_token": {"acr": {"essential": True, "values": [acr]}}}
        assert is_login(await basic.goes(claims=json.dumps(wish)))
    wish = {"id_token": {"acr": {"essential": True, "values": ["urn:nobody:knows"]}}}
    told_ = basic.answered(await basic.goes(claims=json.dumps(wish)))
    assert told_["error"] == "unmet_authentication_requirements"
    assert document["display_values_supported"] == ["page"]
    for language in document["ui_locales_supported"]:
        page = await basic.browser.get((await basic.goes(ui_locales=language)).headers["location"])
        assert f'<html lang="{language}"' in page.text


async def test_code_challenge_methods(basic: Party) -> None:
    """`S256` alone."""
    assert (await discovered(basic.browser))["code_challenge_methods_supported"] == ["S256"]
    assert is_login(await basic.goes(**PKCE))
    for method in ("plain", "S512", ""):
        refused = basic.answered(await basic.goes(**{**PKCE, "code_challenge_method": method}))
        assert refused["error"] == "invalid_request"


async def test_request_parameters(foundation: Foundation, basic: Party) -> None:
    """`claims` and `request` are heard; `request_uri` of who registered one alone, and `registration` never."""
    document = await discovered(basic.browser)
    names = ("claims_parameter", "request_parameter", "request_uri_parameter")
    assert [document[f"{name}_supported"] for name in names] == [True, True, True]
    assert document["require_request_uri_registration"] is True
    signed = await basic.signs_in(claims=json.dumps({"id_token": {"name": None}}))
    assert signed.claims["name"] == "Grace Hopper"
    assert basic.answered(await basic.goes(request="a.b.c"))["error"] == "invalid_request_object"
    place = "https://app.example.com/request.jwt"
    assert basic.answered(await basic.goes(request_uri=place))["error"] == "request_uri_not_supported"
    with_place = await foundation.party(client_metadata={"request_uris": (place,)})
    async with with_place.browser:
        for uri in (place, f"{place}2"):
            assert with_place.answered(await with_place.goes(request_uri=uri))["error"] == "invalid_request_uri"
    assert basic.answered(await basic.goes(registration="{}"))["error"] == "registration_not_supported"
    assert is_error_page(await basic.goes(client_id="nobody"))


async def test_authorization_details(foundation: Foundation, basic: Party) -> None:
    """Types are told from when they are there; of no others can anything be asked."""
    assert (await discovered(basic.browser))["authorization_details_types_supported"] == []
    wish = json.dumps([{"type": "payment"}])
    assert basic.answered(await basic.goes(authorization_details=wish))["error"] == "invalid_authorization_details"
    made = await foundation.tenant.do("CreateAuthorizationDetailsType", type="payment", name="A payment")
    assert (await discovered(basic.browser))["authorization_details_types_supported"] == ["payment"]
    party = await foundation.party(client_metadata={"authorization_details_types": ("payment",)})
    async with party.browser:
        assert is_login(await party.goes(authorization_details=wish))
    await foundation.tenant.do("DeleteAuthorizationDetailsType", **made)
    assert (await discovered(basic.browser))["authorization_details_types_supported"] == []
