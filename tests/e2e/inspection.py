"""What must be true of an installation's data whatever happened to its servers. Looked at while none runs."""

from itertools import groupby

import pytest

import hexkeep
from hexkeep.bootstrap.embed import Embedded
from hexkeep.bootstrap.loading import load_settings
from hexkeep.bootstrap.settings import Settings
from hexkeep.core.kernel.event import Log
from hexkeep.core.kernel.view import Row, Select
from hexkeep.core.user.projection import USERS
from hexkeep.core.user.state import user_name_key
from hexkeep.core.verification.queries import Verdict
from hexkeep.engine.survey import Status
from hexkeep.ports.views import BuildState
from tests.e2e.server import HexkeepServer
from tests.e2e.storages import RawEvent, RawStorage
from tests.waiting import until

CATCHING_UP = 20.0
PAGE = 1000


async def inspect(server: HexkeepServer, storage: RawStorage, catching_up: float = CATCHING_UP) -> None:
    """Assert it all: the log as it lies, through the port, against its seals; the views against a replay; the keys.

    ``catching_up`` is how many seconds the projections have for what no server got to, a whole build perhaps.
    """
    raw = storage.events()
    assert_contiguous(raw)
    async with hexkeep.open(settings_of(server)) as iam:
        await _assert_port_agrees(iam, raw)
        await _caught_up(iam, catching_up)
        machinery = iam.iam.machinery
        assert await machinery.maintenance.differences(machinery.registry.projections) == []
        await machinery.watch.sealer.seal()
        assert (await machinery.watch.verify_all()).verdict is Verdict.INTACT
        await _assert_keys_match(iam, storage)


def settings_of(server: HexkeepServer) -> Settings:
    """The settings that the server had, for opening its storage in this process."""
    with pytest.MonkeyPatch.context() as environment:
        for name, value in server.environment.items():
            if name.startswith("HEXKEEP_"):
                environment.setenv(name, value)
        return load_settings()


def assert_contiguous(raw: list[RawEvent]) -> None:
    """Positions of each log are 1, 2, 3 …; so are the versions of each stream, in the order of the log."""
    for _, log in groupby(raw, key=lambda event: (event.instance, event.log)):
        positions = [event.position for event in log]
        assert positions == list(range(1, len(positions) + 1))
    versions: dict[tuple[str, str, str, str], int] = {}
    for event in raw:
        stream = (event.instance, event.log, event.aggregate_type, event.aggregate_id)
        versions[stream] = versions.get(stream, 0) + 1
        assert event.version == versions[stream]


async def _assert_port_agrees(iam: Embedded, raw: list[RawEvent]) -> None:
    """What the adapter reads is what lies there."""
    events = iam.program.storage.events
    for (instance, log), lying in groupby(raw, key=lambda event: (event.instance, event.log)):
        expected, position = list(lying), 0
        read: list[RawEvent] = []
        while page := await events.read_log(instance, Log(log), position, PAGE):
            position = page[-1].position
            read += [
                RawEvent(instance, log, one.position, one.stream.type, one.stream.id, one.version, one.type, one.digest)
                for one in page
            ]
        assert read == expected
        assert (await events.head(instance, Log(log))).position == len(expected)


async def _caught_up(iam: Embedded, seconds: float) -> None:
    """Wait until every consumer is at the end of its log, but for builds that were replaced, with nothing parked."""
    maintenance = iam.iam.machinery.maintenance
    behind: list[Status] = []

    async def done() -> bool:
        behind[:] = [one for one in await maintenance.status() if one.lag and one.state is not BuildState.RETIRED]
        return not behind

    try:
        await until(done, seconds)
    except TimeoutError:
        pytest.fail(f"still behind after {seconds} s: {behind}")
    assert [one for one in await maintenance.status() if one.parked] == []


async def _assert_keys_match(iam: Embedded, storage: RawStorage) -> None:
    """Each user holds its own name's key, and there is no key besides."""
    held = [one for one in storage.unique_keys() if one.kind == "user_name"]
    [instance] = {one.instance for one in held}
    secrets = iam.iam.machinery.secrets
    users = await _users(iam, instance)
    expected = {
        (await secrets.unique(instance, user_name_key(str(row["user_name"]))), str(row["user_id"])) for row in users
    }
    assert {(bytes(one.hash), one.owner_id) for one in held} == expected
    assert len(held) == len(expected) == len(users)


async def _users(iam: Embedded, instance: str) -> list[Row]:
    projection = iam.iam.machinery.registry.projection_of(USERS)
    views, query, found = iam.program.storage.views, Select(USERS, limit=PAGE), list[Row]()
    while page := await views.select(iam.iam.machinery.builds.serving(projection), instance, query):
        found += page
        query = Select(USERS, limit=PAGE, after=query.cursor_of(page[-1]))
    return found
