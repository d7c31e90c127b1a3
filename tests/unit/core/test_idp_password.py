"""Sign-in by name and password of an account elsewhere: who that is here, and how little can be guessed."""

from dataclasses import replace
from typing import Any

import pytest

from hexkeep.core.idp.events import IdentityProviderDeactivated
from hexkeep.core.idp.state import IDENTITY_PROVIDER
from hexkeep.core.idpintent.asks import SignInWay
from hexkeep.core.idpintent.errors import (
    IdpFailed,
    IdpIntentInvalid,
    IdpMalformed,
    IdpNotOffered,
    IdpRefused,
    IdpUnreachable,
)
from hexkeep.core.idpintent.identity import Identity
from hexkeep.core.idpintent.messages import (
    AddIdpIntentLink,
    CheckIdpLinkPassword,
    CheckIdpPassword,
    ListSignInProviders,
    StartIdpIntent,
    StartIdpLink,
)
from hexkeep.core.idpintent.passwords import PER_NAME, PER_NAME_AND_PLACE, PER_PLACE, WINDOW_SECONDS, counted_as
from hexkeep.core.kernel.errors import ReauthenticationRequired, ResourceExhausted
from hexkeep.core.kernel.permission import ANONYMOUS, Caller, CallerKind
from hexkeep.core.session.errors import InvalidCredentials
from hexkeep.testing.decisions import Outcome, World
from tests.unit.core.test_idp_intent import BINDING, GRACE, WORLD, link, offering, provider, signed_in
from tests.unit.core.worlds import human, session

DIRECTORY = provider(kind="ldap")
HERE, ELSEWHERE = "203.0.113.1", "203.0.113.2"


def knowing(world: World, **answers: Identity | IdpFailed) -> World:
    """The world in which the directory answers so; ``grace`` with the password ``right`` is always right."""
    world = replace(world, answerer=world.answerer.copy())
    world.answerer.identities |= {"grace:right": GRACE} | {
        name.replace("__", ":"): one for name, one in answers.items()
    }
    return world


def tried(world: World, name: str = "grace", password: str = "wrong", place: str = HERE, **more: Any) -> Outcome:
    """Somebody tries a name and a password."""
    wish = CheckIdpPassword(identity_provider_id="login", login_name=name, password=password, **more)
    return replace(world, address=place).when(wish)


def test_right_password_signs_the_linked_user_in() -> None:
    """What follows is as for who has come back from a provider: a proof, and with it one session."""
    found = tried(knowing(WORLD.given(*DIRECTORY, *human("grace"), *link())), password="right", auth_request_id="r")
    found.then()
    assert (found.result.user_id, found.result.auth_request_id) == ("grace", "r")
    assert not signed_in(found).result.second_factor_required


def test_account_is_made_unasked_where_that_is_wanted() -> None:
    """A person of the directory who comes for the first time is somebody here from then on."""
    world = knowing(WORLD.given(*provider(kind="ldap", auto_creation=True)))
    first = tried(world, password="right")
    assert first.result.user_id
    assert tried(first.world, password="right").result.user_id == first.result.user_id


@pytest.mark.parametrize("failure", [IdpRefused("x"), IdpMalformed("x"), IdpUnreachable("x")], ids=lambda one: one.code)
def test_failure_of_the_provider_signs_nobody_in(failure: IdpFailed) -> None:
    """What it fails with is told, and nothing is written."""
    world = knowing(WORLD.given(*DIRECTORY, *human("grace"), *link()), grace__other=failure)
    tried(world, password="other").refused(type(failure))


def test_names_and_passwords_are_not_shown() -> None:
    """Neither stands in what is logged of a call."""
    shown = repr(CheckIdpPassword(identity_provider_id="login", login_name="grace", password="swordfish"))
    assert "grace" not in shown
    assert "swordfish" not in shown


def test_only_what_is_offered_and_takes_passwords_is_asked() -> None:
    """A provider that is switched off, not on the list, or has a page of its own gets nobody's password."""
    world = knowing(WORLD.given(*provider()))
    tried(world, password="right").refused(IdpNotOffered)
    closed = knowing(WORLD.given(*DIRECTORY))
    tried(closed.given(offering()), password="right").refused(IdpNotOffered)
    off = closed.given(IDENTITY_PROVIDER.append("login", IdentityProviderDeactivated()))
    tried(off, password="right").refused(IdpNotOffered)


