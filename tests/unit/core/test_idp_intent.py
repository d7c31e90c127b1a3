"""Sign-in by identity providers: there and back, and who that is here."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from pydantic import ValidationError

from hexkeep.core.idp.events import AutoLinking, IdentityProviderAdded, IdentityProviderDeactivated, LoginProvidersSet
from hexkeep.core.idp.state import IDENTITY_PROVIDER, INSTANCE_PROVIDERS, LOGIN_PROVIDERS
from hexkeep.core.idpintent.commands import PER_PLACE
from hexkeep.core.idpintent.errors import (
    IdpAccountUnknown,
    IdpCancelled,
    IdpFailed,
    IdpIntentInvalid,
    IdpMalformed,
    IdpNotOffered,
    IdpRefused,
    IdpUnreachable,
)
from hexkeep.core.idpintent.identity import Answered, Identity
from hexkeep.core.idpintent.messages import (
    AddIdpIntentLink,
    CreateIdpUser,
    FinishIdpIntent,
    GetIdpIntent,
    KeepIdpAnswer,
    ListSignInProviders,
    StartIdpIntent,
)
from hexkeep.core.idpintent.party import GetSamlPartyMetadata
from hexkeep.core.idpintent.people import PER_ACCOUNT
from hexkeep.core.idpintent.state import AWAITED, LARGE, LARGE_PER_PLACE, POSTS_PER_PLACE
from hexkeep.core.idplink.events import IdentityProviderLinkAdded, IdentityProviderLinkRemoved
from hexkeep.core.idplink.state import IDENTITY_PROVIDER_LINK, account_key
from hexkeep.core.kernel.aggregate import Append
from hexkeep.core.kernel.decision import Change
from hexkeep.core.kernel.errors import HexkeepError, InvalidInput, NotFound, PermissionDenied, ResourceExhausted
from hexkeep.core.kernel.permission import ANONYMOUS, Caller, CallerKind, Level
from hexkeep.core.kernel.unique import Claim, Release
from hexkeep.core.key.events import SigningKeyActivated, SigningKeyCreated
from hexkeep.core.membership.events import MembershipAdded
from hexkeep.core.membership.state import MEMBERSHIPS
from hexkeep.core.policy.events import LoginPolicySet
from hexkeep.core.policy.state import INSTANCE_POLICIES, POLICIES
from hexkeep.core.session.commands import SessionOpened
from hexkeep.core.session.errors import InvalidCredentials, UserKeptOut
from hexkeep.core.session.events import IdpSessionKept, SessionIdpChecked, SignInFailed
from hexkeep.core.session.idp import CreateIdpSession
from hexkeep.core.session.state import IDP_SESSION, SIGN_IN
from hexkeep.core.setting.events import DefaultOrganizationSet
from hexkeep.core.setting.state import SETTINGS, SETTINGS_ID
from hexkeep.core.slices import SLICES
from hexkeep.core.user.events import (
    HumanUserAdded,
    UserDeactivated,
    UserEmailChanged,
    UserLocked,
    UserProfileChanged,
    UserRemoved,
)
from hexkeep.core.user.state import USER, user_name_key
from hexkeep.testing.decisions import NOW, Kit, Outcome, World
from tests.unit.core.worlds import human, human_added, machine, organization, session

BINDING, OTHER_BINDING = "b" * 43, "c" * 43
GRACE = Identity(
    external_id="sub-1", user_name="grace", given_name="Grace", email="grace@example.com", email_verified=True
)


def provider(provider_id: str = "login", organization_id: str = "", **options: Any) -> tuple[Change, ...]:
    """An identity provider."""
    facts = {
        "kind": "oidc",
        "linking_allowed": True,
        "creation_allowed": True,
        "auto_creation": False,
        "auto_update": False,
        "auto_linking": AutoLinking.NONE,
        "settings": {"issuer": "https://login.example.net", "client_id": "hexkeep"},
        "secrets": '{"client_secret": "s3cret"}',
        **options,
    }
    added = IdentityProviderAdded(organization_id=organization_id, name=provider_id.title(), **facts)
    return (IDENTITY_PROVIDER.append(provider_id, added),)


def offering(*provider_ids: str, place: str = INSTANCE_PROVIDERS) -> Change:
    """These are offered."""
    return LOGIN_PROVIDERS.append(place, LoginProvidersSet(identity_provider_ids=provider_ids))


WORLD = (
    Kit(*SLICES)
    .given(
        *organization(),
        *organization("other"),
        SETTINGS.append(SETTINGS_ID, DefaultOrganizationSet(organization_id="acme")),
        offering("login"),
    )
    .as_(ANONYMOUS)
)


def events(change: Change) -> tuple[Any, ...]:
    """What is appended."""
    assert isinstance(change, Append)
    return change.events


def link(
    user_id: str = "grace", external_id: str = "sub-1", organization_id: str = "acme", link_id: str = "link"
) -> tuple[Change, ...]:
    """A user's link to an account."""
    added = IdentityProviderLinkAdded(
        user_id=user_id,
        organization_id=organization_id,
        identity_provider_id="login",
        external_id=external_id,
        display_name="",
    )
    ref = IDENTITY_PROVIDER_LINK.ref(link_id)
    return (IDENTITY_PROVIDER_LINK.append(link_id, added), Claim(account_key("login", external_id), ref))


