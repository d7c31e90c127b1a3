"""What endpoints read of a request that a client makes by itself, not through a browser."""

from hexkeep.adapters.asgi.request import Request

CLIENT_CERTIFICATE = "client-cert"
"""RFC 9440 section 2.2; ``hexkeep.adapters.asgi.front`` lets it through from trusted proxies alone."""


async def client_request(request: Request) -> dict[str, object]:
    """The fields of ``hexkeep.core.oidc.messages.ClientRequest``; parameters in the query count for nothing."""
    form = await request.form()
    return {
        "params": form.values,
        "repeated": form.repeated,
        "resources": form.all("resource"),
        "authorization": request.header("authorization"),
        "dpop": request.header("dpop"),
        "certificate": request.header(CLIENT_CERTIFICATE).strip(":"),
    }
