"""The page for name and password at a directory whose account is to be linked to the one that is signed in."""

from hexkeep.adapters.asgi.forms import Form
from hexkeep.adapters.asgi.messages import message
from hexkeep.adapters.asgi.request import Request
from hexkeep.adapters.asgi.response import Response, redirect, retry_after
from hexkeep.adapters.web import csrf, paths, way_back
from hexkeep.adapters.web.form_page import FormPage
from hexkeep.adapters.web.idp_link import FRESH, Linking
from hexkeep.adapters.web.idp_password import BAD_REQUEST, PROBLEMS, problem_of
from hexkeep.adapters.web.pages import WebPages
from hexkeep.adapters.web.texts import text
from hexkeep.adapters.web.visitors import SURFACE, Visitors
from hexkeep.core.idpintent.api import CHECK_IDP_LINK_PASSWORD
from hexkeep.core.idpintent.asks import SignInWay
from hexkeep.core.idpintent.errors import IdpNotOffered
from hexkeep.core.idpintent.messages import CheckIdpLinkPassword, SignInProvider
from hexkeep.core.kernel.errors import ReauthenticationRequired
from hexkeep.core.user.queries import UserView
from hexkeep.ports.api import Api, Bearer


class IdpLinkPasswordPage:
    """``GET`` shows the form, ``POST`` takes it and goes back to the page of sessions."""

    def __init__(self, api: Api, pages: WebPages, visitors: Visitors) -> None:
        self._api = api
        self._page = FormPage(pages, paths.IDP_LINK_PASSWORD, "idp_password.html", "access.link")
        self._visitors = visitors
        self._linking = Linking(api, pages)

    async def show(self, request: Request) -> Response:
        """The empty form; raises ``IdpNotOffered`` for a provider at which nobody links an account in this way."""
        person = await self._visitors.person(request)
        if person is None:
            return redirect(paths.LOGIN)
        return self._form(request, await self._provider(request, person, request.query().get(paths.PROVIDER)), "")

    async def submit(self, request: Request) -> Response:
        """Link the account, or show the form again and say why not; who has taken too long signs in once more."""
        form = await csrf.accepted_form(request)
        person = await self._visitors.person(request)
        if person is None:
            return redirect(paths.LOGIN)
        provider = await self._provider(request, person, form.get(paths.PROVIDER))
        name = form.get("user_name").strip()
        if not name or not form.get("password"):
            return self._form(request, provider, name, text("idp.password.incomplete"), BAD_REQUEST)
        try:
            return await self._linking.finish(request, await self._proof(request, provider, form))
        except ReauthenticationRequired:
            return way_back.to_sign_in(FRESH)
        except PROBLEMS as error:
            problem, status = problem_of(error, provider.name)
            return self._form(request, provider, name, problem, status).adding(*retry_after(error))

    async def _proof(self, request: Request, provider: SignInProvider, form: Form) -> str:
        wish = message(
            CheckIdpLinkPassword,
            identity_provider_id=provider.identity_provider_id,
            login_name=form.get("user_name"),
            password=form.get("password"),
        )
        caller, meta = Bearer(request.session_token), request.meta(SURFACE)
        return (await self._api.call(CHECK_IDP_LINK_PASSWORD, wish, caller, meta)).output.proof

    async def _provider(self, request: Request, person: UserView, provider_id: str) -> SignInProvider:
        for one in await self._linking.providers(request, person):
            if one.identity_provider_id == provider_id and one.way is SignInWay.PASSWORD:
                return one
        raise IdpNotOffered

    def _form(
        self, request: Request, provider: SignInProvider, name: str, problem: str = "", status: int = 200
    ) -> Response:
        values = {
            "client": "",
            "fields": {paths.PROVIDER: provider.identity_provider_id},
            "lead": text("idp.link_password.lead", provider=provider.name),
            "user_name": name,
            "submit": text("idp.link_password.submit"),
            "others": paths.ACCESS,
            "others_label": text("cancel"),
        }
        return self._page.show(request, None, values, problem, status, provider=provider.name)
