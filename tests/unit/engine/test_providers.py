"""Calls of identity providers: who is served, in which way, and within which bounds."""

import asyncio
from typing import Any, cast

import pytest
from pydantic import JsonValue

from hexkeep.adapters.joserfc.jose import JoserfcJose
from hexkeep.adapters.offload.threads import Threads
from hexkeep.adapters.system.clock import SystemClock
from hexkeep.core.idp.catalog import LDAP, OIDC, SAML
from hexkeep.core.idp.kinds import IdpKind
from hexkeep.core.idpintent.asks import CheckAtProvider, FindAtProvider, ProviderSetUp, ServedKinds, SignInWay
from hexkeep.engine import providers
from hexkeep.engine.answers import Call
from hexkeep.engine.providers import Providers
from hexkeep.ports.idp import (
    Begun,
    Identity,
    IdpMalformed,
    IdpOffer,
    IdpUnreachable,
    PasswordProvider,
    RedirectProvider,
    RefreshingProvider,
    SignInAsked,
    SignInReturned,
)
from hexkeep.ports.outbound import Nowhere

SETTINGS: dict[str, JsonValue] = {"servers": ["ldaps://ldap.example.net"], "base_dn": "dc=example,dc=net"}
NOBODY_CALLS = cast("Call", None)


class Both:
    """Takes passwords, and has a page of its own."""

    async def account(self, login_name: str) -> str:
        """Each name is an account."""
        return login_name.upper()

    async def check(self, login_name: str, password: str) -> Identity:
        """Whoever comes is Ada; a password that never ends takes for ever."""
        if password == "endless":
            await asyncio.Event().wait()
        return Identity(external_id=f"{login_name} {password}")

    async def begin(self, asked: SignInAsked) -> Begun:
        """To its page."""
        return Begun(f"https://login.example.net/?state={asked.state}")

    async def finish(self, _returned: SignInReturned) -> Identity:
        """Likewise."""
        return Identity(external_id="ada")


def offered(kind: IdpKind, *roles: type, made: object = None) -> IdpOffer[Any]:
    """A kind that somebody offers in these roles."""
    return IdpOffer(kind, kind.settings, lambda _settings, _around: made or Both(), frozenset(roles))


def answering(*offers: IdpOffer[Any]) -> Any:
    """The answers of an engine with these offers."""
    by_name = {offer.kind.name: offer for offer in offers}
    return Providers(by_name, Nowhere(), JoserfcJose(), SystemClock(), Threads()).answers()


def checking(password: str = "secret", **settings: Any) -> CheckAtProvider:
    """Somebody's name and password at a directory."""
    return CheckAtProvider(ProviderSetUp("login", "ldap", {**SETTINGS, **settings}, {}), "ada", password)


async def test_kind_is_served_in_the_way_that_it_can() -> None:
    """At its own page if it has one, else with a password given here; whoever only refreshes signs nobody in."""
    answers = answering(
        offered(OIDC, RedirectProvider, PasswordProvider),
        offered(LDAP, PasswordProvider, RefreshingProvider),
        offered(SAML, RefreshingProvider),
    )
    served = await answers[ServedKinds](NOBODY_CALLS, ServedKinds())
    assert served == {"oidc": SignInWay.REDIRECT, "ldap": SignInWay.PASSWORD}


async def test_name_and_password_go_to_the_provider_as_they_are() -> None:
    """What it tells is the answer."""
    answers = answering(offered(LDAP, PasswordProvider))
    identity = await answers[CheckAtProvider](NOBODY_CALLS, checking())
    assert identity.external_id == "ada secret"
    known = ProviderSetUp("login", "ldap", SETTINGS, {})
    assert await answers[FindAtProvider](NOBODY_CALLS, FindAtProvider(known, "ada")) == "ADA"


async def test_provider_that_cannot_do_what_was_offered_signs_nobody_in() -> None:
    """Neither does one whose settings are not what its kind takes by now."""
    for answers, asked in (
        (answering(offered(LDAP, PasswordProvider, made=object())), checking()),
        (answering(offered(LDAP, PasswordProvider)), checking(base_dn="")),
    ):
        with pytest.raises(IdpMalformed):
            await answers[CheckAtProvider](NOBODY_CALLS, asked)


async def test_check_has_an_end(monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> None:
    """A provider that takes too long does not answer; the log says which one, and nothing of who it was."""
    monkeypatch.setattr(providers, "SECONDS", 0.01)
    with pytest.raises(IdpUnreachable):
        await answering(offered(LDAP, PasswordProvider))[CheckAtProvider](NOBODY_CALLS, checking("endless"))
    assert "the identity provider login failed: idp_unreachable (timeout)" in caplog.text
    assert "ada" not in caplog.text
    assert "endless" not in caplog.text
