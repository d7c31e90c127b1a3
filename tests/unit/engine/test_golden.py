"""The golden vectors, made anew in two ways: by the engine, and by the standard library alone."""

import base64
import hashlib
import json
import struct
from datetime import UTC, datetime

import pytest

from hexkeep.adapters.joserfc.jose import JoserfcJose
from hexkeep.core.kernel.merkle import root_of
from hexkeep.engine.codec import canonical
from hexkeep.engine.sealing import HINT, SEAL_TYPE, claims_of, digest_of, leaf_of, link_of
from hexkeep.testing.golden import golden

VECTORS = golden()
JOSE = JoserfcJose()


def sha256(*parts: bytes) -> bytes:
    """The hash of some bytes."""
    return hashlib.sha256(b"".join(parts)).digest()


def merkle(leaves: list[bytes]) -> bytes:
    """RFC 6962 section 2.1, as it is written there."""
    if len(leaves) == 1:
        return leaves[0]
    split = 1
    while split * 2 < len(leaves):
        split *= 2
    return sha256(b"\x01", merkle(leaves[:split]), merkle(leaves[split:]))


def encoded(value: bytes) -> str:
    """Unpadded base64url."""
    return base64.urlsafe_b64encode(value).rstrip(b"=").decode()


def test_payloads_are_canonical() -> None:
    """Sorted keys, no white space, UTF-8 as it is, NUL escaped, integers of any size."""
    assert [canonical(fields) for fields in VECTORS.fields] == [event.payload for event in VECTORS.events]
    assert b"before\\u0000after" in VECTORS.events[2].payload
    assert "佐藤".encode() in VECTORS.events[2].payload
    assert b'"big":18446744073709551616' in VECTORS.events[3].payload


def test_the_engine_makes_the_same_digests_leaves_and_roots() -> None:
    """None of them may ever change: what is sealed has to hold for as long as the log does."""
    assert [digest_of(VECTORS.instance, VECTORS.log, event) for event in VECTORS.events] == [
        event.digest for event in VECTORS.events
    ]
    assert tuple(leaf_of(event) for event in VECTORS.events) == VECTORS.leaves
    counts = range(1, len(VECTORS.leaves) + 1)
    assert tuple(root_of(VECTORS.leaves[:count]) for count in counts) == VECTORS.roots


def test_the_standard_library_makes_them_too() -> None:
    """What the documents say is enough to write a verifier of one's own."""
    for event, leaf in zip(VECTORS.events, VECTORS.leaves, strict=True):
        place = [VECTORS.instance, "durable", event.stream.type, event.stream.id, event.version, event.type]
        told = [*place, event.revision, event.actor, event.correlation_id]
        text = json.dumps(told, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()
        assert event.digest == sha256(b"hexkeep-event-1\0", text, b"\0", event.payload)
        since = event.created_at - datetime(1970, 1, 1, tzinfo=UTC)
        microseconds = (since.days * 86_400 + since.seconds) * 1_000_000 + since.microseconds
        packed = struct.pack(">Qq", event.position, microseconds)
        assert leaf == sha256(b"\x00", packed, event.digest, sha256(event.client))
    for count, root in enumerate(VECTORS.roots, 1):
        assert root == merkle(list(VECTORS.leaves[:count]))


def test_seals_say_what_they_cover() -> None:
    """Range, root, link and hints follow from the leaves and from the seal before."""
    before = None
    for seal, content in zip(VECTORS.seals, VECTORS.contents, strict=True):
        leaves = VECTORS.leaves[seal.first - 1 : seal.last]
        assert seal.root == merkle(list(leaves))
        assert seal.leaves == b"".join(leaf[:HINT] for leaf in leaves)
        assert seal.previous == (sha256(before.signature.encode()) if before else bytes(32)) == link_of(before)
        assert canonical(dict(claims_of(seal))).decode() == content
        before = seal


async def test_signatures_are_the_same_every_time() -> None:
    """Ed25519 (RFC 8032) has no chance in it: key, content and signature are fixed together."""
    pair = JOSE.key_from_seed("Ed25519", VECTORS.seed)
    assert dict(pair.public) == dict(VECTORS.public_key)
    for seal, content in zip(VECTORS.seals, VECTORS.contents, strict=True):
        header, payload, _ = seal.signature.split(".")
        assert json.loads(base64.urlsafe_b64decode(header + "==")) == {
            "alg": "Ed25519",
            "kid": VECTORS.public_key["kid"],
            "typ": SEAL_TYPE,
        }
        assert payload == encoded(content.encode())
        assert await JOSE.sign(pair.private, SEAL_TYPE, claims_of(seal)) == seal.signature
        assert await JOSE.verify(seal.signature, [VECTORS.public_key], SEAL_TYPE) == claims_of(seal)


@pytest.mark.parametrize(("algorithm", "seed"), [("ES256", bytes(32)), ("Ed25519", bytes(31)), ("Ed25519", b"")])
def test_only_32_bytes_make_a_key_and_only_for_ed25519(algorithm: str, seed: bytes) -> None:
    """Anything else is a defect of the caller."""
    with pytest.raises(ValueError, match=r"."):
        JOSE.key_from_seed(algorithm, seed)
