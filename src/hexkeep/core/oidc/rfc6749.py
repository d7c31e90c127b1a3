"""OAuth 2.0 (RFC 6749): parameters, scopes, client credentials, and the answer in a redirect."""

import base64
import binascii
import enum
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from urllib.parse import unquote_plus, urlencode, urlsplit

from hexkeep.core.kernel.urls import with_query
from hexkeep.core.oidc import rfc7523
from hexkeep.core.oidc.errors import InvalidClient, InvalidRequest, InvalidScope

SCOPE_TOKEN = re.compile(r"[\x21\x23-\x5B\x5D-\x7E]{1,200}")
"""Section 3.3: NQCHAR. The length is ours."""
MAX_SCOPES = 50
REPEATABLE = frozenset({"resource"})
"""RFC 8707 section 2 allows more than one."""


def present(params: Mapping[str, str]) -> dict[str, str]:
    """The parameters that have a value: one without is treated as if it were omitted (sections 3.1 and 3.2)."""
    return {name: value for name, value in params.items() if value}


def refuse_repeated(repeated: Iterable[str]) -> None:
    """Sections 3.1 and 3.2: parameters must not be included more than once."""
    if set(repeated) - REPEATABLE:
        raise InvalidRequest("A parameter is included more than once")


def required(params: Mapping[str, str], name: str) -> str:
    """The value of a parameter that has to be there; raises ``InvalidRequest``."""
    if not params.get(name):
        raise InvalidRequest(f"The parameter {name} is missing")
    return params[name]


def scope_list(text: str) -> tuple[str, ...]:
    """Section 3.3: the scopes of a space-delimited list, each once, in order; raises ``InvalidScope``."""
    scopes = tuple(dict.fromkeys(part for part in text.split(" ") if part))
    if len(scopes) > MAX_SCOPES or not all(SCOPE_TOKEN.fullmatch(scope) for scope in scopes):
        raise InvalidScope
    return scopes


class ClientMethod(enum.StrEnum):
    """How a client showed who it is (section 2.3); values as applications register them."""

    BASIC = "basic"
    POST = "post"
    NONE = "none"
    PRIVATE_KEY_JWT = "private_key_jwt"
    """OIDC Core section 9: what is shown is a signed assertion (RFC 7523 section 2.2)."""


@dataclass(frozen=True, slots=True)
class PresentedClient:
    """Who a client says it is, and what it has to show for it.

    ``certificate`` is that of its connection, DER in base64; ``verified`` tells that somebody who is trusted has
    verified who issued it.
    """

    id: str
    secret: str = field(repr=False)
    method: ClientMethod
    certificate: str = ""
    verified: bool = False


def presented_client(
    params: Mapping[str, str], authorization: str, certificate: str = "", *, verified: bool = False
) -> PresentedClient:
    """Section 2.3.1: the client's credentials out of the header or the body.

    Raises ``InvalidRequest`` when several are used at once, and ``InvalidClient`` when there are none that can be read.
    """
    if "client_assertion" in params or "client_assertion_type" in params:
        return _from_assertion(params, authorization)
    if authorization:
        return _from_header(params, authorization)
    if "client_id" not in params:
        raise InvalidClient
    secret = params.get("client_secret", "")
    if secret:
        return PresentedClient(params["client_id"], secret, ClientMethod.POST)
    return PresentedClient(params["client_id"], "", ClientMethod.NONE, certificate, verified=verified)


def _from_assertion(params: Mapping[str, str], authorization: str) -> PresentedClient:
    """RFC 7523 section 2.2. The client is whom the assertion names; a ``client_id`` beside it has to be the same."""
    if authorization or "client_secret" in params:
        raise InvalidRequest("More than one client authentication method is used")
    assertion = params.get("client_assertion", "")
    client_id = rfc7523.issuer_of(assertion)
    named = params.get("client_id", client_id)
    if params.get("client_assertion_type") != rfc7523.CLIENT_ASSERTION_TYPE or not client_id or named != client_id:
        raise InvalidClient
    return PresentedClient(client_id, assertion, ClientMethod.PRIVATE_KEY_JWT)


def _from_header(params: Mapping[str, str], authorization: str) -> PresentedClient:
    if "client_secret" in params:
        raise InvalidRequest("More than one client authentication method is used")
    client_id, secret = basic_credentials(authorization)
    if params.get("client_id", client_id) != client_id:
        raise InvalidRequest("The client_id differs from the one that authenticates")
    return PresentedClient(client_id, secret, ClientMethod.BASIC)


def basic_credentials(authorization: str) -> tuple[str, str]:
    """User and password of an HTTP Basic header (RFC 7617), each form-urlencoded before (section 2.3.1, appendix B)."""
    scheme, _, encoded = authorization.partition(" ")
    try:
        plain = base64.b64decode(encoded.strip(), validate=True).decode()
        name, colon, secret = plain.partition(":")
        client_id, client_secret = (unquote_plus(part, errors="strict") for part in (name, secret))
    except (ValueError, binascii.Error):
        scheme, colon, client_id, client_secret = "", "", "", ""
    if scheme.lower() != "basic" or not colon or not client_id:
        raise InvalidClient(basic=True)
    return client_id, client_secret


class ResponseMode(enum.StrEnum):
    """OAuth 2.0 Multiple Response Type Encoding Practices section 2.1."""

    QUERY = "query"
    FRAGMENT = "fragment"
    FORM_POST = "form_post"
    """OAuth 2.0 Form Post Response Mode section 2."""
    QUERY_JWT = "query.jwt"
    """JARM section 2.3: the same three, with all they carry in one JWT."""
    FRAGMENT_JWT = "fragment.jwt"
    FORM_POST_JWT = "form_post.jwt"


def answer_uri(redirect_uri: str, mode: ResponseMode, params: Mapping[str, str]) -> str:
    """Sections 4.1.2 and 4.1.2.1: the redirect URI, with its own query kept and the answer added."""
    encoded = urlencode({name: value for name, value in params.items() if value})
    if mode is ResponseMode.FRAGMENT:
        return f"{redirect_uri}#{encoded}"
    return with_query(redirect_uri, encoded)


def redirect_origin(uri: str) -> str:
    """What a Content-Security-Policy's ``form-action`` lists so that a form's answer may redirect to ``uri``.

    A private-use scheme (RFC 8252 section 7.1) has no origin and is listed as a scheme; so is an IPv6 address, for
    which CSP's grammar of hosts has no form.
    """
    parts = urlsplit(uri)
    if parts.scheme not in {"http", "https"} or "[" in parts.netloc:
        return f"{parts.scheme}:"
    return f"{parts.scheme}://{parts.netloc}"
