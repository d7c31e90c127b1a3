"""Domains of organizations are verified by a real server that asks a real DNS server and a real web server."""

import asyncio
from pathlib import Path

from tests.e2e.rest import MANAGEMENT, Rest, World
from tests.e2e.server import assert_well_behaved, installed
from tests.fakes.name_server import name_server
from tests.fakes.web_server import answer, web_server
from tests.waiting import until

RECORDED, FILED, INSIDE = "recorded.example", "filed.example", "inside.example"


async def test_domain_is_verified_by_record_and_by_file(tmp_path: Path) -> None:
    """What is published is found; what is not is told; addresses of our own network are reached by a setting alone."""
    records = {(FILED, "A"): ["127.0.0.1"], (INSIDE, "A"): ["127.0.0.1"], (RECORDED, "A"): ["192.0.2.1"]}
    async with name_server(records) as names, web_server({}) as site:
        settings = {
            "HEXKEEP_OUTBOUND__NAMESERVERS": f'["{names.address}"]',
            "HEXKEEP_OUTBOUND__HTTP_PORT": str(site.port),
        }
        with installed(tmp_path, settings) as server:
            await asyncio.to_thread(server.start)
            with Rest(server) as rest:
                world = await asyncio.to_thread(World, server, rest)
                domains = await asyncio.to_thread(_at, world)
                told = await asyncio.to_thread(_validation, world, domains, RECORDED, "dns")
                assert await asyncio.to_thread(_verify, world, domains, RECORDED) == "no_record"
                names.records[told["record"], "TXT"] = [f'"{told["value"]}"']
                assert await asyncio.to_thread(_verify, world, domains, RECORDED) == ""

                told = await asyncio.to_thread(_validation, world, domains, FILED, "http")
                site.answers[told["url"].removeprefix(f"http://{FILED}")] = answer(told["value"].encode())
                assert await asyncio.to_thread(_verify, world, domains, FILED) == "forbidden_address"
                assert site.requests == []
                await asyncio.to_thread(server.stop)
                server.configure({"HEXKEEP_OUTBOUND__PRIVATE_NETWORKS": "true"})
                await asyncio.to_thread(server.start)
                assert await asyncio.to_thread(_verify, world, domains, FILED) == ""
                assert "host: filed.example" in site.requests[0].lower()
                await until(lambda: asyncio.to_thread(_are_listed, world, domains))
            await asyncio.to_thread(server.stop)
        assert_well_behaved(server)


def _at(world: World) -> str:
    return f"{MANAGEMENT}/organizations/{world.organization_id}/domains"


def _validation(world: World, domains: str, domain: str, method: str) -> dict[str, str]:
    world.rest.post(domains, domain=domain.upper())
    return world.rest.post(f"{domains}/{domain}/validation", method=method)


def _are_listed(world: World, domains: str) -> bool:
    listed = world.rest.get(domains)["domains"]
    return {one["domain"]: one["is_verified"] for one in listed} == {RECORDED: True, FILED: True}


def _verify(world: World, domains: str, domain: str) -> str:
    """What was found instead, or nothing."""
    response = world.rest.send("POST", f"{domains}/{domain}/verify", json={})
    return "" if response.is_success else str(response.json()["details"]["found"])
