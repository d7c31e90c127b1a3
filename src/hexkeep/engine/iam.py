"""The IAM core at work: the ``Api`` port over slices and storage ports. One per process; embed it or serve it."""

import asyncio
import hmac
import json
import logging
from collections.abc import AsyncGenerator, Coroutine, Mapping
from dataclasses import dataclass, replace
from functools import partial
from ipaddress import ip_address
from typing import TypeVar, cast
from urllib.parse import urlsplit

from pydantic import JsonValue, ValidationError

from hexkeep.core.identity import identify
from hexkeep.core.instance.state import SYSTEM_INSTANCE, UNLIMITED
from hexkeep.core.kernel.decision import Context, FollowUp, Request
from hexkeep.core.kernel.errors import (
    DeadlineExceeded,
    HexkeepError,
    Internal,
    InvalidInput,
    NotFound,
    Overloaded,
    Unauthenticated,
)
from hexkeep.core.kernel.operation import AnyOperation, ApiName, I, Message, O, Operation
from hexkeep.core.kernel.permission import ANONYMOUS, PUBLIC, SYSTEM, Caller, CallerKind
from hexkeep.core.kernel.slice import Step
from hexkeep.core.kernel.validation import invalid
from hexkeep.core.oidc.possession import Presented
from hexkeep.core.system_callers import NO_SYSTEM_CALLERS, SystemCallers, identify_system_caller
from hexkeep.engine.answers import Call
from hexkeep.engine.assembly import Machinery
from hexkeep.engine.bus import Done
from hexkeep.engine.eager import Eager
from hexkeep.engine.idempotency import Ticket
from hexkeep.engine.reads import Freshness
from hexkeep.engine.streaming import Stream
from hexkeep.ports.api import (
    Anonymous,
    Answer,
    Bearer,
    Credentials,
    Dpop,
    InstanceInfo,
    Meta,
    PositionToken,
    System,
    again,
)

T = TypeVar("T")
logger = logging.getLogger("hexkeep.engine")
WAITING = 0.9
"""The share of a call's time that a list may wait, so that there is time left to say what it waited for."""


@dataclass(frozen=True, slots=True)
class _Routed:
    """A call that found its instance."""

    operation: AnyOperation
    input: Message
    request: Request
    meta: Meta
    freshness: Freshness


