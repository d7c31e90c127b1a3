"""The operations for machines (``/openapi.json``) and for people (``/docs``)."""

import json
from collections.abc import Sequence
from functools import cached_property
from importlib import resources

from litestar.handlers import HTTPRouteHandler

import hexkeep
from hexkeep.adapters.rest import openapi
from hexkeep.adapters.rest.binding import Binding
from hexkeep.adapters.rest.page import page
from hexkeep.adapters.rest.reply import JSON, Reply
from hexkeep.adapters.rest.schemas import Node

STYLE_PATH = "/docs/style.css"
DOCUMENT_PATH = "/openapi.json"
POLICY = "default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
"""The page runs no script and loads nothing but its style sheet."""


class Reference:
    """The document and its page, each made when it is first asked for and kept."""

    def __init__(self, bindings: Sequence[Binding]) -> None:
        self._bindings = bindings

    @cached_property
    def document(self) -> Node:
        """The OpenAPI document."""
        return openapi.build(self._bindings, hexkeep.__version__)

    @cached_property
    def json(self) -> bytes:
        """The document as JSON."""
        return json.dumps(self.document, ensure_ascii=False, default=str).encode()

    @cached_property
    def html(self) -> bytes:
        """The page."""
        return page(self.document, style=STYLE_PATH, document_path=DOCUMENT_PATH).encode()

    @cached_property
    def style(self) -> bytes:
        """The page's style sheet."""
        return resources.files("hexkeep.adapters.rest").joinpath("style.css").read_bytes()


def docs_routes(bindings: Sequence[Binding]) -> list[HTTPRouteHandler]:
    """The routes of the document, the page and its style sheet."""
    reference = Reference(bindings)

    async def document() -> Reply:
        return _static(reference.json, JSON)

    async def html() -> Reply:
        return _static(reference.html, "text/html; charset=utf-8", ("content-security-policy", POLICY))

    async def style() -> Reply:
        return _static(reference.style, "text/css; charset=utf-8")

    return [
        HTTPRouteHandler(path, http_method="GET", status_code=200)(handler)
        for path, handler in ((DOCUMENT_PATH, document), ("/docs", html), (STYLE_PATH, style))
    ]


def _static(body: bytes, media_type: str, *headers: tuple[str, str]) -> Reply:
    return Reply(200, body, media_type, [("cache-control", "no-cache"), *headers])
