"""The master key: given as a value, or kept in a file that is made on the first run."""

import base64
import os
import secrets
from contextlib import suppress
from pathlib import Path

from hexkeep.bootstrap.errors import ConfigurationError, Problem
from hexkeep.bootstrap.settings import Settings

KEY_BYTES = 32
OTHERS = 0o077
"""The permission bits that let anybody but the owner in."""


def master_key(settings: Settings) -> bytes:
    """The 32 bytes of the master key; raises ``ConfigurationError``, which never quotes it.

    Several processes that start at once on an empty folder end up with the same key.
    """
    given = settings.secrets.master_key
    if given is not None:
        return _decoded(given.get_secret_value(), "secrets.master_key")
    path = settings.master_key_file
    try:
        if not path.exists():
            _create(path)
        return _read(path)
    except OSError as error:
        problem = Problem(f"{path} cannot be used: {error.strerror}", "secrets.master_key_file")
        raise ConfigurationError(problem) from error


def _create(path: Path) -> None:
    """Write beside, sync, then link into place: the file is never there half written, and nobody's is replaced."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    draft = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(base64.urlsafe_b64encode(secrets.token_bytes(KEY_BYTES)) + b"\n")
            file.flush()
            os.fsync(file.fileno())
        with suppress(FileExistsError):
            path.hardlink_to(draft)
    finally:
        draft.unlink()


def _read(path: Path) -> bytes:
    mode = path.stat().st_mode
    if mode & OTHERS:
        problem = Problem(f"{path} can be read by others: chmod 600 {path}", "secrets.master_key_file")
        raise ConfigurationError(problem)
    return _decoded(path.read_text(encoding="utf-8", errors="replace").strip(), "secrets.master_key_file")


def _decoded(text: str, setting: str) -> bytes:
    with suppress(ValueError):
        key = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
        if len(key) == KEY_BYTES:
            return key
    raise ConfigurationError(Problem("a master key is 32 bytes, written as base64url (43 characters)", setting))