def unlinked() -> tuple[Change, ...]:
    """That link is taken away."""
    ref = IDENTITY_PROVIDER_LINK.ref("link")
    removed = IdentityProviderLinkRemoved(user_id="grace")
    return (IDENTITY_PROVIDER_LINK.append("link", removed), Release(account_key("login", "sub-1"), ref))


def begun(world: World, provider_id: str = "login", **more: Any) -> tuple[World, str]:
    """The world after somebody has gone to a provider, and the state."""
    outcome = world.when(StartIdpIntent(identity_provider_id=provider_id, binding=BINDING, **more))
    return outcome.world, outcome.result.redirect_to.rpartition("state=")[2]


def back(world: World, state: str, code: str = "grace", binding: str = BINDING, provider_id: str = "login") -> Outcome:
    """Somebody comes back."""
    parameters = {"code": code}
    return world.when(
        FinishIdpIntent(identity_provider_id=provider_id, state=state, binding=binding, parameters=parameters)
    )


def returned(world: World, identity: Identity | IdpFailed = GRACE) -> Outcome:
    """Somebody has gone to the provider and come back as this account."""
    world = replace(world, answerer=world.answerer.copy())
    world.answerer.identities["grace"] = identity
    return back(*begun(world))


def signed_in(outcome: Outcome) -> Outcome:
    """A session with what was found out."""
    return outcome.world.when(CreateIdpSession(proof=outcome.result.proof))


def test_linked_account_signs_its_user_in() -> None:
    """An account that is linked is its user; the session says that an identity provider has said so."""
    found = returned(WORLD.given(*provider(), *human("grace"), *link()))
    found.then()
    assert found.result.user_id == "grace"
    session = signed_in(found)
    assert isinstance(session.result, SessionOpened)
    assert not session.result.second_factor_required
    (append,) = session.changes
    assert events(append)[1] == SessionIdpChecked(
        identity_provider_id="login", checked_at=NOW, password_version=0, identity_provider_link_id="link"
    )


def test_proof_begins_one_session() -> None:
    """A proof is used up by the session, and holds for fifteen minutes."""
    found = returned(WORLD.given(*provider(), *human("grace"), *link()))
    proof = CreateIdpSession(proof=found.result.proof)
    found.world.when(proof).world.when(proof).refused(IdpIntentInvalid)
    found.world.later(minutes=16).when(proof).refused(IdpIntentInvalid)


def test_state_counts_once_and_in_its_browser_alone() -> None:
    """A state that was used, is old, or comes in another browser is none; another browser uses nothing up."""
    world, state = begun(WORLD.given(*provider(), *human("grace"), *link()))
    world.answerer.identities["grace"] = GRACE
    back(world.later(minutes=16), state).refused(IdpIntentInvalid)
    stolen = back(world, state, binding=OTHER_BINDING)
    stolen.refused(IdpIntentInvalid)
    first = back(stolen.world, state)
    assert first.result.user_id == "grace"
    back(first.world, state).refused(IdpIntentInvalid)


def test_state_counts_at_the_place_of_its_provider_alone() -> None:
    """RFC 9700 section 4.4: what one provider has issued is not handed to another, however people were led there."""
    world = WORLD.given(*provider(), *provider("evil"), offering("login", "evil"), *human("grace"), *link())
    world.answerer.identities["grace"] = GRACE
    world, state = begun(world, "evil")
    mixed = back(world, state)
    mixed.refused(IdpIntentInvalid)
    assert back(mixed.world, state, provider_id="evil").result.user_id == ""
    posts = replace(world, answerer=replace(world.answerer.copy(), posting_kinds=frozenset({"oidc"})))
    world, state = begun(posts, "evil")
    posted = KeepIdpAnswer(identity_provider_id="login", state=state, parameters={"code": "grace"})
    world.when(posted).refused(IdpIntentInvalid)


