"""What endpoints read of a request that a client makes by itself, not through a browser."""

from hexkeep.adapters.asgi.certificates import CLIENT_CERTIFICATE, certificate
from hexkeep.adapters.asgi.proxies import ClientCertificates
from hexkeep.adapters.asgi.request import Request


async def client_request(request: Request) -> dict[str, object]:
    """The fields of ``hexkeep.core.oidc.messages.ClientRequest``; parameters in the query count for nothing."""
    form = await request.form()
    return {
        "params": form.values,
        "repeated": form.repeated,
        "resources": form.all("resource"),
        "audiences": form.all("audience"),
        "authorization": request.header("authorization"),
        "dpop": request.header("dpop"),
        "url": request.url,
        **shown_certificate(request),
    }


def shown_certificate(request: Request) -> dict[str, object]:
    """The certificate of the client's connection, as trusted proxies tell of it."""
    shown = certificate(request.header(CLIENT_CERTIFICATE))
    verified = bool(shown) and request.certificates == ClientCertificates.VERIFIED
    return {"certificate": shown, "certificate_verified": verified}
