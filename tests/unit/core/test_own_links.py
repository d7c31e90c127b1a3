"""The list of a person's own links, on the real engine: it waits for its rows."""

from dataclasses import replace

import pytest

from hexkeep.core.idplink.queries import ListMyIdentityProviderLinks
from hexkeep.core.kernel.errors import DeadlineExceeded
from hexkeep.core.kernel.permission import Caller, CallerKind
from hexkeep.core.organization.commands import CreateOrganization
from hexkeep.core.slices import SLICES
from hexkeep.engine.assembly import Tuning
from hexkeep.engine.reads import Freshness
from hexkeep.testing.faults import FaultyViews
from tests.unit.engine.rig import FAST, memory_storage, ports_of, rig_with

ADA = Caller(CallerKind.USER, user_id="ada")


async def test_own_links_are_those_of_now() -> None:
    """Whoever wrote and whatever a caller knows of positions: a page shows a link right after the form that made it."""
    async with memory_storage() as storage:
        views = FaultyViews(storage.views)
        rig = rig_with(replace(ports_of(storage), views=views), SLICES, Tuning(rhythm=FAST))
        known = rig.machinery.registry.operations
        await rig.machinery.start()
        listing, asked = known["ListMyIdentityProviderLinks"], ListMyIdentityProviderLinks()
        async with views.writes_held():
            await rig.run(known["CreateOrganization"], CreateOrganization(name="Acme"))
            call = rig.call(ADA, listing.permission)
            at_once = replace(call, freshness=Freshness((), rig.machinery.clock.monotonic() + 0.05))
            with pytest.raises(DeadlineExceeded):
                await rig.machinery.bus.run(listing, asked, at_once)
        assert (await rig.run(listing, asked, caller=ADA))[0].links == ()
        await rig.machinery.stop()
