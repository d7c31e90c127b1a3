"""Operations as methods, with grpcio's client over a socket."""

import asyncio
import logging
from collections.abc import AsyncIterator
from ipaddress import ip_network
from typing import Any

import grpc
import pytest
from grpc_health.v1 import health_pb2

from hexkeep.adapters.asgi.proxies import Proxies
from hexkeep.adapters.grpc import health, reflection
from hexkeep.adapters.grpc.core import Call
from hexkeep.adapters.grpc.settings import GrpcSettings
from hexkeep.adapters.rpc.catalog import Catalog
from hexkeep.adapters.rpc.status import message_class
from hexkeep.engine.iam import Iam
from tests.unit.adapters.grpc.conftest import NOTES, WAITING, Client, Connect
from tests.unit.adapters.rest.conftest import HOST
from tests.waiting import until

SECRET = "the secret of the failure"


async def test_call_is_answered(client: Client) -> None:
    """A write with its position, which a read takes; the request keeps its id."""
    call = client.call("WriteNote", [("x-request-id", "one")], text="Milk")
    written = await call
    initial = dict(await call.initial_metadata())
    assert initial["x-request-id"] == "one"
    listed = await client.call("ListNotes", [("hexkeep-position", initial["hexkeep-position"])])
    assert [note.note_id for note in listed.notes] == [written.note_id]


async def test_facts_reach_the_operation(client: Client) -> None:
    """Address, agent and id of the call, and the instance of the authority."""
    said = (await client.call("MyCall", [("x-request-id", "two")])).note_id
    assert said.startswith("127.0.0.1 grpc-python-asyncio/")
    assert said.endswith(f" two http://{HOST}")


async def test_trusted_proxies_are_believed(connect: Connect) -> None:
    """From a trusted network their word on the client counts, from elsewhere it does not."""
    forwarded = [("x-forwarded-for", "203.0.113.9, 198.51.100.7")]
    async with connect() as client:
        assert (await client.call("MyCall", forwarded)).note_id.startswith("127.0.0.1 ")
    async with connect(proxies=Proxies([ip_network("127.0.0.0/8")])) as client:
        assert (await client.call("MyCall", forwarded)).note_id.startswith("198.51.100.7 ")


@pytest.mark.parametrize(
    ("name", "fields", "code", "message"),
    [
        ("GetNote", {"note_id": "nothing"}, "NOT_FOUND", "There is no such resource"),
        ("WriteNote", {"text": "a" * 300}, "INVALID_ARGUMENT", "The input is not valid"),
        ("MyAccount", {}, "UNAUTHENTICATED", "Authentication is required"),
        ("WearOut", {}, "RESOURCE_EXHAUSTED", "Too many requests"),
        ("BreakDown", {}, "INTERNAL", "Something went wrong on our side"),
        ("FollowNote", {"note_id": "nothing", "cursor": "x"}, "INVALID_ARGUMENT", "The input is not valid"),
    ],
)
async def test_errors_have_their_code_and_text(
    name: str, fields: dict[str, Any], code: str, message: str, client: Client
) -> None:
    """Those of the one error tree, of calls and of streams; never that of an exception."""
    error = await client.refused(name, [("x-request-id", "three")], **fields)
    assert (error.code().name, error.details()) == (code, message)
    trailing = dict(error.trailing_metadata())
    assert trailing["x-request-id"] == "three"
    assert SECRET not in str(error.trailing_metadata())


async def test_an_error_is_small_enough_for_its_trailers(client: Client) -> None:
    """Clients take 8 KiB of metadata, so of many violations the first are told: the code arrives in any case."""
    wrong = {"children": [{"name": "\0" * 50}] * 2000}
    error = await client.refused("Echo", word="w", place=wrong)
    assert error.code().name == "INVALID_ARGUMENT"
    info, request = _details(error)
    assert info.reason == "invalid_input"
    assert request.field_violations[0].field == "place.children.0.name"


async def test_errors_have_details(client: Client) -> None:
    """The stable code, a violation per field, and when to come again, as ``google.rpc.Status`` has them."""
    error = await client.refused("WriteNote", text="a" * 300)
    info, request = _details(error)
    assert (info.reason, info.domain) == ("invalid_input", "hexkeep")
    assert [one.field for one in request.field_violations] == ["text"]
    info, retry = _details(await client.refused("WearOut"))
    assert (info.reason, retry.retry_delay.seconds) == ("resource_exhausted", 7)


