"""Assets: who may set, remove and see them, what is kept of an upload, and what becomes of the bytes."""

import contextlib
import struct
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from hexkeep.core.asset import SLICE, commands, queries
from hexkeep.core.asset.commands import (
    AVATAR_EDGE,
    ICON_EDGE,
    LARGEST,
    LOGO_EDGE,
    UPLOADS,
    DeleteInstanceAsset,
    DeleteMyAvatar,
    DeleteOrganizationAsset,
    DeleteUserAvatar,
    ForgetAvatar,
    SetInstanceAsset,
    SetMyAvatar,
    SetOrganizationAsset,
    SetUserAvatar,
)
from hexkeep.core.asset.errors import NotAFont, NotAPicture
from hexkeep.core.asset.events import AssetKind, AssetRemoved, AssetSet, AvatarRemoved, AvatarSet
from hexkeep.core.asset.fonts import font_type
from hexkeep.core.asset.state import ASSET, AVATAR, Asset, asset_id
from hexkeep.core.kernel.ask import StateOf
from hexkeep.core.kernel.blob import HoldsBlobs
from hexkeep.core.kernel.errors import (
    InvalidInput,
    NotFound,
    PermissionDenied,
    ResourceExhausted,
    Unauthenticated,
    VersionConflict,
)
from hexkeep.core.kernel.operation import Empty
from hexkeep.core.kernel.permission import ANONYMOUS, SYSTEM
from hexkeep.core.organization.commands import DeleteOrganization
from hexkeep.core.organization.events import OrganizationRemoved
from hexkeep.core.organization.state import ORGANIZATION
from hexkeep.core.session import SLICE as SESSIONS
from hexkeep.core.user.commands import DeactivateUser, DeleteUser
from hexkeep.core.user.profile import DeleteMyAccount
from hexkeep.core.user.state import USER
from hexkeep.testing.answers import PICTURE, blob_name
from hexkeep.testing.decisions import Kit
from tests.unit.core.asking import asked_for
from tests.unit.core.worlds import NOBODY, SLICES, caller, human, machine, member, organization, session

KIT = Kit(*SLICES, SLICE, SESSIONS)
ACME = KIT.given(*organization(), *human(), *organization("other"), *human("bob", "other"))
ALICE = caller("PROJECT_VIEWER", "none", user_id="alice")
OWNER, STRANGER = caller("ORGANIZATION_OWNER", "acme"), caller("ORGANIZATION_OWNER", "other")
OTHER_PICTURE = PICTURE + b" of something else"
WOFF2 = b"wOF2\0\0\0\0" + struct.pack(">I", 16) + b"\0\0\0\0"
KINDS = [kind for kind in AssetKind if kind is not AssetKind.UNSPECIFIED]


def avatar_set(content: bytes = PICTURE, user_id: str = "alice", organization_id: str = "acme") -> AvatarSet:
    """What is written for a picture, as the kit draws it."""
    name = blob_name(AVATAR.ref(user_id), content)
    about = {"content_type": "image/png", "size": len(content), "width": AVATAR_EDGE, "height": 1}
    return AvatarSet.model_validate({"user_id": user_id, "organization_id": organization_id, "name": name, **about})


def asset_set(organization_id: str = "acme", kind: AssetKind = AssetKind.LOGO, edge: int = LOGO_EDGE) -> AssetSet:
    """The same for a logo."""
    name = blob_name(ASSET.ref(asset_id(organization_id, kind)), PICTURE)
    about = {"content_type": "image/png", "size": len(PICTURE), "width": edge, "height": 1}
    return AssetSet.model_validate({"organization_id": organization_id, "kind": kind, "name": name, **about})


WITH_AVATAR = ACME.given(AVATAR.append("alice", avatar_set()))

# --- avatars ----------------------------------------------------------------------------------------------------------


def test_everybody_has_a_picture_of_their_own() -> None:
    """It takes no role; what is kept is told, and the caller alone is meant."""
    outcome = ACME.as_(ALICE).when(SetMyAvatar(content=PICTURE))
    outcome.then(AVATAR.append("alice", avatar_set()))
    assert outcome.result.name == avatar_set().name
    assert outcome.world.when(Empty(), operation="GetMyAvatar").result.width == AVATAR_EDGE


