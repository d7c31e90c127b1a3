from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from pydantic import ValidationError

from hexkeep.core.idp import SLICE as PROVIDERS
from hexkeep.core.idp.events import AutoLinking, IdentityProviderAdded, IdentityProviderRemoved
from hexkeep.core.idp.state import IDENTITY_PROVIDER
from hexkeep.core.idplink import SLICE
from hexkeep.core.idplink.commands import (
    AddIdentityProviderLink,
    RemoveIdentityProviderLink,
    RemoveMyIdentityProviderLink,
)
from hexkeep.core.idplink.events import IdentityProviderLinkAdded, IdentityProviderLinkRemoved
from hexkeep.core.idplink.linking import MAX_LINKS
from hexkeep.core.idplink.outbox import OUTBOX
from hexkeep.core.idplink.queries import ListMyIdentityProviderLinks, ListUserIdentityProviderLinks
from hexkeep.core.idplink.state import IDENTITY_PROVIDER_LINK, account_key
from hexkeep.core.kernel.aggregate import Append
from hexkeep.core.kernel.decision import Change
from hexkeep.core.kernel.errors import (
    AlreadyExists,
    FailedPrecondition,
    NotFound,
    PermissionDenied,
    ReauthenticationRequired,
    Unauthenticated,
    VersionConflict,
)
from hexkeep.core.kernel.event import Event, Log, Recorded
from hexkeep.core.kernel.outbox import Posted
from hexkeep.core.kernel.permission import SYSTEM, Caller, CallerKind
from hexkeep.core.kernel.unique import Claim, Release
from hexkeep.core.policy.events import LoginPolicySet, NotificationPolicySet
from hexkeep.core.policy.state import INSTANCE_POLICIES, POLICIES
from hexkeep.core.session import SLICE as SESSIONS
from hexkeep.core.session.events import (
    SessionCreated,
    SessionFactorChecked,
    SessionIdpChecked,
    SessionPasswordChecked,
)
from hexkeep.core.session.state import SESSION
from hexkeep.core.user.commands import DeleteUser
from hexkeep.core.user.events import UserEmailChanged, UserPasswordSet
from hexkeep.core.user.state import USER
from hexkeep.testing.decisions import NOW, Kit, World
from tests.unit.core.worlds import NOBODY, SLICES, caller, human, machine, member, organization, session


def provider(provider_id: str, organization_id: str = "") -> Change:
    """An identity provider of an organization or the instance."""
    event = IdentityProviderAdded(
        organization_id=organization_id,
        kind="oidc",
        name=provider_id.title(),
        linking_allowed=True,
        creation_allowed=True,
        auto_creation=False,
        auto_update=False,
        auto_linking=AutoLinking.NONE,
        settings={},
        secrets="{}",
    )
    return IDENTITY_PROVIDER.append(provider_id, event)


WORLD = Kit(*SLICES, PROVIDERS, SESSIONS, SLICE).given(
    *organization(),
    *organization("other"),
    *human(),
    *human("bob"),
    *human("zoe", "other"),
    *machine(),
    provider("everybodys"),
    provider("ours", "acme"),
    provider("theirs", "other"),
)
OWNER = caller("ORGANIZATION_OWNER", "acme")
ALICE = Caller(CallerKind.USER, user_id="alice")
HERE = Caller(CallerKind.USER, user_id="alice", session_id="session")
REMOVE_MINE = RemoveMyIdentityProviderLink(identity_provider_link_id="id-1")
MINUTES_15, SECOND = timedelta(minutes=15), timedelta(seconds=1)


def there(authenticated_at: datetime) -> SessionIdpChecked:
    """A provider has just told of a sign-in there."""
    return SessionIdpChecked(identity_provider_id="ours", checked_at=NOW, authenticated_at=authenticated_at)


ADD = AddIdentityProviderLink(user_id="alice", identity_provider_id="ours", external_id="a-1", display_name="Al")
REF = IDENTITY_PROVIDER_LINK.ref("id-1")
TOLD = {"provider_name": "Ours", "told": "alice@example.com"}


