"""Authorization requests: begun, continued, denied. What comes out is the next step for the browser."""

from hexkeep.core.application.client_metadata import ResponseType
from hexkeep.core.application.state import GrantType
from hexkeep.core.authrequest.answers import Next, granted, refused, sent
from hexkeep.core.authrequest.events import AuthorizationRequested
from hexkeep.core.authrequest.judgement import is_final, obstacle
from hexkeep.core.authrequest.messages import (
    AuthorizationStep,
    ContinueAuthorization,
    DenyAuthorization,
    StartAuthorization,
    StepKind,
)
from hexkeep.core.authrequest.pending import LOGIN_HINT, pending_request
from hexkeep.core.authrequest.state import AUTH_REQUEST, LIFETIME, AuthRequest
from hexkeep.core.kernel.ask import Keep
from hexkeep.core.kernel.decision import Context, Decision
from hexkeep.core.oidc import authorization, rfc9449
from hexkeep.core.oidc.authorization import Asked, ReturnAddress
from hexkeep.core.oidc.errors import (
    AccessDenied,
    InvalidRedirectUri,
    InvalidRequest,
    LoginRequired,
    OAuthError,
    UnauthorizedClient,
)
from hexkeep.core.oidc.oidc_core import login_hint
from hexkeep.core.oidc.parties import Client, active_client, returned_id_token, signed_in
from hexkeep.core.oidc.profiles import rules_of
from hexkeep.core.oidc.responses import CODE, ID_TOKEN, TOKEN, parts
from hexkeep.core.oidc.rfc6749 import present, redirect_origin
from hexkeep.core.oidc.scopes import grantable


def start_authorization(request: StartAuthorization, ctx: Context) -> Decision[AuthorizationStep]:
    """Begin an authorization request; with a session and no reason to ask it ends here, with a code.

    Raises ``InvalidRedirectUri`` while there is nowhere safe to redirect to; every later error is a redirect.
    """
    params = present(request.params)
    client = _redirectable_client(ctx, params, request.repeated)
    try:
        asked = authorization.read(params, request.repeated, rules_of(client.application))
        requested = _requested(ctx, params, asked, client)
    except OAuthError as error:
        address = ReturnAddress.of(params, request.repeated)
        return Decision(sent(address.error(error, ctx.request.issuer)))
    return _begin(ctx, client, requested, login_hint(params.get("login_hint", "")), request.session_token)


def _redirectable_client(ctx: Context, params: dict[str, str], repeated: tuple[str, ...]) -> Client:
    """RFC 6749 section 4.1.2.1: the client, once it and the redirect URI hold; nothing is redirected before."""
    if {"client_id", "redirect_uri"} & set(repeated):
        raise InvalidRedirectUri("The client_id or redirect_uri is included more than once")
    client = active_client(ctx, params["client_id"]) if "client_id" in params else None
    if client is None:
        raise InvalidRedirectUri("The application is unknown or inactive")
    if not client.may_redirect_to(params.get("redirect_uri", "")):
        raise InvalidRedirectUri("The redirect_uri is not registered for this application")
    return client


def _requested(ctx: Context, params: dict[str, str], asked: Asked, client: Client) -> AuthorizationRequested:
    if not _grants_for(asked.response_type) <= set(client.application.grant_types):
        raise UnauthorizedClient
    # OIDC Core section 11: without a code there is nothing to refresh.
    refreshes = client.refreshes and CODE in parts(asked.response_type)
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
        max_age=asked.max_age,
        dpop_jkt=rfc9449.jkt_parameter(params),
        ui_locales=asked.ui_locales,
        hinted_user_id=_hinted_user(ctx, params.get("id_token_hint", "")),
        requested_at=ctx.now,
    )


def _grants_for(kind: ResponseType) -> set[GrantType]:
    """OpenID Connect Dynamic Client Registration 1.0 section 2: which grants a response type goes with."""
    by_part = {CODE: GrantType.AUTHORIZATION_CODE, ID_TOKEN: GrantType.IMPLICIT, TOKEN: GrantType.IMPLICIT}
    return {by_part[part] for part in parts(kind)}


def _hinted_user(ctx: Context, id_token: str) -> str:
    hint = returned_id_token(ctx, id_token) if id_token else None
    if id_token and hint is None:
        raise InvalidRequest("The id_token_hint is not valid")
    return hint.subject if hint else ""


def _begin(
    ctx: Context, client: Client, requested: AuthorizationRequested, hint: str, session_token: str
) -> Decision[AuthorizationStep]:
    request_id = ctx.new_id()
    asked = AUTH_REQUEST.fold((requested,))
    following = _next_step(ctx, request_id, asked, client, session_token)
    step = following.step
    if hint and step.kind is StepKind.LOGIN:
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
    following = _next_step(ctx, request_id, asked, client, request.session_token)
    events = (AUTH_REQUEST.append(request_id, *following.events),) if following.events else ()
    return Decision(following.step, *events, *following.beside)


def deny_authorization(request: DenyAuthorization, ctx: Context) -> Decision[AuthorizationStep]:
    """End an authorization request because the person said no; the application is told ``access_denied``."""
    asked, _ = pending_request(ctx, request.auth_request_id)
    following = refused(ctx, asked, AccessDenied())
    return Decision(following.step, AUTH_REQUEST.append(request.auth_request_id, *following.events))


def _next_step(ctx: Context, request_id: str, asked: AuthRequest, client: Client, session_token: str) -> Next:
    person = signed_in(ctx, session_token)
    error = obstacle(ctx, asked, client, person)
    if error is not None and is_final(asked, error, person):
        return refused(ctx, asked, error)
    if person is None or isinstance(error, LoginRequired):
        return _page(request_id, asked, client, StepKind.LOGIN)
    if error is not None:
        return _page(request_id, asked, client, StepKind.CONSENT)
    return granted(ctx, request_id, asked, client, person)


def _page(request_id: str, asked: AuthRequest, client: Client, kind: StepKind) -> Next:
    step = AuthorizationStep(
        kind=kind,
        auth_request_id=request_id,
        client_name=client.application.name,
        scopes=asked.scopes,
        redirect_origin=redirect_origin(asked.redirect_uri),
    )
    return Next(step)
