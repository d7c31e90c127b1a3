"""The decision kit: tests of slices without an engine, as given(history).when(request).then(changes).

::

    kit = Kit(USER_SLICE, ORGANIZATION_SLICE)
    kit.given(ORGANIZATION.append("acme", OrganizationAdded(name="Acme"))).when(
        CreateMachineUser(organization_id="acme", user_name="robot")
    ).then(USER.append("id-1", MachineUserAdded(...)), Claim(user_name_key("robot"), USER.ref("id-1")))

A world is immutable: ``given``, ``as_``, ``at`` and ``Outcome.world`` each give a new one. Decisions run by the
engine's own protocol: at each unanswered ask the function starts over, and finally runs once more with all answers,
which shows that it is pure. Answers are deterministic (see ``hexkeep.testing.answers``); what the engine insists on
(permission, one log per decision, nothing written by reading operations) is insisted on here as well.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from hexkeep.core.kernel.aggregate import Append, Ref
from hexkeep.core.kernel.ask import Ask, StateOf, VersionOf
from hexkeep.core.kernel.decision import Change, Context, Decision, FollowUp, Pending, Request
from hexkeep.core.kernel.errors import (
    AlreadyExists,
    HexkeepError,
    PermissionDenied,
    SecondFactorRequired,
    Unauthenticated,
    VersionConflict,
)
from hexkeep.core.kernel.operation import AnyOperation, Message
from hexkeep.core.kernel.permission import AUTHENTICATED, PUBLIC, SYSTEM, Caller, CallerKind
from hexkeep.core.kernel.slice import Slice
from hexkeep.core.kernel.unique import Claim, Release
from hexkeep.engine.outcomes import ANY_CALL, outcomes
from hexkeep.engine.registry import Registry, build_registry
from hexkeep.testing.answers import Answerer
from hexkeep.testing.history import History

NOW = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
INSTANCE_ID = "main"
ISSUER = "https://id.example.com"


class Kit:
    """The slices under test, registered as the engine would; ``given`` begins a scenario."""

    def __init__(self, *slices: Slice) -> None:
        self.registry = build_registry(slices)

    def given(self, *changes: Change) -> "World":
        """A world in which ``changes`` happened, in the caller's own instance."""
        return World(self.registry).given(*changes)

    def operation(self, name: str) -> AnyOperation:
        """An operation by name."""
        return self.registry.operations[name]


@dataclass(frozen=True, slots=True)
class World:
    """Everything a decision can find out: history, caller, time, and how many ids and secrets were made already."""

    registry: Registry
    caller: Caller = SYSTEM
    now: datetime = NOW
    instance: str = INSTANCE_ID
    address: str = "192.0.2.1"
    user_agent: str = "kit/1"
    host: str = ""
    answerer: Answerer = field(default_factory=Answerer)
    histories: tuple[tuple[str, History], ...] = ()

    def given(self, *changes: Change, instance: str = "") -> "World":
        """The world after ``changes`` happened in an instance, empty for the caller's own."""
        name = instance or self.instance
        after = self.history(name).after(changes, self.now)
        others = tuple((other, history) for other, history in self.histories if other != name)
        return replace(self, histories=(*others, (name, after)))

    def as_(self, caller: Caller) -> "World":
        """The same world for another caller."""
        return replace(self, caller=caller)

    def at(self, now: datetime) -> "World":
        """The same world at another time."""
        return replace(self, now=now)

    def later(self, **units: float) -> "World":
        """The same world some time later: ``later(minutes=5)``."""
        return self.at(self.now + timedelta(**units))

    def within(self, instance: str) -> "World":
        """The same world, called in another instance."""
        return replace(self, instance=instance)

    def history(self, instance: str) -> History:
        """What happened in an instance so far."""
        return dict(self.histories).get(instance, History())

    def when(self, request: Message, operation: str = "") -> "Outcome":
        """Call an operation: the one that takes such a request, or the named one where several do."""
        chosen = self.registry.operations[operation] if operation else self._taking(request)
        answerer = self.answerer.copy()
        return _Run(self, chosen, request, answerer).outcome()

    def _taking(self, request: Message) -> AnyOperation:
        found = [one for one in self.registry.operations.values() if one.input is type(request)]
        names = ", ".join(one.name for one in found) or "none"
        assert len(found) == 1, f"operations that take {type(request).__name__}: {names}; name the one meant"
        return found[0]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a call: the result and the changes, or the error; ``world`` is the world afterwards."""

    before: World
    answerer: Answerer
    changes: tuple[Change, ...] = ()
    error: HexkeepError | None = None
    answer: Message | None = None
    follow_ups: tuple[FollowUp, ...] = ()

    @property
    def result(self) -> Any:  # the output type is the operation's; tests know which one they called
        """The operation's output; fails the test when there was an error."""
        self._raise()
        return self.answer

    @property
    def world(self) -> World:
        """The world after the call, changes applied, with what was kept, counted and numbered meanwhile."""
        return replace(self.before, answerer=self.answerer).given(*self.changes)

    def then(self, *changes: Change) -> "Outcome":
        """Insist that the call succeeded and made exactly these changes, in this order."""
        self._raise()
        assert self.changes == changes, f"changed {_shown(self.changes)}\nexpected {_shown(changes)}"
        return self

    def refused(self, error: type[HexkeepError], *changes: Change) -> HexkeepError:
        """Insist that the call failed with exactly this error, and left these changes behind, usually none."""
        assert self.error is not None, f"not refused: {self.answer!r}"
        if type(self.error) is not error:
            raise self.error
        assert self.changes == changes, f"changed {_shown(self.changes)}\nexpected {_shown(changes)}"
        return self.error

    def _raise(self) -> None:
        if self.error is not None:
            raise self.error


