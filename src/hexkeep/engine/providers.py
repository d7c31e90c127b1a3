"""Calls of identity providers, as a decision asks for them: by what plugins offer, and within bounds."""

import asyncio
import json
import logging
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any

from pydantic import JsonValue

from hexkeep.core.idp.settings import OWN_HEADERS
from hexkeep.core.idpintent.asks import (
    BeginAtProvider,
    CheckAtProvider,
    FindAtProvider,
    FinishAtProvider,
    LogoutAtProvider,
    LogoutThere,
    MetadataAtProvider,
    PartyKinds,
    ProviderSetUp,
    RefreshAtProvider,
    RevokeAtProvider,
    ServedKinds,
    SessionEndedAtProvider,
    SessionLeftAtProvider,
    SignInWay,
    SignOutAtProvider,
)
from hexkeep.core.idpintent.errors import IdpFailed, IdpMalformed, IdpRefused, IdpUnreachable
from hexkeep.core.kernel.ask import Ask
from hexkeep.core.kernel.urls import is_local, server_url
from hexkeep.core.saml.party import SamlParty
from hexkeep.engine.answers import Answer, Call
from hexkeep.engine.remembered import Remembered, Terms
from hexkeep.ports.clock import Clock
from hexkeep.ports.idp import (
    BackChannelLogoutProvider,
    Begun,
    FrontChannelLogoutProvider,
    Identity,
    IdpOffer,
    Judge,
    LogoutProvider,
    PasswordProvider,
    RedirectProvider,
    RefreshingProvider,
    RevokingProvider,
    SamlMessage,
    SamlProvider,
    SignInAsked,
    SignInReturned,
    SignOutAsked,
    Surroundings,
)
from hexkeep.ports.jose import Jose
from hexkeep.ports.offload import Offload
from hexkeep.ports.outbound import Outbound

logger = logging.getLogger(__name__)

SECONDS = 8.0
"""How long a provider may take for one step: less than a call may, so that the person is told what was wrong."""
MAX_KEPT = 8000
MAX_URL = 8000
MAX_FIELDS = 64_000
TERMS = Terms(
    accept="application/json, application/jwk-set+json",
    max_bytes=262_144,
    timeout=5.0,
    kept=300.0,
    stale=3600.0,
    held=32_000_000,
    plain=is_local,
)
DOCUMENT_TERMS = replace(TERMS, accept="application/samlmetadata+xml, application/xml;q=0.9, */*;q=0.1")
Offers = Mapping[str, IdpOffer[Any]]
NO_OFFERS: Offers = {}


class ProviderDocuments:
    """Implements ``hexkeep.ports.idp.Documents``."""

    def __init__(self, outbound: Outbound, clock: Clock) -> None:
        self._found = Remembered(outbound, clock, TERMS, _read)
        self._contents = Remembered(outbound, clock, DOCUMENT_TERMS, _as_it_is)

    async def at(self, url: str, *, fresh: bool = False) -> Mapping[str, JsonValue] | None:
        """The JSON object at ``url``; ``None`` where it is not to be had."""
        return await self._found.at(url, fresh=fresh)

    async def content(self, url: str, *, fresh: bool = False, judge: Judge | None = None) -> bytes | None:
        """The bytes at ``url``; ``None`` where there are none to be had, or none that count."""
        return await self._contents.at(url, fresh=fresh, judge=judge)


