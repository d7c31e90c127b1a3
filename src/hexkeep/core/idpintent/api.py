"""The operations of a sign-in elsewhere, behind our own pages alone: a proof is bound to the browser by them."""

from hexkeep.core.idpintent import commands, discovery, ended, logout, messages, party, passwords
from hexkeep.core.kernel.operation import AnyOperation, ApiName, Empty, Operation
from hexkeep.core.kernel.permission import AUTHENTICATED, PUBLIC

LIST_SIGN_IN_PROVIDERS = Operation(
    "ListSignInProviders",
    ApiName.PROTOCOL,
    messages.ListSignInProviders,
    messages.SignInProviders,
    PUBLIC,
    commands.list_sign_in_providers,
    writes=False,
)
START_IDP_INTENT = Operation(
    "StartIdpIntent",
    ApiName.PROTOCOL,
    messages.StartIdpIntent,
    messages.IdpIntentStarted,
    PUBLIC,
    commands.start_idp_intent,
)
KEEP_IDP_ANSWER = Operation(
    "KeepIdpAnswer",
    ApiName.PROTOCOL,
    messages.KeepIdpAnswer,
    Empty,
    PUBLIC,
    commands.keep_idp_answer,
)
DISCOVER_SIGN_IN = Operation(
    "DiscoverSignIn",
    ApiName.PROTOCOL,
    messages.DiscoverSignIn,
    messages.SignInPlace,
    PUBLIC,
    discovery.discover_sign_in,
    writes=False,
)
START_IDP_LINK = Operation(
    "StartIdpLink",
    ApiName.PROTOCOL,
    messages.StartIdpLink,
    messages.IdpIntentStarted,
    AUTHENTICATED,
    commands.start_idp_link,
)
GET_IDP_INTENT_HOST = Operation(
    "GetIdpIntentHost",
    ApiName.PROTOCOL,
    messages.GetIdpIntentHost,
    messages.IdpIntentHost,
    PUBLIC,
    commands.get_idp_intent_host,
    writes=False,
)
RECORD_IDP_REFRESH = Operation(
    "RecordIdpRefresh",
    ApiName.PROTOCOL,
    messages.RecordIdpRefresh,
    Empty,
    "user.write",
    commands.record_idp_refresh,
)
FINISH_IDP_LOGOUT = Operation(
    "FinishIdpLogout",
    ApiName.PROTOCOL,
    messages.FinishIdpLogout,
    messages.IdpLogoutFinished,
    PUBLIC,
    logout.finish_idp_logout,
)
FINISH_IDP_INTENT = Operation(
    "FinishIdpIntent",
    ApiName.PROTOCOL,
    messages.FinishIdpIntent,
    messages.IdpIntentFinished,
    PUBLIC,
    commands.finish_idp_intent,
    secrets=frozenset({"proof"}),
)
CHECK_IDP_PASSWORD = Operation(
    "CheckIdpPassword",
    ApiName.PROTOCOL,
    messages.CheckIdpPassword,
    messages.IdpIntentFinished,
    PUBLIC,
    passwords.check_idp_password,
    secrets=frozenset({"proof"}),
)
CHECK_IDP_LINK_PASSWORD = Operation(
    "CheckIdpLinkPassword",
    ApiName.PROTOCOL,
    messages.CheckIdpLinkPassword,
    messages.IdpIntentFinished,
    AUTHENTICATED,
    passwords.check_idp_link_password,
    secrets=frozenset({"proof"}),
)
GET_IDP_INTENT = Operation(
    "GetIdpIntent",
    ApiName.PROTOCOL,
    messages.GetIdpIntent,
    messages.IdpIntentDetails,
    PUBLIC,  # the proof is the permission
    commands.get_idp_intent,
    writes=False,
)
CREATE_IDP_USER = Operation(
    "CreateIdpUser",
    ApiName.PROTOCOL,
    messages.CreateIdpUser,
    messages.IdpIntentFinished,
    PUBLIC,  # the proof is the permission
    commands.create_idp_user,
    secrets=frozenset({"proof"}),
)
ADD_IDP_INTENT_LINK = Operation(
    "AddIdpIntentLink",
    ApiName.PROTOCOL,
    messages.AddIdpIntentLink,
    messages.IdpIntentFinished,
    AUTHENTICATED,
    commands.add_idp_intent_link,
    secrets=frozenset({"proof"}),
)

GET_SAML_PARTY_METADATA = Operation(
    "GetSamlPartyMetadata",
    ApiName.PROTOCOL,
    party.GetSamlPartyMetadata,
    party.SamlPartyMetadata,
    PUBLIC,
    party.get_saml_party_metadata,
)
RECEIVE_IDP_BACK_CHANNEL_LOGOUT = Operation(
    "ReceiveIdpBackChannelLogout",
    ApiName.PROTOCOL,
    ended.ReceiveIdpBackChannelLogout,
    Empty,
    PUBLIC,  # the signature is the permission
    ended.receive_idp_back_channel_logout,
)
RECEIVE_IDP_FRONT_CHANNEL_LOGOUT = Operation(
    "ReceiveIdpFrontChannelLogout",
    ApiName.PROTOCOL,
    ended.ReceiveIdpFrontChannelLogout,
    Empty,
    PUBLIC,  # the name of the session is the permission
    ended.receive_idp_front_channel_logout,
)

OPERATIONS: tuple[AnyOperation, ...] = (
    LIST_SIGN_IN_PROVIDERS,
    START_IDP_INTENT,
    START_IDP_LINK,
    DISCOVER_SIGN_IN,
    GET_IDP_INTENT_HOST,
    FINISH_IDP_LOGOUT,
    RECORD_IDP_REFRESH,
    KEEP_IDP_ANSWER,
    FINISH_IDP_INTENT,
    CHECK_IDP_PASSWORD,
    CHECK_IDP_LINK_PASSWORD,
    GET_IDP_INTENT,
    CREATE_IDP_USER,
    ADD_IDP_INTENT_LINK,
    GET_SAML_PARTY_METADATA,
    RECEIVE_IDP_BACK_CHANNEL_LOGOUT,
    RECEIVE_IDP_FRONT_CHANNEL_LOGOUT,
)
"""All of them."""
