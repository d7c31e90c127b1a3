"""Single sign-on and single logout in one process, with a provider on either side that signs whatever it says."""

import asyncio
import base64
import itertools
import time
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import httpx
from lxml import etree

from hexkeep.adapters.system.clock import SystemClock
from hexkeep.core.kernel.event import Log
from hexkeep.testing.idp import Account
from hexkeep.testing.idp_saml import (
    METADATA,
    NAMESPACES,
    Leaving,
    SamlUpstream,
    given,
    logout_text,
    metadata_text,
    moment,
    pair,
)
from tests.unit.adapters.site import ORIGIN, Site, Tenant, hidden, running_site

SP = "https://wiki.example.com/saml"
CONSUMER, LOGOUT = "https://wiki.example.com/acs", "https://wiki.example.com/slo"
BINDINGS = "urn:oasis:names:tc:SAML:2.0:bindings:"
PERSISTENT = "urn:oasis:names:tc:SAML:2.0:nameid-format:persistent"
SESSION = "__Host-hexkeep-session="
ADA = Account("account-2", user_name="lovelace", given_name="Ada", family_name="Lovelace", email="lovelace@example.net")
GRACE = Account(user_name="grace", given_name="Grace", family_name="Hopper", email="grace@example.net")
ELSEWHERE = {"origin": "https://idp.example.net", "sec-fetch-site": "cross-site"}
SPACES = " ".join(f'xmlns:{name}="{NAMESPACES[name]}"' for name in ("samlp", "saml"))
SECONDS = 3.0
"""Of the processor: more than any answer may take, and less than it would take to wait for one without bounds."""

_addresses = itertools.count(1)


def sp_metadata(entity_id: str = SP, **attributes: str) -> str:
    """The metadata of a service provider with a place for everything."""
    services = "".join(
        f'<md:SingleLogoutService Binding="{BINDINGS}{way}" Location="{LOGOUT}"/>'
        for way in ("HTTP-Redirect", "HTTP-POST", "SOAP")
    )
    certificate = f"<ds:X509Data><ds:X509Certificate>{pair('sp').certificate}</ds:X509Certificate></ds:X509Data>"
    return (
        f'<md:EntityDescriptor xmlns:md="urn:oasis:names:tc:SAML:2.0:metadata" xmlns:ds="{NAMESPACES["ds"]}"'
        f"{given(entityID=entity_id, **attributes)}>"
        f'<md:SPSSODescriptor AuthnRequestsSigned="true" protocolSupportEnumeration="{NAMESPACES["samlp"]}">'
        f"<md:KeyDescriptor><ds:KeyInfo>{certificate}</ds:KeyInfo></md:KeyDescriptor>{services}"
        f"<md:NameIDFormat>{PERSISTENT}</md:NameIDFormat>"
        f'<md:AssertionConsumerService Binding="{BINDINGS}HTTP-POST" Location="{CONSUMER}" index="1"/>'
        "</md:SPSSODescriptor></md:EntityDescriptor>"
    )


def _about(destination: str, **more: str) -> str:
    """The attributes of a message of now with an id of its own."""
    now = moment(datetime.now(UTC))
    return given(ID=f"_{uuid4().hex}", Version="2.0", IssueInstant=now, Destination=destination, **more)


def asking(destination: str) -> str:
    """An AuthnRequest of the service provider's that asks for all that can be asked for."""
    about = _about(
        destination,
        AssertionConsumerServiceURL=CONSUMER,
        ProtocolBinding=f"{BINDINGS}HTTP-POST",
        ForceAuthn="false",
        IsPassive="false",
    )
    password = "urn:oasis:names:tc:SAML:2.0:ac:classes:PasswordProtectedTransport"
    return (
        f"<samlp:AuthnRequest {SPACES}{about}><saml:Issuer>{SP}</saml:Issuer>"
        "<samlp:Extensions><x xmlns='urn:x'>y</x></samlp:Extensions>"
        f'<samlp:NameIDPolicy Format="{PERSISTENT}" AllowCreate="true"/>'
        '<samlp:RequestedAuthnContext Comparison="exact">'
        f"<saml:AuthnContextClassRef>{password}</saml:AuthnContextClassRef></samlp:RequestedAuthnContext>"
        "<samlp:Scoping ProxyCount='0'/></samlp:AuthnRequest>"
    )


def leaving(destination: str, **changes: Any) -> str:
    """A LogoutRequest with an id of its own."""
    said = Leaving(destination, datetime.now(UTC), id=f"_{uuid4().hex}", until=datetime(9999, 12, 31, tzinfo=UTC))
    return logout_text(replace(said, **changes))


def left(destination: str, issuer: str = SP, answers: str = "_asked") -> str:
    """A LogoutResponse."""
    about = _about(destination, InResponseTo=answers)
    status = '<samlp:Status><samlp:StatusCode Value="urn:oasis:names:tc:SAML:2.0:status:Success"/></samlp:Status>'
    return f"<samlp:LogoutResponse {SPACES}{about}><saml:Issuer>{issuer}</saml:Issuer>{status}</samlp:LogoutResponse>"


