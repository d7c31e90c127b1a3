"""Nobody reaches what belongs to another instance or organization: tried with every operation there is.

Each operation is called with somebody else's ids and tokens, and then with ones that exist nowhere: the two answers are
the same, so nothing is revealed, and the logs are as they were, so nothing is changed.
"""

from collections.abc import AsyncIterator, Iterable

import pytest

from hexkeep.core.history.search import EventPage
from hexkeep.core.kernel.errors import HexkeepError, InvalidInput, NotFound, PermissionDenied, Unauthenticated
from hexkeep.core.kernel.operation import AnyOperation, Message
from hexkeep.core.kernel.permission import AUTHENTICATED, PUBLIC
from hexkeep.core.slices import SLICES
from hexkeep.ports.api import Anonymous, Bearer, Credentials, Meta
from tests.unit.core.probes import ALSO, Probe, is_elsewhere, probes
from tests.unit.core.tenants import Land, Party, Tenant, land, nowhere

OPERATIONS = tuple(operation for one in SLICES for operation in one.operations)
GRANTING = "CreateProjectGrant"
"""Names another organization on purpose; what it gives away is the granter's own."""
CLOSED = tuple(operation for operation in OPERATIONS if operation.permission != PUBLIC)


@pytest.fixture
async def here() -> AsyncIterator[Land]:
    """Two instances with everything in each."""
    async with land() as made:
        yield made


class Caller:
    """Somebody with credentials, calling one instance."""

    def __init__(self, here: Land, tenant: Tenant, credentials: Credentials, knows: str = "") -> None:
        self._land, self._instance, self._credentials = here, tenant.id, credentials
        self._knows = knows
        self._named: set[str] = set()
        """What this caller has named itself in any call: of that its own log may tell again."""

    async def outcome(self, probe: Probe, own: Party, foreign: Party) -> Message | HexkeepError:
        """What comes of a probe; never a failure of ours."""
        self._land.count += 1
        fields = probe.fields(own, foreign, self._land.count)
        meta = Meta(instance=self._instance)
        try:
            answer = await self._land.iam.call_json(probe.operation, fields, self._credentials, meta)
        except HexkeepError as error:
            return error
        return answer.output

    async def says(self, probe: Probe, own: Party, foreign: Party) -> str:
        """The answer to a probe as text; of a change only that it was made."""
        outcome = await self.outcome(probe, own, foreign)
        self._named |= {mark for mark in foreign.marks if mark in repr(probe.fields(own, foreign, 0))}
        if isinstance(outcome, HexkeepError):
            assert outcome.status < 500, f"{probe} failed: {outcome.code} {outcome.message}"
            return f"{outcome.code}: {outcome.message} {dict(outcome.details)} {getattr(outcome, 'violations', '')}"
        shown, said = outcome.model_dump_json(), repr(probe.fields(own, foreign, 0))
        excused = self._named if isinstance(outcome, EventPage) else set()
        leaked = [mark for mark in foreign.marks - {self._knows} - excused if mark in shown and mark not in said]
        assert leaked == [], f"{probe} shows {leaked}"
        return "done" if probe.operation.writes else shown

    async def refusal(self, probe: Probe, own: Party, foreign: Party) -> type[Message | HexkeepError]:
        """The class of the error that a probe is answered with."""
        return type(await self.outcome(probe, own, foreign))


async def everything(here: Land) -> dict[str, tuple[int, ...]]:
    """How much is in all logs."""
    return {instance: await here.heads(instance) for instance in ("system", *(one.id for one in here.tenants))}


async def insist_on_nothing_revealed(
    caller: Caller, operations: Iterable[AnyOperation], own: Party, foreign: Party
) -> None:
    """Call every operation in every way: what somebody else's things are answered with, things that are not are."""
    absent = nowhere(foreign)
    for operation in operations:
        answers = set()
        for probe in probes(operation, own):
            if not probe.foreign and operation.writes:
                continue
            said = await caller.says(probe, own, foreign)
            answers.add(said.partition(":")[0])
            if probe.foreign:
                assert said == await caller.says(probe, own, absent), f"{probe} tells what exists"
        assert answers != {InvalidInput.code}, f"{operation.name}: no probe has a valid input"


