"""What happens to the keys that all others lie under. All of it is logged in the reserved instance ``system``."""

from hexkeep.core.kernel.event import Event


class MasterKeyRotated(Event):
    """Every data key is wrapped by the master key of this id; earlier ones open nothing any more."""

    type = "master_key.rotated"

    master: str


class DataKeyRenewed(Event):
    """What is new in an instance is made with another version of a data key; what there is stays as it is."""

    type = "data_key.renewed"

    instance_id: str
    name: str
    key_version: int
