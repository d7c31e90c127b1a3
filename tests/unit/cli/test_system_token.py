import json
from pathlib import Path

import pytest
from joserfc import jwt
from joserfc.jwk import ECKey

from hexkeep.cli.exits import Exit
from tests.unit.cli.conftest import Command

KEY = ECKey.generate_key("P-256")


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A private key."""
    path = tmp_path / "ops.pem"
    path.write_bytes(KEY.as_pem(private=True))
    return path


def test_token_says_who_for_whom_and_how_long(hexkeep: Command, file: Path) -> None:
    """Ten minutes unless told otherwise, for as many calls as there are."""
    text = hexkeep.run("system-token", "ops", "--key", str(file), "--server", "https://ID.example.com/").strip()
    claims = jwt.decode(text, KEY).claims
    assert (claims["iss"], claims["sub"], claims["aud"]) == ("ops", "ops", "https://id.example.com")
    assert claims["exp"] - claims["iat"] == 600
    assert "jti" not in claims


def test_token_for_one_call_has_an_id(hexkeep: Command, file: Path) -> None:
    """Each another."""
    words = ("system-token", "ops", "--key", str(file), "--once", "--lifetime", "1h")
    first, second = (jwt.decode(hexkeep.run(*words).strip(), KEY).claims for _ in range(2))
    assert first["jti"] != second["jti"]
    assert first["exp"] - first["iat"] == 3600


@pytest.mark.parametrize("lifetime", ["0s", "61m", "2h", "soon", "90"])
def test_lifetime_is_bounded(hexkeep: Command, file: Path, lifetime: str) -> None:
    """No server would take a longer one."""
    hexkeep.run("system-token", "ops", "--key", str(file), "--lifetime", lifetime, code=Exit.USAGE)


def test_key_has_to_be_a_private_one(hexkeep: Command, tmp_path: Path) -> None:
    """Nothing else signs."""
    for number, content in enumerate((b"x", b"\xff", KEY.as_pem(private=False))):
        path = tmp_path / str(number)
        path.write_bytes(content)
        hexkeep.run("system-token", "ops", "--key", str(path), code=Exit.FAILED)
        assert "private key" in hexkeep.errors


def test_configuration_with_a_key_that_is_none_is_told(hexkeep: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    """By the check, before a server does not start."""
    monkeypatch.setenv("HEXKEEP_SYSTEM__CALLERS", json.dumps({"ops": {"public_key": "x"}}))
    hexkeep.run("config", "check", code=Exit.CONFIGURATION)
    assert "system.callers.ops.public_key" in hexkeep.errors
