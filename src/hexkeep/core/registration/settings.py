"""Who may register clients in an instance: reading that, and setting it."""

from pydantic import Field

from hexkeep.core.kernel.decision import Context, Decision
from hexkeep.core.kernel.errors import InvalidInput, NotFound, Violation
from hexkeep.core.kernel.fields import OptionalId
from hexkeep.core.kernel.lifecycle import Status
from hexkeep.core.kernel.operation import Empty, Message
from hexkeep.core.kernel.update import Conditional, expect
from hexkeep.core.project.state import PROJECT
from hexkeep.core.registration.events import ClientRegistrationSet
from hexkeep.core.registration.state import CLIENT_REGISTRATION, CLIENT_REGISTRATION_ID, RegistrationMode


class SetClientRegistration(Conditional):
    """Who may register clients, in place of the present rule."""

    mode: RegistrationMode = Field(
        description="`closed`: nobody; `token`: who has an initial access token; `open`: everybody, within limits.",
        examples=["token"],
    )
    project_id: OptionalId = Field(
        default="",
        description="The project of clients that come without a token, or that a document at their address describes. "
        "Needed for both.",
    )
    metadata_documents: bool = Field(
        default=False,
        description="Whether a client may be known by the URL of a document that describes it, without registration.",
    )
    token_endpoint_audience: bool = Field(
        default=False,
        description="Whether assertions of clients that register themselves from now on, or are known by a document, "
        "may name the token endpoint as audience, as old libraries do.",
    )


class ClientRegistrationView(Message):
    """Who may register clients."""

    mode: RegistrationMode
    project_id: str
    metadata_documents: bool
    token_endpoint_audience: bool
    version: int


def set_client_registration(request: SetClientRegistration, ctx: Context) -> Decision[Empty]:
    """Set who may register clients, and whether clients may be known by a document at their address.

    Users are asked for consent before they are signed in to any of these.
    """
    ctx.authorize()
    expect(ctx, CLIENT_REGISTRATION, CLIENT_REGISTRATION_ID, request)
    if request.mode is RegistrationMode.UNSPECIFIED:
        raise InvalidInput("", Violation("mode", "must be closed, token or open"))
    uninvited = request.mode is RegistrationMode.OPEN or request.metadata_documents
    if uninvited and not request.project_id:
        raise InvalidInput("", Violation("project_id", "must say where clients go that nobody has invited"))
    if request.project_id:
        _insist_on_project(ctx, request.project_id)
    present = ctx.load(CLIENT_REGISTRATION, CLIENT_REGISTRATION_ID)
    after = ClientRegistrationSet(
        mode=request.mode.value,
        project_id=request.project_id,
        metadata_documents=request.metadata_documents,
        token_endpoint_audience=request.token_endpoint_audience,
    )
    if CLIENT_REGISTRATION.fold((after,), present) == present:
        return Decision(Empty())
    return Decision(Empty(), CLIENT_REGISTRATION.append(CLIENT_REGISTRATION_ID, after))


def _insist_on_project(ctx: Context, project_id: str) -> None:
    project = ctx.load(PROJECT, project_id)
    if not project.exists:
        raise NotFound
    project.status.insist(Status.ACTIVE, "project")


def get_client_registration(_request: Empty, ctx: Context) -> Decision[ClientRegistrationView]:
    """Tell who may register clients."""
    ctx.authorize()
    present = ctx.load(CLIENT_REGISTRATION, CLIENT_REGISTRATION_ID)
    return Decision(
        ClientRegistrationView(
            mode=present.mode,
            project_id=present.project_id,
            metadata_documents=present.metadata_documents,
            token_endpoint_audience=present.token_endpoint_audience,
            version=ctx.version(CLIENT_REGISTRATION, CLIENT_REGISTRATION_ID),
        )
    )
