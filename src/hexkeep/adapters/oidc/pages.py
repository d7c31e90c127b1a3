"""The pages that the browser's endpoints need and do not have: whoever serves pages hands them in."""

from typing import Protocol

from hexkeep.adapters.asgi.forms import Form
from hexkeep.adapters.asgi.request import Request
from hexkeep.adapters.asgi.response import Response
from hexkeep.core.authrequest.messages import AuthorizationStep
from hexkeep.core.kernel.errors import HexkeepError
from hexkeep.core.token.messages import LogoutStep


class Pages(Protocol):
    """Answers for a person in a browser. None of the methods raises."""

    def error(self, request: Request, error: HexkeepError) -> Response:
        """The page for an error that must not be redirected (RFC 6749 section 4.1.2.1)."""

    def step(self, request: Request, step: AuthorizationStep) -> Response:
        """The way on: to the login page, to the consent page, or back to the application."""

    def logout(self, request: Request, step: LogoutStep, asked: Form) -> Response:
        """The way on after a logout request; ``asked`` is what a confirmation has to send again."""