def posting() -> World:
    """A world whose provider posts its answers."""
    world = WORLD.given(*provider(), *human("grace"), *link())
    answerer = replace(world.answerer.copy(), posting_kinds=frozenset({"oidc"}))
    answerer.identities["grace"] = GRACE
    return replace(world, answerer=answerer)


def test_posted_answer_counts_in_the_browser_that_began() -> None:
    """What a provider's page posts waits two minutes for the browser's cookie, and counts once; no query counts."""
    world, state = begun(posting())
    posted = world.when(KeepIdpAnswer(identity_provider_id="login", state=state, parameters={"code": "grace"})).world
    back(posted, state, binding=OTHER_BINDING).refused(IdpIntentInvalid)
    back(posted.later(minutes=3), state).refused(IdpIntentInvalid)
    found = back(posted, state, code="of a query")
    assert found.result.user_id == "grace"
    back(found.world, state).refused(IdpIntentInvalid)
    back(world, state).refused(IdpIntentInvalid)


@pytest.mark.parametrize(("size", "most"), [(10, POSTS_PER_PLACE), (LARGE + 1, LARGE_PER_PLACE)])
def test_posted_answers_from_one_place_are_counted(size: int, most: int) -> None:
    """What strangers have us keep has a measure for each network: so many answers, and fewer large ones."""
    world = posting()
    for _ in range(most):
        world = posted_by(world, size).world
    posted_by(world, size).refused(ResourceExhausted)
    assert posted_by(world.later(minutes=6), size).error is None


def posted_by(world: World, size: int) -> Outcome:
    """What becomes of an answer of that size. Whoever began is elsewhere."""
    world = replace(world, answerer=world.answerer.copy())
    world.answerer.secrets += 1
    state = f"state-{world.answerer.secrets}"
    world.answerer.kept[AWAITED, f"login {state}"] = (b"1", world.now + timedelta(minutes=15))
    return world.when(KeepIdpAnswer(identity_provider_id="login", state=state, parameters={"code": "x" * size}))


def test_nothing_is_kept_that_nobody_waits_for() -> None:
    """Strangers post in vain: to states that are none, were answered already, or have their answer by a query."""
    world, state = begun(posting())
    kept = KeepIdpAnswer(identity_provider_id="login", state=state, parameters={"code": "grace"})
    world.when(kept.model_copy(update={"state": "none"})).refused(IdpIntentInvalid)
    once = world.when(kept).world
    once.when(kept.model_copy(update={"parameters": {"code": "other"}})).refused(IdpIntentInvalid)
    assert back(once, state).result.user_id == "grace"
    plain, state = begun(WORLD.given(*provider()))
    plain.when(kept.model_copy(update={"state": state})).refused(IdpIntentInvalid)


def test_signed_answer_counts_once_for_all_attempts() -> None:
    """An answer that names itself is refused the second time, at that provider, until it is over."""
    answered = Answered(id="_assertion-1", until=NOW + timedelta(minutes=5))
    signed = GRACE.model_copy(update={"answered": answered})
    world = WORLD.given(*provider(), *human("grace"), *link())
    first = returned(world, signed)
    assert first.result.user_id == "grace"
    returned(first.world, signed).refused(IdpMalformed)
    other = signed.model_copy(update={"answered": answered.model_copy(update={"id": "_assertion-2"})})
    assert returned(first.world, other).result.user_id == "grace"


def as_party(world: World) -> World:
    """The kind of the provider knows the instance as a party of SAML."""
    return replace(world, answerer=replace(world.answerer.copy(), party_kinds=frozenset({"oidc"})))


def test_party_gets_a_key_when_it_is_first_needed() -> None:
    """By a sign-in or by who reads the metadata, once; other kinds are told nothing."""
    world = as_party(WORLD.given(*provider()))
    wish, metadata = StartIdpIntent(identity_provider_id="login", binding=BINDING), GetSamlPartyMetadata
    assert WORLD.given(*provider()).when(wish).changes == ()
    started, read = world.when(wish), world.when(metadata(identity_provider_id="login"))
    for outcome in (started, read):
        (append,) = outcome.changes
        assert [type(event) for event in events(append)] == [SigningKeyCreated, SigningKeyActivated]
    assert started.world.when(wish).changes == ()
    assert "/saml/sp/metadata/login" in read.result.xml


