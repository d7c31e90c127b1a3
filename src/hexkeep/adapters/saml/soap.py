"""Single logout from server to server: SOAP 1.1 over HTTP (Bindings section 3.2)."""

from xml.sax.saxutils import escape

from hexkeep.adapters.asgi import bodies
from hexkeep.adapters.asgi.errors import UnsupportedMediaType
from hexkeep.adapters.asgi.messages import message
from hexkeep.adapters.asgi.request import Request
from hexkeep.adapters.asgi.response import NO_STORE, Header, Response, retry_after
from hexkeep.adapters.saml.metadata import SURFACE
from hexkeep.core.kernel.errors import FailedPrecondition, HexkeepError, InvalidInput
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
INTERNAL = 500
NOBODY, FORBIDDEN = 401, 403


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
    return Response(200, HEADERS, envelope.encode())


def fault(_: Request, error: HexkeepError) -> Response:
    """Section 3.2.3.3: why there is no answer; 403 for whom we do not believe.

    Else the status is the one of the error, where SOAP 1.1 section 6.2 has 500 for everybody's: what is wrong with a
    request is no fault of this server's, and those who watch it can tell.
    """
    status = FORBIDDEN if error.status == NOBODY else error.status
    side = "Server" if error.status >= INTERNAL else "Client"
    told = f"<faultcode>soap:{side}</faultcode><faultstring>{escape(f'{error.code}: {error.message}')}</faultstring>"
    text = f'<soap:Envelope xmlns:soap="{SOAP}"><soap:Body><soap:Fault>{told}</soap:Fault></soap:Body></soap:Envelope>'
    return Response(status, (*HEADERS, *retry_after(error)), text.encode())
