"""The operations of consents: given on the consent page, listed and taken back by the person."""

from hexkeep.core.consent.commands import forget_consent, grant_consent, remember_consent, revoke_consent
from hexkeep.core.consent.messages import (
    ConsentGiven,
    ConsentList,
    ForgetConsent,
    GrantConsent,
    ListMyConsents,
    RememberConsent,
    RevokeConsent,
)
from hexkeep.core.consent.queries import list_my_consents
from hexkeep.core.kernel.operation import AnyOperation, ApiName, Empty, Http, Method, Operation
from hexkeep.core.kernel.permission import AUTHENTICATED, PUBLIC

GRANT_CONSENT = Operation(
    name="GrantConsent",
    api=ApiName.PROTOCOL,
    input=GrantConsent,
    output=ConsentGiven,
    permission=PUBLIC,
    handle=grant_consent,
)
REMEMBER_CONSENT = Operation(
    name="RememberConsent",
    api=ApiName.PROTOCOL,
    input=RememberConsent,
    output=Empty,
    permission="user.write",
    handle=remember_consent,
)
FORGET_CONSENT = Operation(
    name="ForgetConsent",
    api=ApiName.PROTOCOL,
    input=ForgetConsent,
    output=Empty,
    permission="user.write",
    handle=forget_consent,
)
LIST_MY_CONSENTS = Operation(
    name="ListMyConsents",
    api=ApiName.AUTH,
    input=ListMyConsents,
    output=ConsentList,
    permission=AUTHENTICATED,
    handle=list_my_consents,
    http=Http(Method.GET, "/auth/v1/consents"),
    writes=False,
)
REVOKE_CONSENT = Operation(
    name="RevokeConsent",
    api=ApiName.AUTH,
    input=RevokeConsent,
    output=Empty,
    permission=AUTHENTICATED,
    handle=revoke_consent,
    http=Http(Method.DELETE, "/auth/v1/consents/{client_id}"),
)

OPERATIONS: tuple[AnyOperation, ...] = (
    GRANT_CONSENT,
    REMEMBER_CONSENT,
    FORGET_CONSENT,
    LIST_MY_CONSENTS,
    REVOKE_CONSENT,
)