def test_same_picture_again_is_no_event() -> None:
    """A repeated upload changes nothing; another picture is an event, and the former one is referred to no more."""
    world = WITH_AVATAR.as_(ALICE)
    world.when(SetMyAvatar(content=PICTURE)).then()
    world.when(SetMyAvatar(content=OTHER_PICTURE)).then(AVATAR.append("alice", avatar_set(OTHER_PICTURE)))


def test_what_is_no_picture_is_refused() -> None:
    """By its bytes, whatever anybody says of it."""
    ACME.as_(ALICE).when(SetMyAvatar(content=b"<svg onload='alert(1)'/>")).refused(NotAPicture)


@pytest.mark.parametrize("content", [b"", bytes(LARGEST + 1)], ids=["nothing", "too much"])
def test_uploads_are_bounded(content: bytes) -> None:
    """Neither nothing nor more than the bound is looked at."""
    with pytest.raises(ValidationError):
        SetMyAvatar(content=content)


def test_own_picture_goes_when_its_user_wants() -> None:
    """Once; and it is not read any more."""
    outcome = WITH_AVATAR.as_(ALICE).when(DeleteMyAvatar())
    outcome.then(AVATAR.append("alice", AvatarRemoved()))
    outcome.world.when(DeleteMyAvatar()).then()
    outcome.world.when(Empty(), operation="GetMyAvatar").refused(NotFound)


def test_only_a_user_has_a_picture() -> None:
    """Neither nobody, nor the system, nor a user that is not active."""
    for who in (SYSTEM, NOBODY):
        ACME.as_(who).when(SetMyAvatar(content=PICTURE)).refused(Unauthenticated)
    inactive = ACME.when(DeactivateUser(user_id="alice")).world.as_(ALICE)
    inactive.when(SetMyAvatar(content=PICTURE)).refused(Unauthenticated)


def test_uploads_are_limited() -> None:
    """Of each picture the bytes lie there for a day, so nobody fills the storage by changing a picture all the time."""
    logo = SetOrganizationAsset(organization_id="acme", kind=AssetKind.LOGO, content=PICTURE)
    for who, request in ((ALICE, SetMyAvatar(content=PICTURE)), (OWNER, logo)):
        world = ACME.as_(who)
        for _ in range(UPLOADS):
            world = world.when(request).world
        world.when(request).refused(ResourceExhausted)


def test_picture_goes_with_the_account() -> None:
    """Whoever deletes it: of somebody who is gone no picture is left."""
    owner = WITH_AVATAR.as_(OWNER).when(DeleteUser(user_id="alice"))
    alice = replace(caller("ORGANIZATION_SELF_MANAGER", "acme", user_id="alice"), session_id="s1")
    own = WITH_AVATAR.given(*session("alice", "s1")).as_(alice).when(DeleteMyAccount())
    WITH_AVATAR.as_(replace(alice, session_id="")).when(DeleteMyAccount()).refused(PermissionDenied)
    for outcome in (owner, own):
        assert AVATAR.append("alice", AvatarRemoved()) in outcome.changes


def test_nobody_gets_a_picture_who_is_removed_at_that_moment() -> None:
    """The user has to be as it was found when the picture is written."""
    for who, request in (
        (ALICE, SetMyAvatar(content=PICTURE)),
        (OWNER, SetUserAvatar(user_id="alice", content=PICTURE)),
    ):
        assert StateOf(USER, "alice", guarded=True) in asked_for(ACME.as_(who), request)


def test_managers_set_pictures_of_their_own_users() -> None:
    """Of machines as well; strangers are not told that there is such a user, readers are told that they may not."""
    request, removal = SetUserAvatar(user_id="alice", content=PICTURE), DeleteUserAvatar(user_id="alice")
    ACME.as_(OWNER).when(request).then(AVATAR.append("alice", avatar_set()))
    WITH_AVATAR.as_(OWNER).when(removal).then(AVATAR.append("alice", AvatarRemoved()))
    robot = ACME.given(*machine()).as_(OWNER).when(SetUserAvatar(user_id="robot", content=PICTURE))
    robot.then(AVATAR.append("robot", avatar_set(user_id="robot")))
    for message in (request, removal):
        for who in (NOBODY, ALICE, STRANGER):
            WITH_AVATAR.as_(who).when(message).refused(NotFound)
        WITH_AVATAR.as_(caller("ORGANIZATION_VIEWER", "acme")).when(message).refused(PermissionDenied)
        WITH_AVATAR.as_(OWNER).when(message.model_copy(update={"user_id": "nobody"})).refused(NotFound)


