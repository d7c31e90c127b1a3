"""What every message of a service provider says of itself (Core sections 3.2.1 and 3.2.2)."""

import re
from dataclasses import dataclass
from datetime import datetime, timedelta

from hexkeep.core.saml import moments
from hexkeep.core.saml.errors import (
    INVALID,
    OVER,
    VERSION_MISMATCH,
    SamlError,
    SamlRequestInvalid,
    SamlRequestOver,
    Status,
)
from hexkeep.core.saml.xml import Element, saml

LIFETIME = timedelta(minutes=10)
"""How old a message may be, clocks apart: browsers bring it at once."""
VERSION = "2.0"
_ID = re.compile(r"[A-Za-z_][A-Za-z0-9_.-]{0,255}")
_ENTITY = "urn:oasis:names:tc:SAML:2.0:nameid-format:entity"


@dataclass(frozen=True, slots=True)
class Head:
    """Which message it is, whose, of when and for whom."""

    id: str
    issuer: str
    issued_at: datetime
    destination: str = ""


def issuer_of(root: Element | None, kind: str) -> str:
    """Who says that a message is theirs; raises ``SamlRequestInvalid`` for what is none of the ``kind``, a name."""
    if root is None or root.name != kind:
        raise SamlRequestInvalid(f"This is not of the kind {kind.rpartition('}')[2]}")
    issuer = root.one(saml("Issuer"))
    if issuer is None or issuer.get("Format") not in {"", _ENTITY} or not issuer.text.strip():
        raise SamlRequestInvalid("The Issuer is missing")
    return issuer.text.strip()


def head_of(root: Element | None, kind: str) -> Head:
    """The head of a message; raises ``SamlRequestInvalid``."""
    issuer = issuer_of(root, kind)
    issued_at = moments.read(root.get("IssueInstant")) if root is not None else None
    if root is None or issued_at is None or root.get("Version") != VERSION or not _ID.fullmatch(root.get("ID")):
        raise SamlRequestInvalid("ID, Version or IssueInstant is missing or malformed")
    return Head(root.get("ID"), issuer, issued_at, root.get("Destination"))


def id_of(root: Element) -> str:
    """Which message it is, empty where it does not tell."""
    return root.get("ID") if _ID.fullmatch(root.get("ID")) else ""


def refusal(root: Element, error: SamlError) -> Status:
    """Core section 3.2.2.2: what is told of a request that its provider has made, and that ``error`` is wrong with."""
    if root.get("Version") != VERSION:
        return VERSION_MISMATCH
    return OVER if isinstance(error, SamlRequestOver) else INVALID


def insist_on_destination(message: Head, location: str, *, signed: bool) -> None:
    """Bindings sections 3.4.5.2 and 3.5.5.2: a message is for us; a signed one has to say so."""
    if message.destination != location and (signed or message.destination):
        raise SamlRequestInvalid("The Destination is not this endpoint")


def insist_on_freshness(message: Head, now: datetime) -> datetime:
    """Until when a message is good; raises ``SamlRequestOver`` for one of the past or of the future."""
    if not -moments.SKEW <= now - message.issued_at < LIFETIME + moments.SKEW:
        raise SamlRequestOver
    return message.issued_at + LIFETIME + moments.SKEW
