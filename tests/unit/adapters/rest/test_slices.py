"""The product's own slices over REST: every operation has its route and its place in the document."""

from collections.abc import AsyncIterator

import httpx
import pytest
import pytest_asyncio
from openapi_spec_validator import OpenAPIV31SpecValidator

from hexkeep.adapters.rest.app import create_rest_app
from hexkeep.core.kernel.operation import AnyOperation
from hexkeep.core.slices import SLICES
from tests.unit.adapters.rest.conftest import client_of, engine

OPERATIONS = [operation for one in SLICES for operation in one.operations if operation.http is not None]


pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def product() -> AsyncIterator[httpx.AsyncClient]:
    """A client of the whole product, before any instance is there and whatever was asked before."""
    async with engine(*SLICES) as iam, client_of(create_rest_app(iam)) as client:
        yield client


async def test_document_of_the_product_is_valid(product: httpx.AsyncClient) -> None:
    """A validator that we did not write finds nothing wrong, and every operation is there."""
    document = (await product.get("/openapi.json")).json()
    OpenAPIV31SpecValidator(document).validate()
    named = {node["operationId"] for nodes in document["paths"].values() for node in nodes.values()}
    assert named == {operation.name for operation in OPERATIONS}


async def test_page_of_the_product_names_every_operation(product: httpx.AsyncClient) -> None:
    """The page has an entry for each."""
    page = (await product.get("/docs")).text
    assert [operation.name for operation in OPERATIONS if f'id="{operation.name}"' not in page] == []


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda operation: operation.name)
async def test_every_path_leads_to_its_operation(product: httpx.AsyncClient, operation: AnyOperation) -> None:
    """No route hides another: a stranger is turned away by the operation, not by the routing."""
    assert operation.http is not None
    path = operation.http.path.format_map(dict.fromkeys(operation.http.path_fields(), "x1234567"))
    answer = await product.request(operation.http.method.value, path)
    assert answer.status_code in (400, 401, 403, 404), answer.text
    assert answer.json()["detail"] != "There is no such path"
