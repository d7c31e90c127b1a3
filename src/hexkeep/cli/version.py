"""`hexkeep version`."""

import platform
import sqlite3
from importlib import metadata

import click
from pydantic import JsonValue

from hexkeep.cli.command import json_option
from hexkeep.cli.output import print_json, say

OPTIONAL = ("litestar", "uvicorn", "psycopg", "jinja2")


@click.command(name="version")
@json_option
def command(as_json: bool) -> None:
    """Print the version of Hexkeep and of what it runs on.

    \b
    Examples:
      hexkeep version
      hexkeep version --json | jq -r .hexkeep
    """  # noqa: D301 - \b keeps click from filling the lines
    versions = _versions()
    if as_json:
        print_json(versions)
        return
    say(f"hexkeep {versions['hexkeep']}")
    rest = ", ".join(f"{name} {text}" for name, text in versions.items() if name != "hexkeep" and text)
    say(rest, "dim")


def _versions() -> dict[str, JsonValue]:
    installed = {name: _installed(name) for name in OPTIONAL}
    own: dict[str, JsonValue] = {"hexkeep": metadata.version("hexkeep"), "python": platform.python_version()}
    return {**own, "sqlite": sqlite3.sqlite_version, **installed}


def _installed(name: str) -> str | None:
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return None
