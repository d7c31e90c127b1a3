"""Recurring operations: what slices want called once in a while, in every instance, as jobs of the scheduler."""

import logging
from typing import TYPE_CHECKING

from hexkeep.core.instance.state import SYSTEM_INSTANCE
from hexkeep.core.kernel.errors import HexkeepError, NotFound, Unavailable
from hexkeep.core.kernel.event import Log
from hexkeep.core.kernel.operation import ApiName
from hexkeep.core.kernel.slice import Recurring, Step

if TYPE_CHECKING:
    from hexkeep.engine.assembly import Machinery

logger = logging.getLogger("hexkeep.engine.recurring")


async def run_everywhere(machinery: "Machinery", recurring: Recurring) -> None:
    """Call the operation in every active instance, in ``system`` alone if it is one of all instances.

    An instance where it fails does not hold up the others; the first failure is raised in the end.
    """
    first: Exception | None = None
    for instance in await _instances(machinery, recurring):
        step = Step(recurring.name, instance, recurring.operation, recurring.input)
        try:
            await machinery.run_step(step, machinery.ids.new())
        except Unavailable:
            raise
        except Exception as error:  # noqa: BLE001 - an operation of a plugin may raise anything
            told = error.code if isinstance(error, HexkeepError) else type(error).__name__
            logger.warning("%s failed in instance %s: %s", recurring.name, instance, told)
            first = first or error
    if first is not None:
        raise first


async def _instances(machinery: "Machinery", recurring: Recurring) -> list[str]:
    if machinery.registry.operations[recurring.operation].api is ApiName.SYSTEM:
        return [SYSTEM_INSTANCE]
    heads = await machinery.ports.events.heads()
    found = sorted({one.instance for one in heads if one.log is Log.DURABLE} - {SYSTEM_INSTANCE})
    return [one for one in found if await _is_active(machinery, one)]


async def _is_active(machinery: "Machinery", instance: str) -> bool:
    try:
        await machinery.instances.by_id(instance)
    except NotFound:
        return False
    return True
