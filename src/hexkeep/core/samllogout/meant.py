"""What a service provider's LogoutRequest is about (Core section 3.7.3.2): which sessions, of whom."""

import re

from hexkeep.core.kernel.ask import ClaimOnce
from hexkeep.core.kernel.decision import Context
from hexkeep.core.oidc.parties import held_session
from hexkeep.core.saml import logout, session_index, single_logout
from hexkeep.core.saml.errors import SamlRequestOver
from hexkeep.core.saml.logout import LogoutRequest
from hexkeep.core.saml.name_id import is_as_told
from hexkeep.core.saml.receiving import Kind, Said
from hexkeep.core.session.state import SESSION, Session

LOGOUT_REQUEST = Kind(logout.REQUEST, logout.read_request, lambda _: True)
ONCE = "saml_logout_request"
"""Under which the ids of requests are remembered until they are over."""
_INDEX = re.compile(r"[A-Za-z0-9._-]{1,100}")


def insist_on_first(ctx: Context, said: Said[LogoutRequest]) -> None:
    """Use up the request; raises ``SamlRequestOver`` for one that was."""
    if not ctx.ask(ClaimOnce(ONCE, f"{said.client.id} {said.message.id}", said.until)):
        raise SamlRequestOver


def meant(ctx: Context, said: Said[LogoutRequest], tokens: tuple[str, ...] = ()) -> dict[str, Session]:
    """The sessions that are meant: by their indexes, else those of the browser that has these tokens.

    A session has to be one in which this provider takes part, of the user that the name is for there; all others are
    as unknown as those that there never were.
    """
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
