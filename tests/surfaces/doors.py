"""The same call through each surface: what comes of it, in one form."""

import base64
import json
import struct
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol
from urllib.parse import quote, unquote, urlencode

import grpc
import grpc.aio
import httpx
from google.rpc import error_details_pb2, status_pb2  # type: ignore[import-untyped]  # it brings no types
from pydantic import JsonValue

from hexkeep.adapters.rpc.catalog import AnyBound, Catalog
from hexkeep.core.kernel.errors import HexkeepError
from hexkeep.core.kernel.operation import Message, Method
from hexkeep.ports.api import Anonymous, Api, Bearer, Meta, PositionToken
from tests.surfaces.messages import constructed
from tests.surfaces.site import DEADLINE, Site, Tenant

POSITION = "hexkeep-position"
END_OF_STREAM = 0x80


@dataclass(frozen=True)
class Outcome:
    """What came of a call: an output as JSON values, or the code of an error and what it says of the input."""

    code: str
    output: JsonValue = None
    violations: tuple[str, ...] = ()


class Door(Protocol):
    """A surface."""

    async def call(self, tenant: Tenant, name: str, fields: Mapping[str, JsonValue], token: str) -> Outcome:
        """Call one operation of the tenant's instance."""


class EmbeddedDoor:
    """The program itself."""

    def __init__(self, site: Site) -> None:
        self._api: Api = site.embedded.api

    async def call(self, tenant: Tenant, name: str, fields: Mapping[str, JsonValue], token: str) -> Outcome:
        """See the protocol."""
        meta = Meta(host=tenant.host, min_positions=tuple(tenant.positions.values()), timeout=DEADLINE)
        try:
            answer = await self._api.call_json(
                self._api.operation(name), fields, Bearer(token) if token else Anonymous(), meta
            )
        except HexkeepError as error:
            fields_at_fault = {one.field for one in getattr(error, "violations", ())}
            return Outcome(error.code, violations=tuple(sorted(fields_at_fault)))
        tenant.noted(answer.position)
        return Outcome("", answer.output.model_dump(mode="json"))


class RestDoor:
    """REST, by httpx."""

    def __init__(self, site: Site, client: httpx.AsyncClient) -> None:
        self._api: Api = site.embedded.api
        self._client = client

    async def call(self, tenant: Tenant, name: str, fields: Mapping[str, JsonValue], token: str) -> Outcome:
        """See the protocol."""
        operation = self._api.operation(name)
        http = operation.http
        assert http is not None
        rest = dict(fields)
        path = http.path
        for field in http.path_fields():
            path = path.replace(f"{{{field}}}", quote(str(rest.pop(field)), safe=""))
        plain = http.method in {Method.GET, Method.DELETE}
        answer = await self._client.request(
            http.method.value,
            path + (f"?{_query(rest)}" if plain and rest else ""),
            headers=_headers(tenant, token),
            json=None if plain else rest,
        )
        if answer.is_error:
            problem = answer.json()
            assert answer.headers["content-type"] == "application/problem+json"
            return Outcome(problem["code"], violations=_at_fault(one["field"] for one in problem.get("violations", ())))
        _note(tenant, answer.headers.get(POSITION, ""))
        assert answer.status_code == http.status
        return Outcome("", answer.json() if answer.content else {})


def _query(fields: Mapping[str, JsonValue]) -> str:
    listed = {name: value if isinstance(value, list) else [value] for name, value in fields.items()}
    return urlencode({name: list(map(_text, values)) for name, values in listed.items()}, doseq=True)


def _text(value: JsonValue) -> str:
    return value if isinstance(value, str) else json.dumps(value)


def _headers(tenant: Tenant, token: str) -> dict[str, str]:
    headers = {"host": tenant.host}
    if token:
        headers["authorization"] = f"Bearer {token}"
    if tenant.positions:
        headers[POSITION] = ", ".join(map(str, tenant.positions.values()))
    return headers


def _note(tenant: Tenant, text: str) -> None:
    if text:
        tenant.noted(PositionToken.parse(text))


def _at_fault(fields: Any) -> tuple[str, ...]:
    return tuple(sorted(set(fields)))


