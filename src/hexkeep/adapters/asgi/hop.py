"""Requests that other sites' forms send: they come without our ``SameSite=Lax`` cookie.

Before the session is read, such a POST is answered with a redirect to the same endpoint by GET, which the browser
follows with the cookie. What is in the form would stand in the query of a GET request of the same kind as well.
"""

from urllib.parse import urlencode

from hexkeep.adapters.asgi.forms import Form
from hexkeep.adapters.asgi.request import Request
from hexkeep.adapters.asgi.response import Response, redirect
from hexkeep.core.kernel.errors import TooLarge

MAX_LOCATION = 8000
"""Octets of a request line that everybody on the way has to take (RFC 9110 section 4.1)."""


async def parameters(request: Request) -> Form:
    """The parameters of a request to an endpoint for browsers: the body of a POST, else the query."""
    return await request.form() if request.method == "POST" else request.query()


def same_site(request: Request, form: Form, path: str = "") -> Response | None:
    """The redirect that fetches the cookie, or ``None`` when there is no need; raises ``TooLarge``.

    It leads to the same endpoint unless there is a ``path`` of its own for that.
    """
    if request.method != "POST" or request.session_token:
        return None
    # As it came: one that may be given several times keeps its values, and any other is refused all the same.
    location = f"{path or request.path}?{urlencode(form.pairs)}"
    if len(location) > MAX_LOCATION:
        raise TooLarge("The form is too large for a sign-in from another site")
    return redirect(location)
