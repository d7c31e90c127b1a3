"""Where people of a domain sign in; linking from a session that there is; and being signed out where one came from."""

from dataclasses import replace
from typing import Any

import pytest

from hexkeep.core.domain.events import (
    OrganizationDomainAdded,
    OrganizationDomainRemoved,
    OrganizationDomainVerified,
)
from hexkeep.core.domain.state import DOMAINS, domain_key
from hexkeep.core.factor.events import PasskeyRegistered
from hexkeep.core.factor.state import FACTORS
from hexkeep.core.idp.catalog import OIDC
from hexkeep.core.idp.events import AutoLinking, IdentityProviderDeactivated
from hexkeep.core.idp.messages import messages_of
from hexkeep.core.idp.state import IDENTITY_PROVIDER, provider_domain_key
from hexkeep.core.idpintent.errors import IdpAccountTaken, IdpIntentInvalid, IdpNotOffered
from hexkeep.core.idpintent.messages import (
    AddIdpIntentLink,
    CreateIdpUser,
    DiscoverSignIn,
    FinishIdpLogout,
    GetIdpIntent,
    GetIdpIntentHost,
    ListSignInProviders,
    SignInPlace,
    StartIdpIntent,
    StartIdpLink,
)
from hexkeep.core.idplink.commands import RemoveMyIdentityProviderLink
from hexkeep.core.idplink.errors import LastWayIn
from hexkeep.core.idplink.events import IdentityProviderLinkAdded
from hexkeep.core.idplink.state import IDENTITY_PROVIDER_LINK, account_key
from hexkeep.core.kernel.aggregate import Append
from hexkeep.core.kernel.decision import Change
from hexkeep.core.kernel.errors import AlreadyExists, InvalidInput, PermissionDenied, ReauthenticationRequired
from hexkeep.core.kernel.permission import ANONYMOUS, Caller, CallerKind
from hexkeep.core.kernel.unique import Claim
from hexkeep.core.organization.events import OrganizationDeactivated
from hexkeep.core.organization.state import ORGANIZATION
from hexkeep.core.policy.events import LoginPolicySet
from hexkeep.core.policy.state import INSTANCE_POLICIES, POLICIES
from hexkeep.core.session.errors import InvalidCredentials
from hexkeep.core.session.idp import CreateIdpSession
from hexkeep.core.token.messages import EndOidcSession
from hexkeep.core.user.events import UserPasswordSet
from hexkeep.core.user.state import USER
from hexkeep.testing.decisions import NOW, Outcome, World
from tests.unit.core.test_idp_intent import (
    BINDING,
    GRACE,
    OTHER_BINDING,
    WORLD,
    back,
    begun,
    events,
    link,
    offering,
    provider,
    replace_session,
    returned,
    signed_in,
)
from tests.unit.core.worlds import caller, human, session

ALICE = Caller(CallerKind.USER, user_id="alice", session_id="session-1")
MESSAGES = messages_of(OIDC)


def domain(name: str, organization_id: str = "acme") -> tuple[Change, ...]:
    """A domain that an organization has verified."""
    added = (OrganizationDomainAdded(domain=name), OrganizationDomainVerified(domain=name))
    return (DOMAINS.append(organization_id, *added), Claim(domain_key(name), DOMAINS.ref(organization_id)))


def taking(provider_id: str, *domains: str, organization_id: str = "") -> tuple[Change, ...]:
    """A provider that takes domains."""
    ref = IDENTITY_PROVIDER.ref(provider_id)
    claims = (Claim(provider_domain_key(organization_id, one), ref) for one in domains)
    return (*provider(provider_id, organization_id, email_domains=domains), *claims)


def place(world: World, name: str, **more: str) -> SignInPlace:
    """Where people with such a name sign in."""
    found: SignInPlace = world.when(DiscoverSignIn(login_name=name, **more)).result
    return found


