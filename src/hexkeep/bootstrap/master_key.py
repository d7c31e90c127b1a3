"""The master key: given as a value, or kept in a file that is made on the first run of a storage of this machine.

A storage that several machines share gets none by itself: each would make its own, and what one seals the others could
not open. Nor does a storage that had one.
"""

import base64
import os
import secrets
from contextlib import suppress
from pathlib import Path

from hexkeep.bootstrap.adapters import LOCAL_STORAGES
from hexkeep.bootstrap.errors import ConfigurationError, Problem
from hexkeep.bootstrap.settings import Settings
from hexkeep.ports.keys import Keys

KEY_BYTES = 32
OTHERS = 0o077
"""The permission bits that let anybody but the owner in."""


def demand_master_key(settings: Settings) -> None:
    """Raises ``ConfigurationError`` where a key has to be given and is not. Looks for the file, opens nothing."""
    if settings.storage.adapter not in LOCAL_STORAGES and not is_given(settings):
        message = (
            f"nodes on the storage {settings.storage.adapter} need one and the same master key, so none makes its own; "
            "make one with hexkeep config master-key, give it to each as HEXKEEP_SECRETS__MASTER_KEY or in the file "
            f"{settings.master_key_file}"
        )
        raise ConfigurationError(Problem(message, "secrets.master_key"))


async def demand_known_master_key(settings: Settings, keys: Keys) -> None:
    """Raises ``ConfigurationError`` where the key's file is lost: a new one would not open what there is."""
    if not is_given(settings) and await keys.list(None, 1):
        message = f"{settings.master_key_file} is not there, and nothing else opens this storage: put it back"
        raise ConfigurationError(Problem(message, "secrets.master_key_file"))


def wrong_master_key(settings: Settings) -> ConfigurationError:
    """What to tell when the storage's keys were wrapped by another master key."""
    given = settings.secrets.master_key is not None
    message = "this is not the master key that the storage was set up with; without that one nothing in it can be read"
    place = "secrets.master_key" if given else "secrets.master_key_file"
    return ConfigurationError(Problem(message, place, "" if given else str(settings.master_key_file)))


def new_master_key() -> str:
    """A key as it is written: 43 characters of base64url."""
    return base64.urlsafe_b64encode(secrets.token_bytes(KEY_BYTES)).decode().rstrip("=")


def is_given(settings: Settings) -> bool:
    """Whether there is a master key already."""
    return settings.secrets.master_key is not None or settings.master_key_file.exists()


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
            create_key_file(path)
        return read_key_file(path)
    except OSError as error:
        problem = Problem(f"{path} cannot be used: {error.strerror}", "secrets.master_key_file")
        raise ConfigurationError(problem) from error


def previous_master_keys(settings: Settings) -> tuple[bytes, ...]:
    """The bytes of the master keys that are to go; raises ``ConfigurationError``, which never quotes them."""
    given, setting = settings.secrets.previous_master_keys, "secrets.previous_master_keys"
    keys = [_decoded(one.get_secret_value(), setting) for one in given]
    setting = "secrets.previous_master_key_files"
    for path in settings.secrets.previous_master_key_files:
        try:
            keys.append(read_key_file(path, setting))
        except OSError as error:
            raise ConfigurationError(Problem(f"{path} cannot be used: {error.strerror}", setting)) from error
    return tuple(keys)


def create_key_file(path: Path) -> None:
    """A new key in a file of its owner alone, unless there is a file; raises ``OSError``.

    Written beside, synced, then linked into place: it is never there half written, and nobody's is replaced.
    """
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    draft = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(f"{new_master_key()}\n".encode())
            file.flush()
            os.fsync(file.fileno())
        with suppress(FileExistsError):
            path.hardlink_to(draft)
    finally:
        draft.unlink()


def read_key_file(path: Path, setting: str = "secrets.master_key_file") -> bytes:
    """The 32 bytes in a file that nobody but its owner can read; raises ``ConfigurationError`` and ``OSError``."""
    mode = path.stat().st_mode
    if mode & OTHERS:
        raise ConfigurationError(Problem(f"{path} can be read by others: chmod 600 {path}", setting))
    return _decoded(path.read_text(encoding="utf-8", errors="replace").strip(), setting)


def _decoded(text: str, setting: str) -> bytes:
    with suppress(ValueError):
        key = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
        if len(key) == KEY_BYTES:
            return key
    raise ConfigurationError(Problem("a master key is 32 bytes, written as base64url (43 characters)", setting))
