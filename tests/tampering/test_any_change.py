"""Any change to a sealed log is found where the log first differs from what it was."""

from dataclasses import replace
from datetime import timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from hexkeep.core.kernel.aggregate import Ref
from hexkeep.ports.event_store import StoredEvent
from tests.tampering.conftest import on_memory
from tests.tampering.site import Site, redigested
from tests.unit.engine.notes import SLICE
from tests.unit.engine.rig import rig_on

EVENTS = 12
Log = list[StoredEvent]


@st.composite
def changed(draw: st.DrawFn, site: Site, whole: Log) -> Log:
    """The log after some of an owner's doings, each perhaps with new digests."""
    log = list(whole)
    for _ in range(draw(st.integers(1, 3))):
        place = draw(st.integers(0, len(log) - 1))
        kind = draw(st.sampled_from(("byte", "time", "text", "remove", "insert", "swap", "close up")))
        other = draw(st.integers(0, len(log) - 1))
        log = _done(draw, log, kind, place, other)
        if not log:
            return whole[:-1]
    return [redigested(site, event) for event in log] if draw(st.booleans()) else log


def _done(draw: st.DrawFn, log: Log, kind: str, place: int, other: int) -> Log:
    event = log[place]
    match kind:
        case "byte":
            log[place] = replace(event, payload=draw(st.binary(min_size=1, max_size=8)) + event.payload)
        case "time":
            log[place] = replace(event, created_at=event.created_at + timedelta(microseconds=draw(st.integers(-9, 9))))
        case "text":
            log[place] = replace(event, actor=draw(st.text(st.characters(codec="utf-8", exclude_characters="\0"))))
        case "remove":
            del log[place]
        case "insert":
            log = [*log[:place], replace(event, stream=Ref("note", "forged"), version=1), *log[place:]]
        case "swap":
            log[place], log[other] = (
                replace(log[other], position=event.position),
                replace(event, position=log[other].position),
            )
        case _:
            log = [replace(one, position=position) for position, one in enumerate(log, log[0].position)]
    return log


def first_difference(whole: Log, log: Log) -> int:
    """The first position that is not as it was."""
    for before, now in zip(whole, log, strict=False):
        if before != now:
            return before.position
    return min(len(whole), len(log)) + 1


@settings(max_examples=150, deadline=None)
@given(st.data())
async def test_a_change_is_found_where_it_begins(data: st.DataObject) -> None:
    """Whatever was done, the position that is named is the first that differs; and without a change none is."""
    async with on_memory() as (storage, door):
        site = Site(rig_on(storage, (SLICE,)), storage, door, "test")
        await site.write(EVENTS)
        await site.sealer().seal()
        whole = await site.events()
        log = data.draw(changed(site, whole))
        await site.rewrite(log)
        broken = (await site.verify()).broken
        if log == whole:
            assert broken is None
        else:
            assert broken is not None
            assert (broken.first, broken.last) == (first_difference(whole, log),) * 2
