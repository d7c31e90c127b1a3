"""A load of user creations: many callers at once, who note what was acknowledged to them and what was left open."""

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import httpx

from hexkeep.ports.api import PositionToken
from tests.e2e.server import HexkeepServer

USERS = "/management/v1/users"
POSITION = "Hexkeep-Position"
WORKERS = 8
PATIENCE = httpx.Timeout(15)


@dataclass(frozen=True, slots=True)
class Attempt:
    """One request: the same body and key each time it is sent."""

    fields: dict[str, str]
    key: str = ""

    @property
    def headers(self) -> dict[str, str]:
        """The idempotency key, if it has one."""
        return {"Idempotency-Key": self.key} if self.key else {}


@dataclass
class Creations:
    """Creates users in one organization until told to stop or until the server is gone.

    Errors of the server are left to the test: a server that is well writes none into its log.
    """

    organization_id: str
    token: str
    acknowledged: dict[str, Attempt] = field(default_factory=dict)
    """By user id."""
    open: list[Attempt] = field(default_factory=list)
    """Sent, and no answer came, or one that says nothing about what was done."""
    positions: list[str] = field(default_factory=list)
    """In the order in which answers came, which is not quite that of the log."""
    _grown: asyncio.Condition = field(default_factory=asyncio.Condition)
    _count: int = 0

    @property
    def latest(self) -> tuple[str, ...]:
        """The position behind everything that was acknowledged, if anything was."""
        return (max(self.positions, key=lambda one: PositionToken.parse(one).position),) if self.positions else ()

    async def load(self, server: HexkeepServer, enough: asyncio.Event) -> None:
        """Keep ``WORKERS`` requests in flight."""
        async with self.client(server) as http, asyncio.TaskGroup() as tasks:
            for number in range(WORKERS):
                tasks.create_task(self._work(http, enough, keyed=number % 2 == 0))

    def begin_at(self, number: int) -> None:
        """Number what comes from here on, so that several loads of one organization do not want the same names."""
        self._count = number

    async def until(self, count: int) -> None:
        """Return once so many creations were acknowledged in all."""
        async with self._grown:
            await self._grown.wait_for(lambda: len(self.acknowledged) >= count)

    def client(self, server: HexkeepServer) -> httpx.AsyncClient:
        """A client with this caller's token."""
        headers = {"authorization": f"Bearer {self.token}"}
        return httpx.AsyncClient(base_url=server.origin, headers=headers, trust_env=False, timeout=PATIENCE)

    async def send(self, http: httpx.AsyncClient, attempt: Attempt) -> httpx.Response:
        """One request; an acknowledged user is noted."""
        response = await http.post(f"{USERS}/human", json=attempt.fields, headers=attempt.headers)
        if response.status_code == httpx.codes.CREATED:
            self.acknowledged[response.json()["user_id"]] = attempt
            self.positions.append(response.headers[POSITION])
            async with self._grown:
                self._grown.notify_all()
        return response

    def attempt(self, *, keyed: bool) -> Attempt:
        """A creation that nobody has asked for yet."""
        self._count += 1
        name = f"user-{self._count}"
        fields = {"organization_id": self.organization_id, "user_name": name}
        fields |= {"given_name": "User", "email": f"{name}@example.com"}
        return Attempt(fields, f"key-{self._count}" if keyed else "")

    async def _work(self, http: httpx.AsyncClient, enough: asyncio.Event, *, keyed: bool) -> None:
        while not enough.is_set():
            attempt = self.attempt(keyed=keyed)
            try:
                response = await self.send(http, attempt)
            except httpx.TransportError:
                self.open.append(attempt)
                return
            if response.is_server_error:
                self.open.append(attempt)
            else:
                assert response.status_code == httpx.codes.CREATED, response.text


async def listed(http: httpx.AsyncClient, *positions: str) -> dict[str, dict[str, Any]]:
    """Every user by id, from all pages of a list that is at least as new as ``positions``."""
    found: dict[str, dict[str, Any]] = {}
    cursor = ""
    while True:
        headers = {POSITION: ", ".join(positions)} if positions else {}
        response = await http.get(USERS, params={"limit": 1000, "cursor": cursor}, headers=headers)
        assert response.is_success, response.text
        found |= {user["user_id"]: user for user in response.json()["users"]}
        cursor = response.json()["next_cursor"]
        if not cursor:
            return found


def names(users: dict[str, dict[str, Any]]) -> Iterator[str]:
    """The user names of a list."""
    return (str(user["user_name"]) for user in users.values())
