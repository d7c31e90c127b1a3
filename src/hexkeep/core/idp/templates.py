"""The settings of well-known providers: of what is the same for everybody there is nothing to set."""

from typing import Annotated, Self

from pydantic import Field, StringConstraints, model_validator

from hexkeep.core.idp.choices import EntraTenant
from hexkeep.core.idp.kinds import IdpSettings, Secret
from hexkeep.core.idp.settings import OPENID, ClientId, ClientSecret, OpenidScopes, Scopes
from hexkeep.core.kernel.urls import ServerUrl

Tenant = Annotated[str, StringConstraints(max_length=253, pattern=r"^([A-Za-z0-9][A-Za-z0-9.-]*)?$")]
AppleId = Annotated[str, StringConstraints(pattern=r"^[A-Z0-9]{10}$")]


class GoogleSettings(IdpSettings):
    """Google."""

    client_id: ClientId
    client_secret: ClientSecret
    scopes: OpenidScopes = OPENID


class GitHubSettings(IdpSettings):
    """GitHub."""

    client_id: ClientId
    client_secret: ClientSecret
    scopes: Scopes = ("read:user", "user:email")


class GitHubEnterpriseSettings(GitHubSettings):
    """A GitHub Enterprise Server of one's own."""

    base_url: ServerUrl = Field(description="Where it is.", examples=["https://github.example.com"])


class GitLabSettings(IdpSettings):
    """GitLab."""

    client_id: ClientId
    client_secret: ClientSecret
    scopes: OpenidScopes = OPENID


class GitLabSelfHostedSettings(GitLabSettings):
    """A GitLab of one's own."""

    issuer: ServerUrl = Field(description="Where it is.", examples=["https://gitlab.example.com"])


class EntraIdSettings(IdpSettings):
    """Microsoft Entra ID."""

    client_id: ClientId
    client_secret: ClientSecret
    scopes: OpenidScopes = (*OPENID, "User.Read")
    tenant: EntraTenant = Field(
        default=EntraTenant.UNSPECIFIED, description="Whose accounts; if left out: one directory."
    )
    directory: Tenant = Field(default="", description="The id or a domain of the one directory whose accounts sign in.")
    email_verified: bool = Field(
        default=False, description="E-mail addresses count as verified: the directory does not tell."
    )

    @model_validator(mode="after")
    def _names_its_directory(self) -> Self:
        single = self.tenant in {EntraTenant.UNSPECIFIED, EntraTenant.SINGLE}
        if single != bool(self.directory):
            raise ValueError("a single tenant needs its directory, and no other has one")
        return self


class AppleSettings(IdpSettings):
    """Apple, where a key that signs takes the place of a client secret."""

    client_id: ClientId
    team_id: AppleId = Field(description="Ten letters and digits.")
    key_id: AppleId = Field(description="Ten letters and digits, as the key is called there.")
    private_key: Secret = Field(
        repr=False, pattern=r"^\s*-----BEGIN PRIVATE[ ]KEY-----", description="In PEM (PKCS #8). It is not shown again."
    )
    scopes: Scopes = ("name", "email")
