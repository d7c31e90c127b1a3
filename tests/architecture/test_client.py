"""The Python client says what the operations say, and brings nothing of a server along."""

import subprocess
import sys

from hexkeep.client.generate import outdated

INNER = ("hexkeep.adapters", "hexkeep.bootstrap", "hexkeep.engine", "hexkeep.plugins", "litestar", "sqlalchemy")


def test_the_generated_methods_are_current() -> None:
    """`python -m hexkeep.client.generate` would change nothing."""
    assert outdated() == []


def test_a_client_loads_no_part_of_a_server() -> None:
    """All that a program with a client loads is the client, the core's messages and the API's types."""
    script = (
        "import sys, hexkeep.client as client; made = client.Client('http://localhost'); made.user; made.policy; "
        f"print([name for name in sys.modules if name.startswith({INNER!r})])"
    )
    run = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "[]"


def test_the_package_answers_to_its_names_only() -> None:
    """A misspelt name is told at once."""
    script = "from hexkeep.client import Cleint"
    run = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert "cannot import name 'Cleint'" in run.stderr
