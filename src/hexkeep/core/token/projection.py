"""Views of what there is to be told about tokens.

Token families that refresh tokens belong to are what applications may do while their people are away. Families without
one end with their session and are not in it, so that a sign-in costs no row. When a refresh token was last used is in
the family's state alone: that would be a write for every use.
"""

from collections.abc import Iterator

from hexkeep.core.kernel.event import Event, Log, Recorded
from hexkeep.core.kernel.view import (
    Column,
    ColumnType,
    Delete,
    DeleteWhere,
    Projection,
    Put,
    RowOperation,
    Table,
    Visibility,
)
from hexkeep.core.session.events import SubjectActivityErased
from hexkeep.core.token.events import TokenFamilyRevoked, TokenFamilyStarted, UserImpersonated
from hexkeep.core.token.state import IMPERSONATION, TOKEN_FAMILY

TOKEN_FAMILIES = Table(
    "token_families",
    columns=(
        Column("family_id"),
        Column("user_id"),
        Column("client_id"),
        Column("started_at", ColumnType.TIME),
    ),
    key=("family_id",),
    indexes=(("user_id", "started_at"), ("created_at",)),
    of=TOKEN_FAMILY.name,
    visibility=Visibility(user="user_id"),
)


def _project(recorded: Recorded[Event]) -> Iterator[RowOperation]:
    match recorded.event:
        case TokenFamilyStarted() as event if event.token_hash:
            yield Put(
                TOKEN_FAMILIES,
                {
                    "family_id": recorded.aggregate_id,
                    "user_id": event.user_id,
                    "client_id": event.client_id,
                    "started_at": event.started_at,
                },
            )
        case TokenFamilyRevoked():
            yield Delete(TOKEN_FAMILIES, (recorded.aggregate_id,))
        case SubjectActivityErased(user_id=user_id):
            yield DeleteWhere(TOKEN_FAMILIES, {"user_id": user_id})
        case _:
            return


PROJECTION = Projection(
    "token_families",
    1,
    Log.ACTIVITY,
    (TOKEN_FAMILIES,),
    (TokenFamilyStarted, TokenFamilyRevoked, SubjectActivityErased),
    _project,
)

IMPERSONATIONS = Table(
    "impersonations",
    columns=(Column("user_id"), Column("organization_id")),
    key=("user_id",),
    indexes=(("created_at",),),
    of=IMPERSONATION.name,
    visibility=Visibility(organization="organization_id", user="user_id"),
)
"""Who has been impersonated, so that the history is found by who manages that person."""


def _project_impersonation(recorded: Recorded[Event]) -> Iterator[RowOperation]:
    match recorded.event:
        case UserImpersonated(organization_id=organization_id):
            row = {"user_id": recorded.aggregate_id, "organization_id": organization_id}
            yield Put(IMPERSONATIONS, row)
        case SubjectActivityErased(user_id=user_id):
            yield Delete(IMPERSONATIONS, (user_id,))
        case _:
            return


OF_IMPERSONATIONS = Projection(
    "impersonations",
    1,
    Log.ACTIVITY,
    (IMPERSONATIONS,),
    (UserImpersonated, SubjectActivityErased),
    _project_impersonation,
)