def _shown(changes: Iterable[Change]) -> str:
    return "".join(f"\n  {change}" for change in changes) or "nothing"


@dataclass(slots=True)
class _Run:
    """One call, from the permission check to the writing."""

    world: World
    operation: AnyOperation
    input: Message
    answerer: Answerer
    answers: list[tuple[Ask[object], object]] = field(default_factory=list)

    def outcome(self) -> Outcome:
        try:
            decision = self._decide()
            self._check(decision)
        except HexkeepError as error:
            self._insist_on_known((), error)
            return Outcome(self.world, self.answerer, error=error)
        self._insist_on_known(decision.changes, decision.error)
        result = decision.result if decision.error is None else None
        return Outcome(self.world, self.answerer, decision.changes, decision.error, result, decision.then)

    def _decide(self) -> Decision[Message]:
        if self.operation.permission != PUBLIC and self.world.caller.kind is CallerKind.ANONYMOUS:
            raise Unauthenticated
        if self.world.caller.enrolling and self.operation.permission != PUBLIC and not self.operation.enrols:
            raise SecondFactorRequired
        while True:
            try:
                decision = self._handled(self._known)
            except Pending as pending:
                answer = self.answerer.answer(pending.ask, self.world, self._request())
                self.answers.append((pending.ask, answer))
            else:
                again = self._handled(self._known)
                unchanged = (again.result, again.changes, again.then) == (
                    decision.result,
                    decision.changes,
                    decision.then,
                )
                assert unchanged, "the decision is not pure"
                return decision

    def _handled(self, resolve: Callable[[Ask[object]], object]) -> Decision[Message]:
        context = Context(self._request(), resolve)
        decision: Decision[Message] = self.operation.handle(self.input, context)
        permission = self.operation.permission
        if permission not in {PUBLIC, AUTHENTICATED} and not (context.authorized or self.world.caller.may(permission)):
            raise PermissionDenied
        return decision

    def _known(self, ask: Ask[object]) -> object:
        for asked, answer in self.answers:
            if asked == ask:
                return answer
        raise Pending(ask)

    def _request(self) -> Request:
        world, permission = self.world, self.operation.permission
        return Request(
            world.instance,
            world.caller,
            world.now,
            ISSUER,
            permission,
            "test",
            world.address,
            world.user_agent,
            world.host,
        )

    def _insist_on_known(self, changes: Iterable[Change], error: HexkeepError | None) -> None:
        """Whatever comes of an operation is among what the reference says may come of it."""
        known = outcomes(self.operation)
        appended = {type(event) for change in changes if isinstance(change, Append) for event in change.events}
        name = self.operation.name
        assert appended <= set(known.events), f"{name} appends what nothing in its code names: {appended}"
        if error is not None:
            told = (*known.errors, *ANY_CALL)
            assert type(error) in told, f"{name} fails as nothing in its code names: {error!r}"

    def _check(self, decision: Decision[Message]) -> None:
        """What the engine and the store insist on."""
        assert self.operation.writes or not decision.changes, f"{self.operation.name} reads, yet it changes something"
        assert decision.error is not None or isinstance(decision.result, self.operation.output)
        appends = [change for change in decision.changes if isinstance(change, Append)]
        assert len({append.log for append in appends}) <= 1, "a decision writes to one log"
        history = self.world.history(self.world.instance)
        for append in appends:
            _check_append(self.world.registry, append)
            if append.ref not in self._looked_at() and (version := history.version(append.ref)):
                raise VersionConflict(0, version)  # to the engine it is a new one
        for key in (change.key for change in decision.changes if not isinstance(change, Append)):
            log = self.world.registry.log_of_key(key.kind)
            elsewhere = [append for append in appends if append.log is not log]
            assert not elsewhere, f"keys of the kind {key.kind} change in the {log.value} log alone"
        after = history.after(decision.changes, self.world.now)
        given_back = {_place(change): change.owner for change in decision.changes if isinstance(change, Release)}
        for change in decision.changes:
            if isinstance(change, Claim):
                same = given_back.get(_place(change), change.owner) == change.owner
                assert same, "a key goes from one owner to another by two decisions"
            if isinstance(change, Claim) and after.owner(change.key) != change.owner:
                raise AlreadyExists(change.key.kind)

    def _looked_at(self) -> set[Ref]:
        """The aggregates of the call's own instance whose version the decision is based on."""
        own = [ask for ask, _ in self.answers if isinstance(ask, StateOf | VersionOf)]
        return {ask.aggregate.ref(ask.id) for ask in own if getattr(ask, "instance", "") in {"", self.world.instance}}


def _place(change: Claim | Release) -> tuple[str, str, str]:
    return change.key.kind, change.key.scope, change.key.normalised()


def _check_append(registry: Registry, append: Append) -> None:
    """Each event belongs to its aggregate and comes back from JSON as it was; the aggregate folds it."""
    assert append.events, f"nothing is appended to {append.ref}"
    aggregate = registry.aggregates[append.ref.type]
    for event in append.events:
        assert isinstance(event, aggregate.events)
        assert type(event).from_fields(event.revision, event.model_dump(mode="json")) == event
