"""Native gRPC of a real `hexkeep serve`, with grpcio as the client: it learns the messages from server reflection."""

import threading
from collections.abc import Iterator
from typing import Any

import grpc
import httpx
import pytest
from grpc_health.v1 import health_pb2, health_pb2_grpc
from grpc_reflection.v1alpha import reflection_pb2

from tests.e2e.grpc_client import WAITING, Grpc, bearer
from tests.e2e.rest import Rest
from tests.e2e.server import HexkeepServer, serving
from tests.unit.cli.server import TIMEOUT

pytestmark = pytest.mark.timeout(TIMEOUT)

AUTH, MANAGEMENT = "hexkeep.auth.v1", "hexkeep.management.v1"
CREATE_SESSION, MY_SESSION = f"{AUTH}.SessionService/CreateSession", f"{AUTH}.SessionService/GetMySession"
GET_USER, LIST_USERS = f"{MANAGEMENT}.UserService/GetUser", f"{MANAGEMENT}.UserService/ListUsers"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[HexkeepServer]:
    """One server for all tests of the module; in the end it has not failed nor told a secret."""
    settings = {"HEXKEEP_HTTP__TRUSTED_PROXIES": "127.0.0.0/8,::1/128"}
    with serving(tmp_path_factory.mktemp("grpc"), settings) as server:
        yield server


@pytest.fixture(scope="module")
def client(server: HexkeepServer) -> Iterator[Grpc]:
    """A channel with the authority that the instance answers to."""
    with Grpc(server.grpc, authority=f"localhost:{server.port}") as client:
        yield client


@pytest.fixture(scope="module")
def token(server: HexkeepServer, client: Grpc) -> str:
    """The administrator's session token, by gRPC."""
    who = server.administrator
    opened = client.call(CREATE_SESSION, {"login_name": who.user_name, "password": who.password})
    found: str = opened.fields["session_token"]
    server.secrets.add(found)
    return found


def refused(error: pytest.ExceptionInfo[grpc.RpcError]) -> tuple[str, str]:
    """Code and message of an error."""
    return error.value.code().name, error.value.details() or ""


class TestCalls:
    def test_answer_is_that_of_rest(self, server: HexkeepServer, client: Grpc, token: str) -> None:
        """The same operation with the same caller gives the same on both."""
        listed = client.call(LIST_USERS, metadata=[bearer(token)]).fields
        with Rest(server, token) as rest:
            assert [one["user_id"] for one in rest.get("/management/v1/users")["users"]] == [
                one["user_id"] for one in listed["users"]
            ]

    def test_metadata_goes_both_ways(self, client: Grpc, token: str) -> None:
        """A request keeps the id it came with, a write tells its position, a read takes it."""
        written = client.call(
            f"{MANAGEMENT}.ProjectService/CreateProject",
            {"organization_id": _organization(client, token), "name": "By gRPC"},
            metadata=[bearer(token), ("x-request-id", "by-grpc"), ("idempotency-key", "once")],
        )
        assert written.initial["x-request-id"] == "by-grpc"
        position = written.initial["hexkeep-position"]
        again = client.call(
            f"{MANAGEMENT}.ProjectService/CreateProject",
            {"organization_id": _organization(client, token), "name": "By gRPC"},
            metadata=[bearer(token), ("idempotency-key", "once")],
        )
        assert again.fields == written.fields
        listed = client.call(
            f"{MANAGEMENT}.ProjectService/ListProjects", metadata=[bearer(token), ("hexkeep-position", position)]
        )
        assert "By gRPC" in [one["name"] for one in listed.fields["projects"]]

    def test_address_and_agent_are_the_callers(self, server: HexkeepServer, client: Grpc) -> None:
        """A trusted proxy's word on the client is taken, as over HTTP."""
        who = server.administrator
        opened = client.call(
            CREATE_SESSION,
            {"login_name": who.user_name, "password": who.password},
            metadata=[("x-forwarded-for", "203.0.113.7"), ("x-request-id", "from-afar")],
        )
        token = opened.fields["session_token"]
        server.secrets.add(token)
        record = server.call("from-afar")
        assert (record["client_address"], record["rpc_status"]) == ("203.0.113.7", "OK")
        assert record["rpc_method"] == f"/{CREATE_SESSION}"

    def test_gzip_is_understood(self, client: Grpc, token: str) -> None:
        """A compressed request is answered like any other."""
        found = client.call(LIST_USERS, metadata=[bearer(token)], compression=grpc.Compression.Gzip)
        assert found.fields["users"]


