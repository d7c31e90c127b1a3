"""One HTTP request as our own applications read it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

from hexkeep.adapters.asgi import bodies, cookies, forms
from hexkeep.adapters.asgi.certificates import believed
from hexkeep.adapters.asgi.forms import Form
from hexkeep.adapters.asgi.headers import READ, Headers, collect, request_id, single
from hexkeep.adapters.asgi.proxies import CLIENT_CERTIFICATES, ClientCertificates
from hexkeep.adapters.asgi.types import Receive, Scope
from hexkeep.core.session.state import parse_token
from hexkeep.ports.api import Meta

MAX_USER_AGENT = 512


@dataclass(frozen=True, slots=True)
class Request:
    """A request. ``host`` is the ``Host`` header; ``scheme``, ``host`` and ``address`` are the client's own view.

    They are so because ``hexkeep.adapters.asgi.front`` has put right what proxies changed.
    """

    id: str
    method: str
    scheme: str
    host: str
    path: str
    address: str
    raw_query: bytes = field(repr=False)
    headers: Headers = field(repr=False)
    receive: Receive = field(repr=False)
    certificates: str = ClientCertificates.NONE
    """What trusted proxies say of clients' certificates."""

    @classmethod
    def of(cls, scope: Scope, receive: Receive) -> "Request":
        """The request of an ASGI connection."""
        state: Mapping[str, Any] = scope.get("state") or {}
        read = state.get(READ)
        headers, client = believed(collect(scope["headers"]) if read is None else read, state), scope.get("client")
        hosts = headers.get("host", ())
        return cls(
            id=request_id(headers),
            method=scope["method"],
            scheme=scope["scheme"],
            host=hosts[0].lower() if len(hosts) == 1 else "",
            path=scope["path"],
            address=client[0] if client else "",
            raw_query=scope["query_string"],
            headers=headers,
            receive=receive,
            certificates=state.get(CLIENT_CERTIFICATES, ClientCertificates.NONE),
        )

    @property
    def origin(self) -> str:
        """The origin that the client believes to talk to (RFC 6454)."""
        return f"{self.scheme}://{self.host}"

    @property
    def url(self) -> str:
        """Where the client believes to have sent this, without the query."""
        return self.origin + quote(self.path)

    def header(self, name: str) -> str:
        """A header, empty when absent; raises ``InvalidInput`` when it is repeated."""
        return single(self.headers, name)

    def cookie(self, name: str) -> str:
        """A cookie, empty when absent."""
        return cookies.read(self.headers, name)

    @property
    def session_token(self) -> str:
        """The session token of this browser, empty when it has none."""
        return self.cookie(cookies.SESSION)

    @property
    def waiting_tokens(self) -> tuple[str, ...]:
        """The tokens of the sessions that wait beside the browser's own, those used last first."""
        tokens = self.cookie(cookies.ACCOUNTS).split(cookies.JOINT)
        return tuple(one for one in tokens if parse_token(one) and one != self.session_token)[: cookies.MOST_WAITING]

    def query(self) -> Form:
        """The query; raises ``InvalidInput`` or ``TooLarge``."""
        return forms.parse(self.raw_query)

    async def form(self, max_bytes: int = bodies.MAX_BYTES) -> Form:
        """The form in the body, to be read once; raises ``UnsupportedMediaType``, ``TooLarge``, ``InvalidInput``."""
        return await forms.read(self.receive, self.headers, max_bytes)

    async def json_text(self) -> str:
        """The JSON document in the body, to be read once; raises as ``form`` does."""
        return await bodies.json_text(self.receive, self.headers)

    def meta(self, surface: str) -> Meta:
        """The facts about this call for the API."""
        agent = next(iter(self.headers.get("user-agent", ())), "")[:MAX_USER_AGENT]
        return Meta(host=self.host, surface=surface, address=self.address, user_agent=agent, correlation_id=self.id)