def test_permission_comes_before_the_picture() -> None:
    """Nobody has a picture decoded who may not set it."""
    ACME.as_(STRANGER).when(SetUserAvatar(user_id="alice", content=b"no picture")).refused(NotFound)


def test_what_is_known_of_a_picture_is_for_who_sees_the_user() -> None:
    """The user and who may read users."""
    asked = queries.GetUserAvatar(user_id="alice")
    for who in (OWNER, caller("ORGANIZATION_VIEWER", "acme")):
        assert WITH_AVATAR.as_(who).when(asked).result.name == avatar_set().name
    WITH_AVATAR.as_(STRANGER).when(asked).refused(NotFound)
    WITH_AVATAR.as_(NOBODY).when(asked).refused(PermissionDenied)


def test_picture_is_shown_to_who_sees_the_user() -> None:
    """The caller's own without naming anybody; nobody else's to strangers."""
    world = ACME.as_(ALICE).when(SetMyAvatar(content=PICTURE)).world
    assert world.when(queries.ShowMyAvatar()).result.content == PICTURE
    shown = queries.ShowAvatar(user_id="alice")
    assert world.as_(OWNER).when(shown).result.content == PICTURE
    world.as_(STRANGER).when(shown).refused(NotFound)
    world.as_(NOBODY).when(shown).refused(PermissionDenied)
    world.as_(NOBODY).when(queries.ShowMyAvatar()).refused(NotFound)


def test_who_knows_the_name_is_shown_the_picture() -> None:
    """Its present name alone, and under its own user alone."""
    world = ACME.as_(ALICE).when(SetMyAvatar(content=PICTURE)).world
    asked = queries.ShowNamedAvatar(user_id="alice", name=avatar_set().name)
    assert world.as_(ANONYMOUS).when(asked).result.content == PICTURE
    for wrong in ({"name": "other"}, {"user_id": "bob"}, {"user_id": "none"}):
        world.as_(ANONYMOUS).when(asked.model_copy(update=wrong)).refused(NotFound)
    removed = world.when(DeleteMyAvatar()).world
    removed.as_(ANONYMOUS).when(asked).refused(NotFound)
    replaced = world.when(SetMyAvatar(content=OTHER_PICTURE)).world
    replaced.as_(ANONYMOUS).when(asked).refused(NotFound)


def test_bytes_are_not_sent_to_who_has_them() -> None:
    """Whoever knows the present name gets it without the bytes."""
    world = ACME.as_(ALICE).when(SetMyAvatar(content=PICTURE)).world
    assert world.when(queries.ShowMyAvatar(known=("x", avatar_set().name))).result.content is None
    assert world.when(queries.ShowMyAvatar(known=("x",))).result.content == PICTURE


def test_picture_goes_with_its_user() -> None:
    """In the same decision; and nobody is shown it."""
    outcome = WITH_AVATAR.when(DeleteUser(user_id="alice"))
    assert AVATAR.append("alice", AvatarRemoved()) in outcome.changes
    asked = queries.ShowNamedAvatar(user_id="alice", name=avatar_set().name)
    outcome.world.as_(ANONYMOUS).when(asked).refused(NotFound)


def test_picture_of_who_was_erased_goes() -> None:
    """By the engine alone, repeatedly, and when nothing of the picture can be read any more."""
    unreadable = avatar_set().model_copy(update={"name": "", "content_type": "", "size": 0, "width": 0, "height": 0})
    world = ACME.given(AVATAR.append("alice", unreadable)).as_(SYSTEM)
    outcome = world.when(ForgetAvatar(user_id="alice"))
    outcome.then(AVATAR.append("alice", AvatarRemoved()))
    outcome.world.when(ForgetAvatar(user_id="alice")).then()
    world.as_(caller("INSTANCE_OWNER")).when(ForgetAvatar(user_id="alice")).refused(PermissionDenied)


def test_nobody_changes_the_picture_of_who_holds_more() -> None:
    """As nobody changes anything else of them: others know people by their pictures."""
    world = WITH_AVATAR.given(*member("alice", "ORGANIZATION_OWNER", "acme"))
    for message in (SetUserAvatar(user_id="alice", content=PICTURE), DeleteUserAvatar(user_id="alice")):
        world.as_(caller("ORGANIZATION_USER_MANAGER", "acme")).when(message).refused(PermissionDenied)
        assert world.as_(OWNER).when(message).error is None


# --- what organizations and the instance show -------------------------------------------------------------------------


