"""The plugins that ship with Hexkeep, in the order in which they are registered."""

from hexkeep.plugins.idp_apple import AppleIdentityProviders
from hexkeep.plugins.idp_entra import EntraIdentityProviders
from hexkeep.plugins.idp_github import GitHubIdentityProviders
from hexkeep.plugins.idp_gitlab import GitLabIdentityProviders
from hexkeep.plugins.idp_google import GoogleIdentityProviders
from hexkeep.plugins.idp_jwt import JwtIdentityProviders
from hexkeep.plugins.idp_ldap import LdapIdentityProviders
from hexkeep.plugins.idp_oauth import OAuthIdentityProviders
from hexkeep.plugins.idp_oidc import OidcIdentityProviders
from hexkeep.plugins.idp_saml import SamlIdentityProviders

BUILT_IN: tuple[object, ...] = (
    OidcIdentityProviders,
    OAuthIdentityProviders,
    JwtIdentityProviders,
    GoogleIdentityProviders,
    GitHubIdentityProviders,
    GitLabIdentityProviders,
    EntraIdentityProviders,
    AppleIdentityProviders,
    SamlIdentityProviders,
    LdapIdentityProviders,
)
"""Objects or classes that implement hooks of ``hexkeep.ports.hooks``. A new first-party plugin is one line here."""
