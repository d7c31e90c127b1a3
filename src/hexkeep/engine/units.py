"""Units: what a decision wants written, as one sealed and digested unit for the event store."""

from hexkeep.core.kernel.aggregate import Append, Ref
from hexkeep.core.kernel.decision import Decision
from hexkeep.core.kernel.errors import Internal
from hexkeep.core.kernel.event import Event, Log
from hexkeep.core.kernel.operation import Message
from hexkeep.core.kernel.unique import Claim, Release
from hexkeep.engine.answers import Call
from hexkeep.engine.client_data import ClientData
from hexkeep.engine.codec import Codec, Origin
from hexkeep.engine.registry import Registry
from hexkeep.engine.secrets import Secrets
from hexkeep.ports.clock import Ids
from hexkeep.ports.event_store import KeyClaim, KeyRelease, StreamAppend, Unit

EventsByRef = dict[Ref, list[Event]]


class Units:
    """Builds units."""

    def __init__(self, registry: Registry, codec: Codec, secrets: Secrets, client_data: ClientData, ids: Ids) -> None:
        self._registry = registry
        self._codec = codec
        self._secrets = secrets
        self._client_data = client_data
        self._ids = ids

    async def build(self, decision: Decision[Message], call: Call, unit_id: str) -> tuple[Unit, EventsByRef]:
        """The unit and its events before encoding; without ``unit_id`` under a fresh one.

        Raises ``Internal`` for a decision that touches two logs, or a unique key whose kind belongs to the other one,
        or that hands a key from one owner to another, and ``FailedPrecondition`` for one about an erased person.
        """
        log, events = _by_aggregate(decision)
        request = call.request
        claims, releases = await self._keys(call, log, decision)
        unit = Unit(
            unit_id=unit_id or self._ids.new(),
            instance=request.instance,
            log=log,
            appends=await self._appends(call, log, events),
            claims=claims,
            releases=releases,
            actor=request.caller.actor,
            correlation_id=request.correlation_id,
            client=await self._client_data.sealed(request, call.surface, self._person(call), call.client_id),
        )
        return unit, events

    def _person(self, call: Call) -> str:
        """The one person that there is and that the decision has looked at; empty for none, and for several."""
        people = self._registry.people
        seen = [ref.id for ref, one in call.consulted.items() if ref.type in people and one.version]
        return seen[0] if len(seen) == 1 else ""

    async def _appends(self, call: Call, log: Log, events: EventsByRef) -> tuple[StreamAppend, ...]:
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
        self, call: Call, log: Log, decision: Decision[Message]
    ) -> tuple[tuple[KeyClaim, ...], tuple[KeyRelease, ...]]:
        """The net effect of a decision's claims and releases: a key that is both just stays with its owner."""
        claims: dict[tuple[str, bytes], KeyClaim] = {}
        releases: dict[tuple[str, bytes], KeyRelease] = {}
        for change in decision.changes:
            if isinstance(change, Append):
                continue
            if self._registry.log_of_key(change.key.kind) is not log:
                raise Internal(f"Unique keys of the kind {change.key.kind} do not change in the {log.value} log")
            hashed = await self._secrets.unique(call.request.instance, change.key)
            place = (change.key.kind, hashed)
            match change:
                case Claim(owner=owner):
                    claims[place] = KeyClaim(*place, owner)
                case Release(owner=owner):
                    releases[place] = KeyRelease(*place, owner)
        for place, claim in claims.items():
            if place in releases and releases.pop(place).owner != claim.owner:
                raise Internal("A key goes from one owner to another by two decisions")
        return tuple(claims.values()), tuple(releases.values())


def _by_aggregate(decision: Decision[Message]) -> tuple[Log, EventsByRef]:
    events: EventsByRef = {}
    logs = set()
    for change in decision.changes:
        if isinstance(change, Append):
            logs.add(change.log)
            events.setdefault(change.ref, []).extend(change.events)
    if len(logs) != 1:
        raise Internal("A decision writes to exactly one log")
    return logs.pop(), events
