"""What identity providers say in a header, and answers that could come again."""

from dataclasses import replace
from datetime import timedelta

from hexkeep.core.idpintent.errors import IdpMalformed
from hexkeep.core.idpintent.identity import Answered
from hexkeep.core.idpintent.messages import FinishIdpIntent
from hexkeep.testing.decisions import NOW, Outcome, World
from tests.unit.core.test_idp_intent import BINDING, GRACE, WORLD, begun, link, offering, provider
from tests.unit.core.worlds import human

ONCE = GRACE.model_copy(update={"answered": Answered(id="one", until=NOW + timedelta(minutes=10))})


def world(header: str = "X-Auth-Token") -> World:
    """A world whose providers want a header, and whose ``grace`` comes back by one, or else as ``other`` by a code."""
    made = WORLD.given(*provider(), *provider("second"), offering("login", "second"), *human("grace"), *link())
    answerer = replace(made.answerer.copy(), wanted_header=header)
    answerer.identities |= {"signed": ONCE, "code": GRACE.model_copy(update={"external_id": "sub-2"})}
    return replace(made, answerer=answerer)


def back(world: World, state: str, provider_id: str = "login") -> Outcome:
    """Somebody comes back with a code and a header."""
    asked = FinishIdpIntent(
        identity_provider_id=provider_id, state=state, binding=BINDING, parameters={"code": "code"}, header="signed"
    )
    return world.when(asked)


def test_header_is_told_to_who_has_wanted_it() -> None:
    """The answer to the start names it; a provider that has wanted none is told none, whatever the browser brings."""
    assert back(*begun(world())).result.user_id == "grace"
    assert back(*begun(world(header=""))).result.user_id == ""


def test_answer_counts_once_whatever_attempt_it_comes_for() -> None:
    """Until it is over by itself; and what one provider calls it is nothing to another."""
    first = back(*begun(world()))
    assert first.result.user_id == "grace"
    back(*begun(first.world)).refused(IdpMalformed)
    second, state = begun(first.world, "second")
    assert back(second, state, "second").result.user_id == ""
    assert back(*begun(first.world.later(minutes=11))).result.user_id == "grace"
