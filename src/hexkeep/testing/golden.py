"""Golden vectors: fixed events, and the digests, leaves, roots and seals that follow from them, byte for byte.

``golden.json`` beside this file is for implementations in other languages as well. ``GoldenContract`` shows that a
storage which can be loaded gives everything back as it was, so that what was sealed on one database holds on another.
"""

import json
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from importlib.resources import files
from typing import Any

import pytest

from hexkeep.core.kernel.aggregate import Ref
from hexkeep.core.kernel.event import Log
from hexkeep.ports.event_store import Head, StoredEvent
from hexkeep.ports.jose import Jwk
from hexkeep.ports.seals import Seal
from hexkeep.ports.storage import Loading, Storage
from hexkeep.testing.contract import Contract


@dataclass(frozen=True, slots=True)
class Golden:
    """The vectors. ``fields``, ``leaves`` and ``roots`` go with ``events``; a root is that of all events up to it."""

    instance: str
    log: Log
    seed: bytes
    public_key: Jwk
    events: tuple[StoredEvent, ...]
    fields: tuple[dict[str, Any], ...]
    leaves: tuple[bytes, ...]
    roots: tuple[bytes, ...]
    seals: tuple[Seal, ...]
    contents: tuple[str, ...]
    """The canonical JSON that each seal's signature is over."""


@cache
def golden() -> Golden:
    """Read the vectors."""
    told = json.loads(files("hexkeep.testing").joinpath("golden.json").read_text(encoding="utf-8"))
    return Golden(
        instance=told["instance"],
        log=Log(told["log"]),
        seed=bytes.fromhex(told["seed"]),
        public_key=told["public_key"],
        events=tuple(_event(one) for one in told["events"]),
        fields=tuple(one["fields"] for one in told["events"]),
        leaves=tuple(bytes.fromhex(one["leaf"]) for one in told["events"]),
        roots=tuple(bytes.fromhex(one) for one in told["roots"]),
        seals=tuple(_seal(told, one) for one in told["seals"]),
        contents=tuple(one["content"] for one in told["seals"]),
    )


def _event(told: dict[str, Any]) -> StoredEvent:
    return StoredEvent(
        position=told["position"],
        stream=Ref(told["aggregate_type"], told["aggregate_id"]),
        version=told["version"],
        type=told["type"],
        revision=told["revision"],
        payload=bytes.fromhex(told["payload"]),
        digest=bytes.fromhex(told["digest"]),
        actor=told["actor"],
        correlation_id=told["correlation_id"],
        client=bytes.fromhex(told["client"]),
        created_at=datetime.fromisoformat(told["created_at"]),
    )


def _seal(golden: dict[str, Any], told: dict[str, Any]) -> Seal:
    return Seal(
        instance=golden["instance"],
        log=Log(golden["log"]),
        epoch=told["epoch"],
        number=told["number"],
        first=told["first"],
        last=told["last"],
        root=bytes.fromhex(told["root"]),
        previous=bytes.fromhex(told["previous"]),
        leaves=bytes.fromhex(told["leaves"]),
        signature=told["signature"],
        sealed_at=datetime.fromisoformat(told["sealed_at"]),
    )


class GoldenContract(Contract):
    """A storage with ``storage.Loading`` keeps the golden log as it is."""

    @pytest.fixture
    async def loaded(self, storage: Storage) -> Storage:
        """The storage with the golden log in it."""
        assert isinstance(storage, Loading)
        vectors = golden()
        async with storage.loader() as loader:
            await loader.wipe(vectors.instance)
            await loader.begin(Head(vectors.instance, vectors.log, 0, 2))
            await loader.load(vectors.instance, vectors.log, vectors.events)
            await loader.load_seals(vectors.seals)
        return storage

    async def test_events_come_back_byte_for_byte(self, loaded: Storage) -> None:
        """Payload, digest and client data, every text, and the time to the microsecond."""
        vectors = golden()
        assert tuple(await loaded.events.read_log(vectors.instance, vectors.log, 0, 100)) == vectors.events

    async def test_seals_come_back_byte_for_byte(self, loaded: Storage) -> None:
        """So their signatures hold on this storage too."""
        vectors = golden()
        assert tuple(await loaded.seals.list(vectors.instance, vectors.log, 0, 100)) == vectors.seals
