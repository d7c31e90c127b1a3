"""Master keys: what wraps all data keys. Bytes in a file today; a key service would be another implementation."""

from typing import Protocol


class Master(Protocol):
    """The port: one master key, under whatever roof it lies. Safe for concurrent use."""

    @property
    def id(self) -> str:
        """Its public name, kept beside everything that it wraps; never two keys under one name."""

    async def wrap(self, key: bytes, context: bytes) -> bytes:
        """``key`` encrypted, bound to ``context``. May raise ``Unavailable`` where a service does it."""

    async def unwrap(self, wrapped: bytes, context: bytes) -> bytes:
        """The key again; raises ``ValueError`` when bytes, context or master key are not those of ``wrap``."""
