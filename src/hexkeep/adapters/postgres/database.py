"""PostgreSQL's connections: what its sessions are set to, and that there may be a pooler in between."""

from hexkeep.adapters.pgwire.database import Connection, Database
from hexkeep.adapters.postgres.settings import PostgresSettings

TRANSACTION_TIMEOUT_SINCE = 170000


class PostgresDatabase(Database):
    """Connections to PostgreSQL."""

    settings: PostgresSettings

    def __init__(self, settings: PostgresSettings) -> None:
        super().__init__(settings, prepare=not settings.pgbouncer)

    def session(self, connection: Connection) -> dict[str, str]:
        """Session settings. Behind a pooler they would leak to others: there the role has to carry them."""
        settings = self.settings
        if settings.pgbouncer:
            return {}
        wanted = {
            "search_path": self.schema.views,
            "TimeZone": "UTC",
            "default_transaction_isolation": "read committed",
            "statement_timeout": f"{settings.statement_timeout * 1000:.0f}",
            "idle_in_transaction_session_timeout": f"{settings.transaction_timeout * 1000:.0f}",
            "plan_cache_mode": "force_custom_plan",  # tables grow after the first plans were made
        }
        if connection.info.server_version >= TRANSACTION_TIMEOUT_SINCE:
            wanted["transaction_timeout"] = f"{settings.transaction_timeout * 1000:.0f}"
        return wanted
