"""Connect and gRPC-web of a real `hexkeep serve`, with clients that we did not write, over sockets."""

import functools
import http.server
import json
import os
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import grpc
import pytest
from playwright.async_api import Error, Page

from tests.browser.chromium import browser, page
from tests.e2e.generated_clients import EXAMPLE, bundle, run
from tests.e2e.rest import Rest, World
from tests.e2e.server import HexkeepServer, serving
from tests.unit.cli.server import TIMEOUT

__all__ = ["browser", "page"]
pytestmark = [pytest.mark.browser, pytest.mark.timeout(TIMEOUT)]

CARRIERS = ["connect-proto", "connect-json", "grpc-web-proto", "grpc-web-json"]
REFUSED = {"code": "InvalidArgument", "reason": "invalid_input", "fields": ["name"]}


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[HexkeepServer]:
    """One server for the module; in the end it has not failed nor told a secret."""
    with serving(tmp_path_factory.mktemp("rpc")) as server:
        yield server


@pytest.fixture(scope="module")
def world(server: HexkeepServer) -> Iterator[World]:
    """What the administrator has made there."""
    with Rest(server) as rest:
        yield World(server, rest)


@pytest.fixture(scope="module")
def token(server: HexkeepServer) -> str:
    """The administrator's session."""
    with Rest(server) as rest:
        return rest.sign_in(server.administrator.user_name, server.administrator.password)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where clients are built."""
    return tmp_path_factory.mktemp("clients")


@pytest.fixture(scope="module")
def site(folder: Path) -> Iterator[str]:
    """The origin of a site of somebody else, with a page that calls."""
    script = bundle(folder, "page.ts", "browser")
    (folder / "index.html").write_text(f"<!doctype html><title>Shop</title><script src={script.name}></script>")
    handler = functools.partial(_Quiet, directory=str(folder))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as listener:
        thread = threading.Thread(target=listener.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{listener.server_port}"
        listener.shutdown()
        thread.join()


class _Quiet(http.server.SimpleHTTPRequestHandler):
    """A file server that says nothing, and knows scripts."""

    extensions_map = {**http.server.SimpleHTTPRequestHandler.extensions_map, ".mjs": "text/javascript"}  # noqa: RUF012 - as the library has it

    def log_message(self, *words: object) -> None:
        """Say nothing."""


def test_curl_lists_projects(world: World, token: str) -> None:
    """The example's script, with POST and GET."""
    environment = {**os.environ, "HEXKEEP": world.server.origin, "TOKEN": token}
    ran = subprocess.run(
        ["sh", EXAMPLE / "shell.sh"], env=environment, capture_output=True, text=True, timeout=60, check=False
    )
    assert ran.returncode == 0, ran.stdout + ran.stderr
    posted, got = map(json.loads, ran.stdout.splitlines())
    assert "Shop" in [one["name"] for one in posted["projects"]]
    assert posted["projects"][0]["status"] == "STATUS_ACTIVE"
    assert got == posted


def test_grpcio_lists_projects(world: World, token: str) -> None:
    """The example's function, which knows nothing but the server's own description."""
    scope: dict[str, Any] = {"__name__": "native"}
    exec(compile((EXAMPLE / "native.py").read_text(), "native.py", "exec"), scope)  # noqa: S102 - our own example
    authority = f"localhost:{world.server.port}"
    with grpc.insecure_channel(world.server.grpc, [("grpc.default_authority", authority)]) as channel:
        assert "Shop" in scope["projects"](channel, token)


def test_connect_node_over_every_carrier(world: World, token: str, folder: Path) -> None:
    """The client @connectrpc/connect-node: the same answers and errors over Connect and gRPC-web, protobuf and JSON."""
    given = {"origin": world.server.origin, "token": token, "organizationId": world.organization_id}
    said = run("node", bundle(folder, "calls.ts", "node"), json.dumps(given), folder=folder)
    seen = [json.loads(line) for line in said.splitlines()]
    assert [one["carrier"] for one in seen] == CARRIERS
    for one in seen:
        assert one["made"]["projectId"]
        assert one["again"] == one["made"]
        assert {"Shop", f"By {one['carrier']}"} <= set(one["projects"])
        assert one["refused"] == REFUSED
        assert len(one["watched"]) > 2
        assert one["requestId"] == f"by-{one['carrier']}"
        assert (one["created"], one["nobody"]) == (True, "NotFound")


@pytest.mark.parametrize("web", [False, True], ids=["connect", "grpc-web"])
async def test_connect_web_in_a_page_of_another_origin(
    world: World, token: str, site: str, page: Page, *, web: bool
) -> None:
    """The client @connectrpc/connect-web inside Chromium, in an application's page: lists, writes, and reads errors."""
    world.application(f"{site}/callback-{web}", kind="spa")
    await page.goto(site)
    call = "([origin, token, organization, web]) => calls.connect(origin, token, organization, web)"
    seen = await page.evaluate(call, [world.server.origin, token, world.organization_id, web])
    assert seen["made"].get("projectId"), seen
    assert {"Shop", f"By-a-page-{'true' if web else 'false'}"} <= set(seen["projects"])
    assert seen["refused"] == REFUSED


@pytest.mark.parametrize("kind", ["text", "binary"])
async def test_google_grpc_web_in_a_page_of_another_origin(
    world: World, token: str, site: str, page: Page, kind: str
) -> None:
    """The client grpc-web, in both of its forms, with a code it understands for who is nobody."""
    world.application(f"{site}/callback-{kind}", kind="spa")
    await page.goto(site)
    call = "([origin, token, format]) => calls.google(origin, token, format)"
    seen = await page.evaluate(call, [world.server.origin, token, kind])
    assert "Shop" in seen["projects"]
    assert (len(seen["types"]) > 2) == (kind == "text")  # it streams as text alone
    assert seen["stranger"] == grpc.StatusCode.UNAUTHENTICATED.value[0]


async def test_a_page_of_nobodys_origin_reads_nothing(world: World, token: str, site: str, page: Page) -> None:
    """An origin that no application names is told nothing by the browser."""
    await page.goto(site.replace("127.0.0.1", "localhost"))
    call = "([origin, token, format]) => calls.google(origin, token, format)"
    with pytest.raises(Error):
        await page.evaluate(call, [world.server.origin, token, "text"])
