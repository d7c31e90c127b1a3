"""The operations of `idp`. Made by `python -m hexkeep.client.generate`; do not edit."""

from datetime import timedelta

from hexkeep.client.blocking import Calls, Listing
from hexkeep.client.generated.messages.idp import (
    AppleIdentityProviderView,
    EntraIdIdentityProviderView,
    GitHubEnterpriseIdentityProviderView,
    GitHubIdentityProviderView,
    GitLabIdentityProviderView,
    GitLabSelfHostedIdentityProviderView,
    GoogleIdentityProviderView,
    JwtIdentityProviderView,
    LdapIdentityProviderView,
    OauthIdentityProviderView,
    OidcIdentityProviderView,
    SamlIdentityProviderView,
)
from hexkeep.core.idp import SLICE
from hexkeep.core.idp.choices import EntraTenant, NameIdFormat, SamlBinding
from hexkeep.core.idp.events import AutoLinking
from hexkeep.core.idp.login import LoginProviderList
from hexkeep.core.idp.mapping import ClaimMapping, GroupRule
from hexkeep.core.idp.messages import IdentityProviderCreated, IdentityProviderView
from hexkeep.core.idp.queries import (
    AvailableIdentityProvider,
    AvailableIdentityProviderPage,
    IdentityProviderPage,
    IdentityProviderSort,
)
from hexkeep.core.idp.settings import LdapAttributes
from hexkeep.core.kernel.lifecycle import Status
from hexkeep.core.kernel.operation import Empty

_OPERATIONS = {one.name: one for one in SLICE.operations}


