"""Messages of `idp` that are made by a function. Made by `python -m hexkeep.client.generate`; do not edit."""

from datetime import timedelta

from hexkeep.core.idp.choices import EntraTenant, NameIdFormat, SamlBinding
from hexkeep.core.idp.messages import IdentityProviderOfKind
from hexkeep.core.idp.settings import LdapAttributes
from hexkeep.core.kernel.operation import Message


class OidcIdentityProviderSettings(Message):
    """Settings of OpenID provider, without secrets."""

    issuer: str
    client_id: str
    scopes: tuple[str, ...]
    pkce: bool
    id_token_mapping: bool


class OidcIdentityProviderView(IdentityProviderOfKind):
    """An identity provider (OpenID provider) as its readers see it."""

    settings: OidcIdentityProviderSettings


class OauthIdentityProviderSettings(Message):
    """Settings of OAuth 2.0 provider, without secrets."""

    client_id: str
    authorization_endpoint: str
    token_endpoint: str
    userinfo_endpoint: str
    id_attribute: str
    scopes: tuple[str, ...]
    pkce: bool
    issuer: str
    posts_secret: bool


class OauthIdentityProviderView(IdentityProviderOfKind):
    """An identity provider (OAuth 2.0 provider) as its readers see it."""

    settings: OauthIdentityProviderSettings


class JwtIdentityProviderSettings(Message):
    """Settings of JWT provider, without secrets."""

    issuer: str
    audience: str
    jwks_endpoint: str
    jwt_endpoint: str
    header_name: str


class JwtIdentityProviderView(IdentityProviderOfKind):
    """An identity provider (JWT provider) as its readers see it."""

    settings: JwtIdentityProviderSettings


class LdapIdentityProviderSettings(Message):
    """Settings of LDAP directory, without secrets."""

    servers: tuple[str, ...]
    start_tls: bool
    base_dn: str
    bind_dn: str
    user_object_classes: tuple[str, ...]
    user_filters: tuple[str, ...]
    group_base_dn: str
    group_object_classes: tuple[str, ...]
    group_member_attribute: str
    group_name_attribute: str
    timeout: timedelta
    attributes: LdapAttributes


class LdapIdentityProviderView(IdentityProviderOfKind):
    """An identity provider (LDAP directory) as its readers see it."""

    settings: LdapIdentityProviderSettings


class SamlIdentityProviderSettings(Message):
    """Settings of SAML identity provider, without secrets."""

    metadata_xml: str
    metadata_url: str
    metadata_certificates: tuple[str, ...]
    entity_id: str
    binding: SamlBinding
    signed_requests: bool
    name_id_format: NameIdFormat
    transient_mapping_attribute: str
    email_verified: bool


class SamlIdentityProviderView(IdentityProviderOfKind):
    """An identity provider (SAML identity provider) as its readers see it."""

    settings: SamlIdentityProviderSettings


class GoogleIdentityProviderSettings(Message):
    """Settings of Google, without secrets."""

    client_id: str
    scopes: tuple[str, ...]
    hosted_domains: tuple[str, ...]


class GoogleIdentityProviderView(IdentityProviderOfKind):
    """An identity provider (Google) as its readers see it."""

    settings: GoogleIdentityProviderSettings


class GitHubIdentityProviderSettings(Message):
    """Settings of GitHub, without secrets."""

    client_id: str
    scopes: tuple[str, ...]


class GitHubIdentityProviderView(IdentityProviderOfKind):
    """An identity provider (GitHub) as its readers see it."""

    settings: GitHubIdentityProviderSettings


class GitHubEnterpriseIdentityProviderSettings(Message):
    """Settings of GitHub Enterprise Server, without secrets."""

    client_id: str
    scopes: tuple[str, ...]
    base_url: str


class GitHubEnterpriseIdentityProviderView(IdentityProviderOfKind):
    """An identity provider (GitHub Enterprise Server) as its readers see it."""

    settings: GitHubEnterpriseIdentityProviderSettings


class GitLabIdentityProviderSettings(Message):
    """Settings of GitLab, without secrets."""

    client_id: str
    scopes: tuple[str, ...]


class GitLabIdentityProviderView(IdentityProviderOfKind):
    """An identity provider (GitLab) as its readers see it."""

    settings: GitLabIdentityProviderSettings


class GitLabSelfHostedIdentityProviderSettings(Message):
    """Settings of self-hosted GitLab, without secrets."""

    client_id: str
    scopes: tuple[str, ...]
    issuer: str


class GitLabSelfHostedIdentityProviderView(IdentityProviderOfKind):
    """An identity provider (self-hosted GitLab) as its readers see it."""

    settings: GitLabSelfHostedIdentityProviderSettings


class EntraIdIdentityProviderSettings(Message):
    """Settings of Microsoft Entra ID, without secrets."""

    client_id: str
    scopes: tuple[str, ...]
    tenant: EntraTenant
    directory: str
    allowed_directories: tuple[str, ...]
    email_verified: bool


class EntraIdIdentityProviderView(IdentityProviderOfKind):
    """An identity provider (Microsoft Entra ID) as its readers see it."""

    settings: EntraIdIdentityProviderSettings


class AppleIdentityProviderSettings(Message):
    """Settings of Apple, without secrets."""

    client_id: str
    team_id: str
    key_id: str
    scopes: tuple[str, ...]


class AppleIdentityProviderView(IdentityProviderOfKind):
    """An identity provider (Apple) as its readers see it."""

    settings: AppleIdentityProviderSettings
