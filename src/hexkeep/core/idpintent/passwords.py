"""Sign-in by name and password of an account elsewhere, given on a page of ours.

Whoever guesses has the provider try each guess, and many providers lock an account after some: so guesses are limited
here before, more tightly than our own passwords are. One name from one place has few, and one name from everywhere not
many more; one place has its share for all names. A sign-in begins the first count anew, and where somebody has signed
in lately the second does not hold, so strangers who use up a name do not keep its person out.

Names are counted as the broadest directory would compare them: otherwise another spelling would be another name. And
an account that has several, as a user name and addresses, has guesses for two of them. That they are used up is
answered as a wrong password is, for otherwise it would tell which names are one person's; it takes two names, so that
who knows one of them does not keep its person from using the others.
"""

import unicodedata
from datetime import timedelta

from hexkeep.core.idp.state import IdentityProvider
from hexkeep.core.idpintent.asks import CheckAtProvider, FindAtProvider, SignInWay
from hexkeep.core.idpintent.commands import finished
from hexkeep.core.idpintent.errors import IdpNotOffered, IdpRefused
from hexkeep.core.idpintent.identity import Identity
from hexkeep.core.idpintent.messages import CheckIdpLinkPassword, CheckIdpPassword, IdpIntentFinished
from hexkeep.core.idpintent.offers import insist_on_linkable, insist_on_offer, set_up, way_of
from hexkeep.core.idpintent.state import Proof
from hexkeep.core.kernel.aggregate import Append
from hexkeep.core.kernel.ask import CountUp, Keep, Kept
from hexkeep.core.kernel.decision import Context, Decision
from hexkeep.core.kernel.errors import ResourceExhausted
from hexkeep.core.kernel.network import network
from hexkeep.core.session.lately import myself_lately

WINDOW_SECONDS = 900
PER_NAME_AND_PLACE = 5
"""Attempts on one name at one provider from one network address within the window, since the last that succeeded."""
PER_NAME = 10
"""Attempts on one name at one provider from wherever nobody has signed in with it lately."""
NAMES = 2
"""For how many names an account has attempts, however many it has."""
PER_PLACE = 100
"""Attempts from one network address, on whomever."""
KNOWN_PLACE = "idp_password.known"
"""Under which the expiring store remembers when somebody signed in from where."""
REMEMBERED = timedelta(days=30)


def check_idp_password(request: CheckIdpPassword, ctx: Context) -> Decision[IdpIntentFinished]:
    """Find out whose name and password these are at an identity provider, and who that is here.

    A wrong name and a wrong password are answered alike. What follows is as for who has come back from a provider.
    """
    provider = insist_on_offer(ctx, request.identity_provider_id, request.organization_id)
    identity, made = _checked(ctx, provider, request)
    known = request.model_dump(exclude={"login_name", "password"})
    proof = Proof(identity=identity, checked_at=ctx.now, **known)
    return finished(ctx, provider, proof, made)


def check_idp_link_password(request: CheckIdpLinkPassword, ctx: Context) -> Decision[IdpIntentFinished]:
    """Find out whether name and password at an identity provider are right, to link the account to the caller's own.

    Attempts count as those to sign in do. Only who has signed in lately does that: raises ``ReauthenticationRequired``.
    """
    _, user = myself_lately(ctx)
    provider = insist_on_linkable(ctx, request.identity_provider_id, user.organization_id)
    identity, made = _checked(ctx, provider, request)
    proof = Proof(
        identity_provider_id=request.identity_provider_id,
        identity=identity,
        checked_at=ctx.now,
        organization_id=user.organization_id,
        session_id=ctx.caller.session_id,
    )
    return finished(ctx, provider, proof, made)


def _checked(
    ctx: Context, provider: IdentityProvider, request: CheckIdpPassword | CheckIdpLinkPassword
) -> tuple[Identity, tuple[Append, ...]]:
    """Whose name and password these are there, and what is written for the provider; an attempt, which counts."""
    place = network(ctx.request.address)
    if place and not _counted(ctx, f"idp_password/from/{place}", PER_PLACE):
        raise _too_many()
    if way_of(ctx, provider) is not SignInWay.PASSWORD:
        raise IdpNotOffered
    name = f"{request.identity_provider_id} {counted_as(request.login_name)}"
    if not _may_try(ctx, name, place):
        raise _too_many()
    known, made = set_up(ctx, request.identity_provider_id, provider)
    account = f"{request.identity_provider_id} account {ctx.ask(FindAtProvider(known, request.login_name)) or name}"
    spent = not _may_try(ctx, account, place, NAMES)
    told = ctx.ask(CheckAtProvider(known, ctx.new_secret() if spent else request.login_name, request.password))
    if spent:
        raise IdpRefused("attempts")  # whoever that may be, it was nobody's name
    identity = told.model_copy(update={"authenticated_at": ctx.now})
    if place:
        for one in (name, account):
            ctx.ask(Keep(KNOWN_PLACE, f"{place} {one}", ctx.now.isoformat().encode(), ctx.now + REMEMBERED))
    return identity, made


def counted_as(login_name: str) -> str:
    """What attempts on a name are counted by, the same for all that a directory may take for one.

    Directories compare without case, without insignificant spaces, in a compatibility form, and without characters that
    nobody sees (RFC 4518 section 2); some without accents. Two names that have one count are no harm.
    """
    plain = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", login_name).casefold())
    return "".join(one for one in plain if one.isalnum() or (one.isascii() and one.isprintable() and one != " "))


def _may_try(ctx: Context, name: str, place: str, names: int = 1) -> bool:
    """Count an attempt on what has as many as some names; what the first limit refuses does not count for the second.

    No name has a space, so that no account is one.
    """
    here = f"{place} {name}"
    known = ctx.ask(Kept(KNOWN_PLACE, here))
    since = known.decode() if known else ""
    if not _counted(ctx, f"idp_password/place/{here}/{since}", names * PER_NAME_AND_PLACE):
        return False
    return known is not None or _counted(ctx, f"idp_password/name/{name}", names * PER_NAME)


def _counted(ctx: Context, bucket: str, limit: int) -> bool:
    """Count one more, and tell whether it is within the limit."""
    return ctx.ask(CountUp(bucket, WINDOW_SECONDS)) <= limit


def _too_many() -> ResourceExhausted:
    return ResourceExhausted("Too many attempts to sign in", retry_after=WINDOW_SECONDS)
