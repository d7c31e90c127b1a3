"""A web server for tests: real sockets on the loopback, with raw answers by path, with TLS or without."""

import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID


def answer(body: bytes = b"", status: str = "200 OK", *headers: str) -> bytes:
    """A whole response."""
    head = "\r\n".join((f"HTTP/1.1 {status}", f"content-length: {len(body)}", *headers, "", ""))
    return head.encode() + body


@dataclass
class WebServer:
    """Raw answers by path; the requests that came, as text, with bodies. One not known hangs until the end."""

    answers: dict[str, bytes] = field(default_factory=dict)
    requests: list[str] = field(default_factory=list)
    bodies: list[bytes] = field(default_factory=list)
    port: int = 0

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Answer one request."""
        try:
            request = (await reader.readuntil(b"\r\n\r\n")).decode()
            self.requests.append(request)
            self.bodies.append(await reader.readexactly(_length(request)))
            path = request.split(" ")[1]
            if path in self.answers:
                writer.write(self.answers[path])
                await writer.drain()
            else:
                await reader.read()
        except (asyncio.IncompleteReadError, OSError):
            pass
        finally:
            writer.close()


def _length(request: str) -> int:
    """How long the body of a request is."""
    headers = (line.partition(":") for line in request.splitlines())
    return next((int(value) for name, _, value in headers if name.lower() == "content-length"), 0)


@asynccontextmanager
async def web_server(answers: dict[str, bytes], tls: ssl.SSLContext | None = None) -> AsyncIterator[WebServer]:
    """One that runs."""
    made = WebServer(answers)
    server = await asyncio.start_server(made.serve, "127.0.0.1", 0, ssl=tls)
    made.port = server.sockets[0].getsockname()[1]
    try:
        yield made
    finally:
        server.close()


def certified(host: str, folder: Path) -> tuple[Path, ssl.SSLContext]:
    """A certificate for ``host`` that vouches for itself, and a server's context with it."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, host)])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(hours=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(host)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    pem, private = folder / "certificate.pem", folder / "private.pem"
    pem.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    form = serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    private.write_bytes(key.private_bytes(serialization.Encoding.PEM, *form))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pem, private)
    return pem, context
