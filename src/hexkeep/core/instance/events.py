"""What happens to an instance. All of it is logged in the reserved instance ``system``."""

from typing import Annotated

from hexkeep.core.kernel.event import Event, Hidden, Personal


class InstanceRequested(Event):
    """Somebody asked for a new instance: all that its set-up needs, so that it can be resumed after a crash."""

    type = "instance.requested"

    name: str
    origin: str
    host: str
    organization_id: str
    organization_name: str
    user_id: str
    user_name: Annotated[str, Personal("user_id")]
    given_name: Annotated[str, Personal("user_id")]
    family_name: Annotated[str, Personal("user_id")]
    email: Annotated[str, Personal("user_id")]
    password_hash: Annotated[str, Personal("user_id"), Hidden()]


class InstanceAdopted(Event):
    """The instance came from another store, with its logs and its id. The first host is the origin's."""

    type = "instance.adopted"

    name: str
    origin: str
    hosts: tuple[str, ...]
    default_organization_id: str
    active: bool


class InstanceReady(Event):
    """The instance has its first organization, its administrator and its signing keys, and may be used."""

    type = "instance.ready"


class InstanceRenamed(Event):
    """The name that operators know it by changed."""

    type = "instance.renamed"

    name: str


class InstanceOriginSet(Event):
    """The primary origin, and with it the OIDC issuer, changed. ``host`` is its host, which serves from now on."""

    type = "instance.origin.set"

    origin: str
    host: str


class InstanceHostAdded(Event):
    """The instance answers under one more host."""

    type = "instance.host.added"

    host: str


class InstanceHostRemoved(Event):
    """The instance does not answer under this host any more."""

    type = "instance.host.removed"

    host: str


class InstanceLimitsSet(Event):
    """How much the instance may be used is now this; 0 means without limit."""

    type = "instance.limits.set"

    calls_per_minute: int
    calls_per_minute_per_address: int
    calls_per_minute_per_user: int
    calls_per_minute_per_client: int
    calls_per_month: int
    refuse_beyond_quota: bool


class InstanceQuotaReached(Event):
    """The instance has used a share of its calls of a month (``2026-01``)."""

    type = "instance.quota.reached"

    month: str
    percent: int


class InstanceDeactivated(Event):
    """The instance answers nobody until it is reactivated."""

    type = "instance.deactivated"


class InstanceReactivated(Event):
    """The instance answers again."""

    type = "instance.reactivated"


class InstanceRemoved(Event):
    """The instance is gone for good and its hosts are free."""

    type = "instance.removed"
