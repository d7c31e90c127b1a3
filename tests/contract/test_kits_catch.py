"""Who watches the kits: broken storages fail them, and no rule can be dropped in silence."""

import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from hexkeep.testing.contract import Contract
from hexkeep.testing.idp_logout import BackChannelLogoutContract
from hexkeep.testing.keys import KeysContract
from tests.contract.broken import (
    blobs,
    builds,
    events,
    history,
    loader,
    logout_providers,
    offloads,
    password_providers,
    providers,
    seals,
    small_ports,
    views,
    whole,
)
from tests.contract.broken.defects import DEFECTS, kit_rules

pytestmark = pytest.mark.timeout(600)
"""The first test runs all broken storages."""
ROOT = Path(__file__).resolve().parents[2]
STORAGES = (blobs, builds, events, history, loader, seals, small_ports, views, whole)
MODULES = (*STORAGES, logout_providers, offloads, password_providers, providers)
"""Imported for the defects that they declare."""
SLOW = {"test_storage_cannot_be_told_from_memory", "test_queries_mean_what_the_model_says"}
"""Rules that make up much."""
UNCAUGHT: dict[str, str] = {"test_blob_larger_than_the_bound_is_none": "the value type alone holds it"}
"""Rules that no storage here breaks, and why not."""
Failures = dict[tuple[str, str], str]
"""Class and rule of what failed, and the message; a rule with parameters fails when one of its cases does."""


@pytest.fixture(scope="module")
def failures(tmp_path_factory: pytest.TempPathFactory) -> Failures:
    """What fails of that which is quick."""
    return _failures(tmp_path_factory.mktemp("kits"), slow=False)


@pytest.fixture(scope="module")
def slow_failures(tmp_path_factory: pytest.TempPathFactory) -> Failures:
    """What fails of that which makes histories or queries up."""
    return _failures(tmp_path_factory.mktemp("kits"), slow=True)


def _failures(folder: Path, *, slow: bool) -> Failures:
    """Every failure of the broken storages under the rules named there, as pytest tells it."""
    limit = "--timeout=120" if slow else "--timeout=30"
    options = ["-q", "--no-header", "--tb=no", "-p", "no:cacheprovider", limit, f"--junitxml={folder / 'report.xml'}"]
    rules = [f"{file}::{name}::{rule}" for name, (file, rules) in DEFECTS.items() for rule in _of(rules, slow=slow)]
    subprocess.run([sys.executable, "-m", "pytest", *options, *rules], cwd=ROOT, check=False)
    # The report is this test's own output, so its XML can be trusted.
    cases = ET.parse(folder / "report.xml").iter("testcase")  # noqa: S314
    found: Failures = {}
    for case in cases:
        if len(case) and case[0].tag == "failure":
            name, rule = case.get("classname", "").split(".")[-1], case.get("name", "")
            for known in (rule, rule.partition("[")[0]):
                found[name, known] = case[0].get("message", "")
    return found


def _of(rules: tuple[str, ...], *, slow: bool) -> list[str]:
    return [rule for rule in rules if (rule in SLOW) is slow]


@pytest.mark.parametrize("name", sorted(name for name, (_, rules) in DEFECTS.items() if _of(rules, slow=False)))
def test_broken_storage_fails_the_rules_it_breaks(failures: Failures, name: str) -> None:
    """Each defect is found by every rule that is there to find it."""
    assert [rule for rule in _of(DEFECTS[name][1], slow=False) if (name, rule) not in failures] == []


@pytest.mark.slow
@pytest.mark.parametrize("name", sorted(name for name, (_, rules) in DEFECTS.items() if _of(rules, slow=True)))
def test_broken_storage_fails_what_is_made_up(slow_failures: Failures, name: str) -> None:
    """So it is where a rule makes histories or queries up, and may look for long."""
    assert [rule for rule in _of(DEFECTS[name][1], slow=True) if (name, rule) not in slow_failures] == []


def test_every_rule_finds_a_defect() -> None:
    """A rule that nothing breaks would pass whatever a storage does: each is broken here, or says why not."""
    caught = {rule.partition("[")[0] for _, rules in DEFECTS.values() for rule in rules}
    rules = kit_rules()
    assert rules - caught == UNCAUGHT.keys()
    assert caught <= rules


def test_failure_shows_the_values(failures: Failures) -> None:
    """A kit's assertions are rewritten by pytest, so an adapter's author sees what was found."""
    message = failures["TestLeavesGaps", "test_append_numbers_versions_and_positions_from_one"]
    assert "assert [2, 4, 6, 8] == [1, 2, 3, 4]" in message


def test_override_without_a_reason_is_refused() -> None:
    """A subclass, or a class mixed in, cannot replace or remove a rule unless it says strictly why."""

    class Mixin:
        async def test_first_add_wins(self) -> None:
            """Not the rule."""

    for hidden in ({"test_first_add_wins": None}, {"test_first_add_wins": Mixin.test_first_add_wins}):
        with pytest.raises(TypeError, match="test_first_add_wins"):
            type("TestKeys", (KeysContract,), hidden)
    with pytest.raises(TypeError, match="test_first_add_wins"):
        type("TestKeys", (Mixin, KeysContract), {})
    with pytest.raises(TypeError, match="test_who_signs_in_is_told"):
        type("TestIdp", (BackChannelLogoutContract,), {"test_who_signs_in_is_told": None})
    loose = pytest.mark.xfail(reason="some day")(Mixin.test_first_add_wins)
    with pytest.raises(TypeError, match="strict"):
        type("TestKeys", (KeysContract,), {"test_first_add_wins": loose})


def test_strict_xfail_with_a_reason_may_override() -> None:
    """A known defect is stated as one: the override fails as soon as the defect is gone."""

    class TestKeys(KeysContract):
        @pytest.mark.xfail(strict=True, reason="issue 1: the second add wins")
        async def test_first_add_wins(self) -> None:  # type: ignore[override]  # the rule itself does not matter here
            """The rule, as far as it holds."""

    assert issubclass(TestKeys, Contract)


def test_every_rule_says_what_it_holds() -> None:
    """The kits are read by authors of adapters: each rule has a docstring of one line."""
    rules = [rule for kit in Contract.__subclasses__() for name, rule in vars(kit).items() if name.startswith("test_")]
    assert len(rules) > 60
    assert [rule.__qualname__ for rule in rules if len((rule.__doc__ or "").splitlines()) != 1] == []


def test_plugin_imports_pytest_alone() -> None:
    """In an environment that has Hexkeep, pytest starts without loading any more of it than the plugin itself."""
    script = (
        "import sys, pytest; before = set(sys.modules); import hexkeep.testing.pytest_plugin; "
        "print(sorted(name for name in set(sys.modules) - before if not name.startswith('_')))"
    )
    run = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "['hexkeep', 'hexkeep.testing', 'hexkeep.testing.pytest_plugin']"


def test_plugin_names_every_module() -> None:
    """Assertions of all modules of ``hexkeep.testing`` are rewritten, so failures show their values."""
    from hexkeep.testing import pytest_plugin

    folder = Path(pytest_plugin.__file__).parent
    modules = {path.stem for path in folder.glob("*.py")} - {"__init__", "pytest_plugin"}
    assert modules == set(pytest_plugin.MODULES)
