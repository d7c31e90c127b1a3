"""An authorization request (RFC 6749 section 4.1.1, OIDC Core section 3.1.2.1), read in an order that is safe.

The client and its redirect URI come first and are not judged here: until they hold there is nowhere to send an error.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from hexkeep.core.application.client_metadata import ResponseType
from hexkeep.core.oidc import acr, claims_request, oidc_core, responses, rfc7636, scopes
from hexkeep.core.oidc.errors import (
    InvalidRequest,
    OAuthError,
    RegistrationNotSupported,
    UnauthorizedClient,
    UnmetAuthenticationRequirements,
)
from hexkeep.core.oidc.profiles import Rules
from hexkeep.core.oidc.responses import CODE, ID_TOKEN, TOKEN, Answer, parts
from hexkeep.core.oidc.rfc6749 import ResponseMode, refuse_repeated, required, scope_list
from hexkeep.core.oidc.rfc9207 import identified

MAX_ECHOED = 4096
"""The longest ``state`` and ``nonce`` we carry."""


@dataclass(frozen=True, slots=True)
class Asked:
    """The content of a request, apart from who asks."""

    response_type: ResponseType
    response_mode: ResponseMode
    scopes: tuple[str, ...]
    state: str
    nonce: str
    code_challenge: str
    prompts: tuple[oidc_core.Prompt, ...]
    max_age: int | None
    ui_locales: tuple[str, ...]
    acr_values: tuple[str, ...]
    claims: str
    """The claims parameter as it came, well-formed, or empty."""


def read(params: Mapping[str, str], repeated: Iterable[str], rules: Rules) -> Asked:
    """The content of a request of a client under these rules; raises the ``OAuthError`` to answer with.

    ``params`` are those that count, wherever they were: in the query, pushed before, or in a request object.
    """
    refuse_repeated(repeated)
    if "registration" in params:
        raise RegistrationNotSupported
    kind = responses.response_type(required(params, "response_type"))
    mode = responses.response_mode(params)
    asked = scope_list(params.get("scope", ""))
    _insist_on_allowed(kind, rules)
    _insist_on_openid(kind, asked, params)
    if any(len(params.get(name, "")) > MAX_ECHOED for name in ("state", "nonce")):
        raise InvalidRequest("The state or nonce is too long")
    challenge, method = params.get("code_challenge", ""), params.get("code_challenge_method", "")
    return Asked(
        response_type=kind,
        response_mode=mode,
        scopes=asked,
        state=params.get("state", ""),
        nonce=params.get("nonce", ""),
        code_challenge=rfc7636.checked_challenge(challenge, method, required=rules.pkce and CODE in parts(kind)),
        prompts=oidc_core.prompts(params.get("prompt", "")),
        max_age=oidc_core.max_age(params.get("max_age", "")),
        ui_locales=oidc_core.languages(params.get("ui_locales", "")),
        acr_values=acr.acr_values(params.get("acr_values", "")),
        claims=_claims(params),
    )


def _claims(params: Mapping[str, str]) -> str:
    """OIDC Core section 5.5; what cannot be met by anybody is refused before anybody is bothered with it."""
    text = params.get("claims", "")
    if acr.wanted(claims_request.parse(text), ()).impossible:
        raise UnmetAuthenticationRequirements
    return text


def _insist_on_allowed(kind: ResponseType, rules: Rules) -> None:
    """Whether the client registered for it. A token in the answer would be bound to nobody, so some never get one."""
    bound = rules.sender_constrained or rules.dpop or rules.certificate
    if kind not in rules.response_types or (bound and TOKEN in parts(kind)):
        raise UnauthorizedClient("The application may not use this response_type")


def _insist_on_openid(kind: ResponseType, asked: tuple[str, ...], params: Mapping[str, str]) -> None:
    """OIDC Core sections 3.2.2.1 and 3.3.2.11: what an ID token from the authorization endpoint needs."""
    if ID_TOKEN not in parts(kind):
        return
    if scopes.OPENID not in asked:
        raise InvalidRequest("The scope openid is needed for an ID token")
    required(params, "nonce")


@dataclass(frozen=True, slots=True)
class ReturnAddress:
    """A validated redirect URI, and how to answer there."""

    redirect_uri: str
    state: str = ""
    mode: ResponseMode = ResponseMode.QUERY

    @classmethod
    def of(cls, params: Mapping[str, str], repeated: Iterable[str]) -> "ReturnAddress":
        """Where errors of this request go: in the usual mode when its own is no good, without an ambiguous state."""
        unsure = set(repeated)
        state = "" if "state" in unsure or len(params.get("state", "")) > MAX_ECHOED else params.get("state", "")
        known = {name: value for name, value in params.items() if name not in unsure}
        return cls(
            params["redirect_uri"], state, responses.usual_mode({**known, "redirect_uri": params["redirect_uri"]})
        )

    def success(self, params: Mapping[str, str], issuer: str) -> Answer:
        """RFC 6749 sections 4.1.2 and 4.2.2, RFC 9207: the answer that carries a code, tokens or both."""
        return self._answer(params, issuer)

    def error(self, error: OAuthError, issuer: str) -> Answer:
        """RFC 6749 sections 4.1.2.1 and 4.2.2.1: the answer that carries an error."""
        return self._answer({"error": error.error, "error_description": error.message}, issuer)

    def _answer(self, params: Mapping[str, str], issuer: str) -> Answer:
        told = identified({**params, "state": self.state}, issuer)
        return Answer(self.redirect_uri, self.mode, {name: value for name, value in told.items() if value})
