"""Seals as lines of JSON, to be kept elsewhere: one object a line, bytes as unpadded base64url."""

import json
from collections.abc import Sequence
from datetime import datetime

from pydantic import BaseModel, ConfigDict, JsonValue, ValidationError

from hexkeep.core.kernel.errors import InvalidInput
from hexkeep.core.kernel.event import Log
from hexkeep.engine.keyring import bytes_of, text_of
from hexkeep.engine.sealing import claims_of
from hexkeep.ports.jose import Jwk
from hexkeep.ports.seals import Seal


class _Line(BaseModel):
    """A seal as it is written."""

    model_config = ConfigDict(extra="forbid", strict=True)

    instance: str
    log: str
    epoch: int
    number: int
    first: int
    last: int
    root: str
    previous: str
    leaves: str
    signature: str
    sealed_at: str


def line_of(seal: Seal) -> str:
    """A seal as a line, without its end."""
    told = {**claims_of(seal), "leaves": text_of(seal.leaves), "signature": seal.signature}
    return json.dumps(told, separators=(",", ":"))


def keys_line(keys: Sequence[Jwk]) -> str:
    """Public keys as a line: a JWK Set (RFC 7517 section 5)."""
    return json.dumps({"keys": [dict(key) for key in keys]}, separators=(",", ":"))


def seal_of(line: str | bytes) -> Seal | None:
    """The seal on a line, ``None`` for a line with keys or without anything; raises ``InvalidInput``."""
    if not line.strip():
        return None
    try:
        told = json.loads(line)
        if isinstance(told, dict) and "keys" in told:
            return None
        seal = _seal(_Line.model_validate(told))
    except (ValueError, ValidationError) as error:
        raise InvalidInput("A line of the file is not a seal") from error
    if json.loads(line_of(seal)) != told:
        raise InvalidInput("A line of the file is a seal, but not as one is written")
    return seal


def _seal(read: _Line) -> Seal:
    return Seal(
        instance=read.instance,
        log=Log(read.log),
        epoch=read.epoch,
        number=read.number,
        first=read.first,
        last=read.last,
        root=bytes_of(read.root),
        previous=bytes_of(read.previous),
        leaves=bytes_of(read.leaves),
        signature=read.signature,
        sealed_at=datetime.fromisoformat(read.sealed_at),
    )


def keys_of(text: str) -> list[Jwk]:
    """The public keys in a JWK Set, in a list of JWKs, or in the lines of an export; raises ``InvalidInput``."""
    found: list[JsonValue] = []
    try:
        for document in _documents(text):
            if isinstance(document, dict) and isinstance(keys := document.get("keys"), list):
                found += keys
            elif isinstance(document, list):
                found += document
            elif isinstance(document, dict) and "kty" in document:
                found.append(document)
    except ValueError as error:
        raise InvalidInput("The file of keys is no JSON") from error
    public = [{name: one for name, one in key.items() if name != "d"} for key in found if isinstance(key, dict)]
    if not public:
        raise InvalidInput("The file holds no keys")
    return list(public)


def _documents(text: str) -> list[JsonValue]:
    """One document, or one on each line."""
    try:
        return [json.loads(text)]
    except ValueError:
        return [json.loads(line) for line in text.splitlines() if line.strip()]
