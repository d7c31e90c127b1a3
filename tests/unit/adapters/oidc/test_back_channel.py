"""What is read of a request that a client makes by itself."""

import base64
from urllib.parse import quote

import pytest

from hexkeep.adapters.asgi.certificates import certificate
from hexkeep.core.kernel.errors import InvalidInput

DER = base64.b64encode(bytes(range(90))).decode()
PEM = f"-----BEGIN CERTIFICATE-----\n{DER[:64]}\n{DER[64:]}\n-----END CERTIFICATE-----\n"


@pytest.mark.parametrize("value", [f":{DER}:", f"  :{DER}: ", quote(PEM), quote(PEM.rstrip())])
def test_certificate_comes_between_colons_or_as_escaped_pem(value: str) -> None:
    """RFC 9440 section 2.1, and what nginx has in its place."""
    assert certificate(value) == DER


def test_no_header_is_no_certificate() -> None:
    """Most connections have none."""
    assert certificate("") == ""


@pytest.mark.parametrize(
    "value", [DER, ":", "::", ":%%%:", f":{DER}", f'"{DER}"', quote(PEM * 2), PEM.replace("A", "!")]
)
def test_what_is_no_certificate_is_refused(value: str) -> None:
    """A proxy that sends something else is set up wrongly, and nobody should have to guess why nobody gets in."""
    with pytest.raises(InvalidInput):
        certificate(value)