class TestRefusals:
    def test_strangers_are_unauthenticated(self, client: Grpc) -> None:
        """Without a token, and with one that is none."""
        for metadata in ([], [bearer("nonsense")], [("authorization", "Basic YTpi")]):
            with pytest.raises(grpc.RpcError) as error:
                client.call(LIST_USERS, metadata=metadata)
            assert refused(error)[0] == "UNAUTHENTICATED"

    def test_what_is_absent_is_not_found(self, client: Grpc, token: str) -> None:
        """Resources and methods; the request keeps its id."""
        with pytest.raises(grpc.RpcError) as error:
            client.call(GET_USER, {"user_id": "nobody"}, metadata=[bearer(token), ("x-request-id", "lost")])
        assert refused(error)[0] == "NOT_FOUND"
        assert "lost" in {str(one.value) for one in error.value.trailing_metadata() if one.key == "x-request-id"}
        with pytest.raises(grpc.RpcError) as error:
            client.send("/hexkeep.auth.v1.Nothing/Nothing", b"")
        assert refused(error) == ("UNIMPLEMENTED", "There is no such method")

    def test_host_is_the_authority(self, server: HexkeepServer) -> None:
        """An authority that no instance owns is not found, whatever else the metadata say."""
        with Grpc(server.grpc, authority="elsewhere.example.com") as client, pytest.raises(grpc.RpcError) as error:
            client.call(CREATE_SESSION, {"login_name": "a"}, metadata=[("host", f"localhost:{server.port}")])
        assert refused(error)[0] == "NOT_FOUND"
        with Grpc(server.grpc, authority="elsewhere.example.com") as client, pytest.raises(grpc.RpcError) as error:
            client.call(LIST_USERS, metadata=[("x-forwarded-host", f"localhost:{server.port}")])
        assert refused(error)[0] == "UNAUTHENTICATED"  # a trusted proxy's word on the host is taken

    def test_nonsense_is_an_invalid_argument(self, client: Grpc) -> None:
        """Bytes that are no message."""
        with pytest.raises(grpc.RpcError) as error:
            client.send(f"/{CREATE_SESSION}", b"\xff\xff\xff")
        assert refused(error) == ("INVALID_ARGUMENT", "This is not the message of this method")

    @pytest.mark.parametrize("compression", [grpc.Compression.NoCompression, grpc.Compression.Gzip])
    def test_large_messages_are_refused(self, client: Grpc, compression: grpc.Compression) -> None:
        """Five megabytes, also where they were small on their way."""
        with pytest.raises(grpc.RpcError) as error:
            client.call(CREATE_SESSION, {"login_name": "a" * 5_000_000}, compression=compression)
        assert refused(error)[0] == "RESOURCE_EXHAUSTED"

    def test_many_metadata_are_refused(self, client: Grpc) -> None:
        """What no call of ours needs."""
        with pytest.raises(grpc.RpcError) as error:
            client.call(MY_SESSION, metadata=[("x-large", "a" * 60_000)])
        assert refused(error)[0] in {"RESOURCE_EXHAUSTED", "INTERNAL", "UNAVAILABLE"}


class TestDescribed:
    def test_reflection_lists_every_service(self, server: HexkeepServer, client: Grpc) -> None:
        """And what it tells of them is what their files say, in both versions of the protocol."""
        names = set(client.reflected.get_services())
        assert {f"{AUTH}.SessionService", f"{MANAGEMENT}.UserService", "grpc.health.v1.Health"} <= names
        assert {"grpc.reflection.v1.ServerReflection", "grpc.reflection.v1alpha.ServerReflection"} <= names
        for name in names:
            assert client.pool.FindServiceByName(name).full_name == name
        present = client.channel.stream_stream(
            "/grpc.reflection.v1.ServerReflection/ServerReflectionInfo",
            request_serializer=reflection_pb2.ServerReflectionRequest.SerializeToString,
            response_deserializer=reflection_pb2.ServerReflectionResponse.FromString,
        )
        question = reflection_pb2.ServerReflectionRequest(list_services="")
        (answer,) = present(iter([question]), timeout=WAITING)
        assert {one.name for one in answer.list_services_response.service} == names

    def test_health_is_what_readyz_says(self, server: HexkeepServer, client: Grpc) -> None:
        """For all together, for each service, and not for others."""
        stub = _health(client)
        assert httpx.get(f"{server.origin}/readyz").status_code == 200
        for name in ("", f"{AUTH}.SessionService"):
            answer = stub.Check(health_pb2.HealthCheckRequest(service=name), timeout=WAITING)
            assert answer.status == health_pb2.HealthCheckResponse.SERVING
        with pytest.raises(grpc.RpcError) as error:
            stub.Check(health_pb2.HealthCheckRequest(service="nothing"), timeout=WAITING)
        assert refused(error)[0] == "NOT_FOUND"


