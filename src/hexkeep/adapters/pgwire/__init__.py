"""What PostgreSQL and CockroachDB share: whatever speaks the PostgreSQL wire protocol, by psycopg 3."""