REALM = WORLD.given(
    *domain("acme.example"),
    *domain("other.example", "other"),
    *taking("acmes", "acme.example", organization_id="acme"),
    *taking("login", "partner.example", "other.example"),
    offering("acmes", place="acme"),
)
ACMES = SignInPlace(organization_id="acme", identity_provider_id="acmes")


def test_domain_leads_to_the_organization_and_its_provider() -> None:
    """Whoever that is, known or not; one of the instance takes domains that no organization has shown to be its own."""
    for name in ("nobody@acme.example", " Grace@ACME.example ", "a@b@acme.example"):
        assert place(REALM, name) == ACMES
    assert place(REALM.given(*human("grace")), "grace@acme.example") == ACMES
    for name in ("acme.example", "@acme.example", "grace@", "grace@acme", "grace@unknown.example", "grace@bad domain"):
        assert place(REALM, name) == SignInPlace()
    plain = REALM.given(offering("login", place="acme"), offering("login"))
    assert place(plain, "x@acme.example") == SignInPlace(organization_id="acme"), "it does not offer its own"


def test_provider_of_the_instance_takes_what_is_offered() -> None:
    """Its domain leads to it where the default organization offers it, or the one that holds the domain does."""
    world = REALM.given(offering("login", place="acme"))
    instances = SignInPlace(identity_provider_id="login", provider_of_instance=True)
    assert place(world, "x@partner.example") == instances
    assert place(REALM, "x@partner.example") == SignInPlace()
    assert place(REALM, "x@other.example") == instances.model_copy(update={"organization_id": "other"})


def test_people_of_one_organization_are_led_nowhere_else() -> None:
    """Where an application asks for them; their own provider may still take their domain."""
    assert place(REALM, "x@acme.example", organization_id="other") == SignInPlace()
    assert place(REALM, "x@acme.example", organization_id="acme") == ACMES


@pytest.mark.parametrize(
    "changes",
    [
        (POLICIES.append(INSTANCE_POLICIES, LoginPolicySet(domain_discovery=False)),),
        (POLICIES.append("acme", LoginPolicySet(domain_discovery=False)),),
        (ORGANIZATION.append("acme", OrganizationDeactivated()),),
    ],
    ids=["policy", "own_policy", "inactive"],
)
def test_who_does_not_want_it_is_not_found(changes: tuple[Change, ...]) -> None:
    """The policy says so, or the organization is switched off."""
    assert place(REALM.given(*changes), "x@acme.example") == SignInPlace()


def test_policy_of_the_place_is_told() -> None:
    """The page has to know whether a password would do there, and whether the sign-in page has any use for domains."""
    closed = REALM.given(POLICIES.append("other", LoginPolicySet(password_allowed=False, passwordless_allowed=False)))
    assert not place(closed, "x@other.example").password_allowed
    ways = closed.when(ListSignInProviders(organization_id="other")).result
    assert (ways.password_allowed, ways.passwordless_allowed, ways.discovers) == (False, False, True)
    ways = WORLD.given(*provider()).when(ListSignInProviders()).result
    assert (ways.password_allowed, ways.passwordless_allowed, ways.discovers) == (True, True, False)


def create(organization_id: str, *domains: str) -> Any:
    """A new provider that takes domains."""
    kind = MESSAGES.create if organization_id else MESSAGES.create_for_instance
    place = {"organization_id": organization_id} if organization_id else {}
    settings = {"issuer": "https://login.example.net", "client_id": "hexkeep"}
    return kind.model_validate({"name": "New", "email_domains": domains, **settings, **place})


OWNER, ROOT = caller("ORGANIZATION_OWNER", "acme"), caller("INSTANCE_OWNER")
BY_ORGANIZATION, BY_INSTANCE = "CreateOidcIdentityProvider", "CreateInstanceOidcIdentityProvider"
UPDATE = "UpdateOidcIdentityProvider"


