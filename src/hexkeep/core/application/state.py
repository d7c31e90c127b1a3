"""The state of an application. The aggregate's id is the OAuth ``client_id``."""

import enum
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import TypeVar

from hexkeep.core.application.client_metadata import NO_METADATA, ClientMetadata
from hexkeep.core.application.events import (
    ApiApplicationAdded,
    ApiApplicationChanged,
    ApplicationDeactivated,
    ApplicationReactivated,
    ApplicationRegistrationTokenSet,
    ApplicationRemoved,
    ApplicationSecretDiscarded,
    ApplicationSecretSet,
    OidcApplicationAdded,
    OidcApplicationChanged,
    SamlApplicationAdded,
    SamlApplicationChanged,
)
from hexkeep.core.kernel.aggregate import Aggregate
from hexkeep.core.kernel.event import Event, Log
from hexkeep.core.kernel.lifecycle import Status
from hexkeep.core.kernel.unique import Release, UniqueKey
from hexkeep.core.saml.bindings import SOAP
from hexkeep.core.saml.settings import DEFAULT_OPTIONS, SamlOptions, SamlProviderMetadata

E = TypeVar("E", bound=enum.StrEnum)


class ApplicationType(enum.StrEnum):
    """Where the application runs, and so whether it can keep a secret (RFC 6749 §2.1)."""

    UNSPECIFIED = "unspecified"
    WEB = "web"
    """On a server."""
    SPA = "spa"
    """In a browser; always a public client."""
    NATIVE = "native"
    """On a person's device (RFC 8252); always a public client."""
    API = "api"
    """An API that is told about tokens; nobody signs in to it."""
    SAML = "saml"
    """A service provider of SAML 2.0: it gets assertions, and no tokens."""


class AuthMethod(enum.StrEnum):
    """How the client authenticates (RFC 7591 §2, without the prefix ``client_secret_``; OIDC Core §9)."""

    UNSPECIFIED = "unspecified"
    BASIC = "basic"
    POST = "post"
    NONE = "none"
    PRIVATE_KEY_JWT = "private_key_jwt"
    CLIENT_SECRET_JWT = "client_secret_jwt"
    """OIDC Core section 9: an assertion signed with the secret."""
    TLS_CLIENT_AUTH = "tls_client_auth"
    """RFC 8705 section 2.1: a certificate that an authority issued for the registered subject."""
    SELF_SIGNED_TLS_CLIENT_AUTH = "self_signed_tls_client_auth"
    """RFC 8705 section 2.2: a certificate of the client's own, registered among its keys."""


RESOURCE_KIND = "resource"


def resource_key(resource: str) -> UniqueKey:
    """The key that lets one API of the instance answer for a resource; owned by ``APPLICATION.ref(client_id)``."""
    return UniqueKey(RESOURCE_KIND, "", resource)


ENTITY_KIND = "saml_entity"


def entity_key(entity_id: str) -> UniqueKey:
    """The key that makes the entity id of a service provider unique; owned by ``APPLICATION.ref(client_id)``.

    Keys are compared whatever their case, and entity ids are not (SAML 2.0 Core section 1.3.1), so the key has the
    digits of the bytes.
    """
    return UniqueKey(ENTITY_KIND, "", entity_id.encode().hex())


WITH_SECRET = frozenset({AuthMethod.BASIC, AuthMethod.POST, AuthMethod.CLIENT_SECRET_JWT})


class GrantType(enum.StrEnum):
    """What the client may present at the token endpoint; values as on the wire (RFC 6749)."""

    UNSPECIFIED = "unspecified"
    AUTHORIZATION_CODE = "authorization_code"
    REFRESH_TOKEN = "refresh_token"
    CLIENT_CREDENTIALS = "client_credentials"
    IMPLICIT = "implicit"
    """No grant of the token endpoint: tokens come in the authorization response (OIDC Core section 3.2)."""
    DEVICE_CODE = "urn:ietf:params:oauth:grant-type:device_code"
    """RFC 8628."""
    CIBA = "urn:openid:params:grant-type:ciba"
    """OpenID Connect Client-Initiated Backchannel Authentication Core 1.0."""
    TOKEN_EXCHANGE = "urn:ietf:params:oauth:grant-type:token-exchange"
    """RFC 8693."""
    JWT_BEARER = "urn:ietf:params:oauth:grant-type:jwt-bearer"
    """RFC 7523."""


