"""Nobody reaches over a border, by any surface: neither into another instance nor into an organization without a role.

Whoever owns one place makes up calls with ids of another. What is there stays as it is, and no answer, in any of its
bytes, holds a name or an id from there that the caller did not bring along.
"""

import asyncio
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import httpx
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from hexkeep.core.kernel.decision import Context, Decision
from hexkeep.core.kernel.fields import Id
from hexkeep.core.kernel.operation import AnyOperation, ApiName, Empty, Http, Message, Method, Operation
from hexkeep.core.kernel.permission import AUTHENTICATED
from hexkeep.core.kernel.slice import Slice
from hexkeep.core.organization.events import OrganizationRenamed
from hexkeep.core.organization.state import ORGANIZATION
from hexkeep.core.session.events import SignInFailed
from hexkeep.core.slices import SLICES
from hexkeep.ports.hooks import hookimpl
from tests.surfaces.calls import KNOWN, LEFT_OUT, Call, calls_of
from tests.surfaces.doors import Door, GrpcDoor, GrpcWebDoor, Outcome, RestDoor
from tests.surfaces.estates import Estate, events_of, filled, heads, instance, organization
from tests.surfaces.site import DEADLINE, Site, serving

HISTORIES, LENGTH = 8, 50
"""Four hundred calls: each history begins with instances of its own."""
HEARD: dict[str, str] = {}
"""What a careless plugin keeps for the whole process."""
LENT = ("project_grant",)
"""What names another organization on purpose: what is granted is the granter's own."""
ANYBODYS = frozenset({SignInFailed.type})
"""What anybody may bring about: whoever signs in has no permission yet, and a wrong guess counts where the user is."""
REFUSED = {"unauthenticated", "invalid_input"}


class Place(Message):
    """Names an organization."""

    organization_id: Id


class Told(Message):
    """What was found out."""

    text: str


def tell_organization(request: Place, ctx: Context) -> Decision[Told]:
    """Tell an organization's name to whoever asks: nobody has looked whether they may."""
    ctx.authorized = True
    return Decision(Told(text=ctx.load(ORGANIZATION, request.organization_id).name))


def rename_organization(request: Place, ctx: Context) -> Decision[Empty]:
    """Rename any organization."""
    ctx.authorized = True
    if not ctx.load(ORGANIZATION, request.organization_id).exists:
        return Decision(Empty())
    return Decision(Empty(), ORGANIZATION.append(request.organization_id, OrganizationRenamed(name=ctx.new_id())))


def recall_organizations(request: Place, ctx: Context) -> Decision[Told]:
    """Tell every name that was ever heard in this process, whatever the instance."""
    ctx.authorized = True
    HEARD[request.organization_id] = ctx.load(ORGANIZATION, request.organization_id).name
    return Decision(Told(text=" ".join(HEARD.values())))


def _leaky(name: str, handle: Any, *, writes: bool = False) -> AnyOperation:
    http = Http(Method.POST if writes else Method.GET, f"/auth/v1/leaky/{name.lower()}")
    output = Empty if writes else Told
    return Operation(name, ApiName.AUTH, Place, output, AUTHENTICATED, handle, http, writes)


LEAKY = {
    "TellOrganization": _leaky("TellOrganization", tell_organization),
    "RenameOrganization": _leaky("RenameOrganization", rename_organization, writes=True),
    "RecallOrganizations": _leaky("RecallOrganizations", recall_organizations),
}


class LeakyPlugin:
    """Operations that do what none may."""

    @hookimpl
    def hexkeep_slices(self) -> Iterable[Slice]:
        """Of a noun of their own."""
        return (Slice("leaky", operations=tuple(LEAKY.values())),)


class Overheard:
    """Every byte that was answered."""

    def __init__(self) -> None:
        self.said = b""

    async def hear(self, response: httpx.Response) -> None:
        """One answer over HTTP."""
        self.said += await response.aread()
        self.said += b"\n".join(value for _, value in response.headers.raw)

    def doors(self, site: Site, client: httpx.AsyncClient) -> Mapping[str, Door]:
        """The surfaces, listened in on."""
        overheard = self

        class Rpc:
            """What protobuf answers hold, details of errors among them."""

            @staticmethod
            def output(bound: Any, message: bytes) -> Outcome:
                overheard.said += message
                return GrpcDoor.output(bound, message)

            @staticmethod
            def failure(details: bytes) -> Outcome:
                overheard.said += details
                return GrpcDoor.failure(details)

        class Native(Rpc, GrpcDoor):
            """Native gRPC."""

        class Web(Rpc, GrpcWebDoor):
            """gRPC-web."""

        return {"rest": RestDoor(site, client), "grpc": Native(site), "grpc-web": Web(site, client)}


