"""Two instances with everything in each, on the real engine: what the tests of tenancy try to reach from elsewhere."""

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, urlsplit

from pydantic import JsonValue

from hexkeep.core.application.state import GrantType
from hexkeep.core.delivery.projection import DELIVERIES
from hexkeep.core.kernel.event import Log
from hexkeep.core.kernel.view import Put, Row, RowOperation
from hexkeep.core.oidc.rfc7636 import challenge_of
from hexkeep.core.oidc.scopes import GRANT_MANAGEMENT
from hexkeep.core.slices import SLICES
from hexkeep.engine.assembly import Machinery, Tuning
from hexkeep.engine.iam import Iam
from hexkeep.ports.api import Bearer, Credentials, Meta, System
from tests.authenticator import Authenticator
from tests.unit.engine.rig import FAST, MASTER, memory_storage, ports_of

PASSWORD = "four happy otters"
"""Everybody's, so that only the instance tells one's sign-in from another's."""
REDIRECT_URI = "https://app.example.com/cb"
PICTURE = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAIAAACQd1PeAAAADElEQVR4nGP4z8AAAAMBAQDJ/pLvAAAAAElFTkSuQmCC"
"""A red point, as JSON carries it."""
WATCHED = {
    "north-0": "group.added",
    "north-1": "group.changed",
    "south-0": "project.added",
    "south-1": "project.changed",
}
"""Upon which events each party's target is called: an execution's id says that, so each has another."""
VERIFIER = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
MEANINGLESS = frozenset(
    {"grant_type", "redirect_uri", "response_type", "scope", "code_challenge", "code_challenge_method"}
)
"""Parameters that are the same for everybody."""
EVERYTHING = "openid profile offline_access urn:hexkeep:api"


@dataclass(frozen=True)
class Party:
    """An organization and what is in it.

    ``known`` has, by the name of an input field, what of it may stand there; ``params`` likewise by operation, for
    those that take raw parameters. Parties have the same shape, so that one can stand for another.
    """

    known: Mapping[str, tuple[str, ...]]
    params: Mapping[str, tuple[dict[str, str], ...]]

    @property
    def marks(self) -> frozenset[str]:
        """Texts that nobody else may be shown."""
        raw = (one for each in self.params.values() for one in each)
        of_params = tuple(value for one in raw for name, value in one.items() if name not in MEANINGLESS)
        return frozenset(mark for each in (*self.known.values(), of_params) for mark in each)


@dataclass
class Tenant:
    """An instance with two organizations."""

    id: str
    admin: str = ""
    """A session token of the owner of the instance."""
    admin_access: str = ""
    """An access token of the same person for the API."""
    owner: str = ""
    """A session token of who owns the first organization and nothing else."""
    nobody: str = ""
    """A session token of a user of the first organization without any role."""
    parties: list[Party] = field(default_factory=list)


@dataclass
class Land:
    """The engine and its instances."""

    iam: Iam
    tenants: list[Tenant] = field(default_factory=list)
    count: int = 0

    async def call(self, name: str, credentials: Credentials, instance: str, /, **fields: JsonValue) -> Any:
        """Call an operation; its output."""
        operation = self.iam.operation(name)
        return (await self.iam.call_json(operation, fields, credentials, Meta(instance=instance))).output

    async def heads(self, instance: str) -> tuple[int, ...]:
        """How much is in the logs of an instance."""
        store = self.iam.machinery.ports.events
        return tuple([(await store.head(instance, log)).position for log in Log])


@asynccontextmanager
async def land() -> AsyncIterator[Land]:
    """A started engine with two tenants."""
    async with memory_storage() as storage:
        made = Land(Iam(Machinery(ports_of(storage), MASTER, SLICES, Tuning(rhythm=FAST))))
        await made.iam.start()
        try:
            made.tenants = [await _tenant(made, name) for name in ("north", "south")]
            yield made
        finally:
            await made.iam.stop()


