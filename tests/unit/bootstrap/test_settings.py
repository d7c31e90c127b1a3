from datetime import timedelta
from pathlib import Path

import pytest
from pydantic import SecretStr, ValidationError

from hexkeep.bootstrap.durations import format_duration, parse_duration
from hexkeep.bootstrap.errors import ConfigurationError
from hexkeep.bootstrap.loading import load_settings, settings_of, variable
from hexkeep.bootstrap.settings import SecretsSettings, ServerSettings, Settings


def problems(**arguments: object) -> list[str]:
    """What is wrong with the settings as they are now, one line each."""
    with pytest.raises(ConfigurationError) as caught:
        load_settings(arguments)
    assert caught.value.message == "\n".join(map(str, caught.value.problems))
    return [str(problem) for problem in caught.value.problems]


def test_nothing_configured_works() -> None:
    """Every setting has a default: SQLite in ./hexkeep-data, on http://localhost:8080."""
    settings = load_settings()
    assert (settings.storage.adapter, settings.data.folder) == ("sqlite", Path("hexkeep-data"))
    assert (settings.server.host, settings.server.origin) == ("127.0.0.1", "http://localhost:8080")
    assert settings.master_key_file == Path("hexkeep-data/master.key")


def test_arguments_go_before_environment_before_file_before_defaults(monkeypatch: pytest.MonkeyPatch) -> None:
    """The nearest word counts, setting by setting within a section."""
    Path("hexkeep.toml").write_text('[server]\nport = 1\nhost = "file"\nshutdown = "1m"\n[hashing]\ntime = 3\n')
    monkeypatch.setenv("HEXKEEP_SERVER__PORT", "2")
    monkeypatch.setenv("HEXKEEP_SERVER__SHUTDOWN", "5 m")
    settings = load_settings({"server": {"port": 3}})
    assert (settings.server.port, settings.server.host) == (3, "file")
    assert (settings.server.shutdown, settings.hashing.time) == (timedelta(minutes=5), 3)
    assert settings.hashing.parallelism == 1


def test_constructing_settings_reads_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """An embedding program's settings do not depend on its environment or folder."""
    Path("hexkeep.toml").write_text("[server]\nport = 1\n")
    monkeypatch.setenv("HEXKEEP_SERVER__PORT", "2")
    assert Settings().server.port == 8080


def test_environment_names_the_file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """HEXKEEP_CONFIG names the file, an argument goes before it, and a file that is named has to be there."""
    (tmp_path / "one.toml").write_text("[server]\nport = 1\n")
    (tmp_path / "two.toml").write_text("[server]\nport = 2\n")
    monkeypatch.setenv("HEXKEEP_CONFIG", "one.toml")
    assert load_settings().server.port == 1
    assert load_settings(config=Path("two.toml")).server.port == 2
    monkeypatch.setenv("HEXKEEP_CONFIG", "three.toml")
    assert problems() == ["cannot be read: No such file or directory (three.toml)"]


def test_unknown_settings_in_the_file_are_errors() -> None:
    """A misspelt section or key is named with the one that was meant."""
    Path("hexkeep.toml").write_text("[sevrer]\nport = 1\n[server]\nprot = 1\n[hashing]\nxyzzy = 1\n")
    assert problems() == [
        "server.prot: there is no such setting; did you mean port? (hexkeep.toml)",
        "hashing.xyzzy: there is no such setting (hexkeep.toml)",
        "sevrer: there is no such setting; did you mean server? (hexkeep.toml)",
    ]


@pytest.mark.parametrize(
    ("name", "hint"),
    [
        ("HEXKEEP_SERVER__PROT", "; did you mean HEXKEEP_SERVER__PORT?"),
        ("HEXKEEP_SERVER_PORT", "; did you mean HEXKEEP_SERVER__PORT?"),
        ("HEXKEEP_CONFGI", "; did you mean HEXKEEP_CONFIG?"),
        ("hexkeep_xyzzy", ""),
        ("HEXKEEP_SERVER", "; did you mean HEXKEEP_SERVER__PORT?"),
    ],
)
def test_unknown_variables_are_errors(monkeypatch: pytest.MonkeyPatch, name: str, hint: str) -> None:
    """A variable with our prefix that is no setting is told once, with the nearest one."""
    monkeypatch.setenv(name, "{}")
    assert problems() == [f"{name} is no setting{hint} (environment)"]


def test_variables_that_are_no_settings_are_known(monkeypatch: pytest.MonkeyPatch) -> None:
    """The file's place, the token of `hexkeep call`, test suites' own, and adapters' tables are left alone."""
    for name in ("HEXKEEP_TOKEN", "HEXKEEP_TEST_POSTGRES", "HEXKEEP_STORAGE__SQLITE__ANYTHING"):
        monkeypatch.setenv(name, "x")
    assert load_settings().storage.tables == {"sqlite": {"anything": "x"}}


