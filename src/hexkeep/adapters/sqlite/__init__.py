"""The eight storage ports on one SQLite file, for a single process: nothing to install, nothing to run beside it.

One thread owns the only connection that writes; everything handed to it while it was busy shares one transaction and
one fsync. Reads by key are answered on the event loop, where they cost less than waking a thread; anything longer goes
to a small pool of threads. In both places as much as possible is done per call into SQLite: each call, and each row
fetched, gives up Python's interpreter lock, and a thread that wants it back waits up to five milliseconds for a busy
event loop. So a batch is checked and inserted by a handful of statements, and a page comes back as a single row.
"""

from hexkeep.adapters.sqlite.settings import SqliteSettings
from hexkeep.adapters.sqlite.storage import SqliteStorage

__all__ = ["SqliteSettings", "SqliteStorage"]
