"""The metadata of service providers: taken from a text or a URL, vouched for, judged (SAML 2.0 Metadata)."""

from dataclasses import dataclass
from datetime import datetime

from hexkeep.core.kernel.decision import Context
from hexkeep.core.kernel.errors import InvalidInput, Violation
from hexkeep.core.kernel.outside import FetchText
from hexkeep.core.oidc.rfc7517 import encrypts, problem_of
from hexkeep.core.oidc.x509 import Certificate, ReadCertificate
from hexkeep.core.saml import sp_metadata
from hexkeep.core.saml.anchors import vouched_for
from hexkeep.core.saml.entity_id import ENTITY_ID
from hexkeep.core.saml.party import METADATA as PARTY_METADATA
from hexkeep.core.saml.settings import SamlProviderMetadata

MAX_METADATA = 128 * 1024
HTTP_OK = 200


@dataclass(frozen=True, slots=True)
class Source:
    """Where metadata comes from: a text or else a URL; and whose certificates vouch for it, none for whoever says so.

    Certificates are base64 of DER.
    """

    xml: str = ""
    url: str = ""
    certificates: tuple[str, ...] = ()


def taken(ctx: Context, source: Source) -> SamlProviderMetadata:
    """What the metadata says; raises ``InvalidInput`` at the field that it came by.

    Where somebody has to vouch for it nothing counts but what they signed (Metadata section 3).
    """
    field, text = ("metadata_url", _fetched(ctx, source.url)) if source.url else ("metadata_xml", source.xml)
    root = vouched_for(ctx, text, source.certificates, field)
    found = sp_metadata.read(root, ctx.now, field)
    _insist_on_another(ctx, found.entity_id, field)
    for one in found.signing_certificates:
        _certificate(ctx, one, field)
    usable = (one for one in found.encryption_certificates if _serves(_certificate(ctx, one, field)))
    return found.model_copy(update={"encryption_certificates": tuple(usable)})


def _insist_on_another(ctx: Context, entity_id: str, field: str) -> None:
    """Raise ``InvalidInput`` for the names of the instance itself, as an identity provider and as a service provider.

    Whoever had one of them could speak for the instance where its names count. Nobody needs one that only looks alike.
    """
    own, name = ctx.request.issuer.casefold(), entity_id.casefold()
    if name == f"{own}{ENTITY_ID}" or name.startswith(f"{own}{PARTY_METADATA}"):
        raise InvalidInput("", Violation(field, "has an entityID of this instance itself"))


def renewed(present: SamlProviderMetadata, found: SamlProviderMetadata, now: datetime) -> SamlProviderMetadata:
    """What is to be written down of metadata that was read again: ``present`` itself if nothing is.

    Many service providers say at every look that it holds for two days from now. That alone is written down when half
    of that time is over.
    """
    before, after = present.valid_until, found.valid_until
    if before is None or after is None or found != present.model_copy(update={"valid_until": after}):
        return found
    return present if before <= after and (before - now) * 2 >= after - now else found


def _certificate(ctx: Context, one: str, field: str) -> Certificate:
    read = ctx.ask(ReadCertificate(one))
    if read is None:
        raise InvalidInput("", Violation(field, "has an X509Certificate that is none"))
    return read


def _serves(certificate: Certificate) -> bool:
    """Whether we can encrypt to its key: by RSA-OAEP, as the adapter for XML has it."""
    return encrypts(certificate.key, "RSA-OAEP") and not problem_of(dict(certificate.key))


def _fetched(ctx: Context, url: str) -> str:
    found = ctx.ask(FetchText(url, MAX_METADATA))
    if found.status != HTTP_OK or not found.text:
        raise InvalidInput("", Violation("metadata_url", f"cannot be fetched: {found.failure or found.status}"))
    return found.text