def test_way_to_a_directory_is_our_own_page() -> None:
    """Whoever begins a sign-in by it is led there, and the list says so beforehand."""
    world = WORLD.given(*DIRECTORY)
    (listed,) = world.when(ListSignInProviders()).result.providers
    assert listed.way is SignInWay.PASSWORD
    begun = world.when(StartIdpIntent(identity_provider_id="login", binding=BINDING)).result
    assert (begun.way, begun.redirect_to) == (SignInWay.PASSWORD, "")


def test_few_guesses_at_one_name_from_one_place() -> None:
    """Then it takes a while, also for the right password; another spelling of the name is no other name."""
    world = knowing(WORLD.given(*DIRECTORY, *human("grace"), *link()))
    for number in range(PER_NAME_AND_PLACE):
        attempt = tried(world, ("grace", "GRACE", " gra\u00adce ", "Gr\u00e4ce")[number % 4])
        attempt.refused(IdpRefused)
        world = attempt.world
    limited = tried(world, password="right")
    limited.refused(ResourceExhausted)
    assert tried(world.later(seconds=WINDOW_SECONDS + 1), password="right").result.user_id == "grace"


def test_few_guesses_at_one_name_from_everywhere() -> None:
    """However many addresses somebody has, a directory does not see many guesses at one name."""
    world = knowing(WORLD.given(*DIRECTORY, *human("grace"), *link()))
    for number in range(PER_NAME):
        world = tried(world, place=f"198.51.100.{number}").world
    tried(world, place="198.51.100.200", password="right").refused(ResourceExhausted)
    tried(world, "other", place="198.51.100.201").refused(IdpRefused)


ALIASES = ("grace", "grace@example.com", "hopper", "g.hopper")


def known_by_all_of_them(world: World) -> World:
    """The world in which the directory knows Grace by several names; she is linked."""
    world = knowing(world.given(*DIRECTORY, *human("grace"), *link()))
    world.answerer.identities |= {f"{name}:right": GRACE for name in ALIASES}
    return world


def test_names_of_one_entry_are_no_more_guesses_than_two_names() -> None:
    """Whoever guesses goes on with another name of the same person: that is answered as a wrong password is."""
    world = known_by_all_of_them(WORLD)
    for number in range(2 * PER_NAME):
        attempt = tried(world, ALIASES[number % 3], place=f"198.51.100.{number}")
        attempt.refused(IdpRefused)
        world = attempt.world
    spent = tried(world, ALIASES[3], password="right", place=ELSEWHERE)
    nobodys = tried(world, "nobody", password="right", place=ELSEWHERE)
    assert spent.refused(IdpRefused).message == nobodys.refused(IdpRefused).message
    later = spent.world.later(seconds=WINDOW_SECONDS + 1)
    assert tried(later, ALIASES[3], password="right", place=ELSEWHERE).result.user_id == "grace"


def test_names_of_one_entry_are_no_more_guesses_from_one_place_either() -> None:
    """Not even where the person has signed in lately, and beginning with the next time she does."""
    world = tried(known_by_all_of_them(WORLD), password="right").world
    for number in range(2 * PER_NAME_AND_PLACE):
        world = tried(world.later(seconds=1), ALIASES[number % 3]).world
    tried(world, ALIASES[3], password="right").refused(IdpRefused)
    world = world.later(seconds=WINDOW_SECONDS + 1)
    for number in range(2 * PER_NAME_AND_PLACE + 1):
        found = tried(world.later(seconds=1), ALIASES[number % 3], password="right")
        assert found.result.user_id == "grace"
        world = found.world


def test_who_knows_one_name_keeps_nobody_from_another() -> None:
    """All guesses at one name leave as many for the others that the person has."""
    world = known_by_all_of_them(WORLD)
    for number in range(PER_NAME + 3):
        world = tried(world, "grace", place=f"198.51.100.{number}").world
    tried(world, "grace", password="right", place=ELSEWHERE).refused(ResourceExhausted)
    assert tried(world, "hopper", password="right", place=ELSEWHERE).result.user_id == "grace"


def test_entries_are_counted_by_themselves() -> None:
    """What is guessed at one person is not counted for another one, nor at another provider."""
    world = known_by_all_of_them(WORLD)
    world.answerer.identities["ada:right"] = GRACE.model_copy(update={"external_id": "sub-2"})
    for number in range(2 * PER_NAME):
        world = tried(world, ALIASES[number % 3], place=f"198.51.100.{number}").world
    tried(world, "ada", password="right", place=ELSEWHERE).then()


