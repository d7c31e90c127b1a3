"""The page for who comes from an identity provider for the first time: make an account here, or use one's own."""

from hexkeep.adapters.asgi import cookies
from hexkeep.adapters.asgi.forms import Form
from hexkeep.adapters.asgi.messages import message
from hexkeep.adapters.asgi.request import Request
from hexkeep.adapters.asgi.response import Response, redirect
from hexkeep.adapters.web import csrf, paths, way_back
from hexkeep.adapters.web.form_page import FormPage
from hexkeep.adapters.web.idp import PROOF, signed_in
from hexkeep.adapters.web.pages import WebPages
from hexkeep.adapters.web.sign_in import SignIn
from hexkeep.adapters.web.texts import text
from hexkeep.adapters.web.visitors import SURFACE, Visitors
from hexkeep.adapters.web.way_on import WayOn
from hexkeep.core.idpintent.api import ADD_IDP_INTENT_LINK, CREATE_IDP_USER, GET_IDP_INTENT
from hexkeep.core.idpintent.messages import AddIdpIntentLink, CreateIdpUser, GetIdpIntent, IdpIntentDetails
from hexkeep.core.kernel.errors import InvalidInput, ReauthenticationRequired
from hexkeep.core.user.queries import UserView
from hexkeep.ports.api import Anonymous, Api, Bearer

BAD_REQUEST = 400
LINES = ("given_name", "family_name", "user_name", "email")
CREATE, LINK, SIGN_IN, CANCEL = "create", "link", "sign_in", "cancel"


class IdpAccountPage:
    """``GET`` shows what can be chosen, ``POST`` does it."""

    def __init__(self, api: Api, pages: WebPages, visitors: Visitors) -> None:
        self._api = api
        self._page = FormPage(pages, paths.IDP_ACCOUNT, "idp_account.html", "idp.account.title")
        self._visitors = visitors
        self._sign_in = SignIn(api, visitors)
        self._way_on = WayOn(api, pages)

    async def show(self, request: Request) -> Response:
        """The choice; raises ``IdpIntentInvalid`` where nobody has come from a provider."""
        found = await self._found(request)
        return await self._form(request, found, {name: getattr(found, name) for name in LINES})

    async def submit(self, request: Request) -> Response:
        """Make the account, link the one that is signed in, have somebody sign in first, or do neither."""
        form = await csrf.accepted_form(request)
        found = await self._found(request)
        match form.get("decision"):
            case "create":
                return await self._created(request, found, form)
            case "link":
                return await self._linked(request, found)
            case "sign_in":
                return _to_sign_in(found)
            case _:
                there = redirect(paths.with_request(paths.LOGIN, found.auth_request_id))
                return there.adding(cookies.forgotten(PROOF), way_back.arrived())

    async def _found(self, request: Request) -> IdpIntentDetails:
        asked = message(GetIdpIntent, proof=request.cookie(PROOF) or "none")
        return (await self._api.call(GET_IDP_INTENT, asked, Anonymous(), request.meta(SURFACE))).output

    async def _created(self, request: Request, found: IdpIntentDetails, form: Form) -> Response:
        given = {name: form.get(name).strip() for name in LINES}
        if not (given["given_name"] and given["user_name"] and given["email"]):
            return await self._form(request, found, given, text("idp.create.incomplete"), BAD_REQUEST)
        try:
            wish = message(CreateIdpUser, proof=request.cookie(PROOF), **given)
            await self._api.call(CREATE_IDP_USER, wish, Anonymous(), request.meta(SURFACE))
        except InvalidInput as error:
            field, problem = _refusal(error)
            return await self._form(request, found, given, problem, error.status, fault=field)
        return await self._on(request, found)

    async def _linked(self, request: Request, found: IdpIntentDetails) -> Response:
        wish = message(AddIdpIntentLink, proof=request.cookie(PROOF))
        caller = Bearer(request.session_token)
        try:
            await self._api.call(ADD_IDP_INTENT_LINK, wish, caller, request.meta(SURFACE))
        except ReauthenticationRequired:
            return _to_sign_in(found)
        return await self._on(request, found)

    async def _on(self, request: Request, found: IdpIntentDetails) -> Response:
        """Signed in with what the provider has told; the page has been come back to, if it was left."""
        token = request.cookie(PROOF)
        way_on = await signed_in(request, token, found.auth_request_id, self._sign_in, self._way_on)
        return way_on.adding(way_back.arrived())

    async def _form(
        self,
        request: Request,
        found: IdpIntentDetails,
        given: dict[str, str],
        problem: str = "",
        status: int = 200,
        *,
        fault: str = "",
    ) -> Response:
        person: UserView | None = await self._visitors.person(request)
        asked = await self._visitors.asked(request, found.auth_request_id)
        values = {
            "provider": found.identity_provider_name,
            "name": found.display_name,
            "may_create": found.creation_allowed,
            "may_link": found.linking_allowed,
            "person": person.user_name if person else "",
            "given": given,
            "fault": fault,
        }
        return self._page.show(request, asked, values, problem, status)


def _to_sign_in(found: IdpIntentDetails) -> Response:
    """To the login page, and from there back to the choice."""
    return way_back.to_sign_in(paths.with_request(paths.IDP_ACCOUNT, found.auth_request_id))


def _refusal(error: InvalidInput) -> tuple[str, str]:
    """The field at fault, and what is wrong with it in one sentence."""
    found = next(iter(error.violations), None)
    if found is None or found.field not in LINES:
        return "", error.message or error.title
    label = text(f"idp.create.{found.field}").partition(" (")[0]
    return found.field, text("idp.create.refused", field=label, reason=found.message)