def test_organization_takes_what_it_has_verified() -> None:
    """And nothing else; the instance takes any domain; one domain is taken once in each."""
    world = WORLD.given(*domain("acme.example"), *domain("other.example", "other"))
    outcome = world.as_(OWNER).when(create("acme", "ACME.example", "acme.example"), BY_ORGANIZATION)
    assert [one.key for one in outcome.changes if isinstance(one, Claim)][1:] == [
        provider_domain_key("acme", "acme.example")
    ]
    second = create("acme", "acme.example").model_copy(update={"name": "Second"})
    outcome.world.when(second, BY_ORGANIZATION).refused(AlreadyExists)
    for wrong in ("other.example", "nobodys.example", "no domain"):
        world.as_(OWNER).when(create("acme", wrong.replace(" ", "_")), BY_ORGANIZATION).refused(InvalidInput)
    assert world.as_(ROOT).when(create("", "nobodys.example"), BY_INSTANCE).changes


def test_domain_that_is_lost_leads_nowhere_and_is_given_back() -> None:
    """It counts as long as the organization holds it, and is free when the provider lets go of it."""
    made = WORLD.given(*domain("acme.example")).as_(OWNER).when(create("acme", "acme.example"), BY_ORGANIZATION)
    provider_id = made.result.identity_provider_id
    world = made.world.given(offering(provider_id, place="acme"))
    assert place(world, "x@acme.example").identity_provider_id == provider_id
    lost = world.given(DOMAINS.append("acme", OrganizationDomainRemoved(domain="acme.example")))
    renamed = MESSAGES.update.model_validate({"identity_provider_id": provider_id, "name": "Kept"})
    assert lost.when(renamed, UPDATE).changes, "what was taken before stands in nobody's way"
    let_go = MESSAGES.update.model_validate({"identity_provider_id": provider_id, "email_domains": []})
    free = world.when(let_go, UPDATE).world
    assert place(free, "x@acme.example") == SignInPlace(organization_id="acme")
    second = create("acme", "acme.example").model_copy(update={"name": "Second"})
    assert free.when(second, BY_ORGANIZATION).changes


LINKING = WORLD.given(*provider(), *human("alice"), *human("grace"), *session(session_id="session-1")).as_(ALICE)


def linking(world: World = LINKING) -> tuple[World, str]:
    """Somebody who is signed in has gone to a provider to link an account, and come back: the world and the proof."""
    world = replace(world, answerer=world.answerer.copy())
    world.answerer.identities["grace"] = GRACE
    begun = world.when(StartIdpLink(identity_provider_id="login", binding=BINDING))
    state = begun.result.redirect_to.rpartition("state=")[2]
    outcome = back(begun.world, state)
    outcome.then()
    assert outcome.result.linking
    return outcome.world, outcome.result.proof


def test_account_is_linked_in_the_session_that_began() -> None:
    """Without another question; again it changes nothing."""
    world, proof = linking()
    outcome = world.when(AddIdpIntentLink(proof=proof))
    added, claim = outcome.changes
    assert events(added)[0].user_id == "alice"
    assert isinstance(claim, Claim)
    assert claim.key == account_key("login", "sub-1")
    world, proof = linking(outcome.world)
    world.when(AddIdpIntentLink(proof=proof)).then()


def test_proof_for_linking_is_for_nothing_else() -> None:
    """It signs nobody in, makes no account, tells nothing, and counts in no other session."""
    world, proof = linking()
    world.when(CreateIdpSession(proof=proof)).refused(InvalidCredentials)
    world.when(AddIdpIntentLink(proof=proof)).world.when(CreateIdpSession(proof=proof)).refused(InvalidCredentials)
    world.when(GetIdpIntent(proof=proof)).refused(IdpIntentInvalid)
    person = {"user_name": "new", "given_name": "New", "email": "new@example.com"}
    world.when(CreateIdpUser(proof=proof, **person)).refused(IdpIntentInvalid)
    elsewhere = Caller(CallerKind.USER, user_id="alice", session_id="session-2")
    world.as_(elsewhere).when(AddIdpIntentLink(proof=proof)).refused(IdpIntentInvalid)


