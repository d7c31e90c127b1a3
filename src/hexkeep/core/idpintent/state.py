"""What is kept of a sign-in elsewhere while it lasts: the attempt, and then the proof of who it was."""

import json
from datetime import datetime, timedelta

from pydantic import BaseModel, ConfigDict, Field

from hexkeep.core.idpintent.errors import IdpIntentInvalid
from hexkeep.core.idpintent.identity import Identity
from hexkeep.core.kernel.ask import CountUp, Keep, Kept, Take
from hexkeep.core.kernel.decision import Context
from hexkeep.core.kernel.errors import ResourceExhausted
from hexkeep.core.kernel.hosts import keep_host
from hexkeep.core.kernel.network import network
from hexkeep.core.oidc.recency import is_recent

ATTEMPTS, AWAITED, ANSWERS, PROOFS = "idp_attempt", "idp_awaited", "idp_answer", "idp_proof"
"""Under which the expiring store keeps attempts, states that something may be posted for, that, and proofs."""
HOLDS = timedelta(minutes=15)
"""How long somebody may take at the provider, and again to choose an account here."""
HOP = timedelta(minutes=2)
"""How long what was posted waits for the browser that posted it."""
WINDOW_SECONDS, POSTS_PER_PLACE, LARGE_PER_PLACE = 300, 100, 30
"""Answers that are taken from one network address within the window, and how many of them may be large."""
LARGE = 32_768
"""More characters than this are a large answer. An assertion with some attributes and a signature is none."""


class Attempt(BaseModel):
    """Somebody has gone to a provider. ``organization_id`` is the one whose people alone are meant, if any."""

    model_config = ConfigDict(frozen=True, hide_input_in_errors=True)

    identity_provider_id: str
    organization_id: str = ""
    auth_request_id: str = ""
    session_id: str = ""
    """The session whose person wants to link the account; empty for who wants to sign in by it."""
    kept: dict[str, str] = Field(default_factory=dict, repr=False)
    posts: bool = False
    """Whether what counts is what a page of the provider posts."""
    header: str = ""
    """Which header of the request is wanted that the browser comes back by."""
    login_hint: str = Field(default="", repr=False)
    ui_locales: tuple[str, ...] = ()
    begun_at: datetime
    max_age: int | None = None
    """How many seconds before that somebody may have signed in there at most; empty: whenever."""
    anew: bool = False
    """Whether a sign-in there of before does not do, so that the provider was asked to have somebody sign in again."""

    def authenticated_at(self, identity: Identity, now: datetime) -> datetime | None:
        """When who has come back has signed in there, and never after that.

        A provider that was asked for a new sign-in by an application's wish and tells of none from before has done what
        it was asked for: who cannot does not take such a wish.
        """
        told = identity.authenticated_at
        if told is None:
            return now if self.anew and self.max_age is not None else None
        return min(told, now)

    def is_met_by(self, authenticated_at: datetime | None) -> bool:
        """Whether somebody who has signed in there at a moment, as far as that is known, has done so recently enough.

        What an application wants is not met by what is not known; a page of ours has to be content with it.
        """
        if authenticated_at is None:
            return self.max_age is None
        wanted = 0 if self.anew and self.max_age is None else self.max_age
        return wanted is None or is_recent(authenticated_at, wanted, self.begun_at)

    def keep(self, ctx: Context, state: str, binding: str) -> None:
        """Keep it for who comes back from this provider with this state in this browser."""
        place = _place(self.identity_provider_id, state)
        keep_host(ctx, state, ctx.now + HOLDS)
        if self.posts:
            ctx.ask(Keep(AWAITED, place, b"1", ctx.now + HOLDS))
        ctx.ask(Keep(ATTEMPTS, _place(place, binding), self.model_dump_json().encode(), ctx.now + HOLDS))


class Proof(BaseModel):
    """Somebody has shown to have an account at a provider. Who that is here follows from the account's link by then."""

    model_config = ConfigDict(frozen=True, hide_input_in_errors=True)

    identity_provider_id: str
    identity: Identity
    checked_at: datetime
    organization_id: str = ""
    auth_request_id: str = ""
    session_id: str = ""
    """The session whose person wants to link the account, in which case it signs nobody in."""
    anew: bool = False
    """Whether the person had to show it there for this, by a provider that does not tell when that was."""

    def keep(self, ctx: Context, token: str) -> None:
        """Keep it for who presents the token, until as long after the sign-in there as it holds."""
        ctx.ask(Keep(PROOFS, token, self.model_dump_json().encode(), self.checked_at + HOLDS))


def taken_attempt(ctx: Context, provider_id: str, state: str, binding: str) -> Attempt:
    """The attempt, once; raises ``IdpIntentInvalid``.

    Another browser finds nothing and uses nothing up, nor does who comes back from another provider.
    """
    found = ctx.ask(Take(ATTEMPTS, _place(_place(provider_id, state), binding)))
    if found is None:
        raise IdpIntentInvalid
    return Attempt.model_validate_json(found)


def keep_answer(ctx: Context, provider_id: str, state: str, parameters: dict[str, str]) -> None:
    """Keep what was posted until the browser comes back by GET, which it does at once.

    Strangers may post as well, so there has to be an attempt that waits for it, and gets one; whose it is, is told by
    the cookie that comes by GET alone. Raises ``IdpIntentInvalid``, and ``ResourceExhausted`` for too much from
    one place.
    """
    _count_post(ctx, sum(len(value) for value in parameters.values()))
    place = _place(provider_id, state)
    if ctx.ask(Take(AWAITED, place)) is None:
        raise IdpIntentInvalid
    ctx.ask(Keep(ANSWERS, place, json.dumps(parameters).encode(), ctx.now + HOP))


def _count_post(ctx: Context, size: int) -> None:
    place = network(ctx.request.address)
    if not place:
        return
    many = ctx.ask(CountUp(f"idp_answer/from/{place}", WINDOW_SECONDS)) > POSTS_PER_PLACE
    if many or (size > LARGE and ctx.ask(CountUp(f"idp_answer/large/{place}", WINDOW_SECONDS)) > LARGE_PER_PLACE):
        raise ResourceExhausted("Too many attempts to sign in", retry_after=WINDOW_SECONDS)


def taken_answer(ctx: Context, provider_id: str, state: str) -> dict[str, str]:
    """What was posted for an attempt, once; raises ``IdpIntentInvalid``."""
    found = ctx.ask(Take(ANSWERS, _place(provider_id, state)))
    if found is None:
        raise IdpIntentInvalid
    answer: dict[str, str] = json.loads(found)
    return answer


def proof_of(ctx: Context, token: str) -> Proof:
    """What a token proves; raises ``IdpIntentInvalid``."""
    return _read(ctx.ask(Kept(PROOFS, token)))


def taken_proof(ctx: Context, token: str) -> Proof:
    """The same, once."""
    return _read(ctx.ask(Take(PROOFS, token)))


def _read(found: bytes | None) -> Proof:
    if found is None:
        raise IdpIntentInvalid
    return Proof.model_validate_json(found)


def _place(first: str, second: str) -> str:
    return f"{first} {second}"
