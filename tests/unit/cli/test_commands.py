import importlib
import json
import platform
import stat
from importlib import metadata
from pathlib import Path

import click
import pytest

from hexkeep.bootstrap.reference.pages import outdated
from hexkeep.cli.main import COMMANDS
from hexkeep.cli.reference import cli_page
from tests.architecture.source import ROOT
from tests.unit.cli.conftest import Command


def test_help_lists_every_command(hexkeep: Command) -> None:
    """Commands with their summaries, examples, and what the exit codes mean."""
    text = hexkeep.run("--help")
    assert [name for name in COMMANDS if f"\n  {name} " not in text] == []
    assert "Exit codes: 0 done" in text


@pytest.mark.parametrize("name", COMMANDS)
def test_summary_is_that_of_the_command(name: str) -> None:
    """The list, which is made without importing commands, says what their own help begins with."""
    module, summary = COMMANDS[name]
    command: click.Command = importlib.import_module(module).command
    assert command.name == name
    assert (command.help or "").startswith(summary.partition(" ")[0])


def test_reference_of_commands_is_current() -> None:
    """`python -m hexkeep.cli.reference docs/reference` would change nothing."""
    assert outdated(ROOT / "docs" / "reference", {"cli.md": cli_page}) == []


def test_unknown_command_is_a_usage_error(hexkeep: Command) -> None:
    """A misspelt command ends with code 2."""
    hexkeep.run("sevre", code=2)
    assert "No such command 'sevre'" in hexkeep.errors


def test_version_tells_what_runs(hexkeep: Command) -> None:
    """Hexkeep's version first; as JSON with everything it runs on."""
    assert hexkeep.run("version").startswith(f"hexkeep {metadata.version('hexkeep')}\n")
    assert hexkeep.json("version", "--json")["python"] == platform.python_version()


def test_plugins_are_listed(hexkeep: Command) -> None:
    """Ours as anybody's, with where they come from and what they take part in."""
    assert "idp_oidc" in hexkeep.run("plugins")
    listed = {one["name"]: (one["source"], one["hooks"]) for one in hexkeep.json("plugins", "--json")}
    assert listed["idp_oidc"] == listed["idp_ldap"] == ("built in", ["hexkeep_identity_providers"])


def test_config_check_accepts_the_defaults(hexkeep: Command) -> None:
    """Nothing configured is valid; checking changes nothing in the folder."""
    assert "The configuration is valid." in hexkeep.run("config", "check")
    checked = hexkeep.json("config", "check", "--json")
    assert checked["ok"] is True
    assert checked["settings"]["storage"]["sqlite"]["path"] == "hexkeep-data/hexkeep.db"
    assert list(Path().iterdir()) == []


