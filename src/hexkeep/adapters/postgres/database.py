"""PostgreSQL's connections: what its sessions are set to, and that there may be a pooler in between."""

from hexkeep.adapters.pgwire.database import Connection, Database
from hexkeep.adapters.pgwire.errors import mapped
from hexkeep.adapters.postgres.settings import PostgresSettings

TRANSACTION_TIMEOUT_SINCE = 170000
LIMITS = ["statement_timeout", "idle_in_transaction_session_timeout", "transaction_timeout"]


class PostgresDatabase(Database):
    """Connections to PostgreSQL."""

    settings: PostgresSettings

    def __init__(self, settings: PostgresSettings) -> None:
        super().__init__(settings, prepare=not settings.pgbouncer)

    def session(self, connection: Connection) -> dict[str, str]:
        """Session settings. Behind a pooler they would leak to others: there the role alone carries them."""
        return {} if self.settings.pgbouncer else wanted(self.settings, connection)

    async def connect_as_owner(self) -> Connection:
        """A connection of the owner's, without the limits that its role may have for the application's sake."""
        settings = self.settings
        connection = await self.connect((settings.owner_url or settings.url).get_secret_value())
        if not settings.pgbouncer:
            lift = b"SELECT set_config(name, '0', false) FROM pg_settings WHERE name = ANY (%s)"
            with mapped():
                await connection.execute(lift, (LIMITS,))
        return connection


def wanted(settings: PostgresSettings, connection: Connection) -> dict[str, str]:
    """What every session of the application's is set to on this server, by name."""
    transaction = f"{settings.transaction_timeout * 1000:.0f}"
    limits = {
        "statement_timeout": f"{settings.statement_timeout * 1000:.0f}",
        "idle_in_transaction_session_timeout": transaction,
        "transaction_timeout": transaction,
    }
    if connection.info.server_version < TRANSACTION_TIMEOUT_SINCE:
        del limits["transaction_timeout"]
    return {
        "search_path": settings.views_schema,
        "TimeZone": "UTC",
        "default_transaction_isolation": "read committed",
        "plan_cache_mode": "force_custom_plan",  # tables grow after the first plans were made
        **limits,
    }
