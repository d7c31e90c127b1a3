"""The account page: who is signed in, and the way out."""

from hexkeep.adapters.asgi.request import Request
from hexkeep.adapters.asgi.response import Response, redirect
from hexkeep.adapters.web import paths
from hexkeep.adapters.web.pages import WebPages
from hexkeep.adapters.web.rendering import View
from hexkeep.adapters.web.texts import text
from hexkeep.adapters.web.visitors import Visitors

CHANGED = "changed"


class AccountPage:
    """Where a sign-in ends that no application asked for."""

    def __init__(self, pages: WebPages, visitors: Visitors) -> None:
        self._pages = pages
        self._visitors = visitors

    async def enter(self, request: Request) -> Response:
        """From ``/`` to where a visitor belongs."""
        return redirect(paths.ACCOUNT if await self._visitors.person(request) else paths.LOGIN)

    async def show(self, request: Request) -> Response:
        """The page; who is not signed in, or has a password to choose first, is led there."""
        person = await self._visitors.person(request)
        if person is None:
            return redirect(paths.LOGIN)
        if person.password_change_required:
            return redirect(paths.PASSWORD)
        values = {
            "person": person,
            "notice": text("account.password_changed") if CHANGED in request.query().values else "",
            "password_page": paths.PASSWORD,
            "access_page": paths.ACCESS,
            "asked": paths.APPROVE if await self._visitors.asked_elsewhere(request) else "",
            "logout": paths.LOGOUT,
        }
        return self._pages.show(request, View("account.html", text("account.title"), values))
