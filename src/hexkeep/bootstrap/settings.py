"""Every setting there is. Each has a default that works, and a description from which the reference is made.

The models are values: constructing one reads nothing. ``hexkeep.bootstrap.loading`` reads file and environment.
"""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Literal, Self
from urllib.parse import urlsplit

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    JsonValue,
    SecretStr,
    StringConstraints,
    ValidationInfo,
    field_validator,
    model_validator,
)

from hexkeep.adapters.argon2.hashing import Argon2Settings
from hexkeep.adapters.grpc.settings import GrpcSettings
from hexkeep.adapters.offload.settings import OffloadSettings
from hexkeep.adapters.outbound.settings import OutboundSettings
from hexkeep.adapters.pillow.settings import PillowSettings
from hexkeep.adapters.rest.settings import RestSettings
from hexkeep.bootstrap.durations import Duration

FROM_STORAGE = "storage"
"""The name under which the storage itself serves a port."""
ZERO = timedelta(0)


class Section(BaseModel):
    """Base of the sections: immutable, and strict about names."""

    model_config = ConfigDict(frozen=True, extra="forbid", validate_default=True)


class ServerSettings(Section):
    """The HTTP server."""

    host: str = Field(default="127.0.0.1", description="Address to listen on.")
    port: int = Field(default=8080, ge=0, le=65535, description="Port to listen on; 0 takes a free one.")
    public_url: str = Field(
        default="",
        description="Origin under which browsers and applications reach the server, also the first instance's OIDC "
        "issuer: `https://id.example.com`. Unset: `http://localhost:<port>`, `https` with a certificate.",
    )
    tls_certificate: Path | None = Field(
        default=None,
        description="File with the certificate and its chain, as PEM: the server then speaks TLS itself. Unset: plain "
        "HTTP, for a proxy that does. Changed files are noticed, without a restart.",
    )
    tls_key: Path | None = Field(
        default=None,
        description="File with the certificate's private key, as PEM, not encrypted. Unset: it is in the same file.",
    )
    shutdown: Duration = Field(
        default=timedelta(seconds=20), ge=ZERO, description="How long requests in flight may take once told to stop."
    )

    @field_validator("public_url")
    @classmethod
    def _is_an_origin(cls, value: str) -> str:
        parts = urlsplit(value)
        if value and (parts.scheme not in {"http", "https"} or not parts.hostname):
            raise ValueError("write an origin, like https://id.example.com")
        if parts.path.strip("/") or parts.query or parts.fragment or parts.username:
            raise ValueError("an origin has no path, query or user name")
        return value.rstrip("/").lower()

    @field_validator("tls_key")
    @classmethod
    def _belongs_to_a_certificate(cls, value: Path | None, info: ValidationInfo) -> Path | None:
        if value is not None and info.data.get("tls_certificate") is None:
            raise ValueError("a key needs its certificate: set tls_certificate")
        return value

    @property
    def origin(self) -> str:
        """The public origin, without a slash at the end."""
        scheme = "http" if self.tls_certificate is None else "https"
        return self.public_url or f"{scheme}://localhost:{self.port}"


class DataSettings(Section):
    """Files of this machine."""

    folder: Path = Field(default=Path("hexkeep-data"), description="Folder for the SQLite file and the master key.")
    erasures: Path | None = Field(
        default=None,
        description="File that lists who was erased, so that no restore of an older backup brings them back. It only "
        "ever grows, and belongs apart from the database's backups. Unset: `erasures.jsonl` in the data folder. Nodes "
        "of one installation should share one.",
    )
    unattributed: Duration = Field(
        default=timedelta(days=30),
        ge=timedelta(days=1),
        description="How long it can be read from where nobody in particular called, and what applications sent along "
        "with authorization requests. It is sealed under a key of each day, which is destroyed then.",
    )


class AdapterChoice(BaseModel):
    """Which adapter serves a port, and a table of settings per adapter, checked against the adapter's own model."""

    model_config = ConfigDict(frozen=True, extra="allow")
    __pydantic_extra__: dict[str, dict[str, JsonValue]]

    adapter: str = Field(description="Name of the adapter.")

    def __repr_args__(self) -> Iterator[tuple[str | None, object]]:
        """Without the tables: one may hold a password that only its adapter's model knows to be secret."""
        yield "adapter", self.adapter

    @property
    def tables(self) -> dict[str, dict[str, JsonValue]]:
        """The settings of adapters by name, not yet checked."""
        return self.__pydantic_extra__


class StorageChoice(AdapterChoice):
    """The database. Settings of an adapter stand in a table of its name, like `[storage.postgres]`."""

    adapter: str = Field(default="sqlite", description="Adapter of the storage port.")
    migrate: bool = Field(
        default=True,
        description="Bring the schema up to date at every start. Off: only `hexkeep setup` does.",
    )


class LocksChoice(AdapterChoice):
    """Leases between nodes."""

    adapter: str = Field(default=FROM_STORAGE, description="Adapter of the locks port; `storage` uses the storage's.")


class PubSubChoice(AdapterChoice):
    """Hints between nodes that something was written."""

    adapter: str = Field(default=FROM_STORAGE, description="Adapter of the pubsub port; `storage` uses the storage's.")


