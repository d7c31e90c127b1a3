"""The modules that the Basic, Implicit and Hybrid plans and their form post plans share, each in every flow."""

import json
from urllib.parse import parse_qsl, urlsplit

import pytest

from tests.certification.party import (
    AUTHORIZE,
    PERSON,
    USERINFO,
    Foundation,
    Party,
    Signed,
    Variant,
    header_of,
    is_error_page,
    is_login,
)
from tests.unit.adapters.proofs import encoded

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def test_oidcc_server(party: Party) -> None:
    """A sign-in of somebody who was not signed in, with everything that comes back."""
    assert is_login(await party.goes())
    signed = await party.signs_in()
    assert signed.claims["auth_time"] <= signed.claims["iat"]


async def test_oidcc_response_type_missing(party: Party) -> None:
    """Told the application, in the query: nothing has said how else."""
    response = await party.goes(response_type="", response_mode="")
    told = dict(parse_qsl(urlsplit(response.headers["location"]).query))
    assert (told["error"], told["state"]) == ("invalid_request", party.request()["state"])


async def test_oidcc_idtoken_signature(party: Party) -> None:
    """By RS256 for who registered nothing, and with a key that is found by its name."""
    signed = await party.signs_in()
    assert header_of(signed.id_token)["alg"] == "RS256"


async def test_oidcc_userinfo(party: Party) -> None:
    """`oidcc-userinfo-get`, `-userinfo-post-header` and `-userinfo-post-body`, where there is an access token."""
    signed = await party.signs_in(scope="openid email")
    assert bool(signed.access_token) is (party.variant.parts != {"id_token"})
    if signed.access_token:
        bearer = {"authorization": f"Bearer {signed.access_token}"}
        got = await party.browser.get(USERINFO, headers=bearer)
        posted = await party.browser.post(USERINFO, headers=bearer)
        in_body = await party.browser.post(USERINFO, data={"access_token": signed.access_token})
        assert [one.status_code for one in (got, posted, in_body)] == [200, 200, 200]
        assert got.headers["content-type"].startswith("application/json")
        assert got.json() == posted.json() == in_body.json()
        assert got.json()["sub"] == signed.claims["sub"]


async def test_oidcc_scope_profile(party: Party) -> None:
    """`profile` brings what is known of a person's names; what nobody knows is left out (OIDC Core 5.3.2)."""
    told = await party.told(await party.signs_in(scope="openid profile"))
    assert (told["name"], told["given_name"], told["family_name"]) == ("Grace Hopper", "Grace", "Hopper")
    assert (told["preferred_username"], told["locale"]) == ("grace", "en")
    assert (told["nickname"], told["gender"]) == ("Amazing", "female")
    assert told["updated_at"] <= party.clock.now().timestamp()
    assert "email" not in told


async def test_oidcc_scope_email(party: Party) -> None:
    """`email` brings the address, and whether it is known to be the person's."""
    told = await party.told(await party.signs_in(scope="openid email"))
    assert told["email"] == PERSON["email"]
    assert isinstance(told["email_verified"], bool)
    assert "name" not in told


async def test_oidcc_scope_address(party: Party) -> None:
    """`address` brings one object, with what is known of it (OIDC Core section 5.1.1)."""
    told = await party.told(await party.signs_in(scope="openid address"))
    assert told["address"] == {
        name: PERSON[name] for name in ("street_address", "locality", "region", "postal_code", "country")
    }
    assert "email" not in told


async def test_oidcc_scope_phone(party: Party) -> None:
    """`phone` brings the number, and whether it is known to be the person's."""
    told = await party.told(await party.signs_in(scope="openid phone"))
    assert told["phone_number"] == PERSON["phone"]
    assert isinstance(told["phone_number_verified"], bool)
    assert "email" not in told


async def test_oidcc_scope_all(party: Party) -> None:
    """All scopes of OpenID Connect at once."""
    document = (await party.browser.get("/.well-known/openid-configuration")).json()
    assert {"openid", "profile", "email", "address", "phone"} <= set(document["scopes_supported"])
    told = await party.told(await party.signs_in(scope="openid profile email address phone"))
    assert told.keys() >= {"name", "given_name", "family_name", "preferred_username", "locale", "email", "phone_number"}
    assert told["address"]["country"] == PERSON["country"]