async def _tenant(land_: Land, name: str) -> Tenant:
    asked: dict[str, JsonValue] = {
        "name": name,
        "origin": f"https://{name}.example.com",
        "organization_name": f"{name}-first-organization",
        "user_name": f"{name}-administrator",
        "given_name": "Ada",
        "family_name": "Admin",
        "email": "admin@example.com",
        "password": PASSWORD,
    }
    created = await land_.call("CreateInstance", System(), "", **asked)
    tenant = Tenant(created.instance_id)
    await land_.iam.drive("instance-creation", "system", tenant.id)
    tenant.admin = await _signed_in(land_, tenant, f"{name}-administrator")
    await _people(land_, tenant, name, created.organization_id)
    second = await land_.call("CreateOrganization", Bearer(tenant.admin), tenant.id, name=f"{name}-second-organization")
    for number, organization_id in enumerate((created.organization_id, second.organization_id)):
        tenant.parties.append(await _party(land_, tenant, f"{name}-{number}", organization_id))
    tenant.admin_access = (await _tokens(land_, tenant, tenant.parties[0], tenant.admin))["access_token"]
    return tenant


async def _signed_in(land_: Land, tenant: Tenant, user_name: str) -> str:
    opened = await land_.call("CreateSession", System(), tenant.id, login_name=user_name, password=PASSWORD)
    return str(opened.session_token)


async def _human(land_: Land, tenant: Tenant, user_name: str, organization_id: str) -> str:
    asked: dict[str, JsonValue] = {
        "organization_id": organization_id,
        "user_name": user_name,
        "given_name": "Given",
        "email": f"{user_name}@example.com",
        "password": PASSWORD,
    }
    return str((await land_.call("CreateHumanUser", Bearer(tenant.admin), tenant.id, **asked)).user_id)


async def _people(land_: Land, tenant: Tenant, name: str, organization_id: str) -> None:
    owner = await _human(land_, tenant, f"{name}-owner", organization_id)
    await land_.call(
        "CreateMembership",
        Bearer(tenant.admin),
        tenant.id,
        user_id=owner,
        level="organization",
        scope_id=organization_id,
        roles=["ORGANIZATION_OWNER"],
    )
    await _human(land_, tenant, f"{name}-nobody", organization_id)
    tenant.owner = await _signed_in(land_, tenant, f"{name}-owner")
    tenant.nobody = await _signed_in(land_, tenant, f"{name}-nobody")


async def _passkey(land_: Land, tenant: Tenant, name: str, organization_id: str) -> str:
    """A passkey of one more person."""
    await _human(land_, tenant, f"{name}-keyholder", organization_id)
    own = Bearer(await _signed_in(land_, tenant, f"{name}-keyholder"))
    host = f"{name.partition('-')[0]}.example.com"
    begun = await land_.call("StartMyPasskeyRegistration", own, tenant.id)
    answer = Authenticator(f"https://{host}", host).register(begun.options)
    made = await land_.call("FinishMyPasskeyRegistration", own, tenant.id, credential=answer, name=f"{name}-passkey")
    return str(made.passkey_id)


async def _delivery(land_: Land, instance: str) -> str:
    """A delivery that waits, as an outbox would have put it there."""
    machinery = land_.iam.machinery
    delivery_id, now = machinery.ids.new(), machinery.clock.now()
    texts: Row = dict.fromkeys(("outbox", "channel", "user_id", "error", "sealed"), "")
    numbers: Row = {"attempts": 0, "max_attempts": 1, "claim": 0}
    when: Row = {"state": "pending", "created_at": now, "due_at": now}
    put = Put(DELIVERIES, {"delivery_id": delivery_id, **texts, **numbers, **when})

    async def decide() -> Sequence[RowOperation]:
        return (put,)

    await machinery.post.ledger.change(instance, decide)
    return delivery_id


