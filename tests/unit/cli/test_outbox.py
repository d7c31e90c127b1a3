"""`hexkeep outbox`, with a plugin whose outbox has something to deliver."""

import sys
import textwrap
from importlib.metadata import EntryPoint
from pathlib import Path

import pytest

from hexkeep.bootstrap import plugins
from tests.unit.cli.conftest import Command

pytestmark = pytest.mark.usefixtures("empty_surroundings", "unused_port")

PLUGIN = """
from hexkeep.core.kernel.event import Log
from hexkeep.core.kernel.outbox import Delivery, Outbox
from hexkeep.core.kernel.slice import Slice
from hexkeep.core.organization.events import OrganizationAdded
from hexkeep.ports.delivery import DeliveryFailed
from hexkeep.ports.hooks import hookimpl

def announced(recorded):
    return [Delivery("town-crier", {"text": "hear ye " + recorded.event.name})]

class Crier:
    async def deliver(self, outgoing):
        raise DeliveryFailed(permanent=True, code="no_voice")

    @hookimpl
    def hexkeep_slices(self):
        return [Slice("crier", outboxes=(Outbox("crier", Log.DURABLE, (OrganizationAdded,), announced),))]

    @hookimpl
    def hexkeep_deliverers(self):
        return [("town-crier", self)]
"""


class _Distribution:
    name, version = "crier", "1"


@pytest.fixture
def crier(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The plugin, as if it were installed."""
    (tmp_path / "crier_plugin.py").write_text(textwrap.dedent(PLUGIN))
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.delitem(sys.modules, "crier_plugin", raising=False)
    point = EntryPoint("crier", "crier_plugin:Crier", "hexkeep.plugins")
    monkeypatch.setattr(plugins, "_entry_points", lambda: iter([(point, _Distribution)]))


@pytest.mark.usefixtures("crier")
def test_operators_see_retry_and_discard(hexkeep: Command) -> None:
    """Everywhere the same: a table for people, JSON for scripts, and never what is carried."""
    hexkeep.run("setup")
    hexkeep.run("call", "CreateOrganization", "name=Acme")
    rows = hexkeep.json("outbox", "status", "--json")
    assert {row["channel"] for row in rows} == {"town-crier"}
    assert {row["state"] for row in rows} <= {"pending", "dead"}
    delivery_id = rows[-1]["delivery_id"]
    text = hexkeep.run("outbox", "status")
    assert delivery_id in text
    assert "hear ye" not in text
    assert hexkeep.run("outbox", "retry", delivery_id).strip() == "It is tried again."
    assert hexkeep.json("outbox", "discard", delivery_id, "--json") == {"delivery_id": delivery_id}
    [discarded] = hexkeep.json("outbox", "status", "--state", "discarded", "--channel", "town-crier", "--json")
    assert discarded["delivery_id"] == delivery_id
    hexkeep.run("outbox", "retry", delivery_id, code=1)
    assert "failed_precondition" in hexkeep.errors


def test_without_deliveries_a_sentence_is_told(hexkeep: Command) -> None:
    """Nothing is declared that would deliver."""
    hexkeep.run("setup")
    assert hexkeep.run("outbox", "status").strip() == "Nothing waits, and nothing is dead."
    assert hexkeep.json("outbox", "status", "--json") == []
