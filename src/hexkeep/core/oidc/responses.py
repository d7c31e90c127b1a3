"""Authorization responses: what an application may ask for, and how it is carried back.

OAuth 2.0 Multiple Response Type Encoding Practices 1.0 and OAuth 2.0 Form Post Response Mode 1.0.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from hexkeep.core.application.client_metadata import ResponseType
from hexkeep.core.oidc.errors import InvalidRequest, UnsupportedResponseMode, UnsupportedResponseType
from hexkeep.core.oidc.rfc6749 import ResponseMode, answer_uri

CODE, ID_TOKEN, TOKEN = "code", "id_token", "token"
TYPES: Mapping[frozenset[str], ResponseType] = {
    frozenset(one.value.split()): one for one in ResponseType if one is not ResponseType.UNSPECIFIED
}
FROM_THE_FRONT = frozenset({ID_TOKEN, TOKEN})
"""What must not stand in a query, where servers and browsers keep it (section 3)."""

IN_QUERY = frozenset({ResponseMode.QUERY, ResponseMode.QUERY_JWT})
POSTED = frozenset({ResponseMode.FORM_POST, ResponseMode.FORM_POST_JWT})
JWT = "jwt"
"""JARM section 2.3.4: the usual way of the response type, in a JWT."""


def response_type(text: str) -> ResponseType:
    """Section 2: the words of ``response_type`` in any order, each once; raises ``UnsupportedResponseType``."""
    words = text.split(" ")
    found = TYPES.get(frozenset(words))
    if found is None or len(words) != len(set(words)):
        raise UnsupportedResponseType
    return found


def parts(kind: ResponseType) -> frozenset[str]:
    """What a response of this type carries: ``code``, ``id_token``, ``token``."""
    return frozenset(kind.value.split())


def default_mode(text: str) -> ResponseMode:
    """Section 2.1 and RFC 6749 section 4.2.2.1: the fragment for whatever asks for tokens, known here or not."""
    return ResponseMode.FRAGMENT if FROM_THE_FRONT & set(text.split()) else ResponseMode.QUERY


def usual_mode(params: Mapping[str, str]) -> ResponseMode:
    """How an error is carried before anything of a request has been judged: as asked where that may be done at all."""
    usual = default_mode(params.get("response_type", ""))
    try:
        return response_mode(params)
    except (InvalidRequest, UnsupportedResponseMode):
        return usual


def response_mode(params: Mapping[str, str]) -> ResponseMode:
    """How the answer is carried; raises ``UnsupportedResponseMode``, and ``InvalidRequest`` for tokens in a query.

    A form can be posted to a web page alone, not to the private-use scheme of a native application.
    """
    usual = default_mode(params.get("response_type", ""))
    wanted = params.get("response_mode", usual.value)
    if wanted == JWT:
        wanted = f"{usual.value}.{JWT}"
    if wanted not in set(ResponseMode):
        raise UnsupportedResponseMode
    mode = ResponseMode(wanted)
    if mode in IN_QUERY and usual is ResponseMode.FRAGMENT:
        raise InvalidRequest("The response_mode query is not for tokens")
    if mode in POSTED and not params.get("redirect_uri", "").startswith(("https://", "http://")):
        raise InvalidRequest("The response_mode form_post needs a redirect_uri of the web")
    return mode


@dataclass(frozen=True, slots=True)
class Answer:
    """An authorization response: to which of the application's addresses, how, and what it says."""

    redirect_uri: str
    mode: ResponseMode
    params: Mapping[str, str] = field(repr=False)

    @property
    def location(self) -> str:
        """Where the browser is sent with it; a form's fields are posted to the address as it is."""
        if self.mode is ResponseMode.FORM_POST:
            return self.redirect_uri
        return answer_uri(self.redirect_uri, self.mode, self.params)
