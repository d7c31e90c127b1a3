"""What a deployment may say about its PostgreSQL."""

from pydantic import Field, SecretStr

from hexkeep.adapters.pgwire.settings import WireSettings


class PostgresSettings(WireSettings):
    """Where the database is, as whom to use it, and how hard.

    Two roles are meant to be used: the owner of the schemas, who migrates, and the application's role, who can neither
    change nor delete an event. Both are needed for that; with one role only the trigger stands in the way.
    """

    direct_url: SecretStr | None = Field(
        default=None, description="Past the pooler, for LISTEN. Unset: `url`, or with `pgbouncer` no LISTEN at all."
    )
    transaction_timeout: float = Field(
        default=30.0, gt=0, le=3600, description="Seconds one transaction may take (PostgreSQL 17 and later)."
    )
    notify_interval: float = Field(default=0.01, ge=0.001, le=1, description="Seconds between two NOTIFY of a node.")
    pgbouncer: bool = Field(
        default=False,
        description="The URL leads to a pooler in transaction mode: no prepared statements and no session settings.",
    )
