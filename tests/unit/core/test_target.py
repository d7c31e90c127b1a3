from datetime import timedelta

import pytest
from pydantic import ValidationError

from hexkeep.core.execution import SLICE as EXECUTIONS
from hexkeep.core.execution.events import ExecutionRemoved, ExecutionSet, Selector, Trigger
from hexkeep.core.execution.state import EXECUTION
from hexkeep.core.kernel.errors import (
    AlreadyExists,
    FailedPrecondition,
    InvalidInput,
    NotFound,
    PermissionDenied,
    VersionConflict,
)
from hexkeep.core.kernel.unique import Claim, Release
from hexkeep.core.target import SLICE
from hexkeep.core.target.commands import CreateTarget, DeleteTarget, RegenerateTargetSigningKey, UpdateTarget
from hexkeep.core.target.events import (
    TargetAdded,
    TargetChanged,
    TargetKind,
    TargetRemoved,
    TargetSigningKeyRegenerated,
)
from hexkeep.core.target.queries import GetTarget, ListTargets, TargetSort
from hexkeep.core.target.state import TARGET, target_name_key
from hexkeep.testing.decisions import Kit
from tests.unit.core.worlds import NOBODY, SLICES, caller

URL = "https://hooks.example.net/hexkeep"
WORLD = Kit(*SLICES, SLICE, EXECUTIONS).given()
ROOT, VIEWER, OWNER = caller("INSTANCE_OWNER"), caller("INSTANCE_VIEWER"), caller("ORGANIZATION_OWNER", "acme")
CREATE = CreateTarget(name="Hook", kind=TargetKind.WEBHOOK, url=URL)
MADE = WORLD.when(CREATE).world
FIELDS = {"kind": TargetKind.WEBHOOK, "url": URL, "timeout": timedelta(seconds=10), "interrupt_on_error": False}
REF = TARGET.ref("id-1")


def changed(**fields: object) -> TargetChanged:
    """The event behind a change of the target."""
    return TargetChanged.model_validate({**FIELDS, **fields})


def test_target_gets_a_key_that_is_shown_once() -> None:
    """The key is in the answer and in the sealed field, and nothing shows it again."""
    outcome = WORLD.as_(ROOT).when(CREATE)
    event = TargetAdded.model_validate({**FIELDS, "name": "Hook", "signing_key": "secret-1"})
    outcome.then(TARGET.append("id-1", event), Claim(target_name_key("Hook"), REF))
    assert outcome.result.signing_key == "secret-1"
    assert "secret-1" not in repr(outcome.result)
    assert "secret-1" not in repr(outcome.changes)
    view = outcome.world.when(GetTarget(target_id="id-1")).result
    assert (view.url, view.timeout, view.version) == (URL, timedelta(seconds=10), 1)
    shown = view.model_dump_json() + outcome.world.when(ListTargets()).result.model_dump_json()
    assert "secret-1" not in shown + repr(outcome.world.history("main"))


@pytest.mark.parametrize(
    "url",
    [
        "http://hooks.example.net",
        "http://localhost/x",
        "https://localhost/x",
        "https://app.localhost/x",
        "https://127.0.0.1/x",
        "https://10.1.2.3/x",
        "https://169.254.169.254/latest/meta-data",
        "https://[::1]/x",
        "https://[fd00::1]/x",
        "https://[::ffff:127.0.0.1]/x",
        "https://2130706433/x",
        "https://0x7f.0.0.1/x",
        "https://127.1/x",
        "https://user:pass@hooks.example.net/x",
        "https://hooks.example.net/x#fragment",
        "https://hooks.example.net:99999/x",
        "https://hooks.example.net\\@127.0.0.1/x",
        "https://hooks.example.net/ x",
        "file:///etc/passwd",
        "hooks.example.net",
        "",
        "https://hooks.example.net/" + "x" * 2000,
    ],
)
def test_url_leads_to_a_public_server(url: str) -> None:
    """However an address is written; names are judged when they are connected to."""
    with pytest.raises(ValidationError):
        CreateTarget(name="Hook", kind=TargetKind.WEBHOOK, url=url)
    with pytest.raises(ValidationError):
        UpdateTarget(target_id="id-1", url=url)


def test_public_addresses_and_names_are_accepted() -> None:
    """With a port and a query."""
    for url in ("https://1.1.1.1/x", "https://[2606:4700::1]:8443/x", "https://hooks.example.net:8443/x?y=1&z=%20"):
        assert WORLD.when(CREATE.model_copy(update={"url": url})).changes


def test_timeouts_are_bounded() -> None:
    """A target holds up what is going on, so not for long."""
    for milliseconds in (99, 30_001):
        with pytest.raises(ValidationError):
            CreateTarget(name="H", kind=TargetKind.CALL, url=URL, timeout=timedelta(milliseconds=milliseconds))


def test_kind_makes_sense() -> None:
    """One is chosen, and what is not waited for interrupts nothing."""
    WORLD.when(CREATE.model_copy(update={"kind": TargetKind.UNSPECIFIED})).refused(InvalidInput)
    careless = CREATE.model_copy(update={"kind": TargetKind.ASYNC, "interrupt_on_error": True})
    WORLD.when(careless).refused(InvalidInput)
    MADE.when(UpdateTarget(target_id="id-1", kind=TargetKind.UNSPECIFIED)).refused(InvalidInput)
    both = UpdateTarget(target_id="id-1", kind=TargetKind.ASYNC, interrupt_on_error=True)
    MADE.when(both).refused(InvalidInput)


