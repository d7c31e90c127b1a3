"""What a proxy that ends TLS says of its client's certificate (RFC 9440)."""

import base64
import binascii
import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import unquote

from hexkeep.adapters.asgi.headers import Headers
from hexkeep.adapters.asgi.proxies import CLIENT_CERTIFICATES, ClientCertificates
from hexkeep.core.kernel.errors import InvalidInput

CLIENT_CERTIFICATE = "client-cert"
"""RFC 9440 section 2.2; ``hexkeep.adapters.asgi.front`` lets it through from proxies alone that are to be believed."""
PEM = re.compile(r"-----BEGIN CERTIFICATE-----([A-Za-z0-9+/=\s]+)-----END CERTIFICATE-----\s*")


def believed(headers: Headers, state: Mapping[str, Any] | None) -> Headers:
    """The headers without a certificate that nobody vouches for; ``state`` is that of the ASGI scope.

    For applications that may stand without ``hexkeep.adapters.asgi.front`` before them.
    """
    vouched = (state or {}).get(CLIENT_CERTIFICATES, ClientCertificates.NONE) != ClientCertificates.NONE
    if vouched or CLIENT_CERTIFICATE not in headers:
        return headers
    return {name: values for name, values in headers.items() if name != CLIENT_CERTIFICATE}


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
