"""The limits of an instance, as its callers meet them."""

import httpx

from hexkeep.core.instance.state import SYSTEM_INSTANCE
from hexkeep.ports.api import Meta, System
from tests.unit.adapters.site import Site, Tenant, browser, site, tenant

__all__ = ["browser", "site", "tenant"]

DISCOVERY = "/.well-known/openid-configuration"


async def limit(tenant: Tenant, **limits: int) -> None:
    """Set limits as an operator of the installation does."""
    operation = tenant.iam.operation("SetInstanceLimits")
    asked = operation.input.model_validate({"instance_id": tenant.id, **limits})
    await tenant.iam.call(operation, asked, System(), Meta(instance=SYSTEM_INSTANCE))


async def test_who_calls_too_often_is_told_when_to_come_back(
    site: Site, tenant: Tenant, browser: httpx.AsyncClient
) -> None:
    """429 with Retry-After (RFC 6585 section 4), for the limited instance alone; a higher limit holds at once."""
    other = await site.tenant("https://id.example.net")
    await limit(tenant, calls_per_minute=3)
    statuses = [(await browser.get(DISCOVERY)).status_code for _ in range(5)]
    assert statuses == [200, 200, 200, 429, 429]
    assert (await browser.get(DISCOVERY)).headers["retry-after"] == "60"
    async with site.browser(other.origin) as elsewhere:
        assert (await elsewhere.get(DISCOVERY)).status_code == 200
    await limit(tenant, calls_per_minute=100)
    assert (await browser.get(DISCOVERY)).status_code == 200


async def test_the_quota_is_recorded_where_operators_look(tenant: Tenant, browser: httpx.AsyncClient) -> None:
    """What was used is shown, and the shares of it that were reached are events of the instance."""
    await limit(tenant, calls_per_month=10, refuse_beyond_quota=False)
    for _ in range(12):
        assert (await browser.get(DISCOVERY)).status_code == 200
    shown = await tenant.do("GetMyInstanceLimits")
    assert shown["calls_this_month"] == 12
    history = await tenant.iam.call(
        tenant.iam.operation("ListHistory"),
        tenant.iam.operation("ListHistory").input.model_validate(
            {"aggregate_type": "instance", "aggregate_id": tenant.id}
        ),
        System(),
        Meta(instance=SYSTEM_INSTANCE),
    )
    reached = [one.fields["percent"] for one in history.output.events if one.type == "instance.quota.reached"]
    assert reached == ["80", "100"]
