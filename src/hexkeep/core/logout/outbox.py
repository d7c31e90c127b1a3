"""What follows from the end of sessions: applications are told, and what providers have given is given back.

And what ends sessions although it is in the other log.

Nothing here holds a person's data: ids alone, so an application is told of the end of an erased user's session as well.
"""

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta

from pydantic import JsonValue

from hexkeep.core.consent.events import ConsentRevoked
from hexkeep.core.idplink.events import IdentityProviderLinkRemoved
from hexkeep.core.kernel.event import Event, Log, Recorded
from hexkeep.core.kernel.outbox import Delivery, Outbox
from hexkeep.core.organization.events import OrganizationDeactivated
from hexkeep.core.session.events import IdpSessionKept, SessionClientLeft, SessionEnded, SessionIdpOthersEnded
from hexkeep.core.user.events import UserDeactivated, UserLocked, UserPasswordSet, UserRemoved

LOGOUT_CHANNEL = "backchannel_logout"
"""Brings logout tokens to applications, and requests for a logout to service providers of SAML."""
SESSIONS_CHANNEL = "sessions"
"""Ends sessions that rest on nothing any more."""
OTHERS_CHANNEL = "idp_sessions"
"""Ends sessions that an identity provider has ended there, where there are more than end at once."""
REVOCATIONS_CHANNEL = "idp_revocation"
"""Gives back to identity providers what they have given for sessions."""
OF_USE = timedelta(days=1)
"""For how long an application is told: its own session is over by then, or nobody will ever answer there."""
TO_PROVE_ANEW = timedelta(minutes=1)
"""For how long sessions are left alone behind a change of the password: a person goes on in the one at hand."""


def logouts(recorded: Recorded[Event]) -> Iterator[Delivery]:
    """One delivery for each application that is to be told; a session is over for it once."""
    told: tuple[str, ...] = ()
    match recorded.event:
        case SessionEnded(told=clients):
            told = clients
        case SessionClientLeft(client_id=client_id, told=True):
            told = (client_id,)
    for one in told:
        payload: dict[str, JsonValue] = {"client_id": one, "session_id": recorded.aggregate_id}
        yield Delivery(LOGOUT_CHANNEL, payload, expires_at=recorded.created_at + OF_USE)


def endings(recorded: Recorded[Event]) -> Iterable[Delivery]:
    """One delivery for those whose sessions may have ended with what happened in the durable log.

    A lock for a time suspends the user's sessions, and they go on after it. Nothing follows where an application, or
    its project, is switched off or removed: those in it are signed in here all the same, and it is not there to tell.
    """
    match recorded.event:
        case OrganizationDeactivated():
            yield Delivery(SESSIONS_CHANNEL, {"organization_id": recorded.aggregate_id})
        case UserDeactivated() | UserRemoved() | UserLocked(until=None):
            yield _ending(recorded.aggregate_id)
        case IdentityProviderLinkRemoved(user_id=user_id, session_id=session_id) if user_id:
            yield Delivery(SESSIONS_CHANNEL, {"user_id": user_id, "client_id": "", "but": session_id})
        case UserPasswordSet(replaces=True):
            yield Delivery(
                SESSIONS_CHANNEL,
                {"user_id": recorded.aggregate_id, "client_id": ""},
                not_before=recorded.created_at + TO_PROVE_ANEW,
            )
        case ConsentRevoked(user_id=user_id, client_id=client_id) if user_id:
            yield _ending(user_id, client_id)


def others(recorded: Recorded[Event]) -> Iterable[Delivery]:
    """One delivery for all sessions that are left of those that an identity provider has ended by one word."""
    if isinstance(recorded.event, SessionIdpOthersEnded):
        yield Delivery(OTHERS_CHANNEL, recorded.event.model_dump(mode="json"))


def revocations(recorded: Recorded[Event]) -> Iterable[Delivery]:
    """One delivery for a session that is over, or will be, or whose link was removed in it, if anything may be held."""
    match recorded.event:
        case SessionEnded(held=True):
            yield _revocation(recorded.aggregate_id, recorded.created_at)
        case IdpSessionKept(session_ends_at=datetime() as over):
            yield _revocation(recorded.aggregate_id, over, f"{recorded.aggregate_id} over")
        case IdentityProviderLinkRemoved(session_id=session_id) if session_id:
            yield _revocation(session_id, recorded.created_at)


def _revocation(session_id: str, due: datetime, key: str = "") -> Delivery:
    payload: dict[str, JsonValue] = {"session_id": session_id}
    return Delivery(REVOCATIONS_CHANNEL, payload, key=key, not_before=due, expires_at=due + OF_USE)


def _ending(user_id: str, client_id: str = "") -> Delivery:
    return Delivery(SESSIONS_CHANNEL, {"user_id": user_id, "client_id": client_id})


OUTBOXES = (
    Outbox("backchannel_logouts", Log.ACTIVITY, (SessionEnded, SessionClientLeft), logouts),
    Outbox(
        "session_endings",
        Log.DURABLE,
        (
            OrganizationDeactivated,
            UserDeactivated,
            UserRemoved,
            UserLocked,
            UserPasswordSet,
            ConsentRevoked,
            IdentityProviderLinkRemoved,
        ),
        endings,
    ),
    Outbox("idp_session_endings", Log.ACTIVITY, (SessionIdpOthersEnded,), others),
    Outbox("idp_revocations", Log.ACTIVITY, (SessionEnded, IdpSessionKept), revocations),
    Outbox("link_revocations", Log.DURABLE, (IdentityProviderLinkRemoved,), revocations),
)
