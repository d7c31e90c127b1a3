"""What a SAML application is: what its service provider's metadata says, and what an administrator chose for it."""

import enum
from datetime import datetime
from typing import Annotated

from pydantic import Field

from hexkeep.core.kernel.fields import Line, Name
from hexkeep.core.kernel.operation import Message

MAX_ATTRIBUTES = 50


class SamlNameFormat(enum.StrEnum):
    """How a service provider is told who a user is (SAML 2.0 Core section 8.3)."""

    UNSPECIFIED = "unspecified"
    """By user name."""
    EMAIL_ADDRESS = "email_address"
    PERSISTENT = "persistent"
    """By a name for this service provider alone."""
    TRANSIENT = "transient"
    """By a name for this session alone."""


class SamlEndpoint(Message):
    """Metadata sections 2.2.2 and 2.2.3: a place of a service provider's that takes forms (HTTP-POST)."""

    url: str
    index: int = 0
    default: bool = False


class SamlLogoutEndpoint(Message):
    """Metadata section 2.4.2: where a service provider takes logout messages, and by which binding, a URI."""

    url: str
    binding: str
    response_url: str = ""


class SamlProviderMetadata(Message):
    """What we took from the metadata of a service provider. Certificates are base64 of DER.

    Those for encryption are the ones that we can encrypt to. ``valid_until`` is when what it says is over, ``None``
    where it does not say.
    """

    entity_id: str
    assertion_consumer_services: tuple[SamlEndpoint, ...]
    single_logout_services: tuple[SamlLogoutEndpoint, ...] = ()
    signing_certificates: tuple[str, ...] = ()
    encryption_certificates: tuple[str, ...] = ()
    authn_requests_signed: bool = False
    want_assertions_signed: bool = False
    name_id_formats: tuple[str, ...] = ()
    valid_until: datetime | None = None

    def logout_by(self, *bindings: str) -> SamlLogoutEndpoint | None:
        """Where it takes logout messages by the first of these bindings that it has."""
        places = {one.binding: one for one in reversed(self.single_logout_services)}
        return next((places[binding] for binding in bindings if binding in places), None)


class SamlAttributeSource(enum.StrEnum):
    """What of a user an attribute tells."""

    UNSPECIFIED = "unspecified"
    USER_ID = "user_id"
    USER_NAME = "user_name"
    EMAIL = "email"
    GIVEN_NAME = "given_name"
    FAMILY_NAME = "family_name"
    DISPLAY_NAME = "display_name"
    PREFERRED_LANGUAGE = "preferred_language"
    PHONE = "phone"
    ROLES = "roles"
    """The keys of the user's roles in the application's project."""
    ORGANIZATION_ID = "organization_id"
    ORGANIZATION_NAME = "organization_name"
    METADATA = "metadata"
    """One entry of the user's metadata."""


class SamlAttribute(Message):
    """One attribute of an assertion (Core section 2.7.3.1)."""

    source: SamlAttributeSource = Field(description="What it tells.")
    name: Name = Field(description="Its name, usually a URI.", examples=["urn:oid:0.9.2342.19200300.100.1.3"])
    friendly_name: Line = Field(default="", description="A name for people to read.", examples=["mail"])
    metadata_key: Line = Field(default="", description="Which entry, for the source metadata.")


class SamlSigned(enum.StrEnum):
    """What of an answer is signed."""

    UNSPECIFIED = "unspecified"
    """Both."""
    BOTH = "both"
    RESPONSE = "response"
    ASSERTION = "assertion"


class SamlOptions(Message):
    """How a SAML application is answered."""

    name_id_format: SamlNameFormat = Field(
        default=SamlNameFormat.UNSPECIFIED,
        description="How users are named where a request does not say; if left out: by their user names.",
    )
    signed: SamlSigned = Field(default=SamlSigned.UNSPECIFIED, description="What is signed; if left out: both.")
    encrypt_assertions: bool = Field(
        default=False, description="Assertions are encrypted to the certificate in the metadata."
    )
    encrypt_name_ids: bool = Field(
        default=False,
        description="Names of users are encrypted to that certificate, in assertions and in requests for a logout.",
    )
    require_signed_requests: bool = Field(
        default=False, description="Requests have to be signed, also where the metadata does not say so."
    )
    idp_initiated: bool = Field(default=False, description="People may begin here, without a request.")
    attributes: Annotated[tuple[SamlAttribute, ...], Field(max_length=MAX_ATTRIBUTES)] = Field(
        default=(), description="What is told of users; if left out: user name, e-mail address and names."
    )


DEFAULT_OPTIONS = SamlOptions()