def test_metadata_is_for_providers_that_read_it() -> None:
    """There is none for a kind that does not, nor for a provider that is none."""
    world = as_party(WORLD.given(*provider()))
    world.when(GetSamlPartyMetadata(identity_provider_id="none")).refused(NotFound)
    WORLD.given(*provider()).when(GetSamlPartyMetadata(identity_provider_id="login")).refused(NotFound)


@pytest.mark.parametrize(
    "failure", [IdpRefused("x"), IdpCancelled("x"), IdpMalformed("x"), IdpUnreachable("x")], ids=lambda one: one.code
)
def test_failure_of_the_provider_signs_nobody_in(failure: IdpFailed) -> None:
    """What a provider fails with is told, and nothing is written."""
    returned(WORLD.given(*provider(), *human("grace"), *link()), failure).refused(type(failure))


def test_reasons_are_words() -> None:
    """A reason goes to the log, so nothing stands in it that a stranger has written."""
    assert IdpMalformed("id_token_aud").reason == "id_token_aud"
    assert not IdpMalformed("<script> or a secret").reason


@pytest.mark.parametrize(
    "changes",
    [
        (IDENTITY_PROVIDER.append("login", IdentityProviderDeactivated()),),
        (offering(),),
        (offering(place="acme"),),
        (POLICIES.append(INSTANCE_POLICIES, LoginPolicySet(external_allowed=False)),),
    ],
    ids=["inactive", "not_offered", "not_offered_by_the_organization", "forbidden"],
)
def test_what_is_not_offered_begins_and_finishes_nothing(changes: tuple[Change, ...]) -> None:
    """A provider that is switched off, not on the list or forbidden by the policy lets nobody in, under way or not."""
    world = WORLD.given(*provider(), *human("grace"), *link())
    closed = world.given(*changes)
    assert closed.when(ListSignInProviders()).result.providers == ()
    closed.when(StartIdpIntent(identity_provider_id="login", binding=BINDING)).refused(IdpNotOffered)
    under_way, state = begun(world)
    back(under_way.given(*changes), state).refused(IdpNotOffered)
    asked = returned(WORLD.given(*provider(), *human("alice")))
    create = CreateIdpUser(proof=asked.result.proof, user_name="grace", given_name="Grace", email="grace@example.com")
    asked.world.given(*changes).when(create).refused(IdpNotOffered)
    alice = asked.world.given(*changes, *session()).as_(Caller(CallerKind.USER, user_id="alice", session_id="session"))
    alice.when(AddIdpIntentLink(proof=asked.result.proof)).refused(IdpNotOffered)


def test_kinds_that_nobody_serves_are_not_offered() -> None:
    """A provider whose kind is a record alone has no button."""
    world = WORLD.given(*provider(kind="saml"))
    assert world.when(ListSignInProviders()).result.providers == ()


def test_attempts_from_one_place_are_counted() -> None:
    """Each attempt has us call somebody, so one place makes only so many."""
    world = WORLD.given(*provider())
    wish = StartIdpIntent(identity_provider_id="login", binding=BINDING)
    for _ in range(PER_PLACE):
        world = world.when(wish).world
    world.when(wish).refused(ResourceExhausted)


SECOND = human_added("second").model_copy(update={"email": "GRACE@example.com"})
LINKS = (
    pytest.param({"auto_linking": AutoLinking.USER_NAME}, id="user_name"),
    pytest.param({"auto_linking": AutoLinking.VERIFIED_EMAIL}, id="verified_email"),
)


@pytest.mark.parametrize("options", LINKS)
def test_user_is_linked_unasked_where_that_is_wanted(options: dict[str, Any]) -> None:
    """By user name, or by an address that both sides have verified."""
    found = returned(WORLD.given(*provider(**options), *human("grace")))
    assert found.result.user_id == "grace"
    append, claim = found.changes
    assert events(append)[0].user_id == "grace"
    assert isinstance(claim, Claim)
    assert claim.key == account_key("login", "sub-1")
    assert returned(WORLD.given(*provider(), *human("grace"))).result.user_id == ""


