"""The logo of the application behind an authorization request."""

import pytest

from hexkeep.core.application.client_metadata import ClientMetadata
from hexkeep.core.authrequest.messages import GetAuthRequest, GetClientLogo
from hexkeep.core.kernel.errors import NotFound
from hexkeep.core.kernel.outside import FetchedPicture
from hexkeep.testing.decisions import World
from tests.unit.core.oidc_world import application, start, world

LOGO = "https://shop.example.com/logo.png"
PICTURE = FetchedPicture(b"picture", "image/png")


def asked(logo_uri: str) -> World:
    """A pending request of an application that has registered this."""
    before = world(application("web", client_metadata=ClientMetadata(logo_uri=logo_uri)))
    before.answerer.pictures[LOGO] = PICTURE
    return before.when(start(token="")).world


def test_logo_is_shown_for_a_pending_request() -> None:
    """As it was drawn, to whoever knows the request; nothing is written of it."""
    outcome = asked(LOGO).when(GetClientLogo(auth_request_id="id-1"))
    outcome.then()
    assert (outcome.result.content, outcome.result.content_type) == (b"picture", "image/png")
    assert outcome.world.when(GetAuthRequest(auth_request_id="id-1")).result.logo_uri == LOGO


@pytest.mark.parametrize(
    ("logo_uri", "request_id"), [("", "id-1"), ("https://shop.example.com/gone.png", "id-1"), (LOGO, "nobody")]
)
def test_without_a_logo_there_is_none(logo_uri: str, request_id: str) -> None:
    """Not registered, not to be had, or no request."""
    asked(logo_uri).when(GetClientLogo(auth_request_id=request_id)).refused(NotFound)
