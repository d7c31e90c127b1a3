"""What a deployment may say about its CockroachDB."""

from pydantic import Field

from hexkeep.adapters.pgwire.settings import WireSettings


class CockroachSettings(WireSettings):
    """Where the cluster is, as whom to use it, and how hard.

    Two roles are meant to be used: the owner of the schemas, who migrates, drops and loads, and the application's role,
    who can neither change nor delete an event. There are no triggers: with one role nothing stands in the way.
    """

    transaction_timeout: float = Field(
        default=30.0, gt=0, le=3600, description="Seconds a transaction may be idle before the server ends it."
    )
    schema_timeout: float = Field(
        default=300.0, gt=0, le=86400, description="Seconds one change of a schema may take, which is a job there."
    )
    recent_milliseconds: int = Field(
        default=250, ge=1, le=60_000, description="How far in the past those read who catch up, beside the writers."
    )
    poll_interval: float = Field(
        default=0.25, ge=0.01, le=60, description="Seconds between two looks at what other nodes have appended."
    )
    contention_tries: int = Field(
        default=30, ge=1, le=1000, description="How often work that loses against others (40001) is begun in all."
    )
