"""A whole site for tests: the real engine in memory, one instance or two, and the HTTP applications in front of it."""

import base64
import hashlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import cache
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from hexkeep.adapters.argon2.hashing import Argon2Hashing
from hexkeep.adapters.asgi.dispatcher import Dispatcher
from hexkeep.adapters.asgi.front import Front
from hexkeep.adapters.asgi.types import ASGIApp
from hexkeep.adapters.assets.app import SEGMENT as ASSETS
from hexkeep.adapters.assets.app import create_assets_app
from hexkeep.adapters.cryptography.certificates import X509Certificates
from hexkeep.adapters.cryptography.cipher import AesGcmCipher
from hexkeep.adapters.joserfc.jose import JoserfcJose
from hexkeep.adapters.logout.deliverer import Logouts
from hexkeep.adapters.memory.settings import MemorySettings
from hexkeep.adapters.memory.storage import MemoryStorage
from hexkeep.adapters.offload.threads import Threads
from hexkeep.adapters.oidc.app import SEGMENTS as OIDC_SEGMENTS
from hexkeep.adapters.oidc.app import create_oidc_app
from hexkeep.adapters.pillow.images import PillowImages
from hexkeep.adapters.pillow.settings import PillowSettings
from hexkeep.adapters.saml.app import SEGMENTS as SAML_SEGMENTS
from hexkeep.adapters.saml.app import create_saml_app
from hexkeep.adapters.system.clock import SystemClock
from hexkeep.adapters.system.ids import SystemIds
from hexkeep.adapters.web.app import create_web_app
from hexkeep.adapters.web.pages import WebPages
from hexkeep.adapters.web.paths import SEGMENTS as WEB_SEGMENTS
from hexkeep.adapters.webauthn.webauthn import PyWebAuthn
from hexkeep.adapters.xmlsec.port import LxmlXml
from hexkeep.bootstrap.plugins import Plugins
from hexkeep.core.instance.setup import CREATION
from hexkeep.core.instance.state import SYSTEM_INSTANCE
from hexkeep.core.kernel.event import Log
from hexkeep.core.logout.outbox import OTHERS_CHANNEL, REVOCATIONS_CHANNEL
from hexkeep.core.slices import SLICES
from hexkeep.engine.assembly import Machinery, Ports
from hexkeep.engine.iam import Iam
from hexkeep.engine.masters import MasterKey
from hexkeep.ports.api import Meta, PositionToken, System
from hexkeep.ports.clock import Clock
from hexkeep.ports.delivery import Deliverer
from hexkeep.ports.outbound import Nowhere, Outbound
from hexkeep.testing.faults import FaultyEvents
from tests.fakes.tombstones import ListedTombstones
from tests.mailbox import CHANNELS, Mailbox
from tests.unit.engine.rig import QUICK

ORIGIN = "https://id.example.com"
OTHER_ORIGIN = "https://id.example.net"
CALLBACK = "https://app.example.com/callback"
AFTER_LOGOUT = "https://app.example.com/bye"
USER_NAME, PASSWORD = "ada", "a long enough sentence"
VERIFIER = "v" * 43
OWN_CHANNELS = (OTHERS_CHANNEL, REVOCATIONS_CHANNEL)
OFFERS = Plugins.load().identity_providers()
CHALLENGE = base64.urlsafe_b64encode(hashlib.sha256(VERIFIER.encode()).digest()).decode().rstrip("=")


