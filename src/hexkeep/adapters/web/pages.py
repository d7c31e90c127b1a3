"""The ways on that the protocol endpoints and our own pages share."""

from collections.abc import Mapping
from dataclasses import replace
from urllib.parse import urlencode

from hexkeep.adapters.asgi import cookies
from hexkeep.adapters.asgi.forms import Form
from hexkeep.adapters.asgi.request import Request
from hexkeep.adapters.asgi.response import Response, redirect, refresh, retry_after
from hexkeep.adapters.web import csrf, paths
from hexkeep.adapters.web.assets import Asset, load_assets
from hexkeep.adapters.web.check_session import browser_state
from hexkeep.adapters.web.errors import InsecureTransport
from hexkeep.adapters.web.rendering import Renderer, View
from hexkeep.adapters.web.scripts import FORM_POST, ONWARD, SIGNING_OUT
from hexkeep.adapters.web.texts import ERRORS, text
from hexkeep.core.authrequest.messages import AuthorizationStep, Notice, StepKind
from hexkeep.core.kernel.errors import HexkeepError
from hexkeep.core.oidc.rfc6749 import redirect_origin
from hexkeep.core.saml.single_logout import LASTS
from hexkeep.core.samllogout.messages import SamlLogoutKind, SamlLogoutStep
from hexkeep.core.token.messages import LogoutKind, LogoutStep

SESSIONS, EVERYBODY = "sessions", "all"
"""The field, and its value, of the button that ends every session of this browser."""
WITHOUT = "without"
"""The parameter that names the request to a service provider that has not answered."""
SIGNING_OUT_SECONDS = int(LASTS.total_seconds())
WEB = ("https://", "http://")
PAGE_OF = {
    StepKind.REGISTER: paths.REGISTER,
    StepKind.SELECT_ACCOUNT: paths.ACCOUNTS,
    StepKind.LOGIN: paths.LOGIN,
    StepKind.SECOND_FACTOR: paths.SECOND_FACTOR,
    StepKind.CONSENT: paths.CONSENT,
}


