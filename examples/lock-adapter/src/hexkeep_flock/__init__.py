"""An adapter for Hexkeep: locks for the processes of one machine, in files."""

from hexkeep.ports.hooks import AdapterEntry

FLOCK = AdapterEntry("locks", "flock", "hexkeep_flock.locks:FlockLocks", "hexkeep_flock.settings:FlockSettings")
"""What the entry point names. The modules behind the texts are imported when somebody chooses the adapter."""
