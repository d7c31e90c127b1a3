"""What a service provider's LogoutRequest is about (Core section 3.7.3.2): which sessions, of whom."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from hexkeep.core.kernel.ask import Keep, Kept
from hexkeep.core.kernel.decision import Context
from hexkeep.core.oidc.parties import held_session
from hexkeep.core.saml import logout, session_index, single_logout
from hexkeep.core.saml.logout import LogoutRequest
from hexkeep.core.saml.name_id import is_as_told
from hexkeep.core.saml.receiving import Kind, Said
from hexkeep.core.session.state import SESSION, Session

LOGOUT_REQUEST = Kind(logout.REQUEST, logout.read_request, lambda _: True)
SAID = "saml_logout_said"
"""Under which it is remembered, until they are over, what requests were about when they were first heard."""
_INDEX = re.compile(r"[A-Za-z0-9._-]{1,100}")


@dataclass(frozen=True, slots=True)
class Heard:
    """The sessions that a request is about, by their ids; and whether it has come ``again``."""

    sessions: Mapping[str, Session]
    again: bool


def heard(ctx: Context, said: Said[LogoutRequest], tokens: tuple[str, ...] = ()) -> Heard:
    """What is meant: sessions by their indexes, else those of the browser that has these tokens.

    A session has to be one in which this provider takes part, of the user that the name is for there; all others are
    as unknown as those that there never were.

    A request may come again, for its provider cannot know whether that was written which follows from it. It then
    reaches those that were meant when it was first heard: who has seen it ends no other.
    """
    sessions, place = _meant(ctx, said, tokens), f"{said.client.id} {said.message.id}"
    first = ctx.ask(Kept(SAID, place))
    if first is None:
        ctx.ask(Keep(SAID, place, " ".join(sessions).encode(), said.until))
        return Heard(sessions, again=False)
    known = first.decode().split()
    return Heard({one: session for one, session in sessions.items() if one in known}, again=True)


def _meant(ctx: Context, said: Said[LogoutRequest], tokens: tuple[str, ...]) -> dict[str, Session]:
    asked, client_id = said.message, said.client.id
    if asked.session_indexes:
        indexes = dict.fromkeys(one for one in asked.session_indexes if _INDEX.fullmatch(one))
        found = (session_index.session_with(ctx, one, client_id) for one in indexes)
        wanted = tuple(one for one in found if one)
    else:
        held = (held_session(ctx, token) for token in tokens if token)
        wanted = tuple(one[0] for one in held if one is not None)
    sessions = {one: ctx.load(SESSION, one, lapses=True) for one in dict.fromkeys(wanted)}
    return {one: session for one, session in sessions.items() if _is_meant(ctx, one, session, said)}


def _is_meant(ctx: Context, session_id: str, session: Session, said: Said[LogoutRequest]) -> bool:
    name, client_id, provider = said.message.name, said.client.id, said.provider
    if name is None or not session.exists or not session.has(client_id):
        return False
    known = single_logout.name_in(ctx, session_id, client_id, provider)
    return known is not None and is_as_told(ctx, name, provider.metadata.entity_id, known)
