"""Making and deleting keys of applications."""

from datetime import datetime

from pydantic import Field

from hexkeep.core.application.state import APPLICATION, AuthMethod
from hexkeep.core.application.trust import insist_on_trust
from hexkeep.core.applicationkey.events import ApplicationKeyCreated, ApplicationKeyDeleted
from hexkeep.core.applicationkey.projection import APPLICATION_KEYS
from hexkeep.core.applicationkey.state import APPLICATION_KEY
from hexkeep.core.kernel.access import reach
from hexkeep.core.kernel.ask import RowsOf
from hexkeep.core.kernel.decision import Context, Decision
from hexkeep.core.kernel.errors import FailedPrecondition
from hexkeep.core.kernel.expiry import expiry_of
from hexkeep.core.kernel.fields import Id
from hexkeep.core.kernel.operation import Empty, Message
from hexkeep.core.kernel.update import Conditional, expect
from hexkeep.core.kernel.view import Select, eq
from hexkeep.core.key.state import Algorithm
from hexkeep.core.oidc.client_keys import LONGEST, MAX_KEYS, USUAL, key_file, new_key

FILE_TYPE = "hexkeep.application_key"
"""What a key file says it is."""


class CreateApplicationKey(Message):
    """A new key for an application."""

    client_id: Id
    algorithm: Algorithm = Field(
        default=Algorithm.UNSPECIFIED, description="What a key made here signs with. If left out: ES256."
    )
    public_key: str = Field(
        default="",
        max_length=8000,
        description="A public key of one's own: a JWK, or PEM. If left out a key pair is made.",
    )
    expires_at: datetime | None = Field(
        default=None, description="When it ceases to hold: within five years. If left out: a year from now."
    )


class NewApplicationKey(Message):
    """The key. ``key_id`` goes into the `kid` of what it signs. A key file is empty for who brought a public key."""

    key_id: str
    key_file: str = Field(
        repr=False, description="JSON with the private key as a JWK and where to use it. It is not shown again."
    )
    expires_at: datetime


class DeleteApplicationKey(Conditional):
    """The key that is to hold no more."""

    key_id: Id


def create_application_key(request: CreateApplicationKey, ctx: Context) -> Decision[NewApplicationKey]:
    """Create a key with which an application authenticates by `private_key_jwt` (RFC 7523 section 2.2).

    Either a key pair is made here and its private part is shown this once, as a file; or the caller brings a public
    key, whose private part never leaves the application.
    """
    application = ctx.load(APPLICATION, request.client_id)
    place = {"organization": application.organization_id, "project": application.project_id}
    reach(ctx, "application.read", exists=application.exists, **place)
    insist_on_trust(ctx, api_access=application.api_access)
    if application.auth_method is not AuthMethod.PRIVATE_KEY_JWT:
        raise FailedPrecondition("The application does not authenticate by private_key_jwt")
    expires = expiry_of(request.expires_at, ctx.now, usual=USUAL, longest=LONGEST)
    present = RowsOf(Select(APPLICATION_KEYS, eq("client_id", request.client_id), limit=MAX_KEYS), unscoped=True)
    if len(ctx.ask(present)) >= MAX_KEYS:
        raise FailedPrecondition(f"An application has at most {MAX_KEYS} keys: delete one first")
    key, key_id = new_key(ctx, request.algorithm, request.public_key), ctx.new_id()
    created = ApplicationKeyCreated(
        client_id=request.client_id,
        organization_id=application.organization_id,
        project_id=application.project_id,
        public=dict(key.public),
        expires_at=expires,
    )
    file = key_file(ctx, key, key_id, expires, {"type": FILE_TYPE, "client_id": request.client_id})
    answer = NewApplicationKey(key_id=key_id, key_file=file, expires_at=expires)
    return Decision(answer, APPLICATION_KEY.append(key_id, created))


def delete_application_key(request: DeleteApplicationKey, ctx: Context) -> Decision[Empty]:
    """Delete an application's key: nothing that it signs is believed any more."""
    key = ctx.load(APPLICATION_KEY, request.key_id)
    reach(ctx, "application.read", exists=key.exists, organization=key.organization_id, project=key.project_id)
    expect(ctx, APPLICATION_KEY, request.key_id, request)
    return Decision(Empty(), APPLICATION_KEY.append(request.key_id, ApplicationKeyDeleted()))
