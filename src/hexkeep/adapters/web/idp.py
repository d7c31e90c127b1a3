"""The way to an identity provider and back.

The buttons are links: browsers hold ``form-action`` against redirects too, and would have to be told of every provider.
What begins from another site's page is refused, and what comes back has to come back to the browser that began.
"""

from dataclasses import dataclass, field
from urllib.parse import urlencode

from hexkeep.adapters.asgi import cookies
from hexkeep.adapters.asgi.messages import message
from hexkeep.adapters.asgi.request import Request
from hexkeep.adapters.asgi.response import Header, Response, redirect
from hexkeep.adapters.web import accounts, csrf, paths
from hexkeep.adapters.web.bindings import HEADER, SECONDS, binding, bound, wanted, where_it_began
from hexkeep.adapters.web.errors import FormRefused
from hexkeep.adapters.web.idp_link import Linking
from hexkeep.adapters.web.languages import accepted_languages
from hexkeep.adapters.web.pages import WebPages
from hexkeep.adapters.web.sign_in import SignIn
from hexkeep.adapters.web.visitors import SURFACE, Visitors
from hexkeep.adapters.web.way_back import way_back
from hexkeep.adapters.web.way_on import WayOn
from hexkeep.core.authrequest.messages import AuthRequestDetails
from hexkeep.core.idp.settings import OWN_HEADERS
from hexkeep.core.idpintent.api import (
    FINISH_IDP_INTENT,
    FINISH_IDP_LOGOUT,
    KEEP_IDP_ANSWER,
    LIST_SIGN_IN_PROVIDERS,
    START_IDP_INTENT,
)
from hexkeep.core.idpintent.asks import SignInWay
from hexkeep.core.idpintent.errors import IdpIntentInvalid
from hexkeep.core.idpintent.messages import (
    FinishIdpIntent,
    FinishIdpLogout,
    IdpIntentFinished,
    IdpIntentStarted,
    KeepIdpAnswer,
    ListSignInProviders,
    StartIdpIntent,
)
from hexkeep.core.kernel.errors import InvalidInput
from hexkeep.ports.api import Anonymous, Api

RELAY_STATE = "RelayState"
"""What SAML calls ``state`` (SAML 2.0 Bindings section 3.5.3)."""
LOGIN_HINT = "login_hint"
"""The name that somebody has given before, as our page for a password there is told of it."""
MAX_POSTED = 256 * 1024
"""Bytes of a form that a provider's page posts: a SAML response with many attributes is long."""
PROOF = "__Host-hexkeep-idp-proof"
"""Holds the proof of who somebody is at a provider, until an account here is chosen for it."""
BESIDE = "__Host-hexkeep-idp-beside"
"""Tells that the session is to stand beside the one that the browser has had."""


@dataclass(frozen=True, slots=True)
class ProviderButton:
    """A provider as the sign-in page shows it."""

    name: str
    path: str


@dataclass(frozen=True, slots=True)
class Ways:
    """By what people sign in on a page: providers, in order, a password, a passkey alone.

    ``discovers`` tells whether the domain of a name may lead elsewhere.
    """

    providers: tuple[ProviderButton, ...]
    password: bool
    passkey: bool
    discovers: bool


class ProviderButtons:
    """What a sign-in page offers."""

    def __init__(self, api: Api) -> None:
        self._api = api

    async def ways(
        self, request: Request, asked: AuthRequestDetails | None, organization_id: str, *, beside: bool
    ) -> Ways:
        """What people may sign in by, of an organization if one is meant.

        A password is always offered where there is nothing else, so that whoever owns the instance gets in.
        """
        request_id = asked.auth_request_id if asked else ""
        wish = message(ListSignInProviders, organization_id=organization_id)
        found = (await self._api.call(LIST_SIGN_IN_PROVIDERS, wish, Anonymous(), request.meta(SURFACE))).output
        more = {
            paths.REQUEST: request_id,
            accounts.ANOTHER: "1" if beside else "",
            paths.ORGANIZATION: "" if asked and asked.organization_id else organization_id,
        }
        given = {name: value for name, value in more.items() if value}
        buttons = tuple(
            ProviderButton(one.name, f"{paths.IDP}?{urlencode({paths.PROVIDER: one.identity_provider_id, **given})}")
            for one in found.providers
        )
        return Ways(
            buttons,
            found.password_allowed or not (buttons or found.passwordless_allowed),
            found.passwordless_allowed,
            found.discovers,
        )


@dataclass(frozen=True, slots=True)
class Departure:
    """Which provider somebody goes to, of whom somebody is meant, and under which name the person is known there.

    ``anew``: who is signed in there has to show it once more.
    """

    provider_id: str
    organization_id: str = ""
    login_hint: str = field(default="", repr=False)
    beside: bool = False
    anew: bool = False


class Departures:
    """How browsers are sent to providers."""

    def __init__(self, api: Api) -> None:
        self._api = api

    async def of(
        self, request: Request, asked: AuthRequestDetails | None, departure: Departure
    ) -> tuple[IdpIntentStarted, tuple[Header, ...]]:
        """Where the browser goes, and the headers of the answer that sends it there."""
        value, kept = binding(request)
        organization_id = asked.organization_id if asked else ""
        wish = message(
            StartIdpIntent,
            identity_provider_id=departure.provider_id,
            binding=value,
            auth_request_id=asked.auth_request_id if asked else "",
            organization_id=organization_id or departure.organization_id,
            login_hint=departure.login_hint,
            max_age=asked.max_age if asked else None,
            anew=departure.anew,
            ui_locales=(*(asked.ui_locales if asked else ()), *accepted_languages(request))[:20],
        )
        started = (await self._api.call(START_IDP_INTENT, wish, Anonymous(), request.meta(SURFACE))).output
        if started.way is SignInWay.PASSWORD:
            started = started.model_copy(update={"redirect_to": _password_page(wish)})
        mark = cookies.kept(BESIDE, "1", seconds=SECONDS) if departure.beside else cookies.forgotten(BESIDE)
        return started, (kept, mark, *wanted(started))