@dataclass
class Tenant:
    """One instance, called as the system, which sees whatever has been written until now, by whomever."""

    iam: Iam
    id: str
    origin: str
    organization_id: str
    user_id: str

    async def do(self, operation: str, **fields: object) -> dict[str, object]:
        """The output of an operation."""
        known = self.iam.operation(operation)
        asked = known.input.model_validate(fields)
        heads = [await self.iam.machinery.ports.events.head(self.id, log) for log in Log]
        seen = tuple(PositionToken(one.instance, one.log, one.epoch, one.position) for one in heads if one.position)
        meta = Meta(instance=self.id, timeout=60, min_positions=seen)
        return dict((await self.iam.call(known, asked, System(), meta)).output)

    async def campus(self, metadata_url: str) -> str:
        """An identity provider of SAML that the sign-in page offers, and whose people get accounts by themselves."""
        options = {"creation_allowed": True, "auto_creation": True, "metadata_url": metadata_url}
        made = await self.do("CreateInstanceSamlIdentityProvider", name="Campus", **options)
        provider_id = str(made["identity_provider_id"])
        await self.do("SetDefaultLoginProviders", identity_provider_ids=(provider_id,))
        return provider_id

    async def application(self, **fields: object) -> dict[str, str]:
        """A client of a project of its own: ``client_id`` and ``client_secret``."""
        project = await self.do("CreateProject", organization_id=self.organization_id, name="Shop")
        chosen = {
            "project_id": project["project_id"],
            "name": "Shop",
            "application_type": "web",
            "redirect_uris": (CALLBACK,),
            "post_logout_redirect_uris": (AFTER_LOGOUT,),
            **fields,
        }
        made = await self.do("CreateOidcApplication", **chosen)
        return {name: str(value) for name, value in made.items()}

    async def user(self, **fields: object) -> str:
        """One more person."""
        chosen = {
            "organization_id": self.organization_id,
            "user_name": "grace",
            "given_name": "Grace",
            "email": "grace@example.com",
            "password": PASSWORD,
            **fields,
        }
        return str((await self.do("CreateHumanUser", **chosen))["user_id"])


@dataclass
class Site:
    """The engine and its front."""

    iam: Iam
    app: ASGIApp
    mail: Mailbox
    storage: MemoryStorage
    events: FaultyEvents
    """The way to the log, which can be made to fail."""

    async def tenant(self, origin: str = ORIGIN) -> Tenant:
        """A new instance whose administrator is ``USER_NAME`` with ``PASSWORD``."""
        operation = self.iam.operation("CreateInstance")
        asked = operation.input(
            name="Test",
            origin=origin,
            organization_name="Example",
            user_name=USER_NAME,
            given_name="Ada",
            family_name="Lovelace",
            email="ada@example.com",
            password=PASSWORD,
        )
        made = (await self.iam.call(operation, asked, System(), Meta(instance=SYSTEM_INSTANCE, timeout=60))).output
        await self.iam.drive(CREATION.name, SYSTEM_INSTANCE, made.instance_id)
        return Tenant(self.iam, made.instance_id, origin, made.organization_id, made.user_id)

    def browser(self, origin: str = ORIGIN) -> httpx.AsyncClient:
        """A client with cookies of its own, which follows no redirects, and goes from no page by itself."""
        transport = httpx.ASGITransport(app=self.app)
        return httpx.AsyncClient(transport=transport, base_url=origin, event_hooks={"response": [leads_on]})


_pages = cache(WebPages)
"""Templates are read and compiled once; nothing of a site is in them."""


async def elsewhere(scope: object, receive: object, send: object) -> None:
    """Stands for the rest of the paths."""
    raise LookupError


@asynccontextmanager
async def running_site(clock: Clock | None = None, outbound: Outbound | None = None) -> AsyncIterator[Site]:
    """A started engine without instances, and its applications; without ``outbound`` it reaches nobody."""
    clock = clock or SystemClock()
    storage = MemoryStorage(MemorySettings(), clock)
    await storage.open()
    events = FaultyEvents(storage.events)
    hashing = Argon2Hashing(QUICK)
    offload = Threads()
    ports = Ports(
        events=events,
        views=storage.views,
        pubsub=storage.pubsub,
        locks=storage.locks,
        expiring=storage.expiring,
        keys=storage.keys,
        seals=storage.seals,
        snapshots=storage.snapshots,
        blobs=storage.blobs,
        tombstones=ListedTombstones(),
        cipher=AesGcmCipher(),
        hashing=hashing,
        images=PillowImages(PillowSettings()),
        jose=JoserfcJose(),
        webauthn=PyWebAuthn(),
        certificates=X509Certificates(),
        offload=offload,
        xml=LxmlXml(offload),
        clock=clock,
        ids=SystemIds(),
        outbound=outbound or Nowhere(),
    )
    mail, logouts = Mailbox(), Logouts(ports.outbound)
    deliverers: dict[str, Deliverer] = {**dict.fromkeys(CHANNELS, mail), **dict.fromkeys(OWN_CHANNELS, logouts)}
    iam = Iam(Machinery(ports, MasterKey(bytes(32)), SLICES, deliverers=deliverers, offers=OFFERS))
    logouts.attach(iam)
    await iam.start()
    try:
        yield Site(iam, front_of(iam), mail, storage, events)
    finally:
        await iam.stop()
        await storage.close()
        hashing.close()