def test_config_check_tells_every_problem(hexkeep: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    """All problems, one line each, code 3; the same for scripts."""
    Path("mine.toml").write_text("[server]\nport = 99999\n[storage.sqlite]\nraeders = 1\n")
    monkeypatch.setenv("HEXKEEP_SEVRER__PORT", "1")
    hexkeep.run("--config", "mine.toml", "config", "check", code=3)
    lines = hexkeep.errors.splitlines()
    assert lines[0] == "The configuration is not valid  [configuration]"
    assert len(lines) == 3
    refused = hexkeep.json("--config", "mine.toml", "config", "check", "--json", code=3)
    assert (refused["error"], len(refused["problems"])) == ("configuration", 2)
    monkeypatch.delenv("HEXKEEP_SEVRER__PORT")
    Path("mine.toml").write_text("[storage.sqlite]\nraeders = 1\n")
    hexkeep.run("--config", "mine.toml", "config", "check", code=3)
    assert "storage.sqlite.raeders: there is no such setting; did you mean readers?" in hexkeep.errors


@pytest.mark.parametrize("section", ["server", "grpc"])
def test_config_check_looks_at_certificates(section: str, hexkeep: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    """One that cannot be used is told before a start meets it; so is where gRPC will be."""
    assert "gRPC     127.0.0.1:9080" in hexkeep.run("config", "check")
    monkeypatch.setenv(f"HEXKEEP_{section.upper()}__TLS_CERTIFICATE", "absent.pem")
    hexkeep.run("config", "check", code=3)
    assert f"{section}.tls_certificate: absent.pem cannot be read" in hexkeep.errors


def test_config_check_hides_secrets(hexkeep: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither keys nor passwords nor database addresses are shown."""
    for name in ("SECRETS__MASTER_KEY", "SETUP__PASSWORD", "STORAGE__POSTGRES__URL"):
        monkeypatch.setenv(f"HEXKEEP_{name}", "hidden-value")
    monkeypatch.setenv("HEXKEEP_STORAGE__ADAPTER", "postgres")
    shown = hexkeep.run("config", "check", "--json") + hexkeep.run("config", "check")
    assert "postgres" in shown
    assert "hidden" not in shown


def test_setup_may_be_repeated(hexkeep: Command) -> None:
    """The first time it migrates and makes the instance, later it finds all done; files are the owner's alone."""
    first = hexkeep.json("setup", "--json")
    assert first["migrations"]
    assert len(first["first_run"]["password"]) == 34
    assert hexkeep.json("setup", "--json") == {"migrations": [], "first_run": None}
    assert stat.S_IMODE(Path("hexkeep-data/hexkeep.db").stat().st_mode) == 0o600


def test_setup_shows_the_administrator_once(hexkeep: Command) -> None:
    """A person gets name and password, and is told to write it down."""
    text = hexkeep.run("setup")
    assert "Administrator  admin" in text
    assert "not shown again" in text
    assert "There is an instance already." in hexkeep.run("setup")


def test_lost_password_is_replaced(hexkeep: Command, unused_port: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """As after a first run that died before it printed: another password is made, and only that one holds."""
    lost = hexkeep.json("setup", "--json")["first_run"]
    assert "hexkeep setup --reset-administrator" in hexkeep.run("setup")
    found = hexkeep.json("setup", "--reset-administrator", "--json")["administrator"]
    assert (found["user_id"], found["instance_id"]) == (lost["user_id"], lost["instance_id"])
    sign_in = ("call", "CreateSession", "login_name=admin")
    assert hexkeep.json(*sign_in, f"password={found['password']}")["password_change_required"] is False
    hexkeep.run(*sign_in, f"password={lost['password']}", code=1)
    monkeypatch.setenv("HEXKEEP_SETUP__USER_NAME", "nobody")
    hexkeep.run("setup", "--reset-administrator", code=1)
    assert "There is no person called nobody" in hexkeep.errors


def test_empty_storage_is_set_up_where_a_reset_is_asked_for(hexkeep: Command) -> None:
    """Then the first administrator's password is the new one."""
    made = hexkeep.json("setup", "--reset-administrator", "--json")
    assert made["first_run"]["password"]
    assert made["administrator"] is None


def test_shared_storage_wants_a_master_key(hexkeep: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nodes that each made a key could not read each other's: none starts without one, and the way to one is told."""
    monkeypatch.setenv("HEXKEEP_STORAGE__ADAPTER", "postgres")
    monkeypatch.setenv("HEXKEEP_STORAGE__POSTGRES__URL", "postgresql://127.0.0.1:1/none")
    for words in (("serve", "--port", "0"), ("setup",), ("call", "ListUsers"), ("config", "check")):
        hexkeep.run(*words, code=3)
        assert "secrets.master_key: " in hexkeep.errors
        assert "hexkeep config master-key" in hexkeep.errors
        assert list(Path().iterdir()) == []
    monkeypatch.setenv("HEXKEEP_SECRETS__MASTER_KEY", hexkeep.run("config", "master-key").strip())
    hexkeep.run("config", "check")
    monkeypatch.delenv("HEXKEEP_SECRETS__MASTER_KEY")
    hexkeep.run("config", "master-key", "hexkeep-data/master.key")
    hexkeep.run("config", "check")


def test_master_key_is_made_for_its_owner_alone(hexkeep: Command) -> None:
    """A new one each time; in a file that nobody else can read, and never over another."""
    assert hexkeep.run("config", "master-key") != hexkeep.run("config", "master-key")
    hexkeep.run("config", "master-key", "my.key")
    made = Path("my.key").read_text()
    assert stat.S_IMODE(Path("my.key").stat().st_mode) == 0o600
    hexkeep.run("config", "master-key", "my.key", code=2)
    assert Path("my.key").read_text() == made


def test_wrong_master_key_is_told_at_start(
    hexkeep: Command, unused_port: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another key than the storage's, or none where there was one, ends every start with code 3; nothing is made."""
    hexkeep.run("setup")
    monkeypatch.setenv("HEXKEEP_SECRETS__MASTER_KEY", hexkeep.run("config", "master-key").strip())
    for words in (("serve", "--port", "0"), ("setup",), ("call", "ListUsers")):
        hexkeep.run(*words, code=3)
        assert "secrets.master_key: this is not the master key that the storage was set up with" in hexkeep.errors
    monkeypatch.delenv("HEXKEEP_SECRETS__MASTER_KEY")
    hexkeep.run("setup")
    key = Path("hexkeep-data/master.key")
    key.rename("elsewhere")
    hexkeep.run("setup", code=3)
    assert "secrets.master_key_file: hexkeep-data/master.key is not there" in hexkeep.errors
    assert not key.exists()


def test_call_lists_operations_by_audience(hexkeep: Command) -> None:
    """Every operation but those of protocols, with its summary."""
    text = hexkeep.run("call", "--help")
    assert "One organization:" in text
    assert "\n  CreateProject " in text
    assert "ExchangeToken" not in text


def test_call_help_shows_fields_and_answer(hexkeep: Command) -> None:
    """The help of an operation tells what goes in and what comes out."""
    text = hexkeep.run("call", "CreateProject", "--help")
    assert "Fields:\n  organization_id " in text
    assert "Answer:\n  project_id " in text


def test_call_works_on_the_storage(hexkeep: Command, unused_port: None) -> None:
    """Without a server the system itself is the caller: what was created is listed by the next command."""
    hexkeep.run("setup")
    made = hexkeep.json("call", "CreateOrganization", "name=Engines")
    listed = hexkeep.json("call", "ListOrganizations", "name=Engines")
    assert [one["organization_id"] for one in listed["organizations"]] == [made["organization_id"]]
    again = hexkeep.json("call", "CreateOrganization", "--input", "-", text=json.dumps({"name": "More"}))
    assert again["organization_id"] != made["organization_id"]


def test_call_ends_when_what_follows_is_done(hexkeep: Command, unused_port: None) -> None:
    """An instance that was made is ready, and each view has followed, when the command that made it has ended."""
    hexkeep.run("setup")
    names = ("name=Other", "origin=http://other.localhost:8080", "organization_name=Others", "user_name=wanda")
    person = ("given_name=Wanda", "family_name=Warden", "email=wanda@example.com", "password=a long enough one")
    made = hexkeep.json("call", "CreateInstance", *names, *person)
    assert {row["lag"] for row in hexkeep.json("projections", "status", "--json")} == {0}
    [user] = hexkeep.json("call", "--instance", made["instance_id"], "ListUsers")["users"]
    assert user["user_name"] == "wanda"


def test_call_validates_before_it_opens_anything(hexkeep: Command) -> None:
    """A slip is told with the field, code 1, and no storage is made."""
    hexkeep.run("call", "CreateProject", "name=", "colour=red", "organisation_id=1", code=1)
    assert "organization_id: Field required" in hexkeep.errors
    assert "colour: Extra inputs are not permitted\n" in hexkeep.errors
    assert "organisation_id: Extra inputs are not permitted; did you mean organization_id?" in hexkeep.errors
    assert list(Path().iterdir()) == []


def test_call_tells_refusals(hexkeep: Command, unused_port: None) -> None:
    """An error of the API ends with code 1, its message and its code; as JSON for scripts."""
    hexkeep.run("setup")
    hexkeep.run("call", "GetOrganization", "organization_id=nobody", code=1)
    assert "[not_found]" in hexkeep.errors
    refused = hexkeep.json("call", "GetOrganization", "organization_id=nobody", "--json", code=1)
    assert refused["error"] == "not_found"


def test_call_refuses_two_places_at_once(hexkeep: Command) -> None:
    """--server and --local contradict each other; an unknown operation is a usage error."""
    hexkeep.run("call", "--local", "--server", "http://localhost:1", "ListUsers", code=2)
    hexkeep.run("call", "ListUzers", code=2)


def test_call_of_a_server_that_is_not_there(hexkeep: Command) -> None:
    """An absent server is told with code 4, never worked around on the storage."""
    hexkeep.run("call", "--server", "http://localhost:1", "--token", "x", "ListUsers", code=4)
    assert "http://localhost:1 does not answer" in hexkeep.errors
    assert list(Path().iterdir()) == []


def test_projections_status(hexkeep: Command) -> None:
    """Nothing has been written, then a row for each projection and instance."""
    hexkeep.run("setup")
    rows = hexkeep.json("projections", "status", "--json")
    assert {row["consumer"] for row in rows} >= {"users", "organizations"}
    assert all(row["lag"] == row["head"] - row["position"] for row in rows)
    shown = hexkeep.run("projections", "status").splitlines()
    assert shown[0].startswith("Instance ")
    assert shown[1].startswith("Consumer ")
