"""Sign-in by GitLab, and by a GitLab of one's own: OpenID Connect.

https://docs.gitlab.com/integration/openid_connect_provider/.
"""

from collections.abc import Iterable
from typing import Any

from hexkeep.core.idp.catalog import GITLAB, GITLAB_SELF_HOSTED
from hexkeep.core.idp.templates import GitLabSelfHostedSettings, GitLabSettings
from hexkeep.plugins.oauth_client import Client, offered
from hexkeep.plugins.oidc_flow import OpenIdFlow
from hexkeep.ports.hooks import hookimpl
from hexkeep.ports.idp import IdpOffer, RedirectProvider, Surroundings

ISSUER = "https://gitlab.com"


class GitLabProvider(OpenIdFlow):
    """A GitLab, as it is called once."""

    def __init__(self, settings: GitLabSettings, around: Surroundings) -> None:
        issuer = settings.issuer if isinstance(settings, GitLabSelfHostedSettings) else ISSUER
        super().__init__(Client(settings.client_id, settings.client_secret, settings.scopes), issuer, around)


class GitLabIdentityProviders:
    """The plugin."""

    name = "idp_gitlab"

    @hookimpl
    def hexkeep_identity_providers(self) -> Iterable[IdpOffer[Any]]:
        """GitLab itself, and one of one's own."""
        roles = frozenset({RedirectProvider})
        return offered(
            IdpOffer(GITLAB, GitLabSettings, GitLabProvider, roles),
            IdpOffer(GITLAB_SELF_HOSTED, GitLabSelfHostedSettings, GitLabProvider, roles),
        )
