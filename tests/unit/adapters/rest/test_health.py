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
