import asyncio
import json
import re
import subprocess
import sys
from collections.abc import Iterable
from contextlib import aclosing, suppress
from datetime import timedelta
from pathlib import Path

import pytest
from pydantic import JsonValue, SecretStr

import hexkeep
from hexkeep.bootstrap.container import Program
from hexkeep.bootstrap.embed import Embedded
from hexkeep.bootstrap.errors import ConfigurationError
from hexkeep.bootstrap.first_run import follow_origin, made_up, set_up
from hexkeep.bootstrap.plugins import Plugins
from hexkeep.bootstrap.settings import Settings
from hexkeep.core.instance.state import SYSTEM_INSTANCE
from hexkeep.core.kernel.decision import Context, Decision, FollowUp
from hexkeep.core.kernel.errors import (
    InvalidInput,
    NotFound,
    Overloaded,
    PermissionDenied,
    StorageUnavailable,
    Unauthenticated,
)
from hexkeep.core.kernel.operation import AnyOperation, ApiName, Empty, Message, Operation
from hexkeep.core.kernel.slice import Recurring, Slice
from hexkeep.core.policy.events import PasswordComplexityPolicy
from hexkeep.core.user.passwords import accept_password
from hexkeep.ports.api import Anonymous
from hexkeep.ports.hooks import hookimpl
from tests.waiting import until


def settings_with(**tree: object) -> Settings:
    """Settings on the memory storage unless told otherwise."""
    return Settings.model_validate({"storage": {"adapter": "memory"}, **tree})


async def users_of(iam: Embedded) -> list[JsonValue]:
    """The users of the default instance."""
    answer = await (await iam.client()).call_json("ListUsers", {})
    users = answer["users"]
    assert isinstance(users, list)
    return users


async def test_empty_storage_is_set_up_once() -> None:
    """The first opening makes an instance with an administrator; the second finds it."""
    settings = Settings()
    async with hexkeep.open(settings) as iam:
        assert iam.first_run is not None
        assert iam.first_run.origin == "http://localhost:8080"
        assert len(await users_of(iam)) == 1
    async with hexkeep.open(settings) as iam:
        assert iam.first_run is None
        assert len(await users_of(iam)) == 1


async def test_first_run_shows_a_generated_password_and_hides_a_configured_one() -> None:
    """A random password is told once and never in a representation; a configured one is not told."""
    async with hexkeep.open(settings_with()) as iam:
        assert iam.first_run is not None
        assert re.fullmatch("([A-Z][0-9][a-z][0-9]-){6}[A-Z][0-9][a-z][0-9]", iam.first_run.password)
        assert iam.first_run.password not in repr(iam.first_run)
    async with hexkeep.open(settings_with(setup={"password": SecretStr("a long enough one")})) as iam:
        assert iam.first_run is not None
        assert iam.first_run.password == ""


def test_password_that_is_made_up_is_one_under_every_policy() -> None:
    """Whatever kinds of characters are asked for; it spells nobody's name, for no two letters are side by side."""
    everything = PasswordComplexityPolicy(min_length=34, upper=True, lower=True, digit=True, symbol=True)
    assert accept_password(made_up(), policy=everything)
    assert made_up() != made_up()


async def test_setup_settings_name_the_administrator() -> None:
    """Organization and administrator are called as configured."""
    names = {"user_name": "ada", "given_name": "Ada", "family_name": "Lovelace", "organization": "Engines"}
    async with hexkeep.open(settings_with(setup=names)) as iam:
        [user] = await users_of(iam)
        assert isinstance(user, dict)
        assert (user["user_name"], user["display_name"], user["email"]) == ("ada", "Ada Lovelace", "ada@localhost")


async def test_engine_settings_bound_the_engine() -> None:
    """`engine.queue` writes may wait for the storage; those beyond are refused as overloaded, later ones are not."""
    async with hexkeep.open(settings_with(engine={"queue": 1, "batch": 1, "cached_states": 1})) as iam:
        client = await iam.client()
        calls = (client.call_json("CreateOrganization", {"name": f"Engines {number}"}) for number in range(8))
        answers = await asyncio.gather(*calls, return_exceptions=True)
        assert {type(one) for one in answers} == {dict, Overloaded}

        async def accepted() -> bool:  # the one place in the line may just be that of the engine's own work
            with suppress(Overloaded):
                return bool(await client.call_json("CreateOrganization", {"name": "Engines again"}))
            return False

        await until(accepted)


