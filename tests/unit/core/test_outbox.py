"""What an outbox makes of an event."""

import re
from datetime import UTC, datetime
from typing import ClassVar

from hypothesis import given
from hypothesis import strategies as st

from hexkeep.core.kernel.event import Event, Log, Recorded
from hexkeep.core.kernel.outbox import Delivery, Outbox

ID = re.compile("[a-z2-7]{32}")


class BellRang(Event):
    """Somebody is at the door."""

    type: ClassVar[str] = "bell.rang"


def ids(instance: str, key: str, number: int) -> list[str]:
    """Those of two deliveries that one event brings."""
    wanted = Delivery("chime", {}, key=key)
    box = Outbox("bells", Log.ACTIVITY, (BellRang,), lambda _: (wanted, Delivery("chime", {"again": True})))
    noon = datetime(2024, 2, 29, 12, tzinfo=UTC)
    recorded = Recorded(BellRang(), instance, Log.ACTIVITY, number, "bell", "door", 1, noon, "", "")
    return [posted.id for posted in box.posted(recorded)]


@given(st.text(), st.text(), st.integers(min_value=1))
def test_ids_can_be_typed_as_they_are(instance: str, key: str, number: int) -> None:
    """Letters and digits alone: a word that begins with ``-`` would be an option of the command that it is for."""
    one, other = ids(instance, key, number)
    assert ID.fullmatch(one)
    assert ID.fullmatch(other)
    assert one != other
    assert ids(instance, key, number) == [one, other]
    assert (ids(instance, key, number + 1)[0] == one) == bool(key)
