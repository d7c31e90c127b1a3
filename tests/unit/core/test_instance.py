import pytest
from pydantic import ValidationError

from hexkeep.core.instance import SLICE
from hexkeep.core.instance.adoption import AdoptInstance
from hexkeep.core.instance.api import OPERATIONS
from hexkeep.core.instance.commands import (
    MAX_HOSTS,
    AddInstanceHost,
    DeactivateInstance,
    DeleteInstance,
    ReactivateInstance,
    RemoveInstanceHost,
    SetInstanceOrigin,
    UpdateInstance,
)
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
from hexkeep.core.instance.limits import GetInstanceLimits, RecordQuotaReached, SetInstanceLimits
from hexkeep.core.instance.queries import GetInstance, ListInstances
from hexkeep.core.instance.setup import CREATION, CreateInstance, MarkInstanceReady, SetUpInstance
from hexkeep.core.instance.state import INSTANCE, SYSTEM_INSTANCE, InstanceStatus, host_key
from hexkeep.core.kernel.errors import (
    AlreadyExists,
    FailedPrecondition,
    InvalidInput,
    NotFound,
    PermissionDenied,
    Unauthenticated,
    VersionConflict,
)
from hexkeep.core.kernel.operation import AnyOperation, ApiName, Empty, Message
from hexkeep.core.kernel.permission import ANONYMOUS, ROLES, Caller, CallerKind, Membership
from hexkeep.core.kernel.permission import INSTANCE as WHOLE_INSTANCE
from hexkeep.core.kernel.unique import Claim, Release
from hexkeep.core.key import SLICE as KEYS
from hexkeep.core.key.state import SIGNING_KEYS, SIGNING_KEYS_ID
from hexkeep.core.membership import SLICE as MEMBERSHIP
from hexkeep.core.membership.state import MEMBERSHIPS, memberships_of
from hexkeep.core.organization import SLICE as ORGANIZATIONS
from hexkeep.core.organization.state import ORGANIZATION
from hexkeep.core.setting import SLICE as SETTINGS
from hexkeep.core.user import SLICE as USERS
from hexkeep.core.user.state import USER, user_name_key
from hexkeep.testing.answers import password_hash
from hexkeep.testing.decisions import Kit, World

KIT = Kit(SLICE, KEYS, ORGANIZATIONS, USERS, MEMBERSHIP, SETTINGS)
OWNER = Caller(CallerKind.USER, user_id="u", memberships=(Membership(ROLES["INSTANCE_OWNER"], WHOLE_INSTANCE),))
PASSWORD = "four happy otters"


def creation(**changes: str) -> CreateInstance:
    """A request for an instance."""
    fields = {
        "name": "Production",
        "origin": "https://id.example.com",
        "organization_name": "Example",
        "user_name": "ada",
        "given_name": "Ada",
        "family_name": "Lovelace",
        "email": "ada@example.com",
        "password": PASSWORD,
    }
    return CreateInstance.model_validate({**fields, **changes})


def system() -> World:
    """An empty installation, called in the instance that owns all others."""
    return KIT.given().within(SYSTEM_INSTANCE)


def requested(**changes: str) -> InstanceRequested:
    """What is recorded of ``creation``."""
    event = InstanceRequested(
        name="Production",
        origin="https://id.example.com",
        host="id.example.com",
        organization_id="acme",
        organization_name="Example",
        user_id="ada",
        user_name="ada",
        given_name="Ada",
        family_name="Lovelace",
        email="ada@example.com",
        password_hash=password_hash(PASSWORD),
    )
    return event.model_copy(update=changes)


def ready(instance_id: str = "one", **changes: str) -> World:
    """An installation with one instance that is ready for use."""
    event = requested(**changes)
    history = INSTANCE.append(instance_id, event, InstanceReady())
    return system().given(history, Claim(host_key(event.host), INSTANCE.ref(instance_id)))


# --- creation ------------------------------------------------------------------------------------------------------


