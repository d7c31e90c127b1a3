"""The settings of a JupyterHub whose people sign in here; what differs comes in the environment."""

import os

from traitlets.config import get_config

c = get_config()

ISSUER = os.environ["PARTY_ISSUER"]
ORIGIN = os.environ["PARTY_ORIGIN"]

c.JupyterHub.bind_url = ORIGIN
c.JupyterHub.hub_port = int(os.environ["PARTY_HUB_PORT"])
c.JupyterHub.db_url = "sqlite:///:memory:"
c.JupyterHub.cookie_secret_file = "cookie_secret"
c.JupyterHub.authenticator_class = "generic-oauth"
c.JupyterHub.default_url = "/hub/home"
c.JupyterHub.log_level = "WARN"
c.ConfigurableHTTPProxy.command = [os.environ["PARTY_NODE"], os.environ["PARTY_PROXY"]]
c.ConfigurableHTTPProxy.api_url = os.environ["PARTY_PROXY_API"]
c.ConfigurableHTTPProxy.pid_file = "proxy.pid"

c.GenericOAuthenticator.client_id = os.environ["PARTY_CLIENT_ID"]
c.GenericOAuthenticator.client_secret = os.environ["PARTY_CLIENT_SECRET"]
c.GenericOAuthenticator.oauth_callback_url = f"{ORIGIN}/hub/oauth_callback"
c.GenericOAuthenticator.authorize_url = f"{ISSUER}/oauth/authorize"
c.GenericOAuthenticator.token_url = f"{ISSUER}/oauth/token"
c.GenericOAuthenticator.userdata_url = f"{ISSUER}/oidc/userinfo"
c.GenericOAuthenticator.scope = ["openid", "profile", "email"]
c.GenericOAuthenticator.username_claim = "preferred_username"
c.GenericOAuthenticator.allow_all = True
c.GenericOAuthenticator.logout_redirect_url = (
    f"{ISSUER}/oidc/logout?client_id={os.environ['PARTY_CLIENT_ID']}&post_logout_redirect_uri={ORIGIN}/hub/login"
)
