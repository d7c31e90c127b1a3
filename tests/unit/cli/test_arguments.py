from pathlib import Path

import click
import pytest
from pydantic import BaseModel, JsonValue

from hexkeep.cli.arguments import describe, read_fields


class Address(BaseModel):
    """A message within a message."""

    city: str = ""
    lines: tuple[str, ...] = ()


class Order(BaseModel):
    """A message with every shape of field."""

    name: str
    amount: int = 1
    urgent: bool = False
    tags: tuple[str, ...] = ()
    address: Address | None = None
    note: str | None = None


@pytest.mark.parametrize(
    ("words", "fields"),
    [
        (["name=a b"], {"name": "a b"}),
        (["name="], {"name": ""}),
        (["name=a=b"], {"name": "a=b"}),
        (["amount=5"], {"amount": "5"}),
        (["amount:=5"], {"amount": 5}),
        (["urgent:=true", "note:=null"], {"urgent": True, "note": None}),
        (["tags=a"], {"tags": ["a"]}),
        (["tags=a", "tags=b,c"], {"tags": ["a", "b,c"]}),
        (['tags:=["a"]'], {"tags": ["a"]}),
        (["address.city=x", "address.lines=1", "address.lines=2"], {"address": {"city": "x", "lines": ["1", "2"]}}),
        (["unknown=x"], {"unknown": "x"}),
        ([], {}),
    ],
)
def test_words_become_fields(words: list[str], fields: dict[str, JsonValue]) -> None:
    """key=text, key:=json, dots into objects, repetition into lists."""
    assert read_fields(words, None, Order) == fields


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["name"], "is not key=value"),
        (["=x"], "is not key=value"),
        ([":=1"], "is not key=value"),
        (["amount:=five"], "is not JSON"),
        (["name=a", "name=b"], "name is given twice"),
        (["address:=1", "address.city=x"], "address already has a value"),
        (["address=x", "address.city=x"], "address already has a value"),
    ],
)
def test_malformed_words_are_usage_errors(words: list[str], message: str) -> None:
    """What cannot be read is told before anything is called."""
    with pytest.raises(click.UsageError, match=message):
        read_fields(words, None, Order)


def test_words_override_the_file(tmp_path: Path) -> None:
    """A file brings the bulk, words change single fields."""
    file = tmp_path / "order.json"
    file.write_text('{"name": "file", "amount": 3}')
    assert read_fields(["name=word"], str(file), Order) == {"name": "word", "amount": 3}


@pytest.mark.parametrize(("text", "message"), [("[]", "holds no JSON object"), ("{", "cannot be read as JSON")])
def test_malformed_files_are_usage_errors(tmp_path: Path, text: str, message: str) -> None:
    """A file is one JSON object."""
    file = tmp_path / "order.json"
    file.write_text(text)
    with pytest.raises(click.UsageError, match=message):
        read_fields([], str(file), Order)
    with pytest.raises(click.UsageError, match="No such file"):
        read_fields([], str(tmp_path / "none.json"), Order)


def test_fields_are_described() -> None:
    """Type, need and default of each field, in order."""
    assert describe(Order) == [
        ("name", "string; needed"),
        ("amount", "integer; default 1"),
        ("urgent", "boolean; default false"),
        ("tags", "list of string; default []"),
        ("address", "object; default null"),
        ("note", "string; default null"),
    ]
