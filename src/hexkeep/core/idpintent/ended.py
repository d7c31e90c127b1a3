"""Sessions that a provider has ended there: which sessions here that are, however it says so."""

from collections.abc import Iterator
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
from hexkeep.core.kernel.ask import ClaimOnce, CountUp, Keep, Kept, RowsOf
from hexkeep.core.kernel.decision import Context, Decision
from hexkeep.core.kernel.errors import NotFound, ResourceExhausted
from hexkeep.core.kernel.fields import Id
from hexkeep.core.kernel.network import network
from hexkeep.core.kernel.operation import Empty, Message
from hexkeep.core.kernel.view import And, Compare, Comparison, Select, eq
from hexkeep.core.oidc import participants
from hexkeep.core.session.projection import SESSIONS
from hexkeep.core.session.state import SESSION, Session, idp_index_hash, idp_name_hash

BACK_CHANNEL_LOGOUT, FRONT_CHANNEL_LOGOUT = "/oidc/rp/backchannel-logout", "/oidc/rp/frontchannel-logout"
"""Below them each identity provider has its place, on the primary origin; it is registered there."""
ONCE = "idp_logout_request"
"""Under which the ids of what providers have said are remembered until it is over."""
OVER = "idp_session_over"
"""Under which it is remembered for as long as a proof holds that what it began by is over."""
AT_ONCE, NOTED = 200, 50
"""Sessions that are ended by one word of a provider, and names of sessions that are remembered to be over."""
WINDOW_SECONDS, REFUSALS = 300, 100
"""How many tokens of one network address may be refused within the window before it is told to stay away.

What a provider has signed is never among them: all its people may sign out at the same time, from one address.
"""
FRAMES = 300
"""How many frames of one network address count within the window."""


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
    ending = ended_there(ctx, request.identity_provider_id, told)
    return Decision(Empty(), *(participants.ended(ctx, *one) for one in ending.items()))


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
    ending = dict(_standing(ctx, "", (idp_index_hash(ctx, provider_id, index),)))
    return Decision(Empty(), *(participants.ended(ctx, *one) for one in ending.items()))


def hearable(ctx: Context, provider_id: str, provider: IdentityProvider) -> ProviderSetUp:
    """A provider as its kind has to know it to hear it; raises ``NotFound`` where there is a key to be made for that.

    Nobody has signed in by it then, and what is written of sessions cannot stand beside a new key.
    """
    known, made = set_up(ctx, provider_id, provider)
    if made:
        raise NotFound
    return known


def ended_there(ctx: Context, provider_id: str, told: LogoutThere) -> dict[str, Session]:
    """The sessions here that began by what a provider has ended there, to be ended.

    What a provider says counts once: raises ``IdpMalformed`` the second time. Those who have seen it could otherwise
    end what began since.
    """
    if not ctx.ask(ClaimOnce(ONCE, f"{provider_id} {told.id}", told.until)):
        raise IdpMalformed("replayed")
    indexes = tuple(idp_index_hash(ctx, provider_id, one) for one in told.indexes)
    name = idp_name_hash(ctx, provider_id, told.name)
    for one in filter(None, (indexes or (name,))[:NOTED]):
        ctx.ask(Keep(OVER, one, ctx.now.isoformat().encode(), ctx.now + HOLDS))
    return dict(_standing(ctx, name, indexes))


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


def _standing(ctx: Context, name: str, indexes: tuple[str, ...]) -> Iterator[tuple[str, Session]]:
    """Those that began by what the provider calls the person, and the session where it says which.

    One of several sessions is told with its person alone.
    """
    named = (eq("idp_name_hash", name),) if name else ()
    indexed = (eq("idp_index_hash", indexes[0]),) if len(indexes) == 1 else ()
    if not named and not indexed:
        return
    active = (*named, *indexed, eq("ended", value=False), Compare("expires_at", Comparison.GT, ctx.now))
    for row in ctx.ask(RowsOf(Select(SESSIONS, And(active), limit=AT_ONCE), unscoped=True, current=True)):
        session = ctx.load(SESSION, str(row["session_id"]))
        if session.active(ctx.now) and (not indexes or row["idp_index_hash"] in indexes):
            yield str(row["session_id"]), session


def _count_refusal(ctx: Context) -> None:
    place = network(ctx.request.address)
    if place and ctx.ask(CountUp(f"idp_ended/refused/{place}", WINDOW_SECONDS)) > REFUSALS:
        raise ResourceExhausted("Too much was refused from there", retry_after=WINDOW_SECONDS)
