"""A cheap HTTP/1.1 load: the same request again and again on connections that stay open."""

import asyncio
import time
from dataclasses import dataclass
from pathlib import Path

CLOCK_TICKS = 100.0


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
    """The CPU seconds that a process has used, all its threads together."""
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / CLOCK_TICKS


async def load(target: Target, connections: int, seconds: float, pace: float = 0.0) -> Load:
    """Send for a while; ``pace`` is the pause in seconds that each connection makes between two requests."""
    times: list[float] = []
    end = time.perf_counter() + seconds
    used, begin = cpu_of(target.pid), time.perf_counter()
    await asyncio.gather(*(_connection(target, times, end, pace) for _ in range(connections)))
    spent = time.perf_counter() - begin
    return Load(len(times) / spent, times, (cpu_of(target.pid) - used) / len(times) * 1e6)


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


async def _answer(reader: asyncio.StreamReader) -> None:
    head = await reader.readuntil(b"\r\n\r\n")
    status, _, rest = head.partition(b"\r\n")
    if b" 200 " not in status:
        raise RuntimeError(f"the server answered {status.decode()}: {await reader.read(1000)!r}")
    for line in rest.lower().split(b"\r\n"):
        if line.startswith(b"content-length:"):
            await reader.readexactly(int(line.partition(b":")[2]))
            return
    while size := int((await reader.readline()).strip(), 16):  # in chunks
        await reader.readexactly(size + 2)
    await reader.readline()
