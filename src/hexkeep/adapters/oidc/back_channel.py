"""What endpoints read of a request that a client makes by itself, not through a browser."""

import base64
import binascii
import re
from urllib.parse import unquote

from hexkeep.adapters.asgi.proxies import ClientCertificates
from hexkeep.adapters.asgi.request import Request
from hexkeep.core.kernel.errors import InvalidInput

CLIENT_CERTIFICATE = "client-cert"
"""RFC 9440 section 2.2; ``hexkeep.adapters.asgi.front`` lets it through from proxies alone that are to be believed."""
PEM = re.compile(r"-----BEGIN CERTIFICATE-----([A-Za-z0-9+/=\s]+)-----END CERTIFICATE-----\s*")


async def client_request(request: Request) -> dict[str, object]:
    """The fields of ``hexkeep.core.oidc.messages.ClientRequest``; parameters in the query count for nothing."""
    form = await request.form()
    return {
        "params": form.values,
        "repeated": form.repeated,
        "resources": form.all("resource"),
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


def certificate(value: str) -> str:
    """DER in base64 out of the header, empty for an empty one; raises ``InvalidInput`` for what is no certificate.

    RFC 9440 section 2.1 puts it between colons. A proxy that cannot (nginx) may send percent-encoded PEM.
    """
    value = value.strip()
    pem = PEM.fullmatch(unquote(value))
    encoded = "".join(pem[1].split()) if pem else value[1:-1]
    try:
        base64.b64decode(encoded, validate=True)
    except (ValueError, binascii.Error):
        encoded = ""
    if value and (not encoded or not (pem or (value[0] == value[-1] == ":"))):
        raise InvalidInput("The Client-Cert header is malformed")
    return encoded
