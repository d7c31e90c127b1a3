"""`hexkeep system-token`."""

import asyncio
import secrets
from datetime import datetime, timedelta
from pathlib import Path

import click
from pydantic import JsonValue

from hexkeep.bootstrap.container import Program
from hexkeep.bootstrap.durations import parse_duration
from hexkeep.bootstrap.plugins import Plugins
from hexkeep.cli.command import settings_of
from hexkeep.cli.output import say
from hexkeep.core.kernel.errors import InvalidInput, Violation
from hexkeep.core.oidc.rfc7523 import LONGEST


@click.command(name="system-token")
@click.argument("name")
@click.option(
    "--key",
    "file",
    required=True,
    type=click.Path(path_type=Path, dir_okay=False, exists=True),
    help="File with the private key: PEM, or a JWK.",
)
@click.option("--server", metavar="URL", help="Public origin of the server. Default: that of the settings.")
@click.option("--lifetime", default="10m", show_default=True, help="How long it holds: an hour at most.")
@click.option("--once", is_flag=True, help="Make it good for one call.")
@click.pass_context
def command(ctx: click.Context, name: str, file: Path, server: str | None, lifetime: str, once: bool) -> None:
    """Sign a token for the System API with a private key, for the caller of that NAME in the server's settings.

    The server knows the public key by `[system.callers.NAME]`. Nothing is called and nothing is opened.

    \b
    Examples:
      openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out ops.pem
      openssl pkey -in ops.pem -pubout -out ops.pub
      export HEXKEEP_TOKEN="$(hexkeep system-token ops --key ops.pem --server https://id.example.com)"
      hexkeep call --server https://id.example.com ListInstances
    """  # noqa: D301 - \b keeps click from filling the lines
    settings = settings_of(ctx)
    program = Program(settings, Plugins.load(settings.plugins.block))
    private = program.jose.private_jwk(_text(file))
    if private is None:
        raise InvalidInput("", Violation("key", "must be a private key for ES256, RS256 or Ed25519, as PEM or a JWK"))
    audience = (server or settings.server.origin).rstrip("/").lower()
    claims = _claims(name, audience, program.clock.now(), _span(lifetime), once=once)
    say(asyncio.run(program.jose.sign(private, "JWT", claims)))


def _text(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        return ""


def _span(lifetime: str) -> timedelta:
    try:
        span = parse_duration(lifetime)
    except ValueError as error:
        raise click.UsageError(f"--lifetime: {error}") from None
    if not isinstance(span, timedelta) or not timedelta(0) < span <= LONGEST:
        raise click.UsageError("--lifetime: write a duration up to 1h, like 10m")
    return span


def _claims(name: str, audience: str, now: datetime, lifetime: timedelta, *, once: bool) -> dict[str, JsonValue]:
    issued = int(now.timestamp())
    claims: dict[str, JsonValue] = {"iss": name, "sub": name, "aud": audience, "iat": issued}
    claims["exp"] = issued + int(lifetime.total_seconds())
    return claims | ({"jti": secrets.token_urlsafe(24)} if once else {})