@dataclass(frozen=True, slots=True)
class SamlProvider:
    """What makes an application a service provider of SAML."""

    metadata: SamlProviderMetadata
    metadata_url: str = ""
    options: SamlOptions = DEFAULT_OPTIONS
    metadata_certificates: tuple[str, ...] = ()

    @property
    def signs_requests(self) -> bool:
        """Whether nothing counts of its requests for a sign-in unless it has signed them."""
        return self.options.require_signed_requests or self.metadata.authn_requests_signed

    def lapsed(self, now: datetime) -> bool:
        """Metadata section 2.3.2: whether the metadata is over. Who handed in a file of nobody's answers for it."""
        until = self.metadata.valid_until if self.metadata_url or self.metadata_certificates else None
        return until is not None and until <= now


@dataclass(frozen=True, slots=True, weakref_slot=True)
class Application:
    """An OIDC client. Whoever serves one has to see that it, its project and its organization are active.

    ``api_access`` lets its users' tokens call Hexkeep's own API. ``role_assertion`` puts roles into its tokens unasked.
    ``registered`` tells that the client has registered itself (RFC 7591), so each installation has its own;
    ``uninvited`` that it came without an initial access token, or by a document, so that nobody here knows it.
    ``secret`` is there for the one method that needs to read it back, client_secret_jwt.
    """

    status: Status = Status.UNSPECIFIED
    organization_id: str = ""
    project_id: str = ""
    name: str = ""
    type: ApplicationType = ApplicationType.UNSPECIFIED
    auth_method: AuthMethod = AuthMethod.UNSPECIFIED
    secret_hash: str = field(default="", repr=False)
    redirect_uris: tuple[str, ...] = ()
    post_logout_redirect_uris: tuple[str, ...] = ()
    grant_types: tuple[GrantType, ...] = ()
    consent_required: bool = False
    api_access: bool = False
    role_assertion: bool = False
    additional_origins: tuple[str, ...] = ()
    client_metadata: ClientMetadata = NO_METADATA
    registered: bool = False
    secret: str = field(default="", repr=False)
    registration_token_hash: str = field(default="", repr=False)
    uninvited: bool = False
    saml: SamlProvider | None = None
    """There for service providers of SAML alone."""

    @property
    def exists(self) -> bool:
        """Whether there is such an application, switched off or not."""
        return self.status.exists

    @property
    def active(self) -> bool:
        """Whether it may be used, as far as it depends on itself."""
        return self.status is Status.ACTIVE

    @property
    def hears(self) -> bool:
        """Whether it is told from server to server that a session is over."""
        if self.saml is not None:
            return self.saml.metadata.logout_by(SOAP) is not None
        return bool(self.client_metadata.backchannel_logout_uri)

    @property
    def strange(self) -> bool:
        """Whether nobody here vouches for it: it came uninvited, and no administrator trusts it without consent."""
        return self.uninvited and self.consent_required

    @property
    def confidential(self) -> bool:
        """Whether it authenticates with a secret."""
        return self.auth_method in WITH_SECRET


def evolve(state: Application, event: Event) -> Application:
    """The state after ``event``; an event that says nothing about an application leaves it as it was."""
    match event:
        case OidcApplicationAdded() | ApiApplicationAdded():
            return _added(event)
        case SamlApplicationAdded() | SamlApplicationChanged():
            return _provider(state, event)
        case OidcApplicationChanged() | ApiApplicationChanged():
            return _changed(state, event)
        case ApplicationSecretSet() | ApplicationSecretDiscarded() | ApplicationRegistrationTokenSet():
            return _proven(state, event)
        case ApplicationDeactivated():
            return replace(state, status=Status.INACTIVE)
        case ApplicationReactivated():
            return replace(state, status=Status.ACTIVE)
        case ApplicationRemoved():
            return Application(Status.REMOVED)
        case _:
            return state


Proof = ApplicationSecretSet | ApplicationSecretDiscarded | ApplicationRegistrationTokenSet


