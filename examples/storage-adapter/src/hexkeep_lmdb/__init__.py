"""The storage in an LMDB file, for one process: an example of how a third party serves all ports of a storage."""

from hexkeep.ports.hooks import AdapterEntry

LMDB = AdapterEntry("storage", "lmdb", "hexkeep_lmdb.storage:LmdbStorage", "hexkeep_lmdb.settings:LmdbSettings")
"""What the entry point names: the texts are imported when somebody chooses the adapter."""
