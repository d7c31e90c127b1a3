"""The authorization request that a page or a continuation is about."""

from hexkeep.core.authrequest.state import AUTH_REQUEST, AuthRequest
from hexkeep.core.kernel.decision import Context
from hexkeep.core.kernel.errors import FailedPrecondition, NotFound
from hexkeep.core.oidc.errors import InvalidRedirectUri
from hexkeep.core.oidc.parties import Client, active_client

LOGIN_HINT = "login_hint"
"""Under which the expiring store keeps the hint of a request until the login page shows it."""


def pending_request(ctx: Context, request_id: str) -> tuple[AuthRequest, Client]:
    """The request and its client; raises ``NotFound``, ``FailedPrecondition`` when over, ``InvalidRedirectUri``.

    The client is judged anew: since the request began it may have been deactivated, or lost its redirect URI.
    """
    asked = ctx.load(AUTH_REQUEST, request_id)
    if not asked.exists:
        raise NotFound
    if not asked.pending(ctx.now):
        raise FailedPrecondition("This sign-in is over. Go back to the application and start again")
    client = active_client(ctx, asked.client_id)
    if client is None or not _may_answer(client, asked):
        raise InvalidRedirectUri
    return asked, client


def _may_answer(client: Client, asked: AuthRequest) -> bool:
    """Whether the place for the answer is still the application's."""
    if asked.saml is None:
        return client.may_redirect_to(asked.redirect_uri)
    provider = client.application.saml
    places = provider.metadata.assertion_consumer_services if provider is not None else ()
    return any(one.url == asked.redirect_uri for one in places)