@pytest.mark.parametrize("options", LINKS)
@pytest.mark.parametrize(
    "changes",
    [
        (USER.append("grace", UserLocked(reason="manager")),),
        (USER.append("grace", UserDeactivated()),),
        (
            MEMBERSHIPS.append(
                "grace",
                MembershipAdded(level=Level.INSTANCE, scope_id="", organization_id="", roles=("INSTANCE_OWNER",)),
            ),
        ),
        (
            MEMBERSHIPS.append(
                "grace",
                MembershipAdded(
                    level=Level.ORGANIZATION, scope_id="acme", organization_id="acme", roles=("ORGANIZATION_VIEWER",)
                ),
            ),
        ),
    ],
    ids=["locked", "inactive", "owner", "manager"],
)
def test_nobody_is_taken_over_unasked(options: dict[str, Any], changes: tuple[Change, ...]) -> None:
    """Who is kept out, or may manage anything, is linked by nobody but that person."""
    found = returned(WORLD.given(*provider(**options), *human("grace"), *changes))
    found.then()
    assert found.result.user_id == ""


@pytest.mark.parametrize("options", LINKS)
def test_provider_of_an_organization_links_nobody_elsewhere(options: dict[str, Any]) -> None:
    """Users of other organizations are not within its reach, whatever it says they are called."""
    world = WORLD.given(
        *provider(organization_id="acme", **options), *human("grace", "other"), offering("login", place="acme")
    )
    found = returned(world)
    found.then()
    assert found.result.user_id == ""


@pytest.mark.parametrize("options", LINKS)
def test_provider_of_the_instance_links_nobody_of_other_organizations(options: dict[str, Any]) -> None:
    """Who manages an organization says there which addresses are verified: that is no word for all the instance."""
    found = returned(WORLD.given(*provider(**options), *human("grace", "other")))
    found.then()
    assert found.result.user_id == ""


def test_machine_is_never_linked_unasked() -> None:
    """A machine user has no account elsewhere."""
    world = WORLD.given(*provider(auto_linking=AutoLinking.USER_NAME), *machine("grace"))
    assert returned(world).result.user_id == ""


@pytest.mark.parametrize(
    ("told", "changes"),
    [
        ({"email_verified": False}, ()),
        ({}, (USER.append("grace", UserEmailChanged(email="grace@example.com", verified=False)),)),
        ({}, (USER.append("second", SECOND), Claim(user_name_key("second"), USER.ref("second")))),
    ],
    ids=["not_by_the_provider", "not_here", "of_two"],
)
def test_address_links_only_if_both_have_verified_it_and_one_has_it(
    told: dict[str, Any], changes: tuple[Change, ...]
) -> None:
    """An address that one side has not verified proves nothing; one that two users have is nobody's."""
    world = WORLD.given(*provider(auto_linking=AutoLinking.VERIFIED_EMAIL), *human("grace"), *changes)
    assert returned(world, GRACE.model_copy(update=told)).result.user_id == ""


@pytest.mark.parametrize(
    ("options", "here", "told"),
    [
        ("user_name", {"user_name": "weiss"}, {"user_name": "wei\u00df"}),
        ("user_name", {"user_name": "grace"}, {"user_name": "\uff47race"}),
        ("verified_email", {"email": "me@weiss.example"}, {"email": "me@wei\u00df.example"}),
        ("verified_email", {"email": "grace@example.com"}, {"email": "\uff47race@example.com"}),
    ],
)
def test_what_only_folds_to_the_same_finds_nobody(options: str, here: dict[str, str], told: dict[str, str]) -> None:
    """Two names or addresses that are one to our unique keys may be two people's at the provider, or in the mail."""
    user = human_added("grace").model_copy(update=here)
    named = Claim(user_name_key(user.user_name), USER.ref("grace"))
    world = WORLD.given(*provider(auto_linking=AutoLinking(options)), USER.append("grace", user), named)
    assert returned(world, GRACE.model_copy(update=told)).result.user_id == ""


def test_address_that_folds_to_a_verified_one_is_not_verified() -> None:
    """Verified is the very address that the provider has told."""
    identity = GRACE.model_copy(update={"email": "me@wei\u00df.example"})
    found = returned(WORLD.given(*provider()), identity)
    wish = CreateIdpUser(proof=found.result.proof, user_name="g", given_name="Grace", email="me@weiss.example")
    assert not events(found.world.when(wish).changes[0])[0].email_verified
    same = wish.model_copy(update={"email": "ME@wei\u00df.example"})
    assert events(found.world.when(same).changes[0])[0].email_verified


