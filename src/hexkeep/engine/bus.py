"""The command bus: make the decision, write it, answer. A lost race is decided anew, a bounded number of times."""

import asyncio
import random
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from hexkeep.core.kernel.decision import Context, Decision, FollowUp
from hexkeep.core.kernel.errors import (
    HexkeepError,
    Internal,
    PermissionDenied,
    SecondFactorRequired,
    Unauthenticated,
    VersionConflict,
)
from hexkeep.core.kernel.event import Log
from hexkeep.core.kernel.operation import AnyOperation, Message
from hexkeep.core.kernel.permission import AUTHENTICATED, PUBLIC, CallerKind
from hexkeep.engine.answers import Answers, Call
from hexkeep.engine.committer import Committer
from hexkeep.engine.evaluation import evaluate
from hexkeep.engine.registry import Registry
from hexkeep.engine.states import States
from hexkeep.engine.units import EventsByRef, Units
from hexkeep.ports.event_store import Appended

R = TypeVar("R")

MAX_ATTEMPTS = 8
PAUSE_SECONDS = 0.002


@dataclass(frozen=True, slots=True)
class Done:
    """What came of an operation: its output or error, where it was written if it was, and what is to follow."""

    output: Message
    appended: Appended | None
    log: Log | None
    then: tuple[FollowUp, ...] = ()
    error: HexkeepError | None = None


class Bus:
    """Runs operations that are already authenticated and routed."""

    def __init__(
        self, registry: Registry, answers: Answers, units: Units, states: States, committer: Committer
    ) -> None:
        self._registry = registry
        self._answers = answers
        self._units = units
        self._states = states
        self._committer = committer

    async def run(self, operation: AnyOperation, input_: Message, call: Call, unit_id: str = "") -> Done:
        """The same as ``settle``, but an error that a decision came with is raised."""
        done = await self.settle(operation, input_, call, unit_id)
        if done.error is not None:
            raise done.error
        return done

    async def settle(self, operation: AnyOperation, input_: Message, call: Call, unit_id: str = "") -> Done:
        """Decide and write. Raises what the decision raises, and ``VersionConflict`` after too many lost races.

        A given unit id may have been used before: then what is in the log is what was decided then.
        """
        for attempt in range(1, MAX_ATTEMPTS + 1):
            decision = await self.decide(operation, input_, call)
            if not decision.changes:
                return _answered(decision, None, None)
            if not operation.writes:
                raise Internal(f"{operation.name} reads and yet wants to write")
            try:
                log, appended = await self._write(decision, call, unit_id)
            except VersionConflict:
                if attempt == MAX_ATTEMPTS:
                    raise
                await asyncio.sleep(PAUSE_SECONDS * attempt * random.random())  # noqa: S311 - jitter
                for ref in call.consulted:
                    self._states.distrust(call.request.instance, ref)
                call.start_over()
            else:
                return _answered(decision, appended, log)
        raise Internal

    async def decide(self, operation: AnyOperation, input_: Message, call: Call) -> Decision[Message]:
        """Make the decision without writing it.

        Raises ``Unauthenticated`` for nobody, before anything is read or done, unless everybody may call it, and
        ``PermissionDenied`` if nothing in the decision asked for permission.
        """
        if operation.permission != PUBLIC and call.request.caller.kind is CallerKind.ANONYMOUS:
            raise Unauthenticated
        if call.request.caller.enrolling and operation.permission != PUBLIC and not operation.enrols:
            raise SecondFactorRequired

        def handle(context: Context) -> Decision[Message]:
            decision: Decision[Message] = operation.handle(input_, context)
            call.client_id = context.client_id
            _insist(operation, context)
            return decision

        return await self.evaluate(handle, call)

    async def evaluate(self, function: Callable[[Context], R], call: Call) -> R:
        """Run a pure function of a context, answering what it asks, until it returns (see ``evaluation``)."""
        return await evaluate(function, call, self._answers)

    async def _write(self, decision: Decision[Message], call: Call, unit_id: str) -> tuple[Log, Appended]:
        unit, events = await self._units.build(decision, call, unit_id)
        appended = await self._committer.append(unit)
        if unit_id:
            for ref in events:
                self._states.distrust(unit.instance, ref)
        else:
            self._follow(call, events)
        return unit.log, appended

    def _follow(self, call: Call, events: EventsByRef) -> None:
        for ref, new in events.items():
            after = call.consulted[ref].version if ref in call.consulted else 0
            for version, event in enumerate(new, after + 1):
                self._states.appended(
                    call.request.instance, self._registry.aggregates[ref.type], ref.id, version, event
                )


def _insist(operation: AnyOperation, context: Context) -> None:
    """Fail closed: whoever forgot to ask for permission gets only what the whole instance's permission covers."""
    caller, permission = context.caller, operation.permission
    if permission in {PUBLIC, AUTHENTICATED} or context.authorized:
        return
    if not caller.may(permission):
        raise PermissionDenied


def _answered(decision: Decision[Message], appended: Appended | None, log: Log | None) -> Done:
    return Done(decision.result, appended, log, decision.then, decision.error)
