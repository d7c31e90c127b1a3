"""The instance, as the events of the reserved instance ``system`` make it."""

import enum
from dataclasses import dataclass, replace

from hexkeep.core.instance.events import (
    InstanceAdopted,
    InstanceDeactivated,
    InstanceHostAdded,
    InstanceHostRemoved,
    InstanceLimitsSet,
    InstanceOriginSet,
    InstanceQuotaReached,
    InstanceReactivated,
    InstanceReady,
    InstanceRemoved,
    InstanceRenamed,
    InstanceRequested,
)
from hexkeep.core.kernel.aggregate import Aggregate
from hexkeep.core.kernel.event import Event, Log
from hexkeep.core.kernel.unique import UniqueKey

SYSTEM_INSTANCE = "system"
"""The reserved instance that owns all others. Nobody has a membership in it."""


class InstanceStatus(enum.StrEnum):
    """Where an instance is in its life."""

    UNSPECIFIED = "unspecified"
    REQUESTED = "requested"
    ACTIVE = "active"
    INACTIVE = "inactive"
    REMOVED = "removed"


@dataclass(frozen=True, slots=True)
class SetUp:
    """What is yet to be written into a requested instance. ``password_hash`` is a PHC string."""

    organization_id: str
    organization_name: str
    user_id: str
    user_name: str
    given_name: str
    family_name: str
    email: str
    password_hash: str


@dataclass(frozen=True, slots=True)
class Limits:
    """How much an instance may be used; 0 means without limit."""

    calls_per_minute: int = 0
    calls_per_minute_per_address: int = 0
    calls_per_minute_per_user: int = 0
    calls_per_minute_per_client: int = 0
    calls_per_month: int = 0
    refuse_beyond_quota: bool = True


UNLIMITED = Limits()


@dataclass(frozen=True, slots=True)
class Instance:
    """One instance. ``hosts`` has the origin's host first; ``set_up`` is only there until the instance is ready."""

    status: InstanceStatus = InstanceStatus.UNSPECIFIED
    name: str = ""
    origin: str = ""
    hosts: tuple[str, ...] = ()
    default_organization_id: str = ""
    set_up: SetUp | None = None
    first_user_id: str = ""
    """The administrator whom the request for the instance told something about."""
    limits: Limits = UNLIMITED
    quota_reached: tuple[str, int] = ("", 0)
    """The latest month of which a share of the quota was used up, and which share in percent."""

    @property
    def exists(self) -> bool:
        """Whether it was asked for and not removed."""
        return self.status not in {InstanceStatus.UNSPECIFIED, InstanceStatus.REMOVED}

    @property
    def ready(self) -> bool:
        """Whether its set-up is done."""
        return self.exists and self.status is not InstanceStatus.REQUESTED

    @property
    def active(self) -> bool:
        """Whether it answers its callers."""
        return self.status is InstanceStatus.ACTIVE


KEY_KIND = "host"


def host_key(host: str) -> UniqueKey:
    """The key, unique in the instance ``system``, under which a host (without a port) belongs to one instance."""
    return UniqueKey(KEY_KIND, "", host)


def _requested(event: InstanceRequested) -> Instance:
    return Instance(
        status=InstanceStatus.REQUESTED,
        name=event.name,
        origin=event.origin,
        hosts=(event.host,),
        default_organization_id=event.organization_id,
        set_up=SetUp(
            organization_id=event.organization_id,
            organization_name=event.organization_name,
            user_id=event.user_id,
            user_name=event.user_name,
            given_name=event.given_name,
            family_name=event.family_name,
            email=event.email,
            password_hash=event.password_hash,
        ),
        first_user_id=event.user_id,
    )


def _adopted(event: InstanceAdopted) -> Instance:
    status = InstanceStatus.ACTIVE if event.active else InstanceStatus.INACTIVE
    return Instance(status, event.name, event.origin, event.hosts, event.default_organization_id)


def _evolve(state: Instance, event: Event) -> Instance:  # noqa: C901, PLR0911, PLR0912 - one line an event
    match event:
        case InstanceRequested():
            return _requested(event)
        case InstanceAdopted():
            return _adopted(event)
        case InstanceReady():
            return replace(state, status=InstanceStatus.ACTIVE, set_up=None)
        case InstanceRenamed(name=name):
            return replace(state, name=name)
        case InstanceOriginSet(origin=origin, host=host):
            return replace(state, origin=origin, hosts=(host, *_without(state.hosts, host)))
        case InstanceHostAdded(host=host):
            return replace(state, hosts=(*state.hosts, host))
        case InstanceHostRemoved(host=host):
            return replace(state, hosts=_without(state.hosts, host))
        case InstanceLimitsSet():
            return replace(state, limits=Limits(**event.model_dump()))
        case InstanceQuotaReached(month=month, percent=percent):
            return replace(state, quota_reached=(month, percent))
        case InstanceDeactivated():
            return replace(state, status=InstanceStatus.INACTIVE)
        case InstanceReactivated():
            return replace(state, status=InstanceStatus.ACTIVE)
        case InstanceRemoved():
            return replace(state, status=InstanceStatus.REMOVED, hosts=(), set_up=None)
        case _:
            return state


def _without(hosts: tuple[str, ...], host: str) -> tuple[str, ...]:
    return tuple(one for one in hosts if one != host)


INSTANCE = Aggregate(
    name="instance",
    log=Log.DURABLE,
    initial=Instance(),
    events=(
        InstanceRequested,
        InstanceAdopted,
        InstanceReady,
        InstanceRenamed,
        InstanceOriginSet,
        InstanceHostAdded,
        InstanceHostRemoved,
        InstanceLimitsSet,
        InstanceQuotaReached,
        InstanceDeactivated,
        InstanceReactivated,
        InstanceRemoved,
    ),
    evolve=_evolve,
    keys=(KEY_KIND,),
)
"""Lives in the instance ``system``; the aggregate's id is the instance's."""
