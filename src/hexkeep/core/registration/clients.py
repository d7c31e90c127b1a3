"""Clients that register themselves (RFC 7591), and that look after their registration (RFC 7592).

The registration access token stays the same for as long as the client is registered: replacing it at each use would
lock a client out whose answer was lost. Software statements are ignored, as RFC 7591 section 3.1.1 allows: there is
nobody whose word on software we take.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from pydantic import Field, JsonValue

from hexkeep.core.application.events import (
    ApplicationRegistrationTokenSet,
    ApplicationRemoved,
    ApplicationSecretDiscarded,
    ApplicationSecretSet,
    OidcApplicationAdded,
    OidcApplicationChanged,
)
from hexkeep.core.application.secrets import new_secret, outlives, readable
from hexkeep.core.application.settings import CONFIDENTIAL_GRANTS, accept_settings, settings_of
from hexkeep.core.application.state import APPLICATION, WITH_SECRET, Application, ApplicationType, GrantType
from hexkeep.core.kernel.aggregate import Append
from hexkeep.core.kernel.ask import CountUp, KeyedHash, VerifyKeyedHash
from hexkeep.core.kernel.decision import Context, Decision
from hexkeep.core.kernel.errors import InvalidInput, ResourceExhausted, Unauthenticated
from hexkeep.core.kernel.event import Event
from hexkeep.core.kernel.network import network
from hexkeep.core.kernel.operation import Empty, Message
from hexkeep.core.oidc import discovery, json_text, rfc7591
from hexkeep.core.oidc.errors import AccessDenied, InvalidClientMetadata, InvalidToken
from hexkeep.core.oidc.instance_keys import keys_needed
from hexkeep.core.organization.state import ORGANIZATION
from hexkeep.core.project.state import PROJECT, Project
from hexkeep.core.registration.events import InitialAccessTokenUsed
from hexkeep.core.registration.state import (
    CLIENT_REGISTRATION,
    CLIENT_REGISTRATION_ID,
    INITIAL_ACCESS_TOKEN,
    PURPOSE,
    RegistrationMode,
    parse_token,
)

REGISTRATION_PURPOSE = "registration_access_token"
"""The purpose under which the tokens are hashed with which clients look after their registration."""
MAX_DOCUMENT = 65_536
HOUR, DAY = 3600, 86_400
OPEN_FROM_ADDRESS, OPEN_IN_INSTANCE = 20, 1000
"""How many clients one address may register in an hour, and everybody together in a day, without a token."""
CHANGES = 60
"""How often one client may try to change its registration in an hour: each time it may have us fetch something."""
SERVER_ONLY = (
    "registration_access_token",
    "registration_client_uri",
    "client_secret_expires_at",
    "client_id_issued_at",
)
"""RFC 7592 section 2.2: what a client must not send back."""


class RegisterClient(Message):
    """A client's document, and the initial access token that it presents."""

    document: str = Field(max_length=MAX_DOCUMENT)
    token: str = Field("", max_length=500, repr=False)


class ManagedClient(Message):
    """A registered client, and the registration access token that it presents."""

    client_id: str = Field(max_length=200)
    token: str = Field(max_length=500, repr=False)


class GetRegisteredClient(ManagedClient):
    """The client that wants to see what is registered."""


class UpdateRegisteredClient(ManagedClient):
    """What is to be registered in place of what is."""

    document: str = Field(max_length=MAX_DOCUMENT, repr=False)


class DeleteRegisteredClient(ManagedClient):
    """The client that wants to be forgotten."""


class ClientInformation(Message):
    """What a client is told about its registration, in JSON (RFC 7591 section 3.2.1)."""

    document: str = Field(repr=False)


