"""The settings of the kinds that Hexkeep brings along."""

from datetime import timedelta
from typing import Annotated, Self

from pydantic import AfterValidator, Field, StringConstraints, model_validator

from hexkeep.core.idp.choices import NameIdFormat, SamlBinding
from hexkeep.core.idp.kinds import IdpSettings, OptionalSecret, Secret
from hexkeep.core.kernel.fields import Line, Name, one_line
from hexkeep.core.kernel.operation import Message
from hexkeep.core.kernel.urls import LdapUrl, OptionalServerUrl, ServerUrl
from hexkeep.core.saml.anchors import Anchors

MAX_METADATA = 128 * 1024
ClientId = Annotated[Name, Field(description="What this system is called there.")]
ClientSecret = Annotated[Secret, Field(description="What this system proves itself with there. It is not shown again.")]
ScopeToken = Annotated[str, StringConstraints(max_length=200, pattern=r"^[\x21\x23-\x5B\x5D-\x7E]+$")]
Scopes = Annotated[
    tuple[ScopeToken, ...], Field(max_length=30, description="Scopes to ask for (RFC 6749 section 3.3).")
]
Attribute = Annotated[str, StringConstraints(max_length=200, pattern=r"^[A-Za-z][A-Za-z0-9-]*$")]
"""The name of an attribute or class in a directory (RFC 4512 section 2.5)."""
OptionalAttribute = Annotated[str, StringConstraints(max_length=200, pattern=r"^([A-Za-z][A-Za-z0-9-]*)?$")]
OWN_HEADERS = frozenset({"authorization", "cookie", "dpop", "host", "proxy-authorization"})
"""What stands in a request for us, and is told to no provider."""


def _of_somebody_else(name: str) -> str:
    if name.lower() in OWN_HEADERS:
        raise ValueError(f"must not be {name.lower()}, which is for this system itself")
    return name


HeaderName = Annotated[
    str,
    StringConstraints(max_length=100, pattern=r"^[A-Za-z0-9!#$%&'*+.^_`|~-]+$"),
    AfterValidator(_of_somebody_else),
]
DistinguishedName = Annotated[str, StringConstraints(max_length=1000, strip_whitespace=True), AfterValidator(one_line)]
OPENID = ("openid", "profile", "email")


def _saml_metadata(text: str) -> str:
    """Metadata, as far as can be told without reading XML; no document type, and so nothing that expands."""
    if text and ("<!DOCTYPE" in text or "<!ENTITY" in text or "EntityDescriptor" not in text):
        raise ValueError("must be an EntityDescriptor without a document type")
    return text


MetadataXml = Annotated[str, StringConstraints(max_length=MAX_METADATA), AfterValidator(_saml_metadata)]


def _insist_on_openid(scopes: tuple[str, ...]) -> tuple[str, ...]:
    if "openid" not in scopes:
        raise ValueError("must contain openid")
    return scopes


OpenidScopes = Annotated[Scopes, AfterValidator(_insist_on_openid)]


class OidcSettings(IdpSettings):
    """An OpenID provider that is discovered by its issuer (OpenID Connect Core 1.0, Discovery 1.0)."""

    issuer: ServerUrl = Field(description="Its issuer; discovery is below it.", examples=["https://id.example.com"])
    client_id: ClientId
    client_secret: OptionalSecret = Field(
        default="", description="Left out for a public client, which then uses PKCE. It is not shown again."
    )
    scopes: OpenidScopes = OPENID
    pkce: bool = Field(default=True, description="Codes are bound to who asked for them (RFC 7636).")
    id_token_mapping: bool = Field(
        default=False, description="What is told of a user is read from the ID token instead of userinfo."
    )

    @model_validator(mode="after")
    def _proves_something(self) -> Self:
        if not self.client_secret and not self.pkce:
            raise ValueError("without a client secret PKCE is needed")
        return self


class OAuthSettings(IdpSettings):
    """An authorization server of OAuth 2.0 (RFC 6749) with an endpoint that tells who somebody is."""

    client_id: ClientId
    client_secret: ClientSecret
    authorization_endpoint: ServerUrl
    token_endpoint: ServerUrl
    userinfo_endpoint: ServerUrl = Field(description="Answers a bearer token with a JSON object about its user.")
    id_attribute: Name = Field(description="What in that object tells users apart, for ever.", examples=["id"])
    scopes: Scopes = ()
    pkce: bool = Field(default=True, description="Codes are bound to who asked for them (RFC 7636).")
    issuer: OptionalServerUrl = Field(
        default="", description="What `iss` in its responses has to be (RFC 9207); left out: it does not name itself."
    )
    posts_secret: bool = Field(
        default=False, description="The secret stands in the body of token requests instead of a header."
    )


class JwtSettings(IdpSettings):
    """Something in front, such as a proxy, that sends a signed JWT about its user in a header (RFC 7519)."""

    issuer: ServerUrl = Field(description="What `iss` has to be.")
    audience: Line = Field(
        default="", description="What `aud` has to be, or to contain; left out: a JWT that is for nobody in particular."
    )
    jwks_endpoint: ServerUrl = Field(description="Where its keys are (RFC 7517).")
    jwt_endpoint: ServerUrl = Field(
        description="Where people are sent, with `redirect_uri`, `state` and `nonce` in the query, to come back with "
        "the header."
    )
    header_name: HeaderName = Field(description="The header with the JWT.", examples=["X-Auth-Token"])


