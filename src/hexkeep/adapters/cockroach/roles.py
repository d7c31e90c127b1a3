"""Who may do what: the application's role adds to the log and reads it, and cannot change or delete a line of it.

There are neither triggers nor functions with their owner's rights, so these grants are all that guards the log.
"""

from psycopg.sql import SQL, Identifier

from hexkeep.adapters.cockroach.settings import CockroachSettings
from hexkeep.adapters.pgwire.database import Connection
from hexkeep.adapters.pgwire.roles import create_role

GRANTS = (
    "GRANT USAGE ON SCHEMA {schema} TO {role}",
    "GRANT USAGE, CREATE ON SCHEMA {views} TO {role}",
    "GRANT SELECT ON {schema}.schema_migrations, {schema}.log_horizons TO {role}",
    "GRANT SELECT, INSERT ON {schema}.events, {schema}.seals TO {role}",
    "GRANT SELECT, INSERT, UPDATE ON {schema}.log_heads, {schema}.keys TO {role}",
    "GRANT SELECT, INSERT, DELETE ON {schema}.append_units TO {role}",
    "GRANT SELECT, INSERT, UPDATE, DELETE ON {schema}.unique_keys, {schema}.key_changes, {schema}.leases TO {role}",
    "GRANT SELECT, INSERT, UPDATE, DELETE ON {schema}.expiring, {schema}.counters, {schema}.snapshots TO {role}",
    "GRANT SELECT, INSERT, UPDATE, DELETE ON {schema}.blobs TO {role}",
    "GRANT SELECT, INSERT, UPDATE, DELETE ON {views}.checkpoints, {views}.parked, {views}.builds TO {role}",
)


async def grant(connection: Connection, settings: CockroachSettings) -> None:
    """Give the application's role its rights, and make the role when it is missing.

    Does nothing where the owner's role is used for everything.
    """
    role = settings.application_role
    question = b"SELECT current_user = %s, NOT EXISTS (SELECT 1 FROM pg_catalog.pg_roles WHERE rolname = %s)"
    is_owner, is_missing = await (await connection.execute(question, (role, role))).fetchone() or (True, False)
    if is_owner or not role:
        return
    if is_missing:
        await create_role(connection, role, settings)
    names = {"schema": settings.schema_name, "views": settings.views_schema, "role": role}
    identifiers = {key: Identifier(name) for key, name in names.items()}
    for statement in GRANTS:
        await connection.execute(SQL(statement).format(**identifiers))
