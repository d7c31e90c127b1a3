"""The login page: by what people sign in, for an application or for its own sake."""

from contextlib import suppress
from dataclasses import dataclass, replace

from hexkeep.adapters.asgi.forms import Form
from hexkeep.adapters.asgi.messages import message
from hexkeep.adapters.asgi.request import Request
from hexkeep.adapters.asgi.response import Response, redirect, retry_after
from hexkeep.adapters.web import accounts, csrf, paths
from hexkeep.adapters.web.about import Logos, links_of
from hexkeep.adapters.web.bindings import bound
from hexkeep.adapters.web.form_page import FormPage
from hexkeep.adapters.web.idp import Departure, Departures, ProviderButtons
from hexkeep.adapters.web.look import Looks, present
from hexkeep.adapters.web.pages import WebPages
from hexkeep.adapters.web.scripts import PASSKEY
from hexkeep.adapters.web.sign_in import SignIn
from hexkeep.adapters.web.texts import text, too_many
from hexkeep.adapters.web.visitors import SURFACE, Visitors
from hexkeep.adapters.web.way_back import way_back
from hexkeep.adapters.web.way_on import WayOn
from hexkeep.core.authrequest.messages import AuthRequestDetails
from hexkeep.core.idpintent.api import DISCOVER_SIGN_IN
from hexkeep.core.idpintent.errors import IdpFailed
from hexkeep.core.idpintent.messages import DiscoverSignIn, SignInPlace
from hexkeep.core.kernel.errors import InvalidInput, ResourceExhausted, SecondFactorRequired, Unauthenticated
from hexkeep.core.kernel.operation import Empty, Operation
from hexkeep.core.session.commands import SessionOpened
from hexkeep.core.session.idp_again import IdpSessionConfirmed
from hexkeep.ports.api import Anonymous, Api, Bearer

BAD_REQUEST, FORBIDDEN = 400, 403
CANCEL, DISCOVER = "cancel", "discover"
BY, PASSWORD = "by", "password"
"""The parameter that shows the form for a password, whatever the policy says: who owns the instance may use it."""
PASSKEY_SOURCE = "/auth/v1/passkey-sign-ins"
"""Where the page's script begins a sign-in with a passkey: ``StartPasskeySignIn``."""


@dataclass(frozen=True, slots=True)
class Sought:
    """Who is to sign in: for what, of which organization if of any, and whether ``beside`` who is signed in."""

    asked: AuthRequestDetails | None
    organization_id: str = ""
    another: bool = False
    insists: bool = False
    """On a password."""

    @property
    def request_id(self) -> str:
        """The id of the authorization request, empty without one."""
        return self.asked.auth_request_id if self.asked else ""

    def at(self, place: SignInPlace) -> "Sought":
        """The same at a place that was found, where its people alone are meant."""
        return replace(self, organization_id=self.organization_id or place.organization_id)


