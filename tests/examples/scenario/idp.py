"""Identity providers of an instance and an organization, of every kind there is, and links to accounts at them."""

from collections.abc import Iterator
from typing import Any

from tests.examples.step import Step, call

ISSUER = "https://login.example.net"
CLIENT = {"client_id": "hexkeep", "client_secret": "a secret of theirs"}
KINDS: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "Oidc": ({"issuer": ISSUER, **CLIENT}, {"scopes": ["openid", "email"]}),
    "Oauth": (
        {
            **CLIENT,
            "authorization_endpoint": f"{ISSUER}/authorize",
            "token_endpoint": f"{ISSUER}/token",
            "userinfo_endpoint": f"{ISSUER}/me",
            "id_attribute": "id",
        },
        {"id_attribute": "sub"},
    ),
    "Jwt": (
        {
            "issuer": ISSUER,
            "jwks_endpoint": f"{ISSUER}/keys",
            "jwt_endpoint": f"{ISSUER}/jwt",
            "header_name": "X-Auth-Token",
        },
        {"header_name": "X-Signed-In"},
    ),
    "Ldap": ({"servers": ["ldaps://ldap.example.net"], "base_dn": "dc=example,dc=net"}, {"start_tls": False}),
    "Saml": ({"metadata_url": f"{ISSUER}/metadata"}, {"signed_requests": True}),
    "Google": (CLIENT, {"linking_allowed": True}),
    "GitHub": (CLIENT, {"linking_allowed": True}),
    "GitHubEnterprise": ({**CLIENT, "base_url": "https://github.example.net"}, {"linking_allowed": True}),
    "GitLab": (CLIENT, {"linking_allowed": True}),
    "GitLabSelfHosted": ({**CLIENT, "issuer": "https://gitlab.example.net"}, {"linking_allowed": True}),
    "EntraId": ({**CLIENT, "tenant": "common"}, {"linking_allowed": True}),
    "Apple": (
        {
            "client_id": "net.example.login",
            "team_id": "ABCDE12345",
            "key_id": "ABCDE12345",
            "private_key": "-----BEGIN PRIVATE KEY-----\nMIGT",
        },
        {"linking_allowed": True},
    ),
}
"""What each kind is made with, and what of it is changed."""


def _kinds() -> Iterator[Step]:
    for number, (kind, (new, changed)) in enumerate(KINDS.items()):
        noun = f"{kind}IdentityProvider"
        provider = {"identity_provider_id": f"$idp_{number}"}
        keep = f"idp_{number}=identity_provider_id"
        places: dict[str, dict[str, Any]] = {"": {"organization_id": "$acme"}, "Instance": {}}
        for place, fields in places.items():
            yield call(f"Create{place}{noun}", keep=keep, **fields, name=f"{kind} of example.net", **new)
            yield call(f"Get{place}{noun}", **provider)
            yield call(f"Update{place}{noun}", **provider, **changed)


def _places() -> Iterator[Step]:
    own: dict[str, Any] = {
        "organization_id": "$acme",
        "name": "Partner",
        "issuer": ISSUER,
        **CLIENT,
        "linking_allowed": True,
    }
    yield call("CreateOidcIdentityProvider", keep="partner=identity_provider_id", **own)
    yield call("ListIdentityProviders", organization_id="$acme", sort="name", limit=2)
    yield call("ListInstanceIdentityProviders", kind="google")
    yield call("ListAvailableIdentityProviders", organization_id="$globex")
    yield call("SetDefaultLoginProviders", identity_provider_ids=["$idp_0"])
    yield call("GetDefaultLoginProviders")
    yield call("SetLoginProviders", organization_id="$acme", identity_provider_ids=["$partner"])
    yield call("GetLoginProviders", organization_id="$acme")
    linked: dict[str, Any] = {"user_id": "$ada", "identity_provider_id": "$partner", "display_name": "ada@example.net"}
    link = "link=identity_provider_link_id"
    yield call("AddIdentityProviderLink", keep=link, external_id="4711", **linked)
    yield call("ListUserIdentityProviderLinks", user_id="$ada")
    yield call("ListMyIdentityProviderLinks", by="ada")
    yield call("RemoveMyIdentityProviderLink", by="ada", identity_provider_link_id="$link")
    yield call("AddIdentityProviderLink", keep=link, external_id="4712", **linked)
    yield call("RemoveIdentityProviderLink", identity_provider_link_id="$link")
    yield call("ResetLoginProviders", organization_id="$acme")
    yield call("ResetDefaultLoginProviders")
    for place, provider in (("", "$partner"), ("Instance", "$idp_0")):
        for verb in ("Get", "Deactivate", "Reactivate", "Delete"):
            yield call(f"{verb}{place}IdentityProvider", identity_provider_id=provider)


STEPS = (*_kinds(), *_places())
