"""Makes the calls of a scenario over REST, on the real engine in memory, and records them."""

import asyncio
import json
from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, cast
from urllib.parse import quote, urlencode

import httpx
from pydantic import JsonValue

from hexkeep.adapters.joserfc.jose import JoserfcJose
from hexkeep.bootstrap.container import Program
from hexkeep.bootstrap.embed import Embedded, running
from hexkeep.bootstrap.first_run import set_up
from hexkeep.bootstrap.http import http_app
from hexkeep.bootstrap.plugins import Plugins
from hexkeep.bootstrap.settings import Settings
from hexkeep.core.instance.setup import CREATION
from hexkeep.core.instance.state import SYSTEM_INSTANCE
from hexkeep.core.kernel.operation import AnyOperation, Method
from hexkeep.ports.api import PositionToken
from tests.examples.plain import Plain
from tests.examples.step import ADMINISTRATOR, SYSTEM, Step, kept, resolved
from tests.mailbox import Mailbox

ORIGIN = "https://id.example.com"
PASSWORD = "seven quiet lanterns"
CALLER = "operations"
POSITION = "hexkeep-position"
Example = Mapping[str, Any]


class Recorder:
    """One run of a scenario."""

    def __init__(self, embedded: Embedded, client: httpx.AsyncClient, mail: Mailbox, private: str) -> None:
        self.embedded, self._client, self._mail, self._private = embedded, client, mail, private
        self.known: dict[str, Any] = {"password": PASSWORD}
        self.raw: dict[str, Example] = {}
        self._positions: dict[tuple[str, str], str] = {}

    async def begin(self) -> None:
        """Sign the administrator in."""
        signed = {"login_name": "admin", "password": PASSWORD}
        answer = await self._client.post("/auth/v1/sessions", json=signed)
        self.known["admin_token"] = answer.json()["session_token"]
        me = (await self._client.get("/auth/v1/me", headers=await self._headers(ADMINISTRATOR))).json()
        self.known |= {"admin_id": me["user_id"], "organization_id": me["organization_id"]}

    async def run(self, steps: Iterable[Step]) -> None:
        """Make the calls; raises ``AssertionError`` for the first that does not succeed."""
        for step in steps:
            answer = await self._call(step)
            self.known |= kept(answer, step.keep)
            if step.mail:
                self.known["code"] = (await self._mail.next(step.mail)).values["code"]
            if step.operation == "CreateInstance":
                await self.embedded.iam.drive(CREATION.name, SYSTEM_INSTANCE, answer["instance_id"])

    async def _call(self, step: Step) -> Any:
        operation = self.embedded.api.operation(step.operation)
        assert operation.http, step
        fields = resolved(step.fields, self.known)
        path, body = _request(operation, fields)
        headers = {"x-request-id": f"example-{step.operation}", **self._seen(), **await self._headers(step.by)}
        answer = await self._client.request(operation.http.method.value, path, json=body, headers=headers)
        assert answer.is_success, f"{step}\n{answer.status_code} {answer.text}"
        if written := answer.headers.get(POSITION):
            position = PositionToken.parse(written)
            self._positions[position.instance, position.log.value] = written
        found = answer.json() if answer.content else {}
        taken = {"path": path, "body": body, "status": answer.status_code, "answer": found}
        self.raw.setdefault(operation.name, taken)
        return found

    def _seen(self) -> dict[str, str]:
        """Lists are as new as what was written before."""
        return {POSITION: ", ".join(self._positions.values())} if self._positions else {}

    async def _headers(self, by: str) -> dict[str, str]:
        if not by:
            return {}
        if by == SYSTEM:
            return {"authorization": f"Bearer {await self._system_token()}"}
        return {"authorization": f"Bearer {self.known[by[1:] if by.startswith('$') else f'{by}_token']}"}

    async def _system_token(self) -> str:
        now = int(datetime.now(UTC).timestamp())
        claims: dict[str, JsonValue] = {"iss": CALLER, "sub": CALLER, "aud": ORIGIN, "iat": now, "exp": now + 300}
        return await self.embedded.program.jose.sign(self._private, "JWT", claims)


def _request(operation: AnyOperation, fields: Mapping[str, Any]) -> tuple[str, Any]:
    """The path with its query, and the body."""
    assert operation.http
    rest = dict(fields)
    path = operation.http.path
    for name in operation.http.path_fields():
        path = path.replace(f"{{{name}}}", quote(str(rest.pop(name)), safe=""))
    if operation.http.method not in {Method.GET, Method.DELETE}:
        return path, rest
    listed = {name: one if isinstance(one, list) else [one] for name, one in rest.items()}
    texts = {name: [one if isinstance(one, str) else json.dumps(one) for one in each] for name, each in listed.items()}
    return (f"{path}?{urlencode(texts, doseq=True)}" if texts else path), None


@asynccontextmanager
async def recording(folder: Path) -> AsyncIterator[Recorder]:
    """A started program with an administrator who is signed in."""
    key = await JoserfcJose().new_key("ES256")
    settings = Settings.model_validate(
        {
            "storage": {"adapter": "memory"},
            "server": {"public_url": ORIGIN},
            "secrets": {"master_key": "A" * 43},
            "sealing": {"verify": timedelta(0), "verify_all": timedelta(0)},
            "data": {"folder": folder},
            "setup": {"password": PASSWORD},
            "system": {"callers": {CALLER: {"public_key": json.dumps(key.public)}}},
        }
    )
    mail = Mailbox()
    program = Program(settings, Plugins.load((), [mail]))
    async with running(program) as iam:
        embedded = Embedded(program, iam, await set_up(iam, program.storage.events, settings))
        await iam.machinery.watch.verify_all()  # once, now: what it finds depends on when it looks
        transport = httpx.ASGITransport(app=cast("Any", http_app(embedded)))
        agent = {"user-agent": "example"}
        async with httpx.AsyncClient(transport=transport, base_url=ORIGIN, timeout=60, headers=agent) as client:
            recorder = Recorder(embedded, client, mail, key.private)
            await recorder.begin()
            yield recorder


def recorded(steps: Iterable[Step], folder: Path) -> dict[str, Example]:
    """The examples of a scenario, by operation."""
    return asyncio.run(_recorded(tuple(steps), folder))


async def _recorded(steps: tuple[Step, ...], folder: Path) -> dict[str, Example]:
    began = datetime.now(UTC)
    async with recording(folder) as recorder:
        await recorder.run(steps)
        operations = {one.name: one for one in recorder.embedded.api.operations()}
    said = [*_texts([step.fields for step in steps]), *operations]  # long names of operations look like random values
    plain = Plain(began, "\n".join(said))
    return {name: _plain(plain, operations[name], one) for name, one in recorder.raw.items()}


def _plain(plain: Plain, operation: AnyOperation, raw: Example) -> Example:
    plain.begin(operation.name)
    return {
        "path": plain.text(raw["path"]),
        "body": plain.value(raw["body"]),
        "status": raw["status"],
        "answer": plain.value(raw["answer"], operation.secrets),
    }


def _texts(value: Any) -> Iterable[str]:
    match value:
        case str():
            yield value
        case dict():
            for one in value.values():
                yield from _texts(one)
        case list() | tuple():
            for one in value:
                yield from _texts(one)
