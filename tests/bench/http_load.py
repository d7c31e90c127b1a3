"""A cheap HTTP/1.1 load: the same request again and again on connections that stay open."""

import asyncio
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

CLOCK_TICKS = 100.0
OK = 200


@dataclass(frozen=True, slots=True)
class Load:
    """What a load came to: requests per second, their times in seconds, and the server's CPU per request in us."""

    rate: float
    times: list[float]
    cpu: float


@dataclass(frozen=True, slots=True)
class Target:
    """A server process and a request to send to it."""

    port: int
    pid: int
    request: bytes


def request(method: str, path: str, port: int, headers: dict[str, str], body: bytes = b"") -> bytes:
    """The bytes of a request."""
    own = {"host": f"localhost:{port}", "content-length": str(len(body))}
    lines = [f"{method} {path} HTTP/1.1"]
    lines += [f"{name}: {value}" for name, value in {**own, **headers}.items()]
    return "\r\n".join([*lines, "", ""]).encode() + body


def cpu_of(pid: int) -> float:
    """The CPU seconds that a process has used, all its threads together, and the processes that work for it."""
    fields = _fields(Path(f"/proc/{pid}"))
    return (int(fields[11]) + int(fields[12])) / CLOCK_TICKS + sum(map(cpu_of, children_of(pid)))


def children_of(pid: int) -> list[int]:
    """The processes that a process has started and that are there now."""
    return [int(one.name) for one in Path("/proc").glob("[0-9]*") if _parent(one) == pid]


def _parent(process: Path) -> int:
    try:
        return int(_fields(process)[1])
    except OSError:  # it has ended meanwhile
        return 0


def _fields(process: Path) -> list[str]:
    """What proc(5) tells in ``stat``, from the third field on."""
    return (process / "stat").read_text(encoding="ascii").rpartition(")")[2].split()


async def load(target: Target, connections: int, seconds: float, pace: float = 0.0) -> Load:
    """Send for a while; ``pace`` is the pause in seconds that each connection makes between two requests."""
    times: list[float] = []
    end = time.perf_counter() + seconds
    used, begin = cpu_of(target.pid), time.perf_counter()
    await asyncio.gather(*(_connection(target, times, end, pace) for _ in range(connections)))
    spent = time.perf_counter() - begin
    return Load(len(times) / spent, times, (cpu_of(target.pid) - used) / len(times) * 1e6)


async def load_each(port: int, pid: int, requests: Sequence[bytes], connections: int) -> Load:
    """Send each of the requests once: for what can be used only once."""
    times: list[float] = []
    waiting = iter(requests)
    used, begin = cpu_of(pid), time.perf_counter()

    async def connection() -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        for sent in waiting:
            started = time.perf_counter()
            writer.write(sent)
            await _answer(reader)
            times.append(time.perf_counter() - started)
        writer.close()
        await writer.wait_closed()

    await asyncio.gather(*(connection() for _ in range(connections)))
    spent = time.perf_counter() - begin
    return Load(len(times) / spent, times, (cpu_of(pid) - used) / len(times) * 1e6)


async def load_chains(
    port: int,
    pid: int,
    first: Sequence[str],
    following: Callable[[str], bytes],
    read: Callable[[bytes], str],
    count: int,
) -> Load:
    """Chains of requests, ``count`` long, each made of what the answer before held; one connection a chain."""
    times: list[float] = []
    used, begin = cpu_of(pid), time.perf_counter()

    async def chain(value: str) -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        for _ in range(count):
            started = time.perf_counter()
            writer.write(following(value))
            value = read(await _answer(reader))
            times.append(time.perf_counter() - started)
        writer.close()
        await writer.wait_closed()

    await asyncio.gather(*(chain(one) for one in first))
    spent = time.perf_counter() - begin
    return Load(len(times) / spent, times, (cpu_of(pid) - used) / len(times) * 1e6)


async def _connection(target: Target, times: list[float], end: float, pace: float) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", target.port)
    while (begin := time.perf_counter()) < end:
        writer.write(target.request)
        await _answer(reader)
        times.append(time.perf_counter() - begin)
        if pace:
            await asyncio.sleep(pace)
    writer.close()
    await writer.wait_closed()


async def _answer(reader: asyncio.StreamReader) -> bytes:
    """The body of a 200; anything else fails the benchmark."""
    answer = await read_answer(reader)
    if answer.status != OK:
        raise RuntimeError(f"the server answered {answer.status}: {answer.body[:1000]!r}")
    return answer.body


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer, with its headers in one piece."""

    status: int
    head: bytes
    body: bytes

    def header(self, name: str) -> str:
        """A header, empty when absent."""
        for line in self.head.split(b"\r\n")[1:]:
            found, _, value = line.partition(b":")
            if found.lower() == name.encode():
                return value.strip().decode()
        return ""


async def read_answer(reader: asyncio.StreamReader) -> Reply:
    """The next answer on a connection."""
    head = await reader.readuntil(b"\r\n\r\n")
    empty = Reply(int(head.split(b" ", 2)[1]), head, b"")
    length = empty.header("content-length")
    if length:
        return replace(empty, body=await reader.readexactly(int(length)))
    if empty.header("transfer-encoding") != "chunked":
        return empty
    body = b""
    while size := int((await reader.readline()).strip(), 16):
        body += (await reader.readexactly(size + 2))[:size]
    await reader.readline()
    return replace(empty, body=body)
