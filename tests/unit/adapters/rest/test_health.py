"""The probes of an orchestrator."""

from collections.abc import Mapping

import pytest

from tests.unit.adapters.rest.conftest import Client


async def test_living_process_says_so(connect: Client) -> None:
    """`/healthz` asks nobody else."""
    async with connect() as client:
        assert (await client.get("/healthz")).json() == {"status": "ok"}


@pytest.mark.parametrize(("storage", "status"), [("ok", 200), ("failing", 503)])
async def test_readiness_is_all_parts_together(connect: Client, storage: str, status: int) -> None:
    """One part that fails keeps traffic away and is named."""

    async def ready() -> Mapping[str, bool]:
        return {"storage": storage == "ok", "projections": True}

    async with connect(ready=ready) as client:
        answer = await client.get("/readyz")
    assert answer.status_code == status
    assert answer.json()["parts"] == {"storage": storage, "projections": "ok"}


async def test_probe_that_fails_is_not_ready(connect: Client, caplog: pytest.LogCaptureFixture) -> None:
    """An exception in the probe is a 503 without its text."""

    async def ready() -> Mapping[str, bool]:
        raise OSError("password in the connection string")

    async with connect(ready=ready) as client:
        answer = await client.get("/readyz")
    assert answer.status_code == 503
    assert "password" not in answer.text


async def test_a_note_is_shown_and_keeps_no_traffic_away(connect: Client) -> None:
    """A broken log is for a person to look at; nodes that all refuse to serve help nobody."""

    async def notes() -> Mapping[str, str]:
        return {"verification": "broken"}

    async with connect(notes=notes) as client:
        answer = await client.get("/readyz")
    assert (answer.status_code, answer.json()["notes"]) == (200, {"verification": "broken"})


async def test_notes_that_fail_are_left_out(connect: Client) -> None:
    """Without a change to the answer."""

    async def notes() -> Mapping[str, str]:
        raise OSError("no storage")

    async with connect(notes=notes) as client:
        answer = await client.get("/readyz")
    assert (answer.status_code, answer.json()) == (200, {"status": "ready", "parts": {}})
