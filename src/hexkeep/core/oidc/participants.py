"""Which applications take part in a session, and who of them is told of its end.

An application takes part once it has got tokens in a session. Single sign-out is about those: OIDC Back-Channel Logout
1.0 tells them from server to server, OIDC Front-Channel Logout 1.0 through the browser that is being signed out.
"""

from hexkeep.core.application.state import APPLICATION, Application
from hexkeep.core.kernel.aggregate import Append
from hexkeep.core.kernel.decision import Context
from hexkeep.core.kernel.event import Event
from hexkeep.core.oidc.client_documents import application_of, is_document
from hexkeep.core.oidc.logout import frame_uri
from hexkeep.core.session.events import SessionClientJoined, SessionClientLeft, SessionClientNamed, SessionEnded
from hexkeep.core.session.state import IDP_SESSION, SESSION, Session, ToldName


def joined(
    ctx: Context, session_id: str, session: Session, client_id: str, told: ToldName | None = None
) -> tuple[Append, ...]:
    """What is written when an application gets tokens in a session: nothing if it has taken part before.

    What an assertion has ``told`` it of the user's name is written as well, unless it is what it knew.
    """
    events: list[Event] = []
    if not session.has(client_id):
        events.append(SessionClientJoined(client_id=client_id, joined_at=ctx.now))
    if told is not None and told != session.name_at(client_id):
        named = {"user_id": session.user_id, "name_format": told.form, "name": told.name}
        events.append(SessionClientNamed(client_id=client_id, **named))
    return (SESSION.append(session_id, *events),) if events else ()


def ended(ctx: Context, session_id: str, session: Session, but: str = "") -> Append:
    """The end of a session, and whom it is told: ``but`` the one that has asked for it."""
    told = tuple(one.client_id for one in session.clients if one.client_id != but and _listens(ctx, one.client_id))
    held = session.idp_checked_at is not None and bool(ctx.load(IDP_SESSION, session_id, lapses=True).session)
    return SESSION.append(session_id, SessionEnded(told=told, held=held))


def left(ctx: Context, session_id: str, client_id: str) -> Append:
    """The end of a session for one application alone, which is told if it wants to be."""
    return SESSION.append(session_id, SessionClientLeft(client_id=client_id, told=_listens(ctx, client_id)))


def frames(ctx: Context, session_id: str, session: Session) -> tuple[str, ...]:
    """Front-Channel Logout 1.0 section 3: what the browser has to load for the applications of a session."""
    applications = (application_of(ctx, one.client_id) for one in session.clients)
    registered = (one.client_metadata for one in applications if one.active)
    found = (frame_uri(one, ctx.request.issuer, session_id) for one in registered if one.frontchannel_logout_uri)
    return tuple(dict.fromkeys(found))


def unreached(ctx: Context, session: Session, but: str = "", *, browser: bool = True) -> bool:
    """Whether some active OIDC application of a session, ``but`` one, has no way to hear of its end.

    ``browser``: there is one at hand, which loads frames.
    """
    applications = (application_of(ctx, one.client_id) for one in session.clients if one.client_id != but)
    known = [one for one in applications if _is_oidc(one)]
    return not all(one.hears or (browser and bool(one.client_metadata.frontchannel_logout_uri)) for one in known)


def _is_oidc(application: Application) -> bool:
    return application.active and application.saml is None


def _listens(ctx: Context, client_id: str) -> bool:
    """Whether a client is told. What one wants that is known by a document is read when it is: nobody waits here."""
    if is_document(client_id):
        return True
    application = ctx.load(APPLICATION, client_id)
    return application.active and application.hears
