"""What an import does in its order, beside nodes that serve other instances."""

import io
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path

import pytest

import hexkeep
from hexkeep.bootstrap import archives
from hexkeep.bootstrap.container import Program
from hexkeep.bootstrap.embed import opened
from hexkeep.bootstrap.master_key import new_master_key
from hexkeep.bootstrap.plugins import Plugins
from hexkeep.bootstrap.settings import Settings
from hexkeep.core.delivery.projection import DELIVERIES, DeliveryState
from hexkeep.core.kernel.view import Put, Row, Select
from hexkeep.engine.erasure import Erasure
from hexkeep.ports.tombstones import Tombstone

CHANNEL = "mail"
A_LATE_TOKEN = 2**40
NOW = datetime(2026, 3, 31, tzinfo=UTC)
ROW: Row = {
    "delivery_id": "one", "outbox": "letters", "channel": CHANNEL, "user_id": "", "state": DeliveryState.PENDING.value,
    "created_at": NOW, "due_at": NOW, "expires_at": None, "ended_at": None, "attempts": 0, "max_attempts": 3,
    "claim": 0, "error": "", "sealed": "sealed",
}  # fmt: skip


def program_in(folder: Path, master_key: str) -> Program:
    """One of an own store."""
    tree = {"data": {"folder": folder}, "secrets": {"master_key": master_key}}
    return Program(Settings.model_validate(tree), Plugins.load())


def quietly(_: str, __: int, ___: int) -> None:
    """Nobody watches."""


async def test_import_lets_nobody_deliver_before_who_was_erased_is_erased_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Other nodes serve meanwhile, and would still find the key that a letter to such a person is sealed under."""
    folder, master_key, archive = tmp_path / "from", new_master_key(), io.BytesIO()
    async with hexkeep.open(program_in(folder, master_key).settings) as iam:
        instance = (await iam.iam.instance("localhost:8080")).id
        ledger = iam.iam.machinery.post.ledger

        async def put() -> list[Put]:
            return [Put(DELIVERIES, ROW)]

        await ledger.change(instance, put)
    await archives.write(program_in(folder, master_key), archive, quietly, instance)
    archive.seek(0)

    claimed: list[list[Row]] = []
    reapply = Erasure.reapply

    async def at_a_leader(self: Erasure, tombstones: Iterable[Tombstone]) -> int:
        claimed.append(await deliveries.claim(instance, CHANNEL, A_LATE_TOKEN, 10))
        return await reapply(self, tombstones)

    monkeypatch.setattr(Erasure, "reapply", at_a_leader)
    there = program_in(tmp_path / "to", master_key)
    deliveries = there.iam.machinery.post.deliveries
    async with hexkeep.open(there.settings):
        pass
    await archives.adopt(there, archive, quietly, archives.Wanted(), "https://elsewhere.example")
    assert claimed == [[]]
    async with opened(there):
        (row,) = await there.iam.machinery.post.ledger.select(instance, Select(DELIVERIES))
    assert row["claim"] == 0
