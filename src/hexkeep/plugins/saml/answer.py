"""An answer of an identity provider with all that it is judged by."""

from dataclasses import dataclass, field

from hexkeep.core.saml.party import SamlParty
from hexkeep.plugins.saml.idp_metadata import IdpMetadata
from hexkeep.plugins.saml.rules import Expected


@dataclass(frozen=True, slots=True)
class Answer:
    """A response as it came, in base64; whose it has to be, for whom, and what it has to say."""

    response: str = field(repr=False)
    provider: IdpMetadata
    party: SamlParty
    expected: Expected
