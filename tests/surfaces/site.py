"""One server with every surface, on real sockets, in this process: the program is embedded and served at once."""

import asyncio
import re
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

from pydantic import JsonValue

from hexkeep.bootstrap.container import Program
from hexkeep.bootstrap.embed import Embedded, running
from hexkeep.bootstrap.first_run import set_up
from hexkeep.bootstrap.grpc import grpc_core, serving_grpc
from hexkeep.bootstrap.http import http_app
from hexkeep.bootstrap.plugins import Plugins
from hexkeep.bootstrap.server import Stop, listen, serve
from hexkeep.bootstrap.settings import Settings
from hexkeep.core.instance.setup import CREATION
from hexkeep.core.instance.state import SYSTEM_INSTANCE
from hexkeep.ports.api import Anonymous, Meta, PositionToken, System

PASSWORD = "seven quiet lanterns"
DEADLINE = 60.0


@dataclass
class Site:
    """Where it listens, and the program itself."""

    embedded: Embedded
    http: str
    grpc: str

    async def system(self, instance: str, name: str, /, **fields: object) -> dict[str, JsonValue]:
        """Call an operation as the system."""
        operation = self.embedded.api.operation(name)
        asked = operation.input.model_validate(fields)
        answer = await self.embedded.api.call(operation, asked, System(), Meta(instance=instance, timeout=DEADLINE))
        output: dict[str, JsonValue] = answer.output.model_dump(mode="json")
        return output

    async def instance(self, host: str) -> "Tenant":
        """A new instance under that host, with an organization, its people, a project and an application."""
        made = await self.system(
            SYSTEM_INSTANCE,
            "CreateInstance",
            name="Test",
            origin=f"https://{host}",
            organization_name="Acme",
            user_name="root",
            given_name="Root",
            family_name="Root",
            email="root@example.com",
            password=PASSWORD,
        )
        instance = str(made["instance_id"])
        await self.embedded.iam.drive(CREATION.name, SYSTEM_INSTANCE, instance)
        tenant = Tenant(instance, host)
        tenant.learn(made)
        await self._furnish(tenant, str(made["organization_id"]))
        tenant.tokens["root"] = await self.token(tenant, "root")
        tenant.tokens["alice"] = await self.token(tenant, "alice")
        return tenant

    async def _furnish(self, tenant: "Tenant", organization: str) -> None:
        async def make(name: str, /, **fields: object) -> dict[str, JsonValue]:
            made = await self.system(tenant.instance, name, **fields)
            tenant.learn(made)
            return made

        await make("CreateOrganization", name="Globex")
        person = {"given_name": "Alice", "email": "alice@example.com", "password": PASSWORD}
        user = await make("CreateHumanUser", organization_id=organization, user_name="alice", **person)
        tenant.user = str(user["user_id"])
        robot = await make("CreateMachineUser", organization_id=organization, user_name="robot")
        token = await make("CreatePersonalAccessToken", user_id=robot["user_id"], name="deploy")
        tenant.tokens["robot"] = str(token["token"])
        project = await make("CreateProject", organization_id=organization, name="Shop")
        await make("CreateProjectRole", project_id=project["project_id"], key="editor")
        await make(
            "CreateOidcApplication",
            project_id=project["project_id"],
            name="Web shop",
            application_type="web",
            redirect_uris=["https://shop.example.com/callback"],
        )
        await make("CreateAuthorization", user_id=user["user_id"], project_id=project["project_id"], roles=["editor"])

    async def token(self, tenant: "Tenant", user_name: str) -> str:
        """The session token of somebody who signs in."""
        operation = self.embedded.api.operation("CreateSession")
        asked = operation.input.model_validate({"login_name": user_name, "password": PASSWORD})
        meta = Meta(instance=tenant.instance, timeout=DEADLINE)
        answer = await self.embedded.api.call(operation, asked, Anonymous(), meta)
        tenant.learn(answer.output.model_dump(mode="json"))
        return str(getattr(answer.output, "session_token"))  # noqa: B009 - the output of this operation


@dataclass
class Tenant:
    """One instance: what is known in it by symbols, so that calls and answers of two of them can be compared."""

    instance: str
    host: str
    tokens: dict[str, str] = field(default_factory=dict)
    user: str = ""
    """The id of the person without rights."""
    ids: dict[str, str] = field(default_factory=dict)
    """Symbols by id, in order of appearance."""
    positions: dict[tuple[str, str], PositionToken] = field(default_factory=dict)

    def learn(self, found: object) -> None:
        """Give a symbol to every id in an answer."""
        self.plain(found)

    def plain(self, value: object) -> object:
        """The value with symbols for what is this instance's alone."""
        match value:
            case str():
                return ID.sub(self._symbol, value).replace(self.host, "<host>")
            case dict():
                return {name: self.plain(value[name]) for name in sorted(value)}
            case list() | tuple():
                return [self.plain(one) for one in value]
        return value

    def _symbol(self, found: "re.Match[str]") -> str:
        return self.ids.setdefault(found[0], f"<id {len(self.ids)}>")

    def noted(self, position: PositionToken | None) -> None:
        """Later reads are at least as new."""
        if position is not None:
            self.positions[position.instance, position.log.value] = position


ID = re.compile(
    r"\b[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}\b|(?<![A-Za-z0-9_-])[A-Za-z0-9_-]{43,}(?![A-Za-z0-9_-])"
)
"""What we make ids of: a UUID of version 7, or the thumbprint of a key; and what keys are made of."""


@asynccontextmanager
async def serving(folder: Path, *plugins: object, **sections: Mapping[str, object]) -> AsyncIterator[Site]:
    """Everything in memory, on free ports of the loopback interface."""
    settings = Settings.model_validate(
        {
            "storage": {"adapter": "memory"},
            "server": {"port": 0},
            "secrets": {"master_key": "A" * 43},
            "data": {"folder": folder},
            "setup": {"password": PASSWORD},
            **sections,
        }
    )
    stop = Stop()
    with listen(settings.server) as listener:
        async with grpc_core(settings) as core:
            program = Program(settings, Plugins.load((), plugins))
            async with running(program) as iam:
                embedded = Embedded(program, iam, await set_up(iam, program.storage.events, settings))
                stop.listen(iam.machinery.streams.close)
                async with serving_grpc(core, embedded, stop):
                    server = asyncio.create_task(serve(http_app(embedded, stop), listener, settings, stop))
                    port = listener.getsockname()[1]
                    assert core is not None
                    try:
                        yield Site(embedded, f"http://127.0.0.1:{port}", f"127.0.0.1:{core.port}")
                    finally:
                        stop.tell()
                        await server
