"""The rings and who may know which library: the import contracts of pyproject.toml."""

import subprocess
import sys
from pathlib import Path

from tests.architecture.source import ROOT


def test_import_contracts_are_kept() -> None:
    """Every contract under [tool.importlinter] holds, so `make test` shows a breach as `make lint` does."""
    linter = Path(sys.executable).with_name("lint-imports")
    run = subprocess.run([linter, "--no-cache"], cwd=ROOT, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stdout + run.stderr
