"""What can be done to an application."""

from pydantic import Field

from hexkeep.core.application.client_metadata import NO_METADATA, ClientMetadata
from hexkeep.core.application.events import (
    ApplicationDeactivated,
    ApplicationReactivated,
    ApplicationRemoved,
    ApplicationSecretDiscarded,
    ApplicationSecretSet,
    OidcApplicationAdded,
    OidcApplicationChanged,
)
from hexkeep.core.application.secrets import new_secret, outlives, readable
from hexkeep.core.application.settings import GrantTypes, Origins, Uris, accept_settings, settings_of
from hexkeep.core.application.state import (
    APPLICATION,
    WITH_SECRET,
    Application,
    ApplicationType,
    AuthMethod,
    GrantType,
    given_up,
)
from hexkeep.core.application.trust import insist_on_trust
from hexkeep.core.kernel.access import reach
from hexkeep.core.kernel.decision import Context, Decision
from hexkeep.core.kernel.errors import FailedPrecondition, InvalidInput, Violation
from hexkeep.core.kernel.fields import Id, Name
from hexkeep.core.kernel.lifecycle import Status
from hexkeep.core.kernel.operation import Empty, Message
from hexkeep.core.kernel.update import Conditional, UpdateRequest, expect
from hexkeep.core.oidc.instance_keys import keys_needed
from hexkeep.core.project.state import PROJECT


class CreateOidcApplication(Message):
    """A new OIDC client."""

    project_id: Id
    name: Name = Field(examples=["Shop"])
    application_type: ApplicationType = Field(description="Where it runs. Never changes.", examples=["web"])
    auth_method: AuthMethod = Field(
        default=AuthMethod.UNSPECIFIED,
        description="How it authenticates at the token endpoint. If left out: basic for web, none otherwise.",
    )
    redirect_uris: Uris = ()
    post_logout_redirect_uris: Uris = ()
    grant_types: GrantTypes = (GrantType.AUTHORIZATION_CODE, GrantType.REFRESH_TOKEN)
    consent_required: bool = Field(
        default=False, description="Whether users are asked before they are signed in to it."
    )
    api_access: bool = Field(default=False, description="Whether its users' tokens may call the API of Hexkeep itself.")
    role_assertion: bool = Field(default=False, description="Whether its tokens carry users' roles unasked.")
    additional_origins: Origins = Field(
        default=(), description="Origins whose scripts may call this API, besides those of the redirect URIs (CORS)."
    )
    client_metadata: ClientMetadata = Field(
        default=NO_METADATA, description="Everything else that OAuth and OpenID Connect let a client register."
    )


class ApplicationCredentials(Message):
    """What the application is set up with. The secret is empty for a public client, and is not shown again."""

    client_id: str
    client_secret: str = Field(repr=False)


class UpdateOidcApplication(UpdateRequest):
    """What to change; what is left out stays as it is."""

    client_id: Id
    name: Name | None = None
    auth_method: AuthMethod | None = Field(
        default=None,
        description="With basic, post or client_secret_jwt it needs a secret, which any other one discards.",
    )
    redirect_uris: Uris | None = None
    post_logout_redirect_uris: Uris | None = None
    grant_types: GrantTypes | None = None
    consent_required: bool | None = None
    api_access: bool | None = None
    role_assertion: bool | None = None
    additional_origins: Origins | None = None
    client_metadata: ClientMetadata | None = Field(
        default=None, description="Replaced as a whole: read it, change it, send it back."
    )


class RegenerateClientSecret(Conditional):
    """The application that gets a new secret."""

    client_id: Id


class DeactivateApplication(Conditional):
    """The application to switch off."""

    client_id: Id


class ReactivateApplication(Conditional):
    """The application to switch on again."""

    client_id: Id


class DeleteApplication(Conditional):
    """The application to remove."""

    client_id: Id


def create_oidc_application(request: CreateOidcApplication, ctx: Context) -> Decision[ApplicationCredentials]:
    """Create an OIDC client in a project. A client secret is shown this once."""
    project = ctx.load(PROJECT, request.project_id)
    organization = project.organization_id
    reach(ctx, "project.read", exists=project.exists, organization=organization, project=request.project_id)
    project.status.insist(Status.ACTIVE, "project")
    settings = _accepted(request, ctx)
    insist_on_trust(ctx, api_access=settings.api_access)
    client_id = ctx.new_id()
    secret, digest = new_secret(ctx, settings.auth_method) if settings.auth_method in WITH_SECRET else ("", "")
    added = OidcApplicationAdded(
        organization_id=organization,
        project_id=request.project_id,
        application_type=request.application_type.value,
        secret_hash=digest,
        secret=readable(settings.auth_method, secret),
        **settings.model_dump(),
    )
    made = ApplicationCredentials(client_id=client_id, client_secret=secret)
    keys = keys_needed(ctx, settings.client_metadata)
    return Decision(made, APPLICATION.append(client_id, added), *keys)


