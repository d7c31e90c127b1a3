"""What stands in for the SQL that only CockroachDB understands where the rest of its adapter is tried on PostgreSQL."""

from hexkeep.adapters.cockroach.only import COCKROACH_ONLY, Piece

ON_POSTGRES = (
    Piece("version", "SELECT 'CockroachDB stand-in v22.1'"),
    Piece("database", ""),
    Piece("recent", ""),
    Piece("history", ""),
    Piece("lookup", ""),
    Piece(
        "delete",
        "DELETE FROM {table} WHERE ctid = ANY (ARRAY("
        "SELECT ctid FROM {table} WHERE {condition} ORDER BY {order} LIMIT %s)) RETURNING 1",
    ),
    Piece("spread", ""),
    Piece("unconstrain", "ALTER TABLE {schema}.events DROP CONSTRAINT IF EXISTS events_stream"),
)
assert [piece.name for piece in ON_POSTGRES] == [piece.name for piece in COCKROACH_ONLY]


def not_executed() -> str:
    """For the reason of a skip: how many pieces were not executed, and which."""
    texts = "; ".join(f"{piece.name}: {piece.sql.strip()}" for piece in COCKROACH_ONLY)
    return f"{len(COCKROACH_ONLY)} pieces of SQL were not executed ({texts})"
