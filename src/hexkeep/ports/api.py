"""The API surface: what every driving adapter (REST, gRPC, OIDC, web, CLI, embedded) is handed, all it needs."""

import base64
import binascii
from collections.abc import AsyncGenerator, Mapping
from dataclasses import dataclass, field, replace
from typing import Generic, Protocol, TypeVar

from pydantic import JsonValue

from hexkeep.core.instance.state import UNLIMITED, Limits
from hexkeep.core.kernel.errors import InvalidInput
from hexkeep.core.kernel.event import Log
from hexkeep.core.kernel.operation import AnyOperation, I, Message, O, Operation

O_co = TypeVar("O_co", bound=Message, covariant=True)


@dataclass(frozen=True, slots=True)
class PositionToken:
    """Where a log stood after a write. As text it is opaque to callers; they hand it back to read what they wrote."""

    instance: str
    log: Log
    epoch: int
    position: int

    def __str__(self) -> str:
        """The wire form: base64url of ``instance/log/epoch/position``."""
        plain = f"{self.instance}/{self.log.value}/{self.epoch}/{self.position}"
        return base64.urlsafe_b64encode(plain.encode()).decode().rstrip("=")

    @classmethod
    def parse(cls, text: str) -> "PositionToken":
        """The token behind its wire form; raises ``InvalidInput`` when it is none."""
        try:
            plain = base64.urlsafe_b64decode(text.encode() + b"=" * (-len(text) % 4)).decode()
            instance, log, epoch, position = plain.split("/")
            return cls(instance, Log(log), int(epoch), int(position))
        except (ValueError, binascii.Error) as error:
            raise InvalidInput("This is not a position token") from error


@dataclass(frozen=True, slots=True)
class Bearer:
    """An access token (RFC 6750) or a session token, as the caller presented it.

    ``certificate`` is that of the caller's connection, DER in base64, where one is known: tokens may be bound to it.
    """

    token: str = field(repr=False)
    certificate: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class Dpop:
    """An access token bound to a key (RFC 9449 section 7), with the proof, and what it has to be a proof for.

    ``url`` is where the caller believes to have sent the request. ``proven`` says that an earlier call of this very
    request has used the proof up.
    """

    token: str = field(repr=False)
    proof: str = field(repr=False)
    method: str
    url: str
    certificate: str = field(default="", repr=False)
    proven: bool = False


@dataclass(frozen=True, slots=True)
class System:
    """The embedding program itself, or the operator at the machine. Never constructed from a network request."""


@dataclass(frozen=True, slots=True)
class Anonymous:
    """Nobody in particular."""


Credentials = Bearer | Dpop | System | Anonymous


def again(credentials: Credentials) -> Credentials:
    """The same for another call that the same request leads to, once one has succeeded."""
    return replace(credentials, proven=True) if isinstance(credentials, Dpop) else credentials


@dataclass(frozen=True, slots=True)
class Meta:
    """Facts about a call that are not its input.

    Exactly one of ``host`` (a network caller: routed to the instance that owns it) and ``instance`` (inside callers)
    is set. ``min_positions`` are the tokens that lists have to be at least as new as; ``timeout`` is in seconds, as
    is ``longest``: how long a stream may last, of which each batch has ``timeout``.
    """

    host: str = ""
    instance: str = ""
    min_positions: tuple[PositionToken, ...] = ()
    idempotency_key: str = ""
    timeout: float = 10.0
    longest: float = 600.0
    surface: str = "embedded"
    address: str = ""
    user_agent: str = ""
    correlation_id: str = ""


@dataclass(frozen=True, slots=True)
class Answer(Generic[O_co]):
    """An operation's output, and the position it was written at when it wrote something.

    ``dpop_nonce`` is what the caller's next proof has to repeat (RFC 9449 section 8.2), empty where that is nothing.
    """

    output: O_co
    position: PositionToken | None = None
    dpop_nonce: str = ""


@dataclass(frozen=True, slots=True)
class InstanceInfo:
    """What an adapter must know of an instance to speak for it."""

    id: str
    origin: str
    """Its primary origin, which is also the OIDC issuer."""
    hosts: tuple[str, ...]
    limits: Limits = UNLIMITED


class Api(Protocol):
    """The port. Raises the errors of ``hexkeep.core.kernel.errors`` and nothing else."""

    def operations(self) -> tuple[AnyOperation, ...]:
        """Every operation, those of plugins included, in order of registration."""

    def operation(self, name: str) -> AnyOperation:
        """One operation by name; raises ``NotFound``."""

    def slice_of(self, operation: AnyOperation) -> str:
        """The name of the slice that declares an operation: the noun it is about."""

    async def call(self, operation: Operation[I, O], input_: I, credentials: Credentials, meta: Meta) -> Answer[O]:
        """Resolve the instance, authenticate, decide (which checks the permission), write, answer."""

    async def call_json(
        self, operation: AnyOperation, fields: Mapping[str, JsonValue], credentials: Credentials, meta: Meta
    ) -> Answer[Message]:
        """The same, from input that has yet to be validated; raises ``InvalidInput`` with every violation."""

    def stream(
        self, operation: Operation[I, O], input_: I, credentials: Credentials, meta: Meta
    ) -> AsyncGenerator[Answer[O], None]:
        """Batch after batch of a streaming operation, from the input's ``cursor`` on.

        Each is decided only when the one before was taken, and is a call of its own: whose token was revoked, or who
        lost the permission, gets the error. The first comes at once, be it empty; later ones when they hold something
        or the cursor has moved. Ends after ``meta.longest`` seconds, and when the node stops: whoever wants more goes
        on from the last ``next_cursor``. Raises ``InvalidInput`` for what is no stream and ``Overloaded`` where there
        are too many. To be closed (``contextlib.aclosing``) by whoever does not take it to its end.
        """

    def stream_json(
        self, operation: AnyOperation, fields: Mapping[str, JsonValue], credentials: Credentials, meta: Meta
    ) -> AsyncGenerator[Answer[Message], None]:
        """The same, from input that has yet to be validated; raises ``InvalidInput`` with every violation."""

    async def instance(self, host: str) -> InstanceInfo:
        """The instance that owns a host (as in the ``Host`` header, port included or not); raises ``NotFound``."""