def test_account_of_somebody_else_is_not_linked() -> None:
    """And whose it is is not told; also where somebody is signed in by it unasked by the provider's options."""
    world, proof = linking(LINKING.given(*link()))
    world.when(AddIdpIntentLink(proof=proof)).refused(IdpAccountTaken)


def test_linking_takes_a_session_and_a_provider_that_allows_it() -> None:
    """A token of an application, or none, does not do; nor does a provider that is not for linking."""
    wish = StartIdpLink(identity_provider_id="login", binding=BINDING)
    LINKING.as_(Caller(CallerKind.USER, user_id="alice", session_id="s", client_id="app")).when(wish).refused(
        PermissionDenied
    )
    LINKING.given(IDENTITY_PROVIDER.append("login", IdentityProviderDeactivated())).when(wish).refused(IdpNotOffered)
    strict = WORLD.given(*provider(linking_allowed=False), *human("alice"), *session(session_id="session-1"))
    strict.as_(ALICE).when(wish).refused(IdpNotOffered)


def test_linking_takes_a_fresh_sign_in() -> None:
    """Where it begins: who finds a session open links nothing to it; who has begun in time may take that time there."""
    wish = StartIdpLink(identity_provider_id="login", binding=BINDING)
    LINKING.later(minutes=16).when(wish).refused(ReauthenticationRequired)
    world, proof = linking(LINKING.later(minutes=14))
    assert world.later(minutes=10).when(AddIdpIntentLink(proof=proof)).changes
    came_first = returned(LINKING.as_(ANONYMOUS))
    here = came_first.world.as_(ALICE)
    assert here.when(AddIdpIntentLink(proof=came_first.result.proof)).changes
    left_open = returned(LINKING.as_(ANONYMOUS).later(minutes=16))
    here = left_open.world.as_(ALICE)
    here.when(AddIdpIntentLink(proof=left_open.result.proof)).refused(ReauthenticationRequired)


@pytest.mark.parametrize("anew", [True, False])
def test_provider_signs_in_afresh_where_it_was_asked_to(*, anew: bool) -> None:
    """Whoever sits at the browser may be signed in there still: only who had to show it there has a fresh sign-in."""
    world = replace(WORLD.given(*provider(), *human("grace"), *link()), answerer=WORLD.answerer.copy())
    world.answerer.identities["grace"] = GRACE
    found = back(*begun(world, anew=anew))
    session = signed_in(found)
    person = Caller(CallerKind.USER, user_id="grace", session_id=session.result.session_id)
    outcome = session.world.as_(person).when(StartIdpLink(identity_provider_id="login", binding=BINDING))
    if anew:
        assert outcome.result.redirect_to
    else:
        outcome.refused(ReauthenticationRequired)


def test_account_that_comes_with_its_link_is_told_of_nothing() -> None:
    """The person has just made it by that very account; who is linked later, unasked or not, is told."""
    options: dict[str, Any] = {"auto_creation": True, "auto_linking": AutoLinking.VERIFIED_EMAIL}
    made = returned(WORLD.given(*provider(**options)))
    assert [added.told for added in links_added(made)] == [None]
    found = returned(WORLD.given(*provider(**options), *human("grace")), GRACE)
    assert [(added.told, added.provider_name) for added in links_added(found)] == [("grace@example.com", "Login")]


def links_added(outcome: Outcome) -> list[IdentityProviderLinkAdded]:
    """The links that are written."""
    written = [event for change in outcome.changes if isinstance(change, Append) for event in change.events]
    return [event for event in written if isinstance(event, IdentityProviderLinkAdded)]


def second_link() -> tuple[Change, ...]:
    """Another account of Grace's, at another provider, which is offered as well."""
    added = IdentityProviderLinkAdded(
        user_id="grace",
        organization_id="acme",
        identity_provider_id="second",
        external_id="x",
        display_name="",
    )
    offers = offering("login", "second", place="acme")
    return (*provider("second"), offers, IDENTITY_PROVIDER_LINK.append("link-2", added))


