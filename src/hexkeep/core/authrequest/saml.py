"""Sign-ins for service providers of SAML: a request or a wish becomes an authorization request like any other.

What is raised has to be shown on our own page. Once it is certain who asks and where that has its answers, what is
wrong is told there, as a status (Core section 3.2.2).
"""

from hexkeep.core.application.state import APPLICATION, SamlProvider, entity_key
from hexkeep.core.authrequest import saml_answers
from hexkeep.core.authrequest.commands import begin
from hexkeep.core.authrequest.events import SamlRequestReceived
from hexkeep.core.authrequest.messages import AuthorizationStep, StartIdpInitiated, StartSamlSignIn, StepKind
from hexkeep.core.kernel.ask import ClaimOnce
from hexkeep.core.kernel.decision import Context, Decision, FollowUp
from hexkeep.core.oidc.oidc_core import Prompt
from hexkeep.core.oidc.parties import Client, active_client
from hexkeep.core.saml import authn_context, authn_request
from hexkeep.core.saml.asks import ReadXml, VerifyOctets, VerifyXml
from hexkeep.core.saml.authn_request import AuthnRequest
from hexkeep.core.saml.bindings import MAX_RELAY_STATE, Received, SamlRequestBinding, received
from hexkeep.core.saml.errors import (
    INVALID_NAME_ID_POLICY,
    NO_AUTHN_CONTEXT,
    REQUEST_UNSUPPORTED,
    SamlProviderUnknown,
    SamlRequestInvalid,
    SamlRequestOver,
    SamlRequestUnsigned,
    Status,
)
from hexkeep.core.saml.idp_metadata import SSO
from hexkeep.core.saml.name_id import known_format
from hexkeep.core.saml.settings import SamlNameFormat
from hexkeep.core.saml.xml import Element, ds

ONCE = "saml_request"
"""Under which the ids of requests are remembered until they are over."""
NOTHING = AuthorizationStep(kind=StepKind.LOGIN)
"""The answer of a decision that ends with an error, which nobody sees."""


def start_saml_sign_in(request: StartSamlSignIn, ctx: Context) -> Decision[AuthorizationStep]:
    """Begin a sign-in for a service provider's AuthnRequest; with a session and no reason to ask it ends here.

    Profiles section 4.1.4.1. Raises ``SamlError`` while there is nowhere to answer to. Where the signature does not
    hold the metadata is looked at again, so that the next request of a service provider with a new key is believed.
    """
    message = received(request.binding, request.query)
    root = ctx.ask(ReadXml(message.content, message.deflated))
    client, provider = _provider(ctx, authn_request.issuer_of(root))
    try:
        _insist_on_present(ctx, provider)
        proven, signed = _proven(ctx, message, root, provider, request.binding)
    except (SamlProviderUnknown, SamlRequestUnsigned) as error:
        return Decision(NOTHING, error=error, then=_look_again(client.id, provider))
    asked = authn_request.read(proven)
    authn_request.insist_on_destination(asked, ctx.request.issuer + SSO, signed=signed)
    until = authn_request.insist_on_freshness(asked, ctx.now)
    consumer = authn_request.consumer_of(asked, provider.metadata)
    if not ctx.ask(ClaimOnce(ONCE, f"{client.id} {asked.id}", until)):
        raise SamlRequestOver
    classes = authn_context.wanted(asked.context_names, asked.comparison)
    event = SamlRequestReceived(
        client_id=client.id,
        redirect_uri=consumer,
        relay_state=message.relay_state,
        saml_request_id=asked.id,
        name_id_format=(known_format(asked.name_id_format) or SamlNameFormat.UNSPECIFIED).value,
        context_names=tuple(one for one in asked.context_names if one in authn_context.CLASSES),
        acr_values=classes or (),
        prompts=_prompts(asked),
        requested_at=ctx.now,
    )
    status = _unmet(asked, provider, classes)
    if status is not None:
        return Decision(saml_answers.told(ctx, event, client, status))
    return begin(ctx, client, event, request.session_token)