class Iam:
    """Implements ``hexkeep.ports.api.Api``. ``start`` before the first call, ``stop`` after the last."""

    def __init__(self, machinery: Machinery, system_callers: SystemCallers = NO_SYSTEM_CALLERS) -> None:
        self._use = machinery
        self._use.on_step(self._run_step)
        self._local_key = ""
        self._system_callers = system_callers

    # --- the Api port ---------------------------------------------------------------------------------------------

    def operations(self) -> tuple[AnyOperation, ...]:
        """Every operation, in order of registration."""
        return tuple(self._use.registry.operations.values())

    def operation(self, name: str) -> AnyOperation:
        """One operation by name; raises ``NotFound``."""
        try:
            return self._use.registry.operations[name]
        except KeyError:
            raise NotFound(f"There is no operation {name}") from None

    def slice_of(self, operation: AnyOperation) -> str:
        """The name of the slice that declares an operation."""
        return self._use.registry.slice_of[operation.name]

    async def instance(self, host: str) -> InstanceInfo:
        """The instance that owns a host; raises ``NotFound``."""
        return await self._use.instances.by_host(host)

    async def call(self, operation: Operation[I, O], input_: I, credentials: Credentials, meta: Meta) -> Answer[O]:
        """Run one operation for a caller; raises the errors of the tree and nothing else."""
        answer = await _kept_to(operation, meta, self._call(operation, input_, credentials, meta))
        return cast("Answer[O]", answer)

    async def call_json(
        self, operation: AnyOperation, fields: Mapping[str, JsonValue], credentials: Credentials, meta: Meta
    ) -> Answer[Message]:
        """The same from input that has yet to be validated; raises ``InvalidInput`` with every violation."""
        return await self.call(operation, self._validated(operation, fields), credentials, meta)

    def stream(
        self, operation: Operation[I, O], input_: I, credentials: Credentials, meta: Meta
    ) -> AsyncGenerator[Answer[O], None]:
        """Batch after batch of a streaming operation, each a call of its own; limits and quotas count them as one."""
        if not operation.stream:
            raise InvalidInput(f"{operation.name} is no stream")
        begun = False

        async def batch(cursor: str, timeout: float) -> Answer[O]:
            nonlocal begun
            counted, begun = not begun, True
            own = replace(meta, idempotency_key="", timeout=min(meta.timeout, timeout))
            behind = input_.model_copy(update={"cursor": cursor})
            work = self._call(operation, behind, credentials if counted else again(credentials), own, counted=counted)
            return cast("Answer[O]", await _kept_to(operation, own, work))

        async def place() -> str:
            return (await _kept_to(operation, meta, self._instance(operation, meta))).id

        return self._use.streams.run(Stream(operation.items, batch, place), getattr(input_, "cursor", ""), meta.longest)

    def stream_json(
        self, operation: AnyOperation, fields: Mapping[str, JsonValue], credentials: Credentials, meta: Meta
    ) -> AsyncGenerator[Answer[Message], None]:
        """The same from input that has yet to be validated; raises ``InvalidInput`` with every violation."""
        return self.stream(operation, self._validated(operation, fields), credentials, meta)

    # --- life -----------------------------------------------------------------------------------------------------

    async def start(self, *, deliver: bool = True) -> None:
        """Create missing view tables and begin to project; without ``deliver`` nothing is brought outside."""
        await self._use.start(deliver=deliver)

    async def stop(self) -> None:
        """Finish what is in the line, stop projecting and give leases back."""
        await self._use.stop()

    @property
    def machinery(self) -> Machinery:
        """The parts at work, for status, maintenance and tests."""
        return self._use

    def admit(self, key: str) -> None:
        """Let whoever presents this key from the machine itself act as the system; an empty one admits nobody."""
        self._local_key = key

    async def drive(self, process: str, instance: str, aggregate_id: str) -> None:
        """Do at once what a process has to do for one aggregate, instead of waiting for its spooler."""
        await self._use.processes[process].drive(instance, aggregate_id)

    # --- one call ---------------------------------------------------------------------------------------------------

    def _validated(self, operation: AnyOperation, fields: Mapping[str, JsonValue]) -> Message:
        try:
            validated: Message = operation.input.model_validate_json(json.dumps(fields))
        except ValidationError as error:
            raise invalid(error) from None
        except ValueError:
            raise InvalidInput from None
        return validated

    async def _call(
        self,
        operation: AnyOperation,
        input_: Message,
        credentials: Credentials,
        meta: Meta,
        *,
        counted: bool = True,
    ) -> Answer[Message]:
        info = await self._instance(operation, meta)
        freshness = Freshness(meta.min_positions, self._use.clock.monotonic() + meta.timeout * WAITING)
        request = Request(
            instance=info.id,
            caller=ANONYMOUS,
            now=self._use.clock.now(),
            issuer=info.origin,
            permission=operation.permission,
            correlation_id=meta.correlation_id or self._use.ids.new(),
            address=meta.address,
            user_agent=meta.user_agent,
            host="" if meta.host == urlsplit(info.origin).netloc else meta.host,
        )
        limited = counted and bool(meta.host) and info.limits is not UNLIMITED
        if limited:
            await self._use.limiter.admit_address(info.id, info.limits, meta.address, self._note_quota)
        caller = await self._caller(operation, credentials, request, freshness)
        if limited:
            await self._use.limiter.admit_caller(info.id, info.limits, caller)
        if caller is not ANONYMOUS:
            request = replace(request, caller=caller)
        routed = _Routed(operation, input_, request, meta, freshness)
        answer = await (self._once(routed) if meta.idempotency_key else self._run(routed))
        return replace(answer, dpop_nonce=caller.dpop_nonce) if caller.dpop_nonce else answer

    async def _instance(self, operation: AnyOperation, meta: Meta) -> InstanceInfo:
        if operation.api is ApiName.SYSTEM:
            return await self._use.instances.by_id(SYSTEM_INSTANCE)
        if meta.instance:
            return await self._use.instances.by_id(meta.instance)
        return await self._use.instances.by_host(meta.host)

    async def _caller(
        self, operation: AnyOperation, credentials: Credentials, request: Request, freshness: Freshness
    ) -> Caller:
        match credentials:
            case System():
                return SYSTEM
            case Anonymous():
                return ANONYMOUS
            case Bearer(token) if self._is_local(token, request.address):
                return SYSTEM
            case Bearer(token) if operation.api is ApiName.SYSTEM:
                call = Call(replace(request, permission=PUBLIC), freshness)
                return await self._use.bus.evaluate(partial(self._identify_system, token), call)
        if operation.api is ApiName.SYSTEM or request.instance == SYSTEM_INSTANCE:
            raise Unauthenticated
        call = Call(replace(request, permission=PUBLIC), freshness)
        return await self._use.bus.evaluate(partial(identify, _presented(credentials)), call)

    def _is_local(self, token: str, address: str) -> bool:
        known = bool(self._local_key) and hmac.compare_digest(token.encode(), self._local_key.encode())
        return known and _is_loopback(address)

    def _identify_system(self, token: str, context: Context) -> Caller:
        return identify_system_caller(token, context, self._system_callers)

    async def _once(self, routed: _Routed) -> Answer[Message]:
        """Run under an idempotency key."""
        idempotency = self._use.idempotency
        key = routed.meta.idempotency_key
        if routed.request.caller.kind is CallerKind.ANONYMOUS:
            raise Unauthenticated
        ticket: Ticket = await idempotency.begin(routed.request, routed.operation, key, routed.input)
        if ticket.answer is not None:
            return ticket.answer
        try:
            answer = await self._run(routed)
        except HexkeepError as error:
            if error.status < Internal.status or isinstance(error, Overloaded):  # surely nothing was done
                await idempotency.fail(routed.request, ticket)
            raise
        await idempotency.end(routed.request, routed.operation, ticket, answer)
        return answer

    async def _run(self, routed: _Routed) -> Answer[Message]:
        call = Call(routed.request, routed.freshness, routed.meta.surface)
        done = await self._use.bus.settle(routed.operation, routed.input, call)
        for follow_up in done.then:
            await self._follow_up(routed.request, follow_up)
        if done.error is not None:
            raise done.error
        return Answer(done.output, self._position(routed.request.instance, done))

    def _position(self, instance: str, done: Done) -> PositionToken | None:
        if done.appended is None or done.log is None:
            return None
        if instance == SYSTEM_INSTANCE:
            self._use.instances.forget()
        return PositionToken(instance, done.log, done.appended.epoch, done.appended.last)

    async def _follow_up(self, request: Request, follow_up: FollowUp) -> None:
        """Call what follows a decision as the system. What was decided stands, whatever comes of this."""
        name = follow_up.operation
        try:
            operation = self.operation(name)
            own = replace(request, caller=SYSTEM, permission=operation.permission, address="", user_agent="")
            call = Call(own, Freshness((), self._use.clock.monotonic() + Meta().timeout))
            await self._use.bus.run(operation, self._validated(operation, follow_up.fields), call)
        except HexkeepError as error:
            logger.warning("%s did not follow: %s (correlation id %s)", name, error.code, request.correlation_id)
        except Exception:
            logger.exception("%s did not follow (correlation id %s)", name, request.correlation_id)

    async def _note_quota(self, instance: str, month: str, percent: int) -> None:
        request = Request(SYSTEM_INSTANCE, SYSTEM, self._use.clock.now(), correlation_id=self._use.ids.new())
        noted: dict[str, JsonValue] = {"instance_id": instance, "month": month, "percent": percent}
        await self._follow_up(request, FollowUp("RecordQuotaReached", noted))

    async def _run_step(self, step: Step, unit_id: str) -> None:
        """Run a process's step as the system, under its own unit id."""
        operation = self.operation(step.operation)
        now = self._use.clock.now()
        request = Request(step.instance, SYSTEM, now, permission=operation.permission, correlation_id=unit_id)
        call = Call(request, Freshness((), self._use.clock.monotonic() + Meta().timeout))
        done = await self._use.bus.run(operation, step.input, call, unit_id)
        for follow_up in done.then:
            await self._follow_up(request, follow_up)
        if step.instance == SYSTEM_INSTANCE:
            self._use.instances.forget()


async def _kept_to(operation: AnyOperation, meta: Meta, work: Coroutine[None, None, T]) -> T:
    """Do a call's work within its time; whatever is raised is an error of the tree.

    Most calls need not wait for anything, so only the others get a clock.
    """
    begun = Eager(work)
    try:
        if begun.done:
            return begun.result
        async with asyncio.timeout(meta.timeout):
            return await begun
    except TimeoutError:
        raise DeadlineExceeded from None
    except HexkeepError:
        raise
    except Exception:
        logger.exception("%s failed (correlation id %s)", operation.name, meta.correlation_id)
        raise Internal from None


def _presented(credentials: Bearer | Dpop) -> Presented:
    token, certificate = credentials.token, credentials.certificate
    if isinstance(credentials, Bearer):
        return Presented(token, certificate=certificate)
    return Presented(
        token, True, credentials.proof, credentials.method, credentials.url, certificate, credentials.proven
    )


def _is_loopback(address: str) -> bool:
    try:
        return ip_address(address).is_loopback
    except ValueError:
        return False
