"""The key of the machine: it opens what is the system's, from there, as long as the server runs."""

import pytest

from hexkeep.core.instance.state import SYSTEM_INSTANCE
from hexkeep.core.kernel.errors import HexkeepError, Unauthenticated
from hexkeep.core.kernel.operation import Empty
from hexkeep.engine.iam import Iam
from hexkeep.ports.api import Bearer, Meta
from tests.unit.adapters.site import running_site

KEY = "hkm_0123456789"


async def begin(iam: Iam, token: str, address: str) -> None:
    """Call something of the system's."""
    meta = Meta(instance=SYSTEM_INSTANCE, address=address)
    await iam.call(iam.operation("BeginKeyRotation"), Empty(), Bearer(token), meta)


@pytest.mark.parametrize("address", ["127.0.0.1", "::1"])
async def test_the_key_opens_the_system_from_the_machine_itself(address: str) -> None:
    """For operators with the command line."""
    async with running_site() as site:
        site.iam.admit(KEY)
        await begin(site.iam, KEY, address)


@pytest.mark.parametrize("address", ["192.0.2.7", "", "localhost", "10.0.0.1"])
async def test_the_key_is_worth_nothing_from_elsewhere(address: str) -> None:
    """Should somebody have carried it away."""
    async with running_site() as site:
        site.iam.admit(KEY)
        with pytest.raises(Unauthenticated):
            await begin(site.iam, KEY, address)


@pytest.mark.parametrize(("known", "presented"), [(KEY, KEY + "x"), (KEY, "x"), ("", "x"), (KEY, "ü")])
async def test_any_other_key_is_refused(known: str, presented: str) -> None:
    """Nobody is admitted by an empty one."""
    async with running_site() as site:
        site.iam.admit(known)
        with pytest.raises(HexkeepError):
            await begin(site.iam, presented, "127.0.0.1")
