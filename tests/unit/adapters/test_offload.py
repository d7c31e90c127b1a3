"""Work beside the event loop: the kit for both adapters, and what holds for processes alone."""

import asyncio
import json
import os
import select
import signal
import socket
import subprocess
import sys
from collections.abc import AsyncIterator
from importlib import import_module
from pathlib import Path
from types import ModuleType

import msgspec
import pytest

from hexkeep.adapters.offload import codec
from hexkeep.adapters.offload.processes import Processes
from hexkeep.adapters.offload.threads import Threads
from hexkeep.core.kernel.errors import Internal, Unavailable
from hexkeep.ports.offload import Offload
from hexkeep.testing.offload import OffloadContract, opened
from hexkeep.testing.offload_work import after, dies, given, grows, long, process_id, reached, variables

ALONE = """
import asyncio, sys
from hexkeep.adapters.offload.processes import Processes
from hexkeep.testing.offload_work import after, process_id

async def main():
    offload = Processes(1)
    print(await offload.run(process_id), flush=True)
    await offload.run(after, sys.argv[1], 1)

asyncio.run(main())
"""
GIVE_WAY = "import os; os.sched_setscheduler(0, os.SCHED_BATCH, os.sched_param(0))"


class TestThreads(OffloadContract):
    """A thread of this process."""

    @pytest.fixture
    async def offload(self) -> AsyncIterator[Offload]:
        """One of its own."""
        made = Threads()
        yield made
        await made.close()


class TestProcesses(OffloadContract):
    """A process of its own."""

    @pytest.fixture
    async def offload(self) -> AsyncIterator[Offload]:
        """One of its own."""
        made = Processes(1)
        yield made
        await made.close()


@pytest.fixture
async def processes() -> AsyncIterator[Processes]:
    """One process, which has not started."""
    made = Processes(1)
    yield made
    await made.close()


async def test_it_is_another_process_and_stays_the_same(processes: Processes) -> None:
    """It starts with the first work, serves again and again, and is gone when all ends."""
    pid = await processes.run(process_id)
    assert pid != os.getpid()
    assert await processes.run(process_id) == pid
    await processes.close()
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux has such a policy")
async def test_process_does_not_push_its_owner_aside(processes: Processes) -> None:
    """Whoever hands work over goes on: the process that is woken waits until a processor is free."""
    tried = await asyncio.create_subprocess_exec(sys.executable, "-c", GIVE_WAY)
    if await tried.wait():
        pytest.skip("the machine forbids it")
    assert os.sched_getscheduler(await processes.run(process_id)) == os.SCHED_BATCH


async def test_several_work_at_once(tmp_path: Path) -> None:
    """What one waits for another can do meanwhile; no more start than are allowed."""
    os.mkfifo(tmp_path / "gate")
    offload = Processes(2)
    waits = asyncio.create_task(offload.run(after, str(tmp_path / "gate"), 1))
    others = {await offload.run(process_id) for _ in range(3)}
    assert len(others) == 1
    assert not waits.done()
    await opened(tmp_path / "gate")
    assert await waits == 1
    await offload.close()


async def test_process_that_dies_is_replaced(processes: Processes) -> None:
    """Whoever waits for it learns that there is no answer; the next work finds another one."""
    first = await processes.run(process_id)
    with pytest.raises(Unavailable):
        await processes.run(dies)
    assert await processes.run(process_id) != first


async def test_process_that_died_while_nobody_asked_harms_nobody(processes: Processes) -> None:
    """Whoever comes next has an answer, of another one."""
    first = await processes.run(process_id)
    os.kill(first, signal.SIGKILL)
    await asyncio.to_thread(os.waitid, os.P_PID, first, os.WEXITED | os.WNOWAIT)
    assert await processes.run(process_id) != first


async def test_process_that_takes_too_long_is_ended(tmp_path: Path) -> None:
    """Nothing that strangers write holds it for longer than that; the next work finds another one."""
    os.mkfifo(tmp_path / "gate")
    offload = Processes(1, to_work=1.0)  # enough for the work that is well, on a machine that does other things
    with pytest.raises(Unavailable):
        await offload.run(after, str(tmp_path / "gate"), 1)
    assert await offload.run(after, "", 2) == 2
    await offload.close()