async def _party(land_: Land, tenant: Tenant, name: str, organization_id: str) -> Party:
    """A project with a role, an application, a person who uses it and is signed in, and a program."""
    admin, inside = Bearer(tenant.admin), tenant.id

    async def made(operation: str, /, **fields: JsonValue) -> Any:
        return await land_.call(operation, admin, inside, **fields)

    user_id = await _human(land_, tenant, f"{name}-person", organization_id)
    await made("SetUserAvatar", user_id=user_id, content=PICTURE)
    for kind in ("logo", "icon"):
        await made("SetOrganizationAsset", organization_id=organization_id, kind=kind, content=PICTURE)
    machine = (await made("CreateMachineUser", organization_id=organization_id, user_name=f"{name}-robot")).user_id
    machine_secret = (await made("GenerateClientSecret", user_id=machine)).client_secret
    machine_key = (await made("CreateMachineKey", user_id=machine)).key_id
    personal = await made("CreatePersonalAccessToken", user_id=machine, name=f"{name}-token")
    project_id = (await made("CreateProject", organization_id=organization_id, name=f"{name}-project")).project_id
    await made("CreateProjectRole", project_id=project_id, key="clerk")
    api = await made("CreateApiApplication", project_id=project_id, name=f"{name}-api", auth_method="private_key_jwt")
    application_key = (await made("CreateApplicationKey", client_id=api.client_id)).key_id
    application: dict[str, JsonValue] = {
        "name": f"{name}-application",
        "application_type": "spa",
        "redirect_uris": [REDIRECT_URI],
        "post_logout_redirect_uris": [REDIRECT_URI],
        "api_access": True,
        "consent_required": True,
        "grant_types": [GrantType.AUTHORIZATION_CODE, GrantType.REFRESH_TOKEN, GrantType.DEVICE_CODE],
    }
    client_id = (await made("CreateOidcApplication", project_id=project_id, **application)).client_id
    granted = await made("CreateAuthorization", user_id=user_id, project_id=project_id, roles=["clerk"])
    group_id = (await made("CreateGroup", organization_id=organization_id, name=f"{name}-group")).group_id
    await made("AddGroupMembers", group_id=group_id, user_ids=[user_id])
    await made("CreateAuthorization", group_id=group_id, project_id=project_id, roles=["clerk"])
    third = (await made("CreateOrganization", name=f"{name}-granted-organization")).organization_id
    lent = await made("CreateProjectGrant", project_id=project_id, granted_organization_id=third, roles=["clerk"])
    place: dict[str, JsonValue] = {"level": "project", "scope_id": project_id}
    await made("CreateMembership", user_id=user_id, roles=["PROJECT_VIEWER"], **place)
    key_id = (await made("CreateSigningKey", algorithm="ES256")).key_id
    sender: dict[str, JsonValue] = {"host": "smtp.example.com", "sender_address": "noreply@example.com"}
    smtp = await made("CreateSmtpProvider", name=f"{name}-mail", **sender)
    called: dict[str, JsonValue] = {"channel": "sms", "url": "https://sms.example.com/"}
    webhook = await made("CreateWebhookProvider", name=f"{name}-sms", **called)
    session_token = await _signed_in(land_, tenant, f"{name}-person")
    provider = await _identity_provider(land_, tenant, name, organization_id)
    hook = await made("CreateTarget", name=f"{name}-hook", kind="webhook", url="https://hooks.example.net")
    target = str(hook.target_id)
    there: dict[str, JsonValue] = {"identity_provider_id": provider, "external_id": f"{name}-there"}
    link = await made("AddIdentityProviderLink", user_id=user_id, **there)
    invitation = (await made("CreateInitialAccessToken", project_id=project_id, name=f"{name}-invitation")).token_id
    details: dict[str, JsonValue] = {"type": f"urn:{name}:details", "name": f"{name}-details"}
    known = {
        "authorization_details_type_id": (
            (await made("CreateAuthorizationDetailsType", **details)).authorization_details_type_id,
        ),
        "instance_id": (inside,),
        "organization_id": (organization_id,),
        "user_id": (user_id, machine),
        "provider_id": (smtp.provider_id, webhook.provider_id),
        "login_name": (f"{name}-person",),
        "project_id": (project_id,),
        "client_id": (client_id,),
        "authorization_id": (granted.authorization_id,),
        "group_id": (group_id,),
        "project_grant_id": (lent.project_grant_id,),
        "key_id": (key_id, machine_key, application_key),
        "session_id": (session_token.split("_")[1],),
        "session_token": (session_token,),
        "request_id": (await _asked_elsewhere(land_, tenant, project_id, f"{name}-person", session_token),),
        "delivery_id": (await _delivery(land_, inside),),
        "token_id": (personal.token_id, invitation),
        "passkey_id": (await _passkey(land_, tenant, name, organization_id),),
        "identity_provider_id": (provider,),
        "target_id": (target,),
        "execution_id": (await _execution(made, WATCHED[name], target),),
        "identity_provider_link_id": (link.identity_provider_link_id,),
    }
    return await _with_protocols(land_, tenant, Party(known, {}), (machine, machine_secret))


