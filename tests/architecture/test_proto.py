"""The committed protobuf files and numbers say what the operations say."""

import re

from connectrpc._protocol import ConnectWireError
from connectrpc.code import Code

from hexkeep.adapters.rpc.proto import outdated
from hexkeep.bootstrap.reference.errors import product_errors
from tests.architecture.source import ROOT

ROW = re.compile(r"^\| `([A-Z_]+)` \| `([a-z_]+)` \| ([0-9]{3}) \|$", re.MULTILINE)


def test_protobuf_files_and_numbers_are_current() -> None:
    """`python -m hexkeep.adapters.rpc.proto` would change nothing."""
    assert outdated(ROOT / "proto") == []


def test_the_page_on_rpc_has_every_status() -> None:
    """Each gRPC status that an error of ours has stands there with the code and HTTP status that Connect gives it."""
    page = (ROOT / "docs" / "reference" / "rpc.md").read_text(encoding="utf-8")
    rows = {name: (code, int(status)) for name, code, status in ROW.findall(page)}
    told = {name: (code, _http_status(code)) for name, (code, _) in rows.items()}
    assert rows == told
    assert {error.rpc for error in product_errors()} - {"UNKNOWN"} <= rows.keys()
    assert all(code == name.lower() for name, (code, _) in rows.items())


def _http_status(code: str) -> int:
    return ConnectWireError(Code(code), "", ()).to_http_status().code
