"""Sessions that a provider has ended there: which sessions here that are, however it says so."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from pydantic import Field

from hexkeep.core.idp.state import IDENTITY_PROVIDER, IdentityProvider
from hexkeep.core.idpintent.asks import (
    LogoutThere,
    ProviderSetUp,
    SessionEndedAtProvider,
    SessionLeftAtProvider,
)
from hexkeep.core.idpintent.errors import IdpIntentInvalid, IdpMalformed
from hexkeep.core.idpintent.offers import set_up
from hexkeep.core.idpintent.state import HOLDS, Proof
from hexkeep.core.kernel.aggregate import Append
from hexkeep.core.kernel.ask import CountUp, Keep, Kept, RowsOf
from hexkeep.core.kernel.decision import Context, Decision
from hexkeep.core.kernel.errors import NotFound, ResourceExhausted
from hexkeep.core.kernel.fields import Id
from hexkeep.core.kernel.network import network
from hexkeep.core.kernel.operation import Empty, Message
from hexkeep.core.kernel.view import And, Compare, Comparison, Select
from hexkeep.core.oidc import participants
from hexkeep.core.session.events import SessionIdpOthersEnded
from hexkeep.core.session.projection import SESSIONS, begun_elsewhere
from hexkeep.core.session.state import SESSION, Session, idp_index_hash, idp_name_hash

BACK_CHANNEL_LOGOUT, FRONT_CHANNEL_LOGOUT = "/oidc/rp/backchannel-logout", "/oidc/rp/frontchannel-logout"
"""Below them each identity provider has its place, on the primary origin; it is registered there."""
SAID = "idp_logout_said"
"""Under which it is remembered when providers have first said what they have, by its id, until it is over."""
OVER = "idp_session_over"
"""Under which it is remembered for as long as a proof holds that what it began by is over."""
AT_ONCE, NOTED = 200, 50
"""Sessions that end at once by one word of a provider, and names of sessions that are remembered to be over."""
WINDOW_SECONDS, REFUSALS = 300, 100
"""How many tokens of one network address may be refused within the window before it is told to stay away.

