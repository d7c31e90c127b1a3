"""Sign-in by name and password of an account elsewhere, given on a page of ours.

Whoever guesses has the provider try each guess, and many providers lock an account after some: so guesses are limited
here before, more tightly than our own passwords are. One name from one place has few, and one name from everywhere not
many more; one place has its share for all names. A sign-in begins the first count anew, and where somebody has signed
in lately the second does not hold, so strangers who use up a name do not keep its person out.

Names are counted as the broadest directory would compare them: otherwise another spelling would be another name.
"""

import unicodedata
from datetime import timedelta

from hexkeep.core.idpintent.asks import CheckAtProvider, SignInWay
from hexkeep.core.idpintent.commands import finished
from hexkeep.core.idpintent.errors import IdpNotOffered
from hexkeep.core.idpintent.messages import CheckIdpPassword, IdpIntentFinished
from hexkeep.core.idpintent.offers import insist_on_offer, set_up, way_of
from hexkeep.core.idpintent.state import Proof
from hexkeep.core.kernel.ask import CountUp, Keep, Kept
from hexkeep.core.kernel.decision import Context, Decision
from hexkeep.core.kernel.errors import ResourceExhausted
from hexkeep.core.kernel.network import network

WINDOW_SECONDS = 900
PER_NAME_AND_PLACE = 5
"""Attempts on one name at one provider from one network address within the window, since the last that succeeded."""
PER_NAME = 10
"""Attempts on one name at one provider from wherever nobody has signed in with it lately."""
PER_PLACE = 100
"""Attempts from one network address, on whomever."""
KNOWN_PLACE = "idp_password.known"
"""Under which the expiring store remembers when somebody signed in from where."""
REMEMBERED = timedelta(days=30)


def check_idp_password(request: CheckIdpPassword, ctx: Context) -> Decision[IdpIntentFinished]:
    """Find out whose name and password these are at an identity provider, and who that is here.

    A wrong name and a wrong password are answered alike. What follows is as for who has come back from a provider.
    """
    place = network(ctx.request.address)
    if place:
        _count(ctx, f"idp_password/from/{place}", PER_PLACE)
    provider = insist_on_offer(ctx, request.identity_provider_id, request.organization_id)
    if way_of(ctx, provider) is not SignInWay.PASSWORD:
        raise IdpNotOffered
    name = f"{request.identity_provider_id} {counted_as(request.login_name)}"
    _count_name(ctx, name, place)
    known, made = set_up(ctx, request.identity_provider_id, provider)
    identity = ctx.ask(CheckAtProvider(known, request.login_name, request.password))
    if place:
        ctx.ask(Keep(KNOWN_PLACE, f"{place} {name}", ctx.now.isoformat().encode(), ctx.now + REMEMBERED))
    proof = Proof(identity=identity, checked_at=ctx.now, **request.model_dump(exclude={"login_name", "password"}))
    return finished(ctx, provider, proof, made)


def counted_as(login_name: str) -> str:
    """What attempts on a name are counted by, the same for all that a directory may take for one.

    Directories compare without case, without insignificant spaces, in a compatibility form, and without characters that
    nobody sees (RFC 4518 section 2); some without accents. Two names that have one count are no harm.
    """
    plain = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", login_name).casefold())
    return "".join(one for one in plain if one.isalnum() or (one.isascii() and one.isprintable() and one != " "))


def _count_name(ctx: Context, name: str, place: str) -> None:
    """Count an attempt on a name; what the first limit refuses does not count towards the second."""
    here = f"{place} {name}"
    known = ctx.ask(Kept(KNOWN_PLACE, here))
    since = known.decode() if known else ""
    _count(ctx, f"idp_password/place/{here}/{since}", PER_NAME_AND_PLACE)
    if known is None:
        _count(ctx, f"idp_password/name/{name}", PER_NAME)


def _count(ctx: Context, bucket: str, limit: int) -> None:
    if ctx.ask(CountUp(bucket, WINDOW_SECONDS)) > limit:
        raise ResourceExhausted("Too many attempts to sign in", retry_after=WINDOW_SECONDS)