async def test_modules_are_loaded_in_their_own_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A slow machine takes longer for that than any work may take, and would end each process in the middle of it."""
    os.mkfifo(tmp_path / "gate")
    module = "import os, pathlib\ndef seen() -> str:\n    return gate\n"
    gate = "gate = os.environ.get('GATE', '')\nif gate:\n    pathlib.Path(gate).read_bytes()\n"
    (tmp_path / "slow_to_load.py").write_text(module + gate)
    monkeypatch.syspath_prepend(tmp_path)
    seen = import_module("slow_to_load").seen
    monkeypatch.setenv("GATE", str(tmp_path / "gate"))
    offload = Processes(1, to_work=1.0)
    assert await offload.run(process_id)
    work = asyncio.create_task(offload.run(seen))
    done, _ = await asyncio.wait([work], timeout=1.2)
    assert not done
    await opened(tmp_path / "gate")
    assert await work == str(tmp_path / "gate")
    await offload.close()


async def test_process_gets_so_much_memory_and_no_more(processes: Processes) -> None:
    """Work that wants more fails, and the machine keeps what it has."""
    assert await processes.run(grows, 1 << 20) == 1 << 20
    with pytest.raises(Internal):
        await processes.run(grows, 3 << 30)
    assert await processes.run(after, "", 2) == 2


async def test_process_sees_none_of_our_settings(processes: Processes, monkeypatch: pytest.MonkeyPatch) -> None:
    """The master key may stand in the environment, and what strangers have written is read over there.

    Variables of ours count in whatever case they are written.
    """
    monkeypatch.setenv("HEXKEEP_SECRETS__MASTER_KEY", "secret")
    monkeypatch.setenv("hexkeep_secrets__master_key_file", "secret")
    monkeypatch.setenv("OTHER", "seen")
    seen = await processes.run(variables)
    assert seen["OTHER"] == "seen"
    assert not [name for name in seen if name.upper().startswith("HEXKEEP_")]


async def test_process_reaches_nothing_of_the_machine(processes: Processes, tmp_path: Path) -> None:
    """The master key is in its owner's memory, and Linux would let one process of a user look into another."""
    confined = "import sys; from hexkeep.adapters.offload.confinement import confine; sys.exit(not confine())"
    if (await (await asyncio.create_subprocess_exec(sys.executable, "-c", confined)).wait()) != 0:
        pytest.skip("this system has no Landlock")
    with socket.create_server(("127.0.0.1", 0)) as server:
        found = await processes.run(reached, str(tmp_path), server.getsockname()[1])
    assert found in {(), ("settings",) if os.geteuid() == 0 else ()}


async def test_answer_may_be_long(processes: Processes) -> None:
    """A document of a quarter of a megabyte comes back whole."""
    assert len(await processes.run(long, 1 << 18)) == 1 << 18


async def test_answer_without_end_is_not_read(processes: Processes) -> None:
    """A process that says more than anything of ours is ended."""
    with pytest.raises(Unavailable):
        await processes.run(long, 1 << 25)
    assert await processes.run(after, "", 2) == 2


async def test_work_under_way_ends_with_all(tmp_path: Path) -> None:
    """Closing waits for nothing: callers learn so, of whom one is under way, one waits, and one has just come."""
    os.mkfifo(tmp_path / "gate")
    offload = Processes(1)
    pid = await offload.run(process_id)
    waiting = [asyncio.create_task(offload.run(after, str(tmp_path / "gate"), number)) for number in range(2)]
    await asyncio.wait(waiting, timeout=0)
    waiting.append(asyncio.create_task(offload.run(after, "", 2)))
    await asyncio.sleep(0)
    await offload.close()
    answers = await asyncio.gather(*waiting, return_exceptions=True)
    assert [type(answer) for answer in answers] == [Unavailable] * 3
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


async def test_work_that_waits_for_a_thread_ends_with_all(tmp_path: Path) -> None:
    """Its caller learns so, as with processes; what is at work already is done."""
    os.mkfifo(tmp_path / "gate")
    offload = Threads()
    works = asyncio.create_task(offload.run(after, str(tmp_path / "gate"), 1))
    waits = asyncio.create_task(offload.run(after, "", 2))
    await asyncio.wait([works, waits], timeout=0)
    await offload.close()
    with pytest.raises(Unavailable):
        await waits
    await opened(tmp_path / "gate")
    assert await works == 1


