"""The operation behind the metadata of SAML."""

from hexkeep.core.kernel.decision import Context, Decision
from hexkeep.core.kernel.operation import AnyOperation, ApiName, Empty, Message, Operation
from hexkeep.core.kernel.permission import PUBLIC
from hexkeep.core.saml import idp_metadata, keys
from hexkeep.core.saml.asks import WriteXml


class SamlMetadata(Message):
    """The instance's metadata as an identity provider (SAML 2.0 Metadata section 2.4.3)."""

    xml: str


def get_saml_metadata(_: Empty, ctx: Context) -> Decision[SamlMetadata]:
    """Tell service providers of the instance: its name, its keys, its endpoints. Signed with the key that it uses.

    Whoever asks first has the key made, for an application can be set up on either side first.
    """
    known, made = keys.keys_with_signer(ctx)
    document = idp_metadata.described(ctx.request.issuer, keys.certificates(known))
    text = ctx.ask(WriteXml(document, keys.signer(known)))
    return Decision(SamlMetadata(xml=text or ""), *made)


GET_SAML_METADATA = Operation(
    name="GetSamlMetadata",
    api=ApiName.PROTOCOL,
    input=Empty,
    output=SamlMetadata,
    permission=PUBLIC,
    handle=get_saml_metadata,
)

OPERATIONS: tuple[AnyOperation, ...] = (GET_SAML_METADATA,)