def test_calls_are_in_the_metrics(tmp_path_factory: pytest.TempPathFactory) -> None:
    """Beside requests over HTTP."""
    with serving(tmp_path_factory.mktemp("metrics")) as server, Grpc(server.grpc) as client:
        _health(client).Check(health_pb2.HealthCheckRequest(), timeout=WAITING)
        shown = httpx.get(f"{server.origin}/metrics").text
    assert 'hexkeep_requests_total{protocol="grpc",status="OK"} 1.0' in shown
    assert 'hexkeep_requests_total{protocol="http",status="200"}' in shown


def test_no_bytes_break_a_method(tmp_path_factory: pytest.TempPathFactory) -> None:
    """Every method answers whatever it is sent with a status that is the caller's fault, or does what it says."""
    bodies = (b"", b"\x0a\x03abc", b"\x0a\x00\x12\x00", b"\x08" + b"\xff" * 8 + b"\x7f", bytes(range(40)), b"\xff" * 30)
    with serving(tmp_path_factory.mktemp("bytes")) as server, _channel(server) as client:
        names = [name for name in client.reflected.get_services() if name.startswith("hexkeep.")]
        methods = [one for name in names for one in client.pool.FindServiceByName(name).methods]
        unary = [one for one in methods if not one.server_streaming]
        assert len(unary) > 200
        found = {
            _status_of(client, f"/{one.containing_service.full_name}/{one.name}", body)
            for one in unary
            for body in bodies
        }
    assert "INVALID_ARGUMENT" in found
    assert not found & {"INTERNAL", "UNKNOWN", "UNAVAILABLE", "CANCELLED"}


def _channel(server: HexkeepServer) -> Grpc:
    return Grpc(server.grpc, authority=f"localhost:{server.port}")


def _status_of(client: Grpc, path: str, body: bytes) -> str:
    try:
        client.send(path, body)
    except grpc.RpcError as error:
        return str(error.code().name)
    return "OK"


def test_many_calls_on_one_channel_succeed(client: Grpc) -> None:
    """More than HTTP/2 implementations like to allow one connection, sixteen at a time."""
    stub = _health(client)
    failures: list[grpc.RpcError] = []

    def calls() -> None:
        for _ in range(320):
            try:
                stub.Check(health_pb2.HealthCheckRequest(), timeout=WAITING)
            except grpc.RpcError as error:
                failures.append(error)

    threads = [threading.Thread(target=calls) for _ in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failures


def test_watchers_learn_of_the_end(tmp_path_factory: pytest.TempPathFactory) -> None:
    """Told to stop, the server is not serving for whoever watches, and stops without waiting for them."""
    with serving(tmp_path_factory.mktemp("ending")) as server, Grpc(server.grpc) as client:
        watched = _health(client).Watch(
            health_pb2.HealthCheckRequest(), timeout=WAITING, metadata=[("x-request-id", "watch")]
        )
        assert next(watched).status == health_pb2.HealthCheckResponse.SERVING
        ending = threading.Thread(target=server.stop)
        ending.start()
        assert next(watched).status == health_pb2.HealthCheckResponse.NOT_SERVING
        with pytest.raises(grpc.RpcError) as error:
            next(watched)
        assert refused(error) == ("UNAVAILABLE", "The server is stopping")
        ending.join()
        server.start()


def _health(client: Grpc) -> Any:
    """The stub that grpcio-health-checking generated; its types do not know its methods."""
    return health_pb2_grpc.HealthStub(client.channel)


def _organization(client: Grpc, token: str) -> str:
    session = client.call(LIST_USERS, {"limit": "1"}, metadata=[bearer(token)]).fields
    found: str = session["users"][0]["organization_id"]
    return found
