"""What codes are like is an administrator's choice, within what is safe."""

from datetime import timedelta
from typing import Any

import pytest

from hexkeep.core.code.events import CodeFormReset, CodeFormSet
from hexkeep.core.code.settings import MOST_LIFETIME, CodePurpose
from hexkeep.core.code.state import CODE_FORM, FORMS, SYMBOLS, Purpose
from hexkeep.core.kernel.errors import InvalidInput, PermissionDenied, VersionConflict
from hexkeep.core.kernel.permission import ANONYMOUS
from hexkeep.testing.decisions import NOW, Outcome, World
from tests.unit.core.codes import ALICE, KIT, PASSWORD, WORLD, followed, issued
from tests.unit.core.people import caller


def call(world: World, name: str, /, **fields: Any) -> Outcome:
    """Call an operation by name."""
    return world.when(KIT.operation(name).input(**fields), name)


def test_codes_are_as_long_and_good_for_as_long_as_was_set() -> None:
    """From the next one on; and they can be used."""
    wanted = {"purpose": "verify_email", "length": 12, "lifetime_seconds": 600}
    made = call(WORLD, "SetCodeSettings", **wanted)
    made.then(CODE_FORM.append("verify_email", CodeFormSet(symbols=12, lifetime_seconds=600)))
    call(made.world, "SetCodeSettings", **wanted).then()
    change = call(made.world.as_(ALICE), "SetMyEmail", email="new@example.com", present_password=PASSWORD)
    sent = issued(followed(change))
    assert (len(sent.code), set(sent.code) <= set(SYMBOLS)) == (12, True)
    assert sent.expires_at == NOW + timedelta(minutes=10)
    settings = {one.purpose: one for one in call(made.world, "ListCodeSettings").result.settings}
    assert settings[CodePurpose.VERIFY_EMAIL].length == 12
    assert [one for one in settings if not settings[one].is_default] == [CodePurpose.VERIFY_EMAIL]
    back = call(made.world, "ResetCodeSettings", purpose="verify_email", expected_version=1)
    back.then(CODE_FORM.append("verify_email", CodeFormReset()))
    call(back.world, "ResetCodeSettings", purpose="verify_email").then()


def test_links_are_good_for_as_long_as_was_set() -> None:
    """Their length is not to be chosen."""
    made = call(WORLD, "SetCodeSettings", purpose="reset_password", lifetime_seconds=300)
    sent = issued(call(made.world.as_(ANONYMOUS), "RequestPasswordReset", login_name="alice"))
    assert sent.expires_at == NOW + timedelta(minutes=5)


@pytest.mark.parametrize(
    "wrong",
    [
        {"purpose": "verify_email", "length": 5, "lifetime_seconds": 600},
        {"purpose": "verify_email", "lifetime_seconds": 600},
        {"purpose": "reset_password", "length": 8, "lifetime_seconds": 600},
        {"purpose": "one_time_code", "length": 6, "lifetime_seconds": 601},
        {"purpose": "invite_user", "lifetime_seconds": 59},
        {"purpose": "unspecified", "length": 8, "lifetime_seconds": 600},
    ],
)
def test_nobody_makes_codes_that_can_be_guessed(wrong: dict[str, Any]) -> None:
    """At least six of twenty symbols, or a link, and no longer than is good for anybody."""
    call(WORLD, "SetCodeSettings", **wrong).refused(InvalidInput)


def test_every_purpose_can_be_set_and_begins_within_its_bounds() -> None:
    """No purpose is forgotten in the list that callers see."""
    assert {one.value for one in CodePurpose} - {"unspecified"} == {one.value for one in Purpose}
    assert all(FORMS[one].lifetime <= MOST_LIFETIME[one] for one in Purpose)


def test_codes_are_the_instances() -> None:
    """Who owns an organization, or views the instance, sets nothing; a stale version is refused."""
    fields = {"purpose": "verify_email", "length": 8, "lifetime_seconds": 600}
    for who in (caller("owner", "ORGANIZATION_OWNER", "acme"), caller("viewer", "INSTANCE_VIEWER")):
        call(WORLD.as_(who), "SetCodeSettings", **fields).refused(PermissionDenied)
        call(WORLD.as_(who), "ResetCodeSettings", purpose="verify_email").refused(PermissionDenied)
    call(WORLD.as_(caller("owner", "ORGANIZATION_OWNER", "acme")), "ListCodeSettings").refused(PermissionDenied)
    call(WORLD, "SetCodeSettings", **fields, expected_version=3).refused(VersionConflict)