def _accepted(request: CreateOidcApplication, ctx: Context) -> OidcApplicationChanged:
    kind, method = request.application_type, request.auth_method
    if kind in {ApplicationType.UNSPECIFIED, ApplicationType.API, ApplicationType.SAML}:
        raise InvalidInput("", Violation("application_type", "must be web, spa or native"))
    if method is AuthMethod.UNSPECIFIED:
        method = AuthMethod.BASIC if kind is ApplicationType.WEB else AuthMethod.NONE
    fields = request.model_dump(mode="json", exclude={"project_id", "application_type", "auth_method"})
    return accept_settings(ctx, kind, OidcApplicationChanged(auth_method=method.value, **fields))


def update_oidc_application(request: UpdateOidcApplication, ctx: Context) -> Decision[Empty]:
    """Change an OIDC client's name or settings."""
    application = reached(request.client_id, ctx)
    expect(ctx, APPLICATION, request.client_id, request)
    if application.type in {ApplicationType.API, ApplicationType.SAML}:
        raise FailedPrecondition("This is no OIDC application", type=str(application.type))
    present = settings_of(application)
    wanted = OidcApplicationChanged(**{**present.model_dump(), **request.changes()})
    after = accept_settings(ctx, application.type, wanted, present, registered=application.registered)
    if after == present:
        return Decision(Empty())
    insist_on_trust(ctx, api_access=after.api_access)
    events = (after, ApplicationSecretDiscarded()) if outlives(application, after.auth_method) else (after,)
    keys = keys_needed(ctx, after.client_metadata)
    return Decision(Empty(), APPLICATION.append(request.client_id, *events), *keys)


def regenerate_client_secret(request: RegenerateClientSecret, ctx: Context) -> Decision[ApplicationCredentials]:
    """Give an application a new client secret in place of the present one. It is shown this once."""
    application = reached(request.client_id, ctx)
    expect(ctx, APPLICATION, request.client_id, request)
    if not application.confidential:
        raise FailedPrecondition("The application does not authenticate with a secret")
    insist_on_trust(ctx, api_access=application.api_access)
    secret, digest = new_secret(ctx, application.auth_method)
    made = ApplicationCredentials(client_id=request.client_id, client_secret=secret)
    set_secret = ApplicationSecretSet(hash=digest, secret=readable(application.auth_method, secret))
    return Decision(made, APPLICATION.append(request.client_id, set_secret))


def deactivate_application(request: DeactivateApplication, ctx: Context) -> Decision[Empty]:
    """Switch an application off: nobody signs in through it, and it gets no tokens."""
    reached(request.client_id, ctx).status.insist(Status.ACTIVE, "application")
    expect(ctx, APPLICATION, request.client_id, request)
    return Decision(Empty(), APPLICATION.append(request.client_id, ApplicationDeactivated()))


def reactivate_application(request: ReactivateApplication, ctx: Context) -> Decision[Empty]:
    """Switch an application on again. One with API access takes instance-wide rights."""
    application = reached(request.client_id, ctx)
    expect(ctx, APPLICATION, request.client_id, request)
    application.status.insist(Status.INACTIVE, "application")
    insist_on_trust(ctx, api_access=application.api_access)
    return Decision(Empty(), APPLICATION.append(request.client_id, ApplicationReactivated()))


def delete_application(request: DeleteApplication, ctx: Context) -> Decision[Empty]:
    """Remove an application for good."""
    application = reached(request.client_id, ctx)
    expect(ctx, APPLICATION, request.client_id, request)
    removed = APPLICATION.append(request.client_id, ApplicationRemoved())
    return Decision(Empty(), removed, *given_up(request.client_id, application))


def reached(client_id: str, ctx: Context) -> Application:
    """An application that the caller may act on."""
    application = ctx.load(APPLICATION, client_id)
    place = {"organization": application.organization_id, "project": application.project_id}
    reach(ctx, "application.read", exists=application.exists, **place)
    return application
