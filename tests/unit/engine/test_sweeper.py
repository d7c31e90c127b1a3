"""Sweeping removes what has expired."""

from datetime import timedelta

from hexkeep.core.kernel.ask import Keep, Kept
from hexkeep.engine.secrets import ShortLived
from hexkeep.engine.sweeper import BATCH, sweep
from tests.unit.engine.notes import SLICE
from tests.unit.engine.rig import INSTANCE, Rig, memory_storage, rig_on

HOUR = timedelta(hours=1)


async def keep(rig: Rig, key: str, life: timedelta) -> None:
    """Keep something that lives that long; a negative life has ended."""
    short_lived = ShortLived(rig.machinery.ports.expiring, rig.machinery.keyring)
    await short_lived.keep(INSTANCE, Keep("codes", key, b"value", rig.machinery.clock.now() + life))


async def test_only_what_has_expired_is_removed() -> None:
    """However much it is, and nothing that still lives."""
    async with memory_storage() as storage:
        rig = rig_on(storage, (SLICE,))
        await keep(rig, "alive", HOUR)
        until = rig.machinery.clock.now() + timedelta(milliseconds=1)
        for number in range(BATCH + 10):
            await rig.machinery.ports.expiring.claim_once(INSTANCE, "nonce", str(number).encode(), until)
        while rig.machinery.clock.now() <= until:
            pass
        assert await sweep(rig.machinery.ports.expiring) == BATCH + 10
        short_lived = ShortLived(rig.machinery.ports.expiring, rig.machinery.keyring)
        assert await short_lived.kept(INSTANCE, Kept("codes", "alive")) == b"value"