async def test_oidcc_alternate_happy_flow(party: Party) -> None:
    """Neither the order of scopes nor that of parameters counts."""
    request = party.request(scope="email openid")
    response = await party.browser.get(AUTHORIZE, params=dict(reversed(request.items())))
    signed = await party.completed(await party.through(response), request, {})
    assert (await party.told(signed))["email"] == PERSON["email"]


@pytest.mark.parametrize("display", ["page", "popup"])
async def test_oidcc_display(party: Party, display: str) -> None:
    """`oidcc-display-page` and `-popup`."""
    assert (await party.signs_in(display=display)).claims["sub"]


async def test_oidcc_prompt_login(party: Party) -> None:
    """Whoever is signed in signs in once more, and the later ID token says so."""
    first = await party.signs_in()
    party.clock.passes(2)
    again = await party.goes(prompt="login")
    assert is_login(again)
    second = await party.completed(await party.through(again), party.request(), {})
    assert second.claims["sub"] == first.claims["sub"]
    assert second.claims["auth_time"] > first.claims["auth_time"]


async def test_oidcc_prompt_none_not_logged_in(party: Party) -> None:
    """Without a page; the error comes back in the way of the flow."""
    told = party.answered(await party.goes(prompt="none"))
    assert told["error"] in {"login_required", "interaction_required"}
    assert told["state"] == party.request()["state"]
    assert not told.keys() & {"code", "access_token", "id_token"}


async def silent(party: Party, **changes: str) -> Signed:
    """A second sign-in of the same person, without any page."""
    return await party.completed(party.answered(await party.goes(**changes)), party.request(**changes), {})


async def test_oidcc_prompt_none_logged_in(party: Party) -> None:
    """The same person, who has not signed in anew."""
    first = await party.signs_in()
    second = await silent(party, prompt="none")
    assert [second.claims[name] for name in ("sub", "auth_time")] == [first.claims[n] for n in ("sub", "auth_time")]


async def test_oidcc_max_age_1(party: Party) -> None:
    """Two seconds after a sign-in of at most one another is due, and the ID token tells when it was."""
    first = await party.signs_in()
    party.clock.passes(2)
    late = await party.goes(max_age="1")
    assert is_login(late)
    second = await party.completed(await party.through(late), party.request(), {})
    assert first.claims["auth_time"] < second.claims["auth_time"] <= second.claims["iat"]


async def test_oidcc_max_age_10000(party: Party) -> None:
    """A sign-in of just now is young enough."""
    first = await party.signs_in()
    second = await silent(party, max_age="10000")
    assert [second.claims[name] for name in ("sub", "auth_time")] == [first.claims[n] for n in ("sub", "auth_time")]


async def test_oidcc_ensure_request_with_unknown_parameter_succeeds(party: Party) -> None:
    """RFC 6749 section 3.1."""
    assert (await party.signs_in(extra="foobar")).claims["sub"]


async def test_oidcc_id_token_hint(party: Party) -> None:
    """With the ID token of before and no page at all."""
    first = await party.signs_in()
    second = await silent(party, prompt="none", id_token_hint=first.id_token)
    assert [second.claims[name] for name in ("sub", "auth_time")] == [first.claims[n] for n in ("sub", "auth_time")]


async def test_oidcc_login_hint(party: Party) -> None:
    """It stands in the form, and it signs nobody in."""
    response = await party.goes(login_hint=PERSON["user_name"])
    assert is_login(response)
    assert f'value="{PERSON["user_name"]}"' in (await party.browser.get(response.headers["location"])).text
    assert (await party.completed(await party.through(response), party.request(), {})).claims["sub"]


@pytest.mark.parametrize("parameter", ["ui_locales", "claims_locales"])
async def test_oidcc_locales(party: Party, parameter: str) -> None:
    """`oidcc-ui-locales` and `oidcc-claims-locales`: languages that we may not speak hinder nothing."""
    assert (await party.signs_in(**{parameter: "se fr-CA en"})).claims["sub"]


