"""Errors as the end of a call."""

from hexkeep.adapters.asgi.headers import REQUEST_ID
from hexkeep.adapters.asgi.problems import proof_challenge
from hexkeep.adapters.grpc.call import Exchange
from hexkeep.adapters.grpc.core import Metadata
from hexkeep.adapters.rpc.status import code_of, status_of
from hexkeep.core.kernel.errors import HexkeepError
from hexkeep.core.oidc.errors import ProofRefused

DETAILS = "grpc-status-details-bin"
"""The ``google.rpc.Status`` of an error, with the details that programs read."""


async def end_with(call: Exchange, error: HexkeepError, request_id: str) -> None:
    """End a call with an error of the tree; raises ``Gone``. A call that has ended stays as it is."""
    if call.code is None:
        challenge = proof_challenge(error) if isinstance(error, ProofRefused) else ()
        trailing: Metadata = [(REQUEST_ID, request_id), (DETAILS, status_of(error)), *challenge]
        await call.end(code_of(error), error.message, trailing)
