"""The accounts of this browser: a person may be signed in to several, and chooses where an application asks for it.

One session is the browser's own; a few others wait in a second cookie of the same kind. They are looked at on this page
alone, and end with their own lifetimes, or when the person signs out here.
"""

from dataclasses import dataclass

from hexkeep.adapters.asgi import cookies
from hexkeep.adapters.asgi.request import Request
from hexkeep.adapters.asgi.response import Header, Response, redirect
from hexkeep.adapters.web import csrf, paths
from hexkeep.adapters.web.form_page import FormPage
from hexkeep.adapters.web.pages import WebPages
from hexkeep.adapters.web.visitors import SURFACE, Visitors
from hexkeep.core.authrequest.api import CONTINUE_AUTHORIZATION
from hexkeep.core.authrequest.messages import AuthRequestDetails, ContinueAuthorization
from hexkeep.core.kernel.errors import NotFound
from hexkeep.core.session.state import parse_token
from hexkeep.ports.api import Anonymous, Api

ANOTHER = "another"
"""The field by which the login page is told that a sign-in is meant to leave the present session alive."""


def keeping(*tokens: str) -> tuple[Header, ...]:
    """The header by which these wait from now on; empty ones are left out."""
    known = tuple(dict.fromkeys(token for token in tokens if token))[: cookies.MOST_WAITING]
    return (
        cookies.kept(cookies.ACCOUNTS, cookies.JOINT.join(known)) if known else cookies.forgotten(cookies.ACCOUNTS),
    )


def beside(request: Request, session_id: str) -> tuple[Header, ...]:
    """What keeps the present session waiting, now that the browser has another one; nothing if it is the same."""
    present = parse_token(request.session_token)
    if present is None or present[0] == session_id:
        return ()
    return keeping(request.session_token, *request.waiting_tokens)


@dataclass(frozen=True, slots=True)
class Account:
    """A session of this browser as the page shows it."""

    session_id: str
    token: str
    user_id: str
    name: str
    user_name: str


class AccountsPage:
    """``GET`` shows them, ``POST`` takes the choice and goes on with the application's request."""

    def __init__(self, api: Api, pages: WebPages, visitors: Visitors) -> None:
        self._api = api
        self._pages = pages
        self._page = FormPage(pages, paths.ACCOUNTS, "accounts.html", "accounts.title")
        self._visitors = visitors

    async def show(self, request: Request) -> Response:
        """The choice, or the login page where there is none."""
        asked = await self._visitors.asked(request, request.query().get(paths.REQUEST))
        if asked is None:
            raise NotFound
        accounts = await self._accounts(request, asked)
        if not accounts:
            return redirect(paths.with_request(paths.LOGIN, asked.auth_request_id))
        login = paths.with_request(paths.LOGIN, asked.auth_request_id)
        values = {
            "client": asked.client_name,
            "accounts": accounts,
            "another": f"{login}&{ANOTHER}=1",
        }
        return self._page.show(request, asked, values)

    async def submit(self, request: Request) -> Response:
        """Go on as who was chosen; a session that has ended meanwhile leads back to the choice."""
        form = await csrf.accepted_form(request)
        asked = await self._visitors.asked(request, form.get(paths.REQUEST))
        if asked is None:
            raise NotFound
        chosen = next(
            (one for one in await self._accounts(request, asked) if one.session_id == form.get("account")), None
        )
        if chosen is None:
            return redirect(paths.with_request(paths.ACCOUNTS, asked.auth_request_id))
        way_on = await self._continued(request, asked, chosen)
        if chosen.token == request.session_token:
            return way_on
        others = (one for one in (request.session_token, *request.waiting_tokens) if one != chosen.token)
        return way_on.adding(cookies.kept(cookies.SESSION, chosen.token), *keeping(*others))

    async def _continued(self, request: Request, asked: AuthRequestDetails, chosen: Account) -> Response:
        further = ContinueAuthorization(
            auth_request_id=asked.auth_request_id, session_token=chosen.token, account_chosen=True
        )
        answer = await self._api.call(CONTINUE_AUTHORIZATION, further, Anonymous(), request.meta(SURFACE))
        return self._pages.step(request, answer.output, after_form=True)

    async def _accounts(self, request: Request, asked: AuthRequestDetails) -> list[Account]:
        """One for each person who is meant and whose session is alive, the present one first."""
        found: dict[str, Account] = {}
        for token in (request.session_token, *request.waiting_tokens):
            parsed, person = parse_token(token), await self._visitors.holder(request, token)
            if parsed and person and asked.organization_id in {"", person.organization_id}:
                name = person.display_name or person.user_name
                account = Account(parsed[0], token, person.user_id, name, person.user_name)
                found.setdefault(person.user_id, account)
        return list(found.values())
