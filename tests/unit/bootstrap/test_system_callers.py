import json
from pathlib import Path

import pytest
from joserfc.jwk import ECKey
from pydantic import ValidationError

from hexkeep.adapters.joserfc.jose import JoserfcJose
from hexkeep.bootstrap.errors import ConfigurationError
from hexkeep.bootstrap.settings import Settings
from hexkeep.bootstrap.system_callers import system_callers
from hexkeep.core.system_callers import EVERYTHING

JOSE = JoserfcJose()
KEY = ECKey.generate_key("P-256")
PEM = KEY.as_pem(private=False).decode()


def settings(**callers: object) -> Settings:
    """Settings with these callers."""
    return Settings.model_validate(
        {"server": {"public_url": "https://id.example.com"}, "system": {"callers": {**callers}}}
    )


def test_keys_are_read_from_values_and_files(tmp_path: Path) -> None:
    """As PEM or as a JWK; the audience is the server's public origin."""
    file = tmp_path / "ops.pub"
    file.write_text(PEM)
    jwk = json.dumps(KEY.as_dict(private=False))
    found = system_callers(
        settings(a={"public_key_file": file}, b={"public_key": jwk, "permissions": ["system.instance.read"]}), JOSE
    )
    assert found.audience == "https://id.example.com"
    assert found.by_name["a"].public == found.by_name["b"].public
    assert found.by_name["a"].permissions == EVERYTHING
    assert found.by_name["b"].permissions == {"system.instance.read"}


def test_without_settings_there_is_nobody() -> None:
    """Which is the default."""
    assert system_callers(Settings(), JOSE).by_name == {}


def test_every_problem_is_told_at_once(tmp_path: Path) -> None:
    """With the setting; never with the key, which may be a private one that was put there by mistake."""
    private = KEY.as_pem(private=True).decode()
    binary = tmp_path / "ops.der"
    binary.write_bytes(b"\xff\xfe")
    wrong = settings(
        a={"public_key_file": tmp_path / "none"},
        b={"public_key": "x"},
        c={"public_key": private},
        d={"public_key_file": binary},
        e={"public_key_file": tmp_path},
        fine={"public_key": PEM},
    )
    with pytest.raises(ConfigurationError) as refused:
        system_callers(wrong, JOSE)
    assert [one.setting for one in refused.value.problems] == [
        "system.callers.a.public_key_file",
        "system.callers.b.public_key",
        "system.callers.c.public_key",
        "system.callers.d.public_key_file",
        "system.callers.e.public_key_file",
    ]
    assert private.splitlines()[1] not in str(refused.value)


@pytest.mark.parametrize(
    "callers",
    [
        {"ops": {}},
        {"ops": {"public_key": "x", "public_key_file": "ops.pub"}},
        {"ops": {"public_key": "x", "permissions": []}},
        {"ops": {"public_key": "x", "permissions": ["*"]}},
        {"ops": {"public_key": "x", "permissions": ["user.read"]}},
        {"ops": {"public_key": "x", "secret": "x"}},
        {"o p s": {"public_key": "x"}},
        {"": {"public_key": "x"}},
        {"ops": "ops.pub"},
    ],
    ids=str,
)
def test_what_makes_no_sense_is_refused(callers: dict[str, object]) -> None:
    """One key each, a name that fits into a log, and permissions of the System API alone."""
    with pytest.raises(ValidationError):
        settings(**callers)
