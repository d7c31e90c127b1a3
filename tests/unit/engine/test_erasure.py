"""The work behind an erasure: retried until it is done, on whichever node, with other nodes' memory waited for."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from hexkeep.core.accesstoken.commands import CreatePersonalAccessToken
from hexkeep.core.accesstoken.state import PERSONAL_ACCESS_TOKEN
from hexkeep.core.factor.passkeys import FinishMyPasskeyRegistration, StartMyPasskeyRegistration
from hexkeep.core.factor.state import FACTORS
from hexkeep.core.idplink.commands import AddIdentityProviderLink
from hexkeep.core.idplink.state import IDENTITY_PROVIDER_LINK
from hexkeep.core.kernel.aggregate import Aggregate
from hexkeep.core.kernel.errors import StorageUnavailable
from hexkeep.core.kernel.event import Event, Log
from hexkeep.core.kernel.operation import Empty
from hexkeep.core.kernel.permission import SYSTEM, Caller, CallerKind
from hexkeep.core.machinekey.commands import CreateMachineKey
from hexkeep.core.machinekey.state import MACHINE_KEY
from hexkeep.core.organization.commands import CreateOrganization
from hexkeep.core.session.erasure import EraseActivity
from hexkeep.core.session.events import SessionCreated, SessionPasswordChecked, SubjectActivityErased
from hexkeep.core.session.state import SESSION, SUBJECT_ACTIVITY, former_subject_activity_id
from hexkeep.core.slices import SLICES
from hexkeep.core.user.commands import CreateHumanUser, CreateMachineUser
from hexkeep.core.user.erasure import EraseUser
from hexkeep.core.user.state import USER
from hexkeep.engine.assembly import Tuning
from hexkeep.engine.codec import Origin
from hexkeep.engine.erasure import BUILD, CONSUMER
from hexkeep.ports.event_store import Appended, StreamAppend, Unit
from hexkeep.ports.storage import Storage
from hexkeep.ports.tombstones import Tombstone
from hexkeep.ports.views import Advance, CheckpointKey
from tests.authenticator import Authenticator
from tests.fakes.tombstones import ListedTombstones
from tests.unit.engine.rig import FAST, INSTANCE, Rig, memory_storage, ports_of, rig_with
from tests.waiting import until


class FullDisk(ListedTombstones):
    """Cannot be written to, some times."""

    def __init__(self, failures: int) -> None:
        super().__init__()
        self._left = failures

    async def add(self, tombstone: Tombstone) -> None:
        """See the port."""
        if self._left:
            self._left -= 1
            raise StorageUnavailable("no space left on device")
        await super().add(tombstone)


def engine(storage: Storage, stones: ListedTombstones, node: str = "one") -> Rig:
    """An engine with all slices; its keys are remembered for a moment."""
    ports = replace(ports_of(storage), tombstones=stones)
    return rig_with(ports, SLICES, Tuning(node=node, rhythm=FAST, cached_keys_seconds=0.1))


@asynccontextmanager
async def running(rig: Rig) -> AsyncIterator[Rig]:
    """Started within the block."""
    await rig.machinery.start()
    try:
        yield rig
    finally:
        await rig.machinery.stop()


async def person_in(rig: Rig, user_name: str = "ada") -> str:
    """Somebody new."""
    operations = rig.machinery.registry.operations
    made, _ = await rig.run(operations["CreateOrganization"], CreateOrganization(name=f"Org {user_name}"))
    person = CreateHumanUser(
        organization_id=made.organization_id, user_name=user_name, given_name="Ada", email="ada@example.com"
    )
    added, _ = await rig.run(operations["CreateHumanUser"], person)
    user_id: str = added.user_id
    return user_id


async def session_of(rig: Rig, user_id: str) -> str:
    """A session in which somebody has just given a password."""
    session_id, now = rig.machinery.ids.new(), datetime.now(UTC)
    begun = SessionCreated(user_id=user_id, organization_id="o", token_hash="h", expires_at=now + timedelta(hours=1))
    await append(rig, SESSION, session_id, 0, begun)
    await append(rig, SESSION, session_id, 1, SessionPasswordChecked(checked_at=now))
    return session_id


async def erase(rig: Rig, user_id: str) -> None:
    """Ask for it."""
    await rig.run(rig.machinery.registry.operations["EraseUser"], EraseUser(user_id=user_id), caller=SYSTEM)


async def completed(rig: Rig, user_id: str) -> bool:
    """Whether it is acknowledged."""
    return (await rig.machinery.states.load(INSTANCE, USER, user_id))[1].erasure_completed


async def test_an_erasure_that_cannot_be_put_on_record_is_not_acknowledged() -> None:
    """It is tried again until it can; nothing is parked for that."""
    async with memory_storage() as storage, running(engine(storage, stones := FullDisk(failures=3))) as rig:
        user_id = await person_in(rig)
        await erase(rig, user_id)
        await until(lambda: completed(rig, user_id), seconds=20)
        assert {one.user_id for one in stones.kept} == {user_id}
        assert await storage.views.parked(CONSUMER, 1) == []


async def test_credentials_of_a_machine_go_with_it() -> None:
    """Its keys and tokens are deleted, not only worthless."""
    async with memory_storage() as storage, running(engine(storage, ListedTombstones())) as rig:
        operations, states = rig.machinery.registry.operations, rig.machinery.states
        made, _ = await rig.run(operations["CreateOrganization"], CreateOrganization(name="Acme"))
        robot = CreateMachineUser(organization_id=made.organization_id, user_name="robot")
        user_id = (await rig.run(operations["CreateMachineUser"], robot))[0].user_id
        token = CreatePersonalAccessToken(user_id=user_id, name="Nightly")
        token_id = (await rig.run(operations["CreatePersonalAccessToken"], token))[0].token_id
        key_id = (await rig.run(operations["CreateMachineKey"], CreateMachineKey(user_id=user_id)))[0].key_id
        await erase(rig, user_id)
        await until(lambda: completed(rig, user_id), seconds=20)
        assert not (await states.load(INSTANCE, PERSONAL_ACCESS_TOKEN, token_id))[1].exists
        assert not (await states.load(INSTANCE, MACHINE_KEY, key_id))[1].exists


async def test_factors_of_a_person_cannot_be_read_any_more() -> None:
    """Neither the secret of an app nor the name of a passkey or its key, on this node or another."""
    async with memory_storage() as storage:
        async with running(engine(storage, ListedTombstones())) as rig:
            operations, states = rig.machinery.registry.operations, rig.machinery.states
            user_id = await person_in(rig)
            own = Caller(CallerKind.USER, user_id=user_id, session_id=await session_of(rig, user_id))
            secret = (await rig.run(operations["RegisterMyTotp"], Empty(), caller=own))[0].secret
            begun, _ = await rig.run(operations["StartMyPasskeyRegistration"], StartMyPasskeyRegistration(), caller=own)
            options = json.loads(begun.options)
            key = Authenticator(rig.call().request.issuer, options["rp"]["id"])
            finish = FinishMyPasskeyRegistration(credential=key.register(begun.options), name="Blue key")
            await rig.run(operations["FinishMyPasskeyRegistration"], finish, caller=own)
            before = (await states.load(INSTANCE, FACTORS, user_id))[1]
            assert (before.totp_secret, before.passkeys[0].name) == (secret, "Blue key")
            await erase(rig, user_id)
            await until(lambda: completed(rig, user_id), seconds=20)
        async with running(engine(storage, ListedTombstones(), "two")) as other:
            after = (await other.machinery.states.load(INSTANCE, FACTORS, user_id))[1]
            [passkey] = after.passkeys
            told = (after.totp_secret, passkey.name, passkey.credential_id, passkey.public_key)
            assert told == ("", "", "", "")


async def test_another_node_ends_what_one_began() -> None:
    """The request is in the log; whoever leads next does all of it."""
    async with memory_storage() as storage:
        stones = ListedTombstones()
        async with running(engine(storage, FullDisk(failures=10_000))) as rig:
            user_id = await person_in(rig)
            await erase(rig, user_id)
        async with running(engine(storage, stones, "two")) as other:
            await until(lambda: completed(other, user_id), seconds=20)
        assert [one.user_id for one in stones.kept] == [user_id]


async def test_a_node_that_remembers_the_key_forgets_it_before_the_acknowledgement() -> None:
    """What it writes meanwhile under the remembered key is unreadable at once for all others, and soon for itself."""
    async with memory_storage() as storage:
        rig, other = engine(storage, ListedTombstones()), engine(storage, ListedTombstones(), "two")
        async with running(rig):
            user_id = await person_in(rig)
            name = f"subject/{user_id}"
            assert await other.machinery.keyring.versions(INSTANCE, name)
            await erase(rig, user_id)
            await until(lambda: completed(rig, user_id), seconds=20)
            for machinery in (rig.machinery, other.machinery):
                assert await _is_gone(machinery.keyring.versions(INSTANCE, name))


async def _is_gone(versions: object) -> bool:
    try:
        await versions  # type: ignore[misc]  # any coroutine
    except LookupError:
        return True
    return False


async def test_several_erasures_share_one_wait() -> None:
    """Or a thousand of them would take a thousand waits."""
    async with memory_storage() as storage:
        stones = ListedTombstones()
        rig = engine(storage, stones)
        people = [await person_in(rig, f"person-{number}") for number in range(20)]
        for user_id in people:
            await erase(rig, user_id)
        async with running(rig):
            for user_id in people:
                await until(lambda user_id=user_id: completed(rig, user_id), seconds=20)  # type: ignore[misc]  # bound now
        assert {one.user_id for one in stones.kept} == set(people)


async def test_nobody_waits_for_what_is_long_over() -> None:
    """A log that is read anew is not held up by each erasure in it for as long as a key may be remembered."""
    async with memory_storage() as storage:
        async with running(engine(storage, ListedTombstones())) as rig:
            user_id = await person_in(rig)
            await erase(rig, user_id)
            await until(lambda: completed(rig, user_id), seconds=20)
        key = CheckpointKey(CONSUMER, BUILD, INSTANCE, Log.DURABLE)
        read = await storage.views.checkpoint(key)
        assert await storage.views.apply(Advance(key, read.position, 0, read.epoch, ()))
        tuning = Tuning(node="two", rhythm=FAST, cached_keys_seconds=3600.0)
        async with running(rig_with(ports_of(storage), SLICES, tuning)):

            async def read_anew() -> bool:
                return (await storage.views.checkpoint(key)).position >= read.position

            await until(read_anew)


async def append(rig: Rig, aggregate: Aggregate[Any], aggregate_id: str, version: int, event: Event) -> None:
    """Write an event of the activity log past all decisions."""
    ref, use = aggregate.ref(aggregate_id), rig.machinery
    events = await use.codec.encode(INSTANCE, Log.ACTIVITY, ref, version, [event], Origin("", ""))
    unit = Unit(use.ids.new(), INSTANCE, Log.ACTIVITY, (StreamAppend(ref, version, events),))
    assert isinstance((await use.ports.events.append([unit]))[0], Appended)


async def test_erasing_goes_through_when_half_of_what_tells_of_it_lies_behind_the_horizon() -> None:
    """Former releases told of a person twice in one stream, and one that is dropped in part can be read by nobody."""
    async with memory_storage() as storage, running(engine(storage, stones := ListedTombstones())) as rig:
        user_id = await person_in(rig)
        former, told = former_subject_activity_id(user_id), SubjectActivityErased(user_id=user_id)
        for version in range(2):
            await append(rig, SUBJECT_ACTIVITY, former, version, told)
        assert await storage.events.drop(INSTANCE, 1) == 1
        await erase(rig, user_id)
        await until(lambda: completed(rig, user_id), seconds=20)
        assert [one.user_id for one in stones.kept] == [user_id]
        assert await storage.views.parked(CONSUMER, 1) == []


async def test_what_comes_to_light_of_somebody_erased_is_dropped_again_and_told_in_a_stream_of_its_own() -> None:
    """So no stream of these can be dropped in part; and without anything to drop nothing is told."""
    async with memory_storage() as storage, running(engine(storage, ListedTombstones())) as rig:
        user_id = await person_in(rig)
        erase_activity = rig.machinery.registry.operations["EraseActivity"]
        session = SessionCreated(user_id=user_id, organization_id="o", token_hash="h", expires_at=datetime.now(UTC))
        for _ in range(3):
            await append(rig, SESSION, rig.machinery.ids.new(), 0, session)
            for _ in range(2):
                await rig.run(erase_activity, EraseActivity(user_id=user_id))
        told = [one for one in await storage.events.read_log(INSTANCE, Log.ACTIVITY, 0, 20) if one.type != session.type]
        assert [one.version for one in told] == [1, 1, 1]
        assert len({one.stream for one in told}) == 3


async def test_links_of_somebody_erased_go_with_it() -> None:
    """Though the person, who is told of the end of a link otherwise, cannot be told of anything any more."""
    async with memory_storage() as storage, running(engine(storage, ListedTombstones())) as rig:
        operations = rig.machinery.registry.operations
        user_id = await person_in(rig)
        make = operations["CreateInstanceOidcIdentityProvider"]
        settings = make.input.model_validate({"name": "Ours", "issuer": "https://op.example.com", "client_id": "c"})
        place = (await rig.run(make, settings))[0].identity_provider_id
        add = AddIdentityProviderLink(user_id=user_id, identity_provider_id=place, external_id="a-1")
        link_id = (await rig.run(operations["AddIdentityProviderLink"], add))[0].identity_provider_link_id
        await erase(rig, user_id)
        await until(lambda: completed(rig, user_id), seconds=20)
        assert not (await rig.machinery.states.load(INSTANCE, IDENTITY_PROVIDER_LINK, link_id))[1].exists
