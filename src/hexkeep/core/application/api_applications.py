"""API applications: APIs that authenticate to be told about the tokens that are presented to them."""

from pydantic import Field

from hexkeep.core.application.commands import ApplicationCredentials, new_secret, reached
from hexkeep.core.application.events import ApiApplicationAdded, ApiApplicationChanged
from hexkeep.core.application.state import APPLICATION, ApplicationType, AuthMethod
from hexkeep.core.kernel.access import reach
from hexkeep.core.kernel.decision import Context, Decision
from hexkeep.core.kernel.errors import FailedPrecondition, InvalidInput, Violation
from hexkeep.core.kernel.fields import Id, Name
from hexkeep.core.kernel.lifecycle import Status
from hexkeep.core.kernel.operation import Empty, Message
from hexkeep.core.kernel.update import UpdateRequest, expect
from hexkeep.core.project.state import PROJECT

METHODS = frozenset({AuthMethod.BASIC, AuthMethod.PRIVATE_KEY_JWT})


class CreateApiApplication(Message):
    """A new API of a project."""

    project_id: Id
    name: Name = Field(examples=["Orders API"])
    auth_method: AuthMethod = Field(
        default=AuthMethod.UNSPECIFIED,
        description="How it authenticates: basic, which is the default, or private_key_jwt, with a key of its own.",
    )


class UpdateApiApplication(UpdateRequest):
    """What to change; what is left out stays as it is."""

    client_id: Id
    name: Name | None = None
    auth_method: AuthMethod | None = Field(
        default=None,
        description="After a change to basic the application needs a secret; private_key_jwt discards the present one.",
    )


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
    secret, digest = new_secret(ctx) if method is AuthMethod.BASIC else ("", "")
    added = ApiApplicationAdded(
        organization_id=organization,
        project_id=request.project_id,
        name=request.name,
        auth_method=method.value,
        secret_hash=digest,
    )
    made = ApplicationCredentials(client_id=client_id, client_secret=secret)
    return Decision(made, APPLICATION.append(client_id, added))


def update_api_application(request: UpdateApiApplication, ctx: Context) -> Decision[Empty]:
    """Change an API application's name, or how it authenticates."""
    application = reached(request.client_id, ctx)
    expect(ctx, APPLICATION, request.client_id, request)
    if application.type is not ApplicationType.API:
        raise FailedPrecondition("This is no API application", type=str(application.type))
    changes = request.changes()
    if "auth_method" in changes:
        changes["auth_method"] = _accepted(changes["auth_method"])
    present = ApiApplicationChanged(name=application.name, auth_method=application.auth_method.value)
    after = ApiApplicationChanged(**{**present.model_dump(), **changes})
    return Decision(Empty(), *(() if after == present else (APPLICATION.append(request.client_id, after),)))


def _accepted(method: AuthMethod) -> AuthMethod:
    if method not in METHODS:
        raise InvalidInput("", Violation("auth_method", "must be basic or private_key_jwt"))
    return method