async def _execution(made: Callable[..., Awaitable[Any]], event_type: str, target_id: str) -> str:
    """A call of a target, upon another kind of event for each party."""
    condition: dict[str, JsonValue] = {"trigger": "event", "event_type": event_type}
    return str((await made("SetExecution", condition=condition, target_ids=[target_id])).execution_id)


async def _asked_elsewhere(land_: Land, tenant: Tenant, project_id: str, login_name: str, session_token: str) -> str:
    """What an application asks a person without a browser of its own."""
    asking: dict[str, JsonValue] = {
        "name": f"{login_name}-asks",
        "application_type": "web",
        "auth_method": "post",
        "grant_types": [GrantType.CIBA],
    }
    client = await land_.call("CreateOidcApplication", Bearer(tenant.admin), tenant.id, project_id=project_id, **asking)
    params: dict[str, JsonValue] = {
        "client_id": client.client_id,
        "client_secret": client.client_secret,
        "scope": "openid",
        "login_hint": login_name,
    }
    await land_.call("StartBackchannelAuthentication", System(), tenant.id, params=params)
    (waiting,) = (await land_.call("ListMyBackchannelRequests", Bearer(session_token), tenant.id)).requests
    return str(waiting.request_id)


async def _identity_provider(land_: Land, tenant: Tenant, name: str, organization_id: str) -> str:
    """One of the organization, which is offered for sign-in."""
    admin, inside = Bearer(tenant.admin), tenant.id
    there: dict[str, JsonValue] = {"name": f"{name}-login", "client_id": f"{name}-there", "client_secret": f"{name}-s"}
    own = await land_.call("CreateGoogleIdentityProvider", admin, inside, organization_id=organization_id, **there)
    offered: dict[str, JsonValue] = {"identity_provider_ids": [own.identity_provider_id]}
    await land_.call("SetLoginProviders", admin, inside, organization_id=organization_id, **offered)
    return str(own.identity_provider_id)


def _asking(client_id: str) -> dict[str, str]:
    return {
        "client_id": client_id,
        "redirect_uri": REDIRECT_URI,
        "response_type": "code",
        "scope": EVERYTHING,
        "code_challenge": challenge_of(VERIFIER),
        "code_challenge_method": "S256",
    }


async def _code(land_: Land, tenant: Tenant, client_id: str, session_token: str, **changes: str) -> str:
    """An unused code, after consent."""
    params = _asking(client_id) | changes
    start = await land_.call("StartAuthorization", System(), tenant.id, params={**params}, session_token=session_token)
    if start.kind == "consent":
        further: dict[str, JsonValue] = {"auth_request_id": start.auth_request_id, "session_token": session_token}
        await land_.call("GrantConsent", System(), tenant.id, **further)
        start = await land_.call("ContinueAuthorization", System(), tenant.id, **further)
    (code,) = parse_qs(urlsplit(str(start.redirect_to)).query)["code"]
    return code


def _redemption(client_id: str, code: str) -> dict[str, str]:
    return {
        "grant_type": "authorization_code",
        "client_id": client_id,
        "code": code,
        "redirect_uri": REDIRECT_URI,
        "code_verifier": VERIFIER,
    }


async def _tokens(land_: Land, tenant: Tenant, party: Party, session_token: str) -> dict[str, str]:
    code = await _code(land_, tenant, party.known["client_id"][0], session_token)
    params: dict[str, JsonValue] = {**_redemption(party.known["client_id"][0], code)}
    answer = await land_.call("ExchangeToken", System(), tenant.id, params=params)
    return {name: str(value) for name, value in answer.model_dump().items()}


