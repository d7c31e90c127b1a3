"""Idempotency keys of the API: the same key with the same request gets the same answer, with another one a refusal.

Scope is (instance, caller, operation). A key is claimed before the work and holds the outcome after it; outputs are
kept without the secrets that are shown once. Where a crash left a claim without an outcome nobody can say whether the
work was done, so the answer is a conflict until the claim expires, never a second try.
"""

import hashlib
import json
from dataclasses import dataclass
from datetime import timedelta

from hexkeep.core.kernel.ask import ClaimOnce, Keep, Kept
from hexkeep.core.kernel.decision import Request
from hexkeep.core.kernel.errors import FailedPrecondition, IdempotencyMismatch, InvalidInput
from hexkeep.core.kernel.operation import AnyOperation, Message
from hexkeep.engine.secrets import ShortLived
from hexkeep.ports.api import Answer, PositionToken

KEPT = timedelta(days=1)
SCOPE = "idempotency"
MAX_LENGTH = 255
MAX_ATTEMPTS = 20
FAILED = b"failed"


class IdempotencyInProgress(FailedPrecondition):
    """A request with this idempotency key is being worked on, or its outcome is not known."""

    code = "idempotency_in_progress"
    title = "A request with this idempotency key has not ended yet"


@dataclass(frozen=True, slots=True)
class Ticket:
    """A request under an idempotency key. ``answer`` is set when it was answered before."""

    key: str
    fingerprint: str
    answer: Answer[Message] | None = None


class Idempotency:
    """Keeps outcomes in the expiring port, sealed."""

    def __init__(self, short_lived: ShortLived) -> None:
        self._short_lived = short_lived

    async def begin(self, request: Request, operation: AnyOperation, key: str, input_: Message) -> Ticket:
        """Claim a key, or find the earlier answer; raises ``IdempotencyMismatch`` and ``IdempotencyInProgress``."""
        if not operation.idempotent:
            raise InvalidInput(f"{operation.name} takes no idempotency key")
        if len(key) > MAX_LENGTH:
            raise InvalidInput("An idempotency key has at most 255 characters")
        fingerprint = hashlib.sha256(input_.model_dump_json().encode()).hexdigest()
        until = request.now + KEPT
        for attempt in range(MAX_ATTEMPTS):
            place = json.dumps([request.caller.actor, operation.name, key, attempt])
            if await self._short_lived.claim(request.instance, ClaimOnce(SCOPE, place, until)):
                await self._short_lived.keep(request.instance, Keep(SCOPE, place, _packed(fingerprint), until))
                return Ticket(place, fingerprint)
            kept = await self._short_lived.kept(request.instance, Kept(SCOPE, place))
            if kept != FAILED:
                return Ticket(place, fingerprint, _earlier(operation, fingerprint, kept))
        raise IdempotencyInProgress

    async def end(self, request: Request, operation: AnyOperation, ticket: Ticket, answer: Answer[Message]) -> None:
        """Keep the outcome of a request that was answered."""
        output = answer.output.model_dump(mode="json")
        for field in operation.secrets:
            output[field] = ""
        position = str(answer.position) if answer.position else ""
        value = _packed(ticket.fingerprint, json.dumps(output), position)
        await self._short_lived.keep(request.instance, Keep(SCOPE, ticket.key, value, request.now + KEPT))

    async def fail(self, request: Request, ticket: Ticket) -> None:
        """Note that a request was refused and wrote nothing: the next one under its key is a new attempt."""
        await self._short_lived.keep(request.instance, Keep(SCOPE, ticket.key, FAILED, request.now + KEPT))


def _packed(fingerprint: str, output: str = "", position: str = "") -> bytes:
    return json.dumps([fingerprint, output, position]).encode()


def _earlier(operation: AnyOperation, fingerprint: str, kept: bytes | None) -> Answer[Message]:
    if kept is None:
        raise IdempotencyInProgress
    earlier, output, position = json.loads(kept)
    if earlier != fingerprint:
        raise IdempotencyMismatch
    if not output:
        raise IdempotencyInProgress
    token = PositionToken.parse(position) if position else None
    return Answer(operation.output.model_validate_json(output), token)
