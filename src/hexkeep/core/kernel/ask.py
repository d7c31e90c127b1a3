"""Asks: what a decision may want to know or have done by the outside while it is being made.

A decision is a plain synchronous function. Where it needs a state, a random secret, a slow hash or a signature it asks
its context, and the engine answers through a port: on the spot if it can, else the function is left, and run again from
the start with the answers so far, or stands still meanwhile. So the function stays pure: the same input and the same
answers give the same decision, and a test just supplies answers.

``lasting`` tells whether an answer holds when the decision is made anew after a version conflict: effects and random
values do (they must not happen twice), what was read from the event store and from views does not.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import ClassVar, Generic, TypeVar

from pydantic import JsonValue

from hexkeep.core.kernel.aggregate import Aggregate, AnyAggregate, Ref
from hexkeep.core.kernel.errors import HexkeepError
from hexkeep.core.kernel.permission import Role
from hexkeep.core.kernel.unique import UniqueKey
from hexkeep.core.kernel.view import Row, Select, Table

A_co = TypeVar("A_co", covariant=True)
S = TypeVar("S")


@dataclass(frozen=True, slots=True)
class Ask(Generic[A_co]):
    """Base of all asks; its type parameter is the type of the answer. Two equal asks have one answer."""

    lasting: ClassVar[bool] = True
    raises: ClassVar[tuple[type[HexkeepError], ...]] = ()
    """What may come instead of an answer, besides what may come of any call."""


# --- reading -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class StateOf(Ask[S]):
    """The present state of one aggregate; its ``initial`` state when it has no events.

    With ``guarded`` the decision only stands if the aggregate is still at this version when it is written. An
    aggregate that the decision appends to is guarded anyway. ``instance`` is empty for the caller's own.

    What lies behind the activity log's horizon fails the decision with ``Archived``. With ``lapses`` it is answered
    like what never was: for who presents it as a proof, which it is no more.
    """

    lasting = False

    aggregate: Aggregate[S]
    id: str
    guarded: bool = False
    instance: str = ""
    lapses: bool = False


@dataclass(frozen=True, slots=True)
class VersionOf(Ask[int]):
    """The version of one aggregate of the caller's instance, 0 where there is none.

    The decision only stands if the aggregate is still at this version when it is written.
    """

    lasting = False

    aggregate: AnyAggregate
    id: str


@dataclass(frozen=True, slots=True)
class ChangedAt(Ask[datetime | None]):
    """When the newest event of one aggregate of the caller's instance was written; ``None`` where there is none."""

    lasting = False

    aggregate: AnyAggregate
    id: str


@dataclass(frozen=True, slots=True)
class OwnerOf(Ask[Ref | None]):
    """The aggregate that holds a unique key now, straight from the store."""

    lasting = False

    key: UniqueKey


@dataclass(frozen=True, slots=True)
class OwnersOf(Ask[tuple[Ref | None, ...]]):
    """The same for many keys at once, in their order."""

    lasting = False

    keys: tuple[UniqueKey, ...]


@dataclass(frozen=True, slots=True)
class RowOf(Ask[Row | None]):
    """A row of a by-id view, revalidated against its aggregate, or ``None`` when absent or not visible.

    ``unscoped`` reads whatever the caller may see; only for rows that do not leave the decision.
    """

    lasting = False

    table: Table
    id: str
    unscoped: bool = False


@dataclass(frozen=True, slots=True)
class RowsOf(Ask[tuple[Row, ...]]):
    """A page of a view, without the rows that the caller may not see.

    ``current`` waits until the view holds everything written before the ask; otherwise the page is at least as new
    as the position token of the call.
    """

    lasting = False

    select: Select
    unscoped: bool = False
    current: bool = False


@dataclass(frozen=True, slots=True)
class CountOf(Ask[int]):
    """How many rows of a view match, whatever their page, without those that the caller may not see."""

    lasting = False

    select: Select
    unscoped: bool = False


@dataclass(frozen=True, slots=True)
class RegisteredRoles(Ask[Mapping[str, Role]]):
    """The roles that may be held, by name: the built-in ones and those of slices and plugins."""


