"""Changing instances, from outside: the system API."""

from hexkeep.core.instance.access import existing
from hexkeep.core.instance.events import (
    InstanceDeactivated,
    InstanceHostAdded,
    InstanceHostRemoved,
    InstanceOriginSet,
    InstanceReactivated,
    InstanceRemoved,
    InstanceRenamed,
)
from hexkeep.core.instance.state import INSTANCE, InstanceStatus, host_key
from hexkeep.core.kernel.decision import Context, Decision
from hexkeep.core.kernel.errors import FailedPrecondition, NotFound
from hexkeep.core.kernel.fields import Id, Name
from hexkeep.core.kernel.operation import Empty
from hexkeep.core.kernel.origin import Host, Origin, host_of
from hexkeep.core.kernel.unique import Claim, Release
from hexkeep.core.kernel.update import Conditional, UpdateRequest, expect

MAX_HOSTS = 100
"""How many hosts an instance may answer under."""


class UpdateInstance(UpdateRequest):
    """What to change about an instance."""

    instance_id: Id
    name: Name | None = None


class SetInstanceOrigin(Conditional):
    """Asks for another primary origin."""

    instance_id: Id
    origin: Origin


class AddInstanceHost(Conditional):
    """Asks for one more host."""

    instance_id: Id
    host: Host


class RemoveInstanceHost(Conditional):
    """Names the host to give up."""

    instance_id: Id
    host: Host


class DeactivateInstance(Conditional):
    """Names the instance to switch off."""

    instance_id: Id


class ReactivateInstance(Conditional):
    """Names the instance to switch on again."""

    instance_id: Id


class DeleteInstance(Conditional):
    """Names the instance to remove."""

    instance_id: Id


def update_instance(request: UpdateInstance, ctx: Context) -> Decision[Empty]:
    """Call an instance otherwise."""
    state = existing(ctx, request.instance_id)
    expect(ctx, INSTANCE, request.instance_id, request)
    name: str = request.changes().get("name", state.name)
    if state.name == name:
        return Decision(Empty())
    return Decision(Empty(), INSTANCE.append(request.instance_id, InstanceRenamed(name=name)))


def set_instance_origin(request: SetInstanceOrigin, ctx: Context) -> Decision[Empty]:
    """Give an instance another primary origin, and so another issuer: tokens of the old one do not hold any more.

    The old origin's host goes on answering until it is removed.
    """
    state = existing(ctx, request.instance_id)
    expect(ctx, INSTANCE, request.instance_id, request)
    if state.origin == request.origin:
        return Decision(Empty())
    host = host_of(request.origin)
    event = InstanceOriginSet(origin=request.origin, host=host)
    change = INSTANCE.append(request.instance_id, event)
    if host in state.hosts:
        return Decision(Empty(), change)
    return Decision(Empty(), change, Claim(host_key(host), INSTANCE.ref(request.instance_id)))


def add_instance_host(request: AddInstanceHost, ctx: Context) -> Decision[Empty]:
    """Let an instance answer under one more host, which must not be another instance's."""
    state = existing(ctx, request.instance_id)
    expect(ctx, INSTANCE, request.instance_id, request)
    if request.host in state.hosts:
        return Decision(Empty())
    if len(state.hosts) >= MAX_HOSTS:
        raise FailedPrecondition(f"An instance has at most {MAX_HOSTS} hosts: remove one first")
    return Decision(
        Empty(),
        INSTANCE.append(request.instance_id, InstanceHostAdded(host=request.host)),
        Claim(host_key(request.host), INSTANCE.ref(request.instance_id)),
    )


def remove_instance_host(request: RemoveInstanceHost, ctx: Context) -> Decision[Empty]:
    """Let an instance answer under a host no more. The host of its primary origin stays."""
    state = existing(ctx, request.instance_id)
    expect(ctx, INSTANCE, request.instance_id, request)
    if request.host not in state.hosts:
        raise NotFound
    if request.host == host_of(state.origin):
        raise FailedPrecondition("The primary origin has this host: give the instance another origin first")
    return Decision(
        Empty(),
        INSTANCE.append(request.instance_id, InstanceHostRemoved(host=request.host)),
        Release(host_key(request.host), INSTANCE.ref(request.instance_id)),
    )


def deactivate_instance(request: DeactivateInstance, ctx: Context) -> Decision[Empty]:
    """Let an instance answer nobody until it is reactivated."""
    state = existing(ctx, request.instance_id)
    expect(ctx, INSTANCE, request.instance_id, request)
    if state.status is not InstanceStatus.ACTIVE:
        raise FailedPrecondition("The instance is not active")
    return Decision(Empty(), INSTANCE.append(request.instance_id, InstanceDeactivated()))


def reactivate_instance(request: ReactivateInstance, ctx: Context) -> Decision[Empty]:
    """Let an instance answer again."""
    state = existing(ctx, request.instance_id)
    expect(ctx, INSTANCE, request.instance_id, request)
    if state.status is not InstanceStatus.INACTIVE:
        raise FailedPrecondition("The instance is not inactive")
    return Decision(Empty(), INSTANCE.append(request.instance_id, InstanceReactivated()))


def delete_instance(request: DeleteInstance, ctx: Context) -> Decision[Empty]:
    """Remove an instance for good. Its hosts are free for others; its log stays."""
    state = existing(ctx, request.instance_id)
    expect(ctx, INSTANCE, request.instance_id, request)
    ref = INSTANCE.ref(request.instance_id)
    releases = (Release(host_key(host), ref) for host in state.hosts)
    return Decision(Empty(), INSTANCE.append(request.instance_id, InstanceRemoved()), *releases)