class BlobsChoice(AdapterChoice):
    """Pictures, fonts and other bytes that are too large for an event."""

    adapter: str = Field(
        default=FROM_STORAGE,
        description="Adapter of the blobs port; `storage` keeps them in the database, `filesystem` in a folder.",
    )


class SpoolerSettings(Section):
    """How the nodes share the work of keeping views up to date. One node at a time leads each projection."""

    lease: Duration = Field(
        default=timedelta(seconds=6),
        ge=timedelta(seconds=1),
        description="How long a node leads without saying so again. Another follows one that died within twice this.",
    )
    look: Duration = Field(
        default=timedelta(seconds=1),
        gt=ZERO,
        description="Between two looks for work that no hint told of; more where there are thousands of instances.",
    )
    grace: Duration = Field(
        default=timedelta(hours=1),
        ge=ZERO,
        description="How long the tables of a projection's former build are kept once no node fills them any more.",
    )
    ready_lag: int = Field(
        default=10_000,
        ge=0,
        description="Events that a projection may be behind, over all instances, for a node that starts to be given "
        "traffic by `/readyz`; 0 sets no bound.",
    )


class MetricsSettings(Section):
    """What `/metrics` tells a monitoring system, in the format of Prometheus: numbers alone, no names of anybody."""

    enabled: bool = Field(default=True, description="Whether there is such a page.")
    token: SecretStr | None = Field(
        default=None,
        description="Who presents it as a bearer token may read. Unset: callers on this machine alone, and nobody "
        "behind a proxy that shows itself by a header (`Forwarded`, `X-Forwarded-For`, `X-Real-IP`, `Via`).",
    )


class EngineSettings(Section):
    """Bounds of one node's engine."""

    queue: int = Field(
        default=10_000, ge=1, le=1_000_000, description="Writes that may wait for the storage; more are `overloaded`."
    )
    batch: int = Field(default=256, ge=1, le=10_000, description="Writes that are committed together at most.")
    batch_bytes: int = Field(
        default=1 << 20, ge=1 << 10, le=1 << 28, description="Bytes of events that are committed together, about."
    )
    cached_states: int = Field(
        default=50_000, ge=1, le=10_000_000, description="Users, projects and so on that are kept in memory."
    )
    cached_keys: Duration = Field(
        default=timedelta(seconds=60),
        ge=ZERO,
        le=timedelta(hours=1),
        description="How long a node goes on with a data key that another has destroyed or renewed. On storages that "
        "nodes share an erasure waits that long before it is acknowledged, and a rotation before it begins.",
    )


class OutboxSettings(Section):
    """How deliveries (mail, webhooks and so on) are brought outside. One node at a time does it."""

    deliver: bool = Field(
        default=True, description="Off: this node brings nothing outside; what is to go out waits for others."
    )
    at_once: int = Field(
        default=8, ge=1, le=1000, description="Deliveries of one channel that are on their way together at most."
    )
    timeout: Duration = Field(
        default=timedelta(seconds=30), gt=ZERO, description="How long one attempt may take before it has failed."
    )
    first_pause: Duration = Field(
        default=timedelta(seconds=5),
        gt=ZERO,
        description="Longest pause after the first failure; it doubles with each, and chance takes a part of it.",
    )
    longest_pause: Duration = Field(
        default=timedelta(hours=1), gt=ZERO, description="Longest pause between two attempts."
    )
    keep: Duration = Field(
        default=timedelta(days=7),
        gt=ZERO,
        description="How long a delivered or discarded one is remembered, so that its key is used once.",
    )
    keep_dead: Duration = Field(default=timedelta(days=90), gt=ZERO, description="How long a dead one can be retried.")


class SealingSettings(Section):
    """How the logs are protected against silent change: ranges are sealed, and what was sealed is verified."""

    every: Duration = Field(
        default=timedelta(seconds=5), gt=ZERO, description="How long what was written may stay unsealed, about."
    )
    events: int = Field(default=1000, ge=1, le=10_000, description="Events that one seal covers at most.")
    verify: Duration = Field(
        default=timedelta(hours=1),
        ge=ZERO,
        description="Between two verifications of what was written since the last one; 0 for none.",
    )
    verify_all: Duration = Field(
        default=timedelta(days=7), ge=ZERO, description="Between two verifications of everything; 0 for none."
    )


class SecretsSettings(Section):
    """The master key, which wraps all other keys. Without it nothing sealed can be read, ever: keep a copy."""

    master_key: SecretStr | None = Field(
        default=None,
        description="The key itself: 32 bytes as base64url. Best given as `HEXKEEP_SECRETS__MASTER_KEY`.",
    )
    master_key_file: Path | None = Field(
        default=None,
        description="File with the key, made on the first run, readable by its owner alone. Unset: `master.key` in "
        "the data folder. Not used when `master_key` is set. With a storage that several nodes share none is made: "
        "`hexkeep config master-key` does it.",
    )
    previous_master_keys: tuple[SecretStr, ...] = Field(
        default=(),
        description="Master keys that data keys may still be wrapped by, until `hexkeep keys rotate` has ended: each "
        "32 bytes as base64url.",
    )
    previous_master_key_files: tuple[Path, ...] = Field(
        default=(), description="The same in files, readable by their owner alone."
    )


