"""The committed protobuf files and numbers say what the operations say."""

from hexkeep.adapters.rpc.proto import outdated
from tests.architecture.source import ROOT


def test_protobuf_files_and_numbers_are_current() -> None:
    """`python -m hexkeep.adapters.rpc.proto` would change nothing."""
    assert outdated(ROOT / "proto") == []