PASSKEY = PasskeyRegistered(
    user_id="grace",
    passkey_id="key",
    name="Key",
    credential_id="credential",
    public_key="key",
    sign_count=0,
    passwordless=True,
    registered_at=NOW,
)


@pytest.mark.parametrize(
    ("changes", "goes"),
    [
        ((), False),
        ((USER.append("grace", UserPasswordSet(hash="h", change_required=False)),), True),
        ((FACTORS.append("grace", PASSKEY),), True),
        (
            (
                FACTORS.append("grace", PASSKEY),
                POLICIES.append("acme", LoginPolicySet(passwordless_allowed=False)),
            ),
            False,
        ),
        ((FACTORS.append("grace", PASSKEY.model_copy(update={"passwordless": False})),), False),
        (second_link(), True),
        ((*second_link(), IDENTITY_PROVIDER.append("second", IdentityProviderDeactivated())), False),
        ((*second_link(), offering("login", place="acme")), False),
        ((IDENTITY_PROVIDER.append("login", IdentityProviderDeactivated()),), True),
    ],
    ids=[
        "nothing",
        "password",
        "passkey",
        "passkey_forbidden",
        "key",
        "link",
        "dead_link",
        "link_not_offered",
        "link_itself_dead",
    ],
)
def test_only_way_in_is_not_taken_away(changes: tuple[Change, ...], *, goes: bool) -> None:
    """By the person, that is: a password, a passkey that does alone or another living link has to be left."""
    world = WORLD.given(*provider(), *human("grace"), *session("grace", "s"), *link(), *changes)
    mine = world.as_(Caller(CallerKind.USER, user_id="grace", session_id="s"))
    outcome = mine.when(RemoveMyIdentityProviderLink(identity_provider_link_id="link"))
    if goes:
        assert outcome.changes
    else:
        outcome.refused(LastWayIn)


def test_host_on_which_it_began_is_told() -> None:
    """Providers send browsers to the primary host, and what binds the attempt may be on another one."""
    world = WORLD.given(*provider())
    wish = StartIdpIntent(identity_provider_id="login", binding=BINDING)
    begun = replace(world, host="shop.example").when(wish)
    state = begun.result.redirect_to.rpartition("state=")[2]
    assert begun.world.when(GetIdpIntentHost(state=state)).result.host == "shop.example"
    back(begun.world, state, binding=OTHER_BINDING).refused(IdpIntentInvalid)
    plain = world.when(wish)
    state = plain.result.redirect_to.rpartition("state=")[2]
    assert plain.world.when(GetIdpIntentHost(state=state)).result.host == ""


def leaving(changes: tuple[Change, ...] = (), *, silent: bool = False, **options: Any) -> Outcome:
    """Somebody who came by a provider signs out."""
    there = replace_session(GRACE, "id token")
    world = WORLD.given(*provider(**{"provider_logout": True, **options}), *human("grace"), *link())
    session = signed_in(returned(world, there))
    after = session.world.given(*changes)
    if silent:
        after = replace(after, answerer=replace(after.answerer, no_logout=frozenset({"login"})))
    return after.when(EndOidcSession(params={}, session_token=session.result.session_token, confirmed=True))


def test_who_came_by_a_provider_is_signed_out_there() -> None:
    """Where its options say so; the way back is good once, for a quarter of an hour, and leads on."""
    outcome = leaving()
    url = outcome.result.leaves_by
    assert url.startswith("https://login.example/out?state=")
    back = FinishIdpLogout(state=url.rpartition("=")[2])
    done = outcome.world.when(back)
    assert done.result.redirect_to == ""
    done.world.when(back).refused(IdpIntentInvalid)
    outcome.world.later(minutes=16).when(back).refused(IdpIntentInvalid)
    assert leaving(provider_logout=False).result.leaves_by == ""
    switched_off = (IDENTITY_PROVIDER.append("login", IdentityProviderDeactivated()),)
    assert leaving(switched_off).result.leaves_by == ""
    failing = leaving(silent=True)
    assert failing.result.leaves_by == ""
    assert failing.changes, "and is signed out here all the same"