def linked(world: World = WORLD) -> World:
    """Alice is linked."""
    return world.as_(SYSTEM).when(ADD).world


def test_link_holds_an_account_for_one_user() -> None:
    """The account is claimed; nobody else, and not the same user again, gets it."""
    outcome = WORLD.as_(OWNER).when(ADD)
    event = IdentityProviderLinkAdded(
        user_id="alice",
        organization_id="acme",
        identity_provider_id="ours",
        external_id="a-1",
        display_name="Al",
        provider_name="Ours",
        told="alice@example.com",
    )
    outcome.then(IDENTITY_PROVIDER_LINK.append("id-1", event), Claim(account_key("ours", "a-1"), REF))
    for user_id in ("alice", "bob"):
        outcome.world.when(ADD.model_copy(update={"user_id": user_id})).refused(AlreadyExists)
    for changes in ({"external_id": "A-1"}, {"identity_provider_id": "everybodys"}):
        assert outcome.world.when(ADD.model_copy(update=changes)).changes, "another account"


def test_link_needs_a_provider_of_the_users_place() -> None:
    """One of another organization, or one that is gone, is not there."""
    for provider_id in ("theirs", "nowhere"):
        WORLD.as_(OWNER).when(ADD.model_copy(update={"identity_provider_id": provider_id})).refused(NotFound)
    gone = WORLD.given(IDENTITY_PROVIDER.append("ours", IdentityProviderRemoved()))
    gone.as_(OWNER).when(ADD).refused(NotFound)
    WORLD.when(ADD.model_copy(update={"user_id": "robot"})).refused(FailedPrecondition)
    for external_id in ("", "x" * 501, "two\nlines"):
        with pytest.raises(ValidationError):
            AddIdentityProviderLink(user_id="alice", identity_provider_id="ours", external_id=external_id)


def test_who_links_a_user_can_become_the_user() -> None:
    """So whoever does it holds at least what the user holds, and manages the user's organization."""
    world = WORLD.given(*member("alice", "INSTANCE_OWNER"))
    world.as_(OWNER).when(ADD).refused(PermissionDenied)
    assert world.as_(caller("INSTANCE_OWNER")).when(ADD).changes
    WORLD.as_(caller("ORGANIZATION_VIEWER", "acme")).when(ADD).refused(PermissionDenied)
    for stranger in (caller("ORGANIZATION_OWNER", "other"), NOBODY, ALICE):
        WORLD.as_(stranger).when(ADD).refused(NotFound)


def test_links_of_a_user_are_bounded() -> None:
    """Also for those who may add them."""
    world = WORLD
    for number in range(MAX_LINKS):
        world = world.when(ADD.model_copy(update={"external_id": str(number)})).world
    world.when(ADD).refused(FailedPrecondition)


def test_removed_link_frees_the_account() -> None:
    """By whoever manages the user, who holds what the user holds."""
    world = linked()
    remove = RemoveIdentityProviderLink(identity_provider_link_id="id-1")
    outcome = world.as_(OWNER).when(remove)
    removed = IDENTITY_PROVIDER_LINK.append("id-1", IdentityProviderLinkRemoved(user_id="alice", **TOLD))
    outcome.then(removed, Release(account_key("ours", "a-1"), REF))
    outcome.world.when(remove).refused(NotFound)
    assert outcome.world.when(ADD.model_copy(update={"user_id": "bob"})).changes
    world.when(remove.model_copy(update={"expected_version": 4})).refused(VersionConflict)
    world.as_(caller("ORGANIZATION_VIEWER", "acme")).when(remove).refused(PermissionDenied)
    world.as_(caller("ORGANIZATION_OWNER", "other")).when(remove).refused(NotFound)
    world.given(*member("alice", "INSTANCE_OWNER")).as_(OWNER).when(remove).refused(PermissionDenied)