def test_every_operation_can_be_probed() -> None:
    """Whoever adds an operation whose input cannot be made here is told so by this test."""
    named = ["instance_id", "organization_id", "user_id", "login_name", "project_id", "client_id", "authorization_id"]
    named += ["group_id", "project_grant_id", "provider_id"]
    named += ["key_id", "session_id", "session_token", "access_token", "auth_request_id", "delivery_id", "token_id"]
    named += ["passkey_id", "request_id", "grant_id"]
    named += ["identity_provider_id", "identity_provider_link_id", "target_id", "execution_id"]
    named += ["authorization_details_type_id"]
    no_params: tuple[dict[str, str], ...] = ({},)
    raw = {operation.name: no_params for operation in OPERATIONS if "params" in operation.input.model_fields}
    party = Party({name: (f"a-{name}",) for name in named}, raw)
    for operation in OPERATIONS:
        made = [probe.fields(party, party, 1) for probe in probes(operation, party)]
        assert made
        assert any(set(operation.input.model_fields) >= set(fields) for fields in made)
        naming = {name for name in operation.input.model_fields if name.endswith(("_id", "_token"))} - {"scope_id"}
        naming = {name for name in naming if not is_elsewhere(operation, name)}
        assert naming <= party.known.keys() | ALSO.keys(), (
            f"{operation.name}: tests/unit/core/tenants.py does not know {naming}"
        )


async def test_no_credential_is_worth_anything_in_another_instance(here: Land) -> None:
    """Whatever is called there, and however good the credential is at home, nobody is known by it."""
    north, south = here.tenants
    of_person = south.parties[0].known
    refresh = next(one["refresh_token"] for one in south.parties[0].params["ExchangeToken"] if "refresh_token" in one)
    hint = south.parties[0].params["EndOidcSession"][0]["id_token_hint"]
    before = await everything(here)
    for token in (south.admin, south.admin_access, of_person["access_token"][0], refresh, hint):
        caller = Caller(here, north, Bearer(token))
        for operation in OPERATIONS:
            probe = next(iter(probes(operation, north.parties[0])))
            assert await caller.refusal(probe, north.parties[0], north.parties[0]) is Unauthenticated, operation.name
    assert await everything(here) == before


@pytest.mark.parametrize("credential", ["admin", "admin_access", "owner", "anonymous"])
async def test_nothing_of_another_instance_is_reached_from_ones_own(here: Land, credential: str) -> None:
    """Its ids and tokens mean nothing here, alone or mixed with one's own; its logs stay as they are."""
    north, south = here.tenants
    credentials = Anonymous() if credential == "anonymous" else Bearer(getattr(south, credential))
    before = await here.heads(north.id), await here.heads("system")
    caller = Caller(here, south, credentials)
    await insist_on_nothing_revealed(caller, OPERATIONS, south.parties[0], north.parties[0])
    assert (await here.heads(north.id), await here.heads("system")) == before


async def test_nobody_does_nothing_but_what_is_public(here: Land) -> None:
    """Whoever is not signed in is told to, before anything is looked at."""
    north, _ = here.tenants
    caller = Caller(here, north, Anonymous())
    before = await everything(here)
    for operation in CLOSED:
        for probe in probes(operation, north.parties[0]):
            assert await caller.refusal(probe, north.parties[0], north.parties[1]) is Unauthenticated, operation.name
    assert await everything(here) == before


async def test_a_user_without_roles_reaches_only_what_is_their_own(here: Land) -> None:
    """Not even what is in the same organization is seen or changed, nor is it told what exists."""
    north, _ = here.tenants
    before = await everything(here)
    (organization_id,) = north.parties[0].known["organization_id"]
    caller = Caller(here, north, Bearer(north.nobody), organization_id)
    for operation in CLOSED:
        for probe in probes(operation, north.parties[0]):
            if operation.permission == AUTHENTICATED:
                continue
            refusal = await caller.refusal(probe, north.parties[0], north.parties[1])
            assert refusal in {PermissionDenied, NotFound, Unauthenticated}, f"{probe}: {refusal}"
    for party in north.parties:
        await insist_on_nothing_revealed(caller, CLOSED, party, party)
    assert await everything(here) == before


async def test_an_owner_of_one_organization_does_not_touch_another(here: Land) -> None:
    """Alone or mixed with one's own, whatever belongs to the other organization is as if it were not there."""
    north, _ = here.tenants
    before = await everything(here)
    caller = Caller(here, north, Bearer(north.owner))
    acting = [operation for operation in CLOSED if operation.name != GRANTING]
    await insist_on_nothing_revealed(caller, acting, *north.parties)
    assert await everything(here) == before


async def test_whoever_grants_to_another_organization_learns_nothing_of_it(here: Land) -> None:
    """Whether there is one or not, the grant is made."""
    north, _ = here.tenants
    caller = Caller(here, north, Bearer(north.owner))
    granting = [operation for operation in CLOSED if operation.name == GRANTING]
    await insist_on_nothing_revealed(caller, granting, *north.parties)
