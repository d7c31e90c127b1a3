"""The wrapping of an installation's data keys, as the events of the instance ``system`` make it."""

from dataclasses import dataclass, replace

from hexkeep.core.datakey.events import DataKeyRenewed, MasterKeyRotated
from hexkeep.core.kernel.aggregate import Aggregate
from hexkeep.core.kernel.event import Event, Log


@dataclass(frozen=True, slots=True)
class DataKeys:
    """``master`` is the id of the master key after the last rotation, empty before the first."""

    master: str = ""


def _evolve(state: DataKeys, event: Event) -> DataKeys:
    return replace(state, master=event.master) if isinstance(event, MasterKeyRotated) else state


DATA_KEYS = Aggregate(
    name="data_keys",
    log=Log.DURABLE,
    initial=DataKeys(),
    events=(MasterKeyRotated, DataKeyRenewed),
    evolve=_evolve,
)
DATA_KEYS_ID = "data_keys"
"""There is one for all instances."""
