"""Sign-ins for service providers of SAML: a request or a wish becomes an authorization request like any other.

What is raised has to be shown on our own page. Once it is certain who asks and where that has its answers, what is
wrong is told there, as a status (Core section 3.2.2).
"""

from hexkeep.core.application.state import SamlProvider
from hexkeep.core.authrequest import saml_answers
from hexkeep.core.authrequest.commands import begin
from hexkeep.core.authrequest.events import SamlRequestReceived
from hexkeep.core.authrequest.messages import AuthorizationStep, StartIdpInitiated, StartSamlSignIn, StepKind
from hexkeep.core.kernel.ask import ClaimOnce
from hexkeep.core.kernel.decision import Context, Decision
from hexkeep.core.oidc.oidc_core import Prompt
from hexkeep.core.oidc.parties import active_client
from hexkeep.core.saml import authn_context, authn_request, rates, receiving
from hexkeep.core.saml.authn_request import AuthnRequest
from hexkeep.core.saml.bindings import kept_state, received
from hexkeep.core.saml.errors import (
    INVALID_NAME_ID_POLICY,
    NO_AUTHN_CONTEXT,
    REQUEST_UNSUPPORTED,
    UNKNOWN_PRINCIPAL,
    SamlProviderUnknown,
    SamlRequestOver,
    Status,
)
from hexkeep.core.saml.idp_metadata import SSO
from hexkeep.core.saml.name_id import ENCRYPTED, is_possible, known_format
from hexkeep.core.saml.parties import insist_on_present
from hexkeep.core.saml.receiving import Disbelieved, Kind
from hexkeep.core.saml.settings import SamlNameFormat

ONCE = "saml_request"
"""Under which the ids of requests are remembered until they are over."""
AUTHN_REQUEST = Kind(authn_request.KIND, authn_request.read, lambda provider: provider.signs_requests)
PER_PLACE = 3000
"""Requests from one network address within the window: a whole company may be behind one."""
NOTHING = AuthorizationStep(kind=StepKind.LOGIN)
"""The answer of a decision that ends with an error, which nobody sees."""


def start_saml_sign_in(request: StartSamlSignIn, ctx: Context) -> Decision[AuthorizationStep]:
    """Begin a sign-in for a service provider's AuthnRequest; with a session and no reason to ask it ends here.

    Profiles section 4.1.4.1. Raises ``SamlError`` while there is nowhere to answer to, and ``ResourceExhausted`` for
    too many requests from one network address.
    """
    rates.count(ctx, "saml_sign_in/from", PER_PLACE)
    message = received(request.binding, request.query)
    said = receiving.said(ctx, message, AUTHN_REQUEST, SSO)
    if isinstance(said, Disbelieved):
        return Decision(NOTHING, error=said.error, then=said.then)
    client, provider, asked = said.client, said.provider, said.message
    consumer = authn_request.consumer_of(asked, provider.metadata)
    if not ctx.ask(ClaimOnce(ONCE, f"{client.id} {asked.id}", said.until)):
        raise SamlRequestOver
    classes = authn_context.wanted(asked.context_names, asked.comparison)
    event = SamlRequestReceived(
        client_id=client.id,
        redirect_uri=consumer,
        relay_state=message.relay_state,
        saml_request_id=asked.id,
        name_id_format=_format(asked).value,
        context_names=tuple(one for one in asked.context_names if one in authn_context.CLASSES),
        acr_values=classes or (),
        prompts=_prompts(asked),
        subject=asked.subject.value if asked.subject else "",
        subject_format=asked.subject.format if asked.subject else "",
        requested_at=ctx.now,
    )
    status = _unmet(ctx, asked, provider, classes)
    if status is not None:
        return Decision(saml_answers.told(ctx, event, client, status))
    return begin(ctx, client, event, request.session_token, _hint(event, provider))


def start_idp_initiated(request: StartIdpInitiated, ctx: Context) -> Decision[AuthorizationStep]:
    """Begin a sign-in for a SAML application that has not asked for it (Profiles section 4.1.5).

    It goes to the default place of the application, where that allows it. Raises ``SamlError``.
    """
    client = active_client(ctx, request.client_id)
    provider = client.application.saml if client is not None else None
    if client is None or provider is None or not provider.options.idp_initiated:
        raise SamlProviderUnknown("Nobody can begin here for this application")
    insist_on_present(ctx, provider)
    event = SamlRequestReceived(
        client_id=client.id,
        redirect_uri=authn_request.default_consumer(provider.metadata),
        relay_state=kept_state(request.relay_state),
        requested_at=ctx.now,
    )
    return begin(ctx, client, event, request.session_token)


def _prompts(asked: AuthnRequest) -> tuple[str, ...]:
    """Core section 3.4.1: ForceAuthn and IsPassive mean what OpenID Connect means by these prompts."""
    wishes = {Prompt.LOGIN.value: asked.force_authn, Prompt.NONE.value: asked.is_passive}
    return tuple(prompt for prompt, wished in wishes.items() if wished)


def _format(asked: AuthnRequest) -> SamlNameFormat:
    """How the request wants somebody to be named: as it says, else as it names whom it asks for."""
    named = asked.subject.format if asked.subject else ""
    return known_format(asked.name_id_format or named) or SamlNameFormat.UNSPECIFIED


def _hint(event: SamlRequestReceived, provider: SamlProvider) -> str:
    """What somebody could sign in with, of a request for a certain user: no other names are known to people."""
    told = known_format(event.subject_format) if event.subject_format else SamlNameFormat(event.name_id_format)
    usual = provider.options.name_id_format if told is SamlNameFormat.UNSPECIFIED else told
    return event.subject if usual in {SamlNameFormat.UNSPECIFIED, SamlNameFormat.EMAIL_ADDRESS} else ""


def _is_possible_format(uri: str, provider: SamlProvider) -> bool:
    """Core section 3.4.1.1: whether names are told so. That they are encrypted is no form of theirs."""
    return known_format(uri) is not None or (uri == ENCRYPTED and provider.options.encrypt_name_ids)


def _unmet(ctx: Context, asked: AuthnRequest, provider: SamlProvider, classes: tuple[str, ...] | None) -> Status | None:
    """What nobody's sign-in could meet."""
    if asked.unheard:
        return REQUEST_UNSUPPORTED
    if asked.subject is not None and not is_possible(ctx, asked.subject, provider.metadata.entity_id):
        return UNKNOWN_PRINCIPAL
    if asked.name_id_format and not _is_possible_format(asked.name_id_format, provider):
        return INVALID_NAME_ID_POLICY
    if asked.sp_name_qualifier not in {"", provider.metadata.entity_id}:
        return INVALID_NAME_ID_POLICY
    return NO_AUTHN_CONTEXT if classes is None else None