class SetupSettings(Section):
    """The first instance, made on the first run: what its organization and its administrator are called."""

    instance: str = Field(default="Hexkeep", min_length=1, description="Name of the instance.")
    organization: str = Field(default="Default", min_length=1, description="Name of its first organization.")
    user_name: str = Field(default="admin", min_length=1, description="What the administrator signs in with.")
    given_name: str = Field(default="Hexkeep", min_length=1, description="The administrator's given name.")
    family_name: str = Field(default="Administrator", min_length=1, description="The administrator's family name.")
    email: str = Field(
        default="", description="The administrator's address. Unset: `<user name>@<host of the origin>`."
    )
    password: SecretStr | None = Field(
        default=None, description="The administrator's password. Unset: a random one, shown once."
    )


class SystemCallerSettings(Section):
    """A program that may call the System API, with tokens that it signs itself. Give one of the two keys."""

    public_key: str = Field(default="", description="Its public key: PEM, or a JWK (ES256, RS256, Ed25519).")
    public_key_file: Path | None = Field(default=None, description="The same in a file.")
    permissions: tuple[Annotated[str, StringConstraints(pattern=r"^system\.([a-z_]+\.)*([a-z_]+|\*)$")], ...] = Field(
        default=("system.*",), min_length=1, description="What it may do there."
    )

    @model_validator(mode="after")
    def _has_one_key(self) -> Self:
        if bool(self.public_key) == (self.public_key_file is not None):
            raise ValueError("give public_key or public_key_file, and not both")
        return self


class SystemSettings(Section):
    """Who may call the System API from elsewhere: configured keys, never users. Operators at the machine need none."""

    callers: dict[
        Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$")], SystemCallerSettings
    ] = Field(default={}, description="A table for each, by a name of its own: `[system.callers.<name>]`, or JSON.")


class RoleSettings(Section):
    """A role of your own, beside the built-in ones. Its name is in capitals: `[roles.HELP_DESK]`, in the file alone.

    Who gives it has to hold all that it allows. `ListRoles` tells which roles there are and what they allow.
    """

    level: Literal["instance", "organization", "project", "project_grant"] = Field(
        description="Where it can be held; it counts there and below."
    )
    permissions: tuple[Annotated[str, StringConstraints(max_length=100)], ...] = Field(
        min_length=1,
        max_length=200,
        description="What it allows, by the permissions that operations ask for; `user.*` is all of users.",
    )


class RolesSettings(BaseModel):
    """Roles in addition to the built-in ones, a table for each."""

    model_config = ConfigDict(frozen=True, extra="allow")
    __pydantic_extra__: dict[
        Annotated[str, StringConstraints(pattern=r"^[A-Z][A-Z0-9_]{2,99}$")],
        RoleSettings,
    ]

    @property
    def by_name(self) -> dict[str, RoleSettings]:
        """The roles by their names."""
        return self.__pydantic_extra__


class PluginSettings(Section):
    """Plugins."""

    block: tuple[str, ...] = Field(
        default=(), description="Names of plugins that are not loaded; see `hexkeep plugins`."
    )


class LoggingSettings(Section):
    """The log, on standard error. It holds ids, never secrets."""

    level: Literal["debug", "info", "warning", "error"] = Field(default="info", description="Lowest level shown.")
    format: Literal["text", "json"] = Field(default="text", description="For people, or one JSON object per line.")


class Settings(Section):
    """All settings."""

    server: ServerSettings = ServerSettings()
    http: RestSettings = RestSettings()
    grpc: GrpcSettings = GrpcSettings()
    data: DataSettings = DataSettings()
    storage: StorageChoice = StorageChoice()
    locks: LocksChoice = LocksChoice()
    pubsub: PubSubChoice = PubSubChoice()
    blobs: BlobsChoice = BlobsChoice()
    spooler: SpoolerSettings = SpoolerSettings()
    metrics: MetricsSettings = MetricsSettings()
    engine: EngineSettings = EngineSettings()
    sealing: SealingSettings = SealingSettings()
    outbox: OutboxSettings = OutboxSettings()
    outbound: OutboundSettings = OutboundSettings()
    secrets: SecretsSettings = SecretsSettings()
    hashing: Argon2Settings = Argon2Settings()
    images: PillowSettings = PillowSettings()
    offload: OffloadSettings = OffloadSettings()
    setup: SetupSettings = SetupSettings()
    system: SystemSettings = SystemSettings()
    roles: RolesSettings = RolesSettings()
    plugins: PluginSettings = PluginSettings()
    logging: LoggingSettings = LoggingSettings()

    @property
    def erasures_file(self) -> Path:
        """Where the list of erasures lies."""
        return self.data.erasures or self.data.folder / "erasures.jsonl"

    @property
    def master_key_file(self) -> Path:
        """Where the master key lies when it is not given as a value."""
        return self.secrets.master_key_file or self.data.folder / "master.key"
