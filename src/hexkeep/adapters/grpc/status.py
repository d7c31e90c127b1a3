"""Errors as the end of a call."""

import grpc

from hexkeep.adapters.asgi.headers import REQUEST_ID
from hexkeep.adapters.grpc.call import Facts
from hexkeep.adapters.grpc.core import Call
from hexkeep.core.kernel.errors import HexkeepError


async def ended_with(call: Call, error: HexkeepError, facts: Facts) -> None:
    """End a call with an error."""
    code = grpc.StatusCode[error.rpc].value[0]
    await call.end(code, error.message, [(REQUEST_ID, facts.id)])
