"""OAuth and OpenID Connect errors: each names its RFC, its wire code and the HTTP status of a direct answer.

They stand below ``HexkeepError``; ``error`` is what goes on the wire, ``code`` is unique within Hexkeep.
"""

from typing import ClassVar

from hexkeep.core.kernel.errors import HexkeepError, Unauthenticated


class OAuthError(HexkeepError):
    """Root of the protocol errors. ``message`` is the ``error_description``: ASCII, no quotes, no backslashes."""

    code = "oauth_error"
    error: ClassVar[str] = "server_error"
    status = 400
    rpc = "INVALID_ARGUMENT"
    title = "The protocol request failed"

    @property
    def challenge(self) -> str:
        """The ``WWW-Authenticate`` header that goes with a direct answer, or empty."""
        return ""


class InvalidRequest(OAuthError):
    """RFC 6749 sections 4.1.2.1 and 5.2: a parameter is missing, repeated, malformed or excluded by another."""

    code = "oauth_invalid_request"
    error = "invalid_request"
    title = "The request is missing a parameter or is otherwise malformed"


class InvalidRedirectUri(InvalidRequest):
    """RFC 6749 section 4.1.2.1: the client or its redirect URI does not hold, so nothing may be redirected."""

    code = "oauth_invalid_redirect"
    title = "The application is unknown or its redirect URI is not registered"


class InvalidClient(OAuthError):
    """RFC 6749 section 5.2: client authentication failed. Unknown client and wrong secret look the same."""

    code = "oauth_invalid_client"
    error = "invalid_client"
    status = 401
    rpc = "UNAUTHENTICATED"
    title = "Client authentication failed"

    def __init__(self, message: str = "", *, basic: bool = False) -> None:
        super().__init__(message)
        self.basic = basic

    @property
    def challenge(self) -> str:
        """Section 5.2: a client that used the Authorization header is told the scheme (RFC 7617)."""
        return 'Basic realm="token", charset="UTF-8"' if self.basic else ""


class InvalidGrant(OAuthError):
    """RFC 6749 section 5.2: the code or refresh token is invalid, expired, revoked or another client's."""

    code = "oauth_invalid_grant"
    error = "invalid_grant"
    title = "The grant is invalid, expired or revoked"


class ClientKeyUnusable(OAuthError):
    """RFC 6749 sections 4.1.2.1 and 5.2: what the client wants encrypted cannot be, for it registered no key for that.

    It gets nothing in the clear; what is wrong lies in its registration, and asking again does not help.
    """

    code = "oauth_client_key_unusable"
    error = "invalid_request"
    title = "The application registered no key that can be encrypted to"


class UnauthorizedClient(OAuthError):
    """RFC 6749 sections 4.1.2.1 and 5.2: this client did not register this way of asking."""

    code = "oauth_unauthorized_client"
    error = "unauthorized_client"
    title = "The application may not use this grant"


class UnsupportedGrantType(OAuthError):
    """RFC 6749 section 5.2: no such grant here."""

    code = "oauth_unsupported_grant_type"
    error = "unsupported_grant_type"
    title = "This grant type is not supported"


class UnsupportedResponseType(OAuthError):
    """RFC 6749 section 4.1.2.1: no combination of code, ID token and access token that there is."""

    code = "oauth_unsupported_response_type"
    error = "unsupported_response_type"
    title = "This response type is not supported"


class UnsupportedResponseMode(OAuthError):
    """OAuth 2.0 Multiple Response Type Encoding Practices section 2.1, with the code that peers answer."""

    code = "oauth_unsupported_response_mode"
    error = "unsupported_response_mode"
    title = "This response mode is not supported"


class InvalidScope(OAuthError):
    """RFC 6749 sections 4.1.2.1 and 5.2: the scope is malformed or exceeds what was granted."""

    code = "oauth_invalid_scope"
    error = "invalid_scope"
    title = "The scope is malformed or exceeds what was granted"


class InvalidTarget(OAuthError):
    """RFC 8707 section 2: a resource is malformed, unknown, or not for this client or grant."""

    code = "oauth_invalid_target"
    error = "invalid_target"
    title = "The requested resource is unknown or not for this application"


class UnsupportedTokenType(OAuthError):
    """RFC 7009 section 2.2.1: a kind of token that cannot be revoked."""

    code = "oauth_unsupported_token_type"
    error = "unsupported_token_type"
    title = "Tokens of this type cannot be revoked"


