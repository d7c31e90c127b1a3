from pathlib import Path

import pytest
from pydantic import ValidationError

import hexkeep
from hexkeep.bootstrap.errors import ConfigurationError
from hexkeep.bootstrap.loading import load_settings
from hexkeep.bootstrap.roles import configured_roles
from hexkeep.bootstrap.settings import Settings
from hexkeep.core.kernel.permission import Level, Role
from hexkeep.core.slices import SLICES

OPERATIONS = tuple(operation for one in SLICES for operation in one.operations)


def settings(**roles: object) -> Settings:
    """Settings with these roles."""
    return Settings.model_validate({"roles": roles, "storage": {"adapter": "memory"}})


def test_role_of_the_settings_is_one_like_any() -> None:
    """With its level and its permissions, families of them among them."""
    desk = {"level": "organization", "permissions": ["user.read", "session.*"]}
    (role,) = configured_roles(settings(HELP_DESK=desk), OPERATIONS)
    assert role == Role("HELP_DESK", Level.ORGANIZATION, frozenset({"user.read", "session.*"}))
    assert configured_roles(Settings(), OPERATIONS) == ()
    support = {"level": "organization", "permissions": ["user.read", "impersonation.start"]}
    assert configured_roles(settings(SUPPORT=support), OPERATIONS)[0].allows("impersonation.start")
    everything = settings(ROOT={"level": "instance", "permissions": ["*"]})
    assert configured_roles(everything, OPERATIONS)[0].allows("anything.at.all")


@pytest.mark.parametrize(
    ("name", "role", "said"),
    [
        ("HELP_DESK", {"level": "organization", "permissions": ["usr.read"]}, "did you mean user.read"),
        ("HELP_DESK", {"level": "organization", "permissions": ["*"]}, "everything is for roles of the instance"),
        ("HELP_DESK", {"level": "instance", "permissions": ["system.*"]}, "no operation asks for"),
        ("INSTANCE_OWNER", {"level": "instance", "permissions": ["user.read"]}, "keeps its meaning"),
        ("DOORKEEPER", {"level": "instance", "permissions": ["user.read"]}, "keeps its meaning"),
    ],
)
def test_role_that_does_not_fit_is_told(name: str, role: dict[str, object], said: str) -> None:
    """A permission that does nothing is a mistake, and no name gets another meaning."""
    others = (Role("DOORKEEPER", Level.INSTANCE, frozenset({"door.open"})),)
    with pytest.raises(ConfigurationError, match=said) as caught:
        configured_roles(settings(**{name: role}), OPERATIONS, others)
    assert caught.value.problems[0].setting.startswith(f"roles.{name}")


@pytest.mark.parametrize(
    ("name", "role"),
    [
        ("HELP_DESK", {"level": "galaxy", "permissions": ["user.read"]}),
        ("HELP_DESK", {"level": "organization", "permissions": []}),
        ("HELP_DESK", {"level": "organization"}),
        ("HELP_DESK", {"level": "organization", "permissions": ["user.read"], "colour": "pink"}),
        ("help desk", {"level": "organization", "permissions": ["user.read"]}),
    ],
)
def test_role_is_checked_like_any_setting(name: str, role: dict[str, object]) -> None:
    """Its level, that it allows something, its name, and that there is nothing else."""
    with pytest.raises(ValidationError):
        settings(**{name: role})


def test_role_stands_in_the_file_alone(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """The names of variables tell no capitals: one for a role is no setting."""
    file = tmp_path / "hexkeep.toml"
    file.write_text('[roles.HELP_DESK]\nlevel = "organization"\npermissions = ["user.read"]\n')
    assert load_settings(config=file).roles.by_name["HELP_DESK"].permissions == ("user.read",)
    monkeypatch.setenv("HEXKEEP_ROLES__HELP_DESK__LEVEL", "organization")
    with pytest.raises(ConfigurationError, match="HEXKEEP_ROLES__HELP_DESK__LEVEL is no setting"):
        load_settings(config=file)


async def test_role_of_the_settings_is_listed_and_held() -> None:
    """From the program's start on, at its level alone."""
    desk = settings(HELP_DESK={"level": "organization", "permissions": ["user.read"]})
    async with hexkeep.open(desk) as iam:
        client = await iam.client()
        listed = await client.call_json("ListRoles", {"level": "organization"})
        assert {"name": "HELP_DESK", "level": "organization", "permissions": ["user.read"]} in listed["roles"]  # type: ignore[operator]  # JSON
        with pytest.raises(ConfigurationError):
            async with hexkeep.open(settings(HELP_DESK={"level": "organization", "permissions": ["nothing.at"]})):
                pass
