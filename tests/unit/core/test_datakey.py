"""Who may rotate keys, and which keys can have a new version."""

import pytest

from hexkeep.core.datakey import SLICE
from hexkeep.core.datakey.commands import RenewDataKey, RewrapDataKeys
from hexkeep.core.datakey.names import insist_on_renewable
from hexkeep.core.kernel.errors import FailedPrecondition, InvalidInput, PermissionDenied
from hexkeep.core.kernel.permission import SYSTEM
from hexkeep.testing.decisions import Kit
from tests.unit.core.worlds import caller

KIT = Kit(SLICE)


@pytest.mark.parametrize("name", ["sealed/signing", "hash/session", "hash/client_secret", "expiring"])
def test_keys_whose_version_is_named_can_be_renewed(name: str) -> None:
    """What was made with the version before says so."""
    insist_on_renewable(name)


@pytest.mark.parametrize(
    "name",
    ["unique", "hash/expiring", "hash/pairwise_subject", "subject/ada", "client/2026-01-01", "check", "wrapping"],
)
def test_other_keys_cannot(name: str) -> None:
    """A new version would break what they are for; the refusal says why."""
    with pytest.raises(FailedPrecondition, match=name):
        insist_on_renewable(name)


@pytest.mark.parametrize(
    "request_", [RewrapDataKeys(), RenewDataKey(instance_id="main", name="sealed/signing")], ids=repr
)
def test_keys_are_the_operators_business(request_: RewrapDataKeys | RenewDataKey) -> None:
    """Not even the owner of an instance touches them."""
    KIT.given().as_(caller("INSTANCE_OWNER")).when(request_).refused(PermissionDenied)


def test_a_page_begins_where_one_ended() -> None:
    """Whatever else is given is refused."""
    KIT.given().as_(SYSTEM).when(RewrapDataKeys(after=("main", "name", "one"))).refused(InvalidInput)