def test_creation_is_recorded_with_a_hash_and_claims_its_host() -> None:
    """The request holds all that the set-up needs, and of the password only the hash."""
    outcome = system().when(creation())
    event = requested(organization_id="id-1", user_id="id-2")
    outcome.then(INSTANCE.append("id-3", event), Claim(host_key("id.example.com"), INSTANCE.ref("id-3")))
    assert outcome.result.model_dump() == {"instance_id": "id-3", "organization_id": "id-1", "user_id": "id-2"}
    assert PASSWORD not in repr(outcome.changes)


def test_host_of_another_instance_is_refused() -> None:
    """A host belongs to one instance, whatever the port and the case."""
    ready().when(creation(origin="https://ID.example.com:8443")).refused(AlreadyExists)


def test_weak_password_is_refused() -> None:
    """The rules for passwords hold for the first administrator as well."""
    system().when(creation(password="short")).refused(InvalidInput)
    system().when(creation(password="lovelace forever")).refused(InvalidInput)


@pytest.mark.parametrize(
    ("given", "stored"),
    [
        ("https://ID.Example.com/", "https://id.example.com"),
        ("https://id.example.com:443", "https://id.example.com"),
        ("https://id.example.com:8443", "https://id.example.com:8443"),
        ("http://localhost:8080", "http://localhost:8080"),
        ("http://one.localhost:80", "http://one.localhost"),
        ("http://127.0.0.1:8080", "http://127.0.0.1:8080"),
        ("http://[::1]:8080", "http://[::1]:8080"),
        ("https://[2001:DB8::0001]", "https://[2001:db8::1]"),
    ],
)
def test_origin_is_kept_in_one_form(given: str, stored: str) -> None:
    """The issuer is compared byte by byte, so there is one way to write it."""
    assert creation(origin=given).origin == stored


@pytest.mark.parametrize(
    "origin",
    [
        "",
        "id.example.com",
        "http://id.example.com",
        "http://localhost.example.com",
        "ftp://id.example.com",
        "https://",
        "https://id.example.com/path",
        "https://id.example.com?",
        "https://id.example.com#",
        "https://ada@id.example.com",
        "https://id.example.com:0x50",
        "https://id.example.com:65536",
        "https://id_example.com",
        "https://-id.example.com",
        "https://id.example.com.",
        "https://bücher.example",
        "https://id.example.com\n",
        "https://id. example.com",
        "https://[::1",
        "https://" + "a." * 127 + "example",
    ],
)
def test_what_is_no_origin_is_refused(origin: str) -> None:
    """Nothing but scheme, host and port becomes an issuer, and beyond this machine only https does."""
    with pytest.raises(ValidationError):
        creation(origin=origin)


def test_creation_process_sets_up_and_then_marks_ready() -> None:
    """Driven step by step, a requested instance ends up ready, with somebody who may do everything in it."""
    world = system().when(creation()).world
    step = CREATION.next("id-3", world.history(SYSTEM_INSTANCE).state(INSTANCE, "id-3"))
    assert step is not None
    assert step.then is not None
    assert (step.instance, step.operation) == ("id-3", "SetUpInstance")
    assert (step.then.instance, step.then.operation) == (SYSTEM_INSTANCE, "MarkInstanceReady")
    world = world.within("id-3").when(step.input).world
    world = world.within(SYSTEM_INSTANCE).when(step.then.input).world
    state = world.history(SYSTEM_INSTANCE).state(INSTANCE, "id-3")
    assert state.active
    assert CREATION.next("id-3", state) is None
    _assert_set_up(world)