def _proven(state: Application, event: Proof) -> Application:
    """The state with what the client shows from now on to prove that it is itself."""
    match event:
        case ApplicationSecretSet(hash=digest, secret=secret):
            return replace(state, secret_hash=digest, secret=secret)
        case ApplicationRegistrationTokenSet(hash=digest):
            return replace(state, registration_token_hash=digest)
    return replace(state, secret_hash="", secret="")


def _added(event: OidcApplicationAdded | ApiApplicationAdded) -> Application:
    if isinstance(event, ApiApplicationAdded):
        return _api_added(event)
    return Application(
        Status.ACTIVE,
        event.organization_id,
        event.project_id,
        event.name,
        _member(ApplicationType, event.application_type),
        _member(AuthMethod, event.auth_method),
        event.secret_hash,
        event.redirect_uris,
        event.post_logout_redirect_uris,
        _grants(event.grant_types),
        event.consent_required,
        event.api_access,
        event.role_assertion,
        event.additional_origins,
        event.client_metadata,
        event.registered,
        event.secret,
        uninvited=event.uninvited,
    )


def _provider(state: Application, event: SamlApplicationAdded | SamlApplicationChanged) -> Application:
    """Authenticates by no method of OAuth, so no endpoint of that takes it for a client."""
    saml = SamlProvider(event.metadata, event.metadata_url, event.options, event.metadata_certificates)
    if isinstance(event, SamlApplicationChanged):
        return replace(state, name=event.name, saml=saml)
    return Application(
        Status.ACTIVE, event.organization_id, event.project_id, event.name, ApplicationType.SAML, saml=saml
    )


def _api_added(event: ApiApplicationAdded) -> Application:
    return Application(
        Status.ACTIVE,
        event.organization_id,
        event.project_id,
        event.name,
        ApplicationType.API,
        _member(AuthMethod, event.auth_method),
        event.secret_hash,
        client_metadata=event.client_metadata,
    )


def _changed(state: Application, event: OidcApplicationChanged | ApiApplicationChanged) -> Application:
    method = _member(AuthMethod, event.auth_method)
    kept = state.secret_hash if method in WITH_SECRET else ""
    if isinstance(event, ApiApplicationChanged):
        told = event.client_metadata
        return replace(state, name=event.name, auth_method=method, secret_hash=kept, client_metadata=told)
    return replace(
        state,
        name=event.name,
        auth_method=method,
        secret_hash=kept,
        secret=state.secret if method is AuthMethod.CLIENT_SECRET_JWT else "",
        redirect_uris=event.redirect_uris,
        post_logout_redirect_uris=event.post_logout_redirect_uris,
        grant_types=_grants(event.grant_types),
        consent_required=event.consent_required,
        api_access=event.api_access,
        role_assertion=event.role_assertion,
        additional_origins=event.additional_origins,
        client_metadata=event.client_metadata,
    )


def _grants(names: Iterable[str]) -> tuple[GrantType, ...]:
    return tuple(_member(GrantType, name) for name in names)


def _member(choices: type[E], value: str) -> E:
    """The member for a recorded value; what this program does not know grants nothing."""
    try:
        return choices(value)
    except ValueError:
        return choices("unspecified")


APPLICATION: Aggregate[Application] = Aggregate(
    name="application",
    log=Log.DURABLE,
    initial=Application(),
    events=(
        OidcApplicationAdded,
        OidcApplicationChanged,
        ApiApplicationAdded,
        ApiApplicationChanged,
        SamlApplicationAdded,
        SamlApplicationChanged,
        ApplicationSecretSet,
        ApplicationSecretDiscarded,
        ApplicationRegistrationTokenSet,
        ApplicationDeactivated,
        ApplicationReactivated,
        ApplicationRemoved,
    ),
    evolve=evolve,
    keys=(RESOURCE_KIND, ENTITY_KIND),
)


def given_up(client_id: str, application: Application) -> Iterator[Release]:
    """What lets go of every resource that an API answers for, and of the name of a service provider."""
    if application.saml is not None:
        yield Release(entity_key(application.saml.metadata.entity_id), APPLICATION.ref(client_id))
    if application.type is ApplicationType.API:
        keys = {key.normalised(): key for key in map(resource_key, application.client_metadata.resources)}
        yield from (Release(key, APPLICATION.ref(client_id)) for key in keys.values())
