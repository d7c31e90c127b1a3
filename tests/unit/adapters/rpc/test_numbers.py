"""Numbers never change: the lock is extended, and what is gone keeps its own."""

import re
from pathlib import Path

import pytest

from hexkeep.adapters.rpc import numbers as module
from hexkeep.adapters.rpc.descriptors import file_descriptor
from hexkeep.adapters.rpc.numbers import Numbers, dump, home_of, read_lock
from hexkeep.adapters.rpc.printing import text_of
from hexkeep.adapters.rpc.schema import Declared, Schema
from hexkeep.core.idp.factory import kind_slice
from hexkeep.core.idp.kinds import IdpKind, IdpSettings
from tests.unit.adapters.rpc.everything import declared

REQUEST = "hexkeep.management.v1.CarryRequest"
LEAF, SHADE = "hexkeep.type.v1.Leaf", "hexkeep.type.v1.Shade"
HOME = "tests.unit.adapters.rpc"


class TreeSettings(IdpSettings):
    """The settings of a kind of identity providers, as a plugin declares them."""

    height: int


def numbered(**lock: dict[str, int]) -> Numbers:
    """The numbers of everything, where the lock says this of some."""
    names = {"leaf": LEAF, "shade": SHADE, "request": REQUEST}
    return Numbers(Schema(declared()), {HOME: {names[key]: one for key, one in lock.items()}})


def test_without_a_lock_numbers_go_by_order() -> None:
    """The first field is 1, the unspecified value of an enum 0."""
    numbers = numbered()
    assert numbers.of(LEAF) == {"word": 1, "shade": 2, "leaves": 3}
    assert numbers.of(SHADE) == {"SHADE_UNSPECIFIED": 0, "SHADE_LIGHT": 1, "SHADE_VERY_DARK": 2}


def test_a_lock_is_kept_and_extended() -> None:
    """What has a number keeps it, and what is new gets one above all that ever were."""
    numbers = numbered(leaf={"gone": 9, "leaves": 1, "word": 4}, shade={"SHADE_UNSPECIFIED": 0, "SHADE_BRIGHT": 5})
    assert numbers.of(LEAF) == {"gone": 9, "leaves": 1, "word": 4, "shade": 10}
    assert numbers.of(SHADE)["SHADE_LIGHT"] == 6
    assert numbers.gone(LEAF, ["leaves", "word", "shade"]) == {"gone": 9}


def test_the_order_of_declaration_does_not_matter_to_a_lock() -> None:
    """Written, read and extended by nothing, a lock is the same."""
    first = numbered()
    again = Numbers(Schema(reversed(declared())), first.locks)
    assert {home: dump(lock) for home, lock in again.locks.items()} == {HOME: dump(first.locks[HOME])}


def test_what_is_gone_is_reserved_in_text_and_descriptor() -> None:
    """Neither number nor name can be taken by mistake."""
    schema = Schema(declared())
    numbers = Numbers(schema, {HOME: {LEAF: {"gone": 1}, SHADE: {"SHADE_UNSPECIFIED": 0, "SHADE_BRIGHT": 5}}})
    file = next(file for file in schema.files.values() if "Leaf" in file.messages)
    text = text_of(file, schema, numbers)
    assert re.search(r'message Leaf {\n  reserved 1;\n  reserved "gone";\n', text)
    assert re.search(r'enum Shade {\n  reserved 5;\n  reserved "SHADE_BRIGHT";\n', text)
    descriptor = file_descriptor(file, schema, numbers)
    leaf = next(one for one in descriptor.message_type if one.name == "Leaf")
    assert (list(leaf.reserved_name), leaf.reserved_range[0].start) == (["gone"], 1)


def test_a_plugin_has_its_lock_in_its_own_package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It lies beside the module that declares the operation; without one there are no numbers yet."""
    (tmp_path / "some_plugin").mkdir()
    (tmp_path / "some_plugin" / "__init__.py").touch()
    monkeypatch.syspath_prepend(tmp_path)
    assert home_of("some_plugin.queries") == "some_plugin"
    assert read_lock("some_plugin") == {}
    (tmp_path / "some_plugin" / module.FILE).write_text(dump({LEAF: {"word": 8}}))
    assert read_lock("some_plugin") == {LEAF: {"word": 8}}


def test_kind_of_a_plugin_has_its_lock_in_its_own_package() -> None:
    """What its operations send holds what all providers have, so that its numbers would move with ours else."""
    made = kind_slice(IdpKind("tree", "Tree", "tree", TreeSettings))
    locks = Numbers(Schema(Declared(made.name, one) for one in made.operations)).locks
    assert "hexkeep.management.v1.CreateTreeIdentityProviderRequest" in locks[HOME]
    assert "hexkeep.type.v1.TreeIdentityProviderSettings" in locks[HOME]


def test_our_own_lock_is_one() -> None:
    """All that Hexkeep declares is numbered in one file."""
    assert home_of("hexkeep.core.user.api") == module.OURS
    assert read_lock(module.OURS)["hexkeep.management.v1.GetUserRequest"] == {"user_id": 1}