async def _grant(land_: Land, tenant: Tenant, party: Party, session_token: str) -> tuple[str, str]:
    """A grant that its client manages, and a token with which it does so."""
    asking: dict[str, JsonValue] = {
        "name": "Bank",
        "application_type": "web",
        "auth_method": "post",
        "redirect_uris": [REDIRECT_URI],
        "grant_types": [GrantType.AUTHORIZATION_CODE, GrantType.CLIENT_CREDENTIALS],
    }
    made = await land_.call(
        "CreateOidcApplication",
        Bearer(tenant.admin),
        tenant.id,
        project_id=party.known["project_id"][0],
        **asking,
    )
    code = await _code(land_, tenant, made.client_id, session_token, scope="openid", grant_management_action="create")
    own = {"client_id": made.client_id, "client_secret": made.client_secret}
    redeemed: dict[str, JsonValue] = {**_redemption(made.client_id, code), **own}
    itself: dict[str, JsonValue] = {"grant_type": "client_credentials", "scope": " ".join(GRANT_MANAGEMENT), **own}
    grant_id = (await land_.call("ExchangeToken", System(), tenant.id, params=redeemed)).grant_id
    return grant_id, (await land_.call("ExchangeToken", System(), tenant.id, params=itself)).access_token


def _secret(machine: tuple[str, str]) -> dict[str, str]:
    return {"client_id": machine[0], "client_secret": machine[1]}


async def _with_protocols(land_: Land, tenant: Tenant, party: Party, machine: tuple[str, str]) -> Party:
    """The same with tokens, a code that is not used yet, and a request that waits for somebody to sign in."""
    client_id, session_token = party.known["client_id"][0], party.known["session_token"][0]
    tokens = await _tokens(land_, tenant, party, session_token)
    code = await _code(land_, tenant, client_id, session_token)
    grant_id, managing = await _grant(land_, tenant, party, session_token)
    waiting = await land_.call("StartAuthorization", System(), tenant.id, params={**_asking(client_id)})
    known = {
        **party.known,
        "access_token": (tokens["access_token"], managing),
        "grant_id": (grant_id,),
        "auth_request_id": (waiting.auth_request_id,),
    }
    refresh = {"grant_type": "refresh_token", "client_id": client_id, "refresh_token": tokens["refresh_token"]}
    program = {"grant_type": "client_credentials", **_secret(machine)}
    device: dict[str, JsonValue] = {"client_id": client_id, "scope": "openid"}
    device_code = (await land_.call("StartDeviceAuthorization", System(), tenant.id, params=device)).device_code
    poll = {"grant_type": GrantType.DEVICE_CODE.value, "client_id": client_id, "device_code": device_code}
    params = {
        "PushAuthorization": (_asking(client_id),),
        "StartAuthorization": (_asking(client_id),),
        "StartBackchannelAuthentication": ({"client_id": client_id, "scope": "openid", "login_hint": "probe"},),
        "StartDeviceAuthorization": ({"client_id": client_id, "scope": "openid"},),
        "ExchangeToken": (_redemption(client_id, code), refresh, program, poll),
        "RevokeToken": ({"client_id": client_id, "token": tokens["access_token"]},),
        "IntrospectToken": ({**_secret(machine), "token": tokens["access_token"]},),
        "EndOidcSession": ({"id_token_hint": tokens["id_token"]}, {"client_id": client_id}),
    }
    return Party(known, params)


def nowhere(like: Party) -> Party:
    """A party of the same shape that does not exist: what somebody would name who guesses."""
    letters = str.maketrans("0123456789abcdef", "fedcba9876543210")
    known = {name: tuple(value.translate(letters) for value in values) for name, values in like.known.items()}
    params = {
        name: tuple(
            {key: value if key in MEANINGLESS else value.translate(letters) for key, value in one.items()}
            for one in each
        )
        for name, each in like.params.items()
    }
    return Party(known, params)