def test_organization_shows_what_it_sets() -> None:
    """To everybody, without a sign-in; the same again is no event."""
    world = ACME.as_(OWNER)
    request = SetOrganizationAsset(organization_id="acme", kind=AssetKind.LOGO, content=PICTURE)
    outcome = world.when(request)
    outcome.then(ASSET.append("acme.logo", asset_set()))
    outcome.world.when(request).then()
    shown = queries.ShowAsset(organization_id="acme", kind=AssetKind.LOGO)
    assert outcome.world.as_(ANONYMOUS).when(shown).result.content == PICTURE
    named = shown.model_copy(update={"name": asset_set().name})
    assert outcome.world.as_(ANONYMOUS).when(named).result.content == PICTURE
    for wrong in ({"name": "other"}, {"kind": AssetKind.ICON}, {"organization_id": "other"}, {"organization_id": ""}):
        outcome.world.as_(ANONYMOUS).when(named.model_copy(update=wrong)).refused(NotFound)


def test_assets_of_an_organization_are_its_managers() -> None:
    """A stranger is not told that there is such an organization; a reader is told that they may not."""
    written = SetOrganizationAsset(organization_id="acme", kind=AssetKind.LOGO, content=PICTURE)
    removed = DeleteOrganizationAsset(organization_id="acme", kind=AssetKind.LOGO)
    world = ACME.given(ASSET.append("acme.logo", asset_set()))
    for message in (written, removed):
        for who in (NOBODY, STRANGER):
            world.as_(who).when(message).refused(NotFound)
        world.as_(caller("ORGANIZATION_VIEWER", "acme")).when(message).refused(PermissionDenied)
        world.when(message.model_copy(update={"organization_id": "nowhere"})).refused(NotFound)


def test_instance_shows_what_its_owners_set() -> None:
    """An organization's owner has no say in it, and an organization has no asset of the instance's id."""
    request = SetInstanceAsset(kind=AssetKind.ICON, content=PICTURE)
    outcome = ACME.as_(caller("INSTANCE_OWNER")).when(request)
    outcome.then(ASSET.append(".icon", asset_set("", AssetKind.ICON, ICON_EDGE)))
    shown = queries.ShowAsset(kind=AssetKind.ICON)
    assert outcome.world.as_(ANONYMOUS).when(shown).result.content == PICTURE
    removed = outcome.world.when(DeleteInstanceAsset(kind=AssetKind.ICON))
    removed.then(ASSET.append(".icon", AssetRemoved()))
    removed.world.when(DeleteInstanceAsset(kind=AssetKind.ICON)).then()
    for message in (request, DeleteInstanceAsset(kind=AssetKind.ICON)):
        for who in (NOBODY, OWNER, caller("INSTANCE_VIEWER")):
            ACME.as_(who).when(message).refused(PermissionDenied)


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_can_be_set_and_removed(kind: AssetKind) -> None:
    """Each by itself: to set or remove one leaves the others."""
    content = WOFF2 if kind is AssetKind.FONT else PICTURE
    world = ACME.as_(OWNER).when(SetOrganizationAsset(organization_id="acme", kind=kind, content=content)).world
    listed = world.when(queries.ListOrganizationAssets(organization_id="acme", count=True)).result
    assert ([one.kind for one in listed.assets], listed.total) == ([kind], 1)
    gone = world.when(DeleteOrganizationAsset(organization_id="acme", kind=kind))
    gone.then(ASSET.append(f"acme.{kind}", AssetRemoved()))
    gone.world.when(DeleteOrganizationAsset(organization_id="acme", kind=kind)).then()


def test_a_kind_has_to_be_named() -> None:
    """There is no asset for nothing."""
    for message in (
        SetInstanceAsset(kind=AssetKind.UNSPECIFIED, content=PICTURE),
        DeleteInstanceAsset(kind=AssetKind.UNSPECIFIED),
    ):
        ACME.when(message).refused(InvalidInput)


def test_pictures_and_fonts_are_not_taken_for_each_other() -> None:
    """A font is no logo, and a picture no font."""
    ACME.when(SetInstanceAsset(kind=AssetKind.LOGO, content=WOFF2)).refused(NotAPicture)
    ACME.when(SetInstanceAsset(kind=AssetKind.FONT, content=PICTURE)).refused(NotAFont)


