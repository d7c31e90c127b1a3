"""The whole OpenAPI document against the real server, by a client that we did not write: schemathesis."""

import asyncio
import os
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

from hexkeep.core.kernel.decision import Context, Decision
from hexkeep.core.kernel.operation import ApiName, Empty, Http, Method, Operation
from hexkeep.core.kernel.permission import PUBLIC
from hexkeep.core.kernel.slice import Slice
from hexkeep.core.slices import SLICES
from hexkeep.ports.hooks import hookimpl
from tests.surfaces.site import serving

HOST = "127.0.0.1"
CHECKS = (
    "not_a_server_error",
    "status_code_conformance",
    "content_type_conformance",
    "response_schema_conformance",
    "response_headers_conformance",
    "unsupported_method",
    "ignored_auth",
)
"""No 5xx, nothing that the document does not tell, and no answer without the credentials that it asks for."""
ENDING = tuple(
    operation.name
    for one in SLICES
    for operation in one.operations
    if operation.name in {"EndMySession", "EndAllMyOtherSessions", "ChangePassword", "DeleteMyAccount"}
)
"""What takes the credentials of whoever calls away: behind them everything would be answered alike."""


def broken(_: Empty, __: Context) -> Decision[Empty]:
    """Fail inside."""
    raise RuntimeError


class Breaking:
    """A plugin with an operation that fails."""

    @hookimpl
    def hexkeep_slices(self) -> list[Slice]:
        """See the hook."""
        http = Http(Method.POST, "/auth/v1/break")
        return [Slice("breaking", operations=(Operation("Break", ApiName.AUTH, Empty, Empty, PUBLIC, broken, http),))]


async def run(
    folder: Path, phases: str, examples: int, *options: str, plugins: Sequence[object] = ()
) -> tuple[int, str]:
    """Schemathesis over everything; its exit code and what it printed."""
    async with serving(folder, *plugins) as site:
        tenant = await site.instance(HOST)
        command = [
            str(Path(sys.executable).with_name("schemathesis")),
            "run",
            f"{site.http}/openapi.json",
            *("--header", f"Authorization: Bearer {tenant.tokens['root']}"),
            *("--phases", phases, "--max-examples", str(examples), "--checks", ",".join(CHECKS)),
            *("--generation-deterministic", "--seed", "1", "--no-color", "--warnings", "off"),
            *(options or (f"--exclude-operation-id={name}" for name in ENDING)),
        ]
        return await _finished(command, folder)


async def _finished(command: Sequence[str], folder: Path) -> tuple[int, str]:
    process = await asyncio.create_subprocess_exec(
        *command,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
        cwd=folder,
        env={**os.environ, "PYTHONWARNINGS": "ignore"},
    )
    printed, _ = await process.communicate()
    assert process.returncode is not None
    return process.returncode, printed.decode()


@pytest.mark.timeout(900)
async def test_every_operation_answers_as_the_document_says(tmp_path: Path) -> None:
    """Each parameter and field at its bounds, present and absent, right and wrong: nothing fails, all is told."""
    code, printed = await run(tmp_path, "coverage", 1)
    assert code == 0, printed[-8000:]
    offered = [one for slice_ in SLICES for one in slice_.operations if one.http]
    assert f"{len(offered) - len(ENDING)} passed" in printed, printed[-2000:]


@pytest.mark.slow
@pytest.mark.timeout(3600)
async def test_made_up_requests_are_answered_as_the_document_says(tmp_path: Path) -> None:
    """Made-up requests for every operation, and sequences of them that hand on what answers bring."""
    code, printed = await run(tmp_path, "examples,fuzzing", 40)
    assert code == 0, printed[-8000:]


async def test_an_operation_that_fails_is_found(tmp_path: Path) -> None:
    """The same run says so where one of a plugin fails inside."""
    only = "--include-operation-id=Break"
    code, printed = await run(tmp_path, "coverage", 1, only, plugins=(Breaking(),))
    assert code == 1, printed
    assert "Server error" in printed