async def test_versions_are_held(client: Client) -> None:
    """A write with ``if-match`` fails when somebody was first, and where no version is looked at."""
    note_id = (await client.call("WriteNote", text="Milk")).note_id
    await client.call("ChangeNote", [("if-match", '"1"')], note_id=note_id, text="More")
    error = await client.refused("ChangeNote", [("if-match", '"1"')], note_id=note_id, text="Less")
    assert error.code() is grpc.StatusCode.ABORTED
    error = await client.refused("WriteNote", [("if-match", '"1"')], text="Less")
    assert (error.code().name, error.details()) == ("INVALID_ARGUMENT", "WriteNote takes no If-Match")


async def test_failure_below_the_operations_is_hidden(
    client: Client, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """A defect of ours is told in the log alone, under the request's id."""

    async def broken(self: Call) -> bytes:
        raise RuntimeError(SECRET)

    monkeypatch.setattr(Call, "receive", broken)
    with caplog.at_level(logging.ERROR):
        error = await client.refused("MyCall", [("x-request-id", "four")])
    assert (error.code().name, error.details()) == ("INTERNAL", "Something went wrong on our side")
    assert SECRET in caplog.text
    assert "request four" in caplog.text


async def test_stream_ends_when_its_time_is_over(connect: Connect) -> None:
    """Batch after batch until then, and it ends well: whoever wants more goes on from the cursor."""
    async with connect(GrpcSettings(longest_stream=0.3)) as client:
        note_id = (await client.call("WriteNote", text="Milk")).note_id
        await client.call("ChangeNote", note_id=note_id, text="More")
        call = client.call("FollowNote", note_id=note_id)
        batches = [[change.version for change in batch.changes] async for batch in call]
        assert batches == [[1, 2]]
        assert await call.code() is grpc.StatusCode.OK


async def test_stream_is_given_up_when_its_reader_leaves(client: Client, iam: Iam) -> None:
    """The engine has no stream of somebody who is gone."""
    note_id = (await client.call("WriteNote", text="Milk")).note_id
    call = client.call("FollowNote", note_id=note_id)
    assert (await call.read()).changes[0].version == 1
    streams = iam.machinery.streams
    assert streams.open == 1
    call.cancel()

    async def given_up() -> bool:
        return streams.open == 0

    await until(given_up, WAITING)


async def test_error_within_a_stream_ends_it(client: Client) -> None:
    """What was sent before stays; the status says why it ended."""
    note_id = (await client.call("WriteNote", text="Milk")).note_id
    call = client.call("FollowNote", note_id=note_id)
    assert (await call.read()).changes
    await client.call("RemoveNote", note_id=note_id)
    with pytest.raises(grpc.aio.AioRpcError) as error:
        await call.read()
    assert error.value.code() is grpc.StatusCode.NOT_FOUND


async def test_deadline_of_the_caller_is_the_calls(client: Client, caplog: pytest.LogCaptureFixture) -> None:
    """A stream that waits ends with it, and the log says what became of it."""
    note_id = (await client.call("WriteNote", text="Milk")).note_id
    call = client.call("FollowNote", timeout=0.3, metadata=[("x-request-id", "five")], note_id=note_id)
    with caplog.at_level(logging.INFO, "hexkeep.access"):
        with pytest.raises(grpc.aio.AioRpcError) as error:
            _ = [batch async for batch in call]
        assert error.value.code() is grpc.StatusCode.DEADLINE_EXCEEDED

        async def told() -> bool:
            return any(getattr(one, "request_id", "") == "five" for one in caplog.records)

        await until(told, WAITING)


async def test_silent_callers_are_not_waited_for(connect: Connect) -> None:
    """A call whose message does not come ends after the deadline, whatever the caller would wait."""
    async with connect(GrpcSettings(deadline=0.1)) as client:
        call = client.channel.stream_unary(f"/{NOTES}/WriteNote")(_nothing())
        with pytest.raises(grpc.aio.AioRpcError) as error:
            await call
        assert error.value.code() is grpc.StatusCode.DEADLINE_EXCEEDED


async def test_calls_are_counted(client: Client) -> None:
    """By their status, and how long they took."""
    await client.call("MyCall")
    await client.refused("GetNote", note_id="nothing")

    async def counted() -> bool:
        figures = {(one.name, *one.labels): one.value for one in client.traffic.figures()}
        grpc_ = ("protocol", "grpc")
        answered = [figures.get(("requests", grpc_, ("status", status))) for status in ("OK", "NOT_FOUND")]
        return answered == [1, 1] and figures["request_seconds", grpc_] > 0

    await until(counted, WAITING)


@pytest.mark.parametrize("host", ["a b", "", "x" * 300])
async def test_malformed_authority_is_refused(host: str, connect: Connect) -> None:
    """It is an invalid argument, for any method."""
    async with connect() as client:
        options = [("grpc.default_authority", host or "%")]
        async with grpc.aio.insecure_channel(f"127.0.0.1:{client.port}", options) as channel:
            other = Client(channel, Catalog(()), client.port, client.traffic)
            with pytest.raises(grpc.aio.AioRpcError) as error:
                await other.channel.unary_unary(f"/{NOTES}/WriteNote")(b"", timeout=WAITING)
    assert error.value.code() in {grpc.StatusCode.INVALID_ARGUMENT, grpc.StatusCode.INTERNAL}


async def test_health_follows_readiness(connect: Connect) -> None:
    """A part that is ill makes the node not serving, so does a probe that fails; watchers are told of the change."""
    parts = {"storage": True}

    async def ready() -> dict[str, bool]:
        if not parts:
            raise RuntimeError(SECRET)
        return parts

    async with connect(ready=ready) as client:
        watched = client.channel.unary_stream("/grpc.health.v1.Health/Watch")(b"")
        assert _status(await watched.read()) == "SERVING"
        parts["storage"] = False
        assert _status(await watched.read()) == "NOT_SERVING"
        assert _status(await client.channel.unary_unary("/grpc.health.v1.Health/Check")(b"")) == "NOT_SERVING"
        parts["storage"] = True
        assert _status(await watched.read()) == "SERVING"
        parts.clear()
        assert _status(await watched.read()) == "NOT_SERVING"
        watched.cancel()


async def test_watchers_are_bounded(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    """Anybody may watch: who comes when there are too many is refused."""
    monkeypatch.setattr(health, "MAX_WATCHERS", 1)
    watch = client.channel.unary_stream("/grpc.health.v1.Health/Watch")
    first = watch(b"")
    assert _status(await first.read()) == "SERVING"
    with pytest.raises(grpc.aio.AioRpcError, match="too many watchers"):
        await watch(b"").read()
    first.cancel()


async def test_silence_ends_reflection(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    """A caller that asks nothing is not waited for, and its call ends well."""
    monkeypatch.setattr(reflection, "SILENCE", 0.05)
    path = "/grpc.reflection.v1.ServerReflection/ServerReflectionInfo"
    call = client.channel.stream_stream(path)(_nothing(), timeout=WAITING)
    assert [answer async for answer in call] == []
    assert await call.code() is grpc.StatusCode.OK


async def test_reflection_can_be_off(connect: Connect) -> None:
    """Then there is no such service."""
    async with connect(GrpcSettings(reflection=False)) as client:
        path = "/grpc.reflection.v1.ServerReflection/ServerReflectionInfo"
        with pytest.raises(grpc.aio.AioRpcError) as error:
            await client.channel.stream_unary(path)(_nothing(), timeout=WAITING)
        assert error.value.code() is grpc.StatusCode.UNIMPLEMENTED


def _details(error: grpc.aio.AioRpcError) -> list[Any]:
    found = dict(error.trailing_metadata())["grpc-status-details-bin"]
    status = message_class("Status").FromString(found)
    assert (status.code, status.message) == (error.code().value[0], error.details())
    return [message_class(one.type_url.rpartition(".")[2]).FromString(one.value) for one in status.details]


def _status(message: bytes) -> str:
    status = health_pb2.HealthCheckResponse.FromString(message).status
    return health_pb2.HealthCheckResponse.ServingStatus.Name(status)


async def _nothing() -> AsyncIterator[bytes]:
    """Messages that do not come."""
    await asyncio.Event().wait()
    yield b""
