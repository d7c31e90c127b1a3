from typing import Any

import pytest
from pydantic import ValidationError

from hexkeep.core.kernel.errors import NotFound, PermissionDenied, TooLarge, VersionConflict
from hexkeep.core.organization import SLICE as ORGANIZATIONS
from hexkeep.core.text import SLICE
from hexkeep.core.text.events import CustomTextsReset, CustomTextsSet
from hexkeep.core.text.state import TEXTS
from hexkeep.testing.decisions import Kit, Outcome, World
from tests.unit.core.people import caller, organization

KIT = Kit(SLICE, ORGANIZATIONS)
TITLE, SUBJECT = "page.login.title", "mail.reset_password.subject"


def call(world: World, name: str, /, **fields: Any) -> Outcome:
    """Call an operation by name, in English."""
    return world.when(KIT.operation(name).input(language="en", **fields), name)


def world() -> World:
    """Two organizations."""
    return KIT.given(*organization("acme"), *organization("other"))


def test_an_organizations_texts_come_before_the_instances() -> None:
    """Text by text, and again the instance's once they are taken back."""
    texts = {TITLE: "Welcome", SUBJECT: "Another password"}
    after = call(world(), "SetDefaultCustomTexts", texts=texts)
    after.then(TEXTS.append("instance.en", CustomTextsSet(language="en", texts=texts)))
    own = call(after.world, "SetCustomTexts", organization_id="acme", texts={TITLE: "Hi"})
    shown = call(own.world, "GetCustomTexts", organization_id="acme").result
    assert (shown.texts, shown.effective) == ({TITLE: "Hi"}, {**texts, TITLE: "Hi"})
    assert call(own.world, "GetCustomTexts", organization_id="other").result.effective == texts
    back = call(own.world, "ResetCustomTexts", organization_id="acme")
    back.then(TEXTS.append("acme.en", CustomTextsReset(language="en")))
    assert call(back.world, "GetCustomTexts", organization_id="acme").result.effective == texts
    call(back.world, "ResetCustomTexts", organization_id="acme").then()


def test_the_same_again_is_no_event_and_a_stale_version_is_refused() -> None:
    """Languages have versions of their own, whatever the case of their tag."""
    once = call(world(), "SetDefaultCustomTexts", texts={TITLE: "Welcome"}).world
    call(once, "SetDefaultCustomTexts", texts={TITLE: "Welcome"}).then()
    call(once, "SetDefaultCustomTexts", texts={TITLE: "Hi"}, expected_version=2).refused(VersionConflict)
    upper = KIT.operation("GetDefaultCustomTexts").input(language="EN")
    assert once.when(upper, "GetDefaultCustomTexts").result.version == 1
    german = KIT.operation("GetDefaultCustomTexts").input(language="de-CH")
    assert once.when(german, "GetDefaultCustomTexts").result.texts == {}


@pytest.mark.parametrize(
    "texts",
    [
        {"login.title": "of no kind"},
        {"page.Login": "capital"},
        {"page.login.title": ""},
        {"page.login.title": "x" * 4001},
        {"page.login.title": "left\u202eright"},
        {"page.login.title": "a\x07"},
        {f"page.t{number}": "x" for number in range(501)},
    ],
)
def test_what_is_no_text_is_refused(texts: dict[str, str]) -> None:
    """Ids, lengths and characters are bounded."""
    with pytest.raises(ValidationError):
        KIT.operation("SetDefaultCustomTexts").input(language="en", texts=texts)


def test_all_texts_of_a_language_are_bounded() -> None:
    """They are read with each page."""
    call(world(), "SetDefaultCustomTexts", texts={f"page.t{n}": "x" * 4000 for n in range(26)}).refused(TooLarge)


def test_texts_are_for_those_who_set_policies() -> None:
    """Of the instance, or of the organization; strangers are not told whether there is one."""
    owner, viewer = caller("eve", "ORGANIZATION_OWNER", "acme"), caller("eve", "ORGANIZATION_VIEWER", "acme")
    call(world().as_(owner), "SetDefaultCustomTexts", texts={TITLE: "Hi"}).refused(PermissionDenied)
    call(world().as_(owner), "GetDefaultCustomTexts").refused(PermissionDenied)
    assert call(world().as_(owner), "SetCustomTexts", organization_id="acme", texts={TITLE: "Hi"}).error is None
    call(world().as_(owner), "SetCustomTexts", organization_id="other", texts={TITLE: "Hi"}).refused(NotFound)
    call(world().as_(viewer), "SetCustomTexts", organization_id="acme", texts={TITLE: "Hi"}).refused(PermissionDenied)
    assert call(world().as_(viewer), "GetCustomTexts", organization_id="acme").result
    call(world().as_(viewer), "ResetCustomTexts", organization_id="acme").refused(PermissionDenied)
