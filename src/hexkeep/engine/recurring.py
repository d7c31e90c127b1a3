"""Recurring operations: what slices want called once in a while, in every instance, as jobs of the scheduler."""

from typing import TYPE_CHECKING

from hexkeep.core.instance.state import SYSTEM_INSTANCE
from hexkeep.core.kernel.errors import NotFound
from hexkeep.core.kernel.event import Log
from hexkeep.core.kernel.operation import ApiName
from hexkeep.core.kernel.slice import Recurring, Step
from hexkeep.engine.rounds import in_each

if TYPE_CHECKING:
    from hexkeep.engine.assembly import Machinery


async def run_everywhere(machinery: "Machinery", recurring: Recurring) -> None:
    """Call the operation in every active instance, in ``system`` alone if it is one of all instances."""

    async def call(instance: str) -> None:
        step = Step(recurring.name, instance, recurring.operation, recurring.input)
        await machinery.run_step(step, machinery.ids.new())

    await in_each(await _instances(machinery, recurring), recurring.name, call)


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
