"""What `import hexkeep` promises to those who embed it."""

import subprocess
import sys
from importlib import metadata

import hexkeep

PUBLIC = ["__version__", "open"]


def test_public_names_are_as_listed() -> None:
    """A name joins or leaves the public surface only together with this list."""
    assert sorted(hexkeep.__all__) == sorted(PUBLIC)
    assert [name for name in PUBLIC if not hasattr(hexkeep, name)] == []


def test_version_is_the_distributions() -> None:
    """The version is written down once, in pyproject.toml."""
    assert hexkeep.__version__ == metadata.version("hexkeep")


def test_import_loads_no_third_party() -> None:
    """`import hexkeep` is free: libraries are loaded by what needs them."""
    script = (
        "import sys; before = set(sys.modules); import hexkeep; "
        "new = {name.partition('.')[0] for name in set(sys.modules) - before}; "
        "print(sorted(new - set(sys.stdlib_module_names)))"
    )
    run = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "['hexkeep']"


def test_help_loads_no_part_of_a_server() -> None:
    """`hexkeep --help`, and a shell that completes names of commands, wait for neither settings nor slices."""
    script = (
        "import sys; import hexkeep.cli.main; "
        "print(sorted(name for name in sys.modules if name.startswith(('hexkeep.core.', 'hexkeep.bootstrap.settings'))"
        " and not name.startswith('hexkeep.core.kernel')))"
    )
    run = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "[]"
