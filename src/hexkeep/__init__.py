"""Hexkeep: a plugin-based, hexagonal identity and access management core."""

from importlib import metadata
from typing import TYPE_CHECKING

__all__ = ["__version__"]

__version__: str
"""The version of the installed distribution, read from its metadata when first asked for."""

if not TYPE_CHECKING:  # type checkers take the declaration above, so a misspelt name stays an error for them

    def __getattr__(name: str) -> str:
        if name == "__version__":
            return metadata.version("hexkeep")
        message = f"module {__name__!r} has no attribute {name!r}"
        raise AttributeError(message)
