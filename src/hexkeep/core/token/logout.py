"""The end session endpoint (OIDC RP-Initiated Logout 1.0)."""

from collections.abc import Mapping
from typing import TypedDict

from hexkeep.core.idpintent.logout import way_out
from hexkeep.core.kernel.decision import Context, Decision
from hexkeep.core.oidc import logout, participants
from hexkeep.core.oidc.errors import InvalidRedirectUri, InvalidRequest
from hexkeep.core.oidc.oidc_core import Hint
from hexkeep.core.oidc.pairwise import returned_hint
from hexkeep.core.oidc.parties import Client, Person, active_client, held_session, session_of, signed_in
from hexkeep.core.oidc.rfc6749 import present, refuse_repeated
from hexkeep.core.saml import single_logout
from hexkeep.core.session.state import Session
from hexkeep.core.token.messages import EndOidcSession, LogoutKind, LogoutStep


def end_oidc_session(request: EndOidcSession, ctx: Context) -> Decision[LogoutStep]:
    """Sign the browser's person out, and go where the application registered to go.

    The session ends on the word of an ID token issued for it, or of the person on our own page. What was issued in it
    ends with it, except for offline use. With it end other sessions of the same person that wait in this browser, and
    those of ``everybody`` if the person wants that. Where service providers of SAML hear of it by the browser alone, it
    goes to them first; so it does if the session has ended elsewhere, where this browser was not at hand. Raises
    ``InvalidRequest`` for a hint that is not ours, and ``InvalidRedirectUri`` for a place that is not registered: both
    are shown, never redirected (section 3).
    """
    refuse_repeated(request.repeated)
    params = present(request.params)
    hint = _hint(ctx, params)
    client = _client(ctx, params, hint)
    target = _target(params, client)
    name = client.application.name if client else ""
    form_target = client.form_target(target) if client and target else ""
    held = held_session(ctx, request.session_token)
    session_id, user_id = (held[0], held[1].user_id) if held else ("", "")
    if not request.confirmed and logout.needs_confirmation(hint, session_id, user_id):
        step = LogoutStep(kind=LogoutKind.CONFIRM, form_target=form_target, client_name=name, **_people(ctx, request))
        return Decision(step)
    kind = LogoutKind.REDIRECT if target else LogoutKind.DONE
    here = (held_session(ctx, token) for token in (request.session_token, *request.waiting_tokens))
    ending = {one[0]: one[1] for one in here if one and (request.everybody or one[1].user_id == user_id)}
    telling = ending | _ended_elsewhere(ctx, request.session_token)
    frames = dict.fromkeys(uri for one in telling.items() for uri in participants.frames(ctx, *one))
    onward = single_logout.begun(ctx, telling, return_to=target)
    step = LogoutStep(
        kind=kind,
        redirect_to=target,
        form_target=form_target,
        client_name=name,
        frames=tuple(frames),
        saml_logout=onward,
        leaves_by=way_out(ctx, session_id, target) if session_id else "",
    )
    return Decision(step, *(participants.ended(ctx, *one) for one in ending.items()))


def _ended_elsewhere(ctx: Context, session_token: str) -> dict[str, Session]:
    """The browser's own session, if somebody has ended it: who hears by browsers alone has not heard of it.

    Whoever signs in anew in this browser has another one, so nobody is told who is signed in again.
    """
    found = session_of(ctx, session_token)
    return {found[0]: found[1]} if found is not None and found[1].ended else {}


class _People(TypedDict):
    user: str
    others: tuple[str, ...]


def _people(ctx: Context, request: EndOidcSession) -> _People:
    """How those are called who have signed in to this browser: the present one, and each of the others once."""
    present = signed_in(ctx, request.session_token)
    waiting = filter(None, (signed_in(ctx, token) for token in request.waiting_tokens))
    others = {one.user_id: _called(one) for one in waiting if present is None or one.user_id != present.user_id}
    return {"user": _called(present) if present else "", "others": tuple(others.values())}


def _called(person: Person) -> str:
    return person.user.display_name or person.user.user_name


def _hint(ctx: Context, params: Mapping[str, str]) -> Hint | None:
    if "id_token_hint" not in params:
        return None
    hint = returned_hint(ctx, params["id_token_hint"])
    if hint is None:
        raise InvalidRequest("The id_token_hint is not valid")
    return hint


def _client(ctx: Context, params: Mapping[str, str], hint: Hint | None) -> Client | None:
    """Section 2: the client that the hint was issued to, or that the request names; the two must agree."""
    named = params.get("client_id", hint.client_id if hint else "")
    if hint is not None and named != hint.client_id:
        raise InvalidRequest("The id_token_hint was issued to another client")
    return active_client(ctx, named) if named else None


def _target(params: Mapping[str, str], client: Client | None) -> str:
    """Section 3: where to go afterwards, with the state; empty to stay on our own page."""
    uri = params.get("post_logout_redirect_uri", "")
    if not uri:
        return ""
    if client is None or not client.may_return_to(uri):
        raise InvalidRedirectUri("The post_logout_redirect_uri is not registered for this application")
    return logout.return_uri(uri, params.get("state", ""))
