"""Evaluation: a pure function of a context is run, and answered what it asks, until it returns.

What can be answered without waiting is answered on the spot, and most functions need nothing else. One that does starts
over once, in a greenlet, and from then on stands still where it asks while the engine waits for the answer.
"""

from collections.abc import Callable
from functools import partial
from typing import TypeVar

from greenlet import GreenletExit, getcurrent, greenlet

from hexkeep.core.kernel.ask import Ask
from hexkeep.core.kernel.decision import Context, Pending
from hexkeep.core.kernel.errors import Internal
from hexkeep.engine.answers import Answers, Call
from hexkeep.engine.eager import Eager
from hexkeep.engine.given import UNANSWERED

R = TypeVar("R")

MAX_WAITS = 500
"""How often one evaluation may wait for an answer."""


async def evaluate(function: Callable[[Context], R], call: Call, answers: Answers) -> R:
    """What the function returns or raises; an answer that cannot be had ends it with its error instead.

    Raises ``Internal`` for a function that never has enough.
    """
    waiting: list[Eager[object]] = []

    def at_once(ask: Ask[object]) -> object:
        begun = _begun(ask, call, answers)
        if not isinstance(begun, Eager):
            return begun
        waiting.append(begun)
        raise Pending(ask)

    try:
        return function(Context(call.request, at_once, at_hand=partial(answers.state_at_hand, call)))
    except Pending:
        pass
    await waiting.pop()
    return await _standing_still(function, call, answers)


async def _standing_still(function: Callable[[Context], R], call: Call, answers: Answers) -> R:
    """The same from the start, with the answers so far: whoever asks is left where it asks, and gone on with there."""

    def patient(ask: Ask[object]) -> object:
        begun = _begun(ask, call, answers)
        return _outside(begun) if isinstance(begun, Eager) else begun

    returned: list[R] = []
    context = Context(call.request, patient, at_hand=partial(answers.state_at_hand, call))
    run = greenlet(lambda: returned.append(function(context)))
    run.gr_context = getcurrent().gr_context  # the same context variables inside as outside
    answer: object = None
    try:
        for _ in range(MAX_WAITS):
            run.parent = getcurrent()  # whoever drives this task now, for evaluations may stand in one another
            wait: Eager[object] | None = run.switch(answer) if run else run.switch()
            if run.dead or wait is None:
                return returned.pop()
            answer = await wait
    finally:
        if not run.dead:
            run.throw(GreenletExit)  # what it asked for cannot be had, so nobody is left to go on with it
    raise Internal("A decision asked too much")


def _outside(wait: Eager[object]) -> object:
    """Hand a wait to whoever drives this greenlet, and come back with the answer."""
    driver = getcurrent().parent
    if driver is None:
        raise Internal("A decision went on outside of its evaluation")
    return driver.switch(wait)


def _begun(ask: Ask[object], call: Call, answers: Answers) -> object:
    """The answer to an ask, or an ``Eager`` that still waits for it."""
    known = call.given.find(ask)
    if known is UNANSWERED:
        known = answers.at_hand(call, ask)
    if known is not UNANSWERED:
        return known
    eager = Eager(answers.answer(call, ask))
    return eager.result if eager.done else eager