class IdpPages:
    """Where a sign-in elsewhere begins, and where it comes back to."""

    def __init__(self, api: Api, pages: WebPages, visitors: Visitors) -> None:
        self._api = api
        self._pages = pages
        self._visitors = visitors
        self._sign_in = SignIn(api, visitors)
        self._way_on = WayOn(api, pages)
        self._departures = Departures(api)
        self._linking = Linking(api, pages)

    async def begin(self, request: Request) -> Response:
        """To the provider. Raises ``FormRefused`` for what another site's page has led to."""
        if request.header("sec-fetch-site") not in {"", *csrf.OWN_SITES}:
            raise FormRefused
        query = request.query()
        asked = await self._visitors.asked(request, query.get(paths.REQUEST))
        departure = Departure(
            query.get(paths.PROVIDER),
            organization_id=query.get(paths.ORGANIZATION),
            login_hint=asked.login_hint if asked else "",
            beside=bool(query.get(accounts.ANOTHER)),
            anew=await self._visitors.again(request) is not None,
        )
        started, headers = await self._departures.of(request, asked, departure)
        return self._pages.away(request, started.redirect_to, started.fields).adding(*headers)

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
        state = query.get("state")
        try:
            found = await self._finished(request, state, dict(query.without("state").values))
        except IdpIntentInvalid:
            elsewhere = await where_it_began(self._api, request, state, request.raw_query.decode()) if state else None
            if elsewhere is None:
                raise
            return elsewhere
        if found.again:
            there = self._pages.away(request, found.again.redirect_to, found.again.fields)
            return there.adding(binding(request)[1], *wanted(found.again))
        if found.linking:
            return await self._linking.finish(request, found.proof)
        return await onward(request, found, self._sign_in, self._way_on)

    async def _finished(self, request: Request, state: str, parameters: dict[str, str]) -> IdpIntentFinished:
        value = bound(request)
        if not state or not value:
            raise IdpIntentInvalid
        provider_id = _came_from(request)
        wish = message(
            FinishIdpIntent,
            identity_provider_id=provider_id,
            state=state,
            binding=value,
            parameters=parameters,
            header=_wanted_header(request),
        )
        return (await self._api.call(FINISH_IDP_INTENT, wish, Anonymous(), request.meta(SURFACE))).output

    async def signed_out(self, request: Request) -> Response:
        """From a provider where somebody was signed out: to where the sign-out here was to lead, or to our page.

        Where service providers of SAML are still to be told, that comes before. Who began on another host of the
        instance goes on there.
        """
        answer = request.query() if request.method == "GET" else await request.form(MAX_POSTED)
        state = answer.get("state") or answer.get(RELAY_STATE)
        try:
            elsewhere = await where_it_began(self._api, request, state, urlencode({"state": state}))
            if elsewhere is not None:
                return elsewhere
            wish = message(FinishIdpLogout, state=state)
            found = (await self._api.call(FINISH_IDP_LOGOUT, wish, Anonymous(), request.meta(SURFACE))).output
            onward = found.redirect_to
        except (IdpIntentInvalid, InvalidInput):
            onward = ""
        signing_out = paths.SIGNING_OUT if request.cookie(cookies.SIGNING_OUT) else ""
        return self._pages.leaving(request, signing_out or onward or paths.SIGNED_OUT)


async def onward(request: Request, found: IdpIntentFinished, sign_in: SignIn, way_on: WayOn) -> Response:
    """The way on with what a provider has told: signed in, or to where an account here is chosen."""
    if not found.user_id:
        choice = redirect(paths.with_request(paths.IDP_ACCOUNT, found.auth_request_id))
        return choice.adding(cookies.kept(PROOF, found.proof, seconds=SECONDS))
    return await signed_in(request, found.proof, found.auth_request_id, sign_in, way_on)


async def signed_in(request: Request, proof: str, request_id: str, sign_in: SignIn, way_on: WayOn) -> Response:
    """The way on of who has a proof with a user. Another proof is kept where the sign-in is to choose its account."""
    beside = bool(request.cookie(BESIDE))
    opened = await sign_in.by_proof(request, proof, beside=beside)
    kept = accounts.beside(request, opened.session_id) if beside else ()
    response = await way_on.opened(request, opened, request_id)
    chosen_later = request.cookie(PROOF) != proof and way_back(request).startswith(paths.IDP_ACCOUNT)
    over = () if chosen_later else (cookies.forgotten(PROOF),)
    return response.adding(*kept, *over, cookies.forgotten(BESIDE))


def _password_page(wish: StartIdpIntent) -> str:
    """Our page for who is known at the provider by name and password alone."""
    given = {
        paths.PROVIDER: wish.identity_provider_id,
        paths.REQUEST: wish.auth_request_id,
        paths.ORGANIZATION: wish.organization_id,
        LOGIN_HINT: wish.login_hint,
    }
    return f"{paths.IDP_PASSWORD}?{urlencode({name: value for name, value in given.items() if value})}"


def _came_from(request: Request) -> str:
    """The provider whose place the browser has come back to."""
    return request.path.rpartition("/")[2]


def _wanted_header(request: Request) -> str:
    """The header that the provider wants, and no other; who has the browser tell another name gets none of ours."""
    name = request.cookie(HEADER).lower()
    return request.header(name) if name and name not in OWN_HEADERS else ""
