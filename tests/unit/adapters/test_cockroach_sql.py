"""The SQL of the CockroachDB adapter, as far as a look at the text can tell what CockroachDB 22.1 makes of it."""

import re
from importlib import resources
from pathlib import Path

import pytest

import hexkeep.adapters
from hexkeep.adapters.cockroach.append import statement
from hexkeep.adapters.cockroach.only import COCKROACH_ONLY

ADAPTERS = Path(hexkeep.adapters.__path__[0])
SHARED = sorted(file for folder in ("cockroach", "pgwire") for file in (ADAPTERS / folder).rglob("*.*"))
UNKNOWN = re.compile(
    r"\bctid\b|\bmake_interval\b|\bjson_to_recordset\b|\bpg_advisory|\bLISTEN \{|\bpg_notify\b|\bSKIP LOCKED\b"
    r"|\bCREATE (OR REPLACE )?(FUNCTION|TRIGGER|SEQUENCE)\b|\bDELETE FROM \S+( AS)?( \w+)? USING\b|-infinity"
    r"|\bCOLLATE\b|\bFOR NO KEY UPDATE\b|\bnextval\b|\bhashtext\b|\bWITH \(fillfactor|\bUSING brin\b"
)
"""What PostgreSQL knows and CockroachDB 22.1 does not, or only seems to: advisory locks of sessions lock nothing."""


@pytest.mark.parametrize(
    "file", [file for file in SHARED if file.suffix in {".py", ".sql"}], ids=lambda file: file.name
)
def test_nothing_is_asked_that_cockroach_does_not_know(file: Path) -> None:
    """What CockroachDB lacks stands in the PostgreSQL adapter alone."""
    assert UNKNOWN.findall(file.read_text(encoding="utf-8")) == []


def test_append_modifies_each_table_once() -> None:
    """CockroachDB refuses a statement that modifies one table twice, because that has corrupted tables."""
    modified = re.findall(r"(?:INSERT INTO|UPDATE|DELETE FROM) \{schema\}\.(\w+)", statement())
    assert sorted(modified) == sorted(set(modified))
    assert set(modified) == {"append_units", "events", "key_changes", "log_heads", "unique_keys"}


def test_append_scans_no_table() -> None:
    """Every table is read by a constant key or by a join that looks up; a locking scan would stop other tenants."""
    text = re.sub(r"--.*", "", statement())
    read = re.findall(r"(\S+ ?\S*) JOIN \{schema\}\.(\w+)|FROM \{schema\}\.(\w+)", text)
    assert {kind for kind, joined, _ in read if joined} == {"LEFT{lookup}", "u INNER{lookup}", "w INNER{lookup}"}
    assert [table for _, _, table in read if table] == ["log_heads", "log_horizons"]


def test_tables_are_led_by_the_instance() -> None:
    """Tenants lie in ranges of their own; an index over time, which all share, begins with a hash."""
    folder = resources.files("hexkeep.adapters.cockroach") / "migrations"
    text = "".join(file.read_text("utf-8") for file in folder.iterdir() if file.name.endswith(".sql"))
    keys = re.findall(r"(?:PRIMARY KEY|UNIQUE) \((\w+)", text)
    assert set(keys) == {"instance_id"}
    for column, rest in re.findall(r"CREATE INDEX IF NOT EXISTS \w+ ON \S+ \((\w+)[^)]*\)(\S*)", text):
        assert column == "instance_id" or "{spread}" in rest


def test_pieces_are_named_once() -> None:
    """A piece is found by its name."""
    names = [piece.name for piece in COCKROACH_ONLY]
    assert sorted(names) == sorted(set(names))
