"""Answers: what each ask of a decision means, through the ports."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

from pydantic import JsonValue

from hexkeep.core.kernel import ask as asks
from hexkeep.core.kernel.aggregate import AnyAggregate, Ref
from hexkeep.core.kernel.ask import Ask
from hexkeep.core.kernel.decision import Request
from hexkeep.core.kernel.errors import Archived
from hexkeep.core.kernel.history import EventsOf, HistoryOf, ThenOf
from hexkeep.core.kernel.permission import Role
from hexkeep.core.oidc.asks import (
    DecryptJwt,
    EncryptJwt,
    EnricherArguments,
    NewEncryptionKey,
    TokenClaims,
    VerifySecretJwt,
    VerifySelfSigned,
)
from hexkeep.engine.given import UNANSWERED, Given
from hexkeep.engine.history import History
from hexkeep.engine.reads import Freshness, Reads
from hexkeep.engine.search import Search
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
    surface: str = ""
    """The API it came in by: ``rest``, ``oidc``, ``web`` …; part of the audit trail."""
    client_id: str = ""
    """The application it came from, as the decision found out; the caller's own goes before."""
    given: Given = field(default_factory=Given)
    """The answers so far, but for the states in ``loaded``."""
    loaded: dict[tuple[AnyAggregate, str], object] = field(default_factory=dict)
    """The states of aggregates of the call's own instance, as the decision has seen them: each once."""
    consulted: dict[Ref, Consulted] = field(default_factory=dict)

    def start_over(self) -> None:
        """Forget what was read, keep what was done: the decision is made anew on the present state."""
        self.given.keep_lasting()
        self.loaded.clear()
        self.consulted.clear()

    def guard(self, ref: Ref) -> None:
        """Let the decision stand only while an aggregate that it has seen is at the version that it saw."""
        self.consulted[ref] = Consulted(self.consulted[ref].version, guarded=True)

    def saw(self, ref: Ref, version: int, *, guarded: bool) -> int:
        """Note that the decision rests on an aggregate; the version that it saw first is the one that counts."""
        earlier = self.consulted.get(ref)
        if earlier is None:
            self.consulted[ref] = Consulted(version, guarded)
            return version
        if guarded and not earlier.guarded:
            self.guard(ref)
        return earlier.version


class EnrichToken(Protocol):
    """What plugins add to a token or to userinfo. Quick and without waiting."""

    @property
    def arguments(self) -> frozenset[str]:
        """What it wants to know, by the names of the hook's arguments."""

    def __call__(self, asked: TokenClaims, /) -> Mapping[str, JsonValue]:
        """The claims to add."""


class NoClaims:
    """Without plugins nothing is added."""

    arguments: frozenset[str] = frozenset()

    def __call__(self, _: TokenClaims, /) -> Mapping[str, JsonValue]:
        """Nothing."""
        return {}


NO_CLAIMS = NoClaims()


@dataclass(frozen=True, slots=True)
class Sources:
    """What answers come from."""

    states: States
    store: EventStore
    reads: Reads
    history: History
    search: Search
    secrets: Secrets
    short_lived: ShortLived
    hashing: PasswordHashing
    jose: Jose
    ids: Ids
    roles: Mapping[str, Role]
    enrich: EnrichToken = NO_CLAIMS


Answer = Callable[[Call, Any], Awaitable[object]]


