import pytest

from hexkeep.core.execution import SLICE
from hexkeep.core.execution.commands import DeleteExecution, SetExecution
from hexkeep.core.execution.conditions import FUNCTIONS, NEVER, ExecutionCondition
from hexkeep.core.execution.events import ExecutionRemoved, ExecutionSet, Selector, Trigger
from hexkeep.core.execution.queries import GetExecution, ListExecutionMethods, ListExecutions
from hexkeep.core.execution.state import EXECUTION
from hexkeep.core.kernel.decision import Context, Decision
from hexkeep.core.kernel.errors import InvalidInput, NotFound, PermissionDenied, VersionConflict
from hexkeep.core.kernel.operation import ApiName, Empty, Message, Operation
from hexkeep.core.kernel.slice import Slice
from hexkeep.core.target import SLICE as TARGETS
from hexkeep.core.target.commands import CreateTarget
from hexkeep.core.target.events import TargetKind
from hexkeep.testing.decisions import Kit
from tests.unit.core.worlds import NOBODY, SLICES, caller


class PluginInput(Message):
    """What a plugin's operation takes."""


def of_plugin(_: PluginInput, ctx: Context) -> Decision[Empty]:
    """Do something that only a plugin does."""
    ctx.authorize()
    return Decision(Empty())


PLUGIN = Slice(
    "plugin",
    operations=(Operation("StartPluginWork", ApiName.ADMIN, PluginInput, Empty, "plugin.write", of_plugin),),
)
KIT = Kit(*SLICES, TARGETS, SLICE, PLUGIN)
ROOT, VIEWER, OWNER = caller("INSTANCE_OWNER"), caller("INSTANCE_VIEWER"), caller("ORGANIZATION_OWNER", "acme")
HOOK = CreateTarget(name="Hook", kind=TargetKind.WEBHOOK, url="https://hooks.example.net")
WORLD = KIT.given().when(HOOK).world.when(HOOK.model_copy(update={"name": "Second"})).world


def setting(*target_ids: str, **condition: object) -> SetExecution:
    """What sets an execution."""
    return SetExecution.model_validate({"condition": condition, "target_ids": target_ids or ("id-1",)})


@pytest.mark.parametrize(
    ("condition", "place"),
    [
        ({"trigger": "request", "operation": "CreateGroup"}, "request.operation.CreateGroup"),
        ({"trigger": "response", "operation": "StartPluginWork"}, "response.operation.StartPluginWork"),
        ({"trigger": "request", "service": "management"}, "request.service.management"),
        ({"trigger": "response", "all": True}, "response.all"),
        ({"trigger": "event", "event_type": "group.added"}, "event.event_type.group.added"),
        ({"trigger": "event", "event_family": "user.human"}, "event.event_family.user.human"),
        ({"trigger": "event", "all": True}, "event.all"),
        ({"trigger": "function", "function": "userinfo_claims"}, "function.function.userinfo_claims"),
    ],
)
def test_each_condition_has_one_execution(condition: dict[str, object], place: str) -> None:
    """It is set, read back as it was given, set anew, and nothing changes when nothing does."""
    outcome = WORLD.as_(ROOT).when(setting("id-2", "id-1", "id-2", **condition))
    assert outcome.result.execution_id == place
    trigger, selector, *_ = place.split(".")
    name = place.removeprefix(f"{trigger}.{selector}").removeprefix(".")
    event = ExecutionSet(trigger=Trigger(trigger), selector=Selector(selector), name=name, target_ids=("id-2", "id-1"))
    outcome.then(EXECUTION.append(place, event))
    view = outcome.world.when(GetExecution(execution_id=place)).result
    assert view.condition == ExecutionCondition.model_validate(condition)
    assert view.target_ids == ("id-2", "id-1")
    outcome.world.when(setting("id-2", "id-1", **condition)).then()
    turned = outcome.world.when(setting("id-1", "id-2", **condition))
    assert turned.changes == (EXECUTION.append(place, event.model_copy(update={"target_ids": ("id-1", "id-2")})),)
    turned.world.when(setting(**condition).model_copy(update={"expected_version": 1})).refused(VersionConflict)


@pytest.mark.parametrize(
    "condition",
    [
        {"trigger": "unspecified", "all": True},
        {"trigger": "request"},
        {"trigger": "request", "operation": "NoSuchOperation"},
        {"trigger": "request", "operation": "creategroup"},
        {"trigger": "request", "operation": "CreateGroup", "all": True},
        {"trigger": "request", "operation": "CreateGroup", "service": "management"},
        {"trigger": "request", "service": "system"},
        {"trigger": "request", "service": "protocol"},
        {"trigger": "request", "operation": "CheckOrigin"},
        {"trigger": "request", "operation": "SetExecution"},
        {"trigger": "response", "operation": "DeleteTarget"},
        {"trigger": "request", "event_type": "group.added"},
        {"trigger": "event", "operation": "CreateGroup"},
        {"trigger": "event", "event_type": "group"},
        {"trigger": "event", "event_type": "no.such.event"},
        {"trigger": "event", "event_family": "group.added"},
        {"trigger": "event", "event_family": "grou"},
        {"trigger": "function", "all": True},
        {"trigger": "function", "function": "no_such_function"},
    ],
)
def test_condition_that_is_never_met_is_refused(condition: dict[str, object]) -> None:
    """Names are those of this program; one thing is selected, of a kind that fits; nobody locks themselves out."""
    WORLD.as_(ROOT).when(setting(**condition)).refused(InvalidInput)


