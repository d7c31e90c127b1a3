"""The command bus: make the decision, write it, answer. A lost race is decided anew, a bounded number of times."""

import asyncio
import random
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from hexkeep.core.kernel.aggregate import Append, Ref
from hexkeep.core.kernel.ask import Ask
from hexkeep.core.kernel.decision import Context, Decision, Pending
from hexkeep.core.kernel.errors import Internal, PermissionDenied, Unauthenticated, VersionConflict
from hexkeep.core.kernel.event import Event, Log
from hexkeep.core.kernel.operation import AnyOperation, Message
from hexkeep.core.kernel.permission import AUTHENTICATED, PUBLIC, CallerKind
from hexkeep.core.kernel.unique import Claim, Release
from hexkeep.engine.answers import Answers, Call
from hexkeep.engine.codec import Codec, Origin
from hexkeep.engine.committer import Committer
from hexkeep.engine.registry import Registry
from hexkeep.engine.secrets import Secrets
from hexkeep.engine.states import States
from hexkeep.ports.event_store import Appended, KeyClaim, KeyRelease, StreamAppend, Unit

R = TypeVar("R")

MAX_ASKS = 500
MAX_ATTEMPTS = 8
PAUSE_SECONDS = 0.002


@dataclass(frozen=True, slots=True)
class Done:
    """What came of an operation: its output, and where it was written if it was."""

    output: Message
    appended: Appended | None
    log: Log | None


class Bus:
    """Runs operations that are already authenticated and routed."""

    def __init__(
        self, registry: Registry, answers: Answers, codec: Codec, secrets: Secrets, states: States, committer: Committer
    ) -> None:
        self._registry = registry
        self._answers = answers
        self._codec = codec
        self._secrets = secrets
        self._states = states
        self._committer = committer

    async def run(
        self, operation: AnyOperation, input_: Message, call: Call, unit_id: str, client: bytes = b""
    ) -> Done:
        """Decide and write. Raises what the decision raises, and ``VersionConflict`` after too many lost races."""
        for attempt in range(1, MAX_ATTEMPTS + 1):
            decision = await self.decide(operation, input_, call)
            if not decision.changes:
                return _answered(decision, None, None)
            if not operation.writes:
                raise Internal(f"{operation.name} reads and yet wants to write")
            try:
                log, appended = await self._write(decision, call, unit_id, client)
            except VersionConflict:
                if attempt == MAX_ATTEMPTS:
                    raise
                await asyncio.sleep(PAUSE_SECONDS * attempt * random.random())  # noqa: S311 - jitter
                call.start_over()
            else:
                return _answered(decision, appended, log)
        raise Internal

    async def decide(self, operation: AnyOperation, input_: Message, call: Call) -> Decision[Message]:
        """Make the decision without writing it; raises ``PermissionDenied`` if nothing in it asked for permission."""

        def handle(context: Context) -> Decision[Message]:
            decision: Decision[Message] = operation.handle(input_, context)
            _insist(operation, context)
            return decision

        return await self.evaluate(handle, call)

    async def evaluate(self, function: Callable[[Context], R], call: Call) -> R:
        """Run a pure function of a context, answering what it asks, until it returns."""

        def resolve(ask: Ask[object]) -> object:
            try:
                return call.known(ask)
            except Pending:
                return self._answers.instant(call, ask)

        for _ in range(MAX_ASKS):
            try:
                return function(Context(call.request, resolve))
            except Pending as pending:
                ask = pending.ask
            await self._answers.answer(call, ask)
        raise Internal("A decision asked too much")

    async def _write(
        self, decision: Decision[Message], call: Call, unit_id: str, client: bytes
    ) -> tuple[Log, Appended]:
        log, events = _by_aggregate(decision)
        appends = await self._appends(call, log, events)
        claims, releases = await self._keys(call, decision)
        request = call.request
        appended = await self._committer.append(
            Unit(
                unit_id=unit_id,
                instance=request.instance,
                log=log,
                appends=appends,
                claims=claims,
                releases=releases,
                actor=request.caller.actor,
                correlation_id=request.correlation_id,
                client=client,
            )
        )
        self._follow(call, events)
        return log, appended

    async def _appends(self, call: Call, log: Log, events: dict[Ref, list[Event]]) -> tuple[StreamAppend, ...]:
        request = call.request
        origin = Origin(request.caller.actor, request.correlation_id)
        appends = []
        for ref, new in events.items():
            expected = call.consulted[ref].version if ref in call.consulted else 0
            encoded = await self._codec.encode(request.instance, log, ref, expected, new, origin)
            appends.append(StreamAppend(ref, expected, encoded))
        for ref, seen in call.consulted.items():
            if seen.guarded and ref not in events:
                if self._registry.log_of(ref.type) is not log:
                    raise Internal(f"{ref.type} is in another log and cannot be guarded here")
                appends.append(StreamAppend(ref, seen.version))
        return tuple(appends)

    async def _keys(
        self, call: Call, decision: Decision[Message]
    ) -> tuple[tuple[KeyClaim, ...], tuple[KeyRelease, ...]]:
        """The net effect of a decision's claims and releases: a key both released and claimed just moves."""
        claims: dict[tuple[str, bytes], KeyClaim] = {}
        releases: dict[tuple[str, bytes], KeyRelease] = {}
        for change in decision.changes:
            if isinstance(change, Append):
                continue
            hashed = await self._secrets.unique(call.request.instance, change.key)
            place = (change.key.kind, hashed)
            match change:
                case Claim(owner=owner):
                    claims[place] = KeyClaim(*place, owner)
                case Release(owner=owner):
                    releases[place] = KeyRelease(*place, owner)
        for place, claim in claims.items():
            if place in releases and releases[place].owner == claim.owner:
                del releases[place]
        return tuple(claims.values()), tuple(releases.values())

    def _follow(self, call: Call, events: dict[Ref, list[Event]]) -> None:
        for ref, new in events.items():
            after = call.consulted[ref].version if ref in call.consulted else 0
            for version, event in enumerate(new, after + 1):
                self._states.appended(
                    call.request.instance, self._registry.aggregates[ref.type], ref.id, version, event
                )


def _by_aggregate(decision: Decision[Message]) -> tuple[Log, dict[Ref, list[Event]]]:
    events: dict[Ref, list[Event]] = {}
    logs = set()
    for change in decision.changes:
        if isinstance(change, Append):
            logs.add(change.log)
            events.setdefault(change.ref, []).extend(change.events)
    if len(logs) != 1:
        raise Internal("A decision writes to exactly one log")
    return logs.pop(), events


def _insist(operation: AnyOperation, context: Context) -> None:
    """Fail closed: whoever forgot to ask for permission gets only what the whole instance's permission covers."""
    caller, permission = context.caller, operation.permission
    if permission == PUBLIC or context.authorized:
        return
    if caller.kind is CallerKind.ANONYMOUS:
        raise Unauthenticated
    if permission != AUTHENTICATED and not caller.may(permission):
        raise PermissionDenied


def _answered(decision: Decision[Message], appended: Appended | None, log: Log | None) -> Done:
    if decision.error is not None:
        raise decision.error
    return Done(decision.result, appended, log)
