from collections.abc import Callable

import pytest

from hexkeep.core.kernel.aggregate import Append
from hexkeep.core.oidc.errors import InvalidRedirectUri, InvalidRequest
from hexkeep.core.session.events import SessionEnded
from hexkeep.core.session.state import SESSION
from hexkeep.core.token.messages import EndOidcSession
from hexkeep.core.user.state import USER
from hexkeep.testing.decisions import World
from tests.unit.core.oidc_world import SESSION_TOKEN, ada, session, start, tokens, told, world

BYE = "https://shop.example.com/bye"
ENDED: Append = SESSION.append("session-1", SessionEnded())


def request(token: str = SESSION_TOKEN, *, confirmed: bool = False, **params: str) -> EndOidcSession:
    """A logout request."""
    return EndOidcSession(params=params, session_token=token, confirmed=confirmed)


def hinted() -> tuple[World, str]:
    """The world after a sign-in, an hour later, and the ID token, which has expired."""
    after, answer = tokens(world())
    return after.later(hours=2), answer.id_token or ""


def test_hint_ends_its_session_and_goes_back() -> None:
    """RP-Initiated Logout sections 2 and 3: expired hints count, state is passed back, nobody is asked."""
    after, hint = hinted()
    outcome = after.when(request(id_token_hint=hint, post_logout_redirect_uri=BYE, state="s")).then(ENDED)
    assert (outcome.result.kind, outcome.result.redirect_to) == ("redirect", BYE + "?state=s")
    assert told(outcome.world.when(start(prompt="none")).result)["error"] == "login_required"


def test_without_a_hint_the_person_is_asked() -> None:
    """Section 2: a link alone must not sign anybody out."""
    outcome = world().when(request()).then()
    assert outcome.result.kind == "confirm"
    outcome = world().when(request(confirmed=True)).then(ENDED)
    assert outcome.result.kind == "done"


def test_confirmed_logout_goes_back_to_the_named_client() -> None:
    """Section 2: `client_id` names the client when there is no hint."""
    asked = request(client_id="web", post_logout_redirect_uri=BYE)
    step = world().when(asked).then().result
    assert (step.kind, step.client_name, step.form_target) == ("confirm", "Web", "")
    confirmed = asked.model_copy(update={"confirmed": True})
    assert world().when(confirmed).then(ENDED).result.redirect_to == BYE


def test_nobody_signed_in_has_nothing_to_confirm() -> None:
    """The end is reached already."""
    assert world().when(request("")).then().result.kind == "done"
    after, hint = hinted()
    step = after.when(request("", id_token_hint=hint, post_logout_redirect_uri=BYE)).then().result
    assert (step.kind, step.redirect_to) == ("redirect", BYE)


@pytest.mark.parametrize("uri", [BYE + "?x=1", BYE + "/", "https://evil.example.com", "javascript:alert(1)"])
def test_unregistered_place_is_an_error_page_and_ends_nothing(uri: str) -> None:
    """Section 3: compared exactly; never redirected."""
    after, hint = hinted()
    after.when(request(id_token_hint=hint, post_logout_redirect_uri=uri)).refused(InvalidRedirectUri)


def test_place_without_a_client_is_unregistered() -> None:
    """Section 2: without hint and client nobody registered it."""
    world().when(request(post_logout_redirect_uri=BYE)).refused(InvalidRedirectUri)
    world().when(request(client_id="nobody", post_logout_redirect_uri=BYE)).refused(InvalidRedirectUri)


@pytest.mark.parametrize("spoil", [lambda hint: hint[:-1] + "0", lambda _: "x", lambda _: "a.b.c"])
def test_hint_that_is_not_ours_is_an_error_page(spoil: Callable[[str], str]) -> None:
    """Section 2: a tampered hint is not read, whatever else the request says."""
    after, hint = hinted()
    after.when(request(id_token_hint=spoil(hint), post_logout_redirect_uri=BYE)).refused(InvalidRequest)


def test_hint_of_another_client_is_an_error() -> None:
    """Section 2: `client_id` and the hint's audience have to agree."""
    after, hint = hinted()
    after.when(request(id_token_hint=hint, client_id="spa")).refused(InvalidRequest)


def test_access_token_is_no_hint() -> None:
    """RFC 8725 section 3.11: the type tells them apart."""
    after, answer = tokens(world())
    after.when(request(id_token_hint=answer.access_token)).refused(InvalidRequest)


def test_repeated_parameter_is_refused() -> None:
    """Which of two values is meant is not guessed."""
    world().when(request().model_copy(update={"repeated": ("state",)})).refused(InvalidRequest)


def test_others_in_the_same_browser_stay_unless_the_person_says_all() -> None:
    """Section 2: who is signed out is the person's to say. Other sessions of the same person end in any case."""
    again, hers = "hks_session-2_of-ada-again", "hks_session-3_of-grace"
    grace = USER.append("grace", ada().events[0].model_copy(update={"display_name": "Grace Hopper"}))
    before = world(session("session-2", "of-ada-again"), grace, session("session-3", "of-grace", "grace"))
    beside = {"waiting_tokens": (again, hers, "hks_session-9_of-nobody")}
    asked = before.when(request().model_copy(update=beside)).then().result
    assert (asked.kind, asked.user, asked.others) == ("confirm", "Ada Lovelace", ("Grace Hopper",))
    second, third = (SESSION.append(f"session-{number}", SessionEnded()) for number in (2, 3))
    one = request(confirmed=True).model_copy(update=beside)
    before.when(one).then(ENDED, second)
    everybody = one.model_copy(update={"everybody": True})
    before.when(everybody).then(ENDED, second, third)
    before.when(everybody.model_copy(update={"session_token": ""})).then(second, third)
    before.when(one.model_copy(update={"session_token": ""})).then()