def test_names_are_unique() -> None:
    """Whatever their case; a removed target's is free."""
    MADE.when(CREATE.model_copy(update={"name": "HOOK"})).refused(AlreadyExists)
    assert MADE.when(DeleteTarget(target_id="id-1")).world.when(CREATE).changes


def test_update_changes_what_is_given_and_never_the_key() -> None:
    """One event, none when nothing changes; another name is claimed."""
    outcome = MADE.when(UpdateTarget(target_id="id-1", name="New", interrupt_on_error=True))
    outcome.then(
        TARGET.append("id-1", changed(name="New", interrupt_on_error=True)),
        Release(target_name_key("Hook"), REF),
        Claim(target_name_key("New"), REF),
    )
    assert outcome.world.history("main").state(TARGET, "id-1").signing_key == "secret-1"
    outcome.world.when(UpdateTarget(target_id="id-1", name="New")).then()
    cased = MADE.when(UpdateTarget(target_id="id-1", name="HOOK"))
    cased.then(TARGET.append("id-1", changed(name="HOOK")))
    masked = UpdateTarget(target_id="id-1", update_mask="interrupt_on_error")
    outcome.world.when(masked).then(TARGET.append("id-1", changed(name="New")))
    MADE.when(UpdateTarget(target_id="id-1", update_mask="url")).refused(InvalidInput)
    MADE.when(UpdateTarget(target_id="id-1", name="x", expected_version=2)).refused(VersionConflict)


def test_key_is_regenerated() -> None:
    """The new one is shown once, and the version tells that something changed."""
    outcome = MADE.as_(ROOT).when(RegenerateTargetSigningKey(target_id="id-1"))
    outcome.then(TARGET.append("id-1", TargetSigningKeyRegenerated(signing_key="secret-2")))
    assert outcome.result.signing_key == "secret-2"
    assert outcome.world.history("main").state(TARGET, "id-1").signing_key == "secret-2"
    assert outcome.world.when(GetTarget(target_id="id-1")).result.version == 2
    stale = RegenerateTargetSigningKey(target_id="id-1", expected_version=1)
    outcome.world.when(stale).refused(VersionConflict)


def test_target_that_an_execution_names_is_not_removed() -> None:
    """Once the execution is taken back it is."""
    named = ExecutionSet(trigger=Trigger.EVENT, selector=Selector.ALL, name="", target_ids=("id-1",))
    world = MADE.given(EXECUTION.append("event.all", named))
    error = world.when(DeleteTarget(target_id="id-1")).refused(FailedPrecondition)
    assert error.details["execution_id"] == "event.all"
    free = world.given(EXECUTION.append("event.all", ExecutionRemoved()))
    outcome = free.when(DeleteTarget(target_id="id-1"))
    outcome.then(TARGET.append("id-1", TargetRemoved()), Release(target_name_key("Hook"), REF))
    for gone in (GetTarget(target_id="id-1"), UpdateTarget(target_id="id-1", name="x")):
        outcome.world.when(gone).refused(NotFound)
    assert not outcome.world.history("main").state(TARGET, "id-1").signing_key
    MADE.when(DeleteTarget(target_id="id-1", expected_version=5)).refused(VersionConflict)


def test_targets_are_the_instances() -> None:
    """Whoever owns it changes them, its viewers read them, and nobody else; in another there are none."""
    assert MADE.as_(VIEWER).when(GetTarget(target_id="id-1")).result.name == "Hook"
    requests = (
        CREATE,
        UpdateTarget(target_id="id-1", name="x"),
        RegenerateTargetSigningKey(target_id="id-1"),
        DeleteTarget(target_id="id-1"),
    )
    for request in requests:
        MADE.as_(VIEWER).when(request).refused(PermissionDenied)
        MADE.as_(OWNER).when(request).refused(PermissionDenied if request is CREATE else NotFound)
    for stranger in (OWNER, NOBODY):
        MADE.as_(stranger).when(GetTarget(target_id="id-1")).refused(PermissionDenied)
        MADE.as_(stranger).when(ListTargets()).refused(PermissionDenied)
    elsewhere = MADE.within("elsewhere")
    assert elsewhere.when(ListTargets()).result.targets == ()
    for request in requests[1:]:
        elsewhere.when(request).refused(NotFound)


def test_list_filters_and_sorts() -> None:
    """By part of the name and by kind."""
    world = MADE.when(CREATE.model_copy(update={"name": "Alarm", "kind": TargetKind.ASYNC})).world

    def names(**fields: object) -> list[str]:
        return [one.name for one in world.when(ListTargets.model_validate(fields)).result.targets]

    assert names(sort=TargetSort.NAME) == ["Alarm", "Hook"]
    assert names(sort=TargetSort.NAME, descending=True) == ["Hook", "Alarm"]
    assert names(kind="async") == ["Alarm"]
    assert names(name="oo") == ["Hook"]
    assert world.when(ListTargets(count=True, limit=1)).result.total == 2
