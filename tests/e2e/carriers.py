"""The same call by every way a caller has, each with a client of its own: what an answer says, in one form."""

import base64
import json
import re
import struct
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol
from urllib.parse import unquote

import grpc
import httpx
from google.protobuf import json_format, message_factory
from google.rpc import error_details_pb2, status_pb2  # type: ignore[import-untyped]  # it brings no types

from hexkeep.client.positions import HEADER
from hexkeep.core.kernel.operation import AnyOperation, Method
from tests.e2e.grpc_client import WAITING, Grpc, bearer
from tests.e2e.server import STARTING, HexkeepServer

END_OF_STREAM = 0x80


class Refused(Exception):
    """The stable code of an error."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class Carrier(Protocol):
    """One way to call."""

    def call(self, operation: AnyOperation, fields: Mapping[str, Any], token: str) -> dict[str, Any]:
        """The answer; raises ``Refused``."""


@dataclass(frozen=True)
class Rest:
    """REST, by httpx. What it reads shows what was written by REST before, which then is in all lists of the server."""

    server: HexkeepServer

    def call(self, operation: AnyOperation, fields: Mapping[str, Any], token: str) -> dict[str, Any]:
        """See the protocol."""
        assert operation.http
        rest = dict(fields)
        path = operation.http.path.format(**{name: rest.pop(name) for name in operation.http.path_fields()})
        plain = operation.http.method in {Method.GET, Method.DELETE}
        answer = httpx.request(
            operation.http.method.value,
            f"{self.server.origin}{path}",
            params={name: json.loads(json.dumps(one)) for name, one in rest.items()} if plain else None,
            json=None if plain else rest,
            headers=dict([bearer(token), (HEADER, str(self.server.positions))]),
            trust_env=False,
            timeout=WAITING,
        )
        self.server.positions.note(answer.headers.get(HEADER, ""))
        if answer.is_error:
            raise Refused(answer.json()["code"])
        found: dict[str, Any] = answer.json() if answer.content else {}
        return found


@dataclass(frozen=True)
class Native:
    """Native gRPC, by grpcio; the messages are those of server reflection."""

    server: HexkeepServer
    client: Grpc
    service: str

    def call(self, operation: AnyOperation, fields: Mapping[str, Any], token: str) -> dict[str, Any]:
        """See the protocol."""
        method = f"{self.service}/{operation.name}"
        try:
            return self.client.call(method, as_proto(operation, fields), metadata=[bearer(token)]).fields
        except grpc.RpcError as error:
            details = dict(_pairs(error.trailing_metadata()))["grpc-status-details-bin"]
            raise Refused(_reason(details)) from None


@dataclass(frozen=True)
class Web:
    """gRPC-web in its binary form, framed by hand; the messages are those of server reflection."""

    server: HexkeepServer
    client: Grpc
    service: str

    def call(self, operation: AnyOperation, fields: Mapping[str, Any], token: str) -> dict[str, Any]:
        """See the protocol."""
        method = self.client.pool.FindServiceByName(self.service).FindMethodByName(operation.name)
        sent, answered = (message_factory.GetMessageClass(one) for one in (method.input_type, method.output_type))
        message = json_format.ParseDict(as_proto(operation, fields), sent()).SerializeToString()
        answer = httpx.post(
            f"{self.server.origin}/{self.service}/{operation.name}",
            content=struct.pack(">BI", 0, len(message)) + message,
            headers={"content-type": "application/grpc-web+proto", "x-grpc-web": "1", **dict([bearer(token)])},
            trust_env=False,
            timeout=WAITING,
        )
        messages, trailers = _unframed(answer.content)
        trailers = {**answer.headers, **trailers}
        if trailers["grpc-status"] != "0":
            raise Refused(_reason(_unpadded(unquote(trailers["grpc-status-details-bin"]))))
        return json_format.MessageToDict(answered.FromString(messages[0]), preserving_proto_field_name=True)


@dataclass(frozen=True)
class Curl:
    """Connect, its JSON sent by curl."""

    server: HexkeepServer
    service: str

    def call(self, operation: AnyOperation, fields: Mapping[str, Any], token: str) -> dict[str, Any]:
        """See the protocol."""
        url = f"{self.server.origin}/{self.service}/{operation.name}"
        text = json.dumps(as_proto(operation, fields))
        words = [
            "curl",
            "--silent",
            "--noproxy",
            "*",
            url,
            "--header",
            f"Authorization: Bearer {token}",
            "--json",
            text,
        ]
        answer = json.loads(_ran(words).stdout)
        for one in answer.get("details", ()) if "code" in answer else ():
            if one["type"] == "google.rpc.ErrorInfo":
                raise Refused(error_details_pb2.ErrorInfo.FromString(_unpadded(one["value"])).reason)
        return {_snake(name): value for name, value in answer.items()}


@dataclass(frozen=True)
class Command:
    """`hexkeep call`."""

    server: HexkeepServer

    def call(self, operation: AnyOperation, fields: Mapping[str, Any], token: str) -> dict[str, Any]:
        """See the protocol."""
        words = [
            f"{name}={one}" if isinstance(one, str) else f"{name}:={json.dumps(one)}" for name, one in fields.items()
        ]
        return _told(self.server, ["call", operation.name, "--json", *words], token)


def as_proto(operation: AnyOperation, fields: Mapping[str, Any]) -> dict[str, Any]:
    """Fields as protobuf has them in JSON, where values of enums carry the name of their type."""
    return {
        name: f"{_screaming(str(kind.__name__))}_{one.upper()}" if hasattr(kind, "__members__") else one
        for name, one in fields.items()
        for kind in [operation.input.model_fields[name].annotation]
    }


def _told(server: HexkeepServer, words: list[Any], token: str) -> dict[str, Any]:
    ran = server.run(*words, settings={"HEXKEEP_TOKEN": token} if token else {})
    assert ran.stdout or not ran.returncode, ran.stderr
    answer: dict[str, Any] = json.loads(ran.stdout or "{}")
    if ran.returncode:
        raise Refused(answer["error"])
    return answer


def _ran(words: list[str]) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(words, capture_output=True, text=True, timeout=STARTING, check=True)


def _pairs(metadata: Any) -> list[tuple[str, Any]]:
    return list(metadata or ())


def _reason(details: bytes) -> str:
    for one in status_pb2.Status.FromString(details).details:
        if one.Is(error_details_pb2.ErrorInfo.DESCRIPTOR):
            return str(error_details_pb2.ErrorInfo.FromString(one.value).reason)
    raise AssertionError(details)


def _unframed(body: bytes) -> tuple[list[bytes], dict[str, str]]:
    messages: list[bytes] = []
    trailers: dict[str, str] = {}
    while body:
        flags, length = struct.unpack(">BI", body[:5])
        frame, body = body[5 : 5 + length], body[5 + length :]
        if flags & END_OF_STREAM:
            lines = (line.partition(":") for line in frame.decode().strip().split("\r\n"))
            trailers |= {name.strip().lower(): value.strip() for name, _, value in lines}
        else:
            messages.append(frame)
    return messages, trailers


def _unpadded(text: str) -> bytes:
    return base64.b64decode(text + "=" * (-len(text) % 4))


def _snake(name: str) -> str:
    return re.sub(r"[A-Z]", lambda found: f"_{found[0].lower()}", name)


def _screaming(name: str) -> str:
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).upper()
