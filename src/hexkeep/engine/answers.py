"""Answers: what each ask of a decision means, through the ports."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from pydantic import JsonValue

from hexkeep.core.kernel import ask as asks
from hexkeep.core.kernel.aggregate import Ref
from hexkeep.core.kernel.ask import Ask
from hexkeep.core.kernel.decision import Pending, Request
from hexkeep.core.oidc.asks import TokenClaims
from hexkeep.engine.reads import Freshness, Reads
from hexkeep.engine.secrets import Secrets, ShortLived
from hexkeep.engine.states import States
from hexkeep.ports.clock import Ids
from hexkeep.ports.event_store import EventStore
from hexkeep.ports.hashing import PasswordHashing
from hexkeep.ports.jose import Jose


@dataclass(frozen=True, slots=True)
class Consulted:
    """An aggregate a decision has looked at, and the version it saw."""

    version: int
    guarded: bool


@dataclass(slots=True)
class Call:
    """One run of an operation: its request and the answers so far.

    ``consulted`` maps aggregates of the call's own instance to the version the decision is based on.
    """

    request: Request
    freshness: Freshness
    answers: list[tuple[Ask[object], object]] = field(default_factory=list)
    consulted: dict[Ref, Consulted] = field(default_factory=dict)

    def known(self, ask: Ask[object]) -> object:
        """The answer at hand; raises ``Pending``."""
        for asked, answer in self.answers:
            if asked == ask:
                return answer
        raise Pending(ask)

    def start_over(self) -> None:
        """Forget what was read, keep what was done: the decision is made anew on the present state."""
        self.answers = [(ask, answer) for ask, answer in self.answers if ask.lasting]
        self.consulted.clear()


EnrichToken = Callable[[str, str, frozenset[str]], Mapping[str, JsonValue]]
"""What plugins add to a token, from user id, client id and scopes. Quick and without waiting."""


def no_claims(*_: object) -> Mapping[str, JsonValue]:
    """Without plugins nothing is added."""
    return {}


@dataclass(frozen=True, slots=True)
class Sources:
    """What answers come from."""

    states: States
    store: EventStore
    reads: Reads
    secrets: Secrets
    short_lived: ShortLived
    hashing: PasswordHashing
    jose: Jose
    ids: Ids
    enrich: EnrichToken = no_claims


_UNKNOWN = object()


class Answers:
    """Finds the answer to an ask by its class."""

    def __init__(self, sources: Sources) -> None:
        self._from = sources

    def instant(self, call: Call, ask: Ask[object]) -> object:
        """An answer that needs no waiting, or ``Pending``."""
        match ask:
            case asks.NewId():
                answer: str | None = self._from.ids.new()
            case asks.NewSecret():
                answer = self._from.secrets.secret()
            case asks.KeyedHash():
                answer = self._from.secrets.hash_now(call.request.instance, ask)
            case _:
                answer = None
        if answer is None:
            raise Pending(ask)
        call.answers.append((ask, answer))
        return answer

    async def answer(self, call: Call, ask: Ask[object]) -> None:
        """Find the answer to ``ask`` and add it to the call's; ``TypeError`` if nothing answers its class."""
        for find in (self._read, self._remember, self._hashed, self._signed):
            found = await find(call, ask)
            if found is not _UNKNOWN:
                call.answers.append((ask, found))
                return
        raise TypeError(f"nothing answers {type(ask).__name__}")

    async def _read(self, call: Call, ask: Ask[object]) -> object:
        match ask:
            case asks.StateOf():
                return await self._state(call, ask)
            case asks.OwnerOf(key):
                key_hash = await self._from.secrets.unique(call.request.instance, key)
                return await self._from.store.key_owner(call.request.instance, key.kind, key_hash)
            case asks.RowOf():
                return await self._from.reads.row(call.request, ask)
            case asks.RowsOf():
                return await self._from.reads.page(call.request, ask, call.freshness)
            case _:
                return _UNKNOWN

    async def _state(self, call: Call, ask: asks.StateOf[object]) -> object:
        instance = ask.instance or call.request.instance
        version, state = await self._from.states.load(instance, ask.aggregate, ask.id)
        if instance == call.request.instance:
            ref = ask.aggregate.ref(ask.id)
            earlier = call.consulted.get(ref)
            guarded = ask.guarded or (earlier is not None and earlier.guarded)
            call.consulted[ref] = Consulted(earlier.version if earlier else version, guarded)
        return state

    async def _remember(self, call: Call, ask: Ask[object]) -> object:
        instance = call.request.instance
        match ask:
            case asks.Keep():
                await self._from.short_lived.keep(instance, ask)
                return None
            case asks.Kept():
                return await self._from.short_lived.kept(instance, ask)
            case asks.Take():
                return await self._from.short_lived.take(instance, ask)
            case asks.ClaimOnce():
                return await self._from.short_lived.claim(instance, ask)
            case asks.CountUp():
                return await self._from.short_lived.count(instance, ask)
            case _:
                return _UNKNOWN

    async def _hashed(self, call: Call, ask: Ask[object]) -> object:
        match ask:
            case asks.HashPassword(password):
                return await self._from.hashing.hash(password)
            case asks.VerifyPassword(stored, password):
                return await self._from.hashing.verify(stored, password)
            case asks.KeyedHash():
                return await self._from.secrets.hash(call.request.instance, ask)
            case asks.VerifyKeyedHash():
                return await self._from.secrets.verify(call.request.instance, ask)
            case _:
                return _UNKNOWN

    async def _signed(self, call: Call, ask: Ask[object]) -> object:
        match ask:
            case asks.NewSigningKey(algorithm):
                return await self._from.jose.new_key(algorithm)
            case asks.SignJwt(private, type_, claims):
                return await self._from.jose.sign(private, type_, claims)
            case asks.VerifyJwt(token, keys, type_):
                return await self._from.jose.verify(token, keys, type_)
            case TokenClaims(user_id, client_id, scopes):
                return self._from.enrich(user_id, client_id, frozenset(scopes))
            case _:
                return _UNKNOWN
