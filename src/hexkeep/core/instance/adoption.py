"""How an instance comes from another store: its logs were loaded, and now the instance ``system`` is told of it."""

from pydantic import Field

from hexkeep.core.instance.access import insist_on_system
from hexkeep.core.instance.commands import MAX_HOSTS
from hexkeep.core.instance.events import InstanceAdopted
from hexkeep.core.instance.state import INSTANCE, InstanceStatus, host_key
from hexkeep.core.kernel.decision import Context, Decision
from hexkeep.core.kernel.errors import AlreadyExists
from hexkeep.core.kernel.fields import Id, Name
from hexkeep.core.kernel.operation import Empty, Message
from hexkeep.core.kernel.origin import Host, Origin, host_of
from hexkeep.core.kernel.unique import Claim


class AdoptInstance(Message):
    """An instance whose logs are in this store. The origin's host is added to ``hosts`` when it is not among them."""

    instance_id: Id
    name: Name
    origin: Origin
    hosts: tuple[Host, ...] = Field(default=(), max_length=MAX_HOSTS)
    default_organization_id: Id
    active: bool = True


def adopt_instance(request: AdoptInstance, ctx: Context) -> Decision[Empty]:
    """Take over an instance that was imported, under the hosts it had or others, which must be free."""
    insist_on_system(ctx)
    if ctx.load(INSTANCE, request.instance_id).status is not InstanceStatus.UNSPECIFIED:
        raise AlreadyExists("instance")
    host = host_of(request.origin)
    hosts = (host, *(one for one in dict.fromkeys(request.hosts) if one != host))
    event = InstanceAdopted(
        name=request.name,
        origin=request.origin,
        hosts=hosts,
        default_organization_id=request.default_organization_id,
        active=request.active,
    )
    claims = (Claim(host_key(one), INSTANCE.ref(request.instance_id)) for one in hosts)
    return Decision(Empty(), INSTANCE.append(request.instance_id, event), *claims)
