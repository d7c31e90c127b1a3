"""Sign-in by an identity provider of SAML, in a browser that keeps cookies: there, and back by another site's form."""

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from urllib.parse import urlsplit

import httpx
import pytest

from hexkeep.adapters.system.clock import SystemClock
from hexkeep.adapters.xmlsec.parsing import parsed
from hexkeep.adapters.xmlsec.verifying import verified
from hexkeep.core.saml import logout
from hexkeep.core.saml.asks import VerifyXml
from hexkeep.core.saml.soap import AROUND
from hexkeep.core.saml.xml import SOAP, ds, md
from hexkeep.testing.idp import Account
from hexkeep.testing.idp_saml import (
    LOGOUT,
    METADATA,
    SIGN_ON,
    Leaving,
    SamlUpstream,
    logout_text,
    pair,
    redirected,
    signed,
)
from tests.saml_parties import form_of
from tests.unit.adapters.site import ORIGIN, Site, Tenant, running_site

GRACE = Account(user_name="grace", given_name="Grace", family_name="Hopper", email="grace@example.net")
ELSEWHERE = {"origin": "https://idp.example.net", "sec-fetch-site": "cross-site"}


@dataclass
class Elsewhere:
    """A site with one provider that is offered, and its other side."""

    site: Site
    tenant: Tenant
    upstream: SamlUpstream
    provider_id: str

    @property
    def callback(self) -> str:
        """Where its answers come to."""
        return f"{ORIGIN}/ui/idp/callback/{self.provider_id}"

    async def offer(self, **settings: object) -> None:
        """Change the provider."""
        changes = {"identity_provider_id": self.provider_id, **settings}
        await self.tenant.do("UpdateInstanceSamlIdentityProvider", **changes)


@pytest.fixture
async def elsewhere() -> AsyncIterator[Elsewhere]:
    """Whoever comes from there has an account made."""
    upstream = SamlUpstream(SystemClock())
    async with running_site(outbound=upstream) as site:
        tenant = await site.tenant()
        provider_id = await tenant.campus(METADATA)
        yield Elsewhere(site, tenant, upstream, provider_id)


async def gone(elsewhere: Elsewhere, browser: httpx.AsyncClient) -> httpx.Response:
    """What the button of the sign-in page leads to."""
    return await browser.get("/ui/idp", params={"provider": elsewhere.provider_id})


async def posted(elsewhere: Elsewhere, browser: httpx.AsyncClient, fields: Mapping[str, str]) -> httpx.Response:
    """A page of the provider posts a form, without our cookies, and the browser follows with them."""
    async with httpx.AsyncClient(transport=browser._transport, base_url=ORIGIN) as bare:  # noqa: SLF001 - the same site
        answer = await bare.post(elsewhere.callback, data=dict(fields), headers=ELSEWHERE)
    if answer.status_code != 303:
        return answer
    assert answer.headers["location"].startswith(f"{urlsplit(elsewhere.callback).path}?state=")
    return await browser.get(answer.headers["location"])


async def test_newcomer_signs_in(elsewhere: Elsewhere) -> None:
    """By redirect there, by a form back, over the hop, into an account of their own."""
    async with elsewhere.site.browser() as browser:
        url = (await gone(elsewhere, browser)).headers["location"]
        fields = await elsewhere.upstream.sign_in(url, GRACE)
        assert (await posted(elsewhere, browser, fields)).headers["location"] == "/ui/account"
        assert "Grace Hopper" in (await browser.get("/ui/account")).text
        assert (await posted(elsewhere, browser, fields)).status_code == 401


async def signed_in(elsewhere: Elsewhere, browser: httpx.AsyncClient) -> None:
    """Grace has signed in by the provider."""
    url = (await gone(elsewhere, browser)).headers["location"]
    fields = await elsewhere.upstream.sign_in(url, GRACE)
    assert (await posted(elsewhere, browser, fields)).headers["location"] == "/ui/account"


def leaving(elsewhere: Elsewhere, **changes: object) -> Leaving:
    """The provider signs Grace out."""
    here = f"{ORIGIN}/saml/sp/slo/{elsewhere.provider_id}"
    said = Leaving(here, datetime.now(UTC), name=GRACE.external_id, indexes=("session-1",))
    return replace(said, **changes)  # type: ignore[arg-type]  # its fields


