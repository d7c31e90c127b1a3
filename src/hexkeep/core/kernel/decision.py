"""Decisions: what an operation's function returns, and the context in which it is made."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Generic, TypeVar

from pydantic import JsonValue

from hexkeep.core.kernel.aggregate import Aggregate, AnyAggregate, Append, Ref
from hexkeep.core.kernel.ask import Ask, NewId, NewSecret, OwnerOf, RegisteredRoles, RowOf, RowsOf, StateOf, VersionOf
from hexkeep.core.kernel.errors import HexkeepError, NotFound, PermissionDenied
from hexkeep.core.kernel.permission import Caller, Role
from hexkeep.core.kernel.unique import Claim, Release, UniqueKey
from hexkeep.core.kernel.view import Row, Select, Table

A = TypeVar("A")
S = TypeVar("S")
R_co = TypeVar("R_co", covariant=True)

Change = Append | Claim | Release


class Pending(BaseException):
    """Raised out of a decision that asked what nobody has answered yet; no ``except Exception`` may stop it."""

    def __init__(self, ask: Ask[object]) -> None:
        super().__init__(ask)
        self.ask = ask


@dataclass(frozen=True, slots=True)
class FollowUp:
    """An operation that the engine calls as the system, in the same instance, once a decision is written.

    For what belongs to the other log and does not matter to the answer: it may fail or be lost in a crash, so it must
    be something that the next call of the same kind would do as well.
    """

    operation: str
    fields: Mapping[str, JsonValue] = field(repr=False)
    """Its input, not yet validated: slices do not see each other's messages."""


class Decision(Generic[R_co]):
    """What follows from an operation: an answer for the caller and the changes to write, all of them or none.

    With ``error`` set the changes are written all the same and the caller gets the error: a refused sign-in leaves
    its trace, a replayed code revokes what it issued. ``then`` follows in either case.
    """

    __slots__ = ("changes", "error", "result", "then")

    def __init__(
        self, result: R_co, *changes: Change, error: HexkeepError | None = None, then: tuple[FollowUp, ...] = ()
    ) -> None:
        self.result = result
        self.changes = changes
        self.error = error
        self.then = then


@dataclass(frozen=True, slots=True)
class Request:
    """Facts about the call a decision is made for, fixed before it starts."""

    instance: str
    caller: Caller
    now: datetime
    issuer: str = ""
    """The instance's primary origin (``https://id.example.com``), without a trailing slash."""
    permission: str = ""
    correlation_id: str = ""
    address: str = ""
    user_agent: str = ""
    host: str = ""
    """The host that was called (``login.example.com:8443``), where it is another one than the primary origin's."""


def nothing_at_hand(_: AnyAggregate, __: str) -> None:
    """Where every state has to be asked for."""


@dataclass(slots=True)
class Context:
    """What a decision sees of the world: its request, and answers to what it asks.

    ``resolve`` answers an ask or raises ``Pending``; the engine and the test kit bring their own. ``client_id`` is the
    application that a call of a protocol comes from, once the decision has found that out: for the audit. ``at_hand``
    is a short way to states that need not be asked for; ``None`` where it has none.
    """

    request: Request
    resolve: Callable[[Ask[object]], object]
    authorized: bool = False
    client_id: str = ""
    at_hand: Callable[[AnyAggregate, str], object | None] = nothing_at_hand
    _ids: int = 0
    _secrets: int = 0

    @property
    def instance(self) -> str:
        """The instance the call was made to."""
        return self.request.instance

    @property
    def caller(self) -> Caller:
        """Who is calling."""
        return self.request.caller

    @property
    def now(self) -> datetime:
        """The time of the call, aware, in UTC."""
        return self.request.now

    def ask(self, ask: Ask[A]) -> A:
        """The answer to ``ask``. May leave the function; it is then run again with the answer at hand."""
        answer: A = self.resolve(ask)  # type: ignore[assignment]  # an ask's type parameter is its answer's type
        return answer

    def load(
        self,
        aggregate: Aggregate[S],
        aggregate_id: str,
        *,
        guarded: bool = False,
        instance: str = "",
        lapses: bool = False,
    ) -> S:
        """The present state of an aggregate (see ``StateOf``)."""
        if not guarded and not instance:
            state: S | None = self.at_hand(aggregate, aggregate_id)  # type: ignore[assignment]  # its own state's type
            if state is not None:
                return state
        return self.ask(StateOf(aggregate, aggregate_id, guarded, instance, lapses))

    def version(self, aggregate: AnyAggregate, aggregate_id: str) -> int:
        """The present version of an aggregate, at which the decision then insists."""
        return self.ask(VersionOf(aggregate, aggregate_id))

    def roles(self) -> Mapping[str, Role]:
        """Every role that may be held, those of plugins included, by name."""
        return self.ask(RegisteredRoles())

    def owner(self, key: UniqueKey) -> Ref | None:
        """Who holds a unique key now."""
        return self.ask(OwnerOf(key))

    def row(self, table: Table, row_id: str) -> Row:
        """A row by id, always current; raises ``NotFound`` when absent or not visible to the caller."""
        row = self.ask(RowOf(table, row_id))
        if row is None:
            raise NotFound
        return row

    def rows(self, select: Select, *, current: bool = False) -> tuple[Row, ...]:
        """A page of rows that the caller may see; with ``current`` all that was written before shows."""
        return self.ask(RowsOf(select, current=current))

    def new_id(self) -> str:
        """A fresh, time-ordered identifier."""
        self._ids += 1
        return self.ask(NewId(self._ids))

    def new_secret(self) -> str:
        """256 fresh random bits, URL-safe."""
        self._secrets += 1
        return self.ask(NewSecret(self._secrets))

    def authorize(self, *, organization: str = "", project: str = "", user: str = "", project_grant: str = "") -> None:
        """Insist that the caller holds the operation's permission here; raises ``PermissionDenied``.

        ``user`` makes the resource's own user sufficient. A decision of an operation that names a permission and
        never gets here, or to ``visible_row`` or ``visible_page``, is allowed only to callers who hold the permission
        for the whole instance.
        """
        own = bool(user) and self.caller.user_id == user
        places = {"organization": organization, "project": project, "project_grant": project_grant}
        if not own and not self.caller.may(self.request.permission, **places):
            raise PermissionDenied
        self.authorized = True
