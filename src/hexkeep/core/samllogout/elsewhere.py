"""Single logout with identity providers, to which the instance is a service provider (Profiles section 4.4)."""

from collections.abc import Mapping
from urllib.parse import urlencode

from pydantic import Field

from hexkeep.core.idp.state import IDENTITY_PROVIDER, IdentityProvider
from hexkeep.core.idpintent.asks import LogoutAtProvider, LogoutThere, PartyKinds, ProviderSetUp
from hexkeep.core.idpintent.ended import ended_there, endings, hearable
from hexkeep.core.idpintent.errors import IdpMalformed
from hexkeep.core.idpintent.logout import LOGOUT_CALLBACK
from hexkeep.core.kernel.decision import Context, Decision
from hexkeep.core.kernel.errors import NotFound
from hexkeep.core.kernel.fields import Id
from hexkeep.core.kernel.operation import Message
from hexkeep.core.oidc import participants
from hexkeep.core.saml import rates, single_logout
from hexkeep.core.saml.bindings import REQUEST, RESPONSE, SamlRequestBinding, received
from hexkeep.core.saml.errors import SUCCESS
from hexkeep.core.samllogout.messages import SamlLogoutKind, SamlLogoutStep
from hexkeep.core.session.state import Session

PER_PLACE = 200
"""Requests from one network address within the window."""


class ReceiveIdpLogout(Message):
    """A LogoutRequest or LogoutResponse of an identity provider as it came. ``query`` is as in ``StartSamlSignIn``."""

    identity_provider_id: Id
    binding: SamlRequestBinding
    query: str = Field(max_length=65_536, repr=False)


def receive_idp_logout(request: ReceiveIdpLogout, ctx: Context) -> Decision[SamlLogoutStep]:
    """End the sessions that an identity provider's LogoutRequest names, or go on after a logout there.

    A request has to be signed by the provider, and reaches sessions alone that began by it. Sessions that are not there
    are over, which is what was asked for. Raises ``IdpMalformed`` for what cannot be believed. A response ends nothing:
    it leads the browser on to where the logout that it answers was to lead, by its RelayState. Raises
    ``ResourceExhausted`` for too many requests from one network address.
    """
    provider = _provider(ctx, request.identity_provider_id)
    message = received(request.binding, request.query, REQUEST, RESPONSE)
    if message.parameter == RESPONSE:
        onward = f"{LOGOUT_CALLBACK}?{urlencode({'state': message.relay_state})}"
        return Decision(SamlLogoutStep(kind=SamlLogoutKind.DONE, redirect_to=onward))
    known = hearable(ctx, request.identity_provider_id, provider)
    rates.count(ctx, "idp_logout/from", PER_PLACE)
    told = ctx.ask(LogoutAtProvider(known, request.binding, request.query))
    if told.status != SUCCESS:
        raise IdpMalformed("status")
    ending = ended_there(ctx, request.identity_provider_id, told)
    return Decision(_step(ctx, told, ending.sessions), *endings(ctx, ending))


def party(ctx: Context, provider_id: str) -> ProviderSetUp:
    """A provider that knows the instance as a party, with that; raises ``NotFound`` where there is none."""
    return hearable(ctx, provider_id, _provider(ctx, provider_id))


def _provider(ctx: Context, provider_id: str) -> IdentityProvider:
    provider = ctx.load(IDENTITY_PROVIDER, provider_id)
    if not provider.active or provider.kind not in ctx.ask(PartyKinds()):
        raise NotFound
    return provider


def _step(ctx: Context, told: LogoutThere, ending: Mapping[str, Session]) -> SamlLogoutStep:
    """Back to the provider; before that to service providers of ours that hear by the browser alone.

    These are told on the way where the answer is in the URL; by a form there is no way around over them.
    """
    url, fields = told.answer.url, dict(told.answer.fields)
    frames = tuple(dict.fromkeys(uri for one in ending.items() for uri in participants.frames(ctx, *one)))
    token = single_logout.begun(ctx, ending, return_to=url) if ending and not fields else ""
    if token:
        return SamlLogoutStep(kind=SamlLogoutKind.ONWARD, token=token, frames=frames)
    kind = SamlLogoutKind.ANSWER if url else SamlLogoutKind.DONE
    return SamlLogoutStep(kind=kind, redirect_to=url, fields=fields, frames=frames)
