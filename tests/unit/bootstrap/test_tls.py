"""The certificate that handshakes are made with, as files come and go."""

import logging
import socket
import ssl
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from pydantic import ValidationError

from hexkeep.bootstrap.errors import ConfigurationError
from hexkeep.bootstrap.settings import ServerSettings
from hexkeep.bootstrap.tls import Certificate
from tests.certificates import Authority

Handshake = Callable[..., str]


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    """Whom clients of these tests trust."""
    return Authority(tmp_path)


@pytest.fixture
def files(tmp_path: Path, authority: Authority) -> tuple[Path, Path]:
    """A certificate called ``first`` and its key."""
    certificate, key = tmp_path / "certificate.pem", tmp_path / "key.pem"
    authority.issue(certificate, key, "first")
    return certificate, key


def shaken(served: Certificate, authority: Authority, *, name: str | None = "localhost") -> str:
    """The subject that a client sees who asks for ``name``, and the protocol that was agreed on."""
    client, server = socket.socketpair()
    trust = authority.trust
    trust.check_hostname = name is not None
    trust.set_alpn_protocols(["h2", "http/1.1"])
    with ThreadPoolExecutor(1) as pool, client, server:
        accepted = pool.submit(served.context.wrap_socket, server, server_side=True)
        with trust.wrap_socket(client, server_hostname=name) as connection:
            with accepted.result():
                seen = connection.getpeercert()
            assert seen is not None
            subject = dict(pair[0] for pair in seen["subject"])  # type: ignore[misc]  # typeshed is vaguer than it is
            return f"{subject['commonName']} {connection.selected_alpn_protocol()}"


def test_certificate_is_shown(files: tuple[Path, Path], authority: Authority) -> None:
    """Also to a client that names no server; what it may speak is agreed on."""
    served = Certificate(*files)
    assert shaken(served, authority) == "first http/1.1"
    assert shaken(served, authority, name=None) == "first http/1.1"


def test_changed_files_are_noticed_by_the_next_handshake(files: tuple[Path, Path], authority: Authority) -> None:
    """Nobody has to tell it, and what is agreed on stays possible."""
    served = Certificate(*files, alpn=("h2", "http/1.1"))
    assert shaken(served, authority) == "first h2"
    authority.issue(*files, "second")
    assert shaken(served, authority) == "second h2"
    assert served.pem == (files[0].read_bytes(), files[1].read_bytes())
    assert not served.renewed()


@pytest.mark.parametrize("damage", ["missing", "nonsense", "another key"])
def test_what_cannot_be_used_changes_nothing(
    damage: str, files: tuple[Path, Path], authority: Authority, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """The last good certificate stays, the log says why without a word of the key, and what is mended is used."""
    served = Certificate(*files)
    key = files[1].read_text()
    match damage:
        case "missing":
            files[0].unlink()
        case "nonsense":
            files[0].write_text("no certificate")
        case _:
            authority.issue(tmp_path / "other.pem", files[1], "other")
    with caplog.at_level(logging.WARNING):
        assert shaken(served, authority) == "first http/1.1"
    assert "stays as it was" in caplog.text
    assert not any(line in caplog.text for line in key.splitlines() if "-----" not in line)
    authority.issue(*files, "second")
    assert shaken(served, authority) == "second http/1.1"


def test_unusable_certificate_ends_the_start(tmp_path: Path, authority: Authority, files: tuple[Path, Path]) -> None:
    """With the setting's name and the reason; an encrypted key is refused without a question at the terminal."""
    with pytest.raises(ConfigurationError, match=r"server\.tls_certificate: .*absent\.pem cannot be read"):
        Certificate(tmp_path / "absent.pem", files[1])
    with pytest.raises(ConfigurationError, match="are not a certificate in PEM and its private key"):
        Certificate(authority.certificate, files[1])
    authority.issue(*files, password=b"password")
    with pytest.raises(ConfigurationError, match="the key is encrypted"):
        Certificate(*files)


def test_old_protocols_are_refused(files: tuple[Path, Path]) -> None:
    """Nothing below TLS 1.2 (RFC 8996)."""
    assert Certificate(*files).context.minimum_version == ssl.TLSVersion.TLSv1_2


def test_settings_know_the_scheme() -> None:
    """The origin is ``https`` with a certificate; a key without one is an error."""
    assert ServerSettings(port=1).origin == "http://localhost:1"
    assert ServerSettings(port=1, tls_certificate=Path("both.pem")).origin == "https://localhost:1"
    assert ServerSettings(tls_certificate=Path("a"), public_url="https://id.example.com").origin == (
        "https://id.example.com"
    )
    with pytest.raises(ValidationError, match="a key needs its certificate"):
        ServerSettings(tls_key=Path("key.pem"))