@pytest.mark.parametrize(
    ("told", "name"),
    [
        ({}, "victim@example.com"),
        ({}, "victim\uff20example.com"),
        ({}, "grace@wei\u00df.example"),
        ({"email_verified": False}, "grace@example.com"),
    ],
)
def test_user_name_that_is_an_address_is_ones_own(told: dict[str, Any], name: str) -> None:
    """Nobody takes a name by which somebody else's address is known."""
    found = returned(WORLD.given(*provider()), GRACE.model_copy(update=told))
    wish = CreateIdpUser(proof=found.result.proof, user_name=name, given_name="Grace", email="grace@example.com")
    found.world.when(wish).refused(InvalidInput)


@pytest.mark.parametrize("told", [{}, {"email_verified": False, "user_name": "grace@example.com"}])
def test_own_address_may_be_a_user_name(told: dict[str, Any]) -> None:
    """It was verified by the provider, or is what the provider calls the person."""
    found = returned(WORLD.given(*provider()), GRACE.model_copy(update=told))
    wish = CreateIdpUser(proof=found.result.proof, user_name="Grace@example.com", given_name="G", email="g@example.com")
    assert events(found.world.when(wish).changes[0])[0].user_name == "Grace@example.com"


def test_nobody_is_called_unasked_by_an_address_that_is_not_verified() -> None:
    """The person is asked for another name instead."""
    nameless = GRACE.model_copy(update={"user_name": ""})
    world = WORLD.given(*provider(auto_creation=True))
    assert returned(world, nameless).result.user_id
    unverified = nameless.model_copy(update={"email_verified": False})
    found = returned(world, unverified)
    assert not found.result.user_id
    assert not found.world.when(GetIdpIntent(proof=found.result.proof)).result.user_name


def test_marks_that_reorder_are_in_no_user_name() -> None:
    """A name does not look like another one by what nobody sees."""
    with pytest.raises(ValidationError):
        CreateIdpUser(proof="p", user_name="a\u202ecarg", given_name="Grace", email="grace@example.com")


def test_user_names_are_not_tried_without_end() -> None:
    """Whether a name is taken is told, so who has an account there tries so many of them, by whatever proofs."""
    world = returned(WORLD.given(*provider(), *human("alice"))).world
    found = returned(world)
    wish = CreateIdpUser(proof=found.result.proof, user_name="alice", given_name="Grace", email="grace@example.com")
    world = found.world
    for _ in range(PER_ACCOUNT):
        outcome = world.when(wish)
        outcome.refused(InvalidInput)
        world = outcome.world
    world.when(wish).refused(ResourceExhausted)
    again = returned(world)
    again.world.when(wish.model_copy(update={"proof": again.result.proof})).refused(ResourceExhausted)


def test_organizations_list_holds_for_its_people_everywhere() -> None:
    """Who offers other providers to its people has them neither sign in by this one nor link an account there."""
    own = WORLD.given(*provider(), *human("grace", "other"), offering(place="other"))
    returned(own.given(*link(organization_id="other"))).refused(IdpAccountUnknown)
    found = returned(own)
    person = Caller(CallerKind.USER, user_id="grace", session_id="session")
    found.world.given(*session("grace")).as_(person).when(AddIdpIntentLink(proof=found.result.proof)).refused(
        IdpAccountUnknown
    )


def test_account_is_made_unasked_where_that_is_wanted() -> None:
    """The user has what the provider tells, and the address is as verified as the provider says."""
    found = returned(WORLD.given(*provider(auto_creation=True)))
    user_id = found.result.user_id
    added = HumanUserAdded(
        organization_id="acme",
        user_name="grace",
        given_name="Grace",
        family_name="",
        display_name="Grace",
        email="grace@example.com",
        email_verified=True,
        preferred_language="",
    )
    assert found.changes[:2] == (USER.append(user_id, added), Claim(user_name_key("grace"), USER.ref(user_id)))
    assert signed_in(found).result.user_id == user_id
    again = returned(found.world)
    again.then()
    assert again.result.user_id == user_id


@pytest.mark.parametrize(
    ("told", "changes"),
    [({"email": "", "email_verified": False}, ()), ({"given_name": ""}, ()), ({}, human("grace"))],
    ids=["no_address", "no_name", "taken"],
)
def test_person_is_asked_for_what_is_missing(told: dict[str, Any], changes: tuple[Change, ...]) -> None:
    """No account is made under somebody else's name, or without what each account has."""
    found = returned(WORLD.given(*provider(auto_creation=True), *changes), GRACE.model_copy(update=told))
    found.then()
    assert found.result.user_id == ""