class IdpCalls:
    """The operations of `idp`."""

    def __init__(self, calls: Calls) -> None:
        self._calls = calls

    def create_oidc_identity_provider(
        self,
        *,
        name: str,
        linking_allowed: bool = True,
        creation_allowed: bool = True,
        auto_creation: bool = False,
        auto_update: bool = False,
        auto_linking: AutoLinking = AutoLinking.UNSPECIFIED,
        provider_logout: bool = False,
        asks_again: bool = False,
        email_trusted: bool = False,
        claim_mapping: ClaimMapping | None = None,
        group_rules: tuple[GroupRule, ...] | list[GroupRule] = (),
        email_domains: tuple[str, ...] | list[str] = (),
        organization_id: str,
        issuer: str,
        client_id: str,
        client_secret: str = "",
        scopes: tuple[str, ...] | list[str] = ("openid", "profile", "email"),
        pkce: bool = True,
        id_token_mapping: bool = False,
        idempotency_key: str = "",
    ) -> IdentityProviderCreated:
        """Create an identity provider of an organization: OpenID provider.

        Needs `idp.write`. The fields are those of `CreateOidcIdentityProvider`.
        """
        fields: dict[str, object] = {
            "name": name,
            "linking_allowed": linking_allowed,
            "creation_allowed": creation_allowed,
            "auto_creation": auto_creation,
            "auto_update": auto_update,
            "auto_linking": auto_linking,
            "provider_logout": provider_logout,
            "asks_again": asks_again,
            "email_trusted": email_trusted,
            "claim_mapping": claim_mapping,
            "group_rules": group_rules,
            "email_domains": email_domains,
            "organization_id": organization_id,
            "issuer": issuer,
            "client_id": client_id,
            "client_secret": client_secret,
            "scopes": scopes,
            "pkce": pkce,
            "id_token_mapping": id_token_mapping,
        }
        return self._calls.answer(
            _OPERATIONS["CreateOidcIdentityProvider"], IdentityProviderCreated, fields, idempotency_key
        )

    def create_instance_oidc_identity_provider(
        self,
        *,
        name: str,
        linking_allowed: bool = True,
        creation_allowed: bool = True,
        auto_creation: bool = False,
        auto_update: bool = False,
        auto_linking: AutoLinking = AutoLinking.UNSPECIFIED,
        provider_logout: bool = False,
        asks_again: bool = False,
        email_trusted: bool = False,
        claim_mapping: ClaimMapping | None = None,
        group_rules: tuple[GroupRule, ...] | list[GroupRule] = (),
        email_domains: tuple[str, ...] | list[str] = (),
        issuer: str,
        client_id: str,
        client_secret: str = "",
        scopes: tuple[str, ...] | list[str] = ("openid", "profile", "email"),
        pkce: bool = True,
        id_token_mapping: bool = False,
        idempotency_key: str = "",
    ) -> IdentityProviderCreated:
        """Create an identity provider of the instance: OpenID provider.

        Needs `idp.write`. The fields are those of `CreateInstanceOidcIdentityProvider`.
        """
        fields: dict[str, object] = {
            "name": name,
            "linking_allowed": linking_allowed,
            "creation_allowed": creation_allowed,
            "auto_creation": auto_creation,
            "auto_update": auto_update,
            "auto_linking": auto_linking,
            "provider_logout": provider_logout,
            "asks_again": asks_again,
            "email_trusted": email_trusted,
            "claim_mapping": claim_mapping,
            "group_rules": group_rules,
            "email_domains": email_domains,
            "issuer": issuer,
            "client_id": client_id,
            "client_secret": client_secret,
            "scopes": scopes,
            "pkce": pkce,
            "id_token_mapping": id_token_mapping,
        }
        return self._calls.answer(
            _OPERATIONS["CreateInstanceOidcIdentityProvider"], IdentityProviderCreated, fields, idempotency_key
        )

    def get_oidc_identity_provider(self, *, identity_provider_id: str) -> OidcIdentityProviderView:
        """Get an identity provider of an organization with its settings: OpenID provider.

        Needs `idp.read`. The fields are those of `IdentityProviderId`.
        """
        fields: dict[str, object] = {"identity_provider_id": identity_provider_id}
        return self._calls.answer(_OPERATIONS["GetOidcIdentityProvider"], OidcIdentityProviderView, fields)

    def update_oidc_identity_provider(
        self,
        *,
        expected_version: int | None = None,
        update_mask: str = "",
        identity_provider_id: str,
        name: str | None = None,
        linking_allowed: bool | None = None,
        creation_allowed: bool | None = None,
        auto_creation: bool | None = None,
        auto_update: bool | None = None,
        auto_linking: AutoLinking | None = None,
        provider_logout: bool | None = None,
        asks_again: bool | None = None,
        email_trusted: bool | None = None,
        claim_mapping: ClaimMapping | None = None,
        group_rules: tuple[GroupRule, ...] | list[GroupRule] | None = None,
        email_domains: tuple[str, ...] | list[str] | None = None,
        issuer: str | None = None,
        client_id: str | None = None,
        client_secret: str | None = None,
        scopes: tuple[str, ...] | list[str] | None = None,
        pkce: bool | None = None,
        id_token_mapping: bool | None = None,
    ) -> None:
        """Change an identity provider of an organization: OpenID provider.

        What is left out stays as it is, secrets included. Where a change would send a kept secret to another server, the secret has to be given again. While users are linked to accounts there, what says whose accounts they are, such as the issuer, is not changed; and what else says who is believed, such as keys, by those alone who hold what these users hold.

        Needs `idp.write`. The fields are those of `UpdateOidcIdentityProvider`.
        """
        fields: dict[str, object] = {
            "expected_version": expected_version,
            "update_mask": update_mask,
            "identity_provider_id": identity_provider_id,
            "name": name,
            "linking_allowed": linking_allowed,
            "creation_allowed": creation_allowed,
            "auto_creation": auto_creation,
            "auto_update": auto_update,
            "auto_linking": auto_linking,
            "provider_logout": provider_logout,
            "asks_again": asks_again,
            "email_trusted": email_trusted,
            "claim_mapping": claim_mapping,
            "group_rules": group_rules,
            "email_domains": email_domains,
            "issuer": issuer,
            "client_id": client_id,
            "client_secret": client_secret,
            "scopes": scopes,
            "pkce": pkce,
            "id_token_mapping": id_token_mapping,
        }
        self._calls.answer(_OPERATIONS["UpdateOidcIdentityProvider"], Empty, fields)

    def get_instance_oidc_identity_provider(self, *, identity_provider_id: str) -> OidcIdentityProviderView:
        """Get an identity provider of the instance with its settings: OpenID provider.

        Needs `idp.read`. The fields are those of `IdentityProviderId`.
        """
        fields: dict[str, object] = {"identity_provider_id": identity_provider_id}
        return self._calls.answer(_OPERATIONS["GetInstanceOidcIdentityProvider"], OidcIdentityProviderView, fields)

    def update_instance_oidc_identity_provider(
        self,
        *,
        expected_version: int | None = None,
        update_mask: str = "",
        identity_provider_id: str,
        name: str | None = None,
        linking_allowed: bool | None = None,
        creation_allowed: bool | None = None,
        auto_creation: bool | None = None,
        auto_update: bool | None = None,
        auto_linking: AutoLinking | None = None,
        provider_logout: bool | None = None,
        asks_again: bool | None = None,
        email_trusted: bool | None = None,
        claim_mapping: ClaimMapping | None = None,
        group_rules: tuple[GroupRule, ...] | list[GroupRule] | None = None,
        email_domains: tuple[str, ...] | list[str] | None = None,
        issuer: str | None = None,
        client_id: str | None = None,
        client_secret: str | None = None,
        scopes: tuple[str, ...] | list[str] | None = None,
        pkce: bool | None = None,
        id_token_mapping: bool | None = None,
    ) -> None:
        """Change an identity provider of the instance: OpenID provider.

        What is left out stays as it is, secrets included. Where a change would send a kept secret to another server, the secret has to be given again. While users are linked to accounts there, what says whose accounts they are, such as the issuer, is not changed; and what else says who is believed, such as keys, by those alone who hold what these users hold.

        Needs `idp.write`. The fields are those of `UpdateOidcIdentityProvider`.
        """
        fields: dict[str, object] = {
            "expected_version": expected_version,
            "update_mask": update_mask,
            "identity_provider_id": identity_provider_id,
            "name": name,
            "linking_allowed": linking_allowed,
            "creation_allowed": creation_allowed,
            "auto_creation": auto_creation,
            "auto_update": auto_update,
            "auto_linking": auto_linking,
            "provider_logout": provider_logout,
            "asks_again": asks_again,
            "email_trusted": email_trusted,
            "claim_mapping": claim_mapping,
            "group_rules": group_rules,
            "email_domains": email_domains,
            "issuer": issuer,
            "client_id": client_id,
            "client_secret": client_secret,
            "scopes": scopes,
            "pkce": pkce,
            "id_token_mapping": id_token_mapping,
        }
        self._calls.answer(_OPERATIONS["UpdateInstanceOidcIdentityProvider"], Empty, fields)

    def create_oauth_identity_provider(
        self,
        *,
        name: str,
        linking_allowed: bool = True,
        creation_allowed: bool = True,
        auto_creation: bool = False,
        auto_update: bool = False,
        auto_linking: AutoLinking = AutoLinking.UNSPECIFIED,
        provider_logout: bool = False,
        asks_again: bool = False,
        email_trusted: bool = False,
        claim_mapping: ClaimMapping | None = None,
        group_rules: tuple[GroupRule, ...] | list[GroupRule] = (),
        email_domains: tuple[str, ...] | list[str] = (),
        organization_id: str,
        client_id: str,
        client_secret: str,
        authorization_endpoint: str,
        token_endpoint: str,
        userinfo_endpoint: str,
        id_attribute: str,
        scopes: tuple[str, ...] | list[str] = (),
        pkce: bool = True,
        issuer: str = "",
        posts_secret: bool = False,
        idempotency_key: str = "",
    ) -> IdentityProviderCreated:
        """Create an identity provider of an organization: OAuth 2.0 provider.

        Needs `idp.write`. The fields are those of `CreateOauthIdentityProvider`.
        """
        fields: dict[str, object] = {
            "name": name,
            "linking_allowed": linking_allowed,
            "creation_allowed": creation_allowed,
            "auto_creation": auto_creation,
            "auto_update": auto_update,
            "auto_linking": auto_linking,
            "provider_logout": provider_logout,
            "asks_again": asks_again,
            "email_trusted": email_trusted,
            "claim_mapping": claim_mapping,
            "group_rules": group_rules,
            "email_domains": email_domains,
            "organization_id": organization_id,
            "client_id": client_id,
            "client_secret": client_secret,
            "authorization_endpoint": authorization_endpoint,
            "token_endpoint": token_endpoint,
            "userinfo_endpoint": userinfo_endpoint,
            "id_attribute": id_attribute,
            "scopes": scopes,
            "pkce": pkce,
            "issuer": issuer,
            "posts_secret": posts_secret,
        }
        return self._calls.answer(
            _OPERATIONS["CreateOauthIdentityProvider"], IdentityProviderCreated, fields, idempotency_key
        )

    def create_instance_oauth_identity_provider(
        self,
        *,
        name: str,
        linking_allowed: bool = True,
        creation_allowed: bool = True,
        auto_creation: bool = False,
        auto_update: bool = False,
        auto_linking: AutoLinking = AutoLinking.UNSPECIFIED,
        provider_logout: bool = False,
        asks_again: bool = False,
        email_trusted: bool = False,
        claim_mapping: ClaimMapping | None = None,
        group_rules: tuple[GroupRule, ...] | list[GroupRule] = (),
        email_domains: tuple[str, ...] | list[str] = (),
        client_id: str,
        client_secret: str,
        authorization_endpoint: str,
        token_endpoint: str,
        userinfo_endpoint: str,
        id_attribute: str,
        scopes: tuple[str, ...] | list[str] = (),
        pkce: bool = True,
        issuer: str = "",
        posts_secret: bool = False,
        idempotency_key: str = "",
    ) -> IdentityProviderCreated:
        """Create an identity provider of the instance: OAuth 2.0 provider.

        Needs `idp.write`. The fields are those of `CreateInstanceOauthIdentityProvider`.
        """
        fields: dict[str, object] = {
            "name": name,
            "linking_allowed": linking_allowed,
            "creation_allowed": creation_allowed,
            "auto_creation": auto_creation,
            "auto_update": auto_update,
            "auto_linking": auto_linking,
            "provider_logout": provider_logout,
            "asks_again": asks_again,
            "email_trusted": email_trusted,
            "claim_mapping": claim_mapping,
            "group_rules": group_rules,
            "email_domains": email_domains,
            "client_id": client_id,
            "client_secret": client_secret,
            "authorization_endpoint": authorization_endpoint,
            "token_endpoint": token_endpoint,
            "userinfo_endpoint": userinfo_endpoint,
            "id_attribute": id_attribute,
            "scopes": scopes,
            "pkce": pkce,
            "issuer": issuer,
            "posts_secret": posts_secret,
        }
        return self._calls.answer(
            _OPERATIONS["CreateInstanceOauthIdentityProvider"], IdentityProviderCreated, fields, idempotency_key
        )

    def get_oauth_identity_provider(self, *, identity_provider_id: str) -> OauthIdentityProviderView:
        """Get an identity provider of an organization with its settings: OAuth 2.0 provider.

        Needs `idp.read`. The fields are those of `IdentityProviderId`.
        """
        fields: dict[str, object] = {"identity_provider_id": identity_provider_id}
        return self._calls.answer(_OPERATIONS["GetOauthIdentityProvider"], OauthIdentityProviderView, fields)

    def update_oauth_identity_provider(
        self,
        *,
        expected_version: int | None = None,
        update_mask: str = "",
        identity_provider_id: str,
        name: str | None = None,
        linking_allowed: bool | None = None,
        creation_allowed: bool | None = None,
        auto_creation: bool | None = None,
        auto_update: bool | None = None,
        auto_linking: AutoLinking | None = None,
        provider_logout: bool | None = None,
        asks_again: bool | None = None,
        email_trusted: bool | None = None,
        claim_mapping: ClaimMapping | None = None,
        group_rules: tuple[GroupRule, ...] | list[GroupRule] | None = None,
        email_domains: tuple[str, ...] | list[str] | None = None,
        client_id: str | None = None,
        client_secret: str | None = None,
        authorization_endpoint: str | None = None,
        token_endpoint: str | None = None,
        userinfo_endpoint: str | None = None,
        id_attribute: str | None = None,
        scopes: tuple[str, ...] | list[str] | None = None,
        pkce: bool | None = None,
        issuer: str | None = None,
        posts_secret: bool | None = None,
    ) -> None:
        """Change an identity provider of an organization: OAuth 2.0 provider.

        What is left out stays as it is, secrets included. Where a change would send a kept secret to another server, the secret has to be given again. While users are linked to accounts there, what says whose accounts they are, such as the issuer, is not changed; and what else says who is believed, such as keys, by those alone who hold what these users hold.

        Needs `idp.write`. The fields are those of `UpdateOauthIdentityProvider`.
        """
        fields: dict[str, object] = {
            "expected_version": expected_version,
            "update_mask": update_mask,
            "identity_provider_id": identity_provider_id,
            "name": name,
            "linking_allowed": linking_allowed,
            "creation_allowed": creation_allowed,
            "auto_creation": auto_creation,
            "auto_update": auto_update,
            "auto_linking": auto_linking,
            "provider_logout": provider_logout,
            "asks_again": asks_again,
            "email_trusted": email_trusted,
            "claim_mapping": claim_mapping,
            "group_rules": group_rules,
            "email_domains": email_domains,
            "client_id": client_id,
            "client_secret": client_secret,
            "authorization_endpoint": authorization_endpoint,
            "token_endpoint": token_endpoint,
            "userinfo_endpoint": userinfo_endpoint,
            "id_attribute": id_attribute,
            "scopes": scopes,
            "pkce": pkce,
            "issuer": issuer,
            "posts_secret": posts_secret,
        }
        self._calls.answer(_OPERATIONS["UpdateOauthIdentityProvider"], Empty, fields)

    def get_instance_oauth_identity_provider(self, *, identity_provider_id: str) -> OauthIdentityProviderView:
        """Get an identity provider of the instance with its settings: OAuth 2.0 provider.

        Needs `idp.read`. The fields are those of `IdentityProviderId`.
        """
        fields: dict[str, object] = {"identity_provider_id": identity_provider_id}
        return self._calls.answer(_OPERATIONS["GetInstanceOauthIdentityProvider"], OauthIdentityProviderView, fields)

    def update_instance_oauth_identity_provider(
        self,
        *,
        expected_version: int | None = None,
        update_mask: str = "",
        identity_provider_id: str,
        name: str | None = None,
        linking_allowed: bool | None = None,
        creation_allowed: bool | None = None,
        auto_creation: bool | None = None,
        auto_update: bool | None = None,
        auto_linking: AutoLinking | None = None,
        provider_logout: bool | None = None,
        asks_again: bool | None = None,
        email_trusted: bool | None = None,
        claim_mapping: ClaimMapping | None = None,
        group_rules: tuple[GroupRule, ...] | list[GroupRule] | None = None,
        email_domains: tuple[str, ...] | list[str] | None = None,
        client_id: str | None = None,
        client_secret: str | None = None,
        authorization_endpoint: str | None = None,
        token_endpoint: str | None = None,
        userinfo_endpoint: str | None = None,
        id_attribute: str | None = None,
        scopes: tuple[str, ...] | list[str] | None = None,
        pkce: bool | None = None,
        issuer: str | None = None,
        posts_secret: bool | None = None,
    ) -> None:
        """Change an identity provider of the instance: OAuth 2.0 provider.

        What is left out stays as it is, secrets included. Where a change would send a kept secret to another server, the secret has to be given again. While users are linked to accounts there, what says whose accounts they are, such as the issuer, is not changed; and what else says who is believed, such as keys, by those alone who hold what these users hold.

        Needs `idp.write`. The fields are those of `UpdateOauthIdentityProvider`.
        """
        fields: dict[str, object] = {
            "expected_version": expected_version,
            "update_mask": update_mask,
            "identity_provider_id": identity_provider_id,
            "name": name,
            "linking_allowed": linking_allowed,
            "creation_allowed": creation_allowed,
            "auto_creation": auto_creation,
            "auto_update": auto_update,
            "auto_linking": auto_linking,
            "provider_logout": provider_logout,
            "asks_again": asks_again,
            "email_trusted": email_trusted,
            "claim_mapping": claim_mapping,
            "group_rules": group_rules,
            "email_domains": email_domains,
            "client_id": client_id,
            "client_secret": client_secret,
            "authorization_endpoint": authorization_endpoint,
            "token_endpoint": token_endpoint,
            "userinfo_endpoint": userinfo_endpoint,
            "id_attribute": id_attribute,
            "scopes": scopes,
            "pkce": pkce,
            "issuer": issuer,
            "posts_secret": posts_secret,
        }
        self._calls.answer(_OPERATIONS["UpdateInstanceOauthIdentityProvider"], Empty, fields)

    def create_jwt_identity_provider(
        self,
        *,
        name: str,
        linking_allowed: bool = True,
        creation_allowed: bool = True,
        auto_creation: bool = False,
        auto_update: bool = False,
        auto_linking: AutoLinking = AutoLinking.UNSPECIFIED,
        provider_logout: bool = False,
        asks_again: bool = False,
        email_trusted: bool = False,
        claim_mapping: ClaimMapping | None = None,
        group_rules: tuple[GroupRule, ...] | list[GroupRule] = (),
        email_domains: tuple[str, ...] | list[str] = (),
        organization_id: str,
        issuer: str,
        audience: str = "",
        jwks_endpoint: str,
        jwt_endpoint: str,
        header_name: str,
        idempotency_key: str = "",
    ) -> IdentityProviderCreated:
        """Create an identity provider of an organization: JWT provider.

        Needs `idp.write`. The fields are those of `CreateJwtIdentityProvider`.
        """
        fields: dict[str, object] = {
            "name": name,
            "linking_allowed": linking_allowed,
            "creation_allowed": creation_allowed,
            "auto_creation": auto_creation,
            "auto_update": auto_update,
            "auto_linking": auto_linking,
            "provider_logout": provider_logout,
            "asks_again": asks_again,
            "email_trusted": email_trusted,
            "claim_mapping": claim_mapping,
            "group_rules": group_rules,
            "email_domains": email_domains,
            "organization_id": organization_id,
            "issuer": issuer,
            "audience": audience,
            "jwks_endpoint": jwks_endpoint,
            "jwt_endpoint": jwt_endpoint,
            "header_name": header_name,
        }
        return self._calls.answer(
            _OPERATIONS["CreateJwtIdentityProvider"], IdentityProviderCreated, fields, idempotency_key
        )

    def create_instance_jwt_identity_provider(
        self,
        *,
        name: str,
        linking_allowed: bool = True,
        creation_allowed: bool = True,
        auto_creation: bool = False,
        auto_update: bool = False,
        auto_linking: AutoLinking = AutoLinking.UNSPECIFIED,
        provider_logout: bool = False,
        asks_again: bool = False,
        email_trusted: bool = False,
        claim_mapping: ClaimMapping | None = None,
        group_rules: tuple[GroupRule, ...] | list[GroupRule] = (),
        email_domains: tuple[str, ...] | list[str] = (),
        issuer: str,
        audience: str = "",
        jwks_endpoint: str,
        jwt_endpoint: str,
        header_name: str,
        idempotency_key: str = "",
    ) -> IdentityProviderCreated:
        """Create an identity provider of the instance: JWT provider.

        Needs `idp.write`. The fields are those of `CreateInstanceJwtIdentityProvider`.
        """
        fields: dict[str, object] = {
            "name": name,
            "linking_allowed": linking_allowed,
            "creation_allowed": creation_allowed,
            "auto_creation": auto_creation,
            "auto_update": auto_update,
            "auto_linking": auto_linking,
            "provider_logout": provider_logout,
            "asks_again": asks_again,
            "email_trusted": email_trusted,
            "claim_mapping": claim_mapping,
            "group_rules": group_rules,
            "email_domains": email_domains,
            "issuer": issuer,
            "audience": audience,
            "jwks_endpoint": jwks_endpoint,
            "jwt_endpoint": jwt_endpoint,
            "header_name": header_name,
        }
        return self._calls.answer(
            _OPERATIONS["CreateInstanceJwtIdentityProvider"], IdentityProviderCreated, fields, idempotency_key
        )

    def get_jwt_identity_provider(self, *, identity_provider_id: str) -> JwtIdentityProviderView:
        """Get an identity provider of an organization with its settings: JWT provider.

        Needs `idp.read`. The fields are those of `IdentityProviderId`.
        """
        fields: dict[str, object] = {"identity_provider_id": identity_provider_id}
        return self._calls.answer(_OPERATIONS["GetJwtIdentityProvider"], JwtIdentityProviderView, fields)

    def update_jwt_identity_provider(
        self,
        *,
        expected_version: int | None = None,
        update_mask: str = "",
        identity_provider_id: str,
        name: str | None = None,
        linking_allowed: bool | None = None,
        creation_allowed: bool | None = None,
        auto_creation: bool | None = None,
        auto_update: bool | None = None,
        auto_linking: AutoLinking | None = None,
        provider_logout: bool | None = None,
        asks_again: bool | None = None,
        email_trusted: bool | None = None,
        claim_mapping: ClaimMapping | None = None,
        group_rules: tuple[GroupRule, ...] | list[GroupRule] | None = None,
        email_domains: tuple[str, ...] | list[str] | None = None,
        issuer: str | None = None,
        audience: str | None = None,
        jwks_endpoint: str | None = None,
        jwt_endpoint: str | None = None,
        header_name: str | None = None,
    ) -> None:
        """Change an identity provider of an organization: JWT provider.

        What is left out stays as it is, secrets included. Where a change would send a kept secret to another server, the secret has to be given again. While users are linked to accounts there, what says whose accounts they are, such as the issuer, is not changed; and what else says who is believed, such as keys, by those alone who hold what these users hold.

        Needs `idp.write`. The fields are those of `UpdateJwtIdentityProvider`.
        """
        fields: dict[str, object] = {
            "expected_version": expected_version,
            "update_mask": update_mask,
            "identity_provider_id": identity_provider_id,
            "name": name,
            "linking_allowed": linking_allowed,
            "creation_allowed": creation_allowed,
            "auto_creation": auto_creation,
            "auto_update": auto_update,
            "auto_linking": auto_linking,
            "provider_logout": provider_logout,
            "asks_again": asks_again,
            "email_trusted": email_trusted,
            "claim_mapping": claim_mapping,
            "group_rules": group_rules,
            "email_domains": email_domains,
            "issuer": issuer,
            "audience": audience,
            "jwks_endpoint": jwks_endpoint,
            "jwt_endpoint": jwt_endpoint,
            "header_name": header_name,
        }
        self._calls.answer(_OPERATIONS["UpdateJwtIdentityProvider"], Empty, fields)

    def get_instance_jwt_identity_provider(self, *, identity_provider_id: str) -> JwtIdentityProviderView:
        """Get an identity provider of the instance with its settings: JWT provider.

        Needs `idp.read`. The fields are those of `IdentityProviderId`.
        """
        fields: dict[str, object] = {"identity_provider_id": identity_provider_id}
        return self._calls.answer(_OPERATIONS["GetInstanceJwtIdentityProvider"], JwtIdentityProviderView, fields)

    def update_instance_jwt_identity_provider(
        self,
        *,
        expected_version: int | None = None,
        update_mask: str = "",
        identity_provider_id: str,
        name: str | None = None,
        linking_allowed: bool | None = None,
        creation_allowed: bool | None = None,
        auto_creation: bool | None = None,
        auto_update: bool | None = None,
        auto_linking: AutoLinking | None = None,
        provider_logout: bool | None = None,
        asks_again: bool | None = None,
        email_trusted: bool | None = None,
        claim_mapping: ClaimMapping | None = None,
        group_rules: tuple[GroupRule, ...] | list[GroupRule] | None = None,
        email_domains: tuple[str, ...] | list[str] | None = None,
        issuer: str | None = None,
        audience: str | None = None,
        jwks_endpoint: str | None = None,
        jwt_endpoint: str | None = None,
        header_name: str | None = None,
    ) -> None:
        """Change an identity provider of the instance: JWT provider.

        What is left out stays as it is, secrets included. Where a change would send a kept secret to another server, the secret has to be given again. While users are linked to accounts there, what says whose accounts they are, such as the issuer, is not changed; and what else says who is believed, such as keys, by those alone who hold what these users hold.

        Needs `idp.write`. The fields are those of `UpdateJwtIdentityProvider`.
        """
        fields: dict[str, object] = {
            "expected_version": expected_version,
            "update_mask": update_mask,
            "identity_provider_id": identity_provider_id,
            "name": name,
            "linking_allowed": linking_allowed,
            "creation_allowed": creation_allowed,
            "auto_creation": auto_creation,
            "auto_update": auto_update,
            "auto_linking": auto_linking,
            "provider_logout": provider_logout,
            "asks_again": asks_again,
            "email_trusted": email_trusted,
            "claim_mapping": claim_mapping,
            "group_rules": group_rules,
            "email_domains": email_domains,
            "issuer": issuer,
            "audience": audience,
            "jwks_endpoint": jwks_endpoint,
            "jwt_endpoint": jwt_endpoint,
            "header_name": header_name,
        }
        self._calls.answer(_OPERATIONS["UpdateInstanceJwtIdentityProvider"], Empty, fields)

    def create_ldap_identity_provider(
        self,
        *,
        name: str,
        linking_allowed: bool = True,
        creation_allowed: bool = True,
        auto_creation: bool = False,
        auto_update: bool = False,
        auto_linking: AutoLinking = AutoLinking.UNSPECIFIED,
        provider_logout: bool = False,
        asks_again: bool = False,
        email_trusted: bool = False,
        claim_mapping: ClaimMapping | None = None,
        group_rules: tuple[GroupRule, ...] | list[GroupRule] = (),
        email_domains: tuple[str, ...] | list[str] = (),
        organization_id: str,
        servers: tuple[str, ...] | list[str],
        start_tls: bool = False,
        base_dn: str,
        bind_dn: str = "",
        bind_password: str = "",
        user_object_classes: tuple[str, ...] | list[str] = ("inetOrgPerson",),
        user_filters: tuple[str, ...] | list[str] = ("uid",),
        group_base_dn: str = "",
        group_object_classes: tuple[str, ...] | list[str] = ("groupOfNames",),
        group_member_attribute: str = "member",
        group_name_attribute: str = "cn",
        timeout: timedelta | None = None,
        attributes: LdapAttributes | None = None,
        idempotency_key: str = "",
    ) -> IdentityProviderCreated:
        """Create an identity provider of an organization: LDAP directory.

        Needs `idp.write`. The fields are those of `CreateLdapIdentityProvider`.
        """
        fields: dict[str, object] = {
            "name": name,
            "linking_allowed": linking_allowed,
            "creation_allowed": creation_allowed,
            "auto_creation": auto_creation,
            "auto_update": auto_update,
            "auto_linking": auto_linking,
            "provider_logout": provider_logout,
            "asks_again": asks_again,
            "email_trusted": email_trusted,
            "claim_mapping": claim_mapping,
            "group_rules": group_rules,
            "email_domains": email_domains,
            "organization_id": organization_id,
            "servers": servers,
            "start_tls": start_tls,
            "base_dn": base_dn,
            "bind_dn": bind_dn,
            "bind_password": bind_password,
            "user_object_classes": user_object_classes,
            "user_filters": user_filters,
            "group_base_dn": group_base_dn,
            "group_object_classes": group_object_classes,
            "group_member_attribute": group_member_attribute,
            "group_name_attribute": group_name_attribute,
            "timeout": timeout,
            "attributes": attributes,
        }
        return self._calls.answer(
            _OPERATIONS["CreateLdapIdentityProvider"], IdentityProviderCreated, fields, idempotency_key
        )

    def create_instance_ldap_identity_provider(
        self,
        *,
        name: str,
        linking_allowed: bool = True,
        creation_allowed: bool = True,
        auto_creation: bool = False,
        auto_update: bool = False,
        auto_linking: AutoLinking = AutoLinking.UNSPECIFIED,
        provider_logout: bool = False,
        asks_again: bool = False,
        email_trusted: bool = False,
        claim_mapping: ClaimMapping | None = None,
        group_rules: tuple[GroupRule, ...] | list[GroupRule] = (),
        email_domains: tuple[str, ...] | list[str] = (),
        servers: tuple[str, ...] | list[str],
        start_tls: bool = False,
        base_dn: str,
        bind_dn: str = "",
        bind_password: str = "",
        user_object_classes: tuple[str, ...] | list[str] = ("inetOrgPerson",),
        user_filters: tuple[str, ...] | list[str] = ("uid",),
        group_base_dn: str = "",
        group_object_classes: tuple[str, ...] | list[str] = ("groupOfNames",),
        group_member_attribute: str = "member",
        group_name_attribute: str = "cn",
        timeout: timedelta | None = None,
        attributes: LdapAttributes | None = None,
        idempotency_key: str = "",
    ) -> IdentityProviderCreated:
        """Create an identity provider of the instance: LDAP directory.

        Needs `idp.write`. The fields are those of `CreateInstanceLdapIdentityProvider`.
        """
        fields: dict[str, object] = {
            "name": name,
            "linking_allowed": linking_allowed,
            "creation_allowed": creation_allowed,
            "auto_creation": auto_creation,
            "auto_update": auto_update,
            "auto_linking": auto_linking,
            "provider_logout": provider_logout,
            "asks_again": asks_again,
            "email_trusted": email_trusted,
            "claim_mapping": claim_mapping,
            "group_rules": group_rules,
            "email_domains": email_domains,
            "servers": servers,
            "start_tls": start_tls,
            "base_dn": base_dn,
            "bind_dn": bind_dn,
            "bind_password": bind_password,
            "user_object_classes": user_object_classes,
            "user_filters": user_filters,
            "group_base_dn": group_base_dn,
            "group_object_classes": group_object_classes,
            "group_member_attribute": group_member_attribute,
            "group_name_attribute": group_name_attribute,
            "timeout": timeout,
            "attributes": attributes,
        }
        return self._calls.answer(
            _OPERATIONS["CreateInstanceLdapIdentityProvider"], IdentityProviderCreated, fields, idempotency_key
        )

    def get_ldap_identity_provider(self, *, identity_provider_id: str) -> LdapIdentityProviderView:
        """Get an identity provider of an organization with its settings: LDAP directory.

        Needs `idp.read`. The fields are those of `IdentityProviderId`.
        """
        fields: dict[str, object] = {"identity_provider_id": identity_provider_id}
        return self._calls.answer(_OPERATIONS["GetLdapIdentityProvider"], LdapIdentityProviderView, fields)

    def update_ldap_identity_provider(
        self,
        *,
        expected_version: int | None = None,
        update_mask: str = "",
        identity_provider_id: str,
        name: str | None = None,
        linking_allowed: bool | None = None,
        creation_allowed: bool | None = None,
        auto_creation: bool | None = None,
        auto_update: bool | None = None,
        auto_linking: AutoLinking | None = None,
        provider_logout: bool | None = None,
        asks_again: bool | None = None,
        email_trusted: bool | None = None,
        claim_mapping: ClaimMapping | None = None,
        group_rules: tuple[GroupRule, ...] | list[GroupRule] | None = None,
        email_domains: tuple[str, ...] | list[str] | None = None,
        servers: tuple[str, ...] | list[str] | None = None,
        start_tls: bool | None = None,
        base_dn: str | None = None,
        bind_dn: str | None = None,
        bind_password: str | None = None,
        user_object_classes: tuple[str, ...] | list[str] | None = None,
        user_filters: tuple[str, ...] | list[str] | None = None,
        group_base_dn: str | None = None,
        group_object_classes: tuple[str, ...] | list[str] | None = None,
        group_member_attribute: str | None = None,
        group_name_attribute: str | None = None,
        timeout: timedelta | None = None,
        attributes: LdapAttributes | None = None,
    ) -> None:
        """Change an identity provider of an organization: LDAP directory.

        What is left out stays as it is, secrets included. Where a change would send a kept secret to another server, the secret has to be given again. While users are linked to accounts there, what says whose accounts they are, such as the issuer, is not changed; and what else says who is believed, such as keys, by those alone who hold what these users hold.

        Needs `idp.write`. The fields are those of `UpdateLdapIdentityProvider`.
        """
        fields: dict[str, object] = {
            "expected_version": expected_version,
            "update_mask": update_mask,
            "identity_provider_id": identity_provider_id,
            "name": name,
            "linking_allowed": linking_allowed,
            "creation_allowed": creation_allowed,
            "auto_creation": auto_creation,
            "auto_update": auto_update,
            "auto_linking": auto_linking,
            "provider_logout": provider_logout,
            "asks_again": asks_again,
            "email_trusted": email_trusted,
            "claim_mapping": claim_mapping,
            "group_rules": group_rules,
            "email_domains": email_domains,
            "servers": servers,
            "start_tls": start_tls,
            "base_dn": base_dn,
            "bind_dn": bind_dn,
            "bind_password": bind_password,
            "user_object_classes": user_object_classes,
            "user_filters": user_filters,
            "group_base_dn": group_base_dn,
            "group_object_classes": group_object_classes,
            "group_member_attribute": group_member_attribute,
            "group_name_attribute": group_name_attribute,
            "timeout": timeout,
            "attributes": attributes,
        }
        self._calls.answer(_OPERATIONS["UpdateLdapIdentityProvider"], Empty, fields)

    def get_instance_ldap_identity_provider(self, *, identity_provider_id: str) -> LdapIdentityProviderView:
        """Get an identity provider of the instance with its settings: LDAP directory.

        Needs `idp.read`. The fields are those of `IdentityProviderId`.
        """
        fields: dict[str, object] = {"identity_provider_id": identity_provider_id}
        return self._calls.answer(_OPERATIONS["GetInstanceLdapIdentityProvider"], LdapIdentityProviderView, fields)

    def update_instance_ldap_identity_provider(
        self,
        *,
        expected_version: int | None = None,
        update_mask: str = "",
        identity_provider_id: str,
        name: str | None = None,
        linking_allowed: bool | None = None,
        creation_allowed: bool | None = None,
        auto_creation: bool | None = None,
        auto_update: bool | None = None,
        auto_linking: AutoLinking | None = None,
        provider_logout: bool | None = None,
        asks_again: bool | None = None,
        email_trusted: bool | None = None,
        claim_mapping: ClaimMapping | None = None,
        group_rules: tuple[GroupRule, ...] | list[GroupRule] | None = None,
        email_domains: tuple[str, ...] | list[str] | None = None,
        servers: tuple[str, ...] | list[str] | None = None,
        start_tls: bool | None = None,
        base_dn: str | None = None,
        bind_dn: str | None = None,
        bind_password: str | None = None,
        user_object_classes: tuple[str, ...] | list[str] | None = None,
        user_filters: tuple[str, ...] | list[str] | None = None,
        group_base_dn: str | None = None,
        group_object_classes: tuple[str, ...] | list[str] | None = None,
        group_member_attribute: str | None = None,
        group_name_attribute: str | None = None,
        timeout: timedelta | None = None,
        attributes: LdapAttributes | None = None,
    ) -> None:
        """Change an identity provider of the instance: LDAP directory.

        What is left out stays as it is, secrets included. Where a change would send a kept secret to another server, the secret has to be given again. While users are linked to accounts there, what says whose accounts they are, such as the issuer, is not changed; and what else says who is believed, such as keys, by those alone who hold what these users hold.

        Needs `idp.write`. The fields are those of `UpdateLdapIdentityProvider`.
        """
        fields: dict[str, object] = {
            "expected_version": expected_version,
            "update_mask": update_mask,
            "identity_provider_id": identity_provider_id,
            "name": name,
            "linking_allowed": linking_allowed,
            "creation_allowed": creation_allowed,
            "auto_creation": auto_creation,
            "auto_update": auto_update,
            "auto_linking": auto_linking,
            "provider_logout": provider_logout,
            "asks_again": asks_again,
            "email_trusted": email_trusted,
            "claim_mapping": claim_mapping,
            "group_rules": group_rules,
            "email_domains": email_domains,
            "servers": servers,
            "start_tls": start_tls,
            "base_dn": base_dn,
            "bind_dn": bind_dn,
            "bind_password": bind_password,
            "user_object_classes": user_object_classes,
            "user_filters": user_filters,
            "group_base_dn": group_base_dn,
            "group_object_classes": group_object_classes,
            "group_member_attribute": group_member_attribute,
            "group_name_attribute": group_name_attribute,
            "timeout": timeout,
            "attributes": attributes,
        }
        self._calls.answer(_OPERATIONS["UpdateInstanceLdapIdentityProvider"], Empty, fields)

    def create_saml_identity_provider(
        self,
        *,
        name: str,
        linking_allowed: bool = True,
        creation_allowed: bool = True,
        auto_creation: bool = False,
        auto_update: bool = False,
        auto_linking: AutoLinking = AutoLinking.UNSPECIFIED,
        provider_logout: bool = False,
        asks_again: bool = False,
        email_trusted: bool = False,
        claim_mapping: ClaimMapping | None = None,
        group_rules: tuple[GroupRule, ...] | list[GroupRule] = (),
        email_domains: tuple[str, ...] | list[str] = (),
        organization_id: str,
        metadata_xml: str = "",
        metadata_url: str = "",
        metadata_certificates: tuple[str, ...] | list[str] = (),
        entity_id: str = "",
        binding: SamlBinding = SamlBinding.UNSPECIFIED,
        signed_requests: bool = True,
        name_id_format: NameIdFormat = NameIdFormat.UNSPECIFIED,
        transient_mapping_attribute: str = "",
        email_verified: bool = False,
        idempotency_key: str = "",
    ) -> IdentityProviderCreated:
        """Create an identity provider of an organization: SAML identity provider.

        Needs `idp.write`. The fields are those of `CreateSamlIdentityProvider`.
        """
        fields: dict[str, object] = {
            "name": name,
            "linking_allowed": linking_allowed,
            "creation_allowed": creation_allowed,
            "auto_creation": auto_creation,
            "auto_update": auto_update,
            "auto_linking": auto_linking,
            "provider_logout": provider_logout,
            "asks_again": asks_again,
            "email_trusted": email_trusted,
            "claim_mapping": claim_mapping,
            "group_rules": group_rules,
            "email_domains": email_domains,
            "organization_id": organization_id,
            "metadata_xml": metadata_xml,
            "metadata_url": metadata_url,
            "metadata_certificates": metadata_certificates,
            "entity_id": entity_id,
            "binding": binding,
            "signed_requests": signed_requests,
            "name_id_format": name_id_format,
            "transient_mapping_attribute": transient_mapping_attribute,
            "email_verified": email_verified,
        }
        return self._calls.answer(
            _OPERATIONS["CreateSamlIdentityProvider"], IdentityProviderCreated, fields, idempotency_key
        )

    def create_instance_saml_identity_provider(
        self,
        *,
        name: str,
        linking_allowed: bool = True,
        creation_allowed: bool = True,
        auto_creation: bool = False,
        auto_update: bool = False,
        auto_linking: AutoLinking = AutoLinking.UNSPECIFIED,
        provider_logout: bool = False,
        asks_again: bool = False,
        email_trusted: bool = False,
        claim_mapping: ClaimMapping | None = None,
        group_rules: tuple[GroupRule, ...] | list[GroupRule] = (),
        email_domains: tuple[str, ...] | list[str] = (),
        metadata_xml: str = "",
        metadata_url: str = "",
        metadata_certificates: tuple[str, ...] | list[str] = (),
        entity_id: str = "",
        binding: SamlBinding = SamlBinding.UNSPECIFIED,
        signed_requests: bool = True,
        name_id_format: NameIdFormat = NameIdFormat.UNSPECIFIED,
        transient_mapping_attribute: str = "",
        email_verified: bool = False,
        idempotency_key: str = "",
    ) -> IdentityProviderCreated:
        """Create an identity provider of the instance: SAML identity provider.

        Needs `idp.write`. The fields are those of `CreateInstanceSamlIdentityProvider`.
        """
        fields: dict[str, object] = {
            "name": name,
            "linking_allowed": linking_allowed,
            "creation_allowed": creation_allowed,
            "auto_creation": auto_creation,
            "auto_update": auto_update,
            "auto_linking": auto_linking,
            "provider_logout": provider_logout,
            "asks_again": asks_again,
            "email_trusted": email_trusted,
            "claim_mapping": claim_mapping,
            "group_rules": group_rules,
            "email_domains": email_domains,
            "metadata_xml": metadata_xml,
            "metadata_url": metadata_url,
            "metadata_certificates": metadata_certificates,
            "entity_id": entity_id,
            "binding": binding,
            "signed_requests": signed_requests,
            "name_id_format": name_id_format,
            "transient_mapping_attribute": transient_mapping_attribute,
            "email_verified": email_verified,
        }
        return self._calls.answer(
            _OPERATIONS["CreateInstanceSamlIdentityProvider"], IdentityProviderCreated, fields, idempotency_key
        )

    def get_saml_identity_provider(self, *, identity_provider_id: str) -> SamlIdentityProviderView:
        """Get an identity provider of an organization with its settings: SAML identity provider.

        Needs `idp.read`. The fields are those of `IdentityProviderId`.
        """
        fields: dict[str, object] = {"identity_provider_id": identity_provider_id}
        return self._calls.answer(_OPERATIONS["GetSamlIdentityProvider"], SamlIdentityProviderView, fields)

    def update_saml_identity_provider(
        self,
        *,
        expected_version: int | None = None,
        update_mask: str = "",
        identity_provider_id: str,
        name: str | None = None,
        linking_allowed: bool | None = None,
        creation_allowed: bool | None = None,
        auto_creation: bool | None = None,
        auto_update: bool | None = None,
        auto_linking: AutoLinking | None = None,
        provider_logout: bool | None = None,
        asks_again: bool | None = None,
        email_trusted: bool | None = None,
        claim_mapping: ClaimMapping | None = None,
        group_rules: tuple[GroupRule, ...] | list[GroupRule] | None = None,
        email_domains: tuple[str, ...] | list[str] | None = None,
        metadata_xml: str | None = None,
        metadata_url: str | None = None,
        metadata_certificates: tuple[str, ...] | list[str] | None = None,
        entity_id: str | None = None,
        binding: SamlBinding | None = None,
        signed_requests: bool | None = None,
        name_id_format: NameIdFormat | None = None,
        transient_mapping_attribute: str | None = None,
        email_verified: bool | None = None,
    ) -> None:
        """Change an identity provider of an organization: SAML identity provider.

        What is left out stays as it is, secrets included. Where a change would send a kept secret to another server, the secret has to be given again. While users are linked to accounts there, what says whose accounts they are, such as the issuer, is not changed; and what else says who is believed, such as keys, by those alone who hold what these users hold.

        Needs `idp.write`. The fields are those of `UpdateSamlIdentityProvider`.
        """
        fields: dict[str, object] = {
            "expected_version": expected_version,
            "update_mask": update_mask,
            "identity_provider_id": identity_provider_id,
            "name": name,
            "linking_allowed": linking_allowed,
            "creation_allowed": creation_allowed,
            "auto_creation": auto_creation,
            "auto_update": auto_update,
            "auto_linking": auto_linking,
            "provider_logout": provider_logout,
            "asks_again": asks_again,
            "email_trusted": email_trusted,
            "claim_mapping": claim_mapping,
            "group_rules": group_rules,
            "email_domains": email_domains,
            "metadata_xml": metadata_xml,
            "metadata_url": metadata_url,
            "metadata_certificates": metadata_certificates,
            "entity_id": entity_id,
            "binding": binding,
            "signed_requests": signed_requests,
            "name_id_format": name_id_format,
            "transient_mapping_attribute": transient_mapping_attribute,
            "email_verified": email_verified,
        }
        self._calls.answer(_OPERATIONS["UpdateSamlIdentityProvider"], Empty, fields)

    def get_instance_saml_identity_provider(self, *, identity_provider_id: str) -> SamlIdentityProviderView:
        """Get an identity provider of the instance with its settings: SAML identity provider.

        Needs `idp.read`. The fields are those of `IdentityProviderId`.
        """
        fields: dict[str, object] = {"identity_provider_id": identity_provider_id}
        return self._calls.answer(_OPERATIONS["GetInstanceSamlIdentityProvider"], SamlIdentityProviderView, fields)

    def update_instance_saml_identity_provider(
        self,
        *,
        expected_version: int | None = None,
        update_mask: str = "",
        identity_provider_id: str,
        name: str | None = None,
        linking_allowed: bool | None = None,
        creation_allowed: bool | None = None,
        auto_creation: bool | None = None,
        auto_update: bool | None = None,
        auto_linking: AutoLinking | None = None,
        provider_logout: bool | None = None,
        asks_again: bool | None = None,
        email_trusted: bool | None = None,
        claim_mapping: ClaimMapping | None = None,
        group_rules: tuple[GroupRule, ...] | list[GroupRule] | None = None,
        email_domains: tuple[str, ...] | list[str] | None = None,
        metadata_xml: str | None = None,
        metadata_url: str | None = None,
        metadata_certificates: tuple[str, ...] | list[str] | None = None,
        entity_id: str | None = None,
        binding: SamlBinding | None = None,
        signed_requests: bool | None = None,
        name_id_format: NameIdFormat | None = None,
        transient_mapping_attribute: str | None = None,
        email_verified: bool | None = None,
    ) -> None:
        """Change an identity provider of the instance: SAML identity provider.

        What is left out stays as it is, secrets included. Where a change would send a kept secret to another server, the secret has to be given again. While users are linked to accounts there, what says whose accounts they are, such as the issuer, is not changed; and what else says who is believed, such as keys, by those alone who hold what these users hold.

        Needs `idp.write`. The fields are those of `UpdateSamlIdentityProvider`.
        """
        fields: dict[str, object] = {
            "expected_version": expected_version,
            "update_mask": update_mask,
            "identity_provider_id": identity_provider_id,
            "name": name,
            "linking_allowed": linking_allowed,
            "creation_allowed": creation_allowed,
            "auto_creation": auto_creation,
            "auto_update": auto_update,
            "auto_linking": auto_linking,
            "provider_logout": provider_logout,
            "asks_again": asks_again,
            "email_trusted": email_trusted,
            "claim_mapping": claim_mapping,
            "group_rules": group_rules,
            "email_domains": email_domains,
            "metadata_xml": metadata_xml,
            "metadata_url": metadata_url,
            "metadata_certificates": metadata_certificates,
            "entity_id": entity_id,
            "binding": binding,
            "signed_requests": signed_requests,
            "name_id_format": name_id_format,
            "transient_mapping_attribute": transient_mapping_attribute,
            "email_verified": email_verified,
        }
        self._calls.answer(_OPERATIONS["UpdateInstanceSamlIdentityProvider"], Empty, fields)

    def create_google_identity_provider(
        self,
        *,
        name: str,
        linking_allowed: bool = True,
        creation_allowed: bool = True,
        auto_creation: bool = False,
        auto_update: bool = False,
        auto_linking: AutoLinking = AutoLinking.UNSPECIFIED,
        provider_logout: bool = False,
        asks_again: bool = False,
        email_trusted: bool = False,
        claim_mapping: ClaimMapping | None = None,
        group_rules: tuple[GroupRule, ...] | list[GroupRule] = (),
        email_domains: tuple[str, ...] | list[str] = (),
        organization_id: str,
        client_id: str,
        client_secret: str,
        scopes: tuple[str, ...] | list[str] = ("openid", "profile", "email"),
        hosted_domains: tuple[str, ...] | list[str] = (),
        idempotency_key: str = "",
    ) -> IdentityProviderCreated:
        """Create an identity provider of an organization: Google.

        Needs `idp.write`. The fields are those of `CreateGoogleIdentityProvider`.
        """
        fields: dict[str, object] = {
            "name": name,
            "linking_allowed": linking_allowed,
            "creation_allowed": creation_allowed,
            "auto_creation": auto_creation,
            "auto_update": auto_update,
            "auto_linking": auto_linking,
            "provider_logout": provider_logout,
            "asks_again": asks_again,
            "email_trusted": email_trusted,
            "claim_mapping": claim_mapping,
            "group_rules": group_rules,
            "email_domains": email_domains,
            "organization_id": organization_id,
            "client_id": client_id,
            "client_secret": client_secret,
            "scopes": scopes,
            "hosted_domains": hosted_domains,
        }
        return self._calls.answer(
            _OPERATIONS["CreateGoogleIdentityProvider"], IdentityProviderCreated, fields, idempotency_key
        )

    def create_instance_google_identity_provider(
        self,
        *,
        name: str,
        linking_allowed: bool = True,
        creation_allowed: bool = True,
        auto_creation: bool = False,
        auto_update: bool = False,
        auto_linking: AutoLinking = AutoLinking.UNSPECIFIED,
        provider_logout: bool = False,
        asks_again: bool = False,
        email_trusted: bool = False,
        claim_mapping: ClaimMapping | None = None,
        group_rules: tuple[GroupRule, ...] | list[GroupRule] = (),
        email_domains: tuple[str, ...] | list[str] = (),
        client_id: str,
        client_secret: str,
        scopes: tuple[str, ...] | list[str] = ("openid", "profile", "email"),
        hosted_domains: tuple[str, ...] | list[str] = (),
        idempotency_key: str = "",
    ) -> IdentityProviderCreated:
        """Create an identity provider of the instance: Google.

        Needs `idp.write`. The fields are those of `CreateInstanceGoogleIdentityProvider`.
        """
        fields: dict[str, object] = {
            "name": name,
            "linking_allowed": linking_allowed,
            "creation_allowed": creation_allowed,
            "auto_creation": auto_creation,
            "auto_update": auto_update,
            "auto_linking": auto_linking,
            "provider_logout": provider_logout,
            "asks_again": asks_again,
            "email_trusted": email_trusted,
            "claim_mapping": claim_mapping,
            "group_rules": group_rules,
            "email_domains": email_domains,
            "client_id": client_id,
            "client_secret": client_secret,
            "scopes": scopes,
            "hosted_domains": hosted_domains,
        }
        return self._calls.answer(
            _OPERATIONS["CreateInstanceGoogleIdentityProvider"], IdentityProviderCreated, fields, idempotency_key
        )

    def get_google_identity_provider(self, *, identity_provider_id: str) -> GoogleIdentityProviderView:
        """Get an identity provider of an organization with its settings: Google.

        Needs `idp.read`. The fields are those of `IdentityProviderId`.
        """
        fields: dict[str, object] = {"identity_provider_id": identity_provider_id}
        return self._calls.answer(_OPERATIONS["GetGoogleIdentityProvider"], GoogleIdentityProviderView, fields)

    def update_google_identity_provider(
        self,
        *,
        expected_version: int | None = None,
        update_mask: str = "",
        identity_provider_id: str,
        name: str | None = None,
        linking_allowed: bool | None = None,
        creation_allowed: bool | None = None,
        auto_creation: bool | None = None,
        auto_update: bool | None = None,
        auto_linking: AutoLinking | None = None,
        provider_logout: bool | None = None,
        asks_again: bool | None = None,
        email_trusted: bool | None = None,
        claim_mapping: ClaimMapping | None = None,
        group_rules: tuple[GroupRule, ...] | list[GroupRule] | None = None,
        email_domains: tuple[str, ...] | list[str] | None = None,
        client_id: str | None = None,
        client_secret: str | None = None,
        scopes: tuple[str, ...] | list[str] | None = None,
        hosted_domains: tuple[str, ...] | list[str] | None = None,
    ) -> None:
        """Change an identity provider of an organization: Google.

        What is left out stays as it is, secrets included. Where a change would send a kept secret to another server, the secret has to be given again. While users are linked to accounts there, what says whose accounts they are, such as the issuer, is not changed; and what else says who is believed, such as keys, by those alone who hold what these users hold.

        Needs `idp.write`. The fields are those of `UpdateGoogleIdentityProvider`.
        """
        fields: dict[str, object] = {
            "expected_version": expected_version,
            "update_mask": update_mask,
            "identity_provider_id": identity_provider_id,
            "name": name,
            "linking_allowed": linking_allowed,
            "creation_allowed": creation_allowed,
            "auto_creation": auto_creation,
            "auto_update": auto_update,
            "auto_linking": auto_linking,
            "provider_logout": provider_logout,
            "asks_again": asks_again,
            "email_trusted": email_trusted,
            "claim_mapping": claim_mapping,
            "group_rules": group_rules,
            "email_domains": email_domains,
            "client_id": client_id,
            "client_secret": client_secret,
            "scopes": scopes,
            "hosted_domains": hosted_domains,
        }
        self._calls.answer(_OPERATIONS["UpdateGoogleIdentityProvider"], Empty, fields)

    def get_instance_google_identity_provider(self, *, identity_provider_id: str) -> GoogleIdentityProviderView:
        """Get an identity provider of the instance with its settings: Google.

        Needs `idp.read`. The fields are those of `IdentityProviderId`.
        """
        fields: dict[str, object] = {"identity_provider_id": identity_provider_id}
        return self._calls.answer(_OPERATIONS["GetInstanceGoogleIdentityProvider"], GoogleIdentityProviderView, fields)

    def update_instance_google_identity_provider(
        self,
        *,
        expected_version: int | None = None,
        update_mask: str = "",
        identity_provider_id: str,
        name: str | None = None,
        linking_allowed: bool | None = None,
        creation_allowed: bool | None = None,
        auto_creation: bool | None = None,
        auto_update: bool | None = None,
        auto_linking: AutoLinking | None = None,
        provider_logout: bool | None = None,
        asks_again: bool | None = None,
        email_trusted: bool | None = None,
        claim_mapping: ClaimMapping | None = None,
        group_rules: tuple[GroupRule, ...] | list[GroupRule] | None = None,
        email_domains: tuple[str, ...] | list[str] | None = None,
        client_id: str | None = None,
        client_secret: str | None = None,
        scopes: tuple[str, ...] | list[str] | None = None,
        hosted_domains: tuple[str, ...] | list[str] | None = None,
    ) -> None:
        """Change an identity provider of the instance: Google.

        What is left out stays as it is, secrets included. Where a change would send a kept secret to another server, the secret has to be given again. While users are linked to accounts there, what says whose accounts they are, such as the issuer, is not changed; and what else says who is believed, such as keys, by those alone who hold what these users hold.

        Needs `idp.write`. The fields are those of `UpdateGoogleIdentityProvider`.
        """
        fields: dict[str, object] = {
            "expected_version": expected_version,
            "update_mask": update_mask,
            "identity_provider_id": identity_provider_id,
            "name": name,
            "linking_allowed": linking_allowed,
            "creation_allowed": creation_allowed,
            "auto_creation": auto_creation,
            "auto_update": auto_update,
            "auto_linking": auto_linking,
            "provider_logout": provider_logout,
            "asks_again": asks_again,
            "email_trusted": email_trusted,
            "claim_mapping": claim_mapping,
            "group_rules": group_rules,
            "email_domains": email_domains,
            "client_id": client_id,
            "client_secret": client_secret,
            "scopes": scopes,
            "hosted_domains": hosted_domains,
        }
        self._calls.answer(_OPERATIONS["UpdateInstanceGoogleIdentityProvider"], Empty, fields)

    def create_git_hub_identity_provider(
        self,
        *,
        name: str,
        linking_allowed: bool = True,
        creation_allowed: bool = True,
        auto_creation: bool = False,
        auto_update: bool = False,
        auto_linking: AutoLinking = AutoLinking.UNSPECIFIED,
        provider_logout: bool = False,
        asks_again: bool = False,
        email_trusted: bool = False,
        claim_mapping: ClaimMapping | None = None,
        group_rules: tuple[GroupRule, ...] | list[GroupRule] = (),
        email_domains: tuple[str, ...] | list[str] = (),
        organization_id: str,
        client_id: str,
        client_secret: str,
        scopes: tuple[str, ...] | list[str] = ("read:user", "user:email"),
        idempotency_key: str = "",
    ) -> IdentityProviderCreated:
        """Create an identity provider of an organization: GitHub.

        Needs `idp.write`. The fields are those of `CreateGitHubIdentityProvider`.
        """
        fields: dict[str, object] = {
            "name": name,
            "linking_allowed": linking_allowed,
            "creation_allowed": creation_allowed,
            "auto_creation": auto_creation,
            "auto_update": auto_update,
            "auto_linking": auto_linking,
            "provider_logout": provider_logout,
            "asks_again": asks_again,
            "email_trusted": email_trusted,
            "claim_mapping": claim_mapping,
            "group_rules": group_rules,
            "email_domains": email_domains,
            "organization_id": organization_id,
            "client_id": client_id,
            "client_secret": client_secret,
            "scopes": scopes,
        }
        return self._calls.answer(
            _OPERATIONS["CreateGitHubIdentityProvider"], IdentityProviderCreated, fields, idempotency_key
        )

    def create_instance_git_hub_identity_provider(
        self,
        *,
        name: str,
        linking_allowed: bool = True,
        creation_allowed: bool = True,
        auto_creation: bool = False,
        auto_update: bool = False,
        auto_linking: AutoLinking = AutoLinking.UNSPECIFIED,
        provider_logout: bool = False,
        asks_again: bool = False,
        email_trusted: bool = False,
        claim_mapping: ClaimMapping | None = None,
        group_rules: tuple[GroupRule, ...] | list[GroupRule] = (),
        email_domains: tuple[str, ...] | list[str] = (),
        client_id: str,
        client_secret: str,
        scopes: tuple[str, ...] | list[str] = ("read:user", "user:email"),
        idempotency_key: str = "",
    ) -> IdentityProviderCreated:
        """Create an identity provider of the instance: GitHub.

        Needs `idp.write`. The fields are those of `CreateInstanceGitHubIdentityProvider`.
        """
        fields: dict[str, object] = {
            "name": name,
            "linking_allowed": linking_allowed,
            "creation_allowed": creation_allowed,
            "auto_creation": auto_creation,
            "auto_update": auto_update,
            "auto_linking": auto_linking,
            "provider_logout": provider_logout,
            "asks_again": asks_again,
            "email_trusted": email_trusted,
            "claim_mapping": claim_mapping,
            "group_rules": group_rules,
            "email_domains": email_domains,
            "client_id": client_id,
            "client_secret": client_secret,
            "scopes": scopes,
        }
        return self._calls.answer(
            _OPERATIONS["CreateInstanceGitHubIdentityProvider"], IdentityProviderCreated, fields, idempotency_key
        )

    def get_git_hub_identity_provider(self, *, identity_provider_id: str) -> GitHubIdentityProviderView:
        """Get an identity provider of an organization with its settings: GitHub.

        Needs `idp.read`. The fields are those of `IdentityProviderId`.
        """
        fields: dict[str, object] = {"identity_provider_id": identity_provider_id}
        return self._calls.answer(_OPERATIONS["GetGitHubIdentityProvider"], GitHubIdentityProviderView, fields)

    def update_git_hub_identity_provider(
        self,
        *,
        expected_version: int | None = None,
        update_mask: str = "",
        identity_provider_id: str,
        name: str | None = None,
        linking_allowed: bool | None = None,
        creation_allowed: bool | None = None,
        auto_creation: bool | None = None,
        auto_update: bool | None = None,
        auto_linking: AutoLinking | None = None,
        provider_logout: bool | None = None,
        asks_again: bool | None = None,
        email_trusted: bool | None = None,
        claim_mapping: ClaimMapping | None = None,
        group_rules: tuple[GroupRule, ...] | list[GroupRule] | None = None,
        email_domains: tuple[str, ...] | list[str] | None = None,
        client_id: str | None = None,
        client_secret: str | None = None,
        scopes: tuple[str, ...] | list[str] | None = None,
    ) -> None:
        """Change an identity provider of an organization: GitHub.

        What is left out stays as it is, secrets included. Where a change would send a kept secret to another server, the secret has to be given again. While users are linked to accounts there, what says whose accounts they are, such as the issuer, is not changed; and what else says who is believed, such as keys, by those alone who hold what these users hold.

        Needs `idp.write`. The fields are those of `UpdateGitHubIdentityProvider`.
        """
        fields: dict[str, object] = {
            "expected_version": expected_version,
            "update_mask": update_mask,
            "identity_provider_id": identity_provider_id,
            "name": name,
            "linking_allowed": linking_allowed,
            "creation_allowed": creation_allowed,
            "auto_creation": auto_creation,
            "auto_update": auto_update,
            "auto_linking": auto_linking,
            "provider_logout": provider_logout,
            "asks_again": asks_again,
            "email_trusted": email_trusted,
            "claim_mapping": claim_mapping,
            "group_rules": group_rules,
            "email_domains": email_domains,
            "client_id": client_id,
            "client_secret": client_secret,
            "scopes": scopes,
        }
        self._calls.answer(_OPERATIONS["UpdateGitHubIdentityProvider"], Empty, fields)

    def get_instance_git_hub_identity_provider(self, *, identity_provider_id: str) -> GitHubIdentityProviderView:
        """Get an identity provider of the instance with its settings: GitHub.

        Needs `idp.read`. The fields are those of `IdentityProviderId`.
        """
        fields: dict[str, object] = {"identity_provider_id": identity_provider_id}
        return self._calls.answer(_OPERATIONS["GetInstanceGitHubIdentityProvider"], GitHubIdentityProviderView, fields)

    def update_instance_git_hub_identity_provider(
        self,
        *,
        expected_version: int | None = None,
        update_mask: str = "",
        identity_provider_id: str,
        name: str | None = None,
        linking_allowed: bool | None = None,
        creation_allowed: bool | None = None,
        auto_creation: bool | None = None,
        auto_update: bool | None = None,
        auto_linking: AutoLinking | None = None,
        provider_logout: bool | None = None,
        asks_again: bool | None = None,
        email_trusted: bool | None = None,
        claim_mapping: ClaimMapping | None = None,
        group_rules: tuple[GroupRule, ...] | list[GroupRule] | None = None,
        email_domains: tuple[str, ...] | list[str] | None = None,
        client_id: str | None = None,
        client_secret: str | None = None,
        scopes: tuple[str, ...] | list[str] | None = None,
    ) -> None:
        """Change an identity provider of the instance: GitHub.

        What is left out stays as it is, secrets included. Where a change would send a kept secret to another server, the secret has to be given again. While users are linked to accounts there, what says whose accounts they are, such as the issuer, is not changed; and what else says who is believed, such as keys, by those alone who hold what these users hold.

        Needs `idp.write`. The fields are those of `UpdateGitHubIdentityProvider`.
        """
        fields: dict[str, object] = {
            "expected_version": expected_version,
            "update_mask": update_mask,
            "identity_provider_id": identity_provider_id,
            "name": name,
            "linking_allowed": linking_allowed,
            "creation_allowed": creation_allowed,
            "auto_creation": auto_creation,
            "auto_update": auto_update,
            "auto_linking": auto_linking,
            "provider_logout": provider_logout,
            "asks_again": asks_again,
            "email_trusted": email_trusted,
            "claim_mapping": claim_mapping,
            "group_rules": group_rules,
            "email_domains": email_domains,
            "client_id": client_id,
            "client_secret": client_secret,
            "scopes": scopes,
        }
        self._calls.answer(_OPERATIONS["UpdateInstanceGitHubIdentityProvider"], Empty, fields)

    def create_git_hub_enterprise_identity_provider(
        self,
        *,
        name: str,
        linking_allowed: bool = True,
        creation_allowed: bool = True,
        auto_creation: bool = False,
        auto_update: bool = False,
        auto_linking: AutoLinking = AutoLinking.UNSPECIFIED,
        provider_logout: bool = False,
        asks_again: bool = False,
        email_trusted: bool = False,
        claim_mapping: ClaimMapping | None = None,
        group_rules: tuple[GroupRule, ...] | list[GroupRule] = (),
        email_domains: tuple[str, ...] | list[str] = (),
        organization_id: str,
        client_id: str,
        client_secret: str,
        scopes: tuple[str, ...] | list[str] = ("read:user", "user:email"),
        base_url: str,
        idempotency_key: str = "",
    ) -> IdentityProviderCreated:
        """Create an identity provider of an organization: GitHub Enterprise Server.

        Needs `idp.write`. The fields are those of `CreateGitHubEnterpriseIdentityProvider`.
        """
        fields: dict[str, object] = {
            "name": name,
            "linking_allowed": linking_allowed,
            "creation_allowed": creation_allowed,
            "auto_creation": auto_creation,
            "auto_update": auto_update,
            "auto_linking": auto_linking,
            "provider_logout": provider_logout,
            "asks_again": asks_again,
            "email_trusted": email_trusted,
            "claim_mapping": claim_mapping,
            "group_rules": group_rules,
            "email_domains": email_domains,
            "organization_id": organization_id,
            "client_id": client_id,
            "client_secret": client_secret,
            "scopes": scopes,
            "base_url": base_url,
        }
        return self._calls.answer(
            _OPERATIONS["CreateGitHubEnterpriseIdentityProvider"], IdentityProviderCreated, fields, idempotency_key
        )

    def create_instance_git_hub_enterprise_identity_provider(
        self,
        *,
        name: str,
        linking_allowed: bool = True,
        creation_allowed: bool = True,
        auto_creation: bool = False,
        auto_update: bool = False,
        auto_linking: AutoLinking = AutoLinking.UNSPECIFIED,
        provider_logout: bool = False,
        asks_again: bool = False,
        email_trusted: bool = False,
        claim_mapping: ClaimMapping | None = None,
        group_rules: tuple[GroupRule, ...] | list[GroupRule] = (),
        email_domains: tuple[str, ...] | list[str] = (),
        client_id: str,
        client_secret: str,
        scopes: tuple[str, ...] | list[str] = ("read:user", "user:email"),
        base_url: str,
        idempotency_key: str = "",
    ) -> IdentityProviderCreated:
        """Create an identity provider of the instance: GitHub Enterprise Server.

        Needs `idp.write`. The fields are those of `CreateInstanceGitHubEnterpriseIdentityProvider`.
        """
        fields: dict[str, object] = {
            "name": name,
            "linking_allowed": linking_allowed,
            "creation_allowed": creation_allowed,
            "auto_creation": auto_creation,
            "auto_update": auto_update,
            "auto_linking": auto_linking,
            "provider_logout": provider_logout,
            "asks_again": asks_again,
            "email_trusted": email_trusted,
            "claim_mapping": claim_mapping,
            "group_rules": group_rules,
            "email_domains": email_domains,
            "client_id": client_id,
            "client_secret": client_secret,
            "scopes": scopes,
            "base_url": base_url,
        }
        return self._calls.answer(
            _OPERATIONS["CreateInstanceGitHubEnterpriseIdentityProvider"],
            IdentityProviderCreated,
            fields,
            idempotency_key,
        )

    def get_git_hub_enterprise_identity_provider(
        self,
        *,
        identity_provider_id: str,
    ) -> GitHubEnterpriseIdentityProviderView:
        """Get an identity provider of an organization with its settings: GitHub Enterprise Server.

        Needs `idp.read`. The fields are those of `IdentityProviderId`.
        """
        fields: dict[str, object] = {"identity_provider_id": identity_provider_id}
        return self._calls.answer(
            _OPERATIONS["GetGitHubEnterpriseIdentityProvider"], GitHubEnterpriseIdentityProviderView, fields
        )

    def update_git_hub_enterprise_identity_provider(
        self,
        *,
        expected_version: int | None = None,
        update_mask: str = "",
        identity_provider_id: str,
        name: str | None = None,
        linking_allowed: bool | None = None,
        creation_allowed: bool | None = None,
        auto_creation: bool | None = None,
        auto_update: bool | None = None,
        auto_linking: AutoLinking | None = None,
        provider_logout: bool | None = None,
        asks_again: bool | None = None,
        email_trusted: bool | None = None,
        claim_mapping: ClaimMapping | None = None,
        group_rules: tuple[GroupRule, ...] | list[GroupRule] | None = None,
        email_domains: tuple[str, ...] | list[str] | None = None,
        client_id: str | None = None,
        client_secret: str | None = None,
        scopes: tuple[str, ...] | list[str] | None = None,
        base_url: str | None = None,
    ) -> None:
        """Change an identity provider of an organization: GitHub Enterprise Server.

        What is left out stays as it is, secrets included. Where a change would send a kept secret to another server, the secret has to be given again. While users are linked to accounts there, what says whose accounts they are, such as the issuer, is not changed; and what else says who is believed, such as keys, by those alone who hold what these users hold.

        Needs `idp.write`. The fields are those of `UpdateGitHubEnterpriseIdentityProvider`.
        """
        fields: dict[str, object] = {
            "expected_version": expected_version,
            "update_mask": update_mask,
            "identity_provider_id": identity_provider_id,
            "name": name,
            "linking_allowed": linking_allowed,
            "creation_allowed": creation_allowed,
            "auto_creation": auto_creation,
            "auto_update": auto_update,
            "auto_linking": auto_linking,
            "provider_logout": provider_logout,
            "asks_again": asks_again,
            "email_trusted": email_trusted,
            "claim_mapping": claim_mapping,
            "group_rules": group_rules,
            "email_domains": email_domains,
            "client_id": client_id,
            "client_secret": client_secret,
            "scopes": scopes,
            "base_url": base_url,
        }
        self._calls.answer(_OPERATIONS["UpdateGitHubEnterpriseIdentityProvider"], Empty, fields)

    def get_instance_git_hub_enterprise_identity_provider(
        self,
        *,
        identity_provider_id: str,
    ) -> GitHubEnterpriseIdentityProviderView:
        """Get an identity provider of the instance with its settings: GitHub Enterprise Server.

        Needs `idp.read`. The fields are those of `IdentityProviderId`.
        """
        fields: dict[str, object] = {"identity_provider_id": identity_provider_id}
        return self._calls.answer(
            _OPERATIONS["GetInstanceGitHubEnterpriseIdentityProvider"], GitHubEnterpriseIdentityProviderView, fields
        )

    def update_instance_git_hub_enterprise_identity_provider(
        self,
        *,
        expected_version: int | None = None,
        update_mask: str = "",
        identity_provider_id: str,
        name: str | None = None,
        linking_allowed: bool | None = None,
        creation_allowed: bool | None = None,
        auto_creation: bool | None = None,
        auto_update: bool | None = None,
        auto_linking: AutoLinking | None = None,
        provider_logout: bool | None = None,
        asks_again: bool | None = None,
        email_trusted: bool | None = None,
        claim_mapping: ClaimMapping | None = None,
        group_rules: tuple[GroupRule, ...] | list[GroupRule] | None = None,
        email_domains: tuple[str, ...] | list[str] | None = None,
        client_id: str | None = None,
        client_secret: str | None = None,
        scopes: tuple[str, ...] | list[str] | None = None,
        base_url: str | None = None,
    ) -> None:
        """Change an identity provider of the instance: GitHub Enterprise Server.

        What is left out stays as it is, secrets included. Where a change would send a kept secret to another server, the secret has to be given again. While users are linked to accounts there, what says whose accounts they are, such as the issuer, is not changed; and what else says who is believed, such as keys, by those alone who hold what these users hold.

        Needs `idp.write`. The fields are those of `UpdateGitHubEnterpriseIdentityProvider`.
        """
        fields: dict[str, object] = {
            "expected_version": expected_version,
            "update_mask": update_mask,
            "identity_provider_id": identity_provider_id,
            "name": name,
            "linking_allowed": linking_allowed,
            "creation_allowed": creation_allowed,
            "auto_creation": auto_creation,
            "auto_update": auto_update,
            "auto_linking": auto_linking,
            "provider_logout": provider_logout,
            "asks_again": asks_again,
            "email_trusted": email_trusted,
            "claim_mapping": claim_mapping,
            "group_rules": group_rules,
            "email_domains": email_domains,
            "client_id": client_id,
            "client_secret": client_secret,
            "scopes": scopes,
            "base_url": base_url,
        }
        self._calls.answer(_OPERATIONS["UpdateInstanceGitHubEnterpriseIdentityProvider"], Empty, fields)

    def create_git_lab_identity_provider(
        self,
        *,
        name: str,
        linking_allowed: bool = True,
        creation_allowed: bool = True,
        auto_creation: bool = False,
        auto_update: bool = False,
        auto_linking: AutoLinking = AutoLinking.UNSPECIFIED,
        provider_logout: bool = False,
        asks_again: bool = False,
        email_trusted: bool = False,
        claim_mapping: ClaimMapping | None = None,
        group_rules: tuple[GroupRule, ...] | list[GroupRule] = (),
        email_domains: tuple[str, ...] | list[str] = (),
        organization_id: str,
        client_id: str,
        client_secret: str,
        scopes: tuple[str, ...] | list[str] = ("openid", "profile", "email"),
        idempotency_key: str = "",
    ) -> IdentityProviderCreated:
        """Create an identity provider of an organization: GitLab.

        Needs `idp.write`. The fields are those of `CreateGitLabIdentityProvider`.
        """
        fields: dict[str, object] = {
            "name": name,
            "linking_allowed": linking_allowed,
            "creation_allowed": creation_allowed,
            "auto_creation": auto_creation,
            "auto_update": auto_update,
            "auto_linking": auto_linking,
            "provider_logout": provider_logout,
            "asks_again": asks_again,
            "email_trusted": email_trusted,
            "claim_mapping": claim_mapping,
            "group_rules": group_rules,
            "email_domains": email_domains,
            "organization_id": organization_id,
            "client_id": client_id,
            "client_secret": client_secret,
            "scopes": scopes,
        }
        return self._calls.answer(
            _OPERATIONS["CreateGitLabIdentityProvider"], IdentityProviderCreated, fields, idempotency_key
        )

    def create_instance_git_lab_identity_provider(
        self,
        *,
        name: str,
        linking_allowed: bool = True,
        creation_allowed: bool = True,
        auto_creation: bool = False,
        auto_update: bool = False,
        auto_linking: AutoLinking = AutoLinking.UNSPECIFIED,
        provider_logout: bool = False,
        asks_again: bool = False,
        email_trusted: bool = False,
        claim_mapping: ClaimMapping | None = None,
        group_rules: tuple[GroupRule, ...] | list[GroupRule] = (),
        email_domains: tuple[str, ...] | list[str] = (),
        client_id: str,
        client_secret: str,
        scopes: tuple[str, ...] | list[str] = ("openid", "profile", "email"),
        idempotency_key: str = "",
    ) -> IdentityProviderCreated:
        """Create an identity provider of the instance: GitLab.

        Needs `idp.write`. The fields are those of `CreateInstanceGitLabIdentityProvider`.
        """
        fields: dict[str, object] = {
            "name": name,
            "linking_allowed": linking_allowed,
            "creation_allowed": creation_allowed,
            "auto_creation": auto_creation,
            "auto_update": auto_update,
            "auto_linking": auto_linking,
            "provider_logout": provider_logout,
            "asks_again": asks_again,
            "email_trusted": email_trusted,
            "claim_mapping": claim_mapping,
            "group_rules": group_rules,
            "email_domains": email_domains,
            "client_id": client_id,
            "client_secret": client_secret,
            "scopes": scopes,
        }
        return self._calls.answer(
            _OPERATIONS["CreateInstanceGitLabIdentityProvider"], IdentityProviderCreated, fields, idempotency_key
        )

    def get_git_lab_identity_provider(self, *, identity_provider_id: str) -> GitLabIdentityProviderView:
        """Get an identity provider of an organization with its settings: GitLab.

        Needs `idp.read`. The fields are those of `IdentityProviderId`.
        """
        fields: dict[str, object] = {"identity_provider_id": identity_provider_id}
        return self._calls.answer(_OPERATIONS["GetGitLabIdentityProvider"], GitLabIdentityProviderView, fields)

    def update_git_lab_identity_provider(
        self,
        *,
        expected_version: int | None = None,
        update_mask: str = "",
        identity_provider_id: str,
        name: str | None = None,
        linking_allowed: bool | None = None,
        creation_allowed: bool | None = None,
        auto_creation: bool | None = None,
        auto_update: bool | None = None,
        auto_linking: AutoLinking | None = None,
        provider_logout: bool | None = None,
        asks_again: bool | None = None,
        email_trusted: bool | None = None,
        claim_mapping: ClaimMapping | None = None,
        group_rules: tuple[GroupRule, ...] | list[GroupRule] | None = None,
        email_domains: tuple[str, ...] | list[str] | None = None,
        client_id: str | None = None,
        client_secret: str | None = None,
        scopes: tuple[str, ...] | list[str] | None = None,
    ) -> None:
        """Change an identity provider of an organization: GitLab.

        What is left out stays as it is, secrets included. Where a change would send a kept secret to another server, the secret has to be given again. While users are linked to accounts there, what says whose accounts they are, such as the issuer, is not changed; and what else says who is believed, such as keys, by those alone who hold what these users hold.

        Needs `idp.write`. The fields are those of `UpdateGitLabIdentityProvider`.
        """
        fields: dict[str, object] = {
            "expected_version": expected_version,
            "update_mask": update_mask,
            "identity_provider_id": identity_provider_id,
            "name": name,
            "linking_allowed": linking_allowed,
            "creation_allowed": creation_allowed,
            "auto_creation": auto_creation,
            "auto_update": auto_update,
            "auto_linking": auto_linking,
            "provider_logout": provider_logout,
            "asks_again": asks_again,
            "email_trusted": email_trusted,
            "claim_mapping": claim_mapping,
            "group_rules": group_rules,
            "email_domains": email_domains,
            "client_id": client_id,
            "client_secret": client_secret,
            "scopes": scopes,
        }
        self._calls.answer(_OPERATIONS["UpdateGitLabIdentityProvider"], Empty, fields)

    def get_instance_git_lab_identity_provider(self, *, identity_provider_id: str) -> GitLabIdentityProviderView:
        """Get an identity provider of the instance with its settings: GitLab.

        Needs `idp.read`. The fields are those of `IdentityProviderId`.
        """
        fields: dict[str, object] = {"identity_provider_id": identity_provider_id}
        return self._calls.answer(_OPERATIONS["GetInstanceGitLabIdentityProvider"], GitLabIdentityProviderView, fields)

    def update_instance_git_lab_identity_provider(
        self,
        *,
        expected_version: int | None = None,
        update_mask: str = "",
        identity_provider_id: str,
        name: str | None = None,
        linking_allowed: bool | None = None,
        creation_allowed: bool | None = None,
        auto_creation: bool | None = None,
        auto_update: bool | None = None,
        auto_linking: AutoLinking | None = None,
        provider_logout: bool | None = None,
        asks_again: bool | None = None,
        email_trusted: bool | None = None,
        claim_mapping: ClaimMapping | None = None,
        group_rules: tuple[GroupRule, ...] | list[GroupRule] | None = None,
        email_domains: tuple[str, ...] | list[str] | None = None,
        client_id: str | None = None,
        client_secret: str | None = None,
        scopes: tuple[str, ...] | list[str] | None = None,
    ) -> None:
        """Change an identity provider of the instance: GitLab.

        What is left out stays as it is, secrets included. Where a change would send a kept secret to another server, the secret has to be given again. While users are linked to accounts there, what says whose accounts they are, such as the issuer, is not changed; and what else says who is believed, such as keys, by those alone who hold what these users hold.

        Needs `idp.write`. The fields are those of `UpdateGitLabIdentityProvider`.
        """
        fields: dict[str, object] = {
            "expected_version": expected_version,
            "update_mask": update_mask,
            "identity_provider_id": identity_provider_id,
            "name": name,
            "linking_allowed": linking_allowed,
            "creation_allowed": creation_allowed,
            "auto_creation": auto_creation,
            "auto_update": auto_update,
            "auto_linking": auto_linking,
            "provider_logout": provider_logout,
            "asks_again": asks_again,
            "email_trusted": email_trusted,
            "claim_mapping": claim_mapping,
            "group_rules": group_rules,
            "email_domains": email_domains,
            "client_id": client_id,
            "client_secret": client_secret,
            "scopes": scopes,
        }
        self._calls.answer(_OPERATIONS["UpdateInstanceGitLabIdentityProvider"], Empty, fields)

    def create_git_lab_self_hosted_identity_provider(
        self,
        *,
        name: str,
        linking_allowed: bool = True,
        creation_allowed: bool = True,
        auto_creation: bool = False,
        auto_update: bool = False,
        auto_linking: AutoLinking = AutoLinking.UNSPECIFIED,
        provider_logout: bool = False,
        asks_again: bool = False,
        email_trusted: bool = False,
        claim_mapping: ClaimMapping | None = None,
        group_rules: tuple[GroupRule, ...] | list[GroupRule] = (),
        email_domains: tuple[str, ...] | list[str] = (),
        organization_id: str,
        client_id: str,
        client_secret: str,
        scopes: tuple[str, ...] | list[str] = ("openid", "profile", "email"),
        issuer: str,
        idempotency_key: str = "",
    ) -> IdentityProviderCreated:
        """Create an identity provider of an organization: self-hosted GitLab.

        Needs `idp.write`. The fields are those of `CreateGitLabSelfHostedIdentityProvider`.
        """
        fields: dict[str, object] = {
            "name": name,
            "linking_allowed": linking_allowed,
            "creation_allowed": creation_allowed,
            "auto_creation": auto_creation,
            "auto_update": auto_update,
            "auto_linking": auto_linking,
            "provider_logout": provider_logout,
            "asks_again": asks_again,
            "email_trusted": email_trusted,
            "claim_mapping": claim_mapping,
            "group_rules": group_rules,
            "email_domains": email_domains,
            "organization_id": organization_id,
            "client_id": client_id,
            "client_secret": client_secret,
            "scopes": scopes,
            "issuer": issuer,
        }
        return self._calls.answer(
            _OPERATIONS["CreateGitLabSelfHostedIdentityProvider"], IdentityProviderCreated, fields, idempotency_key
        )

    def create_instance_git_lab_self_hosted_identity_provider(
        self,
        *,
        name: str,
        linking_allowed: bool = True,
        creation_allowed: bool = True,
        auto_creation: bool = False,
        auto_update: bool = False,
        auto_linking: AutoLinking = AutoLinking.UNSPECIFIED,
        provider_logout: bool = False,
        asks_again: bool = False,
        email_trusted: bool = False,
        claim_mapping: ClaimMapping | None = None,
        group_rules: tuple[GroupRule, ...] | list[GroupRule] = (),
        email_domains: tuple[str, ...] | list[str] = (),
        client_id: str,
        client_secret: str,
        scopes: tuple[str, ...] | list[str] = ("openid", "profile", "email"),
        issuer: str,
        idempotency_key: str = "",
    ) -> IdentityProviderCreated:
        """Create an identity provider of the instance: self-hosted GitLab.

        Needs `idp.write`. The fields are those of `CreateInstanceGitLabSelfHostedIdentityProvider`.
        """
        fields: dict[str, object] = {
            "name": name,
            "linking_allowed": linking_allowed,
            "creation_allowed": creation_allowed,
            "auto_creation": auto_creation,
            "auto_update": auto_update,
            "auto_linking": auto_linking,
            "provider_logout": provider_logout,
            "asks_again": asks_again,
            "email_trusted": email_trusted,
            "claim_mapping": claim_mapping,
            "group_rules": group_rules,
            "email_domains": email_domains,
            "client_id": client_id,
            "client_secret": client_secret,
            "scopes": scopes,
            "issuer": issuer,
        }
        return self._calls.answer(
            _OPERATIONS["CreateInstanceGitLabSelfHostedIdentityProvider"],
            IdentityProviderCreated,
            fields,
            idempotency_key,
        )

    def get_git_lab_self_hosted_identity_provider(
        self,
        *,
        identity_provider_id: str,
    ) -> GitLabSelfHostedIdentityProviderView:
        """Get an identity provider of an organization with its settings: self-hosted GitLab.

        Needs `idp.read`. The fields are those of `IdentityProviderId`.
        """
        fields: dict[str, object] = {"identity_provider_id": identity_provider_id}
        return self._calls.answer(
            _OPERATIONS["GetGitLabSelfHostedIdentityProvider"], GitLabSelfHostedIdentityProviderView, fields
        )

    def update_git_lab_self_hosted_identity_provider(
        self,
        *,
        expected_version: int | None = None,
        update_mask: str = "",
        identity_provider_id: str,
        name: str | None = None,
        linking_allowed: bool | None = None,
        creation_allowed: bool | None = None,
        auto_creation: bool | None = None,
        auto_update: bool | None = None,
        auto_linking: AutoLinking | None = None,
        provider_logout: bool | None = None,
        asks_again: bool | None = None,
        email_trusted: bool | None = None,
        claim_mapping: ClaimMapping | None = None,
        group_rules: tuple[GroupRule, ...] | list[GroupRule] | None = None,
        email_domains: tuple[str, ...] | list[str] | None = None,
        client_id: str | None = None,
        client_secret: str | None = None,
        scopes: tuple[str, ...] | list[str] | None = None,
        issuer: str | None = None,
    ) -> None:
        """Change an identity provider of an organization: self-hosted GitLab.

        What is left out stays as it is, secrets included. Where a change would send a kept secret to another server, the secret has to be given again. While users are linked to accounts there, what says whose accounts they are, such as the issuer, is not changed; and what else says who is believed, such as keys, by those alone who hold what these users hold.

        Needs `idp.write`. The fields are those of `UpdateGitLabSelfHostedIdentityProvider`.
        """
        fields: dict[str, object] = {
            "expected_version": expected_version,
            "update_mask": update_mask,
            "identity_provider_id": identity_provider_id,
            "name": name,
            "linking_allowed": linking_allowed,
            "creation_allowed": creation_allowed,
            "auto_creation": auto_creation,
            "auto_update": auto_update,
            "auto_linking": auto_linking,
            "provider_logout": provider_logout,
            "asks_again": asks_again,
            "email_trusted": email_trusted,
            "claim_mapping": claim_mapping,
            "group_rules": group_rules,
            "email_domains": email_domains,
            "client_id": client_id,
            "client_secret": client_secret,
            "scopes": scopes,
            "issuer": issuer,
        }
        self._calls.answer(_OPERATIONS["UpdateGitLabSelfHostedIdentityProvider"], Empty, fields)

    def get_instance_git_lab_self_hosted_identity_provider(
        self,
        *,
        identity_provider_id: str,
    ) -> GitLabSelfHostedIdentityProviderView:
        """Get an identity provider of the instance with its settings: self-hosted GitLab.

        Needs `idp.read`. The fields are those of `IdentityProviderId`.
        """
        fields: dict[str, object] = {"identity_provider_id": identity_provider_id}
        return self._calls.answer(
            _OPERATIONS["GetInstanceGitLabSelfHostedIdentityProvider"], GitLabSelfHostedIdentityProviderView, fields
        )

    def update_instance_git_lab_self_hosted_identity_provider(
        self,
        *,
        expected_version: int | None = None,
        update_mask: str = "",
        identity_provider_id: str,
        name: str | None = None,
        linking_allowed: bool | None = None,
        creation_allowed: bool | None = None,
        auto_creation: bool | None = None,
        auto_update: bool | None = None,
        auto_linking: AutoLinking | None = None,
        provider_logout: bool | None = None,
        asks_again: bool | None = None,
        email_trusted: bool | None = None,
        claim_mapping: ClaimMapping | None = None,
        group_rules: tuple[GroupRule, ...] | list[GroupRule] | None = None,
        email_domains: tuple[str, ...] | list[str] | None = None,
        client_id: str | None = None,
        client_secret: str | None = None,
        scopes: tuple[str, ...] | list[str] | None = None,
        issuer: str | None = None,
    ) -> None:
        """Change an identity provider of the instance: self-hosted GitLab.

        What is left out stays as it is, secrets included. Where a change would send a kept secret to another server, the secret has to be given again. While users are linked to accounts there, what says whose accounts they are, such as the issuer, is not changed; and what else says who is believed, such as keys, by those alone who hold what these users hold.

        Needs `idp.write`. The fields are those of `UpdateGitLabSelfHostedIdentityProvider`.
        """
        fields: dict[str, object] = {
            "expected_version": expected_version,
            "update_mask": update_mask,
            "identity_provider_id": identity_provider_id,
            "name": name,
            "linking_allowed": linking_allowed,
            "creation_allowed": creation_allowed,
            "auto_creation": auto_creation,
            "auto_update": auto_update,
            "auto_linking": auto_linking,
            "provider_logout": provider_logout,
            "asks_again": asks_again,
            "email_trusted": email_trusted,
            "claim_mapping": claim_mapping,
            "group_rules": group_rules,
            "email_domains": email_domains,
            "client_id": client_id,
            "client_secret": client_secret,
            "scopes": scopes,
            "issuer": issuer,
        }
        self._calls.answer(_OPERATIONS["UpdateInstanceGitLabSelfHostedIdentityProvider"], Empty, fields)

    def create_entra_id_identity_provider(
        self,
        *,
        name: str,
        linking_allowed: bool = True,
        creation_allowed: bool = True,
        auto_creation: bool = False,
        auto_update: bool = False,
        auto_linking: AutoLinking = AutoLinking.UNSPECIFIED,
        provider_logout: bool = False,
        asks_again: bool = False,
        email_trusted: bool = False,
        claim_mapping: ClaimMapping | None = None,
        group_rules: tuple[GroupRule, ...] | list[GroupRule] = (),
        email_domains: tuple[str, ...] | list[str] = (),
        organization_id: str,
        client_id: str,
        client_secret: str,
        scopes: tuple[str, ...] | list[str] = ("openid", "profile", "email"),
        tenant: EntraTenant = EntraTenant.UNSPECIFIED,
        directory: str = "",
        allowed_directories: tuple[str, ...] | list[str] = (),
        email_verified: bool = False,
        idempotency_key: str = "",
    ) -> IdentityProviderCreated:
        """Create an identity provider of an organization: Microsoft Entra ID.

        Needs `idp.write`. The fields are those of `CreateEntraIdIdentityProvider`.
        """
        fields: dict[str, object] = {
            "name": name,
            "linking_allowed": linking_allowed,
            "creation_allowed": creation_allowed,
            "auto_creation": auto_creation,
            "auto_update": auto_update,
            "auto_linking": auto_linking,
            "provider_logout": provider_logout,
            "asks_again": asks_again,
            "email_trusted": email_trusted,
            "claim_mapping": claim_mapping,
            "group_rules": group_rules,
            "email_domains": email_domains,
            "organization_id": organization_id,
            "client_id": client_id,
            "client_secret": client_secret,
            "scopes": scopes,
            "tenant": tenant,
            "directory": directory,
            "allowed_directories": allowed_directories,
            "email_verified": email_verified,
        }
        return self._calls.answer(
            _OPERATIONS["CreateEntraIdIdentityProvider"], IdentityProviderCreated, fields, idempotency_key
        )

    def create_instance_entra_id_identity_provider(
        self,
        *,
        name: str,
        linking_allowed: bool = True,
        creation_allowed: bool = True,
        auto_creation: bool = False,
        auto_update: bool = False,
        auto_linking: AutoLinking = AutoLinking.UNSPECIFIED,
        provider_logout: bool = False,
        asks_again: bool = False,
        email_trusted: bool = False,
        claim_mapping: ClaimMapping | None = None,
        group_rules: tuple[GroupRule, ...] | list[GroupRule] = (),
        email_domains: tuple[str, ...] | list[str] = (),
        client_id: str,
        client_secret: str,
        scopes: tuple[str, ...] | list[str] = ("openid", "profile", "email"),
        tenant: EntraTenant = EntraTenant.UNSPECIFIED,
        directory: str = "",
        allowed_directories: tuple[str, ...] | list[str] = (),
        email_verified: bool = False,
        idempotency_key: str = "",
    ) -> IdentityProviderCreated:
        """Create an identity provider of the instance: Microsoft Entra ID.

        Needs `idp.write`. The fields are those of `CreateInstanceEntraIdIdentityProvider`.
        """
        fields: dict[str, object] = {
            "name": name,
            "linking_allowed": linking_allowed,
            "creation_allowed": creation_allowed,
            "auto_creation": auto_creation,
            "auto_update": auto_update,
            "auto_linking": auto_linking,
            "provider_logout": provider_logout,
            "asks_again": asks_again,
            "email_trusted": email_trusted,
            "claim_mapping": claim_mapping,
            "group_rules": group_rules,
            "email_domains": email_domains,
            "client_id": client_id,
            "client_secret": client_secret,
            "scopes": scopes,
            "tenant": tenant,
            "directory": directory,
            "allowed_directories": allowed_directories,
            "email_verified": email_verified,
        }
        return self._calls.answer(
            _OPERATIONS["CreateInstanceEntraIdIdentityProvider"], IdentityProviderCreated, fields, idempotency_key
        )

    def get_entra_id_identity_provider(self, *, identity_provider_id: str) -> EntraIdIdentityProviderView:
        """Get an identity provider of an organization with its settings: Microsoft Entra ID.

        Needs `idp.read`. The fields are those of `IdentityProviderId`.
        """
        fields: dict[str, object] = {"identity_provider_id": identity_provider_id}
        return self._calls.answer(_OPERATIONS["GetEntraIdIdentityProvider"], EntraIdIdentityProviderView, fields)

    def update_entra_id_identity_provider(
        self,
        *,
        expected_version: int | None = None,
        update_mask: str = "",
        identity_provider_id: str,
        name: str | None = None,
        linking_allowed: bool | None = None,
        creation_allowed: bool | None = None,
        auto_creation: bool | None = None,
        auto_update: bool | None = None,
        auto_linking: AutoLinking | None = None,
        provider_logout: bool | None = None,
        asks_again: bool | None = None,
        email_trusted: bool | None = None,
        claim_mapping: ClaimMapping | None = None,
        group_rules: tuple[GroupRule, ...] | list[GroupRule] | None = None,
        email_domains: tuple[str, ...] | list[str] | None = None,
        client_id: str | None = None,
        client_secret: str | None = None,
        scopes: tuple[str, ...] | list[str] | None = None,
        tenant: EntraTenant | None = None,
        directory: str | None = None,
        allowed_directories: tuple[str, ...] | list[str] | None = None,
        email_verified: bool | None = None,
    ) -> None:
        """Change an identity provider of an organization: Microsoft Entra ID.

        What is left out stays as it is, secrets included. Where a change would send a kept secret to another server, the secret has to be given again. While users are linked to accounts there, what says whose accounts they are, such as the issuer, is not changed; and what else says who is believed, such as keys, by those alone who hold what these users hold.

        Needs `idp.write`. The fields are those of `UpdateEntraIdIdentityProvider`.
        """
        fields: dict[str, object] = {
            "expected_version": expected_version,
            "update_mask": update_mask,
            "identity_provider_id": identity_provider_id,
            "name": name,
            "linking_allowed": linking_allowed,
            "creation_allowed": creation_allowed,
            "auto_creation": auto_creation,
            "auto_update": auto_update,
            "auto_linking": auto_linking,
            "provider_logout": provider_logout,
            "asks_again": asks_again,
            "email_trusted": email_trusted,
            "claim_mapping": claim_mapping,
            "group_rules": group_rules,
            "email_domains": email_domains,
            "client_id": client_id,
            "client_secret": client_secret,
            "scopes": scopes,
            "tenant": tenant,
            "directory": directory,
            "allowed_directories": allowed_directories,
            "email_verified": email_verified,
        }
        self._calls.answer(_OPERATIONS["UpdateEntraIdIdentityProvider"], Empty, fields)

    def get_instance_entra_id_identity_provider(self, *, identity_provider_id: str) -> EntraIdIdentityProviderView:
        """Get an identity provider of the instance with its settings: Microsoft Entra ID.

        Needs `idp.read`. The fields are those of `IdentityProviderId`.
        """
        fields: dict[str, object] = {"identity_provider_id": identity_provider_id}
        return self._calls.answer(
            _OPERATIONS["GetInstanceEntraIdIdentityProvider"], EntraIdIdentityProviderView, fields
        )

    def update_instance_entra_id_identity_provider(
        self,
        *,
        expected_version: int | None = None,
        update_mask: str = "",
        identity_provider_id: str,
        name: str | None = None,
        linking_allowed: bool | None = None,
        creation_allowed: bool | None = None,
        auto_creation: bool | None = None,
        auto_update: bool | None = None,
        auto_linking: AutoLinking | None = None,
        provider_logout: bool | None = None,
        asks_again: bool | None = None,
        email_trusted: bool | None = None,
        claim_mapping: ClaimMapping | None = None,
        group_rules: tuple[GroupRule, ...] | list[GroupRule] | None = None,
        email_domains: tuple[str, ...] | list[str] | None = None,
        client_id: str | None = None,
        client_secret: str | None = None,
        scopes: tuple[str, ...] | list[str] | None = None,
        tenant: EntraTenant | None = None,
        directory: str | None = None,
        allowed_directories: tuple[str, ...] | list[str] | None = None,
        email_verified: bool | None = None,
    ) -> None:
        """Change an identity provider of the instance: Microsoft Entra ID.

        What is left out stays as it is, secrets included. Where a change would send a kept secret to another server, the secret has to be given again. While users are linked to accounts there, what says whose accounts they are, such as the issuer, is not changed; and what else says who is believed, such as keys, by those alone who hold what these users hold.

        Needs `idp.write`. The fields are those of `UpdateEntraIdIdentityProvider`.
        """
        fields: dict[str, object] = {
            "expected_version": expected_version,
            "update_mask": update_mask,
            "identity_provider_id": identity_provider_id,
            "name": name,
            "linking_allowed": linking_allowed,
            "creation_allowed": creation_allowed,
            "auto_creation": auto_creation,
            "auto_update": auto_update,
            "auto_linking": auto_linking,
            "provider_logout": provider_logout,
            "asks_again": asks_again,
            "email_trusted": email_trusted,
            "claim_mapping": claim_mapping,
            "group_rules": group_rules,
            "email_domains": email_domains,
            "client_id": client_id,
            "client_secret": client_secret,
            "scopes": scopes,
            "tenant": tenant,
            "directory": directory,
            "allowed_directories": allowed_directories,
            "email_verified": email_verified,
        }
        self._calls.answer(_OPERATIONS["UpdateInstanceEntraIdIdentityProvider"], Empty, fields)

    def create_apple_identity_provider(
        self,
        *,
        name: str,
        linking_allowed: bool = True,
        creation_allowed: bool = True,
        auto_creation: bool = False,
        auto_update: bool = False,
        auto_linking: AutoLinking = AutoLinking.UNSPECIFIED,
        provider_logout: bool = False,
        asks_again: bool = False,
        email_trusted: bool = False,
        claim_mapping: ClaimMapping | None = None,
        group_rules: tuple[GroupRule, ...] | list[GroupRule] = (),
        email_domains: tuple[str, ...] | list[str] = (),
        organization_id: str,
        client_id: str,
        team_id: str,
        key_id: str,
        private_key: str,
        scopes: tuple[str, ...] | list[str] = ("name", "email"),
        idempotency_key: str = "",
    ) -> IdentityProviderCreated:
        """Create an identity provider of an organization: Apple.

        Needs `idp.write`. The fields are those of `CreateAppleIdentityProvider`.
        """
        fields: dict[str, object] = {
            "name": name,
            "linking_allowed": linking_allowed,
            "creation_allowed": creation_allowed,
            "auto_creation": auto_creation,
            "auto_update": auto_update,
            "auto_linking": auto_linking,
            "provider_logout": provider_logout,
            "asks_again": asks_again,
            "email_trusted": email_trusted,
            "claim_mapping": claim_mapping,
            "group_rules": group_rules,
            "email_domains": email_domains,
            "organization_id": organization_id,
            "client_id": client_id,
            "team_id": team_id,
            "key_id": key_id,
            "private_key": private_key,
            "scopes": scopes,
        }
        return self._calls.answer(
            _OPERATIONS["CreateAppleIdentityProvider"], IdentityProviderCreated, fields, idempotency_key
        )

    def create_instance_apple_identity_provider(
        self,
        *,
        name: str,
        linking_allowed: bool = True,
        creation_allowed: bool = True,
        auto_creation: bool = False,
        auto_update: bool = False,
        auto_linking: AutoLinking = AutoLinking.UNSPECIFIED,
        provider_logout: bool = False,
        asks_again: bool = False,
        email_trusted: bool = False,
        claim_mapping: ClaimMapping | None = None,
        group_rules: tuple[GroupRule, ...] | list[GroupRule] = (),
        email_domains: tuple[str, ...] | list[str] = (),
        client_id: str,
        team_id: str,
        key_id: str,
        private_key: str,
        scopes: tuple[str, ...] | list[str] = ("name", "email"),
        idempotency_key: str = "",
    ) -> IdentityProviderCreated:
        """Create an identity provider of the instance: Apple.

        Needs `idp.write`. The fields are those of `CreateInstanceAppleIdentityProvider`.
        """
        fields: dict[str, object] = {
            "name": name,
            "linking_allowed": linking_allowed,
            "creation_allowed": creation_allowed,
            "auto_creation": auto_creation,
            "auto_update": auto_update,
            "auto_linking": auto_linking,
            "provider_logout": provider_logout,
            "asks_again": asks_again,
            "email_trusted": email_trusted,
            "claim_mapping": claim_mapping,
            "group_rules": group_rules,
            "email_domains": email_domains,
            "client_id": client_id,
            "team_id": team_id,
            "key_id": key_id,
            "private_key": private_key,
            "scopes": scopes,
        }
        return self._calls.answer(
            _OPERATIONS["CreateInstanceAppleIdentityProvider"], IdentityProviderCreated, fields, idempotency_key
        )

    def get_apple_identity_provider(self, *, identity_provider_id: str) -> AppleIdentityProviderView:
        """Get an identity provider of an organization with its settings: Apple.

        Needs `idp.read`. The fields are those of `IdentityProviderId`.
        """
        fields: dict[str, object] = {"identity_provider_id": identity_provider_id}
        return self._calls.answer(_OPERATIONS["GetAppleIdentityProvider"], AppleIdentityProviderView, fields)

    def update_apple_identity_provider(
        self,
        *,
        expected_version: int | None = None,
        update_mask: str = "",
        identity_provider_id: str,
        name: str | None = None,
        linking_allowed: bool | None = None,
        creation_allowed: bool | None = None,
        auto_creation: bool | None = None,
        auto_update: bool | None = None,
        auto_linking: AutoLinking | None = None,
        provider_logout: bool | None = None,
        asks_again: bool | None = None,
        email_trusted: bool | None = None,
        claim_mapping: ClaimMapping | None = None,
        group_rules: tuple[GroupRule, ...] | list[GroupRule] | None = None,
        email_domains: tuple[str, ...] | list[str] | None = None,
        client_id: str | None = None,
        team_id: str | None = None,
        key_id: str | None = None,
        private_key: str | None = None,
        scopes: tuple[str, ...] | list[str] | None = None,
    ) -> None:
        """Change an identity provider of an organization: Apple.

        What is left out stays as it is, secrets included. Where a change would send a kept secret to another server, the secret has to be given again. While users are linked to accounts there, what says whose accounts they are, such as the issuer, is not changed; and what else says who is believed, such as keys, by those alone who hold what these users hold.

        Needs `idp.write`. The fields are those of `UpdateAppleIdentityProvider`.
        """
        fields: dict[str, object] = {
            "expected_version": expected_version,
            "update_mask": update_mask,
            "identity_provider_id": identity_provider_id,
            "name": name,
            "linking_allowed": linking_allowed,
            "creation_allowed": creation_allowed,
            "auto_creation": auto_creation,
            "auto_update": auto_update,
            "auto_linking": auto_linking,
            "provider_logout": provider_logout,
            "asks_again": asks_again,
            "email_trusted": email_trusted,
            "claim_mapping": claim_mapping,
            "group_rules": group_rules,
            "email_domains": email_domains,
            "client_id": client_id,
            "team_id": team_id,
            "key_id": key_id,
            "private_key": private_key,
            "scopes": scopes,
        }
        self._calls.answer(_OPERATIONS["UpdateAppleIdentityProvider"], Empty, fields)

    def get_instance_apple_identity_provider(self, *, identity_provider_id: str) -> AppleIdentityProviderView:
        """Get an identity provider of the instance with its settings: Apple.

        Needs `idp.read`. The fields are those of `IdentityProviderId`.
        """
        fields: dict[str, object] = {"identity_provider_id": identity_provider_id}
        return self._calls.answer(_OPERATIONS["GetInstanceAppleIdentityProvider"], AppleIdentityProviderView, fields)

    def update_instance_apple_identity_provider(
        self,
        *,
        expected_version: int | None = None,
        update_mask: str = "",
        identity_provider_id: str,
        name: str | None = None,
        linking_allowed: bool | None = None,
        creation_allowed: bool | None = None,
        auto_creation: bool | None = None,
        auto_update: bool | None = None,
        auto_linking: AutoLinking | None = None,
        provider_logout: bool | None = None,
        asks_again: bool | None = None,
        email_trusted: bool | None = None,
        claim_mapping: ClaimMapping | None = None,
        group_rules: tuple[GroupRule, ...] | list[GroupRule] | None = None,
        email_domains: tuple[str, ...] | list[str] | None = None,
        client_id: str | None = None,
        team_id: str | None = None,
        key_id: str | None = None,
        private_key: str | None = None,
        scopes: tuple[str, ...] | list[str] | None = None,
    ) -> None:
        """Change an identity provider of the instance: Apple.

        What is left out stays as it is, secrets included. Where a change would send a kept secret to another server, the secret has to be given again. While users are linked to accounts there, what says whose accounts they are, such as the issuer, is not changed; and what else says who is believed, such as keys, by those alone who hold what these users hold.

        Needs `idp.write`. The fields are those of `UpdateAppleIdentityProvider`.
        """
        fields: dict[str, object] = {
            "expected_version": expected_version,
            "update_mask": update_mask,
            "identity_provider_id": identity_provider_id,
            "name": name,
            "linking_allowed": linking_allowed,
            "creation_allowed": creation_allowed,
            "auto_creation": auto_creation,
            "auto_update": auto_update,
            "auto_linking": auto_linking,
            "provider_logout": provider_logout,
            "asks_again": asks_again,
            "email_trusted": email_trusted,
            "claim_mapping": claim_mapping,
            "group_rules": group_rules,
            "email_domains": email_domains,
            "client_id": client_id,
            "team_id": team_id,
            "key_id": key_id,
            "private_key": private_key,
            "scopes": scopes,
        }
        self._calls.answer(_OPERATIONS["UpdateInstanceAppleIdentityProvider"], Empty, fields)

    def get_identity_provider(self, *, identity_provider_id: str) -> IdentityProviderView:
        """Get an identity provider of an organization, of whatever kind; its settings are read by its kind.

        Needs `idp.read`. The fields are those of `IdentityProviderId`.
        """
        fields: dict[str, object] = {"identity_provider_id": identity_provider_id}
        return self._calls.answer(_OPERATIONS["GetIdentityProvider"], IdentityProviderView, fields)

    def deactivate_identity_provider(self, *, expected_version: int | None = None, identity_provider_id: str) -> None:
        """Switch an identity provider of an organization off: it is offered to nobody.

        Needs `idp.write`. The fields are those of `IdentityProviderChange`.
        """
        fields: dict[str, object] = {"expected_version": expected_version, "identity_provider_id": identity_provider_id}
        self._calls.answer(_OPERATIONS["DeactivateIdentityProvider"], Empty, fields)

    def reactivate_identity_provider(self, *, expected_version: int | None = None, identity_provider_id: str) -> None:
        """Switch an identity provider of an organization on again.

        Needs `idp.write`. The fields are those of `IdentityProviderChange`.
        """
        fields: dict[str, object] = {"expected_version": expected_version, "identity_provider_id": identity_provider_id}
        self._calls.answer(_OPERATIONS["ReactivateIdentityProvider"], Empty, fields)

    def delete_identity_provider(self, *, expected_version: int | None = None, identity_provider_id: str) -> None:
        """Remove an identity provider of an organization for good.

        Links of users to it stay recorded and count for nothing.

        Needs `idp.write`. The fields are those of `IdentityProviderChange`.
        """
        fields: dict[str, object] = {"expected_version": expected_version, "identity_provider_id": identity_provider_id}
        self._calls.answer(_OPERATIONS["DeleteIdentityProvider"], Empty, fields)

    def get_instance_identity_provider(self, *, identity_provider_id: str) -> IdentityProviderView:
        """Get an identity provider of the instance, of whatever kind; its settings are read by its kind.

        Needs `idp.read`. The fields are those of `IdentityProviderId`.
        """
        fields: dict[str, object] = {"identity_provider_id": identity_provider_id}
        return self._calls.answer(_OPERATIONS["GetInstanceIdentityProvider"], IdentityProviderView, fields)

    def deactivate_instance_identity_provider(
        self,
        *,
        expected_version: int | None = None,
        identity_provider_id: str,
    ) -> None:
        """Switch an identity provider of the instance off: it is offered to nobody.

        Needs `idp.write`. The fields are those of `IdentityProviderChange`.
        """
        fields: dict[str, object] = {"expected_version": expected_version, "identity_provider_id": identity_provider_id}
        self._calls.answer(_OPERATIONS["DeactivateInstanceIdentityProvider"], Empty, fields)

    def reactivate_instance_identity_provider(
        self,
        *,
        expected_version: int | None = None,
        identity_provider_id: str,
    ) -> None:
        """Switch an identity provider of the instance on again.

        Needs `idp.write`. The fields are those of `IdentityProviderChange`.
        """
        fields: dict[str, object] = {"expected_version": expected_version, "identity_provider_id": identity_provider_id}
        self._calls.answer(_OPERATIONS["ReactivateInstanceIdentityProvider"], Empty, fields)

    def delete_instance_identity_provider(
        self,
        *,
        expected_version: int | None = None,
        identity_provider_id: str,
    ) -> None:
        """Remove an identity provider of the instance for good.

        Links of users to it stay recorded and count for nothing.

        Needs `idp.write`. The fields are those of `IdentityProviderChange`.
        """
        fields: dict[str, object] = {"expected_version": expected_version, "identity_provider_id": identity_provider_id}
        self._calls.answer(_OPERATIONS["DeleteInstanceIdentityProvider"], Empty, fields)

    def list_identity_providers(
        self,
        *,
        limit: int = 100,
        cursor: str = "",
        descending: bool = False,
        count: bool = False,
        name: str = "",
        kind: str = "",
        status: Status = Status.UNSPECIFIED,
        sort: IdentityProviderSort = IdentityProviderSort.UNSPECIFIED,
        organization_id: str = "",
    ) -> Listing[IdentityProviderPage, IdentityProviderView]:
        """List those identity providers of organizations that the caller may read.

        Needs `idp.read`. The fields are those of `ListIdentityProviders`.
        """
        fields: dict[str, object] = {
            "limit": limit,
            "cursor": cursor,
            "descending": descending,
            "count": count,
            "name": name,
            "kind": kind,
            "status": status,
            "sort": sort,
            "organization_id": organization_id,
        }
        return self._calls.listing(
            _OPERATIONS["ListIdentityProviders"], IdentityProviderPage, IdentityProviderView, fields
        )

    def list_instance_identity_providers(
        self,
        *,
        limit: int = 100,
        cursor: str = "",
        descending: bool = False,
        count: bool = False,
        name: str = "",
        kind: str = "",
        status: Status = Status.UNSPECIFIED,
        sort: IdentityProviderSort = IdentityProviderSort.UNSPECIFIED,
    ) -> Listing[IdentityProviderPage, IdentityProviderView]:
        """List the identity providers of the instance.

        Needs `idp.read`. The fields are those of `ListInstanceIdentityProviders`.
        """
        fields: dict[str, object] = {
            "limit": limit,
            "cursor": cursor,
            "descending": descending,
            "count": count,
            "name": name,
            "kind": kind,
            "status": status,
            "sort": sort,
        }
        return self._calls.listing(
            _OPERATIONS["ListInstanceIdentityProviders"], IdentityProviderPage, IdentityProviderView, fields
        )

    def list_available_identity_providers(
        self,
        *,
        limit: int = 100,
        cursor: str = "",
        descending: bool = False,
        count: bool = False,
        organization_id: str,
    ) -> Listing[AvailableIdentityProviderPage, AvailableIdentityProvider]:
        """List what an organization may offer for sign-in: its own active identity providers and the instance's.

        Needs `idp.read`. The fields are those of `ListAvailableIdentityProviders`.
        """
        fields: dict[str, object] = {
            "limit": limit,
            "cursor": cursor,
            "descending": descending,
            "count": count,
            "organization_id": organization_id,
        }
        return self._calls.listing(
            _OPERATIONS["ListAvailableIdentityProviders"],
            AvailableIdentityProviderPage,
            AvailableIdentityProvider,
            fields,
        )

    def get_default_login_providers(self) -> LoginProviderList:
        """Get which identity providers the instance offers where an organization has no list of its own.

        Needs `policy.read`. The fields are those of `Empty`.
        """
        fields: dict[str, object] = {}
        return self._calls.answer(_OPERATIONS["GetDefaultLoginProviders"], LoginProviderList, fields)

    def set_default_login_providers(
        self,
        *,
        expected_version: int | None = None,
        identity_provider_ids: tuple[str, ...] | list[str],
    ) -> None:
        """Set which identity providers of the instance are offered, and in which order.

        Raises ``PermissionDenied`` for one that was not, where users who are linked to it hold more than the caller.

        Needs `policy.write`. The fields are those of `SetDefaultLoginProviders`.
        """
        fields: dict[str, object] = {
            "expected_version": expected_version,
            "identity_provider_ids": identity_provider_ids,
        }
        self._calls.answer(_OPERATIONS["SetDefaultLoginProviders"], Empty, fields)

    def reset_default_login_providers(self, *, expected_version: int | None = None) -> None:
        """Take the instance's list back: nothing is offered.

        Needs `policy.write`. The fields are those of `ResetDefaultLoginProviders`.
        """
        fields: dict[str, object] = {"expected_version": expected_version}
        self._calls.answer(_OPERATIONS["ResetDefaultLoginProviders"], Empty, fields)

    def get_login_providers(self, *, organization_id: str) -> LoginProviderList:
        """Get which identity providers are offered in an organization, and whether that is the instance's list.

        Needs `policy.read`. The fields are those of `LoginProvidersOf`.
        """
        fields: dict[str, object] = {"organization_id": organization_id}
        return self._calls.answer(_OPERATIONS["GetLoginProviders"], LoginProviderList, fields)

    def set_login_providers(
        self,
        *,
        expected_version: int | None = None,
        identity_provider_ids: tuple[str, ...] | list[str],
        organization_id: str,
    ) -> None:
        """Set which identity providers are offered in an organization: its own and the instance's.

        Raises ``PermissionDenied`` for one that was not, where users of the organization who are linked to it hold more
        than the caller.

        Needs `policy.write`. The fields are those of `SetLoginProviders`.
        """
        fields: dict[str, object] = {
            "expected_version": expected_version,
            "identity_provider_ids": identity_provider_ids,
            "organization_id": organization_id,
        }
        self._calls.answer(_OPERATIONS["SetLoginProviders"], Empty, fields)

    def reset_login_providers(self, *, expected_version: int | None = None, organization_id: str) -> None:
        """Take an organization's own list back: the instance's counts again.

        Raises ``PermissionDenied`` where that offers a provider anew, as setting a list does.

        Needs `policy.write`. The fields are those of `ResetLoginProviders`.
        """
        fields: dict[str, object] = {"expected_version": expected_version, "organization_id": organization_id}
        self._calls.answer(_OPERATIONS["ResetLoginProviders"], Empty, fields)
