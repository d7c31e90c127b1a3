"""A running server as seen from the command line: operations over REST with a bearer token."""

import http.client
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from pydantic import JsonValue

from hexkeep.cli.output import Refusal
from hexkeep.cli.positions import Positions
from hexkeep.client.requests import target_and_body
from hexkeep.core.kernel.errors import PositionSuperseded, Unavailable
from hexkeep.core.kernel.operation import Http

PROBE_SECONDS = 1.0
CALL_SECONDS = 30.0
SILENCE = 330.0
"""Seconds that a stream may say nothing; a server sends heartbeats at least every 300."""
POSITION = "Hexkeep-Position"


class RemoteRefusal(Exception):
    """What a server answered in place of a result; its codes may be those of another version or of a plugin."""

    def __init__(self, refusal: Refusal) -> None:
        super().__init__(refusal.message)
        self.refusal = refusal


@dataclass(frozen=True, slots=True)
class Server:
    """Where a server is, as an origin."""

    origin: str

    def answers(self) -> bool:
        """Whether a server is there now."""
        try:
            return self._send("GET", "/healthz", {}, None, PROBE_SECONDS)[0] == http.HTTPStatus.OK
        except Unavailable:
            return False

    def call(self, binding: Http, fields: Mapping[str, JsonValue], token: str) -> JsonValue:
        """An operation's output, at least as new as what this user wrote last; ``RemoteRefusal``, ``Unavailable``."""
        positions = Positions(self.origin)
        try:
            return self._call(binding, fields, token, positions)
        except RemoteRefusal as error:
            if error.refusal.code != PositionSuperseded.code:
                raise
            positions.forget()
        return self._call(binding, fields, token, positions)

    def _call(self, binding: Http, fields: Mapping[str, JsonValue], token: str, positions: Positions) -> JsonValue:
        target, body = target_and_body(binding, fields)
        headers = {"authorization": f"Bearer {token}"} if token else {}
        if body is not None:
            headers["content-type"] = "application/json"
        if known := positions.read():
            headers[POSITION] = known
        status, position, answer = self._send(binding.method, target, headers, body, CALL_SECONDS)
        parsed = _json(answer)
        if status >= http.HTTPStatus.BAD_REQUEST:
            raise RemoteRefusal(_refusal(status, parsed))
        positions.note(position)
        return parsed

    def events(
        self, binding: Http, fields: Mapping[str, JsonValue], token: str
    ) -> Iterator[tuple[str, Mapping[str, JsonValue]]]:
        """Cursor and page of each batch of a streaming operation; ``RemoteRefusal``, ``Unavailable``."""
        target, _ = target_and_body(binding, fields)
        headers = {"accept": "text/event-stream"} | ({"authorization": f"Bearer {token}"} if token else {})
        connection = self._connection(SILENCE)
        try:
            connection.request("GET", target, headers=headers)
            response = connection.getresponse()
            if response.status >= http.HTTPStatus.BAD_REQUEST:
                raise RemoteRefusal(_refusal(response.status, _json(response.read())))
            yield from _batches(_blocks(response))
        except (OSError, http.client.HTTPException) as error:
            raise Unavailable(f"{self.origin} does not answer: {error}") from None
        finally:
            connection.close()

    def _connection(self, timeout: float) -> http.client.HTTPConnection:
        parts = urlsplit(self.origin)
        kind = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
        return kind(parts.netloc, timeout=timeout)

    def _send(
        self, method: str, target: str, headers: Mapping[str, str], body: bytes | None, timeout: float
    ) -> tuple[int, str, bytes]:
        connection = self._connection(timeout)
        try:
            connection.request(method, target, body, {"accept": "application/json", **headers})
            response = connection.getresponse()
            return response.status, response.getheader(POSITION, ""), response.read()
        except (OSError, http.client.HTTPException) as error:
            raise Unavailable(f"{self.origin} does not answer: {error}") from None
        finally:
            connection.close()


def _blocks(lines: Iterable[bytes]) -> Iterator[dict[str, str]]:
    """The blocks of an event stream by field (WHATWG HTML, section 9.2.6), as our servers write them."""
    block: dict[str, str] = {}
    for line in lines:
        name, colon, value = line.decode().rstrip("\r\n").partition(":")
        if name and colon:
            block[name] = value.removeprefix(" ")
        elif not name and not colon:
            yield block
            block = {}


def _batches(blocks: Iterable[Mapping[str, str]]) -> Iterator[tuple[str, Mapping[str, JsonValue]]]:
    for block in blocks:
        page = _json(block.get("data", "").encode())
        if block.get("event") == "error":
            raise RemoteRefusal(_refusal(http.HTTPStatus.INTERNAL_SERVER_ERROR, page))
        if "id" in block:
            yield block["id"], page if isinstance(page, dict) else {}


def _json(answer: bytes) -> JsonValue:
    try:
        parsed: JsonValue = json.loads(answer) if answer else {}
    except ValueError:
        return {}
    return parsed


def _refusal(status: int, problem: JsonValue) -> Refusal:
    """From problem details (RFC 9457)."""
    fields = problem if isinstance(problem, dict) else {}
    found = fields.get("violations")
    listed = [one for one in found if isinstance(one, dict)] if isinstance(found, list) else []
    message = str(fields.get("detail") or fields.get("title") or f"The server answered {status}")
    violations = tuple(f"{one.get('field')}: {one.get('message')}" for one in listed)
    return Refusal(str(fields.get("code") or status), message, violations)
