"""Whose message it is: the application of a service provider, and whether its key has signed."""

from hexkeep.core.application.state import APPLICATION, SamlProvider, entity_key
from hexkeep.core.kernel.decision import Context, FollowUp
from hexkeep.core.oidc.parties import Client, active_client
from hexkeep.core.saml import soap
from hexkeep.core.saml.asks import VerifyOctets, VerifyXml
from hexkeep.core.saml.bindings import Received, SamlRequestBinding
from hexkeep.core.saml.errors import SamlProviderUnknown, SamlRequestInvalid, SamlRequestUnsigned
from hexkeep.core.saml.xml import Element, ds


def provider_of(ctx: Context, entity_id: str) -> tuple[Client, SamlProvider]:
    """The application of that entity id, to the letter; raises ``SamlProviderUnknown``."""
    owner = ctx.owner(entity_key(entity_id))
    client = active_client(ctx, owner.id) if owner is not None and owner.type == APPLICATION.name else None
    provider = client.application.saml if client is not None else None
    if client is None or provider is None or provider.metadata.entity_id != entity_id:
        raise SamlProviderUnknown
    return client, provider


def insist_on_present(ctx: Context, provider: SamlProvider) -> None:
    """Raises ``SamlProviderUnknown`` once the metadata is not valid any more."""
    if provider.lapsed(ctx.now):
        raise SamlProviderUnknown("The metadata of the application is not valid any more")


def look_again(client_id: str, provider: SamlProvider) -> tuple[FollowUp, ...]:
    """Where metadata is at a URL it may have changed, and say so for whoever tries next."""
    return (FollowUp("RefreshSamlMetadata", {"client_id": client_id}),) if provider.metadata_url else ()


def proven(
    ctx: Context, message: Received, root: Element | None, provider: SamlProvider, *, required: bool
) -> tuple[Element | None, bool]:
    """What counts of a message, and whether its provider signed it. A signature that is there has to hold.

    Bindings sections 3.4.4.1 and 3.5.4: over the query, or in the message, of which what was signed counts alone. In
    a message that came by redirect a signature says nothing (section 3.4.4.1), and none may be there. Raises
    ``SamlProviderUnknown`` and ``SamlRequestUnsigned``: what can be mended by fresh metadata.
    """
    insist_on_present(ctx, provider)
    known = provider.metadata.signing_certificates
    within = root is not None and any(root.all(ds("Signature")))
    if within and message.binding is not SamlRequestBinding.REDIRECT:
        around = soap.AROUND if message.binding is SamlRequestBinding.SOAP else ()
        covered = ctx.ask(VerifyXml(message.content, known, around))
        if covered is None:
            raise SamlRequestUnsigned("The signature does not hold")
        return covered, True
    if within:
        raise SamlRequestInvalid("A message in a query is signed over the query")
    if message.signed:
        if not ctx.ask(VerifyOctets(message.octets, message.signature, message.algorithm, known)):
            raise SamlRequestUnsigned("The signature does not hold")
        return root, True
    if required:
        raise SamlRequestUnsigned
    return root, False