WITHOUT_PEOPLE = CONFIDENTIAL_GRANTS | {GrantType.JWT_BEARER}
"""Grants with nobody at the client's page who could say no."""


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a client goes, and what is to be written about who let it in."""

    project_id: str
    project: Project
    used: tuple[Append, ...] = ()


def register_client(request: RegisterClient, ctx: Context) -> Decision[ClientInformation]:
    """Register a client: with an initial access token, or in an open instance without.

    Raises ``AccessDenied``, ``Unauthenticated``, ``InvalidToken``, and what is wrong with the document.
    """
    client_id = ctx.new_id()
    place = _admitted(request.token, client_id, ctx)
    legacy = ctx.load(CLIENT_REGISTRATION, CLIENT_REGISTRATION_ID).token_endpoint_audience
    asked = rfc7591.asked(rfc7591.read(request.document), token_endpoint_audience=legacy)
    if not place.used:
        _insist_on_people(asked.settings.grant_types)
    settings = _accepted(ctx, asked.kind, asked.settings)
    secret, digest = new_secret(ctx, settings.auth_method) if settings.auth_method in WITH_SECRET else ("", "")
    token = ctx.new_secret()
    added = OidcApplicationAdded(
        organization_id=place.project.organization_id,
        project_id=place.project_id,
        application_type=asked.kind.value,
        secret_hash=digest,
        secret=readable(settings.auth_method, secret),
        registered=True,
        uninvited=not place.used,
        **settings.model_dump(),
    )
    owned = ApplicationRegistrationTokenSet(hash=ctx.ask(KeyedHash(REGISTRATION_PURPOSE, token)))
    application = APPLICATION.fold((added, owned))
    issued: dict[str, JsonValue] = {"client_id_issued_at": int(ctx.now.timestamp())}
    told = {**_information(ctx, client_id, application, token, secret), **issued}
    keys = keys_needed(ctx, settings.client_metadata)
    return Decision(_document(told), APPLICATION.append(client_id, added, owned), *place.used, *keys)


def _admitted(token: str, client_id: str, ctx: Context) -> _Place:
    """Who may register a client, and where it then is."""
    rules = ctx.load(CLIENT_REGISTRATION, CLIENT_REGISTRATION_ID)
    if rules.mode is RegistrationMode.CLOSED:
        raise AccessDenied("Clients cannot register themselves here")
    if token:
        return _invited(token, client_id, ctx)
    if rules.mode is not RegistrationMode.OPEN:
        raise Unauthenticated("An initial access token is needed")
    _count(ctx, f"registration/{network(ctx.request.address)}", OPEN_FROM_ADDRESS, HOUR)
    _count(ctx, "registration", OPEN_IN_INSTANCE, DAY)
    return _Place(rules.project_id, _active(ctx, rules.project_id))


def _invited(token: str, client_id: str, ctx: Context) -> _Place:
    token_id, secret = parse_token(token) or ("", "")
    held = ctx.load(INITIAL_ACCESS_TOKEN, token_id)
    fits = ctx.ask(VerifyKeyedHash(PURPOSE, secret, held.token_hash))
    if not fits or not held.active(ctx.now):
        raise InvalidToken
    used = InitialAccessTokenUsed(client_id=client_id, uses_left=held.uses_left - 1)
    return _Place(held.project_id, _active(ctx, held.project_id), (INITIAL_ACCESS_TOKEN.append(token_id, used),))


def _active(ctx: Context, project_id: str) -> Project:
    project = ctx.load(PROJECT, project_id)
    if not project.active or not ctx.load(ORGANIZATION, project.organization_id).active:
        raise AccessDenied("Clients cannot register themselves here")
    return project


def _count(ctx: Context, bucket: str, limit: int, window: int) -> None:
    if ctx.ask(CountUp(bucket, window)) > limit:
        raise ResourceExhausted("There were too many registrations", retry_after=window)


def _insist_on_people(grants: Iterable[str]) -> None:
    """Strangers are let in by people alone: to APIs as themselves, or to write to people, get those who were invited.

    Raises ``InvalidClientMetadata``.
    """
    if alone := sorted(set(grants) & WITHOUT_PEOPLE):
        raise InvalidClientMetadata(f"grant_types {alone[0]} is for who registers with an initial access token")


def _accepted(
    ctx: Context,
    kind: ApplicationType,
    settings: OidcApplicationChanged,
    present: OidcApplicationChanged | None = None,
) -> OidcApplicationChanged:
    try:
        return accept_settings(ctx, kind, settings, present, registered=True)
    except InvalidInput as error:
        raise rfc7591.refused(error) from None


def get_registered_client(request: GetRegisteredClient, ctx: Context) -> Decision[ClientInformation]:
    """Tell a client what is registered about it (RFC 7592 section 2.1). Its secret is not told again."""
    application = _managed(request, ctx)
    return Decision(_document(_information(ctx, request.client_id, application, request.token)))


def update_registered_client(request: UpdateRegisteredClient, ctx: Context) -> Decision[ClientInformation]:
    """Replace what is registered about a client (RFC 7592 section 2.2); what it leaves out is as if never said.

    What administrators have set stays. A client that is given a method with a secret, and has none, is told a new one.
    """
    application = _managed(request, ctx)
    _count(ctx, f"registration/of/{request.client_id}", CHANGES, HOUR)
    if application.api_access:
        raise AccessDenied("This client is looked after by administrators alone")
    document = rfc7591.read(request.document)
    _insist_on_form(ctx, request.client_id, application, document)
    present = settings_of(application)
    legacy = present.client_metadata.token_endpoint_audience
    asked = rfc7591.asked(document, token_endpoint_audience=legacy)
    _insist_on_people(set(asked.settings.grant_types) - set(present.grant_types))
    if asked.kind is not application.type and application.type in {ApplicationType.WEB, ApplicationType.NATIVE}:
        raise InvalidClientMetadata("application_type never changes")
    settings = _accepted(ctx, application.type, _kept(asked.settings, present), present)
    events: list[Event] = [] if settings == present else [settings]
    if outlives(application, settings.auth_method):
        events.append(ApplicationSecretDiscarded())
    secret = ""
    if settings.auth_method in WITH_SECRET and not APPLICATION.fold(events, application).secret_hash:
        secret, digest = new_secret(ctx, settings.auth_method)
        events.append(ApplicationSecretSet(hash=digest, secret=readable(settings.auth_method, secret)))
    after = APPLICATION.fold(events, application)
    told = _document(_information(ctx, request.client_id, after, request.token, secret))
    changes = (APPLICATION.append(request.client_id, *events),) if events else ()
    return Decision(told, *changes, *keys_needed(ctx, settings.client_metadata))


def _kept(asked: OidcApplicationChanged, present: OidcApplicationChanged) -> OidcApplicationChanged:
    """What is asked for, with what administrators have set left as it is."""
    own = {name: getattr(present.client_metadata, name) for name in rfc7591.OWN}
    settled = ("consent_required", "api_access", "role_assertion", "additional_origins")
    metadata = asked.client_metadata.model_copy(update=own)
    return asked.model_copy(update={"client_metadata": metadata, **{name: getattr(present, name) for name in settled}})


def _insist_on_form(ctx: Context, client_id: str, application: Application, document: dict[str, JsonValue]) -> None:
    """RFC 7592 section 2.2: the client names itself and its present secret, and nothing that is ours to say."""
    if document.get("client_id") != client_id:
        raise InvalidClientMetadata("client_id has to be that of the client")
    if named := [name for name in SERVER_ONLY if name in document]:
        raise InvalidClientMetadata(f"{named[0]} must not be sent")
    secret = document.get("client_secret")
    if secret is None:
        return
    known = application.secret_hash
    if not isinstance(secret, str) or not ctx.ask(VerifyKeyedHash("client_secret", secret, known)):
        raise InvalidClientMetadata("client_secret has to be the present one")


def delete_registered_client(request: DeleteRegisteredClient, ctx: Context) -> Decision[Empty]:
    """Remove a client that wants to be forgotten (RFC 7592 section 2.3)."""
    _managed(request, ctx)
    return Decision(Empty(), APPLICATION.append(request.client_id, ApplicationRemoved()))


def _managed(request: ManagedClient, ctx: Context) -> Application:
    """The client whose token was presented; raises ``InvalidToken`` for any other, known or not (section 2)."""
    application = ctx.load(APPLICATION, request.client_id)
    known = application.registration_token_hash
    fits = ctx.ask(VerifyKeyedHash(REGISTRATION_PURPOSE, request.token, known))
    project = ctx.load(PROJECT, application.project_id)
    if not fits or not application.active or not project.active:
        raise InvalidToken
    ctx.client_id = request.client_id
    return application


def _information(
    ctx: Context, client_id: str, application: Application, token: str, secret: str = ""
) -> dict[str, JsonValue]:
    """RFC 7591 section 3.2.1, RFC 7592 section 3."""
    told: dict[str, JsonValue] = {
        "client_id": client_id,
        "registration_access_token": token,
        "registration_client_uri": f"{ctx.request.issuer}{discovery.REGISTRATION}/{client_id}",
        **rfc7591.shown(application),
    }
    return {**told, "client_secret": secret, "client_secret_expires_at": 0} if secret else told


def _document(told: dict[str, JsonValue]) -> ClientInformation:
    return ClientInformation(document=json_text.write(told))