def _assert_set_up(world: World) -> None:
    history = world.history("id-3")
    user = history.state(USER, "id-2")
    keys = history.state(SIGNING_KEYS, SIGNING_KEYS_ID)
    held = memberships_of(history.state(MEMBERSHIPS, "id-2"), ROLES)
    assert history.state(ORGANIZATION, "id-1").name == "Example"
    assert (user.user_name, user.organization_id, user.password_hash) == ("ada", "id-1", password_hash(PASSWORD))
    assert user.active
    assert not user.email_verified
    assert history.owner(user_name_key("ADA")) == USER.ref("id-2")
    assert held == (Membership(ROLES["INSTANCE_OWNER"], WHOLE_INSTANCE),)
    assert keys.active("ES256")
    assert keys.active("RS256")


def test_set_up_is_done_once() -> None:
    """A step that was done but not recorded writes nothing when it comes again."""
    step = CREATION.next("one", INSTANCE.fold([requested()]))
    assert step is not None
    done = KIT.given().within("one").when(step.input).world
    done.when(step.input).then()
    assert isinstance(step.input, SetUpInstance)


def test_ready_is_recorded_once_and_forgets_the_hash() -> None:
    """A repeated record changes nothing, and a ready instance's state holds no administrator's data."""
    pending = system().given(INSTANCE.append("one", requested()))
    outcome = pending.when(MarkInstanceReady(instance_id="one"))
    outcome.then(INSTANCE.append("one", InstanceReady()))
    outcome.world.when(MarkInstanceReady(instance_id="one")).then()
    assert outcome.world.history(SYSTEM_INSTANCE).state(INSTANCE, "one").set_up is None


def test_instance_removed_during_its_set_up_stays_removed() -> None:
    """The process rests, and a late record does not bring the instance back."""
    gone = system().given(INSTANCE.append("one", requested(), InstanceRemoved()))
    assert CREATION.next("one", gone.history(SYSTEM_INSTANCE).state(INSTANCE, "one")) is None
    gone.when(MarkInstanceReady(instance_id="one")).then()


# --- who may -------------------------------------------------------------------------------------------------------


ONE_OF_EACH: tuple[Message, ...] = (
    creation(),
    UpdateInstance(instance_id="one", name="Other"),
    SetInstanceOrigin(instance_id="one", origin="https://other.example.com"),
    AddInstanceHost(instance_id="one", host="other.example.com"),
    RemoveInstanceHost(instance_id="one", host="id.example.com"),
    DeactivateInstance(instance_id="one"),
    ReactivateInstance(instance_id="one"),
    DeleteInstance(instance_id="one"),
    GetInstance(instance_id="one"),
    ListInstances(),
    SetUpInstance(
        organization_id="o",
        organization_name="O",
        user_id="mallory",
        user_name="mallory",
        given_name="M",
        family_name="M",
        email="m@example.com",
        password_hash="x",
    ),
    MarkInstanceReady(instance_id="one"),
    AdoptInstance(instance_id="two", name="Two", origin="https://two.example", default_organization_id="acme"),
    SetInstanceLimits(instance_id="one", calls_per_minute=60),
    GetInstanceLimits(instance_id="one"),
    RecordQuotaReached(instance_id="one", month="2026-01", percent=80),
)


@pytest.mark.parametrize("request_", ONE_OF_EACH, ids=lambda request: type(request).__name__)
def test_no_user_may_act_on_instances(request_: Message) -> None:
    """Not even a role that allows everything in an instance reaches beyond it."""
    ready().as_(OWNER).when(request_).refused(PermissionDenied)
    ready().as_(ANONYMOUS).when(request_).refused(Unauthenticated)


def test_every_operation_from_outside_was_tried() -> None:
    """The test above leaves no operation out but those that are meant for an instance's own users."""
    tried = {type(request) for request in ONE_OF_EACH}
    left: list[AnyOperation] = [operation for operation in OPERATIONS if operation.input not in tried]
    assert [(operation.name, operation.api) for operation in left] == [
        ("GetMyInstance", ApiName.ADMIN),
        ("GetMyInstanceLimits", ApiName.ADMIN),
    ]


# --- adoption ------------------------------------------------------------------------------------------------------