def test_strangers_do_not_keep_a_person_out() -> None:
    """Where somebody has signed in lately, others' guesses from elsewhere do not count; guesses from there do."""
    world = tried(knowing(WORLD.given(*DIRECTORY, *human("grace"), *link())), password="right").world
    for number in range(PER_NAME + 1):
        world = tried(world, place=f"198.51.100.{number}").world
    tried(world, place=ELSEWHERE, password="right").refused(ResourceExhausted)
    again = tried(world, password="right")
    assert again.result.user_id == "grace"
    world = again.world
    for _ in range(PER_NAME_AND_PLACE):
        world = tried(world).world
    tried(world, password="right").refused(ResourceExhausted)


def test_sign_in_begins_the_count_of_its_place_anew() -> None:
    """Who signs in often is not taken for somebody who guesses."""
    world = knowing(WORLD.given(*DIRECTORY, *human("grace"), *link()))
    for _ in range(PER_NAME_AND_PLACE + 1):
        found = tried(world.later(seconds=1), password="right")
        assert found.result.user_id == "grace"
        world = found.world


ALICE = Caller(CallerKind.USER, user_id="alice", session_id="session")
BEGIN = StartIdpLink(identity_provider_id="login", binding=BINDING)


def linking(world: World, password: str = "right") -> Outcome:
    """Alice, who is signed in, gives name and password of an account there."""
    wish = CheckIdpLinkPassword(identity_provider_id="login", login_name="grace", password=password)
    return replace(world, address=HERE).as_(ALICE).when(wish)


def test_person_links_an_account_by_its_password() -> None:
    """On a page of ours, in a session with a fresh sign-in; what it proves signs nobody in, and counts there alone."""
    world = knowing(WORLD.given(*DIRECTORY, *human("alice"), *session()))
    assert world.as_(ALICE).when(BEGIN).result.way is SignInWay.PASSWORD
    found = linking(world)
    found.then()
    signed_in(found).refused(InvalidCredentials)
    wish = AddIdpIntentLink(proof=found.result.proof)
    found.world.as_(replace(ALICE, session_id="other")).when(wish).refused(IdpIntentInvalid)
    linked = found.world.as_(ALICE).when(wish).world.as_(ANONYMOUS)
    assert tried(linked, password="right").result.user_id == "alice"


def test_stale_session_asks_no_directory() -> None:
    """Nor does one at a provider that is not for linking, or has a page of its own."""
    world = knowing(WORLD.given(*DIRECTORY, *human("alice"), *session()))
    linking(world.later(minutes=16)).refused(ReauthenticationRequired)
    world.later(minutes=16).as_(ALICE).when(BEGIN).refused(ReauthenticationRequired)
    people = (*human("alice"), *session())
    linking(knowing(WORLD.given(*provider(kind="ldap", linking_allowed=False), *people))).refused(IdpNotOffered)
    linking(knowing(WORLD.given(*provider(), *people))).refused(IdpNotOffered)


def test_linking_is_no_way_to_guess_more() -> None:
    """Its attempts and those to sign in have one count, from either side."""
    world = knowing(WORLD.given(*DIRECTORY, *human("alice"), *session()))
    by_linking, by_sign_in = world, world
    for _ in range(PER_NAME_AND_PLACE):
        by_linking = linking(by_linking, "wrong").world
        by_sign_in = tried(by_sign_in.as_(ANONYMOUS)).world
    tried(by_linking.as_(ANONYMOUS), password="right").refused(ResourceExhausted)
    linking(by_sign_in).refused(ResourceExhausted)


def test_one_place_tries_so_many_names() -> None:
    """Common passwords on many names are guesses too."""
    world = knowing(WORLD.given(*DIRECTORY))
    for number in range(PER_PLACE):
        world = tried(world, f"name-{number}").world
    tried(world, "one-more").refused(ResourceExhausted)
    tried(world, "one-more", place=ELSEWHERE).refused(IdpRefused)


@pytest.mark.parametrize(
    "spelling",
    [
        "GRACE",
        " grace ",
        "g r a c e",
        "\uff47\uff52\uff41\uff43\uff45",
        "gra\u00adce",
        "gra\u200bce",
        "gr\u00e4ce",
        "gra\u0308ce",
    ],
)
def test_spellings_of_a_name_are_counted_as_one(spelling: str) -> None:
    """What a directory may take for the same name has one count (RFC 4518)."""
    assert counted_as(spelling) == counted_as("grace")


def test_other_names_are_counted_by_themselves() -> None:
    """People do not use up one another's attempts."""
    names = ["grace", "grace.h", "grace@example.com", "grace-h", "g.race", "グレース", "\u0433\u0440\u0435\u0439\u0441"]
    assert len({counted_as(name) for name in names}) == len(names)
