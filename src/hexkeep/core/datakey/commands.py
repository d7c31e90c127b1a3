"""The rotation of the master key, step by step, and of single data keys.

A rotation is a loop of short steps, each of which may be repeated: begin, wait until every node knows, wrap page after
page anew until a whole pass found nothing to do, finish. Where it is broken off it is simply begun again.
"""

from pydantic import Field

from hexkeep.core.datakey.asks import BeginRotation, FinishRotation, RenewKey, RewrapPage
from hexkeep.core.datakey.events import DataKeyRenewed, MasterKeyRotated
from hexkeep.core.datakey.names import insist_on_renewable
from hexkeep.core.datakey.state import DATA_KEYS, DATA_KEYS_ID
from hexkeep.core.kernel.decision import Context, Decision
from hexkeep.core.kernel.errors import InvalidInput, PermissionDenied, Violation
from hexkeep.core.kernel.fields import Id
from hexkeep.core.kernel.operation import Empty, Message
from hexkeep.core.kernel.permission import CallerKind

MAX_PAGE = 500


class BeginKeyRotationOutput(Message):
    """The id of the master key that everything is to be wrapped by, and how long to wait before the next step."""

    master: str
    wait_milliseconds: int


class RewrapDataKeys(Message):
    """Which data keys to wrap anew: a page of all there are, in a fixed order."""

    after: tuple[str, ...] = Field(default=(), description="`last` of the page before; none for the first.")
    limit: int = Field(default=200, ge=1, le=MAX_PAGE)


class RewrapDataKeysOutput(Message):
    """How far this page came. ``last`` is empty behind the last key."""

    seen: int
    rewrapped: int
    last: tuple[str, ...]


class FinishKeyRotationOutput(Message):
    """The master key that is the storage's now; the others may go."""

    master: str


class RenewDataKey(Message):
    """The data key to renew."""

    instance_id: Id = Field(description="The instance it belongs to; every instance has keys of its own.")
    name: str = Field(max_length=200, description="Its name, as `hexkeep keys list` shows it.", examples=["sealed/tls"])


class DataKeyVersion(Message):
    """What new things are made with from now on."""

    version: int


def begin_key_rotation(_: Empty, ctx: Context) -> Decision[BeginKeyRotationOutput]:
    """Begin to rotate the master key: new data keys are wrapped by the one that the nodes are set to use."""
    _insist_on_system(ctx)
    begun = ctx.ask(BeginRotation())
    wait = round(begun.wait_seconds * 1000)
    return Decision(BeginKeyRotationOutput(master=begun.master, wait_milliseconds=wait))


def rewrap_data_keys(request: RewrapDataKeys, ctx: Context) -> Decision[RewrapDataKeysOutput]:
    """Wrap some data keys by the master key that the nodes are set to use. What they seal is not touched."""
    _insist_on_system(ctx)
    page = ctx.ask(RewrapPage(_place(request.after), request.limit))
    last = () if page.last is None else (page.last[0], page.last[1], str(page.last[2]))
    return Decision(RewrapDataKeysOutput(seen=page.seen, rewrapped=page.rewrapped, last=last))


def _place(after: tuple[str, ...]) -> tuple[str, str, int] | None:
    match after:
        case ():
            return None
        case (instance, name, version) if version.isdecimal() and version.isascii():
            return instance, name, int(version)
        case _:
            raise InvalidInput("", Violation("after", "is not the end of a page"))


def finish_key_rotation(_: Empty, ctx: Context) -> Decision[FinishKeyRotationOutput]:
    """End the rotation of the master key. Refused while any data key is wrapped by another one."""
    _insist_on_system(ctx)
    before = ctx.load(DATA_KEYS, DATA_KEYS_ID)
    master = ctx.ask(FinishRotation())
    output = FinishKeyRotationOutput(master=master)
    if before.master == master:
        return Decision(output)
    return Decision(output, DATA_KEYS.append(DATA_KEYS_ID, MasterKeyRotated(master=master)))


def renew_data_key(request: RenewDataKey, ctx: Context) -> Decision[DataKeyVersion]:
    """Make a new version of a data key, with which new things are sealed or hashed. Old ones stay readable."""
    _insist_on_system(ctx)
    insist_on_renewable(request.name)
    ctx.load(DATA_KEYS, DATA_KEYS_ID)
    version = ctx.ask(RenewKey(request.instance_id, request.name))
    renewed = DataKeyRenewed(instance_id=request.instance_id, name=request.name, key_version=version)
    return Decision(DataKeyVersion(version=version), DATA_KEYS.append(DATA_KEYS_ID, renewed))


def _insist_on_system(ctx: Context) -> None:
    if ctx.caller.kind is not CallerKind.SYSTEM:
        raise PermissionDenied
    ctx.authorize()
