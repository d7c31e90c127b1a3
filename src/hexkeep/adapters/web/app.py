"""The ASGI application of the pages."""

from hexkeep.adapters.asgi.request import Request
from hexkeep.adapters.asgi.response import Response
from hexkeep.adapters.asgi.router import Handler, Route, Router
from hexkeep.adapters.web import paths
from hexkeep.adapters.web.about import Logos
from hexkeep.adapters.web.access import AccessPage
from hexkeep.adapters.web.account import AccountPage
from hexkeep.adapters.web.accounts import AccountsPage
from hexkeep.adapters.web.approve import ApprovePage
from hexkeep.adapters.web.assets import asset_routes
from hexkeep.adapters.web.check_session import CheckSessionFrame
from hexkeep.adapters.web.choice import INVITATION, RESET, ChoicePage
from hexkeep.adapters.web.consent import ConsentPage
from hexkeep.adapters.web.device import DevicePage
from hexkeep.adapters.web.forgotten import ForgottenPage
from hexkeep.adapters.web.idp import IdpPages
from hexkeep.adapters.web.idp_account import IdpAccountPage
from hexkeep.adapters.web.idp_link_password import IdpLinkPasswordPage
from hexkeep.adapters.web.idp_password import IdpPasswordPage
from hexkeep.adapters.web.login import LoginPage
from hexkeep.adapters.web.logout import LogoutPage
from hexkeep.adapters.web.look import LOOK, Looks
from hexkeep.adapters.web.pages import WebPages
from hexkeep.adapters.web.password import PasswordPage
from hexkeep.adapters.web.register import RegisterPage
from hexkeep.adapters.web.second_factor import SecondFactorPage
from hexkeep.adapters.web.set_up_factor import SetUpFactorPage
from hexkeep.adapters.web.signing_out import SigningOutPage
from hexkeep.adapters.web.texts import OWN
from hexkeep.adapters.web.transport import insist_on_security
from hexkeep.adapters.web.verification import VerificationPage
from hexkeep.adapters.web.verify_registration import VerifyRegistrationPage
from hexkeep.adapters.web.visitors import Visitors
from hexkeep.core.oidc.discovery import CHECK_SESSION
from hexkeep.ports.api import Api


def create_web_app(api: Api, pages: WebPages) -> Router:
    """The pages of every instance of ``api``; the ``Host`` header tells which."""
    visitors, looks, logos = Visitors(api), Looks(api), Logos(api)
    login, consent = LoginPage(api, pages, visitors, logos, looks), ConsentPage(api, pages, visitors, logos)
    account, logout = AccountPage(pages, visitors), LogoutPage(api, pages, visitors)
    password, access = PasswordPage(api, pages, visitors), AccessPage(api, pages, visitors)
    accounts = AccountsPage(api, pages, visitors)
    second, set_up = SecondFactorPage(api, pages, visitors), SetUpFactorPage(api, pages, visitors)
    device, approve = DevicePage(api, pages, visitors, looks), ApprovePage(api, pages, visitors)
    forgotten, verification = ForgottenPage(api, pages), VerificationPage(api, pages)
    newcomer = VerifyRegistrationPage(api, pages, visitors)
    register = RegisterPage(api, pages, visitors, newcomer)
    elsewhere, choosing = IdpPages(api, pages, visitors), IdpAccountPage(api, pages, visitors)
    here, linking = IdpPasswordPage(api, pages, visitors), IdpLinkPasswordPage(api, pages, visitors)
    reset, invitation = ChoicePage(api, pages, RESET), ChoicePage(api, pages, INVITATION)

    def page(get: Handler, post: Handler | None = None) -> Route:
        handlers = {"GET": get, "POST": post} if post else {"GET": get}
        return Route({method: _guarded(api, looks, handler) for method, handler in handlers.items()}, pages.error)

    return Router(
        {
            paths.ROOT: page(account.enter),
            "/ui": page(account.enter),
            "/ui/": page(account.enter),
            paths.LOGIN: page(login.show, login.submit),
            paths.CONSENT: page(consent.show, consent.submit),
            paths.ACCOUNT: page(account.show),
            paths.ACCESS: page(access.show, access.submit),
            paths.ACCOUNTS: page(accounts.show, accounts.submit),
            paths.PASSWORD: page(password.show, password.submit),
            paths.SECOND_FACTOR: page(second.show, second.submit),
            paths.SET_UP: page(set_up.show, set_up.submit),
            paths.FORGOTTEN: page(forgotten.show, forgotten.submit),
            paths.RESET: page(reset.show, reset.submit),
            paths.INVITATION: page(invitation.show, invitation.submit),
            paths.VERIFY_EMAIL: page(verification.show, verification.submit),
            paths.REGISTER: page(register.show, register.submit),
            paths.VERIFY_REGISTRATION: page(newcomer.show, newcomer.submit),
            paths.IDP: page(elsewhere.begin),
            paths.IDP_PASSWORD: page(here.show, here.submit),
            paths.IDP_LINK_PASSWORD: page(linking.show, linking.submit),
            paths.IDP_SIGNED_OUT: page(elsewhere.signed_out, elsewhere.signed_out),
            paths.IDP_ACCOUNT: page(choosing.show, choosing.submit),
            paths.DEVICE: page(device.show, device.submit),
            CHECK_SESSION: page(CheckSessionFrame(api).show),
            paths.APPROVE: page(approve.show, approve.submit),
            paths.LOGOUT: page(logout.show, logout.submit),
            paths.SIGNING_OUT: page(SigningOutPage(api, pages).show),
            paths.SIGNED_OUT: page(logout.done),
            paths.LOOK: Route({"GET": looks.sheet}, pages.error),
            paths.CLIENT_LOGO: Route({"GET": logos.picture}, pages.error),
            **asset_routes(pages.assets, pages.error),
        },
        pages.error,
        {paths.IDP_CALLBACK: page(elsewhere.back, elsewhere.posted)},
    )


def _guarded(api: Api, looks: Looks, handler: Handler) -> Handler:
    """``handler`` for browsers that keep our cookies and have come to a host that is some instance's."""

    async def answer(request: Request) -> Response:
        insist_on_security(request)
        await api.instance(request.host)
        look = await looks.of(request)
        tokens = LOOK.set(look), OWN.set(look.texts)
        try:
            return await handler(request)
        finally:
            LOOK.reset(tokens[0])
            OWN.reset(tokens[1])

    return answer
