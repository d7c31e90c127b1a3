"""The pages that SAML needs and does not have: whoever serves pages hands them in."""

from typing import Protocol

from hexkeep.adapters.asgi.request import Request
from hexkeep.adapters.asgi.response import Response
from hexkeep.core.authrequest.messages import AuthorizationStep
from hexkeep.core.kernel.errors import HexkeepError
from hexkeep.core.samllogout.messages import SamlLogoutStep


class Pages(Protocol):
    """Answers for a person in a browser. None of the methods raises."""

    def error(self, request: Request, error: HexkeepError) -> Response:
        """The page for an error that nobody else is told."""

    def step(self, request: Request, step: AuthorizationStep) -> Response:
        """The way on: to the login page, or back to the service provider by a form."""

    def received(self, request: Request, step: SamlLogoutStep) -> Response:
        """The way on after a message of single logout: to our own page, or back to the service provider."""
