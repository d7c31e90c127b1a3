"""How an instance comes to be: asked for, set up within itself, ready. A crash in between is made good by repeating."""

from datetime import datetime

from pydantic import Field

from hexkeep.core.instance.access import insist_on_system
from hexkeep.core.instance.events import InstanceReady, InstanceRequested
from hexkeep.core.instance.state import INSTANCE, SYSTEM_INSTANCE, Instance, InstanceStatus, SetUp, host_key
from hexkeep.core.kernel.aggregate import Append
from hexkeep.core.kernel.ask import HashPassword
from hexkeep.core.kernel.decision import Context, Decision
from hexkeep.core.kernel.event import Event
from hexkeep.core.kernel.fields import Email, Id, Name, Password
from hexkeep.core.kernel.operation import Empty, Message
from hexkeep.core.kernel.origin import Origin, host_of
from hexkeep.core.kernel.permission import Level
from hexkeep.core.kernel.slice import Process, Step
from hexkeep.core.kernel.unique import Claim
from hexkeep.core.key.state import SIGNING_KEYS, SIGNING_KEYS_ID, Algorithm, in_use
from hexkeep.core.membership.events import MembershipAdded
from hexkeep.core.membership.state import MEMBERSHIPS
from hexkeep.core.organization.events import OrganizationAdded
from hexkeep.core.organization.state import ORGANIZATION
from hexkeep.core.setting.events import DefaultOrganizationSet
from hexkeep.core.setting.state import SETTINGS, SETTINGS_ID
from hexkeep.core.user.events import HumanUserAdded, UserPasswordSet
from hexkeep.core.user.passwords import accept_password
from hexkeep.core.user.state import USER, user_name_key

FIRST_ALGORITHMS = (Algorithm.ES256, Algorithm.RS256)
"""What an instance can sign with from the start: ES256 by default, RS256 for clients that know nothing else."""
ADMINISTRATOR_ROLES = ("INSTANCE_OWNER",)


class CreateInstance(Message):
    """Asks for a new instance with its first organization and its first administrator."""

    name: Name = Field(description="What operators call it", examples=["Production"])
    origin: Origin
    organization_name: Name = Field(description="The name of its first organization", examples=["Example Ltd"])
    user_name: Name = Field(description="What the administrator signs in with", examples=["admin"])
    given_name: Name = Field(description="The administrator's given name", examples=["Ada"])
    family_name: Name = Field(description="The administrator's family name", examples=["Lovelace"])
    email: Email = Field(description="The administrator's e-mail address", examples=["ada@example.com"])
    password: Password = Field(description="The administrator's password")


class CreateInstanceOutput(Message):
    """The ids of what is being set up. The instance can be used as soon as its status is ``active``."""

    instance_id: str
    organization_id: str
    user_id: str


class SetUpInstance(Message):
    """All that goes into a new instance. ``password_hash`` is a PHC string."""

    organization_id: Id
    organization_name: Name
    user_id: Id
    user_name: Name
    given_name: Name
    family_name: Name
    email: Email
    password_hash: str = Field(max_length=1000, repr=False)


class MarkInstanceReady(Message):
    """Names the instance whose set-up is done."""

    instance_id: Id


def create_instance(request: CreateInstance, ctx: Context) -> Decision[CreateInstanceOutput]:
    """Create an instance. It is set up in the background, within moments."""
    insist_on_system(ctx)
    event = _requested(request, ctx)
    instance_id = ctx.new_id()
    output = CreateInstanceOutput(instance_id=instance_id, organization_id=event.organization_id, user_id=event.user_id)
    claim = Claim(host_key(event.host), INSTANCE.ref(instance_id))
    return Decision(output, INSTANCE.append(instance_id, event), claim)


def _requested(request: CreateInstance, ctx: Context) -> InstanceRequested:
    return InstanceRequested(
        name=request.name,
        origin=request.origin,
        host=host_of(request.origin),
        organization_id=ctx.new_id(),
        organization_name=request.organization_name,
        user_id=ctx.new_id(),
        user_name=request.user_name,
        given_name=request.given_name,
        family_name=request.family_name,
        email=request.email,
        password_hash=ctx.ask(HashPassword(_accepted(request))),
    )


def _accepted(request: CreateInstance) -> str:
    return accept_password(request.password, request.user_name, request.given_name, request.family_name, request.email)


def set_up_instance(request: SetUpInstance, ctx: Context) -> Decision[Empty]:
    """Write the first organization, the administrator and the signing keys into a new instance, all in one unit."""
    insist_on_system(ctx)
    if ctx.load(USER, request.user_id).exists:
        return Decision(Empty())
    return Decision(
        Empty(),
        ORGANIZATION.append(request.organization_id, OrganizationAdded(name=request.organization_name)),
        SETTINGS.append(SETTINGS_ID, DefaultOrganizationSet(organization_id=request.organization_id)),
        _administrator(request, ctx.now),
        Claim(user_name_key(request.user_name), USER.ref(request.user_id)),
        MEMBERSHIPS.append(request.user_id, _membership()),
        SIGNING_KEYS.append(SIGNING_KEYS_ID, *_keys(ctx)),
    )


def _administrator(request: SetUpInstance, now: datetime) -> Append:
    added = HumanUserAdded(
        organization_id=request.organization_id,
        user_name=request.user_name,
        given_name=request.given_name,
        family_name=request.family_name,
        display_name=f"{request.given_name} {request.family_name}",
        email=request.email,
        email_verified=False,
        preferred_language="",
    )
    password = UserPasswordSet(hash=request.password_hash, change_required=False, set_at=now)
    return USER.append(request.user_id, added, password)


def _membership() -> MembershipAdded:
    return MembershipAdded(level=Level.INSTANCE, scope_id="", organization_id="", roles=ADMINISTRATOR_ROLES)


def _keys(ctx: Context) -> list[Event]:
    return [event for algorithm in FIRST_ALGORITHMS for event in in_use(ctx, algorithm)]


def mark_instance_ready(request: MarkInstanceReady, ctx: Context) -> Decision[Empty]:
    """Open an instance to its callers once its set-up is done. Repeated, or removed in between, nothing happens."""
    insist_on_system(ctx)
    if ctx.load(INSTANCE, request.instance_id).status is not InstanceStatus.REQUESTED:
        return Decision(Empty())
    return Decision(Empty(), INSTANCE.append(request.instance_id, InstanceReady()))


def next_step(instance_id: str, state: Instance) -> Step | None:
    """The set-up of a requested instance and, behind it, the record that it is done."""
    if state.status is not InstanceStatus.REQUESTED or state.set_up is None:
        return None
    ready = Step("ready", SYSTEM_INSTANCE, "MarkInstanceReady", MarkInstanceReady(instance_id=instance_id))
    return Step("set-up", instance_id, "SetUpInstance", _input(state.set_up), then=ready)


def _input(set_up: SetUp) -> SetUpInstance:
    return SetUpInstance(
        organization_id=set_up.organization_id,
        organization_name=set_up.organization_name,
        user_id=set_up.user_id,
        user_name=set_up.user_name,
        given_name=set_up.given_name,
        family_name=set_up.family_name,
        email=set_up.email,
        password_hash=set_up.password_hash,
    )


CREATION = Process("instance-creation", INSTANCE, (InstanceRequested,), next_step)
"""Carries an instance from requested to ready."""