def test_lists_show_an_organization_to_its_readers_alone() -> None:
    """The instance's own are for readers of the instance."""
    world = ACME.given(
        ASSET.append("acme.logo", asset_set()), ASSET.append(".icon", asset_set("", AssetKind.ICON, ICON_EDGE))
    )
    acme, instance = queries.ListOrganizationAssets(organization_id="acme"), queries.ListInstanceAssets()
    assert [one.kind for one in world.as_(OWNER).when(acme).result.assets] == [AssetKind.LOGO]
    assert [one.kind for one in world.as_(caller("INSTANCE_VIEWER")).when(instance).result.assets] == [AssetKind.ICON]
    assert world.as_(STRANGER).when(acme).result.assets == ()
    world.as_(NOBODY).when(acme).refused(PermissionDenied)
    for who in (NOBODY, OWNER):
        world.as_(who).when(instance).refused(PermissionDenied)


def test_assets_go_with_their_organization() -> None:
    """In the same decision, and what is there alone."""
    world = KIT.given(*organization(), ASSET.append("acme.logo", asset_set()))
    outcome = world.when(DeleteOrganization(organization_id="acme"))
    outcome.then(ORGANIZATION.append("acme", OrganizationRemoved()), ASSET.append("acme.logo", AssetRemoved()))
    outcome.world.as_(ANONYMOUS).when(queries.ShowAsset(organization_id="acme", kind=AssetKind.LOGO)).refused(NotFound)


def test_change_insists_on_the_version_that_was_seen() -> None:
    """Whoever was second is told so, before a picture is drawn."""
    world = ACME.given(ASSET.append("acme.logo", asset_set()), AVATAR.append("alice", avatar_set()))
    stale = {"expected_version": 7}
    asset = {"organization_id": "acme", "kind": AssetKind.LOGO}
    for message in (
        SetUserAvatar.model_validate({"user_id": "alice", "content": PICTURE, **stale}),
        DeleteUserAvatar.model_validate({"user_id": "alice", **stale}),
        SetOrganizationAsset.model_validate({"content": PICTURE, **asset, **stale}),
        DeleteOrganizationAsset.model_validate({**asset, **stale}),
    ):
        world.when(message).refused(VersionConflict)
    world.when(DeleteUserAvatar(user_id="alice", expected_version=1)).then(AVATAR.append("alice", AvatarRemoved()))


def test_state_tells_which_bytes_are_referred_to() -> None:
    """The sweeper removes all others."""
    assert isinstance(Asset(), HoldsBlobs)
    assert Asset().blobs == frozenset()
    assert AVATAR.fold([avatar_set()]).blobs == {avatar_set().name}
    assert AVATAR.fold([avatar_set(), AvatarRemoved()]).blobs == frozenset()


def test_no_output_of_a_command_holds_bytes() -> None:
    """What is stored is told by name; bytes are served by the surface for them."""
    assert "content" not in commands.AssetStored.model_fields


# --- fonts ------------------------------------------------------------------------------------------------------------


def sfnt(version: bytes = b"\0\1\0\0", payload: bytes = b"12345678") -> bytes:
    """A font of one table."""
    header = version + struct.pack(">HHHH", 1, 16, 0, 0)
    return header + b"glyf" + struct.pack(">III", 0, 28, len(payload)) + payload


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (WOFF2, "font/woff2"),
        (b"wOFF" + WOFF2[4:], "font/woff"),
        (sfnt(), "font/ttf"),
        (sfnt(b"true"), "font/ttf"),
        (sfnt(b"OTTO"), "font/otf"),
        (sfnt(payload=b"123") + b"\0", "font/ttf"),
    ],
)
def test_fonts_are_told_by_their_bytes(content: bytes, kind: str) -> None:
    """Each format has its media type."""
    assert font_type(content) == kind


@pytest.mark.parametrize("font", [WOFF2, b"wOFF" + WOFF2[4:], sfnt(), sfnt(b"OTTO")])
def test_nothing_stands_behind_a_font(font: bytes) -> None:
    """What was appended to it, or cut from it, makes it none."""
    for content in (font + b"<script>", font[:-1], font[:8], font[:4]):
        with pytest.raises(NotAFont):
            font_type(content)


@given(st.binary(max_size=200), st.sampled_from([b"", b"wOF2", b"wOFF", b"\0\1\0\0", b"OTTO", b"true", b"ttcf"]))
def test_whatever_is_sent_is_a_font_or_refused(content: bytes, beginning: bytes) -> None:
    """Nothing else is raised for any bytes."""
    with contextlib.suppress(NotAFont):
        assert font_type(beginning + content).startswith("font/")
