"""The page for name and password of an account elsewhere, at a provider that has no page of its own: a directory."""

from urllib.parse import urlencode

from hexkeep.adapters.asgi.forms import Form
from hexkeep.adapters.asgi.messages import message
from hexkeep.adapters.asgi.request import Request
from hexkeep.adapters.asgi.response import Response, retry_after
from hexkeep.adapters.web import accounts, csrf, paths
from hexkeep.adapters.web.form_page import FormPage
from hexkeep.adapters.web.idp import BESIDE, LOGIN_HINT, onward
from hexkeep.adapters.web.pages import WebPages
from hexkeep.adapters.web.sign_in import SignIn
from hexkeep.adapters.web.texts import text, too_many
from hexkeep.adapters.web.visitors import SURFACE, Visitors
from hexkeep.adapters.web.way_on import WayOn
from hexkeep.core.authrequest.messages import AuthRequestDetails
from hexkeep.core.idpintent.api import CHECK_IDP_PASSWORD, LIST_SIGN_IN_PROVIDERS
from hexkeep.core.idpintent.asks import SignInWay
from hexkeep.core.idpintent.errors import IdpNotOffered, IdpRefused, IdpUnreachable
from hexkeep.core.idpintent.messages import CheckIdpPassword, ListSignInProviders, SignInProvider
from hexkeep.core.kernel.errors import HexkeepError, InvalidInput, ResourceExhausted
from hexkeep.ports.api import Anonymous, Api

BAD_REQUEST = 400
PROBLEMS = (IdpRefused, InvalidInput, IdpUnreachable, ResourceExhausted)
"""What the form is shown again for."""


class IdpPasswordPage:
    """``GET`` shows the form, ``POST`` takes it and goes on as who comes back from a provider does."""

    def __init__(self, api: Api, pages: WebPages, visitors: Visitors) -> None:
        self._api = api
        self._page = FormPage(pages, paths.IDP_PASSWORD, "idp_password.html", "idp.password.title")
        self._visitors = visitors
        self._sign_in = SignIn(api, visitors)
        self._way_on = WayOn(api, pages)

    async def show(self, request: Request) -> Response:
        """The empty form; raises ``IdpNotOffered`` for a provider that is none of this kind, or none at all."""
        query = request.query()
        asked = await self._visitors.asked(request, query.get(paths.REQUEST))
        provider = await self._provider(request, query.get(paths.PROVIDER), asked)
        return self._form(request, provider, asked, query.get(LOGIN_HINT) or (asked.login_hint if asked else ""))

    async def submit(self, request: Request) -> Response:
        """Sign in and go on, or show the form again and say why not."""
        form = await csrf.accepted_form(request)
        asked = await self._visitors.asked(request, form.get(paths.REQUEST))
        provider = await self._provider(request, form.get(paths.PROVIDER), asked)
        name = form.get("user_name").strip()
        if not name or not form.get("password"):
            return self._form(request, provider, asked, name, text("idp.password.incomplete"), BAD_REQUEST)
        try:
            return await self._signed_in(request, provider, asked, form)
        except PROBLEMS as error:
            problem, status = problem_of(error, provider.name)
            return self._form(request, provider, asked, name, problem, status).adding(*retry_after(error))

    async def _signed_in(
        self, request: Request, provider: SignInProvider, asked: AuthRequestDetails | None, form: Form
    ) -> Response:
        wish = message(
            CheckIdpPassword,
            identity_provider_id=provider.identity_provider_id,
            login_name=form.get("user_name"),
            password=form.get("password"),
            auth_request_id=asked.auth_request_id if asked else "",
            organization_id=_meant(request, asked),
        )
        found = (await self._api.call(CHECK_IDP_PASSWORD, wish, Anonymous(), request.meta(SURFACE))).output
        return await onward(request, found, self._sign_in, self._way_on)

    async def _provider(self, request: Request, provider_id: str, asked: AuthRequestDetails | None) -> SignInProvider:
        wish = message(ListSignInProviders, organization_id=_meant(request, asked))
        offered = (await self._api.call(LIST_SIGN_IN_PROVIDERS, wish, Anonymous(), request.meta(SURFACE))).output
        for one in offered.providers:
            if one.identity_provider_id == provider_id and one.way is SignInWay.PASSWORD:
                return one
        raise IdpNotOffered

    def _form(
        self,
        request: Request,
        provider: SignInProvider,
        asked: AuthRequestDetails | None,
        name: str,
        problem: str = "",
        status: int = 200,
    ) -> Response:
        request_id = asked.auth_request_id if asked else ""
        values = {
            "action": _here(request),
            "fields": {paths.PROVIDER: provider.identity_provider_id, paths.REQUEST: request_id},
            "client": asked.client_name if asked else "",
            "lead": text("idp.password.lead", provider=provider.name),
            "user_name": name,
            "submit": text("login.submit"),
            "others": _others(request, request_id),
            "others_label": text("idp.password.others"),
        }
        return self._page.show(request, asked, values, problem, status, provider=provider.name)


def problem_of(error: HexkeepError, provider: str) -> tuple[str, int]:
    """What the page says of one of ``PROBLEMS``, and its status. Input that no password looks like is a wrong one."""
    match error:
        case ResourceExhausted():
            return too_many("login.too_many", error), error.status
        case IdpUnreachable():
            return text("idp.password.unreachable", provider=provider), error.status
        case _:
            return text("idp.password.wrong"), IdpRefused.status


def _meant(request: Request, asked: AuthRequestDetails | None) -> str:
    """The organization whose people alone are meant, by the application or by the domain that has led here."""
    return (asked.organization_id if asked else "") or request.query().get(paths.ORGANIZATION)


def _here(request: Request) -> str:
    """This page, for the same people."""
    organization_id = request.query().get(paths.ORGANIZATION)
    return (
        f"{paths.IDP_PASSWORD}?{urlencode({paths.ORGANIZATION: organization_id})}"
        if organization_id
        else paths.IDP_PASSWORD
    )


def _others(request: Request, request_id: str) -> str:
    """The login page, from which somebody has come here."""
    came = {
        paths.REQUEST: request_id,
        accounts.ANOTHER: request.cookie(BESIDE),
        paths.ORGANIZATION: request.query().get(paths.ORGANIZATION),
    }
    given = {name: value for name, value in came.items() if value}
    return f"{paths.LOGIN}?{urlencode(given)}" if given else paths.LOGIN
