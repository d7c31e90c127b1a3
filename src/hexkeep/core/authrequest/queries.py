"""What the login and consent pages show."""

from hexkeep.core.authrequest.messages import AuthRequestDetails, ClientLogo, GetAuthRequest, GetClientLogo
from hexkeep.core.authrequest.pending import LOGIN_HINT, pending_request
from hexkeep.core.authrequest.state import LIFETIME
from hexkeep.core.kernel.ask import Kept
from hexkeep.core.kernel.decision import Context, Decision
from hexkeep.core.kernel.errors import NotFound
from hexkeep.core.kernel.outside import FetchPicture
from hexkeep.core.oidc.acr import PHISHING_RESISTANT
from hexkeep.core.oidc.shown_details import shown_details
from hexkeep.core.organization.state import ORGANIZATION


def get_auth_request(request: GetAuthRequest, ctx: Context) -> Decision[AuthRequestDetails]:
    """Tell what a pending authorization request asks for, and for which application."""
    asked, client = pending_request(ctx, request.auth_request_id)
    hint = ctx.ask(Kept(LOGIN_HINT, request.auth_request_id))
    return Decision(
        AuthRequestDetails(
            auth_request_id=request.auth_request_id,
            client_id=client.id,
            client_name=client.application.name,
            scopes=asked.to_consent,
            client_uri=client.application.client_metadata.client_uri,
            policy_uri=client.application.client_metadata.policy_uri,
            tos_uri=client.application.client_metadata.tos_uri,
            logo_uri=client.application.client_metadata.logo_uri,
            organization_id=asked.organization_id,
            organization_name=ctx.load(ORGANIZATION, asked.organization_id).name if asked.organization_id else "",
            max_age=asked.sign_in_max_age,
            passkey_needed=asked.wanted_acr.possible == (PHISHING_RESISTANT,),
            login_hint=(hint or b"").decode(),
            ui_locales=asked.ui_locales,
            authorization_details=shown_details(ctx, asked.authorization_details),
            form_target=client.form_target(asked.redirect_uri),
            expires_at=(asked.requested_at or ctx.now) + LIFETIME,
        )
    )


def get_client_logo(request: GetClientLogo, ctx: Context) -> Decision[ClientLogo]:
    """The logo of the application (OIDC Dynamic Client Registration 1.0 section 2), if it has one that can be had."""
    _, client = pending_request(ctx, request.auth_request_id)
    url = client.application.client_metadata.logo_uri
    picture = ctx.ask(FetchPicture(url)) if url else None
    if picture is None:
        raise NotFound
    return Decision(ClientLogo(content_type=picture.content_type, content=picture.content))
