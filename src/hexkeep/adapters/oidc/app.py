"""The ASGI application of the protocol endpoints, at the paths that discovery names."""

from hexkeep.adapters.asgi.router import Handler, Route, Router
from hexkeep.adapters.oidc import answers, grants, relying_party, userinfo
from hexkeep.adapters.oidc.authorize import AuthorizationEndpoint
from hexkeep.adapters.oidc.backchannel import BackchannelAuthenticationEndpoint
from hexkeep.adapters.oidc.cors import shared
from hexkeep.adapters.oidc.device import DeviceAuthorizationEndpoint
from hexkeep.adapters.oidc.grants import GrantEndpoint
from hexkeep.adapters.oidc.logout import EndSessionEndpoint
from hexkeep.adapters.oidc.metadata import Metadata
from hexkeep.adapters.oidc.pages import Pages
from hexkeep.adapters.oidc.pushed import PushedAuthorizationEndpoint
from hexkeep.adapters.oidc.registration import RegistrationEndpoint, failed
from hexkeep.adapters.oidc.relying_party import BackChannelLogoutEndpoint, FrontChannelLogoutEndpoint
from hexkeep.adapters.oidc.token import TokenEndpoint
from hexkeep.adapters.oidc.tokens import IntrospectionEndpoint, RevocationEndpoint
from hexkeep.adapters.oidc.userinfo import UserInfoEndpoint
from hexkeep.core.idpintent.ended import BACK_CHANNEL_LOGOUT, FRONT_CHANNEL_LOGOUT
from hexkeep.core.oidc import discovery
from hexkeep.ports.api import Api

SEGMENTS = (".well-known", "oauth", "oidc")
"""The first segments of our paths."""
OPENID_CONFIGURATION = "/.well-known/openid-configuration"
OAUTH_METADATA = "/.well-known/oauth-authorization-server"


def create_oidc_app(api: Api, pages: Pages) -> Router:
    """OpenID Connect for every instance of ``api``; the ``Host`` header tells which. ``pages`` is for people."""
    metadata, token, user_info = Metadata(api), TokenEndpoint(api), UserInfoEndpoint(api)
    device, backchannel = DeviceAuthorizationEndpoint(api), BackchannelAuthenticationEndpoint(api)
    pushed = PushedAuthorizationEndpoint(api)
    registration, frames = RegistrationEndpoint(api), FrontChannelLogoutEndpoint(api)
    authorization, end_session = AuthorizationEndpoint(api, pages), EndSessionEndpoint(api, pages)

    described = shared({"GET": metadata.discovery}, answers.failed)
    return Router(
        {
            OPENID_CONFIGURATION: described,
            OAUTH_METADATA: described,
            discovery.JWKS: shared({"GET": metadata.jwks}, answers.failed),
            discovery.PUSHED_AUTHORIZATION: shared({"POST": pushed.push}, answers.failed),
            discovery.TOKEN: shared({"POST": token.exchange}, answers.failed),
            discovery.REVOCATION: shared({"POST": RevocationEndpoint(api).revoke}, answers.failed),
            discovery.INTROSPECTION: Route({"POST": IntrospectionEndpoint(api).introspect}, answers.failed),
            discovery.DEVICE_AUTHORIZATION: shared({"POST": device.begin}, answers.failed),
            discovery.BACKCHANNEL_AUTHENTICATION: Route({"POST": backchannel.begin}, answers.failed),
            discovery.REGISTRATION: shared({"POST": registration.register}, failed),
            discovery.USERINFO: shared({"GET": user_info.answer, "POST": user_info.answer}, userinfo.failed),
            discovery.AUTHORIZATION: _for_browsers(authorization.begin, pages),
            discovery.END_SESSION: _for_browsers(end_session.begin, pages),
        },
        answers.failed,
        {
            discovery.REGISTRATION: shared(registration.of_one, failed),
            discovery.GRANTS: Route(GrantEndpoint(api).of_one, grants.failed),
            BACK_CHANNEL_LOGOUT: Route({"POST": BackChannelLogoutEndpoint(api).receive}, relying_party.failed),
            FRONT_CHANNEL_LOGOUT: Route({"GET": frames.show}, relying_party.failed, head=False),
        },
    )


def _for_browsers(handler: Handler, pages: Pages) -> Route:
    """GET and POST alike (OIDC Core section 3.1.2.1); HEAD not, for these change something."""
    return Route({"GET": handler, "POST": handler}, pages.error, head=False)
