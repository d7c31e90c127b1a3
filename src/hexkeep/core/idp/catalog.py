"""The kinds of identity providers that Hexkeep brings along."""

from hexkeep.core.idp import settings, templates
from hexkeep.core.idp.kinds import IdpKind

ISSUER = frozenset({"issuer"})
TOKEN_ENDPOINTS = frozenset({"token_endpoint", "userinfo_endpoint", "authorization_endpoint"})

OIDC = IdpKind("oidc", "Oidc", "OpenID provider", settings.OidcSettings, ISSUER, ISSUER)
OAUTH = IdpKind(
    "oauth",
    "Oauth",
    "OAuth 2.0 provider",
    settings.OAuthSettings,
    TOKEN_ENDPOINTS,
    TOKEN_ENDPOINTS | {"id_attribute"},
)
JWT = IdpKind("jwt", "Jwt", "JWT provider", settings.JwtSettings, accounts_at=ISSUER)
LDAP = IdpKind(
    "ldap",
    "Ldap",
    "LDAP directory",
    settings.LdapSettings,
    frozenset({"servers", "bind_dn"}),
    frozenset({"servers", "attributes.id"}),
)
SAML = IdpKind(
    "saml",
    "Saml",
    "SAML identity provider",
    settings.SamlSettings,
    accounts_at=frozenset({"metadata_url", "transient_mapping_attribute"}),
    metadata="metadata_xml",
)
GOOGLE = IdpKind("google", "Google", "Google", templates.GoogleSettings)
GITHUB = IdpKind("github", "GitHub", "GitHub", templates.GitHubSettings)
GITHUB_ENTERPRISE = IdpKind(
    "github_enterprise",
    "GitHubEnterprise",
    "GitHub Enterprise Server",
    templates.GitHubEnterpriseSettings,
    frozenset({"base_url"}),
    frozenset({"base_url"}),
)
GITLAB = IdpKind("gitlab", "GitLab", "GitLab", templates.GitLabSettings)
GITLAB_SELF_HOSTED = IdpKind(
    "gitlab_self_hosted",
    "GitLabSelfHosted",
    "self-hosted GitLab",
    templates.GitLabSelfHostedSettings,
    ISSUER,
    ISSUER,
)
ENTRA_ID = IdpKind("entra_id", "EntraId", "Microsoft Entra ID", templates.EntraIdSettings)
APPLE = IdpKind("apple", "Apple", "Apple", templates.AppleSettings)

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
