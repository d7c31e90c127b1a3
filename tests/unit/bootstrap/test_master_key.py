import base64
import stat
import threading
from pathlib import Path

import pytest
from pydantic import SecretStr

from hexkeep.bootstrap.errors import ConfigurationError
from hexkeep.bootstrap.master_key import master_key
from hexkeep.bootstrap.settings import DataSettings, SecretsSettings, Settings

FILE = Path("hexkeep-data/master.key")


def test_first_run_makes_a_key_for_its_owner_alone() -> None:
    """The file appears with 32 random bytes, readable and writable by its owner only, and nothing beside it."""
    key = master_key(Settings())
    assert len(key) == 32
    assert stat.S_IMODE(FILE.stat().st_mode) == 0o600
    assert stat.S_IMODE(FILE.parent.stat().st_mode) == 0o700
    assert [path.name for path in FILE.parent.iterdir()] == ["master.key"]


def test_later_runs_read_the_same_key() -> None:
    """A key is made once."""
    assert master_key(Settings()) == master_key(Settings())


def test_processes_that_start_at_once_agree() -> None:
    """Of many first runs one makes the key and all use it."""
    keys: list[bytes] = []
    threads = [threading.Thread(target=lambda: keys.append(master_key(Settings()))) for _ in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(keys) == 16
    assert len(set(keys)) == 1


def test_given_key_needs_no_file() -> None:
    """A key from the environment is used as it is, padded or not, and no file is made."""
    key = bytes(range(32))
    for text in (base64.urlsafe_b64encode(key).decode(), base64.urlsafe_b64encode(key).decode().rstrip("=")):
        assert master_key(Settings(secrets=SecretsSettings(master_key=SecretStr(text)))) == key
    assert not FILE.exists()


@pytest.mark.parametrize("text", ["", "short", "?" * 43, "A" * 42, "A" * 44, "ü" * 43])
def test_other_keys_are_refused_without_being_quoted(text: str) -> None:
    """What is not 32 bytes of base64url is refused; the message holds nothing of it."""
    with pytest.raises(ConfigurationError) as caught:
        master_key(Settings(secrets=SecretsSettings(master_key=SecretStr(text))))
    assert str(caught.value) == "secrets.master_key: a master key is 32 bytes, written as base64url (43 characters)"


def test_key_file_that_others_can_read_is_refused() -> None:
    """A key that others could read is no secret; the message says how to mend it."""
    master_key(Settings())
    FILE.chmod(0o640)
    with pytest.raises(ConfigurationError, match="chmod 600"):
        master_key(Settings())


def test_unusable_place_is_named(tmp_path: Path) -> None:
    """Where no folder can be made the message names the file."""
    (tmp_path / "file").write_text("")
    with pytest.raises(ConfigurationError, match=r"file/master\.key cannot be used"):
        master_key(Settings(data=DataSettings(folder=tmp_path / "file")))
