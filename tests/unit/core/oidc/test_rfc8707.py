import pytest

from hexkeep.core.application.client_metadata import ClientMetadata
from hexkeep.core.application.state import Application
from hexkeep.core.oidc.errors import InvalidTarget
from hexkeep.core.oidc.parties import Client
from hexkeep.core.oidc.rfc8707 import accept_resources, narrowed, project_of, project_resource
from hexkeep.core.project.state import Project
from hexkeep.testing.decisions import ISSUER

ORDERS, STOCK, OWN = "https://orders.example.com/api", "urn:hexkeep:project:stock", "urn:hexkeep:project:shop"


def client(*resources: str, api_access: bool = False) -> Client:
    """An application of the project `shop` with registered resources."""
    metadata = ClientMetadata(resources=resources)
    return Client("web", Application(project_id="shop", api_access=api_access, client_metadata=metadata), Project())


def test_own_project_and_registered_resources_are_accepted_in_order() -> None:
    """Section 2: more than one may be named; each counts once."""
    asked = (ORDERS, OWN, STOCK, ORDERS)
    assert accept_resources(asked, client(ORDERS, STOCK)) == (ORDERS, OWN, STOCK)
    assert accept_resources((), client()) == ()


@pytest.mark.parametrize(
    "resource",
    [
        STOCK,
        ORDERS + "/",
        ORDERS + "#part",
        "/api",
        "orders",
        "https://orders.example.com/a pi",
        ISSUER,
        "urn:hexkeep:project:",
    ],
)
def test_what_is_not_registered_is_refused(resource: str) -> None:
    """Section 2: unknown, relative, with a fragment, or merely similar: there is no guessing."""
    with pytest.raises(InvalidTarget):
        accept_resources((resource,), client(ORDERS), ISSUER)


def test_a_registered_value_that_is_no_uri_is_refused_all_the_same() -> None:
    """Section 2: MUST be an absolute URI without a fragment."""
    with pytest.raises(InvalidTarget):
        accept_resources(("orders#1",), client("orders#1"))


def test_our_own_api_is_there_for_applications_with_access_to_it() -> None:
    """Its name is the issuer."""
    assert accept_resources((ISSUER,), client(api_access=True), ISSUER) == (ISSUER,)


def test_too_many_are_refused() -> None:
    """A token for a dozen APIs is one that was not restricted."""
    many = tuple(f"https://api.example.com/{number}" for number in range(11))
    with pytest.raises(InvalidTarget):
        accept_resources(many, client(*many))


def test_a_token_request_narrows_what_was_granted() -> None:
    """Section 2.2: all of it when nothing is named, never more; without a grant the client chooses now."""
    web = client(ORDERS, STOCK)
    assert narrowed((), (ORDERS, STOCK), web, ISSUER) == (ORDERS, STOCK)
    assert narrowed((STOCK,), (ORDERS, STOCK), web, ISSUER) == (STOCK,)
    assert narrowed((STOCK,), (), web, ISSUER) == (STOCK,)
    with pytest.raises(InvalidTarget):
        narrowed((OWN,), (ORDERS,), web, ISSUER)


def test_projects_are_told_from_other_resources() -> None:
    """A URN of ours names a project."""
    assert project_of(project_resource("stock")) == "stock"
    assert project_of(ORDERS) == ""
