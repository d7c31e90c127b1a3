"""Whom an application means (CIBA Core 1.0 section 7.1), and how often anybody may be meant."""

from collections.abc import Mapping

from pydantic import JsonValue

from hexkeep.core.kernel.ask import CountUp
from hexkeep.core.kernel.decision import Context
from hexkeep.core.kernel.errors import ResourceExhausted
from hexkeep.core.oidc.client_jwks import verify_by_client
from hexkeep.core.oidc.errors import ExpiredLoginHintToken, InvalidRequest, UnknownUserId
from hexkeep.core.oidc.pairwise import returned_hint
from hexkeep.core.oidc.parties import Client, active_user
from hexkeep.core.policy.state import SECURITY, effective
from hexkeep.core.user import naming
from hexkeep.core.user.state import UserKind

WINDOW = 3600
ASKED_BY_ONE = 20
ASKED = 60
"""How often one application, and all together, may ask for one person within the window; whoever exists."""
MAX_NAME = 320


def hinted_user(ctx: Context, client: Client, hint: str, value: str, organization_id: str = "") -> str:
    """The id of the person who is meant; raises ``InvalidRequest``, ``ExpiredLoginHintToken``, ``UnknownUserId``.

    Where the security policy hides unknown users the answer is empty in place of ``UnknownUserId``: the application
    waits for an answer that nobody gives, as it would for somebody who does not want to answer. Who gives an ID token
    of ours knows already that there is such a person. With an organization everybody else is unknown.
    """
    user_id, known_by = _meant(ctx, client, hint, value)
    _count(ctx, f"backchannel/asked/{client.id}/{known_by}", ASKED_BY_ONE)
    _count(ctx, f"backchannel/asked/{known_by}", ASKED)
    user = active_user(ctx, user_id) if user_id else None
    here = user is not None and organization_id in {"", user.organization_id}
    if user is not None and here and user.kind is UserKind.HUMAN:
        return user_id
    if hint != "id_token_hint" and effective(ctx, SECURITY).hide_unknown_users:
        return ""
    raise UnknownUserId


def _meant(ctx: Context, client: Client, hint: str, value: str) -> tuple[str, str]:
    """The user's id, empty for nobody's, and what the wishes for that person are counted by."""
    if hint == "login_hint":
        return _named(ctx, value)
    if hint == "login_hint_token":
        return _of_token(ctx, client, value)
    returned = returned_hint(ctx, value)
    if returned is None or returned.client_id != client.id:
        raise InvalidRequest("The id_token_hint is not valid")
    return returned.subject, returned.subject


def _named(ctx: Context, login_name: str) -> tuple[str, str]:
    if len(login_name) > MAX_NAME or not login_name.isprintable():
        raise InvalidRequest("The login_hint is no login name")
    meant = naming.named(ctx, login_name)
    return (meant.owner.id if meant.owner else ""), meant.login


def _of_token(ctx: Context, client: Client, token: str) -> tuple[str, str]:
    """A JWT that the client has signed for us, whose ``sub_id`` (RFC 9493) names the person.

    By our own subject (``iss_sub``, section 3.2.3) or by login name (``email``, section 3.2.2).
    """
    claims = verify_by_client(ctx, client, token, "")
    if claims is None or claims.get("iss") != client.id or claims.get("aud") != ctx.request.issuer:
        raise InvalidRequest("The login_hint_token is not valid")
    ends = claims.get("exp")
    if not isinstance(ends, int | float) or ctx.now.timestamp() >= ends:
        raise ExpiredLoginHintToken
    who = claims.get("sub_id")
    if isinstance(who, dict):
        if who.get("format") == "iss_sub" and who.get("iss") == ctx.request.issuer:
            return (_text(who, "sub"),) * 2
        if who.get("format") == "email":
            return _named(ctx, _text(who, "email"))
    raise InvalidRequest("The login_hint_token names nobody")


def _text(claims: Mapping[str, JsonValue], name: str) -> str:
    value = claims.get(name)
    if not isinstance(value, str) or not value or len(value) > MAX_NAME:
        raise InvalidRequest("The login_hint_token names nobody")
    return value


def _count(ctx: Context, bucket: str, limit: int) -> None:
    if ctx.ask(CountUp(bucket, WINDOW)) > limit:
        raise ResourceExhausted("This person is asked too often", retry_after=WINDOW)
