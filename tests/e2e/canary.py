"""A person whose every datum is unmistakable, so that whatever is left of it anywhere can be found."""

from dataclasses import dataclass, replace

from pydantic import JsonValue

from hexkeep.bootstrap.client import Client
from hexkeep.bootstrap.embed import Embedded
from hexkeep.core.kernel.event import Event, Log, Recorded
from hexkeep.core.user.state import USER
from hexkeep.ports.api import Anonymous, Meta
from tests.waiting import until

PASSWORD = "nine nimble newts"
NAMES = {
    "user_name": "quillfeather",
    "given_name": "Quilliana",
    "family_name": "Featherstonehaugh",
    "display_name": "Quilliana of Featherstonehaugh",
    "email": "quilliana@featherstone.example",
    "nickname": "Quillfeatherling",
    "phone": "+99944123450987",
    "formatted_address": "Quillhouse, Featherlane 7, Plumestead",
    "street_address": "Featherlane 7b",
    "locality": "Plumesteadville",
    "region": "Quillshire",
    "postal_code": "QF7 9ZZQ",
    "country": "Featherlandia",
}
RENAMED = "plumerider"
ADDRESS, USER_AGENT = "198.51.100.77", "CanaryBrowser/9.7"
TRACES = (
    *NAMES.values(),
    *(value.casefold() for value in NAMES.values()),
    RENAMED,
    ADDRESS,
    USER_AGENT,
    "Quilliana",
    "quilliana",
)
"""Everything that would give the person away."""
MACHINE = "canary-importer"


@dataclass(frozen=True, slots=True)
class Canary:
    """The person, in an organization with a project, who has signed in and holds roles."""

    iam: Embedded
    manager: Client
    organization_id: str
    user_id: str
    machine_id: str
    session_id: str
    session_token: str
    authorization_id: str

    async def erase(self, user_id: str = "") -> None:
        """Ask for it, and wait until it is acknowledged."""
        chosen = user_id or self.user_id
        await self.manager.call_json("EraseUser", {"user_id": chosen})
        await until(lambda: self.erased(chosen), seconds=30)

    async def erased(self, user_id: str) -> bool:
        """Whether the erasure is acknowledged."""
        _, state = await self.iam.iam.machinery.states.load(self.manager.instance, USER, user_id)
        return state.erasure_completed

    async def events(self, log: Log) -> list[Recorded[Event]]:
        """All that happened in the instance."""
        machinery = self.iam.iam.machinery
        stored = await self.iam.program.storage.events.read_log(self.manager.instance, log, 0, 1000)
        return await machinery.codec.decode_all(self.manager.instance, log, stored)

    async def users(self) -> list[JsonValue]:
        """Everybody whom lists show."""
        listed = (await self.manager.call_json("ListUsers", {}))["users"]
        assert isinstance(listed, list)
        return listed


async def canary_in(iam: Embedded) -> Canary:
    """Let the person live a little: added, renamed, signed in from a browser, given roles."""
    manager = await iam.client()
    made = await manager.call_json("CreateOrganization", {"name": "Aviary"})
    organization = {"organization_id": str(made["organization_id"])}
    person = {**organization, **NAMES, "password": PASSWORD, "preferred_language": "en"}
    user_id = str((await manager.call_json("CreateHumanUser", person))["user_id"])
    machine = await manager.call_json("CreateMachineUser", {**organization, "user_name": MACHINE})
    await manager.call_json("GenerateClientSecret", {"user_id": machine["user_id"]})
    await manager.call_json("UpdateUserName", {"user_id": user_id, "user_name": RENAMED})
    await manager.call_json("ResendEmailCode", {"user_id": user_id})
    project = await manager.call_json("CreateProject", {**organization, "name": "Nest"})
    role = {"project_id": project["project_id"], "key": "singer", "display_name": "Singer"}
    await manager.call_json("CreateProjectRole", role)
    given: dict[str, JsonValue] = {"user_id": user_id, "project_id": project["project_id"], "roles": ["singer"]}
    authorization = await manager.call_json("CreateAuthorization", given)
    session = await _signed_in(iam, manager)
    return Canary(
        iam=iam,
        manager=manager,
        organization_id=organization["organization_id"],
        user_id=user_id,
        machine_id=str(machine["user_id"]),
        session_id=str(session["session_id"]),
        session_token=str(session["session_token"]),
        authorization_id=str(authorization["authorization_id"]),
    )


async def _signed_in(iam: Embedded, manager: Client) -> dict[str, JsonValue]:
    browser = Meta(instance=manager.instance, surface="rest", address=ADDRESS, user_agent=USER_AGENT)
    operation = iam.api.operation("CreateSession")
    fields = {"login_name": RENAMED, "password": PASSWORD}
    answer = await iam.api.call_json(operation, fields, Anonymous(), browser)
    await manager.call_json("ListSessions", {})
    made: dict[str, JsonValue] = answer.output.model_dump(mode="json")
    return made


def browser_of(canary: Canary) -> Meta:
    """Where the person calls from."""
    return replace(Meta(), instance=canary.manager.instance, address=ADDRESS, user_agent=USER_AGENT)
