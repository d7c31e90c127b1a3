"""Looking into a storage with its keys, beside whoever serves it. Starts and changes nothing."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from hexkeep.bootstrap.container import Program
from hexkeep.bootstrap.embed import looking
from hexkeep.bootstrap.master_key import demand_known_master_key, demand_master_key, wrong_master_key
from hexkeep.engine.assembly import Machinery


@asynccontextmanager
async def examining(program: Program) -> AsyncIterator[Machinery]:
    """Open the adapters for reading; the engine on them, not started. Raises what a start does for the wrong keys."""
    demand_master_key(program.settings)
    async with looking(program):
        await demand_known_master_key(program.settings, program.storage.keys)
        machinery = program.iam.machinery
        if not await machinery.keyring.fits():
            raise wrong_master_key(program.settings)
        yield machinery
