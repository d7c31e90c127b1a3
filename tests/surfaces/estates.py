"""Whose things are whose: instances and organizations with everything in them, named so that none is mistaken."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from pydantic import JsonValue

from hexkeep.core.instance.setup import CREATION
from hexkeep.core.instance.state import SYSTEM_INSTANCE
from hexkeep.core.kernel.event import Log
from hexkeep.ports.event_store import StoredEvent
from tests.surfaces.calls import KNOWN
from tests.surfaces.site import ID, PASSWORD, Site, Tenant

PICTURE = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAIAAACQd1PeAAAADElEQVR4nGP4z8AAAAMBAQDJ/pLvAAAAAElFTkSuQmCC"
"""A red point, as JSON carries it."""
ALSO = {"default_organization_id": "organization_id", "granted_organization_id": "organization_id"}
"""Fields that name what other fields name under another name."""
OWN_EACH = 4
"""Every fourth id in a made-up call is one's own: what is foreign is then reached from what is not."""


@dataclass
class Estate:
    """Everything in an instance or an organization. ``mark`` is in every name of it."""

    mark: str
    tenant: Tenant
    known: dict[str, list[str]] = field(default_factory=dict)
    """Ids by the name of the field that holds them."""

    @property
    def ids(self) -> list[str]:
        """All of them."""
        return [one for each in self.known.values() for one in each]

    def learn(self, found: Mapping[str, JsonValue]) -> None:
        """Keep every id of an answer."""
        for name, value in found.items():
            if isinstance(value, str) and name.endswith("_id") and ID.fullmatch(value):
                self.known.setdefault(name, []).append(value)

    def of(self, name: str, number: int) -> str:
        """What may stand in the field of that name."""
        fitting = self.known.get(ALSO.get(name, name)) or self.ids
        return fitting[number % len(fitting)]


async def instance(site: Site, host: str, mark: str) -> Estate:
    """A new instance with its first organization; ``root`` owns it."""
    made = await site.system(
        SYSTEM_INSTANCE,
        "CreateInstance",
        name=f"{mark} instance",
        origin=f"https://{host}",
        organization_name=f"{mark} organization",
        user_name=f"{mark}-root",
        given_name=mark,
        family_name=mark,
        email=f"root@{mark}.example.com",
        password=PASSWORD,
    )
    identifier = str(made["instance_id"])
    await site.embedded.iam.drive(CREATION.name, SYSTEM_INSTANCE, identifier)
    estate = Estate(mark, Tenant(identifier, host))
    estate.learn(made)
    await _furnish(site, estate, str(made["organization_id"]))
    estate.tenant.tokens["root"] = await site.token(estate.tenant, f"{mark}-root")
    return estate


async def organization(site: Site, inside: Tenant, mark: str) -> Estate:
    """A new organization of that instance; ``root`` owns it and nothing else."""
    estate = Estate(mark, Tenant(inside.instance, inside.host))
    made = await site.system(inside.instance, "CreateOrganization", name=f"{mark} organization")
    estate.learn(made)
    await _furnish(site, estate, str(made["organization_id"]))
    owner = await _person(site, estate, str(made["organization_id"]), "root")
    place = {"level": "organization", "scope_id": made["organization_id"]}
    await site.system(inside.instance, "CreateMembership", user_id=owner, roles=["ORGANIZATION_OWNER"], **place)
    estate.tenant.tokens["root"] = await site.token(estate.tenant, f"{mark}-root")
    return estate


async def _person(site: Site, estate: Estate, organization_id: str, name: str) -> str:
    mark = estate.mark
    made = await site.system(
        estate.tenant.instance,
        "CreateHumanUser",
        organization_id=organization_id,
        user_name=f"{mark}-{name}",
        given_name=mark,
        nickname=mark,
        street_address=mark,
        email=f"{name}@{mark}.example.com",
        password=PASSWORD,
    )
    estate.learn(made)
    return str(made["user_id"])


