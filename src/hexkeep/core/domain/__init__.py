"""Domains of organizations: added, shown to be theirs by a look at the DNS or at a web server, one of them primary."""

from hexkeep.core.domain.api import OPERATIONS
from hexkeep.core.domain.projection import PROJECTION
from hexkeep.core.domain.state import DOMAINS
from hexkeep.core.kernel.slice import Slice

SLICE = Slice("domain", (DOMAINS,), (PROJECTION,), OPERATIONS)
