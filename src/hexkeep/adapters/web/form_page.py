"""What pages with a form have in common that may stand within an authorization request."""

from collections.abc import Mapping
from dataclasses import dataclass

from hexkeep.adapters.asgi.request import Request
from hexkeep.adapters.asgi.response import Response
from hexkeep.adapters.web import paths
from hexkeep.adapters.web.pages import WebPages
from hexkeep.adapters.web.rendering import View
from hexkeep.adapters.web.texts import text
from hexkeep.core.authrequest.messages import AuthRequestDetails


@dataclass(frozen=True, slots=True)
class FormPage:
    """A page whose form is sent to ``path``; ``title`` is the name of a text.

    What is sent may lead on to the app that asks, so that browsers have to let the form go there.
    """

    pages: WebPages
    path: str
    template: str
    title: str

    def show(
        self,
        request: Request,
        asked: AuthRequestDetails | None,
        values: Mapping[str, object],
        problem: str = "",
        status: int = 200,
        *,
        script: str = "",
        **words: str,
    ) -> Response:
        """The page; its template has ``action`` and ``request_id`` besides ``values``. ``words`` are the title's."""
        request_id = asked.auth_request_id if asked else ""
        view = View(
            self.template,
            text(self.title, **words),
            {"action": paths.with_request(self.path, request_id), "request_id": request_id, **values},
            status=status,
            problem=problem,
            form_target=asked.form_target if asked else "",
            in_flow=asked is not None,
            script=script,
        )
        return self.pages.show(request, view)
