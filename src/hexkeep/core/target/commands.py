"""Making, changing and removing targets, and renewing what their calls are signed with."""

from datetime import timedelta
from typing import Annotated

from pydantic import Field

from hexkeep.core.execution.projection import EXECUTIONS
from hexkeep.core.kernel.access import reach
from hexkeep.core.kernel.ask import RowsOf
from hexkeep.core.kernel.decision import Change, Context, Decision
from hexkeep.core.kernel.errors import FailedPrecondition, InvalidInput, Violation
from hexkeep.core.kernel.fields import Id, Name
from hexkeep.core.kernel.operation import Empty, Message
from hexkeep.core.kernel.unique import Claim, Release
from hexkeep.core.kernel.update import Conditional, UpdateRequest, expect
from hexkeep.core.kernel.urls import PublicUrl
from hexkeep.core.kernel.view import Has, Select
from hexkeep.core.target.events import (
    TargetAdded,
    TargetChanged,
    TargetKind,
    TargetRemoved,
    TargetSigningKeyRegenerated,
)
from hexkeep.core.target.state import TARGET, Target, target_name_key

READ = "action.read"
Timeout = Annotated[timedelta, Field(ge=timedelta(milliseconds=100), le=timedelta(seconds=30))]
URL = "Where it is: `https`, at a public address. Everybody who may read targets sees it, so no secret belongs into it."
INTERRUPT = "Whether what is going on ends when it cannot be called or answers with an error; not for `async`."


class CreateTarget(Message):
    """A new target."""

    name: Name = Field(description="Unique in the instance, whatever its case.", examples=["Fraud check"])
    kind: TargetKind
    url: PublicUrl = Field(description=URL, examples=["https://hooks.example.net/hexkeep"])
    timeout: Timeout = Field(default=timedelta(seconds=10), description="How long it is waited for at most.")
    interrupt_on_error: bool = Field(default=False, description=INTERRUPT)


class TargetCreated(Message):
    """The target there is now, and what its calls are signed with."""

    target_id: str
    signing_key: str = Field(repr=False, description="The key of the signatures (HMAC). It is not shown again.")


class UpdateTarget(UpdateRequest):
    """What to change about a target. Its signing key stays."""

    target_id: Id
    name: Name | None = None
    kind: TargetKind | None = None
    url: PublicUrl | None = Field(default=None, description=URL)
    timeout: Timeout | None = None
    interrupt_on_error: bool | None = Field(default=None, description=INTERRUPT)


class DeleteTarget(Conditional):
    """The target to remove."""

    target_id: Id


class RegenerateTargetSigningKey(Conditional):
    """The target that is to get another key."""

    target_id: Id


class NewSigningKey(Message):
    """What its calls are signed with from now on."""

    signing_key: str = Field(repr=False, description="The key of the signatures (HMAC). It is not shown again.")


def create_target(request: CreateTarget, ctx: Context) -> Decision[TargetCreated]:
    """Create a target, and a key that everything it is sent is signed with. The key is shown this once."""
    ctx.authorize()
    _insist_on_sense(request.kind, interrupt_on_error=request.interrupt_on_error)
    target_id, key = ctx.new_id(), ctx.new_secret()
    return Decision(
        TargetCreated(target_id=target_id, signing_key=key),
        TARGET.append(target_id, TargetAdded(**request.model_dump(), signing_key=key)),
        Claim(target_name_key(request.name), TARGET.ref(target_id)),
    )


def update_target(request: UpdateTarget, ctx: Context) -> Decision[Empty]:
    """Change a target. What is left out stays as it is, its signing key always."""
    target = _reached(request.target_id, ctx)
    expect(ctx, TARGET, request.target_id, request)
    present = TargetChanged(
        name=target.name,
        kind=target.kind,
        url=target.url,
        timeout=target.timeout,
        interrupt_on_error=target.interrupt_on_error,
    )
    after = present.model_copy(update=request.changes())
    _insist_on_sense(after.kind, interrupt_on_error=after.interrupt_on_error)
    if after == present:
        return Decision(Empty())
    renamed = _renamed(request.target_id, present.name, after.name)
    return Decision(Empty(), TARGET.append(request.target_id, after), *renamed)


def _renamed(target_id: str, before: str, after: str) -> tuple[Change, ...]:
    ref, old, new = TARGET.ref(target_id), target_name_key(before), target_name_key(after)
    return () if old.normalised() == new.normalised() else (Release(old, ref), Claim(new, ref))


def regenerate_target_signing_key(request: RegenerateTargetSigningKey, ctx: Context) -> Decision[NewSigningKey]:
    """Give a target another signing key, which is shown this once. The one it had signs nothing any more."""
    _reached(request.target_id, ctx)
    expect(ctx, TARGET, request.target_id, request)
    key = ctx.new_secret()
    event = TargetSigningKeyRegenerated(signing_key=key)
    return Decision(NewSigningKey(signing_key=key), TARGET.append(request.target_id, event))


def delete_target(request: DeleteTarget, ctx: Context) -> Decision[Empty]:
    """Remove a target for good. One that an execution names is not removed: change the execution first."""
    target = _reached(request.target_id, ctx)
    expect(ctx, TARGET, request.target_id, request)
    naming = Select(EXECUTIONS, Has("target_ids", request.target_id), limit=1)
    for row in ctx.ask(RowsOf(naming, unscoped=True, current=True)):
        raise FailedPrecondition("An execution names this target", execution_id=str(row["execution_id"]))
    return Decision(
        Empty(),
        TARGET.append(request.target_id, TargetRemoved()),
        Release(target_name_key(target.name), TARGET.ref(request.target_id)),
    )


def _reached(target_id: str, ctx: Context) -> Target:
    target = ctx.load(TARGET, target_id)
    reach(ctx, READ, exists=target.exists)
    return target


def _insist_on_sense(kind: TargetKind, *, interrupt_on_error: bool) -> None:
    if kind is TargetKind.UNSPECIFIED:
        raise InvalidInput("", Violation("kind", "must be specified"))
    if kind is TargetKind.ASYNC and interrupt_on_error:
        raise InvalidInput("", Violation("interrupt_on_error", "is not for targets that are not waited for"))
