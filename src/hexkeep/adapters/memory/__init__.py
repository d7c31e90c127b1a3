"""The six storage ports in this process's memory: for tests and trials, and the model all other storages are held to.

Nothing in it awaits between looking and writing, so on one event loop every method is atomic by itself.
"""

from hexkeep.adapters.memory.settings import MemorySettings
from hexkeep.adapters.memory.storage import MemoryStorage

__all__ = ["MemorySettings", "MemoryStorage"]