async def test_oidcc_ensure_request_with_acr_values_succeeds(party: Party) -> None:
    """A class that there is comes back as `acr`; one that there is not hinders nothing."""
    signed = await party.signs_in(acr_values="1 2 urn:hexkeep:acr:pwd")
    assert signed.claims["acr"] == "urn:hexkeep:acr:pwd"


@pytest.mark.parametrize("other", ["https://app.example.com/callback/x", "https://app.example.com/callback?a=b", ""])
async def test_oidcc_ensure_registered_redirect_uri(party: Party, other: str) -> None:
    """A page of ours; the browser is sent nowhere. `oidcc-ensure-redirect-uri-in-authorization-request` is the last."""
    assert is_error_page(await party.goes(redirect_uri=other))


async def test_oidcc_claims_essential(party: Party) -> None:
    """`name` alone, in userinfo and not in the ID token, or there where it is asked for there."""
    place = "userinfo" if party.variant.parts != {"id_token"} else "id_token"
    signed = await party.signs_in(claims=json.dumps({place: {"name": {"essential": True}}}))
    told = await party.told(signed)
    assert (told["name"], "given_name" in told) == ("Grace Hopper", False)
    assert ("name" in signed.claims) is (place == "id_token")


def unsigned(claims: dict[str, str]) -> str:
    """A request object that nobody signed."""
    return f"{encoded(json.dumps({'alg': 'none'}).encode())}.{encoded(json.dumps(claims).encode())}."


@pytest.mark.parametrize("metadata", [{}, {"request_object_signing_alg": "none"}], ids=["nothing", "none"])
async def test_unsigned_request_objects(foundation: Foundation, variant: Variant, metadata: dict[str, str]) -> None:
    """Of a client that registered nothing about them, or `none`; of what stands beside the object nothing counts.

    `oidcc-unsigned-request-object-supported-correctly-or-rejected-as-unsupported`, and
    `oidcc-ensure-request-object-with-redirect-uri`, which names an address beside it that is not registered.
    """
    party = await foundation.party(variant, client_metadata=metadata)
    async with party.browser:
        text = unsigned(party.request(state="inside"))
        beside = {"redirect_uri": "https://app.example.com/elsewhere", "state": "outside"}
        answer = await party.through(await party.goes(request=text, **beside))
        await party.completed(answer, party.request(state="inside"), {})


async def test_unsigned_request_objects_are_refused(foundation: Foundation, variant: Variant) -> None:
    """Of a client that registered to sign: it is told so, and where it is not known where to, the person is."""
    party = await foundation.party(variant, client_metadata={"request_object_signing_alg": "RS256"})
    async with party.browser:
        document = (await party.browser.get("/.well-known/openid-configuration")).json()
        assert "none" in document["request_object_signing_alg_values_supported"]
        told = party.answered(await party.goes(request=unsigned(party.request())))
        assert told["error"] == "request_not_supported"
        assert not told.keys() & {"code", "access_token", "id_token"}
        elsewhere = "https://app.example.com/elsewhere"
        assert is_error_page(await party.goes(request=unsigned(party.request()), redirect_uri=elsewhere))


async def test_request_uris_of_unsigned_objects_are_refused(party: Party) -> None:
    """`oidcc-request-uri-unsigned-supported-correctly-or-rejected-as-unsupported`: as unsupported."""
    told = party.answered(await party.goes(request_uri="https://app.example.com/request.jwt"))
    assert told["error"] == "request_uri_not_supported"


async def test_oidcc_ensure_request_without_nonce(party: Party) -> None:
    """`-fails` where an ID token comes through the browser, `-succeeds-for-code-flow` where none does."""
    response = await party.goes(nonce="")
    if "id_token" in party.variant.parts:
        told = party.answered(response)
        assert (told["error"], told["state"]) == ("invalid_request", party.request()["state"])
        assert not told.keys() & {"code", "access_token", "id_token"}
    else:
        signed = await party.completed(await party.through(response), party.request(nonce=""), {})
        assert "nonce" not in signed.claims
