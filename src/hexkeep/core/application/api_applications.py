"""API applications: APIs that authenticate to be told about the tokens that are presented to them."""

from pydantic import Field

from hexkeep.core.application import metadata_rules
from hexkeep.core.application.client_metadata import NO_METADATA, ClientMetadata
from hexkeep.core.application.commands import ApplicationCredentials, reached
from hexkeep.core.application.events import ApiApplicationAdded, ApiApplicationChanged, OidcApplicationChanged
from hexkeep.core.application.resources import answered_for
from hexkeep.core.application.secrets import new_secret
from hexkeep.core.application.state import APPLICATION, ApplicationType, AuthMethod
from hexkeep.core.kernel.access import reach
from hexkeep.core.kernel.decision import Context, Decision
from hexkeep.core.kernel.errors import FailedPrecondition, InvalidInput, Violation
from hexkeep.core.kernel.fields import Id, Name
from hexkeep.core.kernel.lifecycle import Status
from hexkeep.core.kernel.operation import Empty, Message
from hexkeep.core.kernel.update import UpdateRequest, expect
from hexkeep.core.oidc.instance_keys import keys_needed
from hexkeep.core.project.state import PROJECT

METHODS = frozenset({AuthMethod.BASIC, AuthMethod.PRIVATE_KEY_JWT})
MEANT = frozenset(
    {
        *("resources", "jwks", "jwks_uri", "token_endpoint_auth_signing_alg", "introspection_signed_response_alg"),
        *("introspection_encrypted_response_alg", "introspection_encrypted_response_enc"),
        *("client_uri", "logo_uri", "tos_uri", "policy_uri", "contacts", "software_id", "software_version"),
    }
)
"""Metadata that mean something for who only asks about tokens."""
DESCRIBED = "Under which resource indicators it is addressed, how it is answered, and how it is described."


class CreateApiApplication(Message):
    """A new API of a project."""

    project_id: Id
    name: Name = Field(examples=["Orders API"])
    auth_method: AuthMethod = Field(
        default=AuthMethod.UNSPECIFIED,
        description="How it authenticates: basic, which is the default, or private_key_jwt, with a key of its own.",
    )
    client_metadata: ClientMetadata = Field(default=NO_METADATA, description=DESCRIBED)


class UpdateApiApplication(UpdateRequest):
    """What to change; what is left out stays as it is."""

    client_id: Id
    name: Name | None = None
    auth_method: AuthMethod | None = Field(
        default=None,
        description="After a change to basic the application needs a secret; private_key_jwt discards the present one.",
    )
    client_metadata: ClientMetadata | None = Field(default=None, description=f"{DESCRIBED} Replaced as a whole.")


def create_api_application(request: CreateApiApplication, ctx: Context) -> Decision[ApplicationCredentials]:
    """Create an API application in a project. A client secret is shown this once.

    Nobody signs in to it, and it gets no tokens: it authenticates with us to be told what a token is worth.
    """
    project = ctx.load(PROJECT, request.project_id)
    organization = project.organization_id
    reach(ctx, "project.read", exists=project.exists, organization=organization, project=request.project_id)
    project.status.insist(Status.ACTIVE, "project")
    method = AuthMethod.BASIC if request.auth_method is AuthMethod.UNSPECIFIED else _accepted(request.auth_method)
    client_id = ctx.new_id()
    secret, digest = new_secret(ctx, method) if method is AuthMethod.BASIC else ("", "")
    added = ApiApplicationAdded(
        organization_id=organization,
        project_id=request.project_id,
        name=request.name,
        auth_method=method.value,
        secret_hash=digest,
        client_metadata=_described(request.client_metadata, method),
    )
    made = ApplicationCredentials(client_id=client_id, client_secret=secret)
    keys = keys_needed(ctx, added.client_metadata)
    taken = answered_for(ctx, client_id, organization, added.client_metadata, NO_METADATA)
    return Decision(made, APPLICATION.append(client_id, added), *taken, *keys)


def update_api_application(request: UpdateApiApplication, ctx: Context) -> Decision[Empty]:
    """Change an API application's settings."""
    application = reached(request.client_id, ctx)
    expect(ctx, APPLICATION, request.client_id, request)
    if application.type is not ApplicationType.API:
        raise FailedPrecondition("This is no API application", type=str(application.type))
    changes = request.changes()
    if "auth_method" in changes:
        changes["auth_method"] = _accepted(changes["auth_method"])
    present = ApiApplicationChanged(
        name=application.name,
        auth_method=application.auth_method.value,
        client_metadata=application.client_metadata,
    )
    after = ApiApplicationChanged.model_validate({**dict(present), **changes})
    if after == present:
        return Decision(Empty())
    described = _described(after.client_metadata, AuthMethod(after.auth_method))
    after = after.model_copy(update={"client_metadata": described})
    taken = answered_for(ctx, request.client_id, application.organization_id, described, present.client_metadata)
    return Decision(Empty(), APPLICATION.append(request.client_id, after), *taken, *keys_needed(ctx, described))


def _described(metadata: ClientMetadata, method: AuthMethod) -> ClientMetadata:
    """Metadata in normal form; raises ``InvalidInput`` for what does not go together or means nothing for an API."""
    told = metadata.model_dump(exclude_defaults=True)
    unmeant = (Violation(f"client_metadata.{name}", "means nothing for an API") for name in told if name not in MEANT)
    alone = OidcApplicationChanged(
        name="",
        auth_method=method.value,
        redirect_uris=(),
        post_logout_redirect_uris=(),
        grant_types=(),
        consent_required=False,
        api_access=False,
        role_assertion=False,
        client_metadata=metadata,
    )
    metadata_rules.refuse((*unmeant, *metadata_rules.violations(ApplicationType.API, alone)))
    metadata_rules.refuse_keys(metadata)
    return metadata_rules.normal(metadata)


def _accepted(method: AuthMethod) -> AuthMethod:
    if method not in METHODS:
        raise InvalidInput("", Violation("auth_method", "must be basic or private_key_jwt"))
    return method
