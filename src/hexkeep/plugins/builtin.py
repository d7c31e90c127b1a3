"""The plugins that ship with Hexkeep, in the order in which they are registered."""

from hexkeep.plugins.idp_github import GitHubIdentityProviders
from hexkeep.plugins.idp_oauth import OAuthIdentityProviders
from hexkeep.plugins.idp_oidc import OidcIdentityProviders

BUILT_IN: tuple[object, ...] = (
    OidcIdentityProviders,
    OAuthIdentityProviders,
    GitHubIdentityProviders,
)
"""Objects or classes that implement hooks of ``hexkeep.ports.hooks``. A new first-party plugin is one line here."""
