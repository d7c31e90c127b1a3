"""What became of a device's request, as the events of the activity log make it."""

from dataclasses import dataclass, replace

from hexkeep.core.deviceauth.events import DeviceApproved, DeviceDenied
from hexkeep.core.kernel.aggregate import Aggregate
from hexkeep.core.kernel.event import Event, Log


@dataclass(frozen=True, slots=True)
class DeviceAuthorization:
    """The answer to a request, once there is one."""

    approved: DeviceApproved | None = None
    denied: bool = False

    @property
    def answered(self) -> bool:
        """Whether somebody has said yes or no."""
        return self.denied or self.approved is not None


def _evolve(state: DeviceAuthorization, event: Event) -> DeviceAuthorization:
    match event:
        case DeviceApproved():
            return replace(state, approved=event)
        case DeviceDenied():
            return replace(state, denied=True)
        case _:
            return state


DEVICE_AUTHORIZATION = Aggregate(
    name="device_authorization",
    log=Log.ACTIVITY,
    initial=DeviceAuthorization(),
    events=(DeviceApproved, DeviceDenied),
    evolve=_evolve,
)
