"""The server's certificate: two files that are read again once they have changed, so that it is renewed while serving.

Every handshake looks whether the files have changed; nobody has to send a signal or to restart. What cannot be used, a
certificate without its new key for a moment for instance, is told in the log, and the last good one stays in service.
"""

import logging
import ssl
import threading
from collections.abc import Sequence
from pathlib import Path

from hexkeep.bootstrap.errors import ConfigurationError, Problem

LOG = logging.getLogger(__name__)

HTTP_1 = "http/1.1"
HTTP_2 = "h2"

Mark = tuple[tuple[int, int, int], ...]
"""What changes when one of the files does: number, size and time of each."""


class Certificate:
    """A chain and its private key, both as PEM; ``key`` may be the same file.

    Raises ``ConfigurationError``, naming ``setting``, when they cannot be used at the start. May be asked from any
    thread.
    """

    def __init__(self, certificate: Path, key: Path, alpn: Sequence[str] = (HTTP_1,), setting: str = "server") -> None:
        self._files = (certificate, key)
        self._alpn = list(alpn)
        self._lock = threading.Lock()
        try:
            self._mark = self._look()
            self._current = self._load()
            self.pem = self._read()
        except (OSError, ValueError) as error:
            raise ConfigurationError(Problem(_told(error, certificate, key), f"{setting}.tls_certificate")) from None
        self.context = self._load()
        """For listening. Handshakes are made with the certificate that the files hold then."""
        self.context.sni_callback = self._refresh_handshake

    def renewed(self) -> bool:
        """Look at the files; whether ``pem`` is another than before."""
        with self._lock:
            try:
                mark = self._look()
                if mark == self._mark:
                    return False
                self._current, self.pem, self._mark = self._load(), self._read(), mark
            except (OSError, ValueError) as error:
                LOG.warning("the certificate stays as it was: %s", _told(error, *self._files))
                return False
        LOG.info("the certificate was renewed from %s", self._files[0])
        return True

    def _refresh_handshake(self, connection: ssl.SSLObject, name: str | None, context: ssl.SSLContext) -> None:
        """OpenSSL calls this at the beginning of every handshake, also when the client names no server."""
        self.renewed()
        connection.context = self._current

    def _look(self) -> Mark:
        stats = [path.stat() for path in self._files]
        return tuple((one.st_ino, one.st_size, one.st_mtime_ns) for one in stats)

    def _read(self) -> tuple[bytes, bytes]:
        certificate, key = (path.read_bytes() for path in self._files)
        return certificate, key

    def _load(self) -> ssl.SSLContext:
        """A context of the files; raises ``OSError``, of which ``ssl.SSLError`` is one, or ``ValueError``."""
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        context.set_alpn_protocols(self._alpn)
        context.load_cert_chain(*self._files, password=_no_password)
        return context


def _no_password() -> str:
    """Instead of asking at the terminal, which is what OpenSSL would do."""
    raise ValueError("the key is encrypted; a server needs one that is not")


def _told(error: Exception, certificate: Path, key: Path) -> str:
    """What is wrong, without a line of what is in the files."""
    if isinstance(error, ssl.SSLError):
        return f"{certificate} and {key} are not a certificate in PEM and its private key ({error.reason})"
    if isinstance(error, OSError):
        return f"{error.filename or certificate} cannot be read: {error.strerror}"
    return f"{key}: {error}"
