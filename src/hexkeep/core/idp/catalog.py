"""The kinds of identity providers that Hexkeep brings along."""

from hexkeep.core.idp import settings, templates
from hexkeep.core.idp.kinds import IdpKind

ISSUER = frozenset({"issuer"})
OWN = frozenset({"client_secret", "scopes"})
"""What this system proves itself with, and what it asks for: of these nobody is believed who was not."""
TOKEN_ENDPOINTS = frozenset({"token_endpoint", "userinfo_endpoint", "authorization_endpoint"})

OIDC = IdpKind("oidc", "Oidc", "OpenID provider", settings.OidcSettings, ISSUER, ISSUER, harmless=OWN)
OAUTH = IdpKind(
    "oauth",
    "Oauth",
    "OAuth 2.0 provider",
    settings.OAuthSettings,
    TOKEN_ENDPOINTS,
    TOKEN_ENDPOINTS | {"id_attribute"},
    harmless=OWN | {"posts_secret"},
)
JWT = IdpKind("jwt", "Jwt", "JWT provider", settings.JwtSettings, accounts_at=ISSUER)
LDAP = IdpKind(
    "ldap",
    "Ldap",
    "LDAP directory",
    settings.LdapSettings,
    frozenset({"servers", "bind_dn"}),
    frozenset({"servers", "attributes.id"}),
    harmless=frozenset({"bind_password", "timeout"}),
)
SAML = IdpKind(
    "saml",
    "Saml",
    "SAML identity provider",
    settings.SamlSettings,
    accounts_at=frozenset({"metadata_url", "transient_mapping_attribute"}),
    metadata="metadata_xml",
    harmless=frozenset({"binding", "signed_requests"}),
)
GOOGLE = IdpKind("google", "Google", "Google", templates.GoogleSettings, harmless=OWN)
GITHUB = IdpKind("github", "GitHub", "GitHub", templates.GitHubSettings, harmless=OWN)
GITHUB_ENTERPRISE = IdpKind(
    "github_enterprise",
    "GitHubEnterprise",
    "GitHub Enterprise Server",
    templates.GitHubEnterpriseSettings,
    frozenset({"base_url"}),
    frozenset({"base_url"}),
    harmless=OWN,
)
GITLAB = IdpKind("gitlab", "GitLab", "GitLab", templates.GitLabSettings, harmless=OWN)
GITLAB_SELF_HOSTED = IdpKind(
    "gitlab_self_hosted",
    "GitLabSelfHosted",
    "self-hosted GitLab",
    templates.GitLabSelfHostedSettings,
    ISSUER,
    ISSUER,
    harmless=OWN,
)
ENTRA_ID = IdpKind("entra_id", "EntraId", "Microsoft Entra ID", templates.EntraIdSettings, harmless=OWN)
APPLE = IdpKind(
    "apple", "Apple", "Apple", templates.AppleSettings, harmless=frozenset({"private_key", "key_id", "scopes"})
)

KINDS: tuple[IdpKind, ...] = (
    OIDC,
    OAUTH,
    JWT,
    LDAP,
    SAML,
    GOOGLE,
    GITHUB,
    GITHUB_ENTERPRISE,
    GITLAB,
    GITLAB_SELF_HOSTED,
    ENTRA_ID,
    APPLE,
)
"""All of them; plugins bring others."""
