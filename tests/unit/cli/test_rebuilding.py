"""What a rebuild says of its build, also when another one takes over while it is waited for."""

import asyncio
import json
from dataclasses import replace

import pytest

from hexkeep.cli.rebuilding import Fate, Wanted, followed
from tests.unit.cli.conftest import Command
from tests.unit.cli.test_remote import Stub, stub
from tests.unit.engine.notes import NOTES_PROJECTION, SLICE
from tests.unit.engine.rig import memory_storage, rig_on

__all__ = ["stub"]
PATIENCE = 5.0


def row(build: int, state: str, lag: int = 0) -> dict[str, object]:
    """One build of the users in an answer of a server."""
    return {"projection": "users", "build": build, "state": state, "head": 9, "lag": lag}


@pytest.mark.parametrize(
    ("looks", "fate"),
    [
        ([[row(1, "serving"), row(2, "building", 9)], [row(1, "retired"), row(2, "serving")]], Fate.SERVES),
        ([[row(1, "serving"), row(2, "building", 9)], [row(2, "retired", 4), row(3, "serving")]], Fate.REPLACED),
        ([[row(1, "serving"), row(2, "building", 9)], [row(3, "serving")]], Fate.REPLACED),
        ([[]], Fate.BEGUN),
    ],
    ids=["serves", "retired", "discarded", "untold"],
)
def test_what_a_server_makes_of_a_build_is_told(
    hexkeep: Command, stub: Stub, looks: list[list[dict[str, object]]], fate: Fate
) -> None:
    """Replaced meanwhile, it is neither waited for without end nor said to serve."""
    for words in ((), ("--json",)):
        stub.answers = [(200, {}, {"build": 2}), *((200, {}, {"projections": rows}) for rows in looks)]
        told = hexkeep.run("projections", "rebuild", "users", "--server", stub.there.origin, "--token", "t0", *words)
        assert stub.answers == []
        if not words:
            assert told == f"users: build 2 {fate.value}\n"
        else:
            serves, replaced = fate is Fate.SERVES, fate is Fate.REPLACED
            assert json.loads(told) == [{"projection": "users", "build": 2, "serves": serves, "replaced": replaced}]


@pytest.mark.parametrize(
    ("replaced", "discarded", "fate"),
    [(False, False, Fate.SERVES), (True, False, Fate.REPLACED), (True, True, Fate.REPLACED)],
    ids=["serves", "retired", "discarded"],
)
async def test_what_becomes_of_a_build_here_is_told(*, replaced: bool, discarded: bool, fate: Fate) -> None:
    """The same where this process takes part."""
    async with memory_storage() as storage:
        views, looked = storage.views, asyncio.Event()
        await views.switch(await views.begin(NOTES_PROJECTION, "f"))
        build = await views.begin(NOTES_PROJECTION, "f", anew=True)
        one, survey = Wanted("notes", build.number), rig_on(storage, [SLICE]).machinery.survey
        async with asyncio.timeout(PATIENCE):
            waiting = asyncio.create_task(followed([one], views, survey, lambda *_: looked.set()))
            await looked.wait()
            await views.switch(build)
            if replaced:
                await views.switch(await views.begin(replace(NOTES_PROJECTION, version=2), "f"))
            if discarded:
                await views.discard(build)
            assert await waiting == {one: fate}
