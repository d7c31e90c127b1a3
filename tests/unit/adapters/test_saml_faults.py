"""What is answered by SOAP where there is no answer: a fault with 500 whoever's it is, counted as whose it is."""

import logging
from collections.abc import Callable
from typing import Any

import httpx
import pytest

from hexkeep.adapters.asgi.errors import MethodNotAllowed, UnsupportedMediaType
from hexkeep.adapters.asgi.front import Front
from hexkeep.adapters.asgi.request import Request
from hexkeep.adapters.asgi.response import Response
from hexkeep.adapters.asgi.router import Route, Router
from hexkeep.adapters.asgi.traffic import Traffic
from hexkeep.adapters.saml.soap import fault
from hexkeep.core.idpintent.errors import IdpMalformed, IdpUnreachable
from hexkeep.core.kernel.errors import (
    FailedPrecondition,
    HexkeepError,
    InvalidInput,
    NotFound,
    ResourceExhausted,
    TooLarge,
    Unavailable,
)
from hexkeep.core.saml.errors import SamlProviderUnknown, SamlRequestInvalid, SamlRequestUnsigned, SoapInvalid

FAULTS: tuple[tuple[Callable[[], HexkeepError], int, str], ...] = (
    (SamlRequestInvalid, 500, "Client"),
    (SoapInvalid, 500, "Client"),
    (lambda: SoapInvalid(fault="MustUnderstand"), 500, "MustUnderstand"),
    (lambda: SoapInvalid(fault="VersionMismatch"), 500, "VersionMismatch"),
    (lambda: InvalidInput("not in UTF-8"), 500, "Client"),
    (SamlRequestUnsigned, 403, "Client"),
    (SamlProviderUnknown, 403, "Client"),
    (IdpMalformed, 403, "Client"),
    (NotFound, 404, "Client"),
    (lambda: MethodNotAllowed(("POST",)), 405, "Client"),
    (TooLarge, 413, "Client"),
    (UnsupportedMediaType, 415, "Client"),
    (lambda: ResourceExhausted(retry_after=300), 429, "Client"),
    (Unavailable, 503, "Server"),
    (IdpUnreachable, 503, "Server"),
    (lambda: FailedPrecondition("no key"), 500, "Server"),
)


async def failed(raised: Callable[[], BaseException], traffic: Traffic) -> httpx.Response:
    """What a server is told whose request ends with an error."""

    async def raising(_: Request) -> Response:
        raise raised()

    app: Any = Front(Router({"/soap": Route({"POST": raising}, fault)}, fault), traffic=traffic)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url="https://id.example.com") as client:
        return await client.post("/soap")


def counted(traffic: Traffic) -> list[tuple[str, str]]:
    """The protocols and statuses that were counted."""
    return [(one.labels[0][1], one.labels[1][1]) for one in traffic.figures() if one.name == "requests"]


@pytest.mark.parametrize(("raised", "status", "code"), FAULTS)
async def test_fault_has_500_unless_http_has_a_word_for_it(
    raised: Callable[[], HexkeepError], status: int, code: str, caplog: pytest.LogCaptureFixture
) -> None:
    """SOAP 1.1 section 6.2 and Bindings section 3.2.3.3. A sender's fault is none of ours where it is counted."""
    caplog.set_level(logging.INFO, "hexkeep.access")
    traffic = Traffic()
    answer = await failed(raised, traffic)
    assert (answer.status_code, answer.headers["content-type"]) == (status, "text/xml; charset=utf-8")
    assert f"<faultcode>soap:{code}</faultcode><faultstring>{raised().code}: " in answer.text
    outcome = code if status == 500 else str(status)
    assert counted(traffic) == [("soap", outcome)]
    (logged,) = (one for one in caplog.records if one.name == "hexkeep.access")
    assert (vars(logged)["http_status"], vars(logged)["soap_status"]) == (status, outcome)
    assert ("retry-after" in answer.headers) == (status in {429, 503})


async def test_what_nobody_thought_of_is_our_fault(caplog: pytest.LogCaptureFixture) -> None:
    """It is counted so, and logged as an error."""
    traffic = Traffic()
    answer = await failed(lambda: RuntimeError("a defect"), traffic)
    assert (answer.status_code, counted(traffic)) == (500, [("soap", "Server")])
    assert "a defect" not in answer.text
    assert [one.levelname for one in caplog.records] == ["ERROR"]
