"""What a process may not do that has nothing to do but compute: by Landlock, which Linux has from 5.13 on.

It looks into no other process and signals none, writes no file, runs no program, and talks to nobody by TCP. What it
may is read files, for its modules are such; and where it is root's, the environment that another one began with.
"""

import os
import struct
import sys

CREATE_RULESET, RESTRICT_SELF = 444, 446
"""Numbers of system calls, the same on all machines."""
WHICH_VERSION = 1
NO_NEW_PRIVILEGES = 38
FILES = 0b1_1111_1111_0011
"""Every right to a file or folder that the first version knows, but for those to read one (bits 2 and 3)."""
TCP, SCOPES = 0b11, 0b11
"""To bind and to connect, from version 4 on; abstract sockets and signals of others, from version 6 on."""
HAS_TCP, HAS_SCOPES = 4, 6


def confine() -> bool:
    """Give up the rights, for good; whether the system has that. Whoever is confined looks into no other process."""
    if sys.platform != "linux":
        return False
    try:
        import ctypes
    except ImportError:  # Python can be built without
        return False
    libc = ctypes.CDLL(None, use_errno=True)
    version = libc.syscall(CREATE_RULESET, None, ctypes.c_size_t(0), WHICH_VERSION)
    if version < 1:
        return False
    known = 1 + (version >= HAS_TCP) + (version >= HAS_SCOPES)
    given_up = struct.pack(f"{known}Q", *(FILES, TCP, SCOPES)[:known])
    ruleset = libc.syscall(CREATE_RULESET, given_up, ctypes.c_size_t(len(given_up)), 0)
    if ruleset < 0:
        return False
    try:
        libc.prctl(NO_NEW_PRIVILEGES, 1, 0, 0, 0)
        return bool(libc.syscall(RESTRICT_SELF, ruleset, 0) == 0)
    finally:
        os.close(ruleset)
