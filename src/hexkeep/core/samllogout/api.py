"""The operations of single logout. What is raised has to be shown on our own page."""

from hexkeep.core.kernel.operation import AnyOperation, ApiName, Operation
from hexkeep.core.kernel.permission import PUBLIC
from hexkeep.core.samllogout.chain import continue_saml_logout
from hexkeep.core.samllogout.elsewhere import ReceiveIdpLogout, receive_idp_logout
from hexkeep.core.samllogout.messages import ContinueSamlLogout, ReceiveSamlLogout, SamlLogoutStep
from hexkeep.core.samllogout.receiving import receive_saml_logout

RECEIVE_SAML_LOGOUT = Operation(
    "ReceiveSamlLogout",
    ApiName.PROTOCOL,
    ReceiveSamlLogout,
    SamlLogoutStep,
    PUBLIC,  # the signature is the permission
    receive_saml_logout,
    secrets=frozenset({"token"}),
)
CONTINUE_SAML_LOGOUT = Operation(
    "ContinueSamlLogout",
    ApiName.PROTOCOL,
    ContinueSamlLogout,
    SamlLogoutStep,
    PUBLIC,  # the token is the permission
    continue_saml_logout,
    secrets=frozenset({"token"}),
)

RECEIVE_IDP_LOGOUT = Operation(
    "ReceiveIdpLogout",
    ApiName.PROTOCOL,
    ReceiveIdpLogout,
    SamlLogoutStep,
    PUBLIC,  # the signature is the permission
    receive_idp_logout,
    secrets=frozenset({"token"}),
)

OPERATIONS: tuple[AnyOperation, ...] = (RECEIVE_SAML_LOGOUT, CONTINUE_SAML_LOGOUT, RECEIVE_IDP_LOGOUT)
"""All of them."""