@pytest.mark.parametrize(
    ("tree", "setting"),
    [
        ({"setup": {"email": "nobody"}}, "setup.email"),
        ({"setup": {"user_name": "a\tb"}}, "setup.user_name"),
        ({"server": {"public_url": "http://id.example.com"}}, "server.public_url"),
        ({"setup": {"password": "short"}}, "password"),
    ],
)
async def test_unfit_setup_settings_are_named(tree: dict[str, object], setting: str) -> None:
    """What the first instance cannot be made of is told by the setting's name, without its value."""
    with pytest.raises(ConfigurationError) as caught:
        async with hexkeep.open(settings_with(**tree)):
            pass
    assert setting in str(caught.value)


async def test_client_reads_what_it_wrote() -> None:
    """Lists are at least as new as the writes of the same client, without anybody waiting."""
    async with hexkeep.open(settings_with()) as iam:
        client = await iam.client()
        for number in range(20):
            created = await client.call_json("CreateOrganization", {"name": f"Organization {number}"})
            listed = await client.call_json("ListOrganizations", {})
            assert str(created["organization_id"]) in str(listed)


async def test_other_hosts_are_nobodys() -> None:
    """A client of an unknown instance finds nothing."""
    async with hexkeep.open(settings_with()) as iam:
        with pytest.raises(NotFound):
            await (await iam.client(instance="unknown")).call_json("ListUsers", {})


async def test_callers_other_than_the_system_have_no_rights_by_themselves() -> None:
    """Whoever embeds Hexkeep chooses on whose behalf it calls."""
    async with hexkeep.open(settings_with()) as iam:
        client = await iam.client(Anonymous())
        with pytest.raises((PermissionDenied, Unauthenticated)):
            await client.call_json("ListUsers", {})


async def test_readiness_follows_the_storage() -> None:
    """Each adapter answers for itself; a closed one is not ready."""
    async with hexkeep.open(settings_with()) as iam:
        assert await iam.ready() == {"storage": True, "projections": True}
        await iam.program.storage.close()
        assert (await iam.ready())["storage"] is False


async def test_everything_is_closed_in_the_end() -> None:
    """After the block nothing answers any more, whatever was raised inside."""
    with pytest.raises(ZeroDivisionError):
        async with hexkeep.open(settings_with()) as iam:
            raise ZeroDivisionError
    with pytest.raises(StorageUnavailable):
        await iam.program.storage.ping()


def test_wrong_configuration_opens_nothing() -> None:
    """Settings that do not fit are refused before a file is made."""
    with pytest.raises(ConfigurationError, match="there is no adapter oracle"):
        Program(Settings.model_validate({"storage": {"adapter": "oracle"}}), Plugins.load())
    assert list(Path().iterdir()) == []


async def test_origin_of_this_machine_follows_the_port() -> None:
    """Serving on another port of localhost changes the issuer by itself, and says so."""
    async with hexkeep.open(settings_with()) as iam:
        assert await follow_origin(iam.iam, iam.program.settings) == ""
        moved = settings_with(server={"port": 9000})
        assert "now http://localhost:9000" in await follow_origin(iam.iam, moved)
        assert (await iam.api.instance("localhost")).origin == "http://localhost:9000"


async def test_public_origin_never_changes_by_itself() -> None:
    """An issuer that others may rely on is changed by hand; the command is named."""
    async with hexkeep.open(settings_with(server={"public_url": "https://id.example.com"})) as iam:
        wanted = settings_with(server={"public_url": "https://id.example.com:8443"})
        assert "hexkeep call SetInstanceOrigin" in await follow_origin(iam.iam, wanted)
        assert (await iam.api.instance("id.example.com")).origin == "https://id.example.com"
        elsewhere = settings_with(server={"public_url": "https://other.example.com"})
        assert "hexkeep call AddInstanceHost" in await follow_origin(iam.iam, elsewhere)


async def test_second_node_does_not_set_up_again() -> None:
    """Whoever comes second finds the first one's instance."""
    async with hexkeep.open(settings_with()) as iam:
        assert await set_up(iam.iam, iam.program.storage.events, iam.program.settings) is None


async def test_projections_tell_how_far_they_are() -> None:
    """Each projection is listed for each instance with position, head and lag."""
    async with hexkeep.open(settings_with()) as iam:
        client = await iam.client()
        await client.call_json("CreateOrganization", {"name": "One more"})
        await client.call_json("ListOrganizations", {})
        found = await iam.iam.machinery.maintenance.status()
    [own] = [one for one in found if one.consumer == "organizations" and one.instance != SYSTEM_INSTANCE]
    assert (own.position, own.lag, own.parked) == (own.head, 0, 0)
    assert {one.consumer for one in found} >= {"users", "projects", "instances"}


class Greeting(Message):
    """Asks to be greeted."""

    name: str