@pytest.mark.parametrize("executable", ["/bin/false", "/nowhere/python", "", None])
async def test_where_no_process_can_start_it_is_said(
    processes: Processes, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, executable: str | None
) -> None:
    """An operator learns what to do, and callers that there is no answer; the next work tries again."""
    with monkeypatch.context() as broken:
        broken.setattr(sys, "executable", executable)
        with pytest.raises(Unavailable):
            await processes.run(process_id)
    assert "offload.processes = 0" in caplog.text
    assert await processes.run(process_id)


def test_bound_of_the_machine_counts_where_it_is_lower(tmp_path: Path) -> None:
    """A process may have no more memory than whoever starts it, where an operator has seen to that."""
    os.mkfifo(tmp_path / "gate")
    bounded = f"import resource; resource.setrlimit(resource.RLIMIT_AS, ({1 << 30}, {1 << 30}))"
    command = [sys.executable, "-c", f"{bounded}\n{ALONE}", str(tmp_path / "gate")]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as owner:
        assert owner.stdout is not None
        assert int(owner.stdout.readline() or 0)
        (tmp_path / "gate").write_bytes(b"go")
        assert owner.wait(30) == 0


@pytest.mark.parametrize(
    "work", ["messages:metadata", "idp_metadata:read", "validation:validated", "single_logout:request"]
)
def test_process_may_begin_with_any_work(work: str) -> None:
    """Modules are loaded by the first work that needs them, whichever that is: here it only lacks its arguments."""
    frame = msgspec.msgpack.encode((f"hexkeep.plugins.saml.{work}", b""))
    first = "import sys; from hexkeep.adapters.offload.codec import answered; sys.stdout.buffer.write(answered({}))"
    done = subprocess.run([sys.executable, "-P", "-c", first.format(frame)], stdout=subprocess.PIPE, check=True)
    kind, told = msgspec.msgpack.decode(done.stdout, type=tuple[int, bytes])
    assert kind == codec.FAILED
    assert msgspec.msgpack.decode(told, type=str).startswith("DecodeError ")


def test_process_ends_when_its_owner_is_killed(tmp_path: Path) -> None:
    """It has no time to say goodbye, and leaves nobody behind."""
    os.mkfifo(tmp_path / "gate")
    command = [sys.executable, "-c", ALONE, str(tmp_path / "gate")]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as owner:
        assert owner.stdout is not None
        child = os.pidfd_open(int(owner.stdout.readline()))
        with (tmp_path / "gate").open("wb") as gate:  # it is at work by then
            owner.kill()
            gate.write(b"go")
    ended, _, _ = select.select([child], [], [], 30)
    os.close(child)
    assert ended


def test_answer_makes_nothing_but_data_and_errors_of_ours(
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A process that strangers took over has no way to have anything made here, called or written in the log."""
    lazy, imported = ModuleType("lazy"), list[str]()
    lazy.__dict__["__getattr__"] = imported.append
    monkeypatch.setitem(sys.modules, "lazy", lazy)
    for told in (
        ("os", "system", "hunter2"),
        ("builtins", "SystemExit", "hunter2"),
        ("subprocess", "Popen", "hunter2"),
        ("hexkeep.core.kernel.errors", "VersionConflict", "hunter2"),
        ("hexkeep.unknown", "Refused", "hunter2"),
        ("lazy", "Refused", "hunter2"),
    ):
        frame = msgspec.msgpack.encode((codec.RAISED, msgspec.msgpack.encode(told)))
        with pytest.raises(Internal):
            codec.returned(given, frame)
    assert not imported
    words = msgspec.msgpack.encode((codec.FAILED, msgspec.msgpack.encode("KeyError\n" + "x" * 1000)))
    for frame in (b"", b"\xc1", b"\x93", json.dumps([0, "x"]).encode(), msgspec.msgpack.encode((0, b"\xa1x")), words):
        with pytest.raises(Internal):
            codec.returned(given, frame)
    assert all("\n" not in one.getMessage() and len(one.getMessage()) < 500 for one in caplog.records)
    assert "hunter2" not in caplog.text


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_what_ends_the_owner_does_not_end_it_first(tmp_path: Path, number: signal.Signals) -> None:
    """A key at the terminal, or the end of a service, reaches both: the owner still has answers, and ends it."""
    os.mkfifo(tmp_path / "gate")
    command = [sys.executable, "-c", ALONE, str(tmp_path / "gate")]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as owner:
        assert owner.stdout is not None
        pid = int(owner.stdout.readline())
        with (tmp_path / "gate").open("wb") as gate:
            os.kill(pid, number)
            gate.write(b"go")
        assert owner.wait(30) == 0
