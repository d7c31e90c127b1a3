"""Commands that read everything beside servers give way to them."""

import os
from contextlib import suppress

NICENESS = 10
"""Of 19: as good as nothing while others want the processor, and all of it when nobody does."""


def give_way() -> None:
    """Let every other process of this machine go first, from now on."""
    with suppress(OSError, AttributeError):
        os.nice(NICENESS)
