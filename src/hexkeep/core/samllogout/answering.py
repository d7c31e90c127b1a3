"""The response to the service provider that has asked for a logout."""

from hexkeep.core.application.state import SamlProvider
from hexkeep.core.kernel.decision import Context
from hexkeep.core.saml import logout
from hexkeep.core.saml.bindings import RESPONSE
from hexkeep.core.saml.errors import Status
from hexkeep.core.saml.single_logout import BY_BROWSER, Asked
from hexkeep.core.samllogout.messages import SamlLogoutKind, SamlLogoutStep
from hexkeep.core.samllogout.sending import envelope, sent


def answered(ctx: Context, asked: Asked, provider: SamlProvider, status: Status) -> SamlLogoutStep | None:
    """The way back with the response and RelayState; ``None`` where it cannot be signed or has no place."""
    place = provider.metadata.logout_by(*BY_BROWSER)
    if place is None:
        return None
    url = place.response_url or place.url
    head = envelope(ctx, url, asked.request_id)
    way = sent(
        ctx,
        place.binding,
        url,
        RESPONSE,
        lambda signed: logout.response(head, status, signed=signed),
        asked.relay_state,
    )
    if way is None:
        return None
    return SamlLogoutStep(kind=SamlLogoutKind.ANSWER, redirect_to=way.url, fields=dict(way.fields))
