"""Who may do what: the application's role adds to the log and reads it, and cannot change or delete a line of it."""

from psycopg import errors as pg
from psycopg.sql import SQL, Identifier, Literal

from hexkeep.adapters.pgwire.database import Connection
from hexkeep.adapters.pgwire.roles import create_role
from hexkeep.adapters.postgres.database import PostgresDatabase, wanted
from hexkeep.adapters.postgres.settings import PostgresSettings

RIGHTS = (
    "REVOKE ALL ON ALL TABLES IN SCHEMA {schema} FROM {role}",
    "GRANT USAGE ON SCHEMA {schema} TO {role}",
    "GRANT USAGE, CREATE ON SCHEMA {views} TO {role}",
    "GRANT SELECT ON {schema}.schema_migrations, {schema}.events, {schema}.log_heads, {schema}.log_horizons TO {role}",
    "GRANT SELECT ON {schema}.unique_keys, {schema}.key_changes TO {role}",
    "GRANT INSERT (instance_id, log) ON {schema}.log_heads TO {role}",
    "GRANT SELECT, INSERT ON {schema}.seals TO {role}",
    "GRANT SELECT, INSERT, UPDATE ON {schema}.keys TO {role}",
    "GRANT SELECT, DELETE ON {schema}.append_units TO {role}",
    "GRANT SELECT, INSERT, UPDATE, DELETE ON {schema}.leases, {schema}.snapshots, {schema}.blobs TO {role}",
    "GRANT SELECT, INSERT, UPDATE, DELETE ON {schema}.expiring, {schema}.counters TO {role}",
    "GRANT SELECT, INSERT, UPDATE, DELETE ON {views}.checkpoints, {views}.parked, {views}.builds TO {role}",
    "GRANT EXECUTE ON FUNCTION {schema}.append_units(json, json, json, json, json, bytea) TO {role}",
    "GRANT EXECUTE ON FUNCTION {schema}.append_round TO {role}",
    "GRANT EXECUTE ON FUNCTION {schema}.read_stream(text, text, text, text, bigint, bigint) TO {role}",
    "GRANT EXECUTE ON FUNCTION {schema}.stream_versions(text, text[], text[], text[]) TO {role}",
    "GRANT EXECUTE ON FUNCTION {schema}.forget_keys(text, text, text) TO {role}",
    "GRANT EXECUTE ON FUNCTION {schema}.drop_events(text, bigint, bigint) TO {role}",
    "GRANT EXECUTE ON FUNCTION {schema}.begun_wipe() TO {role}",
    "GRANT EXECUTE ON FUNCTION {schema}.wipe_more(text, bigint) TO {role}",
)
"""All that the application's role may do. It writes the log by functions alone, which run with the owner's rights."""


async def grant(connection: Connection, database: PostgresDatabase) -> None:
    """Give the application's role its rights, and make the role when it is missing.

    Does nothing where the owner's role is used for everything.
    """
    settings, role = database.settings, database.settings.application_role
    cursor = await connection.execute(b"SELECT current_user = %s, to_regrole(quote_ident(%s)) IS NULL", (role, role))
    is_owner, is_missing = await cursor.fetchone() or (True, False)
    if is_missing and role:
        await create_role(connection, role, settings)
    if settings.pgbouncer or not is_owner:
        try:
            await _limit(connection, role, settings)
        except pg.InsufficientPrivilege:  # not the owner's to alter, but every role may set its own defaults
            async with await database.connect(settings.url.get_secret_value()) as itself:
                await _limit(itself, role, settings)
    if is_owner or not role:
        return
    names = {"schema": settings.schema_name, "views": settings.views_schema, "role": role}
    identifiers = {key: Identifier(name) for key, name in names.items()}
    async with connection.transaction():
        for statement in RIGHTS:
            await connection.execute(SQL(statement).format(**identifiers))


async def _limit(connection: Connection, role: str, settings: PostgresSettings) -> None:
    """Let the role itself carry its settings, for whoever else comes as this role, and behind a pooler for all."""
    who = Identifier(role) if role else SQL("CURRENT_USER")
    alter = SQL("ALTER ROLE {} IN DATABASE {} SET {} = {}")
    async with connection.transaction():
        for name, value in wanted(settings, connection).items():
            database = Identifier(connection.info.dbname)
            await connection.execute(alter.format(who, database, Identifier(name), Literal(value)))
