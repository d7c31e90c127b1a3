"""How an authorization request ends: with a code, with tokens, with both, or with an error."""

from collections.abc import Mapping
from dataclasses import dataclass

from hexkeep.core.application.state import GrantType
from hexkeep.core.authrequest import saml_answers
from hexkeep.core.authrequest.events import AuthorizationCodeIssued, AuthorizationRefused, AuthorizationTokensIssued
from hexkeep.core.authrequest.messages import AuthorizationStep, Notice, StepKind
from hexkeep.core.authrequest.state import LIFETIME, AuthRequest
from hexkeep.core.kernel.aggregate import Append
from hexkeep.core.kernel.ask import Keep
from hexkeep.core.kernel.decision import Context
from hexkeep.core.kernel.event import Event
from hexkeep.core.oidc import acr, code, jarm, rfc9126, session_state
from hexkeep.core.oidc.authorization import ReturnAddress
from hexkeep.core.oidc.errors import InvalidRequestUri, OAuthError
from hexkeep.core.oidc.issue import Sitting, Wanted
from hexkeep.core.oidc.issue import issued as issued_tokens
from hexkeep.core.oidc.oidc_core import Prompt
from hexkeep.core.oidc.parties import Client, Person
from hexkeep.core.oidc.responses import CODE, ID_TOKEN, TOKEN, Answer, parts
from hexkeep.core.oidc.rfc6749 import ResponseMode
from hexkeep.core.oidc.scopes import OFFLINE_ACCESS, OPENID
from hexkeep.core.token.founding import Grant, founded, founder_of


@dataclass(frozen=True, slots=True)
class Next:
    """The browser's next step, what happens to the request by that, and what is appended elsewhere."""

    step: AuthorizationStep
    events: tuple[Event, ...] = ()
    beside: tuple[Append, ...] = ()


def sent(ctx: Context, client: Client, answer: Answer) -> AuthorizationStep:
    """The step that brings an answer to the application, signed if it wants that (JARM)."""
    answer = jarm.secured(ctx, client, answer)
    if answer.mode is ResponseMode.FORM_POST:
        return AuthorizationStep(kind=StepKind.FORM_POST, redirect_to=answer.location, fields=dict(answer.params))
    target = client.form_target(answer.redirect_uri)
    return AuthorizationStep(kind=StepKind.REDIRECT, redirect_to=answer.location, form_target=target)


def misled(
    ctx: Context, client: Client, error: OAuthError, params: Mapping[str, str], repeated: tuple[str, ...]
) -> AuthorizationStep:
    """The answer to a request that is wrong in itself, before anybody is asked to sign in for it.

    RFC 9700 section 4.11.2: a client that nobody here vouches for would make an open redirector of us by such requests,
    so the person is told first and goes on by choice. Not with ``prompt=none``, for which no page may be shown, and by
    which anybody can have an error sent back, as that section grants.
    """
    address = ReturnAddress.of(params, repeated)
    silent = "prompt" not in repeated and Prompt.NONE in params.get("prompt", "").split()
    return _failed(ctx, client, error, address, unasked=not silent)


def _failed(
    ctx: Context, client: Client, error: OAuthError, address: ReturnAddress, *, unasked: bool
) -> AuthorizationStep:
    """The step that brings an error to the application; by the person's choice to a stranger where ``unasked``."""
    step = sent(ctx, client, address.error(error, ctx.request.issuer))
    if not unasked or not client.application.strange:
        return step
    notice = Notice(error=error.error, error_description=error.message)
    return step.model_copy(update={"notice": notice})


def refused(ctx: Context, asked: AuthRequest, client: Client, error: OAuthError, *, unasked: bool = False) -> Next:
    """RFC 6749 section 4.1.2.1: the application is told an error, be it that somebody was answered before.

    ``unasked`` is an error before the person has done anything for the request: see ``misled``.
    """
    if asked.saml is not None:
        told = saml_answers.refused(ctx, asked, client, saml_answers.status(asked, error))
        return Next(told, (AuthorizationRefused(error=error.error),))
    try:
        _spend(ctx, asked)
    except InvalidRequestUri as spent:
        error = spent
    return _told(ctx, asked, client, error, unasked=unasked and Prompt.NONE not in asked.prompts)


def _told(ctx: Context, asked: AuthRequest, client: Client, error: OAuthError, *, unasked: bool = False) -> Next:
    step = _failed(ctx, client, error, asked.return_address, unasked=unasked)
    return Next(step, (AuthorizationRefused(error=error.error),))


