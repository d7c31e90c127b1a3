"""What a deployment may say about a server that speaks the PostgreSQL wire protocol."""

from psycopg.conninfo import conninfo_to_dict
from pydantic import BaseModel, ConfigDict, Field, SecretStr

IDENTIFIER = r"^[a-z_][a-z0-9_]{0,47}$"


class WireSettings(BaseModel):
    """Where the database is, as whom to use it, and how hard.

    Two roles are meant to be used: the owner of the schemas, who migrates, and the application's role, who can neither
    change nor delete an event.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    url: SecretStr = Field(description="libpq URL or key/value string of the application's role.")
    owner_url: SecretStr | None = Field(default=None, description="The same for the owner's. Unset: `url`.")
    schema_name: str = Field(
        default="hexkeep", pattern=IDENTIFIER, description="Holds the log; the views are in `<schema_name>_views`."
    )
    append_connections: int = Field(default=2, ge=1, le=64, description="Connections kept for appends.")
    min_connections: int = Field(default=1, ge=0, le=1000, description="Other connections that stay open.")
    max_connections: int = Field(default=8, ge=1, le=1000, description="Other connections at most.")
    max_waiting: int = Field(
        default=1000, ge=1, le=1_000_000, description="Callers that may wait for a connection; more are `overloaded`."
    )
    connect_timeout: float = Field(default=5.0, gt=0, le=60, description="Seconds to wait for a connection.")
    statement_timeout: float = Field(default=10.0, gt=0, le=3600, description="Seconds one statement may take.")
    units_kept_days: int = Field(default=3, ge=1, le=90, description="How long the outcome of an append is remembered.")

    @property
    def views_schema(self) -> str:
        """The schema in which the application's role makes the tables of its projections."""
        return f"{self.schema_name}_views"

    @property
    def application_role(self) -> str:
        """The user name in ``url``, empty when it leaves it to libpq."""
        return str(conninfo_to_dict(self.url.get_secret_value()).get("user") or "")