def front_of(iam: Iam) -> ASGIApp:
    """The protocol endpoints and the pages behind one front."""
    pages = _pages()
    oidc, web = create_oidc_app(iam, pages), create_web_app(iam, pages)
    saml = create_saml_app(iam, pages)
    by_segment: dict[str, ASGIApp] = {**dict.fromkeys(OIDC_SEGMENTS, oidc), **dict.fromkeys(WEB_SEGMENTS, web)}
    by_segment |= dict.fromkeys(SAML_SEGMENTS, saml)
    by_segment[ASSETS] = create_assets_app(iam, 10.0)
    return Front(Dispatcher(by_segment, elsewhere))


async def leads_on(response: httpx.Response) -> None:
    """Where a page goes by itself stands where a redirect's target does: to a browser they are the same."""
    if onward := response.headers.get("refresh"):
        response.headers["location"] = onward.removeprefix("0; url=")


def authorization(client: dict[str, str], **changes: str) -> dict[str, str]:
    """The parameters of a good authorization request, changed."""
    params = {
        "client_id": client["client_id"],
        "redirect_uri": CALLBACK,
        "response_type": "code",
        "scope": "openid profile",
        "state": "xyz",
        "nonce": "n-1",
        "code_challenge": CHALLENGE,
        "code_challenge_method": "S256",
    }
    return {name: value for name, value in {**params, **changes}.items() if value}


def hidden(html: str) -> dict[str, str]:
    """The hidden fields of a page, as its form would send them."""
    fields = {}
    for part in html.split('<input type="hidden" name="')[1:]:
        name, _, rest = part.partition('" value="')
        fields[name] = rest.partition('"')[0].replace("&amp;", "&")
    return fields


def answered(location: str) -> dict[str, str]:
    """The parameters in the query of a redirect."""
    return {name: values[0] for name, values in parse_qs(urlsplit(location).query).items()}


async def sign_in(
    browser: httpx.AsyncClient, page: str = "/ui/login", user_name: str = USER_NAME, password: str = PASSWORD
) -> httpx.Response:
    """Fill in the login form as a person does."""
    shown = await browser.get(page)
    assert shown.status_code == 200, shown.text
    form = {**hidden(shown.text), "user_name": user_name, "password": password, "decision": "sign_in"}
    sent = await browser.post("/ui/login", data=form, headers={"origin": str(browser.base_url).rstrip("/")})
    await leads_on(sent)  # whoever made the client
    return sent


async def code_for(browser: httpx.AsyncClient, client: dict[str, str], **changes: str) -> str:
    """A code for an application, signed in for on the way."""
    began = await browser.get("/oauth/authorize", params=authorization(client, **changes))
    ended = began
    if began.headers["location"].startswith("/ui/login"):
        ended = await sign_in(browser, began.headers["location"])
    return answered(ended.headers["location"])["code"]


async def redeem(browser: httpx.AsyncClient, client: dict[str, str], code: str, **changes: str) -> httpx.Response:
    """Exchange a code, the client authenticating with its secret."""
    form = {
        "grant_type": "authorization_code",
        "code": code,
        "redirect_uri": CALLBACK,
        "code_verifier": VERIFIER,
        **changes,
    }
    return await browser.post("/oauth/token", data=form, auth=(client["client_id"], client["client_secret"]))


@pytest.fixture
async def site() -> AsyncIterator[Site]:
    """A site without instances."""
    async with running_site() as site:
        yield site


@pytest.fixture
async def tenant(site: Site) -> Tenant:
    """The instance at ``ORIGIN``."""
    return await site.tenant()


@pytest.fixture
async def browser(site: Site, tenant: Tenant) -> AsyncIterator[httpx.AsyncClient]:
    """A browser at ``ORIGIN``."""
    async with site.browser() as browser:
        yield browser
