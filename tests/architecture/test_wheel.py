"""The wheel holds the package, the whole package and nothing but the package."""

import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from tests.architecture.source import PACKAGE, ROOT

KEY_MARKERS = (b"PRIVATE KEY-----", b'"d":"')


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> zipfile.ZipFile:
    """The wheel as a release would build it, by way of the source distribution."""
    target = tmp_path_factory.mktemp("dist")
    uv = Path(sys.executable).with_name("uv")
    subprocess.run([uv, "build", "--quiet", "--offline", "--out-dir", target], cwd=ROOT, check=True)
    return zipfile.ZipFile(next(target.glob("*.whl")))


def packed(wheel: zipfile.ZipFile) -> set[str]:
    """The files of the wheel, without its metadata folder."""
    return {name for name in wheel.namelist() if not name.endswith("/") and ".dist-info/" not in name}


def test_wheel_holds_every_file_of_the_package(wheel: zipfile.ZipFile) -> None:
    """Code, `py.typed`, templates, catalogues: what lies in the package is installed, and nothing else is."""
    files = (path for path in PACKAGE.rglob("*") if path.is_file() and "__pycache__" not in path.parts)
    assert packed(wheel) == {path.relative_to(PACKAGE.parent).as_posix() for path in files}
    assert "hexkeep/py.typed" in wheel.namelist()


def test_wheel_installs_one_import_name(wheel: zipfile.ZipFile) -> None:
    """No top-level `core` or `tests` that would overwrite an embedder's own."""
    assert {name.partition("/")[0] for name in packed(wheel)} == {"hexkeep"}


def test_wheel_holds_no_keys(wheel: zipfile.ZipFile) -> None:
    """No private key, not even a test's, leaves in a release."""
    assert [name for name in wheel.namelist() if any(marker in wheel.read(name) for marker in KEY_MARKERS)] == []


def test_wheel_carries_licence_and_entry_points(wheel: zipfile.ZipFile) -> None:
    """The metadata folder names the command, the pytest plugin and the licence."""
    by_name = {Path(name).name: name for name in wheel.namelist() if ".dist-info/" in name}
    entry_points = wheel.read(by_name["entry_points.txt"]).decode()
    assert "hexkeep = hexkeep.cli.main:main" in entry_points
    assert "hexkeep = hexkeep.testing.pytest_plugin" in entry_points
    assert b"Apache License" in wheel.read(by_name["LICENSE"])