def test_person_makes_an_account() -> None:
    """With the proof; an address of one's own choice is not verified, and the proof is then the new user's."""
    found = returned(WORLD.given(*provider(), *human("grace")))
    token = found.result.proof
    details = found.world.when(GetIdpIntent(proof=token)).result
    assert (details.user_name, details.email, details.creation_allowed) == ("grace", "grace@example.com", True)
    wish = CreateIdpUser(proof=token, user_name="grace", given_name="Grace", email="else@example.com")
    found.world.when(wish).refused(InvalidInput)
    made = found.world.when(wish.model_copy(update={"user_name": "hopper"}))
    assert not events(made.changes[0])[0].email_verified
    assert signed_in(made).result.user_id == made.result.user_id
    made.world.when(wish.model_copy(update={"user_name": "third"})).refused(IdpIntentInvalid)


def test_person_links_the_own_account() -> None:
    """Who is signed in links the account to oneself, and to nobody else; a token of an application does not do."""
    found = returned(WORLD.given(*provider(), *human("alice")))
    wish = AddIdpIntentLink(proof=found.result.proof)
    person = Caller(CallerKind.USER, user_id="alice", session_id="session")
    linked = found.world.given(*session()).as_(person).when(wish)
    assert linked.result.user_id == "alice"
    assert events(linked.changes[0])[0].external_id == "sub-1"
    linked.world.when(wish).refused(IdpIntentInvalid)
    found.world.as_(replace(person, client_id="shop")).when(wish).refused(PermissionDenied)


def test_nobody_links_an_account_beyond_the_providers_organization() -> None:
    """A provider of one organization stands for its people alone."""
    world = WORLD.given(*provider(organization_id="acme"), *human("alice", "other"), offering("login", place="acme"))
    found = returned(world)
    person = Caller(CallerKind.USER, user_id="alice", session_id="session")
    wish = AddIdpIntentLink(proof=found.result.proof)
    found.world.given(*session()).as_(person).when(wish).refused(IdpAccountUnknown)


def test_nothing_is_asked_where_nothing_may_be_chosen() -> None:
    """Where neither linking nor creation is allowed a stranger is sent away; options that changed meanwhile count."""
    returned(WORLD.given(*provider(linking_allowed=False, creation_allowed=False))).refused(IdpAccountUnknown)
    found = returned(WORLD.given(*provider(creation_allowed=False)))
    wish = CreateIdpUser(proof=found.result.proof, user_name="grace", given_name="Grace", email="grace@example.com")
    found.world.when(wish).refused(IdpIntentInvalid)


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ((USER.append("grace", UserRemoved()),), IdpAccountUnknown),
        ((IDENTITY_PROVIDER_LINK.append("link", IdentityProviderLinkRemoved()),), IdpAccountUnknown),
    ],
    ids=["user_gone", "link_gone"],
)
def test_account_of_who_is_gone_is_nobodys(changes: tuple[Change, ...], error: type[HexkeepError]) -> None:
    """What is left of a link to a user who is gone signs nobody in, and is not passed on either."""
    world = WORLD.given(*provider(auto_creation=True), *human("grace"), *link(), *changes)
    returned(world).refused(error)


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ((USER.append("grace", UserLocked(reason="manager")),), "locked"),
        ((USER.append("grace", UserDeactivated()),), "inactive"),
        ((POLICIES.append("acme", LoginPolicySet(external_allowed=False)),), "forbidden"),
    ],
    ids=["locked", "inactive", "policy"],
)
def test_who_may_not_sign_in_gets_no_session(changes: tuple[Change, ...], reason: str) -> None:
    """A link is no way around a lock or the policy of the user's organization; the attempt is on record."""
    found = returned(WORLD.given(*provider(), *human("grace"), *link()))
    wish = CreateIdpSession(proof=found.result.proof)
    refused = found.world.given(*changes).when(wish)
    assert isinstance(refused.error, UserKeptOut)
    (append,) = refused.changes
    assert isinstance(append, Append)
    assert append.ref.type == SIGN_IN.name
    assert events(append) == (SignInFailed(user_id="grace", reason=reason),)


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ((IDENTITY_PROVIDER.append("login", IdentityProviderDeactivated()),), IdpNotOffered),
        ((offering(place="acme"),), IdpAccountUnknown),
        ((USER.append("grace", UserRemoved()),), IdpAccountUnknown),
        (unlinked(), InvalidCredentials),
    ],
    ids=["inactive", "not_offered", "user_gone", "link_gone"],
)
def test_proof_counts_as_things_are_when_the_session_begins(
    changes: tuple[Change, ...], error: type[HexkeepError]
) -> None:
    """What happened since the person came back from the provider counts, also by who made the account meanwhile."""
    known = returned(WORLD.given(*provider(), *human("grace"), *link()))
    known.world.given(*changes).when(CreateIdpSession(proof=known.result.proof)).refused(error)


