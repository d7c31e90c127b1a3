"""The Python client: every operation over REST, with the types, errors and messages of the server.

``Client`` blocks, ``AsyncClient`` is awaited; both need ``httpx2`` (``pip install 'hexkeep[client]'``). What they are
made of is loaded when it is first asked for, so the generator runs even where what it generated fits no more.
"""

import importlib
from typing import TYPE_CHECKING

__all__ = ["AsyncClient", "Client", "ClientSecret", "MachineKey", "Patience"]

if TYPE_CHECKING:
    from hexkeep.client.clients import AsyncClient, Client
    from hexkeep.client.credentials import ClientSecret, MachineKey
    from hexkeep.client.patience import Patience
else:
    _HOMES = {
        "AsyncClient": "clients",
        "Client": "clients",
        "ClientSecret": "credentials",
        "MachineKey": "credentials",
        "Patience": "patience",
    }

    def __getattr__(name: str) -> object:
        if name not in _HOMES:
            message = f"module {__name__!r} has no attribute {name!r}"
            raise AttributeError(message)
        try:
            return getattr(importlib.import_module(f"{__name__}.{_HOMES[name]}"), name)
        except ModuleNotFoundError as error:
            if error.name != "httpx2":
                raise
            message = "The client needs httpx2: pip install 'hexkeep[client]'"
            raise ImportError(message) from error
