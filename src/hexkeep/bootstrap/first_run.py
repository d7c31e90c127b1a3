"""The first run: an empty storage gets its first instance, with an administrator who can sign in."""

import secrets
from dataclasses import dataclass, field
from string import ascii_lowercase, ascii_uppercase, digits
from urllib.parse import urlsplit

from pydantic import JsonValue, ValidationError

from hexkeep.bootstrap.client import Client
from hexkeep.bootstrap.errors import ConfigurationError, Problem
from hexkeep.bootstrap.settings import Settings
from hexkeep.core.instance.commands import SetInstanceOrigin
from hexkeep.core.instance.setup import CREATION, CreateInstance, CreateInstanceOutput
from hexkeep.core.instance.state import SYSTEM_INSTANCE
from hexkeep.core.kernel.errors import AlreadyExists, InvalidInput, NotFound
from hexkeep.core.kernel.event import Log
from hexkeep.core.kernel.operation import Empty, Operation
from hexkeep.engine.iam import Iam
from hexkeep.ports.api import Meta, System
from hexkeep.ports.event_store import EventStore

GROUPS = 7
"""Of four characters each in a password that is made up: 112 random bits."""
INSIDE = Meta(instance=SYSTEM_INSTANCE, timeout=60.0, surface="setup")
SETTING_OF = {"name": "instance", "organization_name": "organization"}


@dataclass(frozen=True, slots=True)
class FirstRun:
    """Whom the first instance is for. ``password`` is empty when it was configured, so that it is not shown.

    It is kept nowhere else. Should the process die before somebody has seen it, ``reset_administrator`` makes another.
    """

    instance_id: str
    user_id: str
    origin: str
    user_name: str
    password: str = field(repr=False)


def made_up() -> str:
    """A random password that can be typed, and is one for everybody under each policy that wants at most 34 characters.

    It has letters of both kinds, digits and signs, and no two letters beside each other, so that it spells no name.
    """
    pattern = (ascii_uppercase, digits, ascii_lowercase, digits)
    return "-".join("".join(map(secrets.choice, pattern)) for _ in range(GROUPS))


async def set_up(iam: Iam, events: EventStore, settings: Settings) -> FirstRun | None:
    """Make the first instance if there has never been one; ``None`` when there has, or another node is faster."""
    if (await events.head(SYSTEM_INSTANCE, Log.DURABLE)).position:
        return None
    generated = "" if settings.setup.password else made_up()
    try:
        made = await _created(iam, _request(settings, generated))
    except AlreadyExists:
        return None
    except InvalidInput as error:
        raise ConfigurationError(*(_problem(one.field, one.message) for one in error.violations)) from error
    await iam.drive(CREATION.name, SYSTEM_INSTANCE, made.instance_id)
    return FirstRun(made.instance_id, made.user_id, settings.server.origin, settings.setup.user_name, generated)


async def reset_administrator(client: Client, settings: Settings) -> FirstRun:
    """Give the person that ``setup.user_name`` names another password: the configured one, or a random one.

    For who lost it, or never saw it because the first run was interrupted. Ends that person's sessions and tokens.
    Raises ``NotFound`` when there is no such person, and what ``SetPassword`` does.
    """
    name = settings.setup.user_name
    listed = await client.call_json("ListUsers", {"user_name": name, "kind": "human", "sort": "user_name"})
    users = [user for user in _objects(listed["users"]) if str(user["user_name"]).lower() == name.lower()]
    if not users:
        raise NotFound(f"There is no person called {name}; HEXKEEP_SETUP__USER_NAME names another")
    user_id, given = str(users[0]["user_id"]), settings.setup.password
    password = given.get_secret_value() if given else made_up()
    await client.call_json("SetPassword", {"user_id": user_id, "password": password, "change_required": False})
    return FirstRun(client.instance, user_id, settings.server.origin, name, "" if given else password)


def _objects(value: JsonValue) -> list[dict[str, JsonValue]]:
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []


async def follow_origin(iam: Iam, settings: Settings) -> str:
    """Let the instance on this machine follow the configured origin, as when only the port changes.

    Returns what a person should know, or nothing. An origin that others can reach is never changed by itself: that
    would end every token and every client's trust in the issuer.
    """
    wanted = settings.server.origin
    try:
        info = await iam.instance(urlsplit(wanted).netloc)
    except NotFound:
        return f"No instance answers under {wanted}; add the host with: hexkeep call AddInstanceHost"
    if info.origin == wanted:
        return ""
    if urlsplit(info.origin).hostname != "localhost" or urlsplit(wanted).hostname != "localhost":
        return f"The issuer is {info.origin}, not {wanted}; change it with: hexkeep call SetInstanceOrigin"
    operation: Operation[SetInstanceOrigin, Empty] = iam.operation("SetInstanceOrigin")
    await iam.call(operation, SetInstanceOrigin(instance_id=info.id, origin=wanted), System(), INSIDE)
    return f"The issuer is now {wanted}; it was {info.origin}"


async def _created(iam: Iam, request: CreateInstance) -> CreateInstanceOutput:
    operation: Operation[CreateInstance, CreateInstanceOutput] = iam.operation("CreateInstance")
    return (await iam.call(operation, request, System(), INSIDE)).output


def _request(settings: Settings, generated: str) -> CreateInstance:
    chosen, origin = settings.setup, settings.server.origin
    fields = {
        "name": chosen.instance,
        "origin": origin,
        "organization_name": chosen.organization,
        "user_name": chosen.user_name,
        "given_name": chosen.given_name,
        "family_name": chosen.family_name,
        "email": chosen.email or f"{chosen.user_name}@{urlsplit(origin).hostname}",
        "password": chosen.password.get_secret_value() if chosen.password else generated,
    }
    try:
        return CreateInstance.model_validate(fields)
    except ValidationError as error:
        problems = (_problem(str(one["loc"][0]), one["msg"]) for one in error.errors(include_input=False))
        raise ConfigurationError(*problems) from None


def _problem(name: str, message: str) -> Problem:
    path = "server.public_url" if name == "origin" else f"setup.{SETTING_OF.get(name, name)}"
    return Problem(message.removeprefix("Value error, "), path)
