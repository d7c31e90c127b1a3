"""The settings of well-known providers: of what is the same for everybody there is nothing to set."""

from typing import Annotated, Self

from pydantic import AfterValidator, Field, StringConstraints, model_validator

from hexkeep.core.idp.choices import EntraTenant
from hexkeep.core.idp.kinds import IdpSettings, Secret
from hexkeep.core.idp.settings import OPENID, ClientId, ClientSecret, OpenidScopes, Scopes
from hexkeep.core.kernel.urls import ServerUrl

Tenant = Annotated[str, StringConstraints(max_length=253, pattern=r"^([A-Za-z0-9][A-Za-z0-9.-]*)?$")]
DIRECTORY_ID = r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"
DirectoryId = Annotated[str, StringConstraints(pattern=f"(?i)^{DIRECTORY_ID}$"), AfterValidator(str.lower)]
Domain = Annotated[
    str,
    StringConstraints(max_length=253, pattern=r"^[A-Za-z0-9-]{1,63}(\.[A-Za-z0-9-]{1,63})+$"),
    AfterValidator(str.lower),
]
AppleId = Annotated[str, StringConstraints(pattern=r"^[A-Z0-9]{10}$")]


def _insist_on_profile(scopes: tuple[str, ...]) -> tuple[str, ...]:
    if "profile" not in scopes:
        raise ValueError("must contain profile, without which accounts have no id")
    return scopes


EntraScopes = Annotated[OpenidScopes, AfterValidator(_insist_on_profile)]


class GoogleSettings(IdpSettings):
    """Google."""

    client_id: ClientId
    client_secret: ClientSecret
    scopes: OpenidScopes = OPENID
    hosted_domains: Annotated[tuple[Domain, ...], Field(max_length=100)] = Field(
        default=(),
        description="The Google Workspace domains whose accounts may sign in; left out: any Google account.",
        examples=[["example.com"]],
    )


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
    scopes: EntraScopes = OPENID
    tenant: EntraTenant = Field(
        default=EntraTenant.UNSPECIFIED, description="Whose accounts; if left out: one directory."
    )
    directory: Tenant = Field(default="", description="The id or a domain of the one directory whose accounts sign in.")
    allowed_directories: Annotated[tuple[DirectoryId, ...], Field(max_length=100)] = Field(
        default=(), description="Of `common` and `organizations`: the ids of the directories meant; left out: any."
    )
    email_verified: bool = Field(
        default=False,
        description="E-mail addresses count as verified where the ID token does not tell (`xms_edov`): whoever "
        "manages a directory whose accounts may sign in can then be anybody. Not for any directory.",
    )

    @property
    def strangers(self) -> bool:
        """Whether any directory will do: whoever makes one writes into it what they like."""
        return self.tenant in {EntraTenant.COMMON, EntraTenant.ORGANIZATIONS} and not self.allowed_directories

    @model_validator(mode="after")
    def _names_its_directories(self) -> Self:
        single = self.tenant in {EntraTenant.UNSPECIFIED, EntraTenant.SINGLE}
        many = self.tenant in {EntraTenant.COMMON, EntraTenant.ORGANIZATIONS}
        if single != bool(self.directory):
            raise ValueError("a single tenant needs its directory, and no other has one")
        if self.allowed_directories and not many:
            raise ValueError("allowed_directories are for common and organizations")
        if self.email_verified and self.strangers:
            raise ValueError("email_verified needs a directory, or allowed_directories")
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
