"""The two wires, over httpx2: one that blocks, one that is awaited."""

import asyncio
import inspect
import time
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterator
from contextlib import contextmanager

import httpx2

from hexkeep.client.wire import Declined, Exchange, Lost, Reply

SILENCE = 330.0
"""Seconds that a stream may say nothing; a server sends heartbeats at least every 300."""


class Blocking:
    """A wire whose coroutines never suspend."""

    def __init__(self, http: httpx2.Client, origin: str) -> None:
        self._http = http
        self._origin = origin

    async def send(self, exchange: Exchange) -> Reply:
        """See the protocol."""
        with _failures(self._origin):
            url = self._origin + exchange.target
            response = self._http.request(exchange.method, url, headers=exchange.headers, content=exchange.body)
        return Reply(response.status_code, _headers(response), response.content)

    async def chunks(self, exchange: Exchange) -> AsyncGenerator[bytes, None]:
        """See the protocol."""
        url, patience = self._origin + exchange.target, _patient(self._http.timeout)
        with (
            _failures(self._origin),
            self._http.stream(exchange.method, url, headers=exchange.headers, timeout=patience) as response,
        ):
            if response.is_error:
                raise Declined(Reply(response.status_code, _headers(response), response.read()))
            for chunk in response.iter_bytes():
                yield chunk

    async def pause(self, seconds: float) -> None:
        """See the protocol."""
        time.sleep(seconds)  # noqa: ASYNC251 - this wire blocks, by intention

    async def ask(self, source: "Callable[[], str | Awaitable[str]]") -> str:
        """See the protocol; what would have to be awaited suspends, which ``at_once`` refuses."""
        answer = source()
        return await answer if inspect.isawaitable(answer) else answer


class Awaited:
    """A wire on the event loop."""

    def __init__(self, http: httpx2.AsyncClient, origin: str) -> None:
        self._http = http
        self._origin = origin

    async def send(self, exchange: Exchange) -> Reply:
        """See the protocol."""
        with _failures(self._origin):
            url = self._origin + exchange.target
            response = await self._http.request(exchange.method, url, headers=exchange.headers, content=exchange.body)
        return Reply(response.status_code, _headers(response), response.content)

    async def chunks(self, exchange: Exchange) -> AsyncGenerator[bytes, None]:
        """See the protocol."""
        url, patience = self._origin + exchange.target, _patient(self._http.timeout)
        with _failures(self._origin):
            async with self._http.stream(exchange.method, url, headers=exchange.headers, timeout=patience) as response:
                if response.is_error:
                    raise Declined(Reply(response.status_code, _headers(response), await response.aread()))
                async for chunk in response.aiter_bytes():
                    yield chunk

    async def pause(self, seconds: float) -> None:
        """See the protocol."""
        await asyncio.sleep(seconds)

    async def ask(self, source: "Callable[[], str | Awaitable[str]]") -> str:
        """See the protocol."""
        answer = source()
        return await answer if inspect.isawaitable(answer) else answer


def _patient(timeout: httpx2.Timeout) -> httpx2.Timeout:
    """The same, but for silence."""
    return httpx2.Timeout(connect=timeout.connect, read=SILENCE, write=timeout.write, pool=timeout.pool)


def _headers(response: httpx2.Response) -> dict[str, str]:
    return {name.lower(): value for name, value in response.headers.items()}


@contextmanager
def _failures(origin: str) -> Iterator[None]:
    """The library's errors in our words."""
    try:
        yield
    except (httpx2.ConnectError, httpx2.ConnectTimeout, httpx2.PoolTimeout) as error:
        raise Lost(f"{origin} cannot be reached: {error}", sent=False) from error
    except httpx2.TransportError as error:
        raise Lost(f"{origin} did not answer: {type(error).__name__}", sent=True) from error