def adoption(**changes: object) -> AdoptInstance:
    """A request to take over an instance that was imported."""
    fields = {"instance_id": "two", "name": "Two", "origin": "https://two.example", "default_organization_id": "acme"}
    return AdoptInstance.model_validate({**fields, **changes})


def test_adopted_instance_claims_its_hosts_and_is_there_at_once() -> None:
    """The origin's host comes first and once; whether it answers is as it was where it came from."""
    outcome = ready().when(adoption(hosts=("two.example", "www.two.example")))
    hosts = ("two.example", "www.two.example")
    event = InstanceAdopted(
        name="Two", origin="https://two.example", hosts=hosts, default_organization_id="acme", active=True
    )
    ref = INSTANCE.ref("two")
    outcome.then(INSTANCE.append("two", event), *(Claim(host_key(host), ref) for host in hosts))
    adopted = outcome.world.history(SYSTEM_INSTANCE).state(INSTANCE, "two")
    assert (adopted.active, adopted.hosts, adopted.default_organization_id) == (True, hosts, "acme")
    asleep = system().when(adoption(active=False)).world.history(SYSTEM_INSTANCE).state(INSTANCE, "two")
    assert asleep.status is InstanceStatus.INACTIVE


def test_instance_that_is_here_is_not_adopted() -> None:
    """Neither one that lives here nor one that was removed; and a host has one owner."""
    ready("two").when(adoption()).refused(AlreadyExists)
    ready("two").given(INSTANCE.append("two", InstanceRemoved())).when(adoption()).refused(AlreadyExists)
    ready().when(adoption(hosts=("id.example.com",))).refused(AlreadyExists)


# --- changes -------------------------------------------------------------------------------------------------------


def test_rename_is_recorded_when_it_changes_something() -> None:
    """The same name again is no event."""
    ready().when(UpdateInstance(instance_id="one", name="Other")).then(
        INSTANCE.append("one", InstanceRenamed(name="Other"))
    )
    ready().when(UpdateInstance(instance_id="one", name="Production")).then()


def test_new_origin_claims_its_host_and_keeps_the_old_one() -> None:
    """The former host goes on answering, so that clients can find the new issuer."""
    outcome = ready().when(SetInstanceOrigin(instance_id="one", origin="https://new.example.com:8443"))
    event = InstanceOriginSet(origin="https://new.example.com:8443", host="new.example.com")
    outcome.then(INSTANCE.append("one", event), Claim(host_key("new.example.com"), INSTANCE.ref("one")))
    view = outcome.world.when(GetInstance(instance_id="one")).result
    assert (view.origin, view.hosts) == ("https://new.example.com:8443", ("new.example.com", "id.example.com"))


def test_new_origin_on_a_host_at_hand_claims_nothing() -> None:
    """Another port of the same host is the same host."""
    event = InstanceOriginSet(origin="https://id.example.com:8443", host="id.example.com")
    ready().when(SetInstanceOrigin(instance_id="one", origin="https://id.example.com:8443")).then(
        INSTANCE.append("one", event)
    )
    ready().when(SetInstanceOrigin(instance_id="one", origin="https://ID.example.com")).then()


def test_added_host_is_claimed() -> None:
    """A host is added once, and only if it is no other instance's."""
    outcome = ready().when(AddInstanceHost(instance_id="one", host="Login.example.com"))
    outcome.then(
        INSTANCE.append("one", InstanceHostAdded(host="login.example.com")),
        Claim(host_key("login.example.com"), INSTANCE.ref("one")),
    )
    outcome.world.when(AddInstanceHost(instance_id="one", host="login.example.com")).then()
    foreign = ready().given(Claim(host_key("login.example.com"), INSTANCE.ref("two")))
    foreign.when(AddInstanceHost(instance_id="one", host="login.example.com")).refused(AlreadyExists)


