"""The four links at the repository root show the rings; they are not a second way to import them."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.architecture.source import ROOT

RINGS = ("core", "ports", "adapters", "plugins")


@pytest.mark.parametrize("ring", RINGS)
def test_root_link_points_into_the_package(ring: str) -> None:
    """Each root link is relative, so that a clone anywhere has it right, and leads to the ring's package."""
    link = ROOT / ring
    assert link.is_symlink(), f"{ring} is not a link: was the repository checked out without link support?"
    assert link.readlink() == Path("src/hexkeep") / ring
    assert (link / "__init__.py").is_file()


@pytest.mark.parametrize("ring", RINGS)
def test_ring_refuses_to_be_imported_through_its_link(ring: str) -> None:
    """Under a second name every class would have a second identity, so the package refuses and tells the right name."""
    run = subprocess.run(
        [sys.executable, "-c", f"import {ring}"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert run.returncode == 1
    assert f"ImportError: import hexkeep.{ring}, not {ring}" in run.stderr


@pytest.mark.parametrize("ring", RINGS)
def test_ring_imports_under_its_own_name(ring: str) -> None:
    """`hexkeep.<ring>` is the one name, from any folder."""
    subprocess.run([sys.executable, "-W", "error", "-c", f"import hexkeep.{ring}"], cwd="/", check=True)
