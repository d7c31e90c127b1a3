"""What can be done to types of authorization details, and how they are looked at."""

from collections import Counter
from collections.abc import Iterator
from typing import Annotated

from pydantic import AfterValidator, Field, StringConstraints

from hexkeep.core.detailstype.events import DetailsTypeAdded, DetailsTypeChanged, DetailsTypeRemoved
from hexkeep.core.detailstype.state import DETAILS_TYPES, DETAILS_TYPES_ID
from hexkeep.core.kernel.decision import Context, Decision
from hexkeep.core.kernel.errors import AlreadyExists, FailedPrecondition, InvalidInput, NotFound, Violation
from hexkeep.core.kernel.fields import Id, Name, one_line
from hexkeep.core.kernel.operation import Empty, Message
from hexkeep.core.kernel.update import Conditional, UpdateRequest, expect
from hexkeep.core.oidc.rfc9396 import TYPE, DetailsField, DetailsType, FieldKind

MOST = 100
"""How many types an instance may have: they are all in its discovery document."""
OF_TEXT = frozenset({FieldKind.TEXT, FieldKind.TEXTS})

TypeName = Annotated[str, StringConstraints(min_length=1, max_length=200, pattern=r"^[\x21\x23-\x5B\x5D-\x7E]+$")]
"""What requests name a type by (RFC 9396 section 2): a word, or a URI so that nobody else means another by it."""
Description = Annotated[str, StringConstraints(max_length=500, strip_whitespace=True), AfterValidator(one_line)]
Fields = Annotated[
    tuple[DetailsField, ...],
    Field(max_length=50, examples=[[{"name": "actions", "kind": "texts", "required": True, "values": ["read"]}]]),
]


class CreateAuthorizationDetailsType(Message):
    """A new type."""

    type: TypeName = Field(examples=["urn:example:account_information"], description="Never changes.")
    name: Name = Field(examples=["Account information"], description="What people are shown when they consent.")
    description: Description = Field(default="", description="What it means to consent, in one sentence.")
    details_fields: Fields = Field(default=(), description="All that its objects may have besides their type.")


class AuthorizationDetailsTypeCreated(Message):
    """The new type."""

    authorization_details_type_id: str


class UpdateAuthorizationDetailsType(UpdateRequest):
    """What to change; what is left out stays as it is."""

    authorization_details_type_id: Id
    name: Name | None = None
    description: Description | None = None
    details_fields: Fields | None = None


class DeleteAuthorizationDetailsType(Conditional):
    """The type to remove."""

    authorization_details_type_id: Id


class AuthorizationDetailsTypeView(Message):
    """A type as its readers see it."""

    authorization_details_type_id: str
    type: str
    name: str
    description: str
    details_fields: tuple[DetailsField, ...]


class AuthorizationDetailsTypes(Message):
    """All types of an instance, the oldest first; ``version`` is that of them all."""

    types: tuple[AuthorizationDetailsTypeView, ...]
    version: int


def create_authorization_details_type(
    request: CreateAuthorizationDetailsType, ctx: Context
) -> Decision[AuthorizationDetailsTypeCreated]:
    """Add a type of authorization details (RFC 9396). Applications that register it may ask for objects of it."""
    ctx.authorize()
    types = ctx.load(DETAILS_TYPES, DETAILS_TYPES_ID)
    if request.type in types.by_type:
        raise AlreadyExists("authorization_details_type")
    if len(types.by_id) >= MOST:
        raise FailedPrecondition(f"An instance has {MOST} types of authorization details at most")
    _insist_on_fields(request.details_fields)
    added = DetailsTypeAdded(
        details_type_id=ctx.new_id(),
        details_type=request.type,
        name=request.name,
        description=request.description,
        details_fields=request.details_fields,
    )
    created = AuthorizationDetailsTypeCreated(authorization_details_type_id=added.details_type_id)
    return Decision(created, DETAILS_TYPES.append(DETAILS_TYPES_ID, added))


def update_authorization_details_type(request: UpdateAuthorizationDetailsType, ctx: Context) -> Decision[Empty]:
    """Change how a type is shown, or which fields its objects have. What was granted before stays as it was."""
    present = _present(request.authorization_details_type_id, ctx)
    expect(ctx, DETAILS_TYPES, DETAILS_TYPES_ID, request)
    held = {"name": present.name, "description": present.description, "details_fields": present.fields}
    after = {**held, **request.changes()}
    if after == held:
        return Decision(Empty())
    changed = DetailsTypeChanged(details_type_id=request.authorization_details_type_id, **after)
    _insist_on_fields(changed.details_fields)
    return Decision(Empty(), DETAILS_TYPES.append(DETAILS_TYPES_ID, changed))


def delete_authorization_details_type(request: DeleteAuthorizationDetailsType, ctx: Context) -> Decision[Empty]:
    """Remove a type: nobody may ask for it any more. What was granted under it stays granted until it ends."""
    _present(request.authorization_details_type_id, ctx)
    expect(ctx, DETAILS_TYPES, DETAILS_TYPES_ID, request)
    removed = DetailsTypeRemoved(details_type_id=request.authorization_details_type_id)
    return Decision(Empty(), DETAILS_TYPES.append(DETAILS_TYPES_ID, removed))


def list_authorization_details_types(_request: Empty, ctx: Context) -> Decision[AuthorizationDetailsTypes]:
    """List the types of authorization details that applications of the instance may register."""
    ctx.authorize()
    known = ctx.load(DETAILS_TYPES, DETAILS_TYPES_ID).by_id
    views = (
        AuthorizationDetailsTypeView(
            authorization_details_type_id=one,
            type=kept.type,
            name=kept.name,
            description=kept.description,
            details_fields=kept.fields,
        )
        for one, kept in known.items()
    )
    version = ctx.version(DETAILS_TYPES, DETAILS_TYPES_ID)
    return Decision(AuthorizationDetailsTypes(types=tuple(views), version=version))


def _present(details_type_id: str, ctx: Context) -> DetailsType:
    ctx.authorize()
    found = ctx.load(DETAILS_TYPES, DETAILS_TYPES_ID).by_id.get(details_type_id)
    if found is None:
        raise NotFound
    return found


def _insist_on_fields(fields: tuple[DetailsField, ...]) -> None:
    wrong = [Violation("details_fields", f"{name} {problem}") for name, problem in _problems(fields)]
    if wrong:
        raise InvalidInput("", *wrong)


def _problems(fields: tuple[DetailsField, ...]) -> Iterator[tuple[str, str]]:
    for name, count in Counter(field.name for field in fields).items():
        if count > 1:
            yield name, "is named twice"
    for field in fields:
        if field.name == TYPE:
            yield field.name, "is there without being named"
        if field.kind is FieldKind.UNSPECIFIED:
            yield field.name, "has no kind"
        if field.values and field.kind not in OF_TEXT:
            yield field.name, "has values, and is no text"
