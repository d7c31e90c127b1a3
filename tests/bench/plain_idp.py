"""Identity providers that are believed by an HMAC: all of a sign-in by a posted answer but the judging of XML."""

import hashlib
import hmac
from collections.abc import Iterable, Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

from pydantic import Field

from hexkeep.core.idp.kinds import IdpKind, IdpSettings
from hexkeep.ports.hooks import hookimpl
from hexkeep.ports.idp import (
    Answered,
    Begun,
    Identity,
    IdpMalformed,
    IdpOffer,
    RedirectProvider,
    SignInAsked,
    SignInReturned,
    Surroundings,
)
from tests.architecture.source import ROOT

SECRET = "known to the provider and to nobody else but us"


class PlainSettings(IdpSettings):
    """What signs the answers."""

    secret: str = Field(repr=False, description="What signs the answers.")


PLAIN = IdpKind("plain", "Plain", "Plain", PlainSettings)


class PlainProvider:
    """Plays ``RedirectProvider``."""

    def __init__(self, settings: PlainSettings, around: Surroundings) -> None:
        self._settings = settings
        self._clock = around.clock

    async def begin(self, asked: SignInAsked) -> Begun:
        """To a page that posts."""
        return Begun(f"https://idp.example.net/?{urlencode({'state': asked.state})}", {}, posts=True)

    async def finish(self, returned: SignInReturned) -> Identity:
        """Who it is, signed for this very attempt."""
        account, mac = returned.parameters["account"], returned.parameters["mac"]
        if not hmac.compare_digest(mac, _mac(self._settings.secret, returned.state, account)):
            raise IdpMalformed("mac")
        return Identity(
            external_id=account,
            user_name=account,
            given_name="Ada",
            family_name="Lovelace",
            email=f"{account}@example.net",
            session=account,
            answered=Answered(id=mac, until=self._clock.now() + timedelta(minutes=30)),
        )


class PlainIdentityProviders:
    """The plugin."""

    name = "plain_idp"

    @hookimpl
    def hexkeep_identity_providers(self) -> Iterable[IdpOffer[Any]]:
        """One kind."""
        return (IdpOffer(PLAIN, PlainSettings, PlainProvider, frozenset({RedirectProvider})),)


def answered(location: str) -> Mapping[str, str]:
    """The form that a browser posts which was sent there."""
    [state] = parse_qs(urlsplit(location).query)["state"]
    return {"state": state, "account": "ada_l", "mac": _mac(SECRET, state, "ada_l")}


def path(folder: Path) -> str:
    """A ``PYTHONPATH`` on which the plugin is found as if a distribution of its own had brought it."""
    told = folder / "plain_idp-1.dist-info"
    told.mkdir(parents=True)
    told.joinpath("METADATA").write_text("Metadata-Version: 2.1\nName: plain-idp\nVersion: 1\n")
    told.joinpath("entry_points.txt").write_text(f"[hexkeep.plugins]\nplain_idp = {__name__}:PlainIdentityProviders\n")
    return f"{folder}:{ROOT}"


def _mac(secret: str, *parts: str) -> str:
    return hmac.new(secret.encode(), "\n".join(parts).encode(), hashlib.sha256).hexdigest()