def start_idp_initiated(request: StartIdpInitiated, ctx: Context) -> Decision[AuthorizationStep]:
    """Begin a sign-in for a SAML application that has not asked for it (Profiles section 4.1.5).

    It goes to the default place of the application, where that allows it. Raises ``SamlError``.
    """
    client = active_client(ctx, request.client_id)
    provider = client.application.saml if client is not None else None
    if client is None or provider is None or not provider.options.idp_initiated:
        raise SamlProviderUnknown("Nobody can begin here for this application")
    _insist_on_present(ctx, provider)
    if len(request.relay_state.encode()) > MAX_RELAY_STATE:
        raise SamlRequestInvalid(f"The RelayState is longer than {MAX_RELAY_STATE} bytes")
    event = SamlRequestReceived(
        client_id=client.id,
        redirect_uri=authn_request.default_consumer(provider.metadata),
        relay_state=request.relay_state,
        requested_at=ctx.now,
    )
    return begin(ctx, client, event, request.session_token)


def _provider(ctx: Context, entity_id: str) -> tuple[Client, SamlProvider]:
    """The application of that entity id, to the letter; raises ``SamlProviderUnknown``."""
    owner = ctx.owner(entity_key(entity_id))
    client = active_client(ctx, owner.id) if owner is not None and owner.type == APPLICATION.name else None
    provider = client.application.saml if client is not None else None
    if client is None or provider is None or provider.metadata.entity_id != entity_id:
        raise SamlProviderUnknown
    return client, provider


def _insist_on_present(ctx: Context, provider: SamlProvider) -> None:
    if provider.lapsed(ctx.now):
        raise SamlProviderUnknown("The metadata of the application is not valid any more")


def _look_again(client_id: str, provider: SamlProvider) -> tuple[FollowUp, ...]:
    """Where metadata is at a URL it may have changed, and say so for whoever tries next."""
    return (FollowUp("RefreshSamlMetadata", {"client_id": client_id}),) if provider.metadata_url else ()


def _proven(
    ctx: Context, message: Received, root: Element | None, provider: SamlProvider, binding: SamlRequestBinding
) -> tuple[Element | None, bool]:
    """What counts of a message, and whether its provider signed it. A signature that is there has to hold.

    Bindings sections 3.4.4.1 and 3.5.4: over the query, or in the message, of which what was signed counts alone. In
    a message that came by redirect a signature says nothing (section 3.4.4.1), and none may be there.
    """
    known = provider.metadata.signing_certificates
    within = root is not None and any(root.all(ds("Signature")))
    if binding is SamlRequestBinding.POST and within:
        proven = ctx.ask(VerifyXml(message.content, known))
        if proven is None:
            raise SamlRequestUnsigned("The signature does not hold")
        return proven, True
    if within:
        raise SamlRequestInvalid("A message in a query is signed over the query")
    if message.signed:
        if not ctx.ask(VerifyOctets(message.octets, message.signature, message.algorithm, known)):
            raise SamlRequestUnsigned("The signature does not hold")
        return root, True
    if provider.options.require_signed_requests or provider.metadata.authn_requests_signed:
        raise SamlRequestUnsigned
    return root, False


def _prompts(asked: AuthnRequest) -> tuple[str, ...]:
    """Core section 3.4.1: ForceAuthn and IsPassive mean what OpenID Connect means by these prompts."""
    wishes = {Prompt.LOGIN.value: asked.force_authn, Prompt.NONE.value: asked.is_passive}
    return tuple(prompt for prompt, wished in wishes.items() if wished)


def _unmet(asked: AuthnRequest, provider: SamlProvider, classes: tuple[str, ...] | None) -> Status | None:
    """What nobody's sign-in could meet."""
    if asked.has_subject:
        return REQUEST_UNSUPPORTED
    if asked.name_id_format and known_format(asked.name_id_format) is None:
        return INVALID_NAME_ID_POLICY
    if asked.sp_name_qualifier not in {"", provider.metadata.entity_id}:
        return INVALID_NAME_ID_POLICY
    return NO_AUTHN_CONTEXT if classes is None else None
