"""What happens to the retention of an instance."""

from hexkeep.core.kernel.event import Event


class ActivityRetentionSet(Event):
    """Events of the activity log are dropped when they are older than so many days; 0 keeps them for ever."""

    type = "retention.activity.set"

    days: int
