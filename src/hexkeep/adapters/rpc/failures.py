"""The one error tree as the errors of connectrpc, and whatever the library raises as one of the tree."""

import logging
from contextvars import ContextVar
from typing import Any, cast

from connectrpc.code import Code
from connectrpc.errors import ConnectError, ErrorDetail
from connectrpc.interceptor import MetadataInterceptor
from connectrpc.request import RequestContext
from protobuf.wkt import Any as AnyMessage

from hexkeep.adapters.asgi.headers import REQUEST_ID
from hexkeep.adapters.asgi.problems import headers
from hexkeep.adapters.rpc.status import TYPE_URL, details_of
from hexkeep.core.kernel.errors import DeadlineExceeded, HexkeepError, Internal, InvalidInput, TooLarge

LOG = logging.getLogger(__name__)

Context = RequestContext[Any, Any]


ENDED: ContextVar[list[str]] = ContextVar("hexkeep-rpc-ended")
"""Takes the names of the gRPC statuses with which the call of this context ends; the last one counts."""
CANCELLED = "CANCELLED"


class Failure(ConnectError):
    """An error of the tree on its way to the client."""

    def __init__(self, error: HexkeepError) -> None:
        details = (
            ErrorDetail(AnyMessage(type_url=TYPE_URL + one.type_name, value=one.value)) for one in details_of(error)
        )
        super().__init__(_code(error.rpc), error.message, list(details))
        self.error = error


def failure(error: HexkeepError) -> Failure:
    """What a client is told of ``error``."""
    return Failure(error)


def _code(name: str) -> Code:
    return Code.CANCELED if name == CANCELLED else Code[name]


def _status(error: Exception | None) -> str:
    if error is None:
        return "OK"
    code = error.code if isinstance(error, ConnectError) else Code.UNIMPLEMENTED
    return CANCELLED if code is Code.CANCELED else code.name


class Safeguard(MetadataInterceptor[None]):
    """Sees every error before it is answered: none leaves with a text that is not ours, and each has its details.

    An error that is no ``ConnectError`` would be answered with its own text and break the connection.
    """

    async def on_start(self, ctx: Context) -> None:
        """Nothing is kept between start and end; no answer is to be kept by anybody."""
        ctx.response_headers["cache-control"] = "no-store"

    async def on_end(self, token: None, ctx: Context, error: Exception | None) -> None:
        """Raise what is to be answered in place of ``error``, where that is something else."""
        shown = _shown(error, ctx)
        ENDED.get([]).append(_status(shown))
        if isinstance(shown, Failure):
            for name, value in headers(shown.error, presented="authorization" in ctx.request_headers):
                ctx.response_headers[name] = value
        if shown is not error:
            raise cast("Exception", shown) from error


def _shown(error: Exception | None, ctx: Context) -> Exception | None:
    match error:
        case None | Failure():
            return error
        case HexkeepError():
            return Failure(error)
        case ConnectError(code=Code.RESOURCE_EXHAUSTED):
            return Failure(TooLarge("The message is larger than this server reads"))
        case ConnectError(code=Code.DEADLINE_EXCEEDED):
            return Failure(DeadlineExceeded())
        case ConnectError(code=Code.INVALID_ARGUMENT | Code.INTERNAL):
            return Failure(InvalidInput("The request is malformed"))  # its frames are not what its headers say
        case ConnectError(code=Code.CANCELED | Code.UNIMPLEMENTED):
            return error  # nobody is listening any more, or there is no such compression
        case _ if type(error).__name__ == "HTTPError":
            return error  # no call at all: a method or media type that is not served
        case _:
            call = ctx.request_headers.get(REQUEST_ID, "")
            LOG.error("request %s: %s failed", call, ctx.method.name, exc_info=error)
            return Failure(Internal())
