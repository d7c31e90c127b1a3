"""What a decision asks for, where it matters how it was asked: guarded, for a race that a test cannot bring about."""

from contextlib import suppress

from hexkeep.core.kernel.ask import Ask
from hexkeep.core.kernel.decision import Context, Request
from hexkeep.core.kernel.errors import HexkeepError
from hexkeep.core.kernel.operation import Message
from hexkeep.testing.decisions import World


def asked_for(world: World, request: Message) -> list[Ask[object]]:
    """Everything that the operation of that name asks for, in order, until it has decided or refused."""
    operation = world.registry.operations[type(request).__name__]
    about = Request(world.instance, world.caller, world.now, permission=operation.permission)
    answers, answerer = list[tuple[Ask[object], object]](), world.answerer.copy()

    def resolve(ask: Ask[object]) -> object:
        for asked, answer in answers:
            if asked == ask:
                return answer
        answers.append((ask, answerer.answer(ask, world, about)))
        return answers[-1][1]

    with suppress(HexkeepError):
        operation.handle(request, Context(about, resolve))
    return [asked for asked, _ in answers]