def test_number_of_hosts_is_bounded() -> None:
    """One more than the bound is refused."""
    more = (InstanceHostAdded(host=f"h{number}.example.com") for number in range(MAX_HOSTS - 1))
    full = ready().given(INSTANCE.append("one", *more))
    full.when(AddInstanceHost(instance_id="one", host="last.example.com")).refused(FailedPrecondition)


@pytest.mark.parametrize("host", ["", "login.example.com:443", "https://login.example.com", "*.example.com"])
def test_what_is_no_host_is_refused(host: str) -> None:
    """A host is a name or an address, without scheme, port or wildcard."""
    with pytest.raises(ValidationError):
        AddInstanceHost(instance_id="one", host=host)


def test_removed_host_is_released() -> None:
    """A host that was given up is free for others; the origin's own cannot be given up."""
    two = ready().when(AddInstanceHost(instance_id="one", host="login.example.com")).world
    two.when(RemoveInstanceHost(instance_id="one", host="login.example.com")).then(
        INSTANCE.append("one", InstanceHostRemoved(host="login.example.com")),
        Release(host_key("login.example.com"), INSTANCE.ref("one")),
    )
    two.when(RemoveInstanceHost(instance_id="one", host="id.example.com")).refused(FailedPrecondition)
    two.when(RemoveInstanceHost(instance_id="one", host="other.example.com")).refused(NotFound)


def test_deactivation_and_reactivation_alternate() -> None:
    """Each needs the state that the other leaves."""
    off = ready().when(DeactivateInstance(instance_id="one"))
    off.then(INSTANCE.append("one", InstanceDeactivated()))
    off.world.when(DeactivateInstance(instance_id="one")).refused(FailedPrecondition)
    on = off.world.when(ReactivateInstance(instance_id="one"))
    on.then(INSTANCE.append("one", InstanceReactivated()))
    on.world.when(ReactivateInstance(instance_id="one")).refused(FailedPrecondition)


def test_instance_that_is_not_ready_cannot_be_activated() -> None:
    """Nobody gets past the set-up by way of reactivation."""
    pending = system().given(INSTANCE.append("one", requested()))
    pending.when(ReactivateInstance(instance_id="one")).refused(FailedPrecondition)
    pending.when(DeactivateInstance(instance_id="one")).refused(FailedPrecondition)


def test_removed_instance_is_gone_and_its_hosts_are_free() -> None:
    """Nothing finds it any more, and another instance may take its host."""
    outcome = ready().when(DeleteInstance(instance_id="one"))
    outcome.then(INSTANCE.append("one", InstanceRemoved()), Release(host_key("id.example.com"), INSTANCE.ref("one")))
    outcome.world.when(GetInstance(instance_id="one")).refused(NotFound)
    outcome.world.when(DeleteInstance(instance_id="one")).refused(NotFound)
    assert outcome.world.when(ListInstances()).result.instances == ()
    assert outcome.world.when(creation()).result.instance_id == "id-3"


# --- reading -------------------------------------------------------------------------------------------------------


def test_list_filters_and_pages() -> None:
    """Instances are found by part of their name and by status, page by page."""
    second = INSTANCE.append("two", requested(name="Staging", origin="https://two.example.com"))
    world = ready().given(second)
    names = [one.name for one in world.when(ListInstances()).result.instances]
    assert names == ["Production", "Staging"]
    assert [one.name for one in world.when(ListInstances(name="STAG")).result.instances] == ["Staging"]
    active = world.when(ListInstances(status=InstanceStatus.ACTIVE)).result
    assert [one.instance_id for one in active.instances] == ["one"]
    first = world.when(ListInstances(limit=1)).result
    rest = world.when(ListInstances(limit=1, cursor=first.next_cursor)).result
    assert [one.instance_id for one in (*first.instances, *rest.instances)] == ["one", "two"]


