"""Python's collector of cycles, as it suits a process that is Hexkeep's own.

A batch of events is thousands of objects which all live until the batch is done, and next to none of Hexkeep's objects
lie in cycles. Python by itself looks through the young ones after every 700 that are new, and through the modules and
models that stay for ever now and then: a fifth of the CPU that catching up takes, for nothing.
"""

import gc

YOUNG = 20_000
"""New objects until the young ones are looked through."""
MIDDLE, OLD = 20, 50
"""How many times the younger ones are looked through until the next older ones are as well."""


def collect_rarely() -> None:
    """Look for cycles less often. For the whole process, so not for an embedding program to be surprised by."""
    gc.set_threshold(YOUNG, MIDDLE, OLD)


def keep_what_is_there() -> None:
    """From now on, look only through what comes. What is garbage already is kept: a start leaves next to none."""
    gc.freeze()
