"""Hexkeep: a plugin-based, hexagonal identity and access management core."""

import importlib
from importlib import metadata
from typing import TYPE_CHECKING

__all__ = ["__version__", "open"]

__version__: str
"""The version of the installed distribution, read from its metadata when first asked for."""

if TYPE_CHECKING:  # type checkers take these declarations, so a misspelt name stays an error for them
    from hexkeep.bootstrap.embed import open  # noqa: A004 - read as hexkeep.open
else:

    def __getattr__(name: str) -> object:
        if name == "__version__":
            return metadata.version("hexkeep")
        if name == "open":
            return importlib.import_module("hexkeep.bootstrap.embed").open
        message = f"module {__name__!r} has no attribute {name!r}"
        raise AttributeError(message)
