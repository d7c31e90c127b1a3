"""Authorization requests: begun, continued, denied. What comes out is the next step for the browser."""

from collections.abc import Mapping
from datetime import timedelta

from hexkeep.core.application.client_metadata import ResponseType
from hexkeep.core.application.state import GrantType
from hexkeep.core.authrequest.answers import Next, granted, misled, refused
from hexkeep.core.authrequest.events import AccountChosen, AuthorizationRequested, SamlRequestReceived
from hexkeep.core.authrequest.judgement import agreed_in_detail, is_final, obstacle
from hexkeep.core.authrequest.messages import (
    AuthorizationStep,
    ContinueAuthorization,
    DenyAuthorization,
    StartAuthorization,
    StepKind,
)
from hexkeep.core.authrequest.parameters import Counting, bound_key, visited
from hexkeep.core.authrequest.pending import LOGIN_HINT, pending_request
from hexkeep.core.authrequest.state import AUTH_REQUEST, LIFETIME, AuthRequest
from hexkeep.core.detailstype.state import details_types
from hexkeep.core.kernel.ask import Keep
from hexkeep.core.kernel.decision import Context, Decision
from hexkeep.core.kernel.event import Event
from hexkeep.core.oidc import authorization, grant_management, rfc9396
from hexkeep.core.oidc.errors import (
    AccessDenied,
    AccountSelectionRequired,
    ConsentRequired,
    InteractionRequired,
    InvalidRedirectUri,
    InvalidRequest,
    LoginRequired,
    OAuthError,
    StepUpRequired,
    UnauthorizedClient,
)
from hexkeep.core.oidc.oidc_core import Prompt, login_hint
from hexkeep.core.oidc.organizations import restriction
from hexkeep.core.oidc.pairwise import returned_hint
from hexkeep.core.oidc.parties import Client, active_client, signed_in, unfinished
from hexkeep.core.oidc.profiles import rules_of
from hexkeep.core.oidc.responses import CODE, ID_TOKEN, TOKEN, parts
from hexkeep.core.oidc.rfc6749 import present
from hexkeep.core.oidc.rfc8707 import accept_resources
from hexkeep.core.oidc.scopes import grantable
from hexkeep.core.token import grants
from hexkeep.core.userregistration.state import open_organization


def start_authorization(request: StartAuthorization, ctx: Context) -> Decision[AuthorizationStep]:
    """Begin an authorization request; with a session and no reason to ask it ends here, with a code.

    Raises ``InvalidRedirectUri``, and what is wrong with a reference or a request object, while there is nowhere safe
    to redirect to; every later error is an answer for the application (see ``misled``).
    """
    counting = Counting(present(request.params), request.repeated, request.resources)
    client = _known_client(ctx, counting)
    try:
        counting = visited(ctx, client, counting)
        insist_on_redirect(client, counting)
        begun = requested(ctx, client, counting)
    except OAuthError as error:
        if isinstance(error, InvalidRedirectUri) or not _may_redirect(client, counting):
            raise
        return Decision(misled(ctx, client, error, counting.params, counting.repeated))
    return begin(ctx, client, begun, request.session_token, login_hint(counting.params.get("login_hint", "")))


def _known_client(ctx: Context, counting: Counting) -> Client:
    if "client_id" in counting.repeated:
        raise InvalidRedirectUri("The client_id is included more than once")
    client = active_client(ctx, counting.params["client_id"]) if "client_id" in counting.params else None
    if client is None:
        raise InvalidRedirectUri("The application is unknown or inactive")
    return client


def insist_on_redirect(client: Client, counting: Counting) -> None:
    """RFC 6749 section 4.1.2.1: nothing is redirected before the redirect URI holds; raises ``InvalidRedirectUri``."""
    if not _may_redirect(client, counting):
        raise InvalidRedirectUri("The redirect_uri is not registered for this application")


def _may_redirect(client: Client, counting: Counting) -> bool:
    return "redirect_uri" not in counting.repeated and client.may_redirect_to(counting.params.get("redirect_uri", ""))


def requested(ctx: Context, client: Client, counting: Counting) -> AuthorizationRequested:
    """What a client asks for, judged by what it may; raises the ``OAuthError`` to answer with."""
    params = counting.params
    asked = authorization.read(params, counting.repeated, rules_of(client.application))
    if not _grants_for(asked.response_type) <= set(client.application.grant_types):
        raise UnauthorizedClient
    meant = restriction(ctx, asked.scopes)
    if Prompt.CREATE in asked.prompts and not open_organization(ctx, meant):
        raise InvalidRequest("The prompt create is not supported here: people do not make accounts for themselves")
    # OIDC Core section 11: without a code there is nothing to refresh.
    refreshes = client.refreshes and CODE in parts(asked.response_type)
    metadata = client.application.client_metadata
    managed = grant_management.read(params, client, asked.response_type)
    details = _details(ctx, client, params.get(rfc9396.PARAMETER, ""))
    hinted_user = _hinted_user(ctx, params.get("id_token_hint", ""))
    return AuthorizationRequested(
        client_id=client.id,
        redirect_uri=params["redirect_uri"],
        response_type=asked.response_type,
        response_mode=asked.response_mode,
        scopes=grantable(asked.scopes, refresh=refreshes, api=client.application.api_access),
        state=asked.state,
        nonce=asked.nonce,
        code_challenge=asked.code_challenge,
        prompts=asked.prompts,
        max_age=asked.max_age if asked.max_age is not None else _seconds(metadata.default_max_age),
        ui_locales=asked.ui_locales,
        acr_values=asked.acr_values or metadata.default_acr_values,
        claims=asked.claims,
        hinted_user_id=grants.insist_on_grant(ctx, client, managed, grants.Added(asked.claims, details), hinted_user),
        resources=accept_resources(counting.resources, client, ctx.request.issuer),
        authorization_details=details,
        dpop_jkt=bound_key(params, counting.dpop_jkt),
        pushed_request_id=counting.pushed_id,
        grant_action=managed.action,
        grant_id=managed.grant_id,
        organization_id=meant,
        requested_at=ctx.now,
    )


