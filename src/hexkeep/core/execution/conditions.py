"""When targets are called: conditions as they are written, and what they may name."""

from collections.abc import Mapping

from pydantic import Field

from hexkeep.core.execution.asks import RegisteredNames, RegisteredOperation
from hexkeep.core.execution.events import Selector, Trigger
from hexkeep.core.kernel.decision import Context
from hexkeep.core.kernel.errors import InvalidInput, Violation
from hexkeep.core.kernel.fields import Line
from hexkeep.core.kernel.operation import ApiName, Message

SERVICES = (ApiName.AUTH, ApiName.MANAGEMENT, ApiName.ADMIN)
"""The APIs that act within one instance: what is of all instances is no instance's to watch or to stop."""
NEVER = frozenset({"target", "execution"})
"""The slices whose operations call nothing: a target that fails could otherwise not be put right any more."""
FUNCTIONS: Mapping[str, str] = {
    "id_token_claims": "Further claims of an ID token (OpenID Connect Core 1.0 section 2).",
    "access_token_claims": "Further claims of an access token that is a JWT (RFC 9068).",
    "userinfo_claims": "Further claims that userinfo tells (OpenID Connect Core 1.0 section 5.3).",
}
"""Where the program itself asks, by name."""
ALLOWED: Mapping[Trigger, tuple[Selector, ...]] = {
    Trigger.REQUEST: (Selector.OPERATION, Selector.SERVICE, Selector.ALL),
    Trigger.RESPONSE: (Selector.OPERATION, Selector.SERVICE, Selector.ALL),
    Trigger.EVENT: (Selector.EVENT_TYPE, Selector.EVENT_FAMILY, Selector.ALL),
    Trigger.FUNCTION: (Selector.FUNCTION,),
}


class ExecutionCondition(Message):
    """When targets are called. Of the fields that select something exactly one is given."""

    trigger: Trigger
    operation: Line = Field(default="", description="One operation.", examples=["CreateHumanUser"])
    service: Line = Field(default="", description="All operations of one API: `auth`, `management` or `admin`.")
    event_type: Line = Field(default="", description="One type of events.", examples=["user.human.added"])
    event_family: Line = Field(default="", description="All types that begin so.", examples=["user.human"])
    function: Line = Field(default="", description="One function.", examples=["access_token_claims"])
    all: bool = Field(default=False, description="Everything.")


def operations(ctx: Context) -> dict[str, RegisteredOperation]:
    """The operations that a condition may name, by name."""
    known = ctx.ask(RegisteredNames()).operations
    return {name: one for name, one in sorted(known.items()) if one.api in SERVICES and one.slice not in NEVER}


def selected(condition: ExecutionCondition) -> tuple[Selector, str]:
    """What a condition selects; raises ``InvalidInput`` unless that is one thing, of a kind that fits the trigger."""
    names = {selector: getattr(condition, selector) for selector in Selector if selector is not Selector.UNSPECIFIED}
    given = {selector: value for selector, value in names.items() if value}
    allowed = ALLOWED.get(condition.trigger, ())
    if not allowed:
        raise InvalidInput("", Violation("condition.trigger", "must be specified"))
    if len(given) != 1 or not given.keys() <= set(allowed):
        raise InvalidInput("", Violation("condition", f"must have one of {', '.join(allowed)}"))
    ((selector, value),) = given.items()
    return selector, "" if selector is Selector.ALL else str(value)


def insist_on_known(ctx: Context, selector: Selector, name: str) -> None:
    """Raise ``InvalidInput`` for a name that nothing has."""
    if not _is_known(ctx, selector, name):
        raise InvalidInput("", Violation(f"condition.{selector}", "there is none of this name"))


def _is_known(ctx: Context, selector: Selector, name: str) -> bool:
    match selector:
        case Selector.OPERATION:
            return name in operations(ctx)
        case Selector.SERVICE:
            return name in SERVICES
        case Selector.EVENT_TYPE:
            return name in ctx.ask(RegisteredNames()).events
        case Selector.EVENT_FAMILY:
            return any(event.startswith(f"{name}.") for event in ctx.ask(RegisteredNames()).events)
        case Selector.FUNCTION:
            return name in FUNCTIONS
        case _:
            return True


def shown(trigger: Trigger, selector: Selector, name: str) -> ExecutionCondition:
    """A condition as its readers see it."""
    fields: dict[str, object] = {"all": True} if selector is Selector.ALL else {selector: name}
    return ExecutionCondition.model_validate({"trigger": trigger, **fields})