async def told(elsewhere: Elsewhere, browser: httpx.AsyncClient, **changes: object) -> httpx.Response:
    """The browser brings the provider's request here."""
    query = redirected("SAMLRequest", logout_text(leaving(elsewhere, **changes)), "theirs", elsewhere.upstream.key)
    return await browser.get(f"/saml/sp/slo/{elsewhere.provider_id}?{query}")


async def in_session(browser: httpx.AsyncClient) -> bool:
    """Whether the browser is signed in."""
    return (await browser.get("/ui/account")).status_code == 200


async def test_logout_there_ends_the_session_here(elsewhere: Elsewhere) -> None:
    """By redirect, also in a browser without any cookie of ours; the response leads back. Again, nothing newer ends."""
    async with elsewhere.site.browser() as browser, elsewhere.site.browser() as bare:
        await signed_in(elsewhere, browser)
        assert await in_session(browser)
        answer = await told(elsewhere, bare)
        assert answer.headers["location"].startswith(f"{LOGOUT}?SAMLResponse=")
        assert "RelayState=theirs" in answer.headers["location"]
        assert not await in_session(browser)
        await signed_in(elsewhere, browser)
        assert (await told(elsewhere, bare)).headers["location"].startswith(f"{LOGOUT}?SAMLResponse=")
        assert await in_session(browser)


async def test_logout_reaches_the_sessions_alone_that_it_names(elsewhere: Elsewhere) -> None:
    """Of that name, of that index if there is one, and begun by that provider."""
    async with elsewhere.site.browser() as browser:
        await signed_in(elsewhere, browser)
        others: tuple[dict[str, object], ...] = ({"name": "account-2"}, {"indexes": ("session-2",)})
        for number, changes in enumerate(others):
            assert (await told(elsewhere, browser, id=f"_{number}", **changes)).status_code == 303
            assert await in_session(browser)
        assert (await told(elsewhere, browser, id="_all", indexes=())).status_code == 303
        assert not await in_session(browser)


async def test_logout_by_nobody_ends_nothing(elsewhere: Elsewhere) -> None:
    """What the provider has not signed; and a response, which leads on and ends nothing."""
    place = f"/saml/sp/slo/{elsewhere.provider_id}"
    async with elsewhere.site.browser() as browser:
        await signed_in(elsewhere, browser)
        forged = redirected("SAMLRequest", logout_text(leaving(elsewhere)), "theirs", pair("stranger"))
        assert (await browser.get(f"{place}?{forged}")).status_code == 401
        assert (await browser.get(f"{place}?SAMLRequest=AAAA")).status_code == 401
        assert (await browser.get(place)).status_code == 400
        response = redirected("SAMLResponse", "<x/>", "a state", elsewhere.upstream.key)
        answer = await browser.get(f"{place}?{response}")
        assert answer.headers["location"] == "/ui/idp/signed-out?state=a+state"
        assert await in_session(browser)


async def by_soap(elsewhere: Elsewhere, text: str, media_type: str = "text/xml") -> httpx.Response:
    """The provider's server sends an envelope."""
    envelope = f'<s:Envelope xmlns:s="{SOAP}"><s:Body>{text}</s:Body></s:Envelope>'
    async with elsewhere.site.browser() as program:
        place = f"/saml/sp/soap/{elsewhere.provider_id}"
        return await program.post(place, content=envelope, headers={"content-type": media_type})


