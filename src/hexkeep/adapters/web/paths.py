"""Where the pages are."""

from urllib.parse import urlencode

from hexkeep.core.connection.logos import PAGE
from hexkeep.core.idpintent.logout import LOGOUT_CALLBACK
from hexkeep.core.idpintent.offers import CALLBACK

SEGMENTS = ("ui", "device", "approve", "")
"""The first segments of our paths; the empty one is that of ``/``."""

ROOT = "/"
LOGIN = "/ui/login"
CONSENT = "/ui/consent"
ACCOUNT = "/ui/account"
ACCOUNTS = "/ui/accounts"
PASSWORD = "/ui/password"
ACCESS = "/ui/access"
"""Where people see their sessions and what applications have of them."""
SECOND_FACTOR = "/ui/second-factor"
SET_UP = "/ui/set-up-factor"
DEVICE = "/device"
"""RFC 8628 section 3.2: typed by people, so it is short; ``hexkeep.core.oidc.rfc8628`` tells devices of it."""
APPROVE = "/approve"
"""Where mails lead to that tell of what an application asks; ``hexkeep.core.backchannelauth`` makes the links."""
LOOK = "/ui/look.css"
"""The colours of the pages of an instance or of an organization, as its branding has them."""
ORGANIZATION = "organization"
"""The parameter of the style sheet that names whose it is."""
CLIENT_LOGO = PAGE
"""The logo of the application that asks, or of one in a list of connections, fetched by us: browsers learn nothing of
where it is."""
LOGOUT = "/ui/logout"
SIGNING_OUT = "/ui/signing-out"
"""Where a logout goes on to the next service provider of SAML."""
SIGNED_OUT = "/ui/signed-out"

FORGOTTEN = "/ui/forgotten-password"
RESET = "/ui/reset-password"
INVITATION = "/ui/invitation"
REGISTER = "/ui/register"
IDP = "/ui/idp"
"""Where a sign-in by an identity provider begins."""
IDP_CALLBACK = CALLBACK
"""Below it is where each provider sends browsers back to."""
IDP_PASSWORD = "/ui/idp/password"
"""Where people give name and password of a provider that has no page of its own."""
IDP_LINK_PASSWORD = "/ui/idp/link"
"""Where they do so to link the account there to the one that they are signed in to."""
IDP_SIGNED_OUT = LOGOUT_CALLBACK
IDP_ACCOUNT = "/ui/idp/account"
"""Where somebody chooses an account here for the one there."""
VERIFY_REGISTRATION = "/ui/verify-registration"
VERIFY_EMAIL = "/ui/verify-email"
"""All but the first and ``REGISTER`` are where the links in mails lead; ``hexkeep.core.code.state`` makes those."""

PROVIDER = "provider"
"""The parameter that names an identity provider in our links."""
REQUEST = "request"
"""The parameter and form field with the id of the authorization request at hand."""


def with_request(path: str, request_id: str) -> str:
    """A page of an authorization request; the plain page when there is none."""
    return f"{path}?{urlencode({REQUEST: request_id})}" if request_id else path