def test_proof_is_whose_the_account_is_by_then() -> None:
    """A link that was taken away and made for somebody else is somebody else's."""
    known = returned(WORLD.given(*provider(), *human("grace"), *human("alice"), *link()))
    moved = known.world.given(*unlinked()).given(*link("alice", link_id="other"))
    assert moved.when(CreateIdpSession(proof=known.result.proof)).result.user_id == "alice"


def test_account_is_nobodys_until_it_is_written_down() -> None:
    """A proof is not the user's who was to be made of it, as long as that did not come about."""
    found = returned(WORLD.given(*provider()))
    wish = CreateIdpUser(proof=found.result.proof, user_name="grace", given_name="Grace", email="grace@example.com")
    lost = found.world.when(wish)
    before = replace(found.world, answerer=lost.world.answerer)
    before.when(CreateIdpSession(proof=found.result.proof)).refused(InvalidCredentials)
    assert before.when(wish).changes


def test_proof_of_nobody_begins_no_session() -> None:
    """Who has no account here yet has no session."""
    found = returned(WORLD.given(*provider()))
    signed_in(found).refused(InvalidCredentials)


def test_what_is_told_is_taken_over_where_that_is_wanted() -> None:
    """Names, and an address that the provider has verified; the user name stays."""
    world = WORLD.given(*provider(auto_update=True), *human("grace"), *link())
    told = GRACE.model_copy(
        update={"user_name": "admin", "family_name": "Hopper", "email": "new@example.com", "email_verified": True}
    )
    (append,) = returned(world, told).changes
    profile, email = events(append)
    assert isinstance(profile, UserProfileChanged)
    assert (profile.given_name, profile.family_name) == ("Grace", "Hopper")
    assert email == UserEmailChanged(email="new@example.com", verified=True, previous="grace@example.com")
    unverified = told.model_copy(update={"email_verified": False})
    assert len(events(returned(world, unverified).changes[0])) == 1
    returned(WORLD.given(*provider(), *human("grace"), *link()), told).then()


def test_second_factor_of_the_policy_may_be_left_to_the_provider() -> None:
    """`force_mfa_local` does not ask who came by a provider for a second factor; `force_mfa` asks everybody."""
    world = WORLD.given(*provider(), *human("grace"), *link())
    found = returned(world.given(POLICIES.append(INSTANCE_POLICIES, LoginPolicySet(force_mfa_local=True))))
    assert not signed_in(found).result.enrolment_required
    found = returned(world.given(POLICIES.append(INSTANCE_POLICIES, LoginPolicySet(force_mfa=True))))
    assert signed_in(found).result.enrolment_required


def test_what_a_provider_needs_again_is_kept_where_there_is_a_use_for_it() -> None:
    """Beside the session, for the person alone, and only where the options say so."""
    there = replace_session(GRACE, "id token")
    using = signed_in(returned(WORLD.given(*provider(provider_logout=True), *human("grace"), *link()), there))
    session, kept = using.changes
    assert isinstance(session, Append)
    known = IdpSessionKept(
        user_id="grace",
        identity_provider_id="login",
        external_id="sub-1",
        session=there.session,
        session_ends_at=NOW + timedelta(hours=12),
    )
    assert kept == IDP_SESSION.append(session.ref.id, known)
    assert len(signed_in(returned(WORLD.given(*provider(), *human("grace"), *link()), there)).changes) == 1


def test_what_a_provider_wants_back_is_bounded() -> None:
    """What is too long or not printable is left out, and the rest counts."""
    assert not replace_session(GRACE, "x" * 8001).session
    assert not replace_session(GRACE, "a\nb").session


def replace_session(identity: Identity, session: str) -> Identity:
    """The same account with something that the provider wants back."""
    return Identity.model_validate({**identity.model_dump(), "session": session})