def test_links_of_a_removed_user_can_be_found_and_taken_away() -> None:
    """Otherwise the account could never stand for anybody again."""
    world = linked().when(DeleteUser(user_id="alice")).world.as_(OWNER)
    assert len(world.when(ListUserIdentityProviderLinks(user_id="alice")).result.links) == 1
    assert world.when(RemoveIdentityProviderLink(identity_provider_link_id="id-1")).changes


def test_lists_show_what_the_caller_may_see() -> None:
    """Managers see the users of their organization, and everybody their own."""
    world = linked().when(ADD.model_copy(update={"identity_provider_id": "everybodys"})).world
    request = ListUserIdentityProviderLinks(user_id="alice", count=True)
    page = world.as_(OWNER).when(request).result
    assert [one.identity_provider_name for one in page.links] == ["Ours", "Everybodys"]
    assert page.total == 2
    assert page.links[0].external_id == "a-1"
    only = request.model_copy(update={"identity_provider_id": "everybodys"})
    assert [one.identity_provider_id for one in world.as_(OWNER).when(only).result.links] == ["everybodys"]
    assert world.as_(caller("ORGANIZATION_OWNER", "other")).when(request).result.links == ()
    mine = world.as_(ALICE).when(ListMyIdentityProviderLinks()).result
    assert [one.identity_provider_link_id for one in mine.links] == ["id-1", "id-2"]
    assert world.as_(NOBODY).when(ListMyIdentityProviderLinks()).result.links == ()
    world.as_(SYSTEM).when(ListMyIdentityProviderLinks()).refused(Unauthenticated)
    gone = world.as_(SYSTEM).given(IDENTITY_PROVIDER.append("ours", IdentityProviderRemoved()))
    assert gone.when(request).result.links[0].identity_provider_name == ""


def test_a_user_takes_an_own_link_away_and_nobody_elses() -> None:
    """Whoever's else it is, it is not there."""
    world = linked().given(USER.append("alice", UserPasswordSet(hash="h", change_required=False)), *session())
    outcome = world.as_(HERE).when(REMOVE_MINE)
    removed = IdentityProviderLinkRemoved(user_id="alice", session_id="session", **TOLD)
    outcome.then(IDENTITY_PROVIDER_LINK.append("id-1", removed), Release(account_key("ours", "a-1"), REF))
    assert outcome.world.when(ListMyIdentityProviderLinks()).result.links == ()
    bob = Caller(CallerKind.USER, user_id="bob", session_id="bobs")
    world.given(*session("bob", "bobs")).as_(bob).when(REMOVE_MINE).refused(NotFound)
    world.as_(SYSTEM).when(REMOVE_MINE).refused(Unauthenticated)


@pytest.mark.parametrize(
    ("proofs", "goes"),
    [
        ((SessionPasswordChecked(checked_at=NOW - MINUTES_15),), True),
        ((SessionPasswordChecked(checked_at=NOW - MINUTES_15 - SECOND),), False),
        ((SessionFactorChecked(factor="passkey", checked_at=NOW, alone=True),), True),
        ((SessionFactorChecked(factor="totp", checked_at=NOW),), False),
        ((SessionIdpChecked(identity_provider_id="ours", checked_at=NOW, anew=True),), True),
        ((SessionIdpChecked(identity_provider_id="ours", checked_at=NOW),), False),
        ((there(NOW - MINUTES_15),), True),
        ((there(NOW - MINUTES_15 - SECOND),), False),
        ((), False),
    ],
    ids=["password", "long_ago", "passkey", "second_alone", "asked", "untold", "there", "long_ago_there", "nothing"],
)
def test_link_goes_and_comes_by_a_fresh_sign_in_alone(proofs: tuple[Event, ...], *, goes: bool) -> None:
    """Who finds a session open gets no lasting way in, and takes none away: the person proves it once more."""
    began = NOW - timedelta(hours=1)
    created = SessionCreated(
        user_id="alice", organization_id="acme", token_hash="hash", expires_at=began + timedelta(hours=12)
    )
    password = USER.append("alice", UserPasswordSet(hash="h", change_required=False))
    world = linked().given(password, SESSION.append("session", created, *proofs)).as_(HERE)
    outcome = world.when(REMOVE_MINE)
    if goes:
        assert outcome.changes
    else:
        outcome.refused(ReauthenticationRequired)


