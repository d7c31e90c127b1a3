"""The way of a browser from one service provider to the next, and at last to who has asked (Core section 3.7.3.2)."""

from hexkeep.core.application.state import APPLICATION
from hexkeep.core.kernel.ask import Keep
from hexkeep.core.kernel.decision import Context, Decision
from hexkeep.core.kernel.hosts import keep_host
from hexkeep.core.oidc.parties import held_session
from hexkeep.core.saml import encrypted_id, logout, session_index, single_logout
from hexkeep.core.saml.bindings import REQUEST
from hexkeep.core.saml.errors import PARTIAL_LOGOUT, SUCCESS
from hexkeep.core.saml.single_logout import BY_BROWSER, SENT, Chain, Leg, Outcome
from hexkeep.core.samllogout.answering import answered
from hexkeep.core.samllogout.messages import ContinueSamlLogout, SamlLogoutKind, SamlLogoutStep
from hexkeep.core.samllogout.sending import envelope, sent


def continue_saml_logout(request: ContinueSamlLogout, ctx: Context) -> Decision[SamlLogoutStep]:
    """Go on with a logout: to the next service provider with a request, else back to where it began.

    Who has been asked and has not answered is asked again, unless the person goes on without it. A logout that is over
    ends on our own page.
    """
    forget = bool(request.session_token) and held_session(ctx, request.session_token) is None
    chain = single_logout.kept(ctx, request.token)
    if chain is None:
        return Decision(SamlLogoutStep(kind=SamlLogoutKind.DONE, forget_session=forget))
    leg = chain.next
    if leg is not None and leg.request_id and leg.request_id == request.without:
        chain = chain.having(leg, outcome=Outcome.FAILED)
    chain, step = _onward(ctx, chain)
    chain.keep(ctx, request.token)
    return Decision(step.model_copy(update={**_progress(ctx, chain), "forget_session": forget}))


def _onward(ctx: Context, chain: Chain) -> tuple[Chain, SamlLogoutStep]:
    """The next step, past those that cannot be told any more."""
    while (leg := chain.next) is not None:
        asked = _asked(ctx, leg)
        if asked is not None:
            return chain.having(leg, outcome=Outcome.ASKED, request_id=asked.request_id), asked
        chain = chain.having(leg, outcome=Outcome.FAILED)
    return chain, _last(ctx, chain)


def _asked(ctx: Context, leg: Leg) -> SamlLogoutStep | None:
    """A fresh request to one; ``None`` where it is not there any more, or cannot be told who is meant."""
    application = ctx.load(APPLICATION, leg.client_id)
    place = application.saml.metadata.logout_by(*BY_BROWSER) if application.saml is not None else None
    if application.saml is None or place is None or not application.active:
        return None
    name = single_logout.name_in(ctx, leg.session_id, leg.client_id, application.saml)
    if name is None:
        return None
    head = envelope(ctx, place.url)
    named = encrypted_id.told(ctx, name, application.saml)
    index = session_index.index_of(ctx, leg.session_id, leg.client_id)
    way = sent(
        ctx,
        place.binding,
        place.url,
        REQUEST,
        lambda signed: logout.request(head, named, index, signed=signed),
    )
    if way is None:
        return None
    ctx.ask(Keep(SENT, head.id, leg.client_id.encode(), ctx.now + single_logout.LASTS))
    keep_host(ctx, head.id, ctx.now + single_logout.LASTS)
    return SamlLogoutStep(
        kind=SamlLogoutKind.ASK,
        redirect_to=way.url,
        fields=dict(way.fields),
        client_name=application.name,
        request_id=head.id,
        again=leg.outcome is Outcome.ASKED,
    )


def _last(ctx: Context, chain: Chain) -> SamlLogoutStep:
    """Back to who has asked, with how it went, or where the logout was to end."""
    if chain.asked is not None:
        application = ctx.load(APPLICATION, chain.asked.client_id)
        status = PARTIAL_LOGOUT if chain.failed else SUCCESS
        step = answered(ctx, chain.asked, application.saml, status) if application.saml is not None else None
        if step is not None:
            return step.model_copy(update={"client_name": application.name})
    return SamlLogoutStep(kind=SamlLogoutKind.DONE, redirect_to=chain.return_to)


def _progress(ctx: Context, chain: Chain) -> dict[str, tuple[str, ...]]:
    """What has become of all of them, by the names of the applications."""
    named = {leg.client_id: ctx.load(APPLICATION, leg.client_id).name or leg.client_id for leg in chain.legs}
    fields = {"told": Outcome.TOLD, "failed": Outcome.FAILED, "waiting": Outcome.WAITING}
    return {
        field: tuple(dict.fromkeys(named[leg.client_id] for leg in chain.legs if leg.outcome is outcome))
        for field, outcome in fields.items()
    }
