"""The instance as a service provider of SAML, for identity providers that want to know it before anything else."""

from hexkeep.core.idp.state import IDENTITY_PROVIDER
from hexkeep.core.idpintent.asks import MetadataAtProvider, PartyKinds
from hexkeep.core.idpintent.offers import set_up
from hexkeep.core.kernel.decision import Context, Decision
from hexkeep.core.kernel.errors import NotFound
from hexkeep.core.kernel.fields import Id
from hexkeep.core.kernel.operation import Message


class GetSamlPartyMetadata(Message):
    """The identity provider that the metadata is for."""

    identity_provider_id: Id


class SamlPartyMetadata(Message):
    """The instance's metadata as a service provider (SAML 2.0 Metadata section 2.4.4)."""

    xml: str


def get_saml_party_metadata(request: GetSamlPartyMetadata, ctx: Context) -> Decision[SamlPartyMetadata]:
    """Tell an identity provider of the instance: its name there, its keys, where answers come to. Signed.

    Whoever asks first has the key made, for a provider can be set up on either side first.
    """
    provider = ctx.load(IDENTITY_PROVIDER, request.identity_provider_id)
    if not provider.exists or provider.kind not in ctx.ask(PartyKinds()):
        raise NotFound
    known, made = set_up(ctx, request.identity_provider_id, provider)
    return Decision(SamlPartyMetadata(xml=ctx.ask(MetadataAtProvider(known))), *made)