def greet(request: Greeting, ctx: Context) -> Decision[Greeting]:
    """Greet somebody."""
    ctx.authorize()
    return Decision(Greeting(name=f"Hello {request.name}"))


GREET: Operation[Greeting, Greeting] = Operation(
    name="Greet",
    api=ApiName.ADMIN,
    input=Greeting,
    output=Greeting,
    permission="greeting.read",
    handle=greet,
    writes=False,
)


class Greeter:
    """A plugin with one slice."""

    @hookimpl
    def hexkeep_slices(self) -> Iterable[Slice]:
        """The slice."""
        return (Slice("greeting", operations=(GREET,)),)


async def test_plugins_operations_are_offered() -> None:
    """A plugin handed over in code brings an operation that is called like any other."""
    async with hexkeep.open(settings_with(), plugins=[Greeter()]) as iam:
        client = await iam.client()
        assert await client.call_json("Greet", {"name": "you"}) == {"name": "Hello you"}
        assert (await client.call(GREET, Greeting(name="me"))).name == "Hello me"


class Taken:
    """A plugin whose operation has a name that is taken."""

    @hookimpl
    def hexkeep_operations(self) -> Iterable[AnyOperation]:
        """One that exists."""
        return (Operation("ListUsers", ApiName.ADMIN, Empty, Empty, "x", lambda _, __: Decision(Empty())),)


def test_slices_that_do_not_fit_are_named() -> None:
    """Two operations of one name stop the start with a sentence, not with a traceback."""
    with pytest.raises(ConfigurationError, match="two operations are called ListUsers"):
        Program(settings_with(), Plugins.load(extra=[Taken()]))


def test_adapters_that_are_not_chosen_stay_out() -> None:
    """Building a program on one storage does not import another."""
    script = (
        "import sys; from hexkeep.bootstrap.container import Program; from hexkeep.bootstrap.plugins import Plugins; "
        "from hexkeep.bootstrap.settings import Settings; "
        "Program(Settings.model_validate({'storage': {'adapter': 'memory'}}), Plugins.load()).storage; "
        "print([name for name in ('psycopg', 'sqlite3', 'hexkeep.adapters.sqlite', 'litestar') if name in sys.modules])"
    )
    run = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "[]"


async def test_a_program_follows_events_as_they_come() -> None:
    """``async for``, typed or by name; who leaves leaves nothing open."""
    async with hexkeep.open(settings_with()) as iam:
        client = await iam.client()
        watch = iam.api.operation("WatchEvents")
        organization = {"name": "Followed"}
        async with aclosing(client.stream_json("WatchEvents", {})) as pages:
            assert (await anext(pages))["events"] == []
            await client.call_json("CreateOrganization", {**organization})
            async with asyncio.timeout(5):
                events = (await anext(pages))["events"]
            assert "organization.added" in json.dumps(events)
        async with aclosing(client.stream(watch, watch.input(since="2020-01-01T00:00:00Z"))) as batches:
            async for batch in batches:
                assert batch.model_dump()["events"]
                break
        assert iam.iam.machinery.streams.open == 0
        with pytest.raises(InvalidInput, match="no stream"):
            await anext(client.stream_json("ListUsers", {}))


async def test_what_is_called_again_and_again_may_have_others_called() -> None:
    """What follows a recurring operation's decision is called as the system, in the same instance."""
    said: list[str] = []

    class Said(Message):
        text: str

    def remind(_: Empty, ctx: Context) -> Decision[Empty]:
        """Have it said."""
        ctx.authorize()
        return Decision(Empty(), then=(FollowUp("Say", {"text": ctx.instance}),))

    def say(request: Said, ctx: Context) -> Decision[Empty]:
        """Say it."""
        ctx.authorize()
        said.append(f"{request.text} {ctx.instance}")
        return Decision(Empty())

    class Reminder:
        @hookimpl
        def hexkeep_slices(self) -> Iterable[Slice]:
            """Two operations, one of which is called all the time."""
            operations = (
                Operation("Remind", ApiName.PROTOCOL, Empty, Empty, "reminder.write", remind),
                Operation("Say", ApiName.PROTOCOL, Said, Empty, "reminder.write", say),
            )
            often = Recurring("reminder", timedelta(milliseconds=10), "Remind", Empty())
            return [Slice("reminder", operations=operations, recurring=(often,))]

    async def heard() -> bool:
        return bool(said)

    async with hexkeep.open(settings_with(), plugins=[Reminder()]):
        await until(heard)
    told, instance = said[0].split(" ")
    assert told == instance != SYSTEM_INSTANCE
