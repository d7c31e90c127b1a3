"""The way to an identity provider and back.

The buttons are links: browsers hold ``form-action`` against redirects too, and would have to be told of every provider.
What begins from another site's page is refused, and what comes back has to come back to the browser that began.
"""

import re
import secrets
from dataclasses import dataclass
from urllib.parse import urlencode

from hexkeep.adapters.asgi import cookies
from hexkeep.adapters.asgi.messages import message
from hexkeep.adapters.asgi.request import Request
from hexkeep.adapters.asgi.response import Header, Response, redirect
from hexkeep.adapters.web import accounts, csrf, paths
from hexkeep.adapters.web.errors import FormRefused
from hexkeep.adapters.web.languages import accepted_languages
from hexkeep.adapters.web.pages import WebPages
from hexkeep.adapters.web.sign_in import SignIn
from hexkeep.adapters.web.texts import text
from hexkeep.adapters.web.visitors import SURFACE, Visitors
from hexkeep.adapters.web.way_on import WayOn
from hexkeep.core.authrequest.messages import AuthRequestDetails
from hexkeep.core.idp.settings import OWN_HEADERS
from hexkeep.core.idpintent.api import (
    FINISH_IDP_INTENT,
    KEEP_IDP_ANSWER,
    LIST_SIGN_IN_PROVIDERS,
    START_IDP_INTENT,
)
from hexkeep.core.idpintent.errors import IdpIntentInvalid
from hexkeep.core.idpintent.messages import (
    FinishIdpIntent,
    IdpIntentFinished,
    IdpIntentStarted,
    KeepIdpAnswer,
    ListSignInProviders,
    StartIdpIntent,
)
from hexkeep.core.kernel.errors import InvalidInput
from hexkeep.core.oidc.rfc6749 import redirect_origin
from hexkeep.ports.api import Anonymous, Api

PROVIDER, RELAY_STATE = "provider", "RelayState"
"""What names the provider in our links; what SAML calls ``state`` (SAML 2.0 Bindings section 3.5.3)."""
MAX_POSTED = 256 * 1024
"""Bytes of a form that a provider's page posts: a SAML response with many attributes is long."""
BINDING = "__Host-hexkeep-idp"
"""Holds what binds attempts to this browser."""
PROOF = "__Host-hexkeep-idp-proof"
"""Holds the proof of who somebody is at a provider, until an account here is chosen for it."""
HEADER = "__Host-hexkeep-idp-header"
"""Names the header that the provider wants which the browser has gone to."""
BESIDE = "__Host-hexkeep-idp-beside"
"""Tells that the session is to stand beside the one that the browser has had."""
SECONDS = 900
BINDING_BYTES = 32
VALUE = re.compile(r"[A-Za-z0-9_-]{43}")


@dataclass(frozen=True, slots=True)
class ProviderButton:
    """A provider as the sign-in page shows it."""

    name: str
    path: str


class ProviderButtons:
    """Which providers a sign-in page offers."""

    def __init__(self, api: Api) -> None:
        self._api = api

    async def buttons(
        self, request: Request, asked: AuthRequestDetails | None, *, beside: bool
    ) -> tuple[ProviderButton, ...]:
        """Those that people of whom somebody is asked for may sign in by, in order."""
        request_id = asked.auth_request_id if asked else ""
        wish = ListSignInProviders(organization_id=asked.organization_id if asked else "")
        found = await self._api.call(LIST_SIGN_IN_PROVIDERS, wish, Anonymous(), request.meta(SURFACE))
        more = {paths.REQUEST: request_id, accounts.ANOTHER: "1" if beside else ""}
        given = {name: value for name, value in more.items() if value}
        return tuple(
            ProviderButton(one.name, f"{paths.IDP}?{urlencode({PROVIDER: one.identity_provider_id, **given})}")
            for one in found.output.providers
        )