class AccessDenied(OAuthError):
    """RFC 6749 section 4.1.2.1: the person, or we on the project's behalf, said no."""

    code = "oauth_access_denied"
    error = "access_denied"
    status = 403
    rpc = "PERMISSION_DENIED"
    title = "Access was denied"


class GrantDenied(AccessDenied):
    """RFC 8628 section 3.5, CIBA Core 1.0 section 11: the person said no; an answer of the token endpoint."""

    code = "oauth_grant_denied"
    status = 400
    rpc = "INVALID_ARGUMENT"


class AuthorizationPending(OAuthError):
    """RFC 8628 section 3.5, CIBA Core 1.0 section 11: nobody has said yes or no so far."""

    code = "oauth_authorization_pending"
    error = "authorization_pending"
    title = "The user has not answered yet"


class SlowDown(OAuthError):
    """RFC 8628 section 3.5, CIBA Core 1.0 section 11: still pending, and asked for too often."""

    code = "oauth_slow_down"
    error = "slow_down"
    title = "Ask less often"


class ExpiredToken(OAuthError):
    """RFC 8628 section 3.5, CIBA Core 1.0 section 11: nobody said yes in time."""

    code = "oauth_expired_token"
    error = "expired_token"
    title = "The request has expired"


class UnknownUserId(OAuthError):
    """CIBA Core 1.0 section 13: nobody is known by the hint."""

    code = "ciba_unknown_user_id"
    error = "unknown_user_id"
    title = "Nobody is known by this hint"


class ExpiredLoginHintToken(OAuthError):
    """CIBA Core 1.0 section 13: the token that names the person does not hold any more."""

    code = "ciba_expired_login_hint_token"
    error = "expired_login_hint_token"
    title = "The login_hint_token has expired"


class InvalidBindingMessage(OAuthError):
    """CIBA Core 1.0 section 13: what both devices are to show is too long or not plain."""

    code = "ciba_invalid_binding_message"
    error = "invalid_binding_message"
    title = "The binding_message cannot be shown"


class LoginRequired(OAuthError):
    """OIDC Core section 3.1.2.6: ``prompt=none``, but somebody has to sign in."""

    code = "oidc_login_required"
    error = "login_required"
    title = "The user has to sign in"


class StepUpRequired(LoginRequired):
    """OIDC Core section 3.1.2.6: the sign-in is weaker than what is asked for, and one more proof would do."""

    code = "oidc_step_up_required"
    title = "The user has to prove a second factor"


class InteractionRequired(OAuthError):
    """OIDC Core section 3.1.2.6: ``prompt=none``, but the person has something to do on a page, beyond a sign-in."""

    code = "oidc_interaction_required"
    error = "interaction_required"
    title = "The user has to interact with a page"


class AccountSelectionRequired(OAuthError):
    """OIDC Core section 3.1.2.6: the person has to choose an account."""

    code = "oidc_account_selection_required"
    error = "account_selection_required"
    title = "The user has to choose an account"


class UnmetAuthenticationRequirements(OAuthError):
    """OpenID Connect Core Error Code 1.0: nobody, or not this person, can sign in as the client insists."""

    code = "oidc_unmet_authentication_requirements"
    error = "unmet_authentication_requirements"
    title = "The user cannot be authenticated in the way that was asked for"


class ConsentRequired(OAuthError):
    """OIDC Core section 3.1.2.6: ``prompt=none``, but consent has to be asked for."""

    code = "oidc_consent_required"
    error = "consent_required"
    title = "The user has to consent"


class RequestNotSupported(OAuthError):
    """OIDC Core section 3.1.2.6: request objects by value are not supported."""

    code = "oidc_request_not_supported"
    error = "request_not_supported"
    title = "The request parameter is not supported"


class RequestUriNotSupported(OAuthError):
    """OIDC Core section 3.1.2.6: request objects by reference are not supported."""

    code = "oidc_request_uri_not_supported"
    error = "request_uri_not_supported"
    title = "The request_uri parameter is not supported"


class InvalidRequestObject(OAuthError):
    """RFC 9101 section 10.3: the request object is not signed by this client, not for us, not for now, or no JWT."""

    code = "oauth_invalid_request_object"
    error = "invalid_request_object"
    title = "The request object is not valid"


