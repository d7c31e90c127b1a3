"""An authorization request (RFC 6749 section 4.1.1, OIDC Core section 3.1.2.1), read in an order that is safe.

The client and its redirect URI come first and are not judged here: until they hold there is nowhere to send an error.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from hexkeep.core.oidc import oidc_core, rfc7636
from hexkeep.core.oidc.errors import (
    InvalidRequest,
    OAuthError,
    RegistrationNotSupported,
    RequestNotSupported,
    RequestUriNotSupported,
    UnsupportedResponseMode,
    UnsupportedResponseType,
)
from hexkeep.core.oidc.rfc6749 import ResponseMode, answer_uri, refuse_repeated, required, scope_list
from hexkeep.core.oidc.rfc9207 import identified

UNSUPPORTED: Mapping[str, type[OAuthError]] = {
    "request": RequestNotSupported,
    "request_uri": RequestUriNotSupported,
    "registration": RegistrationNotSupported,
}
RESPONSE_TYPE = "code"
MAX_ECHOED = 4096
"""The longest ``state`` and ``nonce`` we carry."""


@dataclass(frozen=True, slots=True)
class Asked:
    """The content of a request, apart from who asks and where the answer goes."""

    scopes: tuple[str, ...]
    nonce: str
    code_challenge: str
    prompts: tuple[oidc_core.Prompt, ...]
    max_age: int | None
    ui_locales: tuple[str, ...]


def read(params: Mapping[str, str], repeated: Iterable[str], *, public: bool) -> Asked:
    """The content of a request; raises the ``OAuthError`` to redirect with. A ``public`` client must use PKCE."""
    refuse_repeated(repeated)
    for name, error in UNSUPPORTED.items():
        if name in params:
            raise error
    if required(params, "response_type") != RESPONSE_TYPE:
        raise UnsupportedResponseType
    response_mode(params)
    if any(len(params.get(name, "")) > MAX_ECHOED for name in ("state", "nonce")):
        raise InvalidRequest("The state or nonce is too long")
    challenge, method = params.get("code_challenge", ""), params.get("code_challenge_method", "")
    return Asked(
        scopes=scope_list(params.get("scope", "")),
        nonce=params.get("nonce", ""),
        code_challenge=rfc7636.checked_challenge(challenge, method, required=public),
        prompts=oidc_core.prompts(params.get("prompt", "")),
        max_age=oidc_core.max_age(params.get("max_age", "")),
        ui_locales=oidc_core.languages(params.get("ui_locales", "")),
    )


def response_mode(params: Mapping[str, str]) -> ResponseMode:
    """How the answer is carried; raises ``UnsupportedResponseMode``."""
    mode = params.get("response_mode", ResponseMode.QUERY)
    if mode not in set(ResponseMode):
        raise UnsupportedResponseMode
    return ResponseMode(mode)


@dataclass(frozen=True, slots=True)
class ReturnAddress:
    """A validated redirect URI, and how to answer there."""

    redirect_uri: str
    state: str = ""
    mode: ResponseMode = ResponseMode.QUERY

    @classmethod
    def of(cls, params: Mapping[str, str], repeated: Iterable[str]) -> "ReturnAddress":
        """Where errors of this request go: by query when its mode is unknown, without a state that is ambiguous."""
        known = params.get("response_mode", ResponseMode.QUERY)
        mode = ResponseMode(known) if known in set(ResponseMode) else ResponseMode.QUERY
        state = "" if "state" in repeated else params.get("state", "")
        return cls(params["redirect_uri"], state, mode)

    def code(self, code: str, issuer: str) -> str:
        """RFC 6749 section 4.1.2: the redirect that carries a code."""
        return answer_uri(self.redirect_uri, self.mode, identified({"code": code, "state": self.state}, issuer))

    def error(self, error: OAuthError, issuer: str) -> str:
        """RFC 6749 section 4.1.2.1: the redirect that carries an error."""
        told = {"error": error.error, "error_description": error.message, "state": self.state}
        return answer_uri(self.redirect_uri, self.mode, identified(told, issuer))
