"""Connections: what ties an application to a person, whatever it rests on, seen and cut as one thing."""

from hexkeep.core.connection.api import OPERATIONS
from hexkeep.core.kernel.slice import Slice

SLICE = Slice("connection", operations=OPERATIONS)