class InvalidRequestUri(OAuthError):
    """RFC 9101 section 10.3, RFC 9126 section 4: nothing usable is there, or it was used, or it is another client's."""

    code = "oauth_invalid_request_uri"
    error = "invalid_request_uri"
    title = "The request_uri is unknown, expired or used"


class InvalidAuthorizationDetails(OAuthError):
    """RFC 9396 section 5: the authorization details are malformed, unknown, or exceed what was granted."""

    code = "oauth_invalid_authorization_details"
    error = "invalid_authorization_details"
    title = "The authorization details are not valid"


class InvalidGrantId(OAuthError):
    """Grant Management for OAuth 2.0 section 5.3: no grant of this client is known by this id, or it is over."""

    code = "oauth_invalid_grant_id"
    error = "invalid_grant_id"
    title = "The grant_id is unknown, or the grant is over"


class UnknownGrant(InvalidGrantId):
    """Grant Management for OAuth 2.0 section 6.6: the same, where the id stands in the address."""

    code = "oauth_unknown_grant"
    status = 404
    rpc = "NOT_FOUND"


class GrantOfAnother(AccessDenied):
    """Grant Management for OAuth 2.0 section 6.6: another client's grant is nothing to look at or to end."""

    code = "oauth_grant_of_another"
    title = "The grant is another application's"


class RegistrationNotSupported(OAuthError):
    """OIDC Core section 3.1.2.6: self-issued registration is not supported."""

    code = "oidc_registration_not_supported"
    error = "registration_not_supported"
    title = "The registration parameter is not supported"


class InvalidRegisteredRedirectUri(OAuthError):
    """RFC 7591 section 3.2.2: a redirect URI that a client wants to register is not fit for it."""

    code = "oauth_invalid_redirect_uri"
    error = "invalid_redirect_uri"
    title = "A redirect URI cannot be registered"


class InvalidClientMetadata(OAuthError):
    """RFC 7591 section 3.2.2: something else that a client wants to register is malformed or does not go together."""

    code = "oauth_invalid_client_metadata"
    error = "invalid_client_metadata"
    title = "What the client says of itself cannot be registered"


class BearerError(OAuthError):
    """RFC 6750 section 3: what is wrong with a bearer token, said in the challenge as well."""

    code = "bearer_error"
    status = 401
    rpc = "UNAUTHENTICATED"

    @property
    def challenge(self) -> str:
        """RFC 6750 section 3: scheme, error and description."""
        return f'Bearer error="{self.error}", error_description="{self.message}"'


class InvalidToken(BearerError):
    """RFC 6750 section 3.1: expired, revoked, malformed or not ours."""

    code = "oauth_invalid_token"
    error = "invalid_token"
    title = "The access token is invalid, expired or revoked"


class InsufficientScope(BearerError):
    """RFC 6750 section 3.1: the token is good, but not for this."""

    code = "oauth_insufficient_scope"
    error = "insufficient_scope"
    status = 403
    rpc = "PERMISSION_DENIED"
    title = "The access token does not have the scope for this"


class InvalidDpopProof(OAuthError):
    """RFC 9449 section 5: the DPoP proof is malformed, for another request, too old, or was used before."""

    code = "oauth_invalid_dpop_proof"
    error = "invalid_dpop_proof"
    title = "The DPoP proof is invalid"


class UseDpopNonce(OAuthError):
    """RFC 9449 sections 8 and 9: the DPoP proof has to repeat ``nonce``, which goes into the header ``DPoP-Nonce``."""

    code = "oauth_use_dpop_nonce"
    error = "use_dpop_nonce"
    title = "The DPoP proof needs the nonce that comes with this answer"

    def __init__(self, nonce: str = "") -> None:
        super().__init__()
        self.nonce = nonce


class ProofRefused(Unauthenticated):
    """RFC 9449 sections 7.1 and 9: a token that came by the scheme ``DPoP`` does not hold, or its proof does not.

    ``error`` is what the challenge names; ``nonce``, if there is one, is what the next proof has to repeat.
    """

    code = "dpop_proof_refused"
    title = "The access token or its DPoP proof is invalid"

    def __init__(self, message: str = "", *, error: str = InvalidToken.error, nonce: str = "") -> None:
        super().__init__(message)
        self.error = error
        self.nonce = nonce