class IdpPages:
    """Where a sign-in elsewhere begins, and where it comes back to."""

    def __init__(self, api: Api, pages: WebPages, visitors: Visitors) -> None:
        self._api = api
        self._pages = pages
        self._visitors = visitors
        self._sign_in = SignIn(api, visitors)
        self._way_on = WayOn(api, pages)

    async def begin(self, request: Request) -> Response:
        """To the provider. Raises ``FormRefused`` for what another site's page has led to."""
        if request.header("sec-fetch-site") not in {"", *csrf.OWN_SITES}:
            raise FormRefused
        query = request.query()
        asked = await self._visitors.asked(request, query.get(paths.REQUEST))
        binding, kept = _binding(request)
        wish = message(
            StartIdpIntent,
            identity_provider_id=query.get(PROVIDER),
            binding=binding,
            auth_request_id=asked.auth_request_id if asked else "",
            organization_id=asked.organization_id if asked else "",
            login_hint=asked.login_hint if asked else "",
            anew=asked is not None and asked.anew,
            ui_locales=(*(asked.ui_locales if asked else ()), *accepted_languages(request))[:20],
        )
        started = (await self._api.call(START_IDP_INTENT, wish, Anonymous(), request.meta(SURFACE))).output
        beside = query.get(accounts.ANOTHER)
        mark = cookies.kept(BESIDE, "1", seconds=SECONDS) if beside else cookies.forgotten(BESIDE)
        wanted = (cookies.kept(HEADER, started.header, seconds=SECONDS),) if started.header else ()
        return self._onward(request, started).adding(kept, mark, *wanted)

    def _onward(self, request: Request, started: IdpIntentStarted) -> Response:
        """To the provider, by a link or by a form."""
        if not started.fields:
            return redirect(started.redirect_to)
        there = started.redirect_to
        return self._pages.form_post(request, text("form_post.idp"), there, started.fields, redirect_origin(there))

    async def posted(self, request: Request) -> Response:
        """A form of the provider's page, which comes without our cookies: kept, and led to the same by GET."""
        form = await request.form(MAX_POSTED)
        state = form.get("state") or form.get(RELAY_STATE)
        if form.repeated:
            raise InvalidInput("A parameter is included more than once")
        if not state:
            raise IdpIntentInvalid
        posted = dict(form.without("state", RELAY_STATE).values)
        kept = message(KeepIdpAnswer, identity_provider_id=_came_from(request), state=state, parameters=posted)
        await self._api.call(KEEP_IDP_ANSWER, kept, Anonymous(), request.meta(SURFACE))
        return redirect(f"{request.path}?{urlencode({'state': state})}")

    async def back(self, request: Request) -> Response:
        """From the provider: signed in, or to where an account here is chosen."""
        query = request.query()
        if query.repeated:
            raise InvalidInput("A parameter is included more than once")
        state, binding = query.get("state"), request.cookie(BINDING)
        if not state or not VALUE.fullmatch(binding):
            raise IdpIntentInvalid
        wish = message(
            FinishIdpIntent,
            identity_provider_id=_came_from(request),
            state=state,
            binding=binding,
            parameters=dict(query.without("state").values),
            header=_wanted_header(request),
        )
        found = (await self._api.call(FINISH_IDP_INTENT, wish, Anonymous(), request.meta(SURFACE))).output
        return await onward(request, found, self._sign_in, self._way_on)


async def onward(request: Request, found: IdpIntentFinished, sign_in: SignIn, way_on: WayOn) -> Response:
    """The way on with what a provider has told: signed in, or to where an account here is chosen."""
    if not found.user_id:
        choice = redirect(paths.with_request(paths.IDP_ACCOUNT, found.auth_request_id))
        return choice.adding(cookies.kept(PROOF, found.proof, seconds=SECONDS))
    return await signed_in(request, found.proof, found.auth_request_id, sign_in, way_on)


async def signed_in(request: Request, proof: str, request_id: str, sign_in: SignIn, way_on: WayOn) -> Response:
    """The way on of who has a proof with a user."""
    beside = bool(request.cookie(BESIDE))
    opened = await sign_in.by_proof(request, proof, beside=beside)
    kept = accounts.beside(request, opened.session_id) if beside else ()
    response = await way_on.opened(request, opened, request_id)
    return response.adding(*kept, cookies.forgotten(PROOF), cookies.forgotten(BESIDE))


def _came_from(request: Request) -> str:
    """The provider whose place the browser has come back to."""
    return request.path.rpartition("/")[2]


def _wanted_header(request: Request) -> str:
    """The header that the provider wants, and no other; who has the browser tell another name gets none of ours."""
    name = request.cookie(HEADER).lower()
    return request.header(name) if name and name not in OWN_HEADERS else ""


def _binding(request: Request) -> tuple[str, Header]:
    """What binds attempts to this browser: the same for several windows, so that none takes another's away."""
    present = request.cookie(BINDING)
    value = present if VALUE.fullmatch(present) else secrets.token_urlsafe(BINDING_BYTES)
    return value, cookies.kept(BINDING, value, seconds=SECONDS)