def _details(ctx: Context, client: Client, text: str) -> str:
    """RFC 9396 section 5: what is asked for in detail, of the types that the client registered, in one form."""
    if not text:
        return ""
    allowed = client.application.client_metadata.authorization_details_types
    return rfc9396.written(rfc9396.requested(text, details_types(ctx), allowed))


def _seconds(age: timedelta | None) -> int | None:
    return None if age is None else int(age.total_seconds())


def _grants_for(kind: ResponseType) -> set[GrantType]:
    """OpenID Connect Dynamic Client Registration 1.0 section 2: which grants a response type goes with."""
    by_part = {CODE: GrantType.AUTHORIZATION_CODE, ID_TOKEN: GrantType.IMPLICIT, TOKEN: GrantType.IMPLICIT}
    return {by_part[part] for part in parts(kind)}


def _hinted_user(ctx: Context, id_token: str) -> str:
    hint = returned_hint(ctx, id_token) if id_token else None
    if id_token and hint is None:
        raise InvalidRequest("The id_token_hint is not valid")
    return hint.subject if hint else ""


def begin(
    ctx: Context,
    client: Client,
    requested: AuthorizationRequested | SamlRequestReceived,
    session_token: str,
    hint: str = "",
) -> Decision[AuthorizationStep]:
    """A request that was judged, with all that can be done for it at once; ``hint`` tells who may be meant."""
    request_id = ctx.new_id()
    asked = AUTH_REQUEST.fold((requested,))
    following = _next_step(ctx, request_id, asked, client, session_token, first=True)
    step = following.step
    if hint and step.kind in {StepKind.LOGIN, StepKind.REGISTER}:
        # A login hint is often a person's address, of whom nobody is known yet: it is kept, not logged.
        ctx.ask(Keep(LOGIN_HINT, request_id, hint.encode(), ctx.now + LIFETIME))
        step = step.model_copy(update={"login_hint": hint})
    return Decision(step, AUTH_REQUEST.append(request_id, requested, *following.events), *following.beside)


def continue_authorization(request: ContinueAuthorization, ctx: Context) -> Decision[AuthorizationStep]:
    """Go on with an authorization request after sign-in or consent.

    Raises ``NotFound`` for a request that never was, ``FailedPrecondition`` for one that is over.
    """
    request_id = request.auth_request_id
    asked, client = pending_request(ctx, request_id)
    choice = _choice(ctx, request)
    following = _next_step(ctx, request_id, AUTH_REQUEST.fold(choice, asked), client, request.session_token)
    events = (*choice, *following.events)
    appended = (AUTH_REQUEST.append(request_id, *events),) if events else ()
    return Decision(following.step, *appended, *following.beside)


def _choice(ctx: Context, request: ContinueAuthorization) -> tuple[Event, ...]:
    person = signed_in(ctx, request.session_token) if request.account_chosen else None
    return (AccountChosen(session_id=person.session_id),) if person else ()


def deny_authorization(request: DenyAuthorization, ctx: Context) -> Decision[AuthorizationStep]:
    """End an authorization request because the person said no; the application is told ``access_denied``."""
    asked, client = pending_request(ctx, request.auth_request_id)
    following = refused(ctx, asked, client, AccessDenied())
    return Decision(following.step, AUTH_REQUEST.append(request.auth_request_id, *following.events))


def _next_step(
    ctx: Context, request_id: str, asked: AuthRequest, client: Client, session_token: str, *, first: bool = False
) -> Next:
    """How it goes on; ``first`` where the browser has only just come, and nobody has seen a page of ours."""
    person = signed_in(ctx, session_token)
    error = obstacle(ctx, asked, client, person)
    if person is None and Prompt.NONE in asked.prompts and unfinished(ctx, session_token, asked.organization_id):
        error = InteractionRequired()
    if error is None and person is not None and not agreed_in_detail(ctx, request_id, asked, person):
        error = ConsentRequired()
    if error is not None and is_final(ctx, asked, client, error, person):
        return refused(ctx, asked, client, error, unasked=first)
    if error is not None:
        return _page(request_id, asked, client, PAGES[type(error)])
    if person is None:
        raise LoginRequired  # never: without a person there is an obstacle
    return granted(ctx, request_id, asked, client, person)


PAGES: Mapping[type[OAuthError], StepKind] = {
    InteractionRequired: StepKind.REGISTER,
    AccountSelectionRequired: StepKind.SELECT_ACCOUNT,
    LoginRequired: StepKind.LOGIN,
    StepUpRequired: StepKind.SECOND_FACTOR,
    ConsentRequired: StepKind.CONSENT,
}
"""Where what stands in the way can be overcome."""


def _page(request_id: str, asked: AuthRequest, client: Client, kind: StepKind) -> Next:
    step = AuthorizationStep(
        kind=kind,
        auth_request_id=request_id,
        client_name=client.application.name,
        scopes=asked.to_consent,
    )
    return Next(step)
