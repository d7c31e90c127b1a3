"""Types of authorization details: what an instance lets applications ask for in detail."""

from typing import Any

import pytest

from hexkeep.core.detailstype import SLICE
from hexkeep.core.detailstype.commands import MOST
from hexkeep.core.detailstype.events import DetailsTypeAdded, DetailsTypeChanged, DetailsTypeRemoved
from hexkeep.core.detailstype.state import DETAILS_TYPES, DETAILS_TYPES_ID
from hexkeep.core.kernel.errors import AlreadyExists, FailedPrecondition, InvalidInput, NotFound, VersionConflict
from hexkeep.core.oidc.rfc9396 import DetailsField, FieldKind
from hexkeep.testing.decisions import Kit, Outcome, World

KIT = Kit(SLICE)
AMOUNT = DetailsField(name="amount", kind=FieldKind.TEXT, required=True)
ADDED = DetailsTypeAdded(details_type_id="id-1", details_type="payment", name="Payment", details_fields=(AMOUNT,))


def call(world: World, name: str, /, **fields: Any) -> Outcome:
    """Call an operation by name."""
    return world.when(KIT.operation(name).input(**fields), name)


def create(world: World, **changes: Any) -> Outcome:
    """Create a type of payments, changed by `changes`."""
    usual: dict[str, Any] = {"type": "payment", "name": "Payment", "details_fields": (AMOUNT,)}
    return call(world, "CreateAuthorizationDetailsType", **usual | changes)


def test_a_type_is_made_changed_and_removed() -> None:
    """Each step is a fact of the instance's one aggregate; the type itself never changes."""
    made = create(KIT.given())
    made.then(DETAILS_TYPES.append(DETAILS_TYPES_ID, ADDED))
    one = {"authorization_details_type_id": "id-1"}
    changed = call(made.world, "UpdateAuthorizationDetailsType", name="A payment", **one)
    after = DetailsTypeChanged(details_type_id="id-1", name="A payment", details_fields=(AMOUNT,))
    changed.then(DETAILS_TYPES.append(DETAILS_TYPES_ID, after))
    (listed,) = call(changed.world, "ListAuthorizationDetailsTypes").result.types
    assert (listed.type, listed.name, listed.details_fields) == ("payment", "A payment", (AMOUNT,))
    call(changed.world, "UpdateAuthorizationDetailsType", name="A payment", **one).then()
    gone = call(changed.world, "DeleteAuthorizationDetailsType", **one)
    gone.then(DETAILS_TYPES.append(DETAILS_TYPES_ID, DetailsTypeRemoved(details_type_id="id-1")))
    call(gone.world, "DeleteAuthorizationDetailsType", **one).refused(NotFound)
    assert call(gone.world, "ListAuthorizationDetailsTypes").result.types == ()


def test_a_change_may_insist_on_the_version_that_was_seen() -> None:
    """Nobody overwrites what somebody else has changed meanwhile."""
    world = create(KIT.given()).world
    one = {"authorization_details_type_id": "id-1"}
    assert call(world, "ListAuthorizationDetailsTypes").result.version == 1
    call(world, "UpdateAuthorizationDetailsType", name="X", expected_version=2, **one).refused(VersionConflict)
    call(world, "DeleteAuthorizationDetailsType", expected_version=2, **one).refused(VersionConflict)


def test_an_instance_has_each_type_once_and_not_too_many() -> None:
    """Requests name them by their type, and discovery tells all of them."""
    world = create(KIT.given()).world
    create(world).refused(AlreadyExists)
    for number in range(MOST - 1):
        world = create(world, type=f"type-{number}").world
    create(world, type="one-more").refused(FailedPrecondition)


@pytest.mark.parametrize(
    "fields",
    [
        (AMOUNT, AMOUNT),
        (DetailsField(name="type", kind=FieldKind.TEXT),),
        (DetailsField(name="amount", kind=FieldKind.UNSPECIFIED),),
        (DetailsField(name="amount", kind=FieldKind.NUMBER, values=("1",)),),
    ],
    ids=["twice", "type", "no kind", "values of a number"],
)
def test_fields_that_mean_nothing_are_refused(fields: tuple[DetailsField, ...]) -> None:
    """When a type is made, and when it is changed."""
    create(KIT.given(), details_fields=fields).refused(InvalidInput)
    world = create(KIT.given()).world
    one = {"authorization_details_type_id": "id-1"}
    call(world, "UpdateAuthorizationDetailsType", details_fields=fields, **one).refused(InvalidInput)