@dataclass
class Answered:
    """An answer, and what came of the request."""

    response: httpx.Response
    written: int
    """How many events there are more than before."""
    seconds: float
    """Of the processor, of the whole process."""

    @property
    def signs_in(self) -> bool:
        """Whether a browser would be in a session by it."""
        told = self.response.headers.get_list("set-cookie")
        return any(one.startswith(SESSION) and not one.startswith((f"{SESSION};", f'{SESSION}"";')) for one in told)


@dataclass
class Person:
    """Somebody in a session, and what a provider calls that."""

    cookies: httpx.Cookies = field(default_factory=httpx.Cookies)
    name: str = ""
    index: str = ""


@dataclass
class SamlRig:
    """What tests call, each in a loop of its own making.

    Ada and Grace have signed in by the identity provider, and Ada at the service provider as well.
    """

    loop: asyncio.Runner
    site: Site
    tenant: Tenant
    upstream: SamlUpstream
    provider_id: str
    client_id: str
    project_id: str
    spare_id: str
    """An identity provider that nobody signs in by, to be changed."""
    ada: Person = field(default_factory=Person)
    grace: Person = field(default_factory=Person)

    def send(self, method: str, path: str, cookies: httpx.Cookies | None = None, **asked: Any) -> Answered:
        """One request, from an address of its own."""
        return self.loop.run(self._send(method, path, cookies, **asked))

    async def _send(self, method: str, path: str, cookies: httpx.Cookies | None, **asked: Any) -> Answered:
        before = await self._written()
        async with self.browser(cookies) as client:
            began = time.process_time()
            response = await client.request(method, path, **asked)
            seconds = time.process_time() - began
        return Answered(response, await self._written() - before, seconds)

    def browser(self, cookies: httpx.Cookies | None = None) -> httpx.AsyncClient:
        """One at an address of its own, for requests and failures are counted by address."""
        number = next(_addresses)
        address = f"10.{number >> 16 & 255}.{number >> 8 & 255}.{number & 255}"
        transport = httpx.ASGITransport(app=self.site.app, client=(address, 4711))
        return httpx.AsyncClient(transport=transport, base_url=ORIGIN, cookies=cookies)

    async def _written(self) -> int:
        heads = [await self.site.storage.events.head(self.tenant.id, log) for log in Log]
        return sum(head.position for head in heads)

    def do(self, operation: str, **fields: object) -> Mapping[str, object]:
        """What an administrator does."""
        return self.loop.run(self.tenant.do(operation, **fields))

    def written(self) -> int:
        """How many events there are."""
        return self.loop.run(self._written())

    def enter(self) -> None:
        """Have both sign in, anew if they are."""
        self.ada, self.grace = self.loop.run(self._entered(ADA)), self.loop.run(self._entered(GRACE))

    async def _entered(self, who: Account) -> Person:
        async with self.browser() as browser, self.browser() as bare:
            gone = await browser.get("/ui/idp", params={"provider": self.provider_id})
            fields = await self.upstream.sign_in(gone.headers["location"], who)
            hop = await bare.post(self.callback, data=dict(fields), headers=ELSEWHERE)
            assert (await browser.get(hop.headers["location"])).headers["location"] == "/ui/account"
            if who is GRACE:
                return Person(browser.cookies, GRACE.external_id, "session-1")
            began = await browser.get("/saml/begin", params={"client_id": self.client_id, "RelayState": "x"})
            root = etree.fromstring(base64.b64decode(hidden(began.text)["SAMLResponse"]))
            sitting = root.find(".//saml:AuthnStatement", NAMESPACES)
            index = str(sitting.get("SessionIndex")) if sitting is not None else ""
            return Person(browser.cookies, root.findtext(".//saml:NameID", "", NAMESPACES), index)

    @property
    def callback(self) -> str:
        """Where answers of the identity provider come to."""
        return f"/ui/idp/callback/{self.provider_id}"


@contextmanager
def running() -> Iterator[SamlRig]:
    """A rig, for as long as a module needs it."""
    with asyncio.Runner() as loop:
        made = _made(loop)
        rig = loop.run(made.__aenter__())
        try:
            rig.enter()
            yield rig
        finally:
            loop.run(made.__aexit__(None, None, None))


@asynccontextmanager
async def _made(loop: asyncio.Runner) -> AsyncIterator[SamlRig]:
    upstream = SamlUpstream(SystemClock())
    async with running_site(outbound=upstream) as site:
        tenant = await site.tenant()
        provider_id = await tenant.campus(METADATA)
        project = await tenant.do("CreateProject", organization_id=tenant.organization_id, name="Wiki")
        asked = {"project_id": project["project_id"], "name": "Wiki", "metadata_xml": sp_metadata()}
        answered = {"idp_initiated": True, "name_id_format": "persistent"}
        client_id = str((await tenant.do("CreateSamlApplication", **asked, options=answered))["client_id"])
        spare = {"name": "Spare", "metadata_xml": metadata_text((pair("idp").certificate,))}
        spare_id = str((await tenant.do("CreateInstanceSamlIdentityProvider", **spare))["identity_provider_id"])
        yield SamlRig(loop, site, tenant, upstream, provider_id, client_id, str(project["project_id"]), spare_id)
