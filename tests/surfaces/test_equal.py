"""One definition, every surface: the same made-up calls give the same results and the same error codes everywhere."""

import asyncio
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import httpx
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from pydantic import JsonValue

from hexkeep.core.kernel.operation import AnyOperation
from hexkeep.core.slices import SLICES
from tests.surfaces.calls import KNOWN, Call, calls, offered
from tests.surfaces.doors import Door, EmbeddedDoor, GrpcDoor, GrpcWebDoor, Outcome, RestDoor
from tests.surfaces.site import DEADLINE, Site, Tenant, serving

HISTORIES, LENGTH = 20, 50
"""A thousand calls: each history begins with instances of its own."""
TIME = re.compile(r"\d{4}-\d\d-\d\dT[0-9:.]+(Z|\+00:00)")
OF_THE_CALL = {"surface", "address", "user_agent", "correlation_id"}
"""What events tell of the call they came by."""
OPERATIONS = [operation for one in SLICES for operation in one.operations]


class World:
    """The surfaces, and everything that came of the calls."""

    def __init__(self) -> None:
        self.runner = asyncio.Runner()
        self.stack = AsyncExitStack()
        self.number = 0
        self.codes = Counter[str]()
        self.called = set[str]()
        self.differences: list[str] = []

    def open(self, folder: Path) -> None:
        """Serve."""
        self.runner.run(self._open(folder))

    async def _open(self, folder: Path) -> None:
        self.site: Site = await self.stack.enter_async_context(serving(folder))
        client = httpx.AsyncClient(base_url=self.site.http, timeout=DEADLINE)
        await self.stack.enter_async_context(client)
        native = GrpcDoor(self.site)
        self.stack.push_async_callback(native.close)
        self.doors: Mapping[str, Door] = {
            "embedded": EmbeddedDoor(self.site),
            "rest": RestDoor(self.site, client),
            "grpc": native,
            "grpc-web": GrpcWebDoor(self.site, client),
        }

    def close(self) -> None:
        """Stop."""
        self.runner.run(self.stack.aclose())
        self.runner.close()

    def history(self, made_up: list[Call]) -> None:
        """Make the same calls through every door, each to an instance of its own that began alike."""
        self.runner.run(self._history(made_up))

    async def _history(self, made_up: list[Call]) -> None:
        self.number += 1
        tenants = {name: await self.site.instance(f"{name}-{self.number}.example.com") for name in self.doors}
        first = next(iter(tenants.values()))
        for tenant in tenants.values():
            assert len(tenant.ids) == len(first.ids)
        for call in made_up:
            found = {name: await self._through(name, tenants[name], call) for name in self.doors}
            one = found["embedded"]
            if any(other != one for other in found.values()):
                self.differences.append(f"{call}\n" + "\n".join(map(str, found.items())))
                return  # from here on the instances differ
            self.codes[one.code] += 1
            self.called.add(call.operation)

    async def _through(self, name: str, tenant: Tenant, call: Call) -> Outcome:
        known = list(tenant.ids)
        token = tenant.tokens.get(call.caller, call.caller)
        outcome = await self.doors[name].call(tenant, call.operation, _filled(call.fields, known), token)
        operation = next(one for one in OPERATIONS if one.name == call.operation)
        return Outcome(
            outcome.code, _comparable(operation, tenant.plain(_of_the_instance(outcome.output))), outcome.violations
        )


def _filled(value: Any, known: list[str]) -> Any:
    """The value with the ids of one instance."""
    match value:
        case str() if value.startswith(KNOWN):
            return known[int(value.removeprefix(KNOWN)) % len(known)]
        case dict():
            return {name: _filled(one, known) for name, one in value.items()}
        case list():
            return [_filled(one, known) for one in value]
    return value


def _of_the_instance(value: Any) -> Any:
    """Without what tells of the call: ids in it are made otherwise on each surface."""
    match value:
        case dict():
            return {name: _of_the_instance(one) for name, one in value.items() if name not in OF_THE_CALL}
        case list():
            return [_of_the_instance(one) for one in value]
    return value


def _comparable(operation: AnyOperation, output: Any) -> JsonValue:
    """Without moments, secrets and cursors, which differ from instance to instance."""
    if not isinstance(output, dict):
        return None
    shown = {name: "<secret>" if name in operation.secrets else value for name, value in output.items()}
    return _timeless(shown)


def _timeless(value: Any) -> JsonValue:
    match value:
        case str():
            return TIME.sub("<time>", value)
        case dict():
            cells = {name: _timeless(one) for name, one in value.items()}
            return {name: bool(one) if name == "next_cursor" else one for name, one in cells.items()}
        case list():
            return [_timeless(one) for one in value]
    plain: JsonValue = value
    return plain


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """One server for all histories."""
    made = World()
    made.open(tmp_path_factory.mktemp("data"))
    yield made
    made.close()


@pytest.mark.timeout(900)
def test_calls_come_to_the_same_on_every_surface(world: World) -> None:
    """A thousand calls over REST, gRPC, gRPC-web and in the program: equal outputs, codes and fields at fault."""

    @settings(
        max_examples=HISTORIES,
        deadline=None,
        derandomize=True,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(st.lists(calls(OPERATIONS), min_size=LENGTH, max_size=LENGTH))
    def check(made_up: list[Call]) -> None:
        world.history(made_up)

    check()
    assert not world.differences, "\n\n".join(world.differences)
    assert sum(world.codes.values()) >= HISTORIES * LENGTH
    assert {"", "invalid_input", "not_found", "unauthenticated"} <= world.codes.keys(), world.codes
    assert world.codes[""] >= HISTORIES * LENGTH / 10, world.codes
    assert len(world.called) > len(offered(OPERATIONS)) / 2