def test_view_follows_every_change() -> None:
    """A row shows the present name, origin and status."""
    world = ready().when(UpdateInstance(instance_id="one", name="Other")).world
    world = world.when(SetInstanceOrigin(instance_id="one", origin="https://new.example.com")).world
    world = world.when(DeactivateInstance(instance_id="one")).world
    [row] = world.when(ListInstances()).result.instances
    assert (row.name, row.origin, row.status) == ("Other", "https://new.example.com", InstanceStatus.INACTIVE)
    [row] = world.when(ReactivateInstance(instance_id="one")).world.when(ListInstances()).result.instances
    assert row.status is InstanceStatus.ACTIVE


def test_administrator_reads_the_own_instance_from_within() -> None:
    """Who may read the instance sees its name and hosts without reaching any other."""
    own = ready("main").within("main")
    view = own.as_(OWNER).when(Empty(), "GetMyInstance").result
    assert (view.instance_id, view.name, view.hosts) == ("main", "Production", ("id.example.com",))
    own.as_(Caller(CallerKind.USER, user_id="u")).when(Empty(), "GetMyInstance").refused(PermissionDenied)
    own.within("other").when(Empty(), "GetMyInstance").refused(NotFound)


# --- limits ---------------------------------------------------------------------------------------------------------


def test_limits_are_recorded_when_they_change_something() -> None:
    """They are shown to the system, and to those who may read the instance from within."""
    asked = SetInstanceLimits(instance_id="main", calls_per_minute=60, calls_per_month=1000)
    event = InstanceLimitsSet(
        calls_per_minute=60,
        calls_per_minute_per_address=0,
        calls_per_minute_per_user=0,
        calls_per_minute_per_client=0,
        calls_per_month=1000,
        refuse_beyond_quota=True,
    )
    limited = ready("main").when(asked).then(INSTANCE.append("main", event)).world
    limited.when(asked).then()
    shown = limited.when(GetInstanceLimits(instance_id="main")).result
    assert (shown.calls_per_minute, shown.calls_per_month, shown.calls_this_month) == (60, 1000, 0)
    own = limited.within("main")
    assert own.as_(OWNER).when(Empty(), "GetMyInstanceLimits").result == shown
    own.as_(Caller(CallerKind.USER, user_id="u")).when(Empty(), "GetMyInstanceLimits").refused(PermissionDenied)
    limited.when(SetInstanceLimits(instance_id="other")).refused(NotFound)


def test_limits_may_insist_on_what_was_seen() -> None:
    """Two operators do not overwrite each other unseen."""
    asked = SetInstanceLimits(instance_id="one", calls_per_minute=60, expected_version=1)
    ready().when(asked).refused(VersionConflict)


@pytest.mark.parametrize(
    "asked",
    [
        UpdateInstance(instance_id="one", name="Other", expected_version=1),
        SetInstanceOrigin(instance_id="one", origin="https://other.example.com", expected_version=1),
        AddInstanceHost(instance_id="one", host="other.example.com", expected_version=1),
        RemoveInstanceHost(instance_id="one", host="other.example.com", expected_version=1),
        DeactivateInstance(instance_id="one", expected_version=1),
        ReactivateInstance(instance_id="one", expected_version=1),
        DeleteInstance(instance_id="one", expected_version=1),
    ],
    ids=lambda asked: type(asked).__name__,
)
def test_changes_of_instances_may_insist_on_what_was_seen(asked: Message) -> None:
    """What is shown has the version; of another nothing is changed, and nobody but the system is told of it."""
    assert ready().when(GetInstance(instance_id="one")).result.version == 2
    ready().when(asked).refused(VersionConflict)
    ready().as_(OWNER).when(asked).refused(PermissionDenied)


def test_a_share_of_a_quota_is_recorded_once_a_month() -> None:
    """The later month, or the larger share, is news."""
    world = ready()
    for month, percent in (("2026-01", 80), ("2026-01", 100), ("2026-02", 80)):
        asked = RecordQuotaReached(instance_id="one", month=month, percent=percent)
        event = InstanceQuotaReached(month=month, percent=percent)
        world = world.when(asked).then(INSTANCE.append("one", event)).world
        world.when(asked).then()