What a provider has signed is never among them: all its people may sign out at the same time, from one address.
"""
FRAMES = 300
"""How many frames of one network address count within the window."""


@dataclass(frozen=True, slots=True)
class EndingThere:
    """The sessions here that end because a provider has ended what they began by; ``rest`` has the others end soon."""

    sessions: Mapping[str, Session]
    rest: tuple[Append, ...] = field(default=(), repr=False)


class ReceiveIdpBackChannelLogout(Message):
    """What somebody has posted who says to be this identity provider: the fields of a form, each of which came once."""

    identity_provider_id: Id
    form: dict[str, str] = Field(repr=False)


def receive_idp_back_channel_logout(request: ReceiveIdpBackChannelLogout, ctx: Context) -> Decision[Empty]:
    """End the sessions that began by a session at an identity provider that is over (Back-Channel Logout section 2.7).

    A session that is not there is over, which is what was asked for; the answer tells nothing of it. Raises
    ``NotFound`` where there is no such provider, ``IdpMalformed`` for what it has not said, and ``ResourceExhausted``
    for too much of that from one network address.
    """
    provider = ctx.load(IDENTITY_PROVIDER, request.identity_provider_id)
    if not provider.active:
        raise NotFound
    known = hearable(ctx, request.identity_provider_id, provider)
    told = ctx.ask(SessionEndedAtProvider(known, request.form))
    if told is None:
        _count_refusal(ctx)
        raise IdpMalformed
    return Decision(Empty(), *endings(ctx, ended_there(ctx, request.identity_provider_id, told)))


class ReceiveIdpFrontChannelLogout(Message):
    """The query of a frame that a page of this identity provider has shown, each parameter of which came once."""

    identity_provider_id: Id
    parameters: dict[str, str] = Field(repr=False)


def receive_idp_front_channel_logout(request: ReceiveIdpFrontChannelLogout, ctx: Context) -> Decision[Empty]:
    """End the session that began by the one that a frame names (Front-Channel Logout section 2); whoever has it loaded.

    It is the name of the session that is believed, which nobody can guess. A session that is not there is over. Raises
    as ``receive_idp_back_channel_logout`` does, the last for more frames than a network needs.
    """
    provider_id = request.identity_provider_id
    provider = ctx.load(IDENTITY_PROVIDER, provider_id)
    if not provider.active:
        raise NotFound
    known = hearable(ctx, provider_id, provider)
    place = network(ctx.request.address)
    if place and ctx.ask(CountUp(f"idp_ended/frames/{place}", WINDOW_SECONDS)) > FRAMES:
        raise ResourceExhausted("Too many requests to sign out", retry_after=WINDOW_SECONDS)
    index = ctx.ask(SessionLeftAtProvider(known, request.parameters))
    if not index:
        raise IdpMalformed
    return Decision(Empty(), *endings(ctx, _ending(ctx, "", (idp_index_hash(ctx, provider_id, index),))))


def hearable(ctx: Context, provider_id: str, provider: IdentityProvider) -> ProviderSetUp:
    """A provider as its kind has to know it to hear it; raises ``NotFound`` where there is a key to be made for that.

    Nobody has signed in by it then, and what is written of sessions cannot stand beside a new key.
    """
    known, made = set_up(ctx, provider_id, provider)
    if made:
        raise NotFound
    return known


def ended_there(ctx: Context, provider_id: str, told: LogoutThere) -> EndingThere:
    """The sessions here that began by what a provider has ended there, to be ended.

    The provider may say the same again, for it cannot know whether that was written which follows from it. Said again,
    it reaches what had begun when it was first heard: those who have seen it end nothing that began since.
    """
    indexes = tuple(idp_index_hash(ctx, provider_id, one) for one in told.indexes)
    name, said = idp_name_hash(ctx, provider_id, told.name), f"{provider_id} {told.id}"
    first = ctx.ask(Kept(SAID, said))
    if first is not None:
        return _ending(ctx, name, indexes, datetime.fromisoformat(first.decode()))
    now = ctx.now.isoformat().encode()
    for one in filter(None, (indexes or (name,))[:NOTED]):
        ctx.ask(Keep(OVER, one, now, ctx.now + HOLDS))
    ctx.ask(Keep(SAID, said, now, told.until))  # at last: whoever finds it finds all that goes before
    return _ending(ctx, name, indexes)


def endings(ctx: Context, ending: EndingThere) -> tuple[Append, ...]:
    """What is written of sessions that end so."""
    return (*(participants.ended(ctx, *one) for one in ending.sessions.items()), *ending.rest)


def insist_on_session_there(ctx: Context, proof: Proof) -> None:
    """Raise ``IdpIntentInvalid`` where the session is over that somebody came back from, or the provider has ended it.

    That somebody may have been choosing an account here meanwhile, and had no session that could have been ended.
    """
    provider_id, identity = proof.identity_provider_id, proof.identity
    if identity.session_ends_at is not None and identity.session_ends_at <= ctx.now:
        raise IdpIntentInvalid
    name, index = identity.session_name, identity.session_index
    for one in filter(None, (idp_name_hash(ctx, provider_id, name), idp_index_hash(ctx, provider_id, index))):
        ended_at = ctx.ask(Kept(OVER, one))
        if ended_at is not None and proof.checked_at <= datetime.fromisoformat(ended_at.decode()):
            raise IdpIntentInvalid


def _ending(ctx: Context, name_hash: str, index_hashes: tuple[str, ...], upto: datetime | None = None) -> EndingThere:
    """Those that began by what the provider calls the person, and by the sessions there where it says which."""
    active = And((begun_elsewhere(name_hash, index_hashes, upto), Compare("expires_at", Comparison.GT, ctx.now)))
    rows = ctx.ask(RowsOf(Select(SESSIONS, active, limit=AT_ONCE + 1), unscoped=True, current=True))
    ids = [str(row["session_id"]) for row in rows[:AT_ONCE]]
    found = {session_id: ctx.load(SESSION, session_id) for session_id in ids}
    sessions = {session_id: session for session_id, session in found.items() if session.active(ctx.now)}
    if len(rows) <= AT_ONCE:
        return EndingThere(sessions)
    others = SessionIdpOthersEnded(name_hash=name_hash, index_hashes=index_hashes, ended_at=upto or ctx.now)
    return EndingThere(sessions, (SESSION.append(ids[-1], others),))


def _count_refusal(ctx: Context) -> None:
    place = network(ctx.request.address)
    if place and ctx.ask(CountUp(f"idp_ended/refused/{place}", WINDOW_SECONDS)) > REFUSALS:
        raise ResourceExhausted("Too much was refused from there", retry_after=WINDOW_SECONDS)