async def _furnish(site: Site, estate: Estate, organization_id: str) -> None:
    """One of everything that can be named."""
    mark = estate.mark

    async def make(name: str, /, **fields: object) -> dict[str, JsonValue]:
        made = await site.system(estate.tenant.instance, name, **fields)
        estate.learn(made)
        return made

    alice = await _person(site, estate, organization_id, "alice")
    robot = (await make("CreateMachineUser", organization_id=organization_id, user_name=f"{mark}-robot"))["user_id"]
    await make("CreatePersonalAccessToken", user_id=robot, name=f"{mark} token")
    await make("CreateMachineKey", user_id=robot)
    group = (await make("CreateGroup", organization_id=organization_id, name=f"{mark} group"))["group_id"]
    await make("AddGroupMembers", group_id=group, user_ids=[alice])
    project = (await make("CreateProject", organization_id=organization_id, name=f"{mark} project"))["project_id"]
    await make("CreateProjectRole", project_id=project, key="editor", display_name=f"{mark} role")
    web = {"application_type": "web", "redirect_uris": [f"https://{mark}.example.com/callback"]}
    await make("CreateOidcApplication", project_id=project, name=f"{mark} shop", **web)
    api = await make("CreateApiApplication", project_id=project, name=f"{mark} api", auth_method="private_key_jwt")
    await make("CreateApplicationKey", client_id=api["client_id"])
    await make("CreateAuthorization", user_id=alice, project_id=project, roles=["editor"])
    place = {"level": "project", "scope_id": project}
    await make("CreateMembership", user_id=alice, roles=["PROJECT_VIEWER"], **place)
    await make("SetUserAvatar", user_id=alice, content=PICTURE)
    await make("SetOrganizationAsset", organization_id=organization_id, kind="logo", content=PICTURE)
    note = {"key": f"{mark}-key", "value": "bm90ZQ=="}
    await make("SetUserMetadata", user_id=alice, **note)
    await make("SetProjectMetadata", project_id=project, **note)
    await make("SetOrganizationMetadata", organization_id=organization_id, **note)
    await make("AddOrganizationDomain", organization_id=organization_id, domain=f"{mark}.example.com")
    await make("SetPrivacyPolicy", organization_id=organization_id, help_link=f"https://{mark}.example.com/help")
    texts = {"page.login.title": f"{mark} title"}
    await make("SetCustomTexts", organization_id=organization_id, language="en", texts=texts)
    estate.tenant.tokens["alice"] = await site.token(estate.tenant, f"{mark}-alice")
    [session] = re.findall(ID, estate.tenant.tokens["alice"].split("_")[1])
    estate.known["session_id"] = [session]


def filled(value: Any, own: Estate, foreign: Estate, name: str = "") -> Any:
    """The fields of a made-up call with somebody else's ids in them, and now and then one's own."""
    match value:
        case str() if value.startswith(KNOWN):
            number = int(value.removeprefix(KNOWN))
            return (own if number % OWN_EACH == OWN_EACH - 1 else foreign).of(
                name.removesuffix("s"), number // OWN_EACH
            )
        case dict():
            return {key: filled(one, own, foreign, key) for key, one in value.items()}
        case list():
            return [filled(one, own, foreign, name) for one in value]
    return value


async def heads(site: Site, instance_id: str) -> list[int]:
    """How much is in the logs of an instance."""
    store = site.embedded.program.storage.events
    return [(await store.head(instance_id, log)).position for log in Log]


async def events_of(site: Site, estate: Estate, besides: Iterable[str] = ()) -> list[tuple[str, str, int, str]]:
    """Every event of an estate's aggregates, and every event that names them, but of aggregates of some types."""
    store = site.embedded.program.storage.events
    found: list[tuple[str, str, int, str]] = []
    texts = [one.encode() for one in estate.ids]

    def concerns(event: StoredEvent) -> bool:
        own = event.stream.id in estate.ids
        return own or (event.stream.type not in besides and any(text in event.payload for text in texts))

    for log in Log:
        after = 0
        while events := await store.read_log(estate.tenant.instance, log, after, 1000):
            after = events[-1].position
            found += [(one.stream.type, one.stream.id, one.version, one.type) for one in events if concerns(one)]
    return found
