"""Signing out where somebody came from: there, and back to where the sign-out here was to lead."""

from datetime import timedelta

from hexkeep.core.idp.state import IDENTITY_PROVIDER
from hexkeep.core.idpintent.asks import KnownAccount, SignOutAtProvider
from hexkeep.core.idpintent.errors import IdpIntentInvalid
from hexkeep.core.idpintent.messages import FinishIdpLogout, IdpLogoutFinished
from hexkeep.core.idpintent.offers import set_up
from hexkeep.core.kernel.ask import Keep, Take
from hexkeep.core.kernel.decision import Context, Decision
from hexkeep.core.kernel.hosts import keep_host
from hexkeep.core.session.state import IDP_SESSION

LOGOUT_CALLBACK = "/ui/idp/signed-out"
"""Where providers send browsers back to that were signed out there, on the primary origin; it is registered there."""
LOGOUTS = "idp_logout"
"""Under which the expiring store keeps where a sign-out was to lead."""
HOLDS = timedelta(minutes=15)


def way_out(ctx: Context, session_id: str, onward: str) -> str:
    """Where the browser goes to be signed out at the provider that a session came by; empty where it does not.

    ``onward`` is where it goes from there, empty for our own page. A provider that fails keeps nobody signed in here.
    """
    kept = ctx.load(IDP_SESSION, session_id, lapses=True)
    if not kept.session:
        return ""
    provider = ctx.load(IDENTITY_PROVIDER, kept.identity_provider_id)
    if not provider.active or not provider.options.provider_logout:
        return ""
    known, state = KnownAccount(kept.external_id, kept.session), ctx.new_secret()
    back = f"{ctx.request.issuer}{LOGOUT_CALLBACK}"
    there, made = set_up(ctx, kept.identity_provider_id, provider)
    if made:
        return ""  # a key of the durable log, which cannot be written beside the end of a session
    url = ctx.ask(SignOutAtProvider(there, known, back, state))
    if url:
        ctx.ask(Keep(LOGOUTS, state, onward.encode(), ctx.now + HOLDS))
        keep_host(ctx, state, ctx.now + HOLDS)
    return url


def finish_idp_logout(request: FinishIdpLogout, ctx: Context) -> Decision[IdpLogoutFinished]:
    """Tell where a browser goes that was signed out at a provider; the state is good once."""
    found = ctx.ask(Take(LOGOUTS, request.state))
    if found is None:
        raise IdpIntentInvalid
    return Decision(IdpLogoutFinished(redirect_to=found.decode()))