def test_every_problem_is_told_with_its_place(monkeypatch: pytest.MonkeyPatch) -> None:
    """All problems at once, each with setting, reason and origin."""
    Path("hexkeep.toml").write_text('[hashing]\ntime = 1\n[server]\nshutdown = "soon"\n[storage]\nfile = "x"\n')
    monkeypatch.setenv("HEXKEEP_LOGGING__LEVEL", "loud")
    assert problems(server={"port": 70000}) == [
        "server.port: should be less than or equal to 65535 (arguments)",
        "server.shutdown: write a duration as 30s, 15m, 12h or 90d (hexkeep.toml)",
        "storage.file: there is no such setting; those of an adapter stand in a table of its name (hexkeep.toml)",
        "hashing.time: should be greater than or equal to 2 (hexkeep.toml)",
        "logging.level: should be 'debug', 'info', 'warning' or 'error' (environment variable HEXKEEP_LOGGING__LEVEL)",
    ]


def test_broken_file_is_named() -> None:
    """What is no TOML is refused with file, line and column."""
    Path("hexkeep.toml").write_text("[server\n")
    [problem] = problems()
    assert problem.startswith("is not TOML: ")
    assert "line 1" in problem
    assert problem.endswith("(hexkeep.toml)")


@pytest.mark.parametrize("value", ["10.0.0.0/8, ::1", '["10.0.0.0/8", "::1"]'])
def test_lists_fit_into_a_variable(monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    """Separated by commas, or as JSON."""
    monkeypatch.setenv("HEXKEEP_HTTP__TRUSTED_PROXIES", value)
    monkeypatch.setenv("HEXKEEP_PLUGINS__BLOCK", "one")
    settings = load_settings()
    assert [str(network) for network in settings.http.trusted_proxies] == ["10.0.0.0/8", "::1/128"]
    assert settings.plugins.block == ("one",)


@pytest.mark.parametrize(
    ("value", "origin"),
    [
        ("https://ID.example.com/", "https://id.example.com"),
        ("http://localhost:9000", "http://localhost:9000"),
        ("", "http://localhost:8080"),
    ],
)
def test_origin_is_normalised(value: str, origin: str) -> None:
    """Lower case and without a slash, so that comparing is comparing text."""
    assert ServerSettings(public_url=value).origin == origin


@pytest.mark.parametrize(
    "value", ["ftp://a", "id.example.com", "https://a/b", "https://a?b", "https://u@a", "https://"]
)
def test_origin_is_an_origin(value: str) -> None:
    """Anything more or less than scheme, host and port is refused."""
    with pytest.raises(ValidationError):
        ServerSettings(public_url=value)


def test_secrets_do_not_show() -> None:
    """Neither the master key nor what stands in an adapter's table appears in a representation."""
    settings = Settings.model_validate(
        {"secrets": {"master_key": "hidden-key"}, "storage": {"postgres": {"url": "hidden-url"}}}
    )
    assert "hidden" not in f"{settings!r} {settings!s} {settings.secrets!r} {settings.storage!r}"
    assert SecretsSettings(master_key=SecretStr("hidden")).model_dump_json() != "hidden"


def test_secret_does_not_show_in_errors(monkeypatch: pytest.MonkeyPatch) -> None:
    """An error about a setting never quotes its value."""
    monkeypatch.setenv("HEXKEEP_SECRETS__MASTER_KEY", "hidden-key")
    monkeypatch.setenv("HEXKEEP_HASHING__TIME", "hidden-time")
    assert not [line for line in problems() if "hidden" in line]


@pytest.mark.parametrize(
    ("text", "seconds"), [("30s", 30), ("15m", 900), (" 12 h ", 43200), ("90d", 7776000), ("45", 45), ("0s", 0)]
)
def test_durations_are_written_as_people_do(text: str, seconds: int) -> None:
    """A number and a unit, or a number of seconds."""
    parsed = parse_duration(text)
    assert parsed in (timedelta(seconds=seconds), text)
    assert format_duration(timedelta(seconds=seconds)).strip("dhms").isdecimal()


@pytest.mark.parametrize(("seconds", "text"), [(60, "1m"), (61, "61s"), (86400, "1d"), (90000, "25h")])
def test_durations_are_shown_short(seconds: int, text: str) -> None:
    """The largest unit that divides it, which reads back as the same."""
    assert format_duration(timedelta(seconds=seconds)) == text
    assert parse_duration(text) == timedelta(seconds=seconds)


def test_every_setting_is_described() -> None:
    """The reference is made from the descriptions, so none may lack one; and names of variables are unique."""
    settings = list(settings_of(Settings))
    undescribed = [path for path, model, name in settings if not model.model_fields[name].description]
    assert undescribed == []
    assert len({variable(path) for path, _, _ in settings}) == len(settings)