class _RpcDoor:
    """What calls by protobuf have in common."""

    def __init__(self, site: Site) -> None:
        self._catalog: Catalog = site.embedded.catalog
        self._bound: dict[str, AnyBound] = {
            name: bound for methods in self._catalog.services.values() for name, bound in methods.items()
        }

    def _request(self, name: str, fields: Mapping[str, JsonValue]) -> tuple[AnyBound, bytes]:
        bound = self._bound[name]
        return bound, bound.to_request(constructed(bound.operation.input, fields)).SerializeToString()

    @staticmethod
    def output(bound: AnyBound, message: bytes) -> Outcome:
        """What a message says."""
        output: Message = bound.from_response(bound.output_class.FromString(message))
        return Outcome("", output.model_dump(mode="json"))

    @staticmethod
    def failure(details: bytes) -> Outcome:
        """The stable code and the violations, as ``google.rpc.Status`` holds them."""
        status = status_pb2.Status.FromString(details)
        code, violations = "", tuple[str, ...]()
        for one in status.details:
            if one.Is(error_details_pb2.ErrorInfo.DESCRIPTOR):
                info = error_details_pb2.ErrorInfo.FromString(one.value)
                assert info.domain == "hexkeep"
                code = info.reason
            elif one.Is(error_details_pb2.BadRequest.DESCRIPTOR):
                bad = error_details_pb2.BadRequest.FromString(one.value)
                violations = _at_fault(violation.field for violation in bad.field_violations)
        assert code, status
        return Outcome(code, violations=violations)


class GrpcDoor(_RpcDoor):
    """Native gRPC, by grpcio."""

    def __init__(self, site: Site) -> None:
        super().__init__(site)
        self._target = site.grpc
        self._channels: dict[str, grpc.aio.Channel] = {}

    def _channel(self, host: str) -> grpc.aio.Channel:
        if host not in self._channels:
            options = [("grpc.default_authority", host)]
            self._channels[host] = grpc.aio.insecure_channel(self._target, options)
        return self._channels[host]

    async def close(self) -> None:
        """Close every channel."""
        for channel in self._channels.values():
            await channel.close()

    async def call(self, tenant: Tenant, name: str, fields: Mapping[str, JsonValue], token: str) -> Outcome:
        """See the protocol."""
        bound, request = self._request(name, fields)
        headers = _headers(tenant, token)
        del headers["host"]
        made: Any = self._channel(tenant.host).unary_unary(bound.path)
        call = made(request, metadata=tuple(headers.items()), timeout=DEADLINE)
        try:
            message: bytes = await call
        except grpc.aio.AioRpcError as error:
            trailing = dict(error.trailing_metadata())
            details = trailing["grpc-status-details-bin"]
            assert isinstance(details, bytes)
            return self.failure(details)
        for metadata in (await call.initial_metadata(), await call.trailing_metadata()):
            _note(tenant, str(dict(metadata or ()).get(POSITION, "")))
        return self.output(bound, message)


class GrpcWebDoor(_RpcDoor):
    """gRPC-web in its binary form, framed by hand as its specification says."""

    def __init__(self, site: Site, client: httpx.AsyncClient) -> None:
        super().__init__(site)
        self._client = client

    async def call(self, tenant: Tenant, name: str, fields: Mapping[str, JsonValue], token: str) -> Outcome:
        """See the protocol."""
        bound, request = self._request(name, fields)
        kind = "application/grpc-web+proto"
        answer = await self._client.post(
            bound.path,
            headers={**_headers(tenant, token), "content-type": kind, "x-grpc-web": "1"},
            content=struct.pack(">BI", 0, len(request)) + request,
        )
        assert answer.status_code == 200
        assert answer.headers["content-type"] == kind
        messages, trailers = _unframed(answer.content)
        trailers = {**answer.headers, **trailers}
        if trailers["grpc-status"] != "0":
            return self.failure(_unpadded(unquote(trailers["grpc-status-details-bin"])))
        _note(tenant, trailers.get(POSITION, ""))
        [message] = messages
        return self.output(bound, message)


def _unframed(body: bytes) -> tuple[list[bytes], dict[str, str]]:
    messages, trailers = [], {}
    while body:
        flags, length = struct.unpack(">BI", body[:5])
        frame, body = body[5 : 5 + length], body[5 + length :]
        if flags & END_OF_STREAM:
            for line in frame.decode().strip().split("\r\n"):
                name, _, value = line.partition(":")
                trailers[name.strip().lower()] = value.strip()
        else:
            messages.append(frame)
    return messages, trailers


def _unpadded(text: str) -> bytes:
    return base64.b64decode(text + "=" * (-len(text) % 4))
