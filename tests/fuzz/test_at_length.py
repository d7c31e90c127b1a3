"""The same with many more examples, for who has the time."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.fuzz.budget import TIMES

MINUTES = 30


@pytest.mark.slow
@pytest.mark.timeout(MINUTES * 60 + 60)
def test_at_length() -> None:
    """Other ones each time: what is found is printed as hypothesis prints it, to be written down as a test."""
    command = (sys.executable, "-m", "pytest", "-q", "-n", "0", "-m", "not slow", str(Path(__file__).parent))
    limits = ("-o", f"timeout={MINUTES * 60}", "-p", "no:cacheprovider")
    done = subprocess.run(
        [*command, *limits], env={**os.environ, TIMES: "20"}, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout[-20_000:]
