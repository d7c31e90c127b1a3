"""An instance as a service provider: another one to each identity provider, so that nobody's answer is for two."""

from dataclasses import dataclass, field

from hexkeep.core.saml.asks import Signer

METADATA, LOGOUT, LOGOUT_BY_SOAP = "/saml/sp/metadata", "/saml/sp/slo", "/saml/sp/soap"
"""Below them each identity provider has its place."""


@dataclass(frozen=True, slots=True)
class SamlParty:
    """How one identity provider knows the instance.

    ``entity_id`` is also where the metadata is (Metadata section 4.1), ``consumer`` where answers come to, ``logout``
    where browsers bring messages of single logout, ``logout_by_soap`` where the provider's server does. The first of
    ``signers`` signs; others may have encrypted to any of them.
    """

    entity_id: str
    consumer: str
    logout: str
    logout_by_soap: str
    signers: tuple[Signer, ...] = field(repr=False)


def party_of(issuer: str, identity_provider_id: str, consumer: str, signers: tuple[Signer, ...]) -> SamlParty:
    """The party that an instance is to a provider."""
    places = (f"{issuer}{place}/{identity_provider_id}" for place in (METADATA, LOGOUT, LOGOUT_BY_SOAP))
    metadata, logout, by_soap = places
    return SamlParty(metadata, consumer, logout, by_soap, signers)
