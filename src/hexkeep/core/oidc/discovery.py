"""Where the provider's endpoints are and what it can do (OIDC Discovery 1.0, RFC 8414)."""

from hexkeep.core.application.client_metadata import TokenDelivery
from hexkeep.core.application.state import AuthMethod, GrantType
from hexkeep.core.oidc import acr, claims, responses, rfc7523
from hexkeep.core.oidc.algorithms import SIGNING, ContentAlgorithm, KeyAlgorithm, SigningAlgorithm
from hexkeep.core.oidc.oidc_core import STANDARD, Prompt
from hexkeep.core.oidc.profiles import ASYMMETRIC
from hexkeep.core.oidc.rfc6749 import ResponseMode

AUTHORIZATION = "/oauth/authorize"
TOKEN = "/oauth/token"
DEVICE_AUTHORIZATION = "/oauth/device_authorization"
PUSHED_AUTHORIZATION = "/oauth/par"
BACKCHANNEL_AUTHENTICATION = "/oauth/bc-authorize"
USERINFO = "/oidc/userinfo"
JWKS = "/oauth/jwks"
REVOCATION = "/oauth/revoke"
INTROSPECTION = "/oauth/introspect"
END_SESSION = "/oidc/logout"
CHECK_SESSION = "/ui/check-session"
GRANTS = "/oauth/grants"
"""And below it, one for each grant that a client manages (Grant Management for OAuth 2.0 section 6.3)."""
REGISTRATION = "/oauth/register"
"""And below it, one for each client that has registered itself."""

RESPONSE_TYPES = tuple(one.value for one in responses.TYPES.values())
GRANT_TYPES = (
    *("authorization_code", "implicit", "refresh_token", "client_credentials"),
    *(rfc7523.GRANT_TYPE, GrantType.DEVICE_CODE.value, GrantType.CIBA.value, GrantType.TOKEN_EXCHANGE.value),
)
DELIVERY_MODES = (TokenDelivery.POLL.value, TokenDelivery.PING.value)
"""CIBA Core 1.0 section 5: tokens are never pushed."""
ACR_VALUES = acr.SUPPORTED
DISPLAYS = ("page",)
"""OIDC Core section 3.1.2.1: others are accepted and get the same page, which fits small screens as well."""
LANGUAGES = ("en",)
"""What the pages are written in."""
PROMPTS = tuple(prompt.value for prompt in Prompt if prompt is not Prompt.CREATE)
"""What every instance supports; ``create`` is there where people may make accounts for themselves."""
SECRET_METHODS = {AuthMethod.BASIC: "client_secret_basic", AuthMethod.POST: "client_secret_post"}
AUTH_METHODS = tuple(SECRET_METHODS.get(one, one.value) for one in AuthMethod if one is not AuthMethod.UNSPECIFIED)
"""Under their registered names (RFC 7591 section 4.2.1, RFC 8705 section 7.3)."""
CERTIFICATE_METHODS = frozenset({AuthMethod.TLS_CLIENT_AUTH.value, AuthMethod.SELF_SIGNED_TLS_CLIENT_AUTH.value})
"""Those that are there only where somebody tells of clients' certificates."""
PROVING_METHODS = tuple(one for one in AUTH_METHODS if one != AuthMethod.NONE.value)
"""Those that show something: of a public client nobody can tell who it is."""
ASSERTION_ALGORITHMS = tuple(one.value for one in SigningAlgorithm if one in SIGNING)
"""What clients may sign assertions with."""
CLIENT_ALGORITHMS = tuple(one.value for one in SigningAlgorithm if one in ASYMMETRIC)
"""What clients may sign requests with that they are believed for."""
REQUEST_ALGORITHMS = (*CLIENT_ALGORITHMS, SigningAlgorithm.NONE.value)
"""What request objects may be signed with, or not signed, where the client registered that."""
KEY_ALGORITHMS = tuple(one.value for one in KeyAlgorithm if one is not KeyAlgorithm.UNSPECIFIED)
CONTENT_ALGORITHMS = tuple(one.value for one in ContentAlgorithm if one is not ContentAlgorithm.UNSPECIFIED)
"""What can be encrypted with, for clients and by them."""
RESPONSE_MODES = (*(mode.value for mode in ResponseMode), responses.JWT)
CLAIMS = (
    *("iss", "sub", "aud", "exp", "iat", "auth_time", "nonce", "acr", "amr", "sid", "at_hash", "c_hash", "s_hash"),
    *STANDARD,
    *(claims.ROLES, claims.ORGANIZATION_ID, claims.ORGANIZATION_NAME, claims.ORGANIZATION_DOMAIN),
    *(claims.GROUPS, claims.METADATA),
)