def test_policy_says_how_fresh_a_sign_in_is() -> None:
    """That of the person's organization; a token of an application, or of the person's own, has no sign-in at all."""
    password = USER.append("alice", UserPasswordSet(hash="h", change_required=False))
    an_hour = NOW - timedelta(hours=1)
    world = linked().given(password, *session(checked_at=an_hour))
    world.as_(HERE).when(REMOVE_MINE).refused(ReauthenticationRequired)
    lenient = world.given(POLICIES.append("acme", LoginPolicySet(fresh_sign_in_lifetime=timedelta(hours=1))))
    assert lenient.as_(HERE).when(REMOVE_MINE).changes
    for token in (replace(HERE, client_id="app"), replace(HERE, session_id="")):
        lenient.as_(token).when(REMOVE_MINE).refused(PermissionDenied)


def test_manager_gets_no_way_into_the_own_account_by_a_stale_session() -> None:
    """To manage people is not to be the person: what is stolen of a manager adds no link to the manager."""
    manager = caller("ORGANIZATION_OWNER", "acme")
    world = linked().given(*human("olga"), *member("olga", "ORGANIZATION_OWNER", "acme"))
    remove = RemoveIdentityProviderLink(identity_provider_link_id="id-1")
    for user_id, request in (
        ("olga", ADD.model_copy(update={"user_id": "olga", "external_id": "o"})),
        ("alice", remove),
    ):
        me = replace(manager, user_id=user_id, session_id="mine")
        fresh = world.given(*session(user_id, "mine")).as_(me)
        assert fresh.when(request).changes
        fresh.later(minutes=16).when(request).refused(ReauthenticationRequired)
        fresh.as_(replace(me, session_id="")).when(request).refused(PermissionDenied)


def mails(change: Change) -> list[Posted]:
    """What is put into the queue because of a change."""
    assert isinstance(change, Append)
    ref = change.ref
    recorded = Recorded(change.events[0], "main", Log.DURABLE, 1, ref.type, ref.id, 1, NOW, "", "")
    return list(OUTBOX.posted(recorded))


def test_person_is_told_of_a_link_and_of_its_end() -> None:
    """By mail, whoever did it; the mail names the provider, and nothing that would help whoever reads it."""
    added = WORLD.as_(OWNER).when(ADD)
    [mail] = mails(added.changes[0])
    assert (mail.delivery.channel, mail.delivery.subject) == ("mail", "alice")
    assert mail.delivery.payload == {
        "message": "link_added",
        "to": "alice@example.com",
        "language": "",
        "values": {"changed_at": NOW.isoformat(), "provider": "Ours"},
    }
    [mail] = mails(added.world.when(RemoveIdentityProviderLink(identity_provider_link_id="id-1")).changes[0])
    assert (mail.delivery.payload["message"], mail.delivery.payload["to"]) == ("link_removed", "alice@example.com")


@pytest.mark.parametrize(
    "changes",
    [
        (USER.append("alice", UserEmailChanged(email="new@example.com", verified=False)),),
        (POLICIES.append(INSTANCE_POLICIES, NotificationPolicySet(link_changed=False)),),
    ],
    ids=["unverified", "policy"],
)
def test_nobody_else_is_told(changes: tuple[Change, ...]) -> None:
    """An address that nobody has verified may be anybody's; and where the policy wants no mails there are none."""
    outcome = WORLD.given(*changes).as_(OWNER).when(ADD)
    assert mails(outcome.changes[0]) == []