def _spend(ctx: Context, asked: AuthRequest) -> None:
    """RFC 9126 section 4: a reference is good for one answer; raises ``InvalidRequestUri`` for the next."""
    if asked.pushed_request_id:
        rfc9126.spend(ctx, asked.pushed_request_id, ctx.now + LIFETIME + rfc9126.LIFETIME)


def granted(ctx: Context, request_id: str, asked: AuthRequest, client: Client, person: Person) -> Next:
    """RFC 6749 sections 4.1.2 and 4.2.2, OIDC Core section 3.3.2.5: the application gets what it asked for."""
    if asked.saml is not None:
        told, issued, joined = saml_answers.granted(ctx, asked, client, person)
        return Next(told, (issued or AuthorizationRefused(error="invalid_name_id_policy"),), joined)
    try:
        _spend(ctx, asked)
    except InvalidRequestUri as spent:
        return _told(ctx, asked, client, spent)
    wanted = parts(asked.response_type)
    text = _code(ctx, request_id, asked, person) if CODE in wanted else ""
    tokens, begun = _tokens(ctx, request_id, asked, client, person, text)
    event = AuthorizationCodeIssued if text else AuthorizationTokensIssued
    offered = OPENID in asked.scopes and session_state.is_offered(ctx)
    state = _session_state(ctx, asked, person) if offered else {}
    answer = asked.return_address.success({"code": text, **tokens, **state}, ctx.request.issuer)
    step = sent(ctx, client, answer)
    if offered:
        step = step.model_copy(update={"browser_state": session_state.browser_state(person.session_id)})
    return Next(step, (event(user_id=person.user_id, session_id=person.session_id),), begun)


def _session_state(ctx: Context, asked: AuthRequest, person: Person) -> dict[str, str]:
    """OIDC Session Management section 2: lets the application ask our frame whether this session still is."""
    salt = ctx.new_secret()[: session_state.SALT_LENGTH]
    told = session_state.session_state(asked.client_id, asked.redirect_uri, person.session_id, salt)
    return {"session_state": told}


def _code(ctx: Context, request_id: str, asked: AuthRequest, person: Person) -> str:
    """A fresh code, which is kept for the token endpoint alone."""
    secret = ctx.new_secret()
    meaning = code.AuthorizationCode(
        family_id=request_id,
        client_id=asked.client_id,
        redirect_uri=asked.redirect_uri,
        code_challenge=asked.code_challenge,
        nonce=asked.nonce,
        scopes=asked.scopes,
        user_id=person.user_id,
        session_id=person.session_id,
        auth_time=person.auth_time,
        expires_at=ctx.now + code.LIFETIME,
        acr=acr.told(person.methods, asked.wanted_acr),
        claims=asked.claims,
        resources=asked.resources,
        authorization_details=asked.authorization_details,
        grant_action=asked.grant_action,
        grant_id=asked.grant_id,
        dpop_jkt=asked.dpop_jkt,
    )
    ctx.ask(Keep(code.SCOPE, secret, meaning.to_bytes(), ctx.now + code.REMEMBERED))
    return secret


def _tokens(
    ctx: Context, request_id: str, asked: AuthRequest, client: Client, person: Person, text: str
) -> tuple[dict[str, str], tuple[Append, ...]]:
    """What there is beside a code.

    Tokens in the answer found the request's family at once; a code beside them founds no other one.

    They end with the session, whatever scope was asked for: only what is redeemed is for offline use.
    """
    wanted = parts(asked.response_type)
    if wanted == {CODE}:
        return {}, ()
    grant = Grant(
        family_id=request_id,
        user_id=person.user_id,
        session_id=person.session_id,
        scopes=tuple(scope for scope in asked.scopes if scope != OFFLINE_ACCESS),
        auth_time=person.auth_time,
        grant_type=GrantType.IMPLICIT,
        nonce=asked.nonce,
        acr=acr.told(person.methods, asked.wanted_acr),
        claims=asked.claims,
        resources=asked.resources,
        authorization_details=asked.authorization_details,
    )
    founder = founder_of(ctx, grant, client)
    begun, _ = founded(ctx, grant, client, founder)
    who = founder.authentication(grant, client)
    sitting = Sitting(
        request_id,
        client,
        founder.user.organization_id,
        who,
        grant.resources,
        grant.authorization_details,
        grant.grant_type.value,
        claims=grant.claims,
    )
    made = issued_tokens(ctx, sitting, grant.scopes, Wanted(TOKEN in wanted, ID_TOKEN in wanted, text, asked.state))
    told = {"id_token": made.id_token}
    if made.access_token:
        lifetime = str(int(made.lifetime.total_seconds()))
        scope = " ".join(grant.scopes)
        told |= {"access_token": made.access_token, "token_type": "Bearer", "expires_in": lifetime, "scope": scope}
    return told, begun
