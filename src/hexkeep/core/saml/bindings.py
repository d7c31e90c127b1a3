"""How messages travel: through a browser (Bindings sections 3.4 and 3.5), or from server to server (section 3.2)."""

import base64
import binascii
import enum
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import unquote_plus

from hexkeep.core.saml.errors import SamlRequestInvalid

HTTP_REDIRECT = "urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect"
HTTP_POST = "urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST"
SOAP = "urn:oasis:names:tc:SAML:2.0:bindings:SOAP"
_DEFLATE = "urn:oasis:names:tc:SAML:2.0:bindings:URL-Encoding:DEFLATE"
MAX_RELAY_STATE = 1024
"""Sections 3.4.3 and 3.5.3 allow 80 octets. Many put a URL there, so more is let through, and not without end."""
REQUEST, RESPONSE = "SAMLRequest", "SAMLResponse"
"""The parameters that hold a message."""
_NAMES = (REQUEST, RESPONSE, "RelayState", "SigAlg", "Signature", "SAMLEncoding")
_SIGNED = (REQUEST, RESPONSE, "RelayState", "SigAlg")
"""Section 3.4.4.1: what a signature over the query is made over, in this order."""
_SPACE = re.compile(r"\s+")
_CONTROLS = re.compile(r"[\x00-\x1f\x7f]")


class SamlRequestBinding(enum.StrEnum):
    """How a request came here."""

    UNSPECIFIED = "unspecified"
    REDIRECT = "redirect"
    POST = "post"
    SOAP = "soap"


@dataclass(frozen=True, slots=True)
class Received:
    """A message as it came. ``octets`` are what a signature over the query is made over (section 3.4.4.1).

    By SOAP ``content`` is the envelope around it.
    """

    content: bytes = field(repr=False)
    deflated: bool
    binding: SamlRequestBinding
    relay_state: str = field(default="", repr=False)
    algorithm: str = ""
    signature: bytes = field(default=b"", repr=False)
    octets: str = field(default="", repr=False)
    parameter: str = REQUEST
    """In which one it came."""

    @property
    def signed(self) -> bool:
        """Whether the query says that it is signed."""
        return bool(self.algorithm or self.signature)


def received(binding: SamlRequestBinding, query: str, *parameters: str) -> Received:
    """The message in a query, or in a form that is written like one; raises ``SamlRequestInvalid``.

    It is in one of ``parameters``, usually in ``SAMLRequest``. Neither has one that comes by SOAP.
    """
    if binding is SamlRequestBinding.SOAP:
        raise SamlRequestInvalid("By SOAP messages come in envelopes")
    raw = _parameters(query)
    texts = {name: _decoded(value) for name, value in raw.items()}
    relay_state = kept_state(texts.get("RelayState", ""))
    here = [name for name in (REQUEST, RESPONSE) if texts.get(name)]
    content = _bytes(texts[here[0]]) if len(here) == 1 and here[0] in (parameters or (REQUEST,)) else b""
    if not content:
        raise SamlRequestInvalid(f"There is no {' or '.join(parameters or (REQUEST,))}")
    if binding is SamlRequestBinding.POST:
        return Received(content, deflated=False, binding=binding, relay_state=relay_state, parameter=here[0])
    if texts.get("SAMLEncoding", _DEFLATE) != _DEFLATE:
        raise SamlRequestInvalid("The SAMLEncoding is not known")
    octets = "&".join(f"{name}={raw[name]}" for name in _SIGNED if name in raw)
    return Received(
        content,
        deflated=True,
        binding=SamlRequestBinding.REDIRECT,
        relay_state=relay_state,
        algorithm=texts.get("SigAlg", ""),
        signature=_bytes(texts.get("Signature", "")),
        octets=octets,
        parameter=here[0],
    )


def enveloped(envelope: str) -> Received:
    """A request in an envelope of SOAP."""
    return Received(envelope.encode(), deflated=False, binding=SamlRequestBinding.SOAP)


def kept_state(relay_state: str) -> str:
    """A RelayState that can be kept and sent back; raises ``SamlRequestInvalid`` for one too long or with controls."""
    if len(relay_state.encode()) > MAX_RELAY_STATE:
        raise SamlRequestInvalid(f"The RelayState is longer than {MAX_RELAY_STATE} bytes")
    if _CONTROLS.search(relay_state):
        raise SamlRequestInvalid("The RelayState has control characters")
    return relay_state


def _parameters(query: str) -> Mapping[str, str]:
    """Our parameters as they stand in the query: a signature holds for the very characters."""
    found: dict[str, str] = {}
    for pair in query.split("&"):
        name, _, value = pair.partition("=")
        if name in _NAMES:
            if name in found:
                raise SamlRequestInvalid(f"The parameter {name} is included more than once")
            found[name] = value
    return found


def _decoded(value: str) -> str:
    try:
        return unquote_plus(value, errors="strict")
    except UnicodeDecodeError:
        raise SamlRequestInvalid("The parameters are not in UTF-8") from None


def _bytes(text: str) -> bytes:
    try:
        return base64.b64decode(_SPACE.sub("", text), validate=True)
    except (binascii.Error, ValueError):
        raise SamlRequestInvalid("A parameter is not in base64") from None
