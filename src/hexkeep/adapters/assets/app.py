"""The ASGI application: bytes in and out, with entity tags and lifetimes (RFC 9110, RFC 9111)."""

import asyncio
import json
import logging
import re
from collections.abc import Mapping

from hexkeep.adapters.asgi import calls, problems
from hexkeep.adapters.asgi.errors import MethodNotAllowed
from hexkeep.adapters.asgi.messages import message
from hexkeep.adapters.asgi.request import Request
from hexkeep.adapters.asgi.response import INERT, NO_CONTENT, NO_STORE, Header, Response
from hexkeep.adapters.asgi.types import ASGIApp, Receive, Scope, Send
from hexkeep.adapters.assets import uploads
from hexkeep.adapters.assets.places import Change, Place, found, named_path
from hexkeep.core.asset.commands import AssetStored
from hexkeep.core.asset.queries import ShownAsset
from hexkeep.core.kernel.errors import DeadlineExceeded, HexkeepError, Internal, Unauthenticated
from hexkeep.core.kernel.operation import Empty
from hexkeep.ports.api import Anonymous, Answer, Api, Credentials, Meta, again

LOG = logging.getLogger(__name__)
SEGMENT = "assets"
SURFACE = "assets"
NOT_MODIFIED = 304
MOST_TAGS = 16
FOREVER = "max-age=31536000, immutable"
A_DAY = "max-age=86400, immutable"
A_WHILE = "max-age=300"
ENDINGS = {
    "image/png": "png",
    "image/jpeg": "jpg",
    "font/woff2": "woff2",
    "font/woff": "woff",
    "font/ttf": "ttf",
    "font/otf": "otf",
}
_TAGS = re.compile(r'\s*(?:W/)?"([A-Za-z0-9._~-]{1,200})"\s*')


def create_assets_app(api: Api, deadline: float) -> ASGIApp:
    """Everything below ``/assets/v1``; ``deadline`` is in seconds, for the upload as for what is done with it."""
    return Assets(api, deadline)


class Assets:
    """The application."""

    def __init__(self, api: Api, deadline: float) -> None:
        self._api = api
        self._deadline = deadline

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one HTTP connection; others are none of ours."""
        if scope["type"] != "http":
            raise ValueError("This application speaks HTTP alone")
        request = Request.of(scope, receive)
        response = await self._answer(request)
        await response.adding(*INERT).send(send, silent=request.method == "HEAD")

    async def _answer(self, request: Request) -> Response:
        presented = "authorization" in request.headers
        try:
            return await self._routed(request)
        except MethodNotAllowed as error:
            return problems.response(error, request.id).adding(("allow", error.allow))
        except HexkeepError as error:
            return problems.response(problems.judged(error, request.headers), request.id, presented=presented)
        except Exception:
            LOG.exception("request %s: %s failed", request.id, request.path)
            return problems.response(Internal(), request.id)

    async def _routed(self, request: Request) -> Response:
        place, fields = found(request.path)
        match request.method:
            case "GET" | "HEAD":
                return await self._show(place, fields, request)
            case "PUT" | "POST" if place.set is not None:
                return await self._set(place.set, fields, request)
            case "DELETE" if place.delete is not None:
                return await self._delete(place.delete, fields, request)
        raise MethodNotAllowed(("GET", "HEAD", *(("PUT", "POST", "DELETE") if place.set else ())))

    async def _show(self, place: Place, fields: Mapping[str, str], request: Request) -> Response:
        known = _tags(request.header("if-none-match"))
        asked = message(place.show.input, **fields, known=known)
        answer = await self._api.call(place.show, asked, _credentials(request), self._meta(request))
        shown = answer.output
        about = (("etag", f'"{shown.name}"'), ("cache-control", _lifetime(place)), *_varied(place))
        if shown.content is None:
            return Response(NOT_MODIFIED, about)
        return Response(200, (*about, *_described(shown, fields.get("kind", "avatar"))), shown.content)

    async def _set(self, operation: Change, fields: Mapping[str, str], request: Request) -> Response:
        credentials = _credentials(request)
        if isinstance(credentials, Anonymous):  # before anything of the body is read
            raise Unauthenticated
        content = await self._content(request)
        asked = message(operation.input, **fields, **_expected(request), content=content)
        answer: Answer[AssetStored] = await self._api.call(operation, asked, credentials, self._meta(request))
        user_id = "" if "/me/" not in request.path else await self._myself(request, credentials)
        url = named_path(request.path, user_id, answer.output)
        body = json.dumps({**answer.output.model_dump(), "url": url}, separators=(",", ":")).encode()
        return Response(200, (("content-type", "application/json"), NO_STORE, *calls.told(answer)), body)

    async def _delete(self, operation: Change, fields: Mapping[str, str], request: Request) -> Response:
        asked = message(operation.input, **fields, **_expected(request))
        answer = await self._api.call(operation, asked, _credentials(request), self._meta(request))
        return Response(NO_CONTENT, (NO_STORE, *calls.told(answer)))

    async def _content(self, request: Request) -> bytes:
        """The upload, within the deadline: nobody holds a call open by sending slowly."""
        try:
            async with asyncio.timeout(self._deadline):
                return await uploads.read(request.receive, request.headers)
        except TimeoutError:
            raise DeadlineExceeded("The body did not come in time") from None

    async def _myself(self, request: Request, credentials: Credentials) -> str:
        operation = self._api.operation("GetMyUser")
        answer = await self._api.call(operation, Empty(), again(credentials), self._meta(request))
        return str(getattr(answer.output, "user_id"))  # noqa: B009 - whose output it is the registry knows

    def _meta(self, request: Request) -> Meta:
        return calls.meta(
            request.headers,
            host=request.host,
            address=request.address,
            surface=SURFACE,
            timeout=self._deadline,
            longest=self._deadline,
            correlation_id=request.id,
        )


def _tags(header: str) -> tuple[str, ...]:
    """The names in ``If-None-Match`` (RFC 9110 section 13.1.2); what is none of ours matches nothing."""
    found_tags = (_TAGS.fullmatch(part) for part in header.split(",")[:MOST_TAGS])
    return tuple(tag[1] for tag in found_tags if tag)


def _expected(request: Request) -> Mapping[str, int]:
    version = calls.expected_version(request.header(calls.IF_MATCH))
    return {} if version is None else {"expected_version": version}


def _lifetime(place: Place) -> str:
    """How long whoever has it may go on showing it: what has its name in the path never changes.

    A person's picture is in no shared cache, and in nobody's own for longer than a day.
    """
    if place.open:
        return f"public, {FOREVER if place.named else A_WHILE}"
    return f"private, {A_DAY if place.named else 'no-cache'}"


def _varied(place: Place) -> tuple[Header, ...]:
    return () if place.open or place.named else (("vary", "Authorization"),)


def _described(shown: ShownAsset, title: str) -> tuple[Header, ...]:
    name = f"{title}.{ENDINGS.get(shown.content_type, 'bin')}"
    return (("content-type", shown.content_type), ("content-disposition", f'inline; filename="{name}"'))


def _credentials(request: Request) -> Credentials:
    return calls.credentials(request.headers, request.method, request.url)
