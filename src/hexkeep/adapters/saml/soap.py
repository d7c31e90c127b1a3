"""Single logout from server to server: SOAP 1.1 over HTTP (Bindings section 3.2)."""

from xml.sax.saxutils import escape

from hexkeep.adapters.asgi import bodies
from hexkeep.adapters.asgi.errors import MethodNotAllowed, UnsupportedMediaType
from hexkeep.adapters.asgi.messages import message
from hexkeep.adapters.asgi.request import Request
from hexkeep.adapters.asgi.response import NO_STORE, Header, Response, retry_after
from hexkeep.adapters.asgi.traffic import SOAP as PROTOCOL
from hexkeep.adapters.saml.metadata import SURFACE
from hexkeep.core.kernel.errors import (
    FailedPrecondition,
    HexkeepError,
    InvalidInput,
    NotFound,
    PermissionDenied,
    ResourceExhausted,
    TooLarge,
    Unauthenticated,
    Unavailable,
)
from hexkeep.core.saml.errors import SamlError, SamlProviderUnknown, SamlRequestUnsigned, SoapInvalid
from hexkeep.core.saml.xml import SOAP
from hexkeep.core.samllogout.api import ANSWER_IDP_LOGOUT, ANSWER_SAML_LOGOUT
from hexkeep.core.samllogout.by_soap import AnswerIdpLogout, AnswerSamlLogout
from hexkeep.ports.api import Anonymous, Api

MEDIA_TYPES = ("text/xml", "application/soap+xml")
"""That of SOAP 1.1, and that of SOAP 1.2, which some send all the same."""
HEADERS: tuple[Header, ...] = (
    ("content-type", "text/xml; charset=utf-8"),
    NO_STORE,
    ("x-content-type-options", "nosniff"),
)
INTERNAL, FORBIDDEN = 500, 403
SENT = (InvalidInput, SamlError)
"""What is wrong with what came."""
REFUSED = (SamlProviderUnknown, SamlRequestUnsigned, Unauthenticated, PermissionDenied)
"""Whom we do not believe (Bindings section 3.2.3.3: a responder that refuses to exchange messages)."""
BEFORE = (MethodNotAllowed, UnsupportedMediaType, TooLarge, NotFound, ResourceExhausted, Unavailable)
"""What HTTP has words for: it comes before any SOAP is read, or passes."""


class LogoutBySoap:
    """The endpoints for service providers and for identity providers. Nobody brings a cookie here."""

    def __init__(self, api: Api) -> None:
        self._api = api

    async def asked(self, request: Request) -> Response:
        """A request of a service provider's."""
        asked = message(AnswerSamlLogout, envelope=await _envelope(request))
        answer = await self._api.call(ANSWER_SAML_LOGOUT, asked, Anonymous(), request.meta(SURFACE))
        return _answer(answer.output.envelope)

    async def asked_elsewhere(self, request: Request) -> Response:
        """A request of the identity provider whose place this is."""
        provider_id = request.path.rpartition("/")[2]
        asked = message(AnswerIdpLogout, identity_provider_id=provider_id, envelope=await _envelope(request))
        answer = await self._api.call(ANSWER_IDP_LOGOUT, asked, Anonymous(), request.meta(SURFACE))
        return _answer(answer.output.envelope)


async def _envelope(request: Request) -> str:
    """The envelope in the body; raises ``UnsupportedMediaType``, ``TooLarge`` and ``InvalidInput``."""
    if not any(bodies.declared(request.headers, one) for one in MEDIA_TYPES):
        raise UnsupportedMediaType("The body must be text/xml in UTF-8")
    try:
        return (await bodies.read(request.receive, request.headers)).decode()
    except UnicodeDecodeError:
        raise InvalidInput("The body is not in UTF-8") from None


def _answer(envelope: str) -> Response:
    if not envelope:
        raise FailedPrecondition("The instance has no active key to sign the answer with")
    return Response(200, HEADERS, envelope.encode(), (PROTOCOL, "200"))


def fault(_: Request, error: HexkeepError) -> Response:
    """Why there is no answer (section 3.2.3.3).

    That is a fault, with 500 whoever's it is (SOAP 1.1 section 6.2); it is counted and logged as what it is. Whom we do
    not believe gets 403, and what is wrong before there is a message to read has its own status.
    """
    status, code = _status(error), _code(error)
    told = f"<faultcode>soap:{code}</faultcode><faultstring>{escape(f'{error.code}: {error.message}')}</faultstring>"
    text = f'<soap:Envelope xmlns:soap="{SOAP}"><soap:Body><soap:Fault>{told}</soap:Fault></soap:Body></soap:Envelope>'
    outcome = (PROTOCOL, code if status == INTERNAL else str(status))
    return Response(status, (*HEADERS, *retry_after(error)), text.encode(), outcome)


def _status(error: HexkeepError) -> int:
    if isinstance(error, REFUSED):
        return FORBIDDEN
    return error.status if isinstance(error, BEFORE) else INTERNAL


def _code(error: HexkeepError) -> str:
    """SOAP 1.1 section 4.4.1: whose fault it is. What no input can be blamed for is ours."""
    if isinstance(error, SoapInvalid):
        return error.fault
    ours = error.status >= INTERNAL or not isinstance(error, (*SENT, *REFUSED, *BEFORE))
    return "Server" if ours else "Client"
