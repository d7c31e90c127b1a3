"""npm @grpc/grpc-js and @grpc/proto-loader, which we did not write, on the committed .proto files."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.certificates import Authority
from tests.e2e.server import STARTING, HexkeepServer, serving
from tests.unit.cli.server import TIMEOUT

pytestmark = [pytest.mark.browser, pytest.mark.timeout(TIMEOUT)]

NODE = Path(__file__).parent / "node"
PROGRAM = Path(sys.executable).with_name("node")
PROTO = Path(__file__).parents[2] / "proto"


@pytest.fixture(scope="module", params=["own port", "own port, tls", "main port"])
def results(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What came of all calls of ``grpc.mjs``, on the port of gRPC's own and on the main one."""
    folder = tmp_path_factory.mktemp("node")
    settings, authority = dict[str, str](), None
    if request.param == "own port, tls":
        authority = Authority(folder)
        authority.issue(folder / "certificate.pem", folder / "key.pem")
        settings = {"HEXKEEP_SERVER__TLS_CERTIFICATE": "certificate.pem", "HEXKEEP_SERVER__TLS_KEY": "key.pem"}
    elif request.param == "main port":
        settings = {"HEXKEEP_GRPC__MAIN_PORT": "true"}
    with serving(folder, settings, authority.trust if authority else None) as server:
        target = f"localhost:{server.port}" if request.param == "main port" else server.grpc
        return {**_ran(server, target, authority), "port": request.param}


def _ran(server: HexkeepServer, target: str, authority: Authority | None) -> dict[str, Any]:
    task = {
        "target": target,
        "authority": f"localhost:{server.port}",
        "proto": str(PROTO),
        "ca": str(authority.certificate) if authority else "",
        "user": server.administrator.user_name,
        "password": server.administrator.password,
    }
    ran = subprocess.run(
        [PROGRAM, "grpc.mjs"],
        cwd=NODE,
        input=json.dumps(task) + "\n",
        capture_output=True,
        text=True,
        timeout=STARTING,
        check=False,
    )
    assert ran.returncode == 0, ran.stdout + ran.stderr
    results: dict[str, Any] = json.loads(ran.stdout)
    server.secrets.add(results["token"])
    return results


def test_calls_are_answered_with_metadata(results: dict[str, Any]) -> None:
    """The answer, and the request's own id around it."""
    assert results["unary"]["answer"]["users"]
    assert results["unary"]["initial"]["x-request-id"] == "from-node"


def test_compressed_calls_are_understood(results: dict[str, Any]) -> None:
    """Requests in gzip."""
    assert results["gzip"]["answer"] == results["unary"]["answer"]


def test_errors_have_code_text_and_details(results: dict[str, Any]) -> None:
    """For nobody, and for what is not valid."""
    refused = results["refused"]["error"]
    assert (refused["code"], refused["message"]) == ("UNAUTHENTICATED", "Authentication is required")
    assert refused["details"]
    invalid = results["invalid"]["error"]
    assert (invalid["code"], invalid["details"]) == ("INVALID_ARGUMENT", True)


def test_large_messages_are_refused(results: dict[str, Any]) -> None:
    """Five megabytes are more than the server reads."""
    assert results["large"]["error"]["code"] == "RESOURCE_EXHAUSTED"


def test_streams_come_as_things_happen_and_can_be_cancelled(results: dict[str, Any]) -> None:
    """What was written while the stream was open is in it."""
    assert "project.added" in results["stream"]["seen"]
    assert results["stream"]["code"] == "CANCELLED"
    assert results["written"]["initial"]["hexkeep-position"]


def test_deadline_ends_a_stream_that_waits(results: dict[str, Any]) -> None:
    """With the status that says so."""
    assert results["deadline"] == "DEADLINE_EXCEEDED"


def test_health_is_told(results: dict[str, Any]) -> None:
    """Serving, in the standard protocol, on both ports."""
    assert results["health"] == [8, 1]