class Answers:
    """Finds the answer to an ask by its class. What is at hand is answered without ever waiting (see ``eager``)."""

    def __init__(self, sources: Sources) -> None:
        self._from = sources
        self._by_class: dict[type[Ask[Any]], Answer] = {
            **self._reads(),
            **self._history(),
            **self._secrets(),
            **self._short_lived(),
            **self._signatures(),
        }

    def add(self, answers: Mapping[type[Ask[Any]], Answer]) -> None:
        """Answer more classes of asks."""
        self._by_class |= answers

    async def answer(self, call: Call, ask: Ask[object]) -> object:
        """Find the answer to ``ask`` and add it to the call's; ``TypeError`` if nothing answers its class."""
        handler = self._by_class.get(type(ask))
        if handler is None:
            raise TypeError(f"nothing answers {type(ask).__name__}")
        answer = await handler(call, ask)
        call.given.add(ask, answer)
        return answer

    def _reads(self) -> dict[type[Ask[Any]], Answer]:
        async def owner(call: Call, ask: asks.OwnerOf) -> Ref | None:
            key_hash = await self._from.secrets.unique(call.request.instance, ask.key)
            return await self._from.store.key_owner(call.request.instance, ask.key.kind, key_hash)

        async def owners(call: Call, ask: asks.OwnersOf) -> tuple[Ref | None, ...]:
            return tuple([await owner(call, asks.OwnerOf(key)) for key in ask.keys])

        async def roles(_call: Call, _ask: asks.RegisteredRoles) -> Mapping[str, Role]:
            return self._from.roles

        reads = self._from.reads
        return {
            asks.StateOf: self._state,
            asks.VersionOf: self._version,
            asks.ChangedAt: self._changed_at,
            asks.OwnerOf: owner,
            asks.OwnersOf: owners,
            asks.RowOf: lambda call, ask: reads.row(call.request, ask),
            asks.RowsOf: lambda call, ask: reads.page(call.request, ask, call.freshness),
            asks.CountOf: lambda call, ask: reads.count(call.request, ask, call.freshness),
            asks.RegisteredRoles: roles,
        }

    def _history(self) -> dict[type[Ask[Any]], Answer]:
        history, search = self._from.history, self._from.search
        return {
            EventsOf: lambda call, ask: search.events(call.request.instance, ask),
            HistoryOf: lambda call, ask: history.events(call.request.instance, ask.type, ask.id, ask.after, ask.limit),
            ThenOf: lambda call, ask: history.then(call.request.instance, ask.type, ask.id, ask.point),
        }

    def at_hand(self, call: Call, ask: Ask[object]) -> object:
        """The answer where nothing has to be asked for it, not even eagerly: a state in memory; else ``UNANSWERED``."""
        if not isinstance(ask, asks.StateOf) or (ask.instance and ask.instance != call.request.instance):
            return UNANSWERED
        state = self.state_at_hand(call, ask.aggregate, ask.id, guarded=ask.guarded)
        return UNANSWERED if state is None else state

    def state_at_hand(
        self, call: Call, aggregate: AnyAggregate, aggregate_id: str, *, guarded: bool = False
    ) -> object | None:
        """The state of an aggregate of the call's own instance where memory is sure to have it, else ``None``."""
        place = (aggregate, aggregate_id)
        seen = call.loaded.get(place)
        if seen is not None:
            if guarded:
                call.guard(aggregate.ref(aggregate_id))
            return seen
        known = self._from.states.at_hand(call.request.instance, aggregate, aggregate_id)
        if known is None:
            return None
        call.saw(aggregate.ref(aggregate_id), known.version, guarded=guarded)
        call.loaded[place] = known.state
        state: object = known.state
        return state

    async def _state(self, call: Call, ask: asks.StateOf[object]) -> object:
        instance = ask.instance or call.request.instance
        try:
            version, state = await self._from.states.load(instance, ask.aggregate, ask.id)
        except Archived:
            if not ask.lapses:
                raise
            return ask.aggregate.initial
        if instance == call.request.instance:
            call.saw(ask.aggregate.ref(ask.id), version, guarded=ask.guarded)
            state = call.loaded.setdefault((ask.aggregate, ask.id), state)
        return state

    async def _version(self, call: Call, ask: asks.VersionOf) -> int:
        version, _ = await self._from.states.load(call.request.instance, ask.aggregate, ask.id)
        return call.saw(ask.aggregate.ref(ask.id), version, guarded=True)

    async def _changed_at(self, call: Call, ask: asks.ChangedAt) -> datetime | None:
        return await self._from.states.changed_at(call.request.instance, ask.aggregate, ask.id)

    def _secrets(self) -> dict[type[Ask[Any]], Answer]:
        async def new_id(_call: Call, _ask: asks.NewId) -> str:
            return self._from.ids.new()

        async def new_secret(_call: Call, _ask: asks.NewSecret) -> str:
            return self._from.secrets.secret()

        secrets, hashing = self._from.secrets, self._from.hashing
        return {
            asks.NewId: new_id,
            asks.NewSecret: new_secret,
            asks.HashPassword: lambda _call, ask: hashing.hash(ask.password),
            asks.VerifyPassword: lambda _call, ask: hashing.verify(ask.hash, ask.password),
            asks.KeyedHash: lambda call, ask: secrets.hash(call.request.instance, ask),
            asks.VerifyKeyedHash: lambda call, ask: secrets.verify(call.request.instance, ask),
        }

    def _short_lived(self) -> dict[type[Ask[Any]], Answer]:
        short_lived = self._from.short_lived
        return {
            asks.Keep: lambda call, ask: short_lived.keep(call.request.instance, ask),
            asks.Kept: lambda call, ask: short_lived.kept(call.request.instance, ask),
            asks.Take: lambda call, ask: short_lived.take(call.request.instance, ask),
            asks.ClaimOnce: lambda call, ask: short_lived.claim(call.request.instance, ask),
            asks.CountUp: lambda call, ask: short_lived.count(call.request.instance, ask),
        }

    def _signatures(self) -> dict[type[Ask[Any]], Answer]:
        async def claims(_call: Call, ask: TokenClaims) -> Mapping[str, JsonValue]:
            return self._from.enrich(ask)

        async def arguments(_call: Call, _ask: EnricherArguments) -> frozenset[str]:
            return self._from.enrich.arguments

        async def public_key(_call: Call, ask: asks.ReadPublicKey) -> Mapping[str, JsonValue] | None:
            return jose.public_jwk(ask.text)

        jose = self._from.jose
        return {
            asks.ReadPublicKey: public_key,
            asks.NewSigningKey: lambda _call, ask: jose.new_key(ask.algorithm),
            asks.SignJwt: lambda _call, ask: jose.sign(ask.private, ask.type, ask.claims),
            asks.VerifyJwt: lambda _call, ask: jose.verify(ask.token, ask.keys, ask.type, ask.algorithms),
            VerifySecretJwt: lambda _call, ask: jose.verify_secret(ask.token, ask.secret, ask.algorithms),
            NewEncryptionKey: lambda _call, ask: jose.new_key(ask.algorithm),
            EncryptJwt: lambda _call, ask: jose.encrypt(
                ask.key, ask.algorithm, ask.encryption, ask.content, ask.content_type
            ),
            DecryptJwt: lambda _call, ask: jose.decrypt(ask.token, ask.keys),
            VerifySelfSigned: lambda _call, ask: jose.verify_self_signed(ask.token, ask.type, ask.algorithms),
            TokenClaims: claims,
            EnricherArguments: arguments,
        }
