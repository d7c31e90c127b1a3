"""One site for each file of modules; every test has an application and a browser of its own."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from tests.certification.party import PERSON, Foundation, Later, Party, Variant
from tests.unit.adapters.site import running_site

FLOWS = ("code", "id_token", "id_token token", "code id_token", "code token", "code id_token token")
VARIANTS = (
    *(Variant(one) for one in FLOWS),
    *(Variant(one, form_post=True) for one in ("code", "id_token token", "code id_token token")),
)
"""Basic, implicit and hybrid, and a form post of each."""


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def foundation() -> AsyncIterator[Foundation]:
    """A site with one instance, whose clock can be set forward."""
    clock = Later()
    async with running_site(clock) as site:
        tenant = await site.tenant()
        await tenant.user(**PERSON)
        yield Foundation(site, tenant, clock)


@pytest.fixture(params=VARIANTS, ids=str)
def variant(request: pytest.FixtureRequest) -> Variant:
    """Each in turn."""
    chosen: Variant = request.param
    return chosen


@pytest_asyncio.fixture(loop_scope="module")
async def party(foundation: Foundation, variant: Variant) -> AsyncIterator[Party]:
    """A party of each variant."""
    made = await foundation.party(variant)
    async with made.browser:
        yield made


@pytest_asyncio.fixture(loop_scope="module")
async def basic(foundation: Foundation) -> AsyncIterator[Party]:
    """A party of the code flow."""
    made = await foundation.party()
    async with made.browser:
        yield made
