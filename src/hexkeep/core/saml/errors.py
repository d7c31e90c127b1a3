"""What is wrong with a message of SAML: errors for our own page, and statuses for the service provider.

Nothing is sent anywhere before it is certain who asks and where that has its answers: until then an error is shown.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from hexkeep.core.kernel.errors import HexkeepError
from hexkeep.core.oidc.errors import (
    AccessDenied,
    AccountSelectionRequired,
    ConsentRequired,
    InteractionRequired,
    LoginRequired,
    OAuthError,
    StepUpRequired,
    UnmetAuthenticationRequirements,
)


class SamlError(HexkeepError):
    """Root of what is wrong with a message of SAML before anybody may be answered."""

    code = "saml_error"
    status = 400
    rpc = "INVALID_ARGUMENT"
    title = "The request of the application cannot be used"


class SamlRequestInvalid(SamlError):
    """Bindings sections 3.4 and 3.5, Core sections 3.4 and 3.7: this is no message that we take."""

    code = "saml_request_invalid"
    title = "The request of the application is not valid"


class SoapInvalid(SamlRequestInvalid):
    """SOAP 1.1 sections 4.1.2, 4.2.3 and 4.4: this is no envelope with one message; ``fault`` is the code for that."""

    code = "soap_invalid"
    title = "The request of the application is no message in an envelope of SOAP 1.1"

    def __init__(self, message: str = "", fault: str = "Client") -> None:
        super().__init__(message)
        self.fault = fault


class SamlRequestUnsigned(SamlError):
    """Bindings sections 3.4.4.1 and 3.5.4: there is no signature of the service provider's, and there has to be."""

    code = "saml_request_unsigned"
    status = 403
    rpc = "PERMISSION_DENIED"
    title = "The request of the application is not signed as it has to be"


class SamlRequestOver(SamlError):
    """Core section 3.2.1: the request was made too long ago or too far ahead, or has been used before."""

    code = "saml_request_over"
    title = "The request of the application has expired or was used before"


class SamlProviderUnknown(SamlError):
    """Profiles section 4.1.4.1: no active application has this entity id, or it has no such place for answers."""

    code = "saml_provider_unknown"
    title = "The application is unknown or inactive"


@dataclass(frozen=True, slots=True)
class Status:
    """Core section 3.2.2: what a service provider is told. ``detail`` is the status of the second level."""

    code: str
    detail: str = ""


_PREFIX = "urn:oasis:names:tc:SAML:2.0:status:"
REQUESTER, RESPONDER = f"{_PREFIX}Requester", f"{_PREFIX}Responder"
SUCCESS = Status(f"{_PREFIX}Success")
INVALID_NAME_ID_POLICY = Status(REQUESTER, f"{_PREFIX}InvalidNameIDPolicy")
INVALID, OVER = Status(REQUESTER), Status(REQUESTER, f"{_PREFIX}RequestDenied")
VERSION_MISMATCH = Status(f"{_PREFIX}VersionMismatch")
REQUEST_UNSUPPORTED = Status(REQUESTER, f"{_PREFIX}RequestUnsupported")
NO_AUTHN_CONTEXT = Status(RESPONDER, f"{_PREFIX}NoAuthnContext")
NO_PASSIVE = Status(RESPONDER, f"{_PREFIX}NoPassive")
REQUEST_DENIED = Status(RESPONDER, f"{_PREFIX}RequestDenied")
FAILED = Status(RESPONDER)
UNKNOWN_PRINCIPAL = Status(REQUESTER, f"{_PREFIX}UnknownPrincipal")
PARTIAL_LOGOUT = Status(SUCCESS.code, f"{_PREFIX}PartialLogout")
"""Core section 3.7.3.2: the session is over, but not everybody in it is known to have heard of it."""

_STATUSES: Mapping[type[OAuthError], Status] = {
    AccessDenied: REQUEST_DENIED,
    UnmetAuthenticationRequirements: NO_AUTHN_CONTEXT,
    LoginRequired: NO_PASSIVE,
    InteractionRequired: NO_PASSIVE,
    AccountSelectionRequired: NO_PASSIVE,
    StepUpRequired: NO_PASSIVE,
    ConsentRequired: NO_PASSIVE,
}


def status_of(error: OAuthError) -> Status:
    """What stands in the way of a sign-in, in the words of SAML."""
    return _STATUSES.get(type(error), FAILED)
