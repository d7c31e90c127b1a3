"""The modules of the Basic, Hybrid and Dynamic plans about codes, refresh tokens and the ways around both."""

import re

import pytest

from hexkeep.core.kernel.errors import InvalidInput
from tests.certification.conftest import VARIANTS
from tests.certification.party import (
    AUTHORIZE,
    PKCE,
    PKCE_VERIFIER,
    TOKEN,
    USERINFO,
    Foundation,
    Party,
    Variant,
)
from tests.unit.adapters.site import CALLBACK

pytestmark = pytest.mark.asyncio(loop_scope="module")
with_codes = pytest.mark.parametrize("variant", [one for one in VARIANTS if "code" in one.parts], ids=str)
REFRESH_TOKEN = re.compile(r"[\x20-\x7e]+")
"""RFC 6749 appendix A.17."""


@with_codes
@pytest.mark.parametrize("seconds", [0, 30])
async def test_oidcc_codereuse(party: Party, seconds: int) -> None:
    """`oidcc-codereuse` and `oidcc-codereuse-30seconds`: refused, and what the code gave ends with that."""
    signed = await party.signs_in()
    bearer = {"authorization": f"Bearer {signed.access_token}"}
    assert (await party.browser.get(USERINFO, headers=bearer)).status_code == 200
    party.clock.passes(seconds)
    again = await party.redeems(signed.answer["code"])
    assert (again.status_code, again.json()["error"]) == (400, "invalid_grant")
    assert (await party.browser.get(USERINFO, headers=bearer)).status_code == 401


@with_codes
async def test_oidcc_refresh_token(party: Party, foundation: Foundation) -> None:
    """It gives tokens for the same person and is another client's in nobody's hands."""
    other = await foundation.party(party.variant)
    scope = {"scope": "openid offline_access"}
    first = await party.signs_in(**scope)
    assert REFRESH_TOKEN.fullmatch(first.tokens["refresh_token"])
    form = {"grant_type": "refresh_token", "refresh_token": first.tokens["refresh_token"]}
    async with other.browser:
        stolen = await other.asks_for_tokens(form)
    assert (stolen.status_code, stolen.json()["error"]) == (400, "invalid_grant")
    answer = (await party.asks_for_tokens(form)).json()
    assert answer["access_token"] != first.access_token
    claims = await party.verified(answer["id_token"], party.request(nonce=""))
    assert {name: claims[name] for name in ("iss", "sub", "aud", "auth_time")} == {
        name: first.claims[name] for name in ("iss", "sub", "aud", "auth_time")
    }
    bearer = {"authorization": f"Bearer {answer['access_token']}"}
    assert (await party.browser.get(USERINFO, headers=bearer)).json()["sub"] == claims["sub"]


@with_codes
async def test_oidcc_ensure_request_with_valid_pkce_succeeds(party: Party) -> None:
    """With the verifier, and not without."""
    assert (await party.signs_in(PKCE_VERIFIER, **PKCE)).access_token
    answer = await party.through(await party.goes(**PKCE))
    refused = await party.redeems(answer["code"])
    assert (refused.status_code, refused.json()["error"]) == (400, "invalid_grant")


@with_codes
async def test_oidcc_server_client_secret_post(foundation: Foundation, variant: Variant) -> None:
    """The secret in the body, for who registered that."""
    party = await foundation.party(variant, auth_method="post")
    async with party.browser:
        answer = await party.through(await party.goes())
        form = {"grant_type": "authorization_code", "code": answer["code"], "redirect_uri": CALLBACK}
        tokens = await party.browser.post(TOKEN, data={**form, **party.client})
        assert (await party.verified(tokens.json()["id_token"], party.request()))["sub"]


async def test_oidcc_ensure_post_request_succeeds(basic: Party) -> None:
    """A form of another site at the authorization endpoint (OIDC Core section 3.1.2.1)."""
    hop = await basic.browser.post(AUTHORIZE, data=basic.request(), headers={"origin": "https://app.example.com"})
    began = await basic.browser.get(hop.headers["location"])
    assert (await basic.completed(await basic.through(began), basic.request(), {})).access_token


async def test_id_tokens_are_always_signed(basic: Party) -> None:
    """`oidcc-idtoken-unsigned`: the suite skips it where `none` is not in discovery; here nobody can register it."""
    document = (await basic.browser.get("/.well-known/openid-configuration")).json()
    assert "none" not in document["id_token_signing_alg_values_supported"]
    with pytest.raises(InvalidInput) as refused:
        await basic.tenant.application(client_metadata={"id_token_signed_response_alg": "none"})
    assert [one.field for one in refused.value.violations] == ["client_metadata.id_token_signed_response_alg"]


@pytest.mark.parametrize(
    ("asked", "good"),
    [
        (f"{CALLBACK}?foo=bar", True),
        (CALLBACK, False),
        (f"{CALLBACK}?foo=baz", False),
        (f"{CALLBACK}?foo=bar&a=b", False),
    ],
    ids=["query-OK", "missing", "query-mismatch", "query-added"],
)
async def test_oidcc_redirect_uri_query(foundation: Foundation, asked: str, *, good: bool) -> None:
    """`oidcc-redirect-uri-query-OK`, `-mismatch` and `-added`: exactly the registered one, whose query stays."""
    party = await foundation.party(redirect_uris=(f"{CALLBACK}?foo=bar",))
    async with party.browser:
        response = await party.goes(redirect_uri=asked)
        if good:
            assert (await party.submits(response)).headers["location"].startswith(f"{CALLBACK}?foo=bar&code=")
        else:
            assert (response.status_code, "location" in response.headers) == (400, False)