class LoginPage:
    """``GET`` shows the form, ``POST`` takes it."""

    def __init__(self, api: Api, pages: WebPages, visitors: Visitors, logos: Logos, looks: Looks) -> None:
        self._api = api
        self._pages = pages
        self._page = FormPage(pages, paths.LOGIN, "login.html", "login.title")
        self._visitors = visitors
        self._logos = logos
        self._looks = looks
        self._confirm: Operation[Empty, IdpSessionConfirmed] = api.operation("ConfirmMyIdpSession")
        self._sign_in = SignIn(api, visitors)
        self._providers = ProviderButtons(api)
        self._departures = Departures(api)
        self._way_on = WayOn(api, pages)

    async def show(self, request: Request) -> Response:
        """The empty form. Without an application's wish, who is signed in has no need of it.

        A hint whose domain leads to a provider of the instance is followed at once, unless this browser has just been
        somewhere: who comes back in vain can choose. One of an organization may sign anybody in as whomever it likes,
        and anybody may write a link with a hint, and with that organization's scope: to it people go by a button.
        Who came by a provider that may be asked instead goes on as well.
        """
        query = request.query()
        asked = await self._visitors.asked(request, query.get(paths.REQUEST))
        if asked is None and not way_back(request) and await self._visitors.person(request):
            return redirect(paths.ACCOUNT)
        sought = _sought(asked, query)
        if asked and not sought.another and await self._confirmed(request):
            return await self._way_on.proven(request, request.session_token, sought.request_id)
        hint = asked.login_hint if asked and not sought.another else ""
        place = await self._place(request, sought, hint)
        if place.identity_provider_id and place.provider_of_instance and not bound(request):
            with suppress(IdpFailed):  # who cannot be signed in there, now or for this, can choose
                return await self._left(request, sought, place, hint)
        return await self._form(request, sought.at(place), hint)

    async def _confirmed(self, request: Request) -> bool:
        """Whether who is signed in need not sign in again, for the provider has been asked instead."""
        if not request.session_token:
            return False
        caller, meta = Bearer(request.session_token), request.meta(SURFACE)
        try:
            return (await self._api.call(self._confirm, Empty(), caller, meta)).output.confirmed
        except (Unauthenticated, SecondFactorRequired, IdpFailed):
            return False  # the person is asked

    async def submit(self, request: Request) -> Response:
        """Sign in and go on, or show the form again and say why not."""
        form = await csrf.accepted_form(request)
        sought = _sought(await self._visitors.asked(request, form.get(paths.REQUEST)), form)
        if sought.asked and form.get("decision") == CANCEL:
            return await self._way_on.denied(request, sought.asked)
        if form.get("decision") == DISCOVER:
            return await self._discovered(request, sought, form.get("user_name").strip())
        try:
            return await self._signed_in(request, form, sought)
        except Unauthenticated:
            return await self._refused(request, form, sought)
        except ResourceExhausted as error:
            problem = too_many("login.too_many", error)
            page = await self._form(request, sought, form.get("user_name"), problem, error.status)
            return page.adding(*retry_after(error))

    async def _signed_in(self, request: Request, form: Form, sought: Sought) -> Response:
        if passkey := form.get("passkey"):
            opened = await self._sign_in.by_passkey(request, passkey, sought.organization_id, beside=sought.another)
            return await self._after(request, opened, sought)
        user_name, password = form.get("user_name").strip(), form.get("password")
        if not user_name or not password:
            return await self._form(request, sought, user_name, text("login.incomplete"), BAD_REQUEST)
        opened = await self._sign_in(request, user_name, password, sought.organization_id, beside=sought.another)
        return await self._after(request, opened, sought)

    async def _refused(self, request: Request, form: Form, sought: Sought) -> Response:
        """The form again; where nobody of that domain signs in with a password, what they sign in by."""
        user_name = form.get("user_name")
        if form.get("passkey"):
            return await self._form(request, sought, user_name, text("passkey.failed"), FORBIDDEN)
        place = await self._place(request, sought, user_name)
        there = sought if place.password_allowed else sought.at(place)
        return await self._form(request, there, user_name, text("login.wrong"), FORBIDDEN)

    async def _discovered(self, request: Request, sought: Sought, user_name: str) -> Response:
        """On to where people of the name's domain sign in, or the form again."""
        if not user_name:
            return await self._form(request, sought, "", text("login.unnamed"), BAD_REQUEST, name_alone=True)
        place = await self._place(request, sought, user_name)
        if place.identity_provider_id:
            return await self._left(request, sought, place, user_name)
        if not place.organization_id or place.organization_id == sought.organization_id:
            return await self._form(request, sought, user_name, text("login.nowhere"), BAD_REQUEST, name_alone=True)
        return await self._form(request, sought.at(place), user_name)

    async def _place(self, request: Request, sought: Sought, login_name: str) -> SignInPlace:
        """Where people with such a name sign in, as far as its domain tells."""
        if "@" not in login_name:
            return SignInPlace()
        try:
            wish = message(DiscoverSignIn, login_name=login_name.strip(), organization_id=sought.organization_id)
        except InvalidInput:
            return SignInPlace()
        return (await self._api.call(DISCOVER_SIGN_IN, wish, Anonymous(), request.meta(SURFACE))).output

    async def _left(self, request: Request, sought: Sought, place: SignInPlace, login_hint: str) -> Response:
        departure = Departure(
            place.identity_provider_id,
            organization_id=sought.organization_id or place.organization_id,
            login_hint=login_hint,
            beside=sought.another,
            anew=await self._visitors.again(request) is not None,
        )
        started, headers = await self._departures.of(request, sought.asked, departure)
        there = self._pages.away(request, started.redirect_to, started.fields, after_form=True)
        return there.adding(*headers)

    async def _after(self, request: Request, opened: SessionOpened, sought: Sought) -> Response:
        """The way on; the session that the browser has had waits where another one was begun beside it."""
        kept = accounts.beside(request, opened.session_id) if sought.another else ()
        return (await self._way_on.after(request, opened, sought.asked)).adding(*kept)

    def _register(self, sought: Sought) -> str:
        """Where people make accounts, or nothing where they may not."""
        return paths.with_request(paths.REGISTER, sought.request_id) if present().registration_allowed else ""

    async def _form(
        self,
        request: Request,
        sought: Sought,
        user_name: str,
        problem: str = "",
        status: int = 200,
        *,
        name_alone: bool = False,
    ) -> Response:
        """The page; ``name_alone``: the problem is with the name and has nothing to do with a password."""
        asked = sought.asked
        again = None if asked or sought.another else await self._visitors.again(request)
        if again and not sought.organization_id:
            sought = replace(sought, organization_id=again.organization_id)
        if sought.organization_id and not (asked and asked.organization_id):
            await self._looks.put_on(request, sought.organization_id)
        ways = await self._providers.ways(request, asked, sought.organization_id, beside=sought.another)
        values = {
            "kept": {
                paths.REQUEST: sought.request_id,
                accounts.ANOTHER: "1" if sought.another else "",
                paths.ORGANIZATION: sought.organization_id,
                BY: PASSWORD if sought.insists else "",
            },
            "client": asked.client_name if asked else "",
            "organization": asked.organization_name if asked else "",
            "links": links_of(asked),
            "client_logo": await self._logos.path_of(request, asked),
            "user_name": user_name or (again.user_name if again else ""),
            "again": again.display_name or again.user_name if again else "",
            "password_problem": "" if name_alone else problem,
            "cancel": CANCEL,
            "discover": DISCOVER,
            "forgotten": paths.FORGOTTEN,
            "register": self._register(sought),
            "passkey_source": PASSKEY_SOURCE,
            "ways": ways,
            "with_password": ways.password or sought.insists,
        }
        return self._page.show(request, asked, values, problem, status, script=PASSKEY)


def _sought(asked: AuthRequestDetails | None, given: Form) -> Sought:
    """Who is sought, by an authorization request and by what the page's address or form says."""
    meant = asked.organization_id if asked else ""
    return Sought(
        asked,
        meant or given.get(paths.ORGANIZATION),
        another=bool(given.get(accounts.ANOTHER)),
        insists=given.get(BY) == PASSWORD,
    )