class WebPages:
    """Implements ``hexkeep.adapters.oidc.pages.Pages``. Reads the templates and assets once, when it is made."""

    def __init__(self) -> None:
        self.assets: Mapping[str, Asset] = load_assets()
        self._renderer = Renderer(self.assets)

    def show(self, request: Request, view: View) -> Response:
        """A page."""
        return self._renderer.show(request, view)

    def error(self, request: Request, error: HexkeepError) -> Response:
        """The page for an error, with its status, its code, and the id under which the log has it."""
        title, explanation = ERRORS.get(error.code, (error.title, error.message))
        alternative = error.alternative if isinstance(error, InsecureTransport) else ""
        if alternative:
            explanation = text("error.loopback")
        values = {
            "explanation": explanation,
            "code": error.code,
            "details": error.message if error.message not in (error.title, explanation) else "",
            "request_id": request.id,
            "alternative": alternative,
            "alternative_url": f"{alternative}{paths.ROOT}",
        }
        view = View("error.html", title, values, status=error.status, in_flow=True, has_form=False)
        return self.show(request, view).adding(*retry_after(error))

    def step(self, request: Request, step: AuthorizationStep, *, after_form: bool = False) -> Response:
        """The way on in a sign-in for an application, by ``leaving`` if ``after_form``: one of ours may have led there.

        To apps leads a redirect all the same: the page whose form it was has been told of them.
        """
        way_on = self._way_on(request, step, after_form=after_form)
        return way_on.adding(browser_state(step.browser_state)) if step.browser_state else way_on

    def _way_on(self, request: Request, step: AuthorizationStep, *, after_form: bool) -> Response:
        if step.kind in PAGE_OF:
            return redirect(paths.with_request(PAGE_OF[step.kind], step.auth_request_id))
        if step.notice:
            return self._notice(request, step, step.notice)
        if step.kind is StepKind.FORM_POST:
            return self.form_post(request, text("form_post.title"), step.redirect_to, step.fields)
        if after_form and not step.form_target:
            return self.leaving(request, step.redirect_to)
        return redirect(step.redirect_to)

    def form_post(self, request: Request, title: str, url: str, fields: Mapping[str, str]) -> Response:
        """The page that posts a form to ``url``, which has been validated, by itself or when somebody presses on."""
        values = {"action": url, "fields": fields}
        view = View("form_post.html", title, values, script=FORM_POST, has_form=False, carries=True, in_flow=True)
        return self.show(request, view)

    def _notice(self, request: Request, step: AuthorizationStep, notice: Notice) -> Response:
        """What is wrong with a stranger's request, and the way on to the stranger: nobody is sent there unasked."""
        values = {
            "site": redirect_origin(step.redirect_to),
            "action": step.redirect_to,
            "fields": step.fields,
            "code": notice.error,
            "details": notice.error_description,
            "request_id": request.id,
        }
        view = View("stranger.html", text("stranger.title"), values, status=400, has_form=False, in_flow=True)
        return self.show(request, replace(view, carries=bool(step.fields)))

    def logout(self, request: Request, step: LogoutStep, asked: Form, *, after_form: bool = False) -> Response:
        """The way on after a logout request: ask, say that it is done, or go back to the application.

        ``after_form`` is that of ``step``.
        """
        if step.kind is LogoutKind.CONFIRM:
            return self.confirm_logout(request, step, asked)
        after = step.redirect_to if step.kind is LogoutKind.REDIRECT else paths.SIGNED_OUT
        to = step.leaves_by or (paths.SIGNING_OUT if step.saml_logout else after)
        away = bool(step.leaves_by) or (after_form and not step.form_target)
        way_on = self.told(request, step.frames, to, step.saml_logout, away=away)
        # The state's cookie is sent to its own path alone: nobody knows here whether there is one.
        return way_on.adding(cookies.forgotten(cookies.SESSION), browser_state(""))

    def away(self, request: Request, url: str, fields: Mapping[str, str], *, after_form: bool = False) -> Response:
        """The way to an identity provider: by a form where it has ``fields``, else by a link; see ``leaving``."""
        if fields:
            return self.form_post(request, text("form_post.idp"), url, fields)
        return self.leaving(request, url) if after_form else redirect(url)

    def leaving(self, request: Request, url: str) -> Response:
        """The way on to a site of somebody else, where a form may have led, of ours or of another.

        Browsers hold ``form-action`` against all redirects that follow, and would have to be told of every site; a page
        that goes on by itself is none. Where ``url`` is a page of ours, or no page at all, a redirect leads there.
        """
        if not url.lower().startswith(WEB):
            return redirect(url)
        view = View("leaving.html", text("leaving.title"), {"onward": url}, has_form=False, in_flow=True)
        return self.show(request, view).adding(refresh(url))

    def told(
        self, request: Request, frames: tuple[str, ...], to: str, saml_logout: str = "", *, away: bool = False
    ) -> Response:
        """The way on to a place, after a page that loads what signs out of applications, unseen.

        ``away``: it may be a site of somebody else, of which no form has been told.
        """
        plain = self.leaving(request, to) if away else redirect(to)
        way_on = self._signing_out(request, frames, to) if frames else plain
        if not saml_logout:
            return way_on
        return way_on.adding(cookies.kept(cookies.SIGNING_OUT, saml_logout, seconds=SIGNING_OUT_SECONDS))

    def received(self, request: Request, step: SamlLogoutStep) -> Response:
        """The way on after a message of single logout: to our page on the host where it began, or a refusal."""
        if step.host:
            return self.leaving(request, f"{request.scheme}://{step.host}{paths.SIGNING_OUT}")
        if step.kind is SamlLogoutKind.ONWARD:
            return self.told(request, step.frames, paths.SIGNING_OUT, step.token)
        if not step.fields:
            return self.told(request, step.frames, step.redirect_to or paths.SIGNED_OUT)
        return self.carried(request, step, ask=False)

    def carried(self, request: Request, step: SamlLogoutStep, *, ask: bool) -> Response:
        """A message of ours on its way to a service provider: by redirect, or by a form.

        A page where there is something to tell: with the way on as it stands, and one without who does not answer.
        """
        if not ask and not step.fields and not (step.told or step.failed):
            return redirect(step.redirect_to)
        without = f"{paths.SIGNING_OUT}?{urlencode({WITHOUT: step.request_id})}"
        values = {"step": step, "ask": ask, "without": without}
        script = "" if step.again else ONWARD
        view = View("saml_logout.html", text("signing_out.title"), values, script=script, has_form=False, in_flow=True)
        return self.show(request, replace(view, carries=bool(step.fields)))

    def _signing_out(self, request: Request, frames: tuple[str, ...], to: str) -> Response:
        view = View(
            "signing_out.html",
            text("signing_out.title"),
            {"frames": frames, "onward": to},
            in_flow=True,
            script=SIGNING_OUT,
            has_form=False,
            frames=tuple(redirect_origin(frame) for frame in frames),
        )
        return self.show(request, view)

    def confirm_logout(self, request: Request, step: LogoutStep, asked: Form) -> Response:
        """The page that asks whether to sign out; its form sends what was asked again."""
        values = {
            "client": step.client_name,
            "user": step.user,
            "others": ", ".join(step.others),
            "fields": asked.without(csrf.FIELD, SESSIONS).values,
            "everybody": (SESSIONS, EVERYBODY),
            "action": paths.LOGOUT,
            "account": paths.ACCOUNT,
        }
        view = View("logout.html", text("logout.title"), values, form_target=step.form_target, in_flow=True)
        return self.show(request, view)