class LdapAttributes(Message):
    """Which attribute of an entry tells what; what is left out is not known."""

    id: Attribute = "entryUUID"
    user_name: OptionalAttribute = "uid"
    display_name: OptionalAttribute = "displayName"
    given_name: OptionalAttribute = "givenName"
    family_name: OptionalAttribute = "sn"
    nick_name: OptionalAttribute = ""
    email: OptionalAttribute = "mail"
    email_verified: OptionalAttribute = ""
    phone: OptionalAttribute = ""
    phone_verified: OptionalAttribute = ""
    preferred_language: OptionalAttribute = "preferredLanguage"
    picture: OptionalAttribute = ""
    profile: OptionalAttribute = ""
    groups: OptionalAttribute = "memberOf"


class LdapSettings(IdpSettings):
    """A directory that people are searched in, and bound to with their password (RFC 4511)."""

    servers: Annotated[tuple[LdapUrl, ...], Field(min_length=1, max_length=10)] = Field(
        description="Tried in this order; all `ldaps`, or `ldap` with StartTLS.",
        examples=[["ldaps://ldap.example.com"]],
    )
    start_tls: bool = Field(default=False, description="`ldap` becomes encrypted before anything is sent.")
    base_dn: DistinguishedName = Field(min_length=1, description="Below what people are sought.")
    bind_dn: DistinguishedName = Field(default="", description="Who searches; left out: nobody in particular.")
    bind_password: OptionalSecret = Field(default="", description="With which password. It is not shown again.")
    user_object_classes: Annotated[tuple[Attribute, ...], Field(min_length=1, max_length=10)] = Field(
        default=("inetOrgPerson",), description="The object classes that people have, all of them."
    )
    user_filters: Annotated[tuple[Attribute, ...], Field(min_length=1, max_length=10)] = Field(
        default=("uid",), description="The attributes that may be what somebody enters as their name."
    )
    group_base_dn: DistinguishedName = Field(
        default="",
        description="Below what the groups of a person are sought; left out: they are in the attribute `groups`.",
        examples=["ou=groups,dc=example,dc=net"],
    )
    group_object_classes: Annotated[tuple[Attribute, ...], Field(min_length=1, max_length=10)] = Field(
        default=("groupOfNames",), description="The object classes that groups have, all of them."
    )
    group_member_attribute: Attribute = Field(
        default="member",
        description="Where a group has the DNs of its members; in `memberUid` it has user names.",
    )
    group_name_attribute: Attribute = Field(default="cn", description="What of a group is its name here.")
    timeout: Annotated[timedelta, Field(ge=timedelta(seconds=1), le=timedelta(seconds=60))] = Field(
        default=timedelta(seconds=10), description="How long a sign-in may take there; more than 8 seconds are 8."
    )
    attributes: LdapAttributes = LdapAttributes()

    @model_validator(mode="after")
    def _is_encrypted(self) -> Self:
        encrypted = [url.lower().startswith("ldaps:") for url in self.servers]
        if self.start_tls and any(encrypted):
            raise ValueError("StartTLS is for ldap:// alone")
        if not self.start_tls and not all(encrypted):
            raise ValueError("ldap:// needs StartTLS")
        if bool(self.bind_dn) != bool(self.bind_password):
            raise ValueError("bind_dn and bind_password belong together")
        return self


class SamlSettings(IdpSettings):
    """An identity provider of SAML 2.0, known by its metadata, to which this system is a service provider."""

    metadata_xml: MetadataXml = Field(default="", description="Its metadata; or else `metadata_url`.")
    metadata_url: OptionalServerUrl = Field(
        default="", description="Where its metadata is fetched from; or else `metadata_xml`."
    )
    metadata_certificates: Anchors = Field(
        default=(),
        description="Certificates, PEM or base64 of DER, one of which has to sign the metadata, now and whenever it is "
        "fetched again; if left out, nobody has to.",
    )
    entity_id: Line = Field(
        default="", description="What the metadata has to call the provider; if left out, whatever it does."
    )
    binding: SamlBinding = Field(
        default=SamlBinding.UNSPECIFIED, description="How requests go there; if left out: by redirect."
    )
    signed_requests: bool = True
    name_id_format: NameIdFormat = Field(
        default=NameIdFormat.UNSPECIFIED, description="Which form of name is asked for; if left out: any."
    )
    transient_mapping_attribute: Line = Field(
        default="", description="What tells users apart where the name is another each time."
    )
    email_verified: bool = Field(
        default=False, description="E-mail addresses count as verified: most providers do not tell."
    )

    @model_validator(mode="after")
    def _has_metadata(self) -> Self:
        if bool(self.metadata_xml) == bool(self.metadata_url):
            raise ValueError("one of metadata_xml and metadata_url is needed")
        if self.name_id_format is NameIdFormat.TRANSIENT and not self.transient_mapping_attribute:
            raise ValueError("transient names need transient_mapping_attribute")
        return self
