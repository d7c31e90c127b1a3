"""The operations of single logout. What those raise that a browser comes to has to be shown on our own page."""

from hexkeep.core.kernel.operation import AnyOperation, ApiName, Operation
from hexkeep.core.kernel.permission import PUBLIC
from hexkeep.core.samllogout.by_soap import (
    AnswerIdpLogout,
    AnswerSamlLogout,
    SamlLogoutAnswer,
    answer_idp_logout,
    answer_saml_logout,
)
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

ANSWER_SAML_LOGOUT = Operation(
    "AnswerSamlLogout",
    ApiName.PROTOCOL,
    AnswerSamlLogout,
    SamlLogoutAnswer,
    PUBLIC,  # the signature is the permission
    answer_saml_logout,
)
ANSWER_IDP_LOGOUT = Operation(
    "AnswerIdpLogout",
    ApiName.PROTOCOL,
    AnswerIdpLogout,
    SamlLogoutAnswer,
    PUBLIC,  # the signature is the permission
    answer_idp_logout,
)

OPERATIONS: tuple[AnyOperation, ...] = (
    RECEIVE_SAML_LOGOUT,
    CONTINUE_SAML_LOGOUT,
    RECEIVE_IDP_LOGOUT,
    ANSWER_SAML_LOGOUT,
    ANSWER_IDP_LOGOUT,
)
"""All of them."""