# --- random values and hashes --------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class NewId(Ask[str]):
    """A fresh, time-ordered identifier. ``index`` tells the first from the second of one decision."""

    index: int = 0


@dataclass(frozen=True, slots=True)
class NewSecret(Ask[str]):
    """256 random bits as 43 URL-safe characters."""

    index: int = 0


@dataclass(frozen=True, slots=True)
class HashPassword(Ask[str]):
    """The hash (PHC string) of what a person chose. Slow by design; raises ``Overloaded`` when too many wait."""

    password: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class PasswordCheck:
    """Whether a password fits, and, when its hash is outdated, what to store in its place."""

    ok: bool
    rehash: str = ""


@dataclass(frozen=True, slots=True)
class VerifyPassword(Ask[PasswordCheck]):
    """Check a password against its hash. An empty hash takes as long as any and never fits."""

    hash: str
    password: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class KeyedHash(Ask[str]):
    """The keyed SHA-256 (versioned key, base64url) of a secret that we generated with full entropy."""

    purpose: str
    secret: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class VerifyKeyedHash(Ask[bool]):
    """Whether ``secret`` has the keyed hash ``hash``, compared in constant time; never true for an empty hash."""

    purpose: str
    secret: str = field(repr=False)
    hash: str


# --- short-lived shared state ---------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Keep(Ask[None]):
    """Keep ``value`` under (``scope``, keyed hash of ``key``) until a time."""

    scope: str
    key: str = field(repr=False)
    value: bytes = field(repr=False)
    until: datetime


@dataclass(frozen=True, slots=True)
class Kept(Ask[bytes | None]):
    """What is kept under a key and has not expired."""

    scope: str
    key: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Take(Ask[bytes | None]):
    """What is kept under a key, removed at the same instant: of many takers one gets it."""

    scope: str
    key: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class ClaimOnce(Ask[bool]):
    """True for the first who claims the key, false for everybody after until it expires."""

    scope: str
    key: str = field(repr=False)
    until: datetime


@dataclass(frozen=True, slots=True)
class CountUp(Ask[int]):
    """Count one more in a bucket; the answer is the count within the present window, this one included."""

    bucket: str
    window_seconds: int


# --- signatures -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class KeyPair:
    """A signing key: ``private`` is its JWK as JSON text, a secret; ``public`` its public JWK, fit to publish."""

    key_id: str
    algorithm: str
    private: str = field(repr=False)
    public: Mapping[str, JsonValue]


@dataclass(frozen=True, slots=True)
class NewSigningKey(Ask[KeyPair]):
    """A fresh key pair for an asymmetric JWS ``algorithm`` (RFC 7518, RFC 8037, RFC 9864)."""

    algorithm: str


@dataclass(frozen=True, slots=True)
class ReadPublicKey(Ask[Mapping[str, JsonValue] | None]):
    """The public JWK, with ``alg`` and without ``kid``, that a text (a JWK in JSON, or PEM) is.

    ``None`` for what is none, what is a private key, and what ``VerifyJwt`` could not verify with.
    """

    text: str


@dataclass(frozen=True, slots=True)
class SignJwt(Ask[str]):
    """``claims`` as a compact JWS (RFC 7515) with the given private JWK; ``type`` becomes the ``typ`` header."""

    private: str = field(repr=False)
    type: str
    claims: Mapping[str, JsonValue]


@dataclass(frozen=True, slots=True)
class VerifyJwt(Ask[Mapping[str, JsonValue] | None]):
    """The claims of a compact JWS whose signature one of ``keys`` (public JWKs) made, or ``None``.

    Only the signature, ``typ``, ``alg`` and ``crit`` are judged here; times, issuer and audience are the asker's
    business. The key fixes the algorithm: by its ``alg`` or, where it has none, to those of its type and curve;
    ``algorithms``, unless empty, allows fewer.
    """

    token: str = field(repr=False)
    keys: tuple[Mapping[str, JsonValue], ...]
    type: str
    algorithms: tuple[str, ...] = ()