async def test_provider_ends_a_session_by_soap(elsewhere: Elsewhere) -> None:
    """From server to server; the answer is in the answer, and signed. What is not believed has a fault for one.

    It may come again, as after an answer that was lost, and ends nothing newer.
    """
    here = f"{ORIGIN}/saml/sp/soap/{elsewhere.provider_id}"
    right = signed(logout_text(leaving(elsewhere, destination=here)), elsewhere.upstream.key)
    async with elsewhere.site.browser() as browser:
        metadata = parsed((await browser.get(f"/saml/sp/metadata/{elsewhere.provider_id}")).content)
        assert metadata is not None
        assert here in [one.get("Location") for one in metadata.iter(md("SingleLogoutService"))]
        await signed_in(elsewhere, browser)
        forged = await by_soap(elsewhere, signed(logout_text(leaving(elsewhere, destination=here)), pair("stranger")))
        assert forged.status_code == 403
        assert "<faultcode>soap:Client</faultcode><faultstring>idp_malformed: " in forged.text
        assert (await by_soap(elsewhere, right, "application/x-www-form-urlencoded")).status_code == 415
        assert (await by_soap(elsewhere, "x" * 70_000)).status_code == 413
        assert (await browser.get(f"/saml/sp/soap/{elsewhere.provider_id}")).status_code == 405
        assert await in_session(browser)
        answer = await by_soap(elsewhere, right)
        assert (answer.status_code, answer.headers["content-type"]) == (200, "text/xml; charset=utf-8")
        own = (str(next(metadata.iter(ds("X509Certificate"))).text),)
        response = logout.read_response(verified(VerifyXml(answer.content, own, AROUND)))
        assert (response.successful, response.in_response_to) == (True, "_logout")
        assert not await in_session(browser)
        await signed_in(elsewhere, browser)
        assert (await by_soap(elsewhere, right, "application/soap+xml")).status_code == 200
        misled = signed(logout_text(leaving(elsewhere, id="_misled")), elsewhere.upstream.key)
        refusal = logout.read_response(verified(VerifyXml((await by_soap(elsewhere, misled)).content, own, AROUND)))
        assert (refusal.successful, refusal.in_response_to) == (False, "_misled")
        assert await in_session(browser)


async def test_answer_in_another_browser_signs_nobody_in(elsewhere: Elsewhere) -> None:
    """Whoever has another one bring the own answer would have them signed in as somebody else."""
    async with elsewhere.site.browser() as browser, elsewhere.site.browser() as victim:
        url = (await gone(elsewhere, browser)).headers["location"]
        await gone(elsewhere, victim)
        fields = await elsewhere.upstream.sign_in(url, Account())
        assert (await posted(elsewhere, victim, fields)).status_code == 401


async def test_answer_to_another_attempt_signs_nobody_in(elsewhere: Elsewhere) -> None:
    """An answer is to one request: under another's RelayState it is none."""
    async with elsewhere.site.browser() as browser:
        first = (await gone(elsewhere, browser)).headers["location"]
        second = (await gone(elsewhere, browser)).headers["location"]
        stolen = await elsewhere.upstream.sign_in(first, Account())
        own = await elsewhere.upstream.sign_in(second, Account())
        answer = await posted(elsewhere, browser, {**stolen, "RelayState": own["RelayState"]})
        assert answer.status_code == 401
        assert "idp_malformed" in answer.text


async def test_unsolicited_answer_is_nobodys(elsewhere: Elsewhere) -> None:
    """Without an attempt that waits for it there is nothing to finish, whatever the RelayState."""
    async with elsewhere.site.browser() as browser:
        url = (await gone(elsewhere, browser)).headers["location"]
        fields = dict(await elsewhere.upstream.sign_in(url, Account()))
        for state in ("https://evil.example/", "", "none"):
            assert (await posted(elsewhere, browser, {**fields, "RelayState": state})).status_code == 401


async def test_request_goes_by_a_form_where_that_is_chosen(elsewhere: Elsewhere) -> None:
    """A page of ours posts it, and the provider may lead on from there."""
    await elsewhere.offer(binding="post")
    async with elsewhere.site.browser() as browser:
        page = await gone(elsewhere, browser)
    action, fields = form_of(page.text)
    assert (page.status_code, action) == (200, SIGN_ON)
    assert {"SAMLRequest", "RelayState"} <= fields.keys()
    assert "form-action" not in page.headers["content-security-policy"]


async def test_metadata_is_where_the_entity_id_says(elsewhere: Elsewhere) -> None:
    """Metadata section 4.1: of each provider its own, for whoever asks; of what is no provider there is none."""
    async with elsewhere.site.browser() as browser:
        answer = await browser.get(f"/saml/sp/metadata/{elsewhere.provider_id}")
        assert answer.headers["content-type"] == "application/samlmetadata+xml"
        root = parsed(answer.content)
        assert root is not None
        assert root.get("entityID") == f"{ORIGIN}/saml/sp/metadata/{elsewhere.provider_id}"
        assert elsewhere.callback in answer.text
        assert (await browser.get("/saml/sp/metadata/none")).status_code == 404
