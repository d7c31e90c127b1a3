"""An identity provider of SAML 2.0, to which the instance is a service provider."""

import secrets
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Generic, ParamSpec, TypeVar

from hexkeep.core.idp.choices import SamlBinding
from hexkeep.core.idp.settings import SamlSettings
from hexkeep.core.kernel.errors import Unavailable
from hexkeep.core.saml.bindings import HTTP_POST, HTTP_REDIRECT
from hexkeep.core.saml.party import SamlParty
from hexkeep.plugins.saml import idp_metadata, messages, single_logout
from hexkeep.plugins.saml.answer import Answer
from hexkeep.plugins.saml.idp_metadata import IdpMetadata
from hexkeep.plugins.saml.people import identity
from hexkeep.plugins.saml.rules import Expected
from hexkeep.plugins.saml.validation import SignatureUnknown, validated
from hexkeep.ports.idp import (
    Begun,
    Identity,
    IdpFailed,
    IdpMalformed,
    IdpUnreachable,
    LogoutThere,
    SamlMessage,
    SignInAsked,
    SignInReturned,
    SignOutAsked,
    Surroundings,
)

P = ParamSpec("P")
R = TypeVar("R")
K = TypeVar("K")
V = TypeVar("V")
ID_BYTES = 20
"""Core section 1.3.4: 128 bits of chance at least, 160 for preference."""

MAX_KEPT = 64


class _Kept(Generic[K, V]):
    """What work gave that comes again with the same thing: nobody need wait for it. The oldest is dropped."""

    def __init__(self) -> None:
        self._known: dict[K, V] = {}

    async def of(self, thing: K, work: Callable[[], Awaitable[V]]) -> V:
        if thing not in self._known:
            found = await work()
            if len(self._known) >= MAX_KEPT:
                self._known.pop(next(iter(self._known)))
            self._known[thing] = found
        return self._known[thing]


_READ: _Kept[tuple[bytes, tuple[str, ...], str], IdpMetadata] = _Kept()
_OWN: _Kept[SamlParty, str] = _Kept()


@dataclass(frozen=True, slots=True)
class Vouched:
    """A ``Judge`` of metadata: they are of this entity, and signed by one of these, where either is said."""

    certificates: tuple[str, ...]
    entity_id: str
    run: Callable[..., Awaitable[IdpMetadata]] = field(compare=False, repr=False)
    """What does it beside the event loop."""

    async def read(self, content: bytes) -> IdpMetadata:
        """What they say; raises ``IdpMalformed`` where they do not count."""
        wanted = (content, self.certificates, self.entity_id)
        return await _READ.of(wanted, lambda: self.run(idp_metadata.read, *wanted))

    async def __call__(self, content: bytes) -> str:
        """Why they do not count."""
        try:
            await self.read(content)
        except IdpFailed as error:
            return error.reason
        return ""


class SamlIdp:
    """An identity provider, as it is called once."""

    def __init__(self, settings: SamlSettings, around: Surroundings) -> None:
        self._settings = settings
        self._around = around

    async def begin(self, asked: SignInAsked) -> Begun:
        """Core section 3.4.1: the AuthnRequest, signed if we want to or the provider does."""
        found, party = await self._metadata(), _known(asked.party)
        binding = HTTP_POST if self._settings.binding is SamlBinding.POST else HTTP_REDIRECT
        if binding not in found.sign_on:
            raise IdpMalformed("metadata_binding")
        now, url = self._around.clock.now(), found.sign_on[binding]
        wish = messages.Wish(_new_id(), url, now, self._settings.name_id_format, asked.anew)
        signs = self._settings.signed_requests or found.wants_signed_requests
        sent = await self._run(messages.sign_on, wish, party, asked.state, binding, signs=signs)
        kept = f"{wish.id} {now.isoformat()}"
        return Begun(sent.url, {"request": kept}, posts=True, fields=sent.fields)

    async def finish(self, returned: SignInReturned) -> Identity:
        """Profiles section 4.1.4.3: who has signed in. A key that is not known may be a new one of the provider."""
        response = returned.parameters.get("SAMLResponse", "")
        if not response:
            raise IdpMalformed("saml_response")
        try:
            return await self._told(returned, response, fresh=False)
        except SignatureUnknown:
            if not self._settings.metadata_url:
                raise
        return await self._told(returned, response, fresh=True)

    async def metadata(self, party: SamlParty) -> str:
        """Metadata section 2.4.4: what the provider has to know of us."""
        return await _OWN.of(party, lambda: self._run(messages.metadata, party))

    async def logout(self, asked: SignOutAsked) -> str:
        """Profiles section 4.4.4.1: by redirect, which is all that a URL can be."""
        return await self._run(single_logout.request, asked, await self._setting(_known(asked.party)))

    async def signed_out(self, message: SamlMessage) -> LogoutThere:
        """Profiles section 4.4.4.1: whom the provider has signed out. A key that is not known may be a new one."""
        try:
            return await self._run(single_logout.signed_out, message, await self._setting(message.party))
        except SignatureUnknown:
            if not self._settings.metadata_url:
                raise
        return await self._run(single_logout.signed_out, message, await self._setting(message.party, fresh=True))

    async def _run(self, function: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
        """Everything that has to do with XML is done beside the event loop."""
        try:
            return await self._around.offload.run(function, *args, **kwargs)
        except IdpFailed:
            raise
        except Unavailable as error:
            raise IdpUnreachable(error.code) from None

    async def _setting(self, party: SamlParty, *, fresh: bool = False) -> single_logout.Setting:
        return single_logout.Setting(await self._metadata(fresh=fresh), party, self._around.clock.now(), _new_id())

    async def _told(self, returned: SignInReturned, response: str, *, fresh: bool) -> Identity:
        found, party = await self._metadata(fresh=fresh), _known(returned.party)
        request_id, asked_at = returned.kept.get("request", "").split(" ")
        expected = Expected(
            issuer=found.entity_id,
            audience=party.entity_id,
            consumer=party.consumer,
            request_id=request_id,
            asked_at=datetime.fromisoformat(asked_at),
            now=self._around.clock.now(),
            name_format=messages.format_of(self._settings.name_id_format),
        )
        told = await self._run(validated, Answer(response, found, party, expected))
        return identity(told, self._settings)

    async def _metadata(self, *, fresh: bool = False) -> IdpMetadata:
        """What is known of the provider; what is over is looked for once more."""
        found = await self._read(fresh=fresh)
        if self._is_over(found) and self._settings.metadata_url and not fresh:
            found = await self._read(fresh=True)
        if self._is_over(found):
            raise IdpMalformed("metadata_expired")
        return found

    def _is_over(self, found: IdpMetadata) -> bool:
        return found.valid_until is not None and found.valid_until <= self._around.clock.now()

    async def _read(self, *, fresh: bool) -> IdpMetadata:
        settings = self._settings
        content: bytes | None = settings.metadata_xml.encode()
        vouched = Vouched(settings.metadata_certificates, settings.entity_id, self._run)
        if settings.metadata_url:
            judge = vouched if vouched.certificates or vouched.entity_id else None
            content = await self._around.documents.content(settings.metadata_url, fresh=fresh, judge=judge)
        if content is None:
            raise IdpUnreachable("metadata")
        return await vouched.read(content)


def _new_id() -> str:
    return f"_{secrets.token_hex(ID_BYTES)}"


def _known(party: SamlParty | None) -> SamlParty:
    if party is None:
        raise IdpMalformed("party")
    return party