def test_targets_are_there() -> None:
    """All of them, and one at least."""
    WORLD.when(setting("id-1", "nowhere", trigger="event", all=True)).refused(NotFound)
    for target_ids in ((), tuple(f"id-{number}" for number in range(21))):
        with pytest.raises(ValueError, match="target_ids"):
            SetExecution(condition=ExecutionCondition(trigger=Trigger.EVENT, all=True), target_ids=target_ids)


def test_execution_is_taken_back() -> None:
    """Nothing is called then; it can be set again."""
    world = WORLD.when(setting(trigger="event", all=True)).world
    delete = DeleteExecution(execution_id="event.all")
    outcome = world.as_(ROOT).when(delete)
    outcome.then(EXECUTION.append("event.all", ExecutionRemoved()))
    outcome.world.when(delete).refused(NotFound)
    outcome.world.when(GetExecution(execution_id="event.all")).refused(NotFound)
    assert outcome.world.when(setting(trigger="event", all=True)).changes
    world.when(delete.model_copy(update={"expected_version": 3})).refused(VersionConflict)


def test_executions_are_the_instances() -> None:
    """Whoever owns it sets them, its viewers read them, and nobody else; in another there are none."""
    world = WORLD.when(setting(trigger="event", all=True)).world
    change, delete, read = setting(trigger="event", all=True), DeleteExecution(execution_id="event.all"), Empty()
    for request in (change, delete):
        world.as_(VIEWER).when(request).refused(PermissionDenied)
        world.as_(OWNER).when(request).refused(NotFound if request is delete else PermissionDenied)
    assert world.as_(VIEWER).when(GetExecution(execution_id="event.all")).result.target_ids == ("id-1",)
    for stranger in (OWNER, NOBODY):
        world.as_(stranger).when(GetExecution(execution_id="event.all")).refused(PermissionDenied)
        world.as_(stranger).when(ListExecutions()).refused(PermissionDenied)
        world.as_(stranger).when(ListExecutionMethods()).refused(PermissionDenied)
        for name in ("ListExecutionEvents", "ListExecutionFunctions"):
            world.as_(stranger).when(read, operation=name).refused(PermissionDenied)
    elsewhere = world.within("elsewhere")
    assert elsewhere.when(ListExecutions()).result.executions == ()
    elsewhere.when(delete).refused(NotFound)
    elsewhere.when(change).refused(NotFound)


def test_list_filters_and_sorts() -> None:
    """By when, by name and by target."""
    world = WORLD.when(setting("id-2", trigger="event", all=True)).world
    world = world.when(setting(trigger="request", operation="CreateGroup")).world

    def places(**fields: object) -> list[str]:
        page = world.when(ListExecutions.model_validate(fields)).result
        return [one.execution_id for one in page.executions]

    assert places() == ["event.all", "request.operation.CreateGroup"]
    assert places(sort="name", descending=True) == ["request.operation.CreateGroup", "event.all"]
    assert places(trigger="event") == ["event.all"]
    assert places(name="group") == ["request.operation.CreateGroup"]
    assert places(target_id="id-2") == ["event.all"]
    assert world.when(ListExecutions(count=True, limit=1)).result.total == 2


def test_what_can_be_named_is_listed() -> None:
    """Each of what the lists tell is accepted, plugins' operations among it, and none of the APIs of all instances."""
    methods = WORLD.as_(ROOT).when(ListExecutionMethods()).result.methods
    told = {one.name: one for one in methods}
    assert told["StartPluginWork"].summary == "Do something that only a plugin does."
    known = KIT.registry.operations
    own = {name for name, slice_ in KIT.registry.slice_of.items() if slice_ in NEVER}
    assert own
    assert told.keys().isdisjoint(own)
    assert {known[name].api for name in told} == {ApiName.AUTH, ApiName.MANAGEMENT, ApiName.ADMIN}
    assert {one.service for one in WORLD.when(ListExecutionMethods(service="auth")).result.methods} == {"auth"}
    for name in told:
        assert WORLD.when(setting(trigger="request", operation=name)).changes
    events = WORLD.when(Empty(), operation="ListExecutionEvents").result.events
    assert {one.event_type for one in events} == KIT.registry.events.keys()
    functions = WORLD.when(Empty(), operation="ListExecutionFunctions").result.functions
    assert [one.name for one in functions] == [*FUNCTIONS]
    for one in functions:
        assert WORLD.when(setting(trigger="function", function=one.name)).changes