class Border:
    """The surfaces, who lives on which side, and what came over."""

    def __init__(self, folder: Path) -> None:
        self.runner = asyncio.Runner()
        self.stack = AsyncExitStack()
        self.overheard = Overheard()
        self.number = 0
        self.codes = Counter[str]()
        self.called = set[str]()
        self.leaks: list[str] = []
        self.guesses = 0
        self.runner.run(self._open(folder))

    async def _open(self, folder: Path) -> None:
        self.site: Site = await self.stack.enter_async_context(serving(folder, LeakyPlugin()))
        hooks = {"response": [self.overheard.hear]}
        client = httpx.AsyncClient(base_url=self.site.http, timeout=DEADLINE, event_hooks=hooks)
        await self.stack.enter_async_context(client)
        self.doors = self.overheard.doors(self.site, client)
        native = self.doors["grpc"]
        assert isinstance(native, GrpcDoor)
        self.stack.push_async_callback(native.close)

    def close(self) -> None:
        """Stop."""
        self.runner.run(self.stack.aclose())
        self.runner.close()

    def history(self, made_up: list[Call]) -> None:
        """Calls over both borders, by turns over each surface."""
        self.runner.run(self._history(made_up))

    async def _history(self, made_up: list[Call]) -> None:
        self.number += 1
        far = await instance(self.site, f"far-{self.number}.example.com", f"quagga{self.number}")
        home = await instance(self.site, f"home-{self.number}.example.com", f"badger{self.number}")
        mine = await organization(self.site, home.tenant, f"otter{self.number}")
        theirs = await organization(self.site, home.tenant, f"okapi{self.number}")
        HEARD[far.ids[0]] = far.mark
        before = await heads(self.site, far.tenant.instance), await heads(self.site, "system")
        kept = await events_of(self.site, theirs, LENT)
        said = {far.mark: "", theirs.mark: ""}
        for turn, call in enumerate(made_up):
            door = list(self.doors)[turn % len(self.doors)]
            if turn % 2:
                await self._try(door, call, mine, theirs, said)
            else:
                await self._try(door, call, home, far, said)
                await self._knock(door, call, home, far)
            after = await heads(self.site, far.tenant.instance), await heads(self.site, "system")
            if after != before:
                self.leaks.append(f"{door} {call} moved another instance's logs from {before} to {after}")
                before = after
        added = [one for one in await events_of(self.site, theirs, LENT) if one not in kept]
        changes = [one for one in added if one[-1] not in ANYBODYS]
        self.guesses += len(added) - len(changes)
        if changes:
            self.leaks.append(f"changed another organization: {changes}")

    async def _try(self, door: str, call: Call, own: Estate, foreign: Estate, said: dict[str, str]) -> None:
        """A call at home with ids from over the border."""
        fields = filled(call.fields, own, foreign)
        said[foreign.mark] += repr(fields)
        self.overheard.said = b""
        token = own.tenant.tokens.get(call.caller, call.caller)
        outcome = await self.doors[door].call(own.tenant, call.operation, fields, token)
        self.codes[outcome.code] += 1
        self.called.add(call.operation)
        secret = [foreign.mark, *(one for one in foreign.ids if one not in said[foreign.mark])]
        shown = [one for one in secret if one.encode() in self.overheard.said.lower()]
        if shown:
            self.leaks.append(f"{door} {call} with {fields} showed {shown}")

    async def _knock(self, door: str, call: Call, own: Estate, foreign: Estate) -> None:
        """The same call over the border, with a credential that is good at home."""
        token = own.tenant.tokens.get(call.caller)
        if token is None:
            return
        fields = filled(call.fields, foreign, foreign)
        outcome = await self.doors[door].call(foreign.tenant, call.operation, fields, token)
        if outcome.code not in REFUSED:
            self.leaks.append(f"{door} {call} with {fields} was answered {outcome} abroad")


@pytest.fixture
def border(tmp_path: Path) -> Iterator[Border]:
    """A server of its own."""
    HEARD.clear()
    made = Border(tmp_path)
    yield made
    made.close()


def run(border: Border, operations: Iterable[AnyOperation], histories: int, length: int) -> None:
    """So many made-up histories."""

    @settings(
        max_examples=histories,
        deadline=None,
        derandomize=True,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(st.lists(calls_of(list(operations)), min_size=length, max_size=length))
    def check(made_up: list[Call]) -> None:
        border.history(made_up)

    check()


@pytest.mark.timeout(900)
def test_no_call_reaches_over_a_border(border: Border) -> None:
    """Four hundred calls over REST, gRPC and gRPC-web, into another instance and into another organization."""
    every = [operation for one in SLICES for operation in one.operations]
    offered = [one for one in every if one.http and not one.stream and one.name not in LEFT_OUT]
    run(border, offered, HISTORIES, LENGTH)
    assert not border.leaks, "\n\n".join(border.leaks)
    assert sum(border.codes.values()) >= HISTORIES * LENGTH
    assert {"", "invalid_input", "not_found", "permission_denied", "unauthenticated"} <= border.codes.keys()
    assert border.codes["not_found"] + border.codes["permission_denied"] >= HISTORIES * LENGTH / 10, border.codes
    assert len(border.called) > len(offered) / 2


@pytest.mark.timeout(300)
def test_a_wrong_guess_counts_where_the_user_is(border: Border) -> None:
    """A sign-in that names a user of another organization leaves its failure there, and nothing else anywhere."""
    guess = Call("CreateSession", {"user_id": f"{KNOWN}0", "password": "not the password"}, "")
    border.history([guess] * 6)
    assert border.guesses == 3
    assert border.codes == {"invalid_credentials": 6}
    assert not border.leaks, "\n\n".join(border.leaks)


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("TellOrganization", "showed ['okapi1'"),
        ("RenameOrganization", "changed another organization"),
        ("RecallOrganizations", "showed ['quagga1'"),
    ],
)
@pytest.mark.timeout(300)
def test_a_leak_is_found(border: Border, name: str, told: str) -> None:
    """Neither one that looks at nobody's permission nor one that remembers beyond its instance gets through."""
    run(border, [LEAKY[name]], 2, 12)
    assert any(told in leak for leak in border.leaks), border.leaks
