"""Names that only their service provider can read (Core section 2.2.4)."""

from hexkeep.core.application.state import SamlProvider
from hexkeep.core.kernel.decision import Context
from hexkeep.core.kernel.errors import FailedPrecondition
from hexkeep.core.saml.asks import ReadXml, Signer, WriteXml
from hexkeep.core.saml.name_id import NameId, element_of
from hexkeep.core.saml.xml import Element, element, saml

ENCRYPTED_ID = saml("EncryptedID")
_NOBODY = Signer("", "")
"""What is encrypted here has no place for a signature in it: what stands around it is signed."""


def told(ctx: Context, name: NameId, provider: SamlProvider) -> Element:
    """How a name stands in a message to a provider: encrypted where its application has it so.

    Raises ``FailedPrecondition`` where its certificate cannot be encrypted to.
    """
    named = element_of(name)
    if not provider.options.encrypt_name_ids:
        return named
    recipient = provider.metadata.encryption_certificates[0]
    text = ctx.ask(WriteXml(element(ENCRYPTED_ID, named), _NOBODY, ENCRYPTED_ID, recipient))
    found = ctx.ask(ReadXml(text.encode())) if text is not None else None
    if found is None:
        raise FailedPrecondition("The application's certificate cannot be encrypted to: it needs one of RSA")
    return found
