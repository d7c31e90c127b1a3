"""What a decision asks for, where it matters how it was asked: guarded, for a race that a test cannot bring about."""

from hexkeep.core.kernel.ask import Ask
from hexkeep.core.kernel.decision import Context, Request
from hexkeep.core.kernel.operation import Message
from hexkeep.testing.decisions import World


def asked_for(world: World, request: Message) -> list[Ask[object]]:
    """Everything that the operation of that name asks for, in order, until it has decided."""
    operation = world.registry.operations[type(request).__name__]
    about = Request(world.instance, world.caller, world.now, permission=operation.permission)
    answers, answerer = dict[Ask[object], object](), world.answerer.copy()

    def resolve(ask: Ask[object]) -> object:
        if ask not in answers:
            answers[ask] = answerer.answer(ask, world, about)
        return answers[ask]

    operation.handle(request, Context(about, resolve))
    return list(answers)
