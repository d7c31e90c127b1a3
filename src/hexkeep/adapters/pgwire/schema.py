"""Names of the two schemas, put into SQL text the only safe way."""

from typing import LiteralString

from psycopg.sql import SQL, Identifier

from hexkeep.adapters.pgwire.settings import WireSettings


class Schema:
    """Fills ``{schema}`` and ``{views}`` of a statement with quoted identifiers, once, when an adapter is made."""

    def __init__(self, settings: WireSettings) -> None:
        self.name = settings.schema_name
        self.views = settings.views_schema

    def sql(self, text: LiteralString) -> bytes:
        """The statement as it goes to the driver."""
        composed = SQL(text).format(schema=Identifier(self.name), views=Identifier(self.views))
        return composed.as_bytes(None)
