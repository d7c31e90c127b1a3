"""What the deliverer of logout tokens has to know (OIDC Back-Channel Logout 1.0): where to, and a fresh token.

The token is made for each attempt: one that waited with its delivery would have expired.
"""

from pydantic import Field

from hexkeep.core.application.state import SamlProvider
from hexkeep.core.kernel.decision import Context, Decision
from hexkeep.core.kernel.errors import PermissionDenied
from hexkeep.core.kernel.fields import ClientId, Id
from hexkeep.core.kernel.operation import ApiName, Message, Operation
from hexkeep.core.kernel.permission import CallerKind
from hexkeep.core.key.state import SIGNING_KEYS, SIGNING_KEYS_ID
from hexkeep.core.oidc import logout
from hexkeep.core.oidc.client_documents import application_of
from hexkeep.core.oidc.pairwise import subject_at
from hexkeep.core.oidc.parties import Client
from hexkeep.core.oidc.signing import as_id_tokens
from hexkeep.core.project.state import PROJECT
from hexkeep.core.saml import encrypted_id, keys, session_index, single_logout, soap
from hexkeep.core.saml import logout as saml_logout
from hexkeep.core.saml.asks import ReadXml, WriteXml
from hexkeep.core.saml.bindings import SOAP
from hexkeep.core.saml.entity_id import ENTITY_ID
from hexkeep.core.saml.errors import SamlError
from hexkeep.core.saml.response import Envelope
from hexkeep.core.session.state import SESSION


class PlanLogout(Message):
    """The application that is to be told, of which session. ``token_id`` is the same at every attempt."""

    client_id: ClientId
    session_id: Id
    token_id: Id


class LogoutPlan(Message):
    """Where the token goes; an empty ``uri`` when there is nobody to tell any more.

    To a service provider of SAML goes ``saml_request`` instead, a LogoutRequest in an envelope of SOAP.
    """

    uri: str = ""
    logout_token: str = Field("", repr=False)
    saml_request: str = Field("", repr=False)


class JudgeLogoutAnswer(Message):
    """What a service provider of SAML has answered to the request that was made of that token, as it came."""

    token_id: Id
    content: str = Field(max_length=65_536, repr=False)


class LogoutVerdict(Message):
    """Whether the user is signed out there: by this request, or because it knows of no such session."""

    told: bool


def plan_logout(request: PlanLogout, ctx: Context) -> Decision[LogoutPlan]:
    """Tell where a logout token goes, and make it: signed and encrypted as the application's ID tokens (section 2.4).

    To a service provider of SAML a LogoutRequest goes by SOAP (SAML 2.0 Profiles section 4.4), signed by the instance.

    Raises ``ClientKeyUnusable`` and ``Unavailable`` where it has to be encrypted and cannot be.
    """
    if ctx.caller.kind is not CallerKind.SYSTEM or ctx.caller.name:
        raise PermissionDenied
    ctx.authorize()
    application = application_of(ctx, request.client_id)
    session = ctx.load(SESSION, request.session_id, lapses=True)
    if application.saml is not None:
        return Decision(_by_soap(ctx, request, application.saml) if application.active else LogoutPlan())
    uri = application.client_metadata.backchannel_logout_uri
    if not application.active or not uri or not session.exists:
        return Decision(LogoutPlan())
    subject = subject_at(ctx, request.client_id, application, session.user_id)
    claims = logout.logout_token_claims(
        ctx.request.issuer, request.client_id, subject, request.session_id, request.token_id, ctx.now
    )
    client = Client(request.client_id, application, ctx.load(PROJECT, application.project_id))
    return Decision(LogoutPlan(uri=uri, logout_token=as_id_tokens(ctx, client, claims, logout.LOGOUT_TOKEN_TYPE)))


def _by_soap(ctx: Context, request: PlanLogout, provider: SamlProvider) -> LogoutPlan:
    """Nothing where the user cannot be named any more: of who was erased there are made names alone."""
    place = provider.metadata.logout_by(SOAP)
    name = single_logout.name_in(ctx, request.session_id, request.client_id, provider)
    if place is None or name is None:
        return LogoutPlan()
    head = Envelope(_request_id(request.token_id), ctx.request.issuer + ENTITY_ID, place.url, "", ctx.now)
    index = session_index.index_of(ctx, request.session_id, request.client_id)
    document = soap.within(saml_logout.request(head, encrypted_id.told(ctx, name, provider), index, signed=True))
    signer = keys.signer(ctx.load(SIGNING_KEYS, SIGNING_KEYS_ID))
    return LogoutPlan(uri=place.url, saml_request=ctx.ask(WriteXml(document, signer)) or "")


def _request_id(token_id: str) -> str:
    return f"_{token_id}"


def judge_logout_answer(request: JudgeLogoutAnswer, ctx: Context) -> Decision[LogoutVerdict]:
    """Tell whether a service provider of SAML has signed somebody out (SAML 2.0 Core section 3.7.3)."""
    if ctx.caller.kind is not CallerKind.SYSTEM or ctx.caller.name:
        raise PermissionDenied
    ctx.authorize()
    answer = soap.message_in(ctx.ask(ReadXml(request.content.encode())))
    try:
        found = saml_logout.read_response(answer)
    except SamlError:
        return Decision(LogoutVerdict(told=False))
    told = found.in_response_to == _request_id(request.token_id) and (found.successful or found.unknown)
    return Decision(LogoutVerdict(told=told))


JUDGE_LOGOUT_ANSWER: Operation[JudgeLogoutAnswer, LogoutVerdict] = Operation(
    "JudgeLogoutAnswer",
    ApiName.PROTOCOL,
    JudgeLogoutAnswer,
    LogoutVerdict,
    "system.logout.judge",
    judge_logout_answer,
    writes=False,
)
PLAN_LOGOUT: Operation[PlanLogout, LogoutPlan] = Operation(
    "PlanLogout",
    ApiName.PROTOCOL,
    PlanLogout,
    LogoutPlan,
    "system.logout.plan",
    plan_logout,
    writes=False,
    secrets=frozenset({"logout_token", "saml_request"}),
)
