"""What SQLite, PostgreSQL and CockroachDB share: views as SQL, built with SQLAlchemy Core and executed by others."""
