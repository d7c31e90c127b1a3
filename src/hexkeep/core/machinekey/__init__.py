"""Machine keys: key pairs with which a machine user proves who it is, so that no secret has to be sent."""

from hexkeep.core.kernel.slice import Owned, Slice
from hexkeep.core.machinekey.api import OPERATIONS
from hexkeep.core.machinekey.projection import MACHINE_KEYS, PROJECTION
from hexkeep.core.machinekey.state import MACHINE_KEY

SLICE = Slice(
    "machine_key",
    (MACHINE_KEY,),
    (PROJECTION,),
    OPERATIONS,
    owned=(Owned(MACHINE_KEYS, "DeleteMachineKey"),),
)