class Providers:
    """Answers the asks of identity providers."""

    def __init__(self, offers: Offers, outbound: Outbound, jose: Jose, clock: Clock, offload: Offload) -> None:
        self._offers = offers
        self._surroundings = Surroundings(outbound, ProviderDocuments(outbound, clock), jose, clock, offload)
        self._served = {name: way for name, offer in offers.items() if (way := _way(offer))}
        self._parties = frozenset(name for name, offer in offers.items() if offer.as_party)

    def answers(self) -> Mapping[type[Ask[Any]], Answer]:
        """What the asks are answered with."""

        async def begun(_call: Call, ask: BeginAtProvider) -> Begun:
            async with _bounded(ask.provider):
                known = ask.provider.party
                asked = SignInAsked(
                    ask.callback, ask.state, ask.login_hint, ask.ui_locales, ask.max_age, ask.anew, known
                )
                return _fit(await self._redirecting(ask.provider).begin(asked))

        async def identity(_call: Call, ask: FinishAtProvider) -> Identity:
            async with _bounded(ask.provider):
                returned = SignInReturned(
                    ask.callback, ask.state, ask.kept, ask.parameters, ask.provider.party, ask.header
                )
                return await self._redirecting(ask.provider).finish(returned)

        async def metadata(_call: Call, ask: MetadataAtProvider) -> str:
            async with _bounded(ask.provider):
                made, party = self._federated(ask.provider)
                return await made.metadata(party)

        async def signed_out_there(_call: Call, ask: LogoutAtProvider) -> LogoutThere:
            async with _bounded(ask.provider):
                made, party = self._federated(ask.provider)
                told = await made.signed_out(SamlMessage(party, ask.binding, ask.query))
                return replace(told, answer=_fit(told.answer) if told.answer.url else told.answer)

        async def served(_call: Call, _ask: ServedKinds) -> Mapping[str, SignInWay]:
            return self._served

        async def parties(_call: Call, _ask: PartyKinds) -> frozenset[str]:
            return self._parties

        return {
            BeginAtProvider: begun,
            FinishAtProvider: identity,
            FindAtProvider: self._account,
            CheckAtProvider: self._checked,
            SignOutAtProvider: self._signed_out,
            RefreshAtProvider: self._refreshed,
            RevokeAtProvider: self._revoked,
            MetadataAtProvider: metadata,
            LogoutAtProvider: signed_out_there,
            SessionEndedAtProvider: self._session_ended,
            SessionLeftAtProvider: self._session_left,
            ServedKinds: served,
            PartyKinds: parties,
        }

    async def _account(self, _call: Call, ask: FindAtProvider) -> str:
        async with _bounded(ask.provider):
            return await self._checking(ask.provider).account(ask.login_name)

    async def _checked(self, _call: Call, ask: CheckAtProvider) -> Identity:
        async with _bounded(ask.provider):
            return await self._checking(ask.provider).check(ask.login_name, ask.password)

    async def _signed_out(self, _call: Call, ask: SignOutAtProvider) -> str:
        try:
            async with _bounded(ask.provider):
                made = self._made(ask.provider)
                if not isinstance(made, LogoutProvider):
                    raise IdpRefused("role")
                asked = SignOutAsked(ask.account, ask.back, ask.state, ask.provider.party)
                return _fit(Begun(await made.logout(asked))).url
        except IdpFailed:
            return ""

    async def _session_ended(self, _call: Call, ask: SessionEndedAtProvider) -> LogoutThere | None:
        try:
            async with _bounded(ask.provider):
                return await self._telling(ask.provider).session_ended(ask.form)
        except IdpMalformed:
            return None

    async def _session_left(self, _call: Call, ask: SessionLeftAtProvider) -> str:
        try:
            async with _bounded(ask.provider):
                return await self._framing(ask.provider).session_left(ask.parameters)
        except IdpMalformed:
            return ""

    async def _refreshed(self, _call: Call, ask: RefreshAtProvider) -> Identity | None:
        try:
            async with _bounded(ask.provider):
                made = self._made(ask.provider)
                if not isinstance(made, RefreshingProvider):
                    raise IdpMalformed("role")
                return await made.refresh(ask.account)
        except IdpRefused:
            return None

    async def _revoked(self, _call: Call, ask: RevokeAtProvider) -> str:
        try:
            async with _bounded(ask.provider):
                made = self._made(ask.provider)
                return await made.revoke(ask.account) if isinstance(made, RevokingProvider) else ask.account.session
        except IdpRefused:
            return ask.account.session

    def _redirecting(self, set_up: ProviderSetUp) -> RedirectProvider:
        made = self._made(set_up)
        if not isinstance(made, RedirectProvider):
            raise IdpMalformed("role")
        return made

    def _checking(self, set_up: ProviderSetUp) -> PasswordProvider:
        made = self._made(set_up)
        if not isinstance(made, PasswordProvider):
            raise IdpMalformed("role")
        return made

    def _telling(self, set_up: ProviderSetUp) -> BackChannelLogoutProvider:
        made = self._made(set_up)
        if not isinstance(made, BackChannelLogoutProvider):
            raise IdpMalformed("role")
        return made

    def _framing(self, set_up: ProviderSetUp) -> FrontChannelLogoutProvider:
        made = self._made(set_up)
        if not isinstance(made, FrontChannelLogoutProvider):
            raise IdpMalformed("role")
        return made

    def _federated(self, set_up: ProviderSetUp) -> tuple[SamlProvider, SamlParty]:
        made = self._made(set_up)
        if not isinstance(made, SamlProvider) or set_up.party is None:
            raise IdpMalformed("role")
        return made, set_up.party

    def _made(self, set_up: ProviderSetUp) -> object:
        """The provider; one whose settings are not what its kind takes by now does not serve."""
        offer = self._offers.get(set_up.kind)
        if offer is None:
            raise IdpMalformed("kind")
        try:
            settings = offer.settings.model_validate({**set_up.settings, **set_up.secrets})
        except ValueError:
            raise IdpMalformed("settings") from None
        return offer.make(settings, self._surroundings)


def _way(offer: IdpOffer[Any]) -> SignInWay | None:
    """How people sign in by a kind: at the provider's own page if they can, and not at all by others."""
    if RedirectProvider in offer.roles:
        return SignInWay.REDIRECT
    return SignInWay.PASSWORD if PasswordProvider in offer.roles else None


@asynccontextmanager
async def _bounded(set_up: ProviderSetUp) -> AsyncIterator[None]:
    """Whatever it takes, there is an end; and the operator learns why, in one word."""
    try:
        async with asyncio.timeout(SECONDS):
            yield
    except TimeoutError:
        logger.warning("the identity provider %s failed: idp_unreachable (timeout)", set_up.id)
        raise IdpUnreachable("timeout") from None
    except IdpFailed as error:
        logger.warning("the identity provider %s failed: %s (%s)", set_up.id, error.code, error.reason)
        raise


def _fit(begun: Begun) -> Begun:
    """What a provider wants, if it is bearable: its URL is one of a server, what is kept and posted is short."""
    try:
        server_url(begun.url)
    except ValueError:
        raise IdpMalformed("authorization_endpoint") from None
    if len(begun.url) > MAX_URL or _length(begun.kept) > MAX_KEPT or _length(begun.fields) > MAX_FIELDS:
        raise IdpMalformed("too_long")
    if begun.header.lower() in OWN_HEADERS:
        raise IdpMalformed("header")
    return begun


def _length(texts: Mapping[str, str]) -> int:
    return sum(map(len, (*texts, *texts.values())))


async def _as_it_is(body: bytes) -> bytes | None:
    return body


async def _read(body: bytes) -> Mapping[str, JsonValue] | None:
    try:
        found: JsonValue = json.loads(body)
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) else None
