"""The application's role, made where it is missing."""

from psycopg import errors as pg
from psycopg.conninfo import conninfo_to_dict
from psycopg.sql import SQL, Composed, Identifier, Literal

from hexkeep.adapters.pgwire.database import Connection
from hexkeep.adapters.pgwire.settings import WireSettings
from hexkeep.core.kernel.errors import FailedPrecondition


async def create_role(connection: Connection, role: str, settings: WireSettings) -> None:
    """Make the application's role; raises ``FailedPrecondition`` where the owner's may not."""
    try:
        await connection.execute(_create_role(connection, role, settings))
    except pg.InsufficientPrivilege as error:
        raise FailedPrecondition("The application's role is missing and the owner's role may not create it") from error


def _create_role(connection: Connection, role: str, settings: WireSettings) -> Composed:
    """With a password the statement holds its SCRAM verifier (RFC 5803), for statements end up in the server's log."""
    password = conninfo_to_dict(settings.url.get_secret_value()).get("password")
    if not password:
        return SQL("CREATE ROLE {} LOGIN").format(Identifier(role))
    verifier = connection.pgconn.encrypt_password(str(password).encode(), role.encode(), b"scram-sha-256")
    return SQL("CREATE ROLE {} LOGIN PASSWORD {}").format(Identifier(role), Literal(verifier.decode()))
