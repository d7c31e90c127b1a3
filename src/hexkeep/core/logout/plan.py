"""What the deliverer of logout tokens has to know (OIDC Back-Channel Logout 1.0): where to, and a fresh token.

The token is made for each attempt: one that waited with its delivery would have expired.
"""

from pydantic import Field

from hexkeep.core.kernel.decision import Context, Decision
from hexkeep.core.kernel.errors import PermissionDenied
from hexkeep.core.kernel.fields import ClientId, Id
from hexkeep.core.kernel.operation import ApiName, Message, Operation
from hexkeep.core.kernel.permission import CallerKind
from hexkeep.core.oidc import logout
from hexkeep.core.oidc.client_documents import application_of
from hexkeep.core.oidc.pairwise import subject_at
from hexkeep.core.oidc.parties import Client
from hexkeep.core.oidc.signing import as_id_tokens
from hexkeep.core.project.state import PROJECT
from hexkeep.core.session.state import SESSION


class PlanLogout(Message):
    """The application that is to be told, of which session. ``token_id`` is the same at every attempt."""

    client_id: ClientId
    session_id: Id
    token_id: Id


class LogoutPlan(Message):
    """Where the token goes; an empty ``uri`` when there is nobody to tell any more."""

    uri: str = ""
    logout_token: str = Field("", repr=False)


def plan_logout(request: PlanLogout, ctx: Context) -> Decision[LogoutPlan]:
    """Tell where a logout token goes, and make it: signed and encrypted as the application's ID tokens (section 2.4).

    Raises ``ClientKeyUnusable`` and ``Unavailable`` where it has to be encrypted and cannot be.
    """
    if ctx.caller.kind is not CallerKind.SYSTEM or ctx.caller.name:
        raise PermissionDenied
    ctx.authorize()
    application = application_of(ctx, request.client_id)
    session = ctx.load(SESSION, request.session_id, lapses=True)
    uri = application.client_metadata.backchannel_logout_uri
    if not application.active or not uri or not session.exists:
        return Decision(LogoutPlan())
    subject = subject_at(ctx, request.client_id, application, session.user_id)
    claims = logout.logout_token_claims(
        ctx.request.issuer, request.client_id, subject, request.session_id, request.token_id, ctx.now
    )
    client = Client(request.client_id, application, ctx.load(PROJECT, application.project_id))
    return Decision(LogoutPlan(uri=uri, logout_token=as_id_tokens(ctx, client, claims, logout.LOGOUT_TOKEN_TYPE)))


PLAN_LOGOUT: Operation[PlanLogout, LogoutPlan] = Operation(
    "PlanLogout",
    ApiName.PROTOCOL,
    PlanLogout,
    LogoutPlan,
    "system.logout.plan",
    plan_logout,
    writes=False,
    secrets=frozenset({"logout_token"}),
)
