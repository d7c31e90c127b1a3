"""Directories whose providers believe, or tell, one thing too many each."""

import asyncio
import ssl
import sys
from collections.abc import AsyncIterator, Callable, Mapping
from typing import Any

import pytest
from sansldap import LDAPFilter, SearchResultEntry

from hexkeep.core.idp.catalog import LDAP
from hexkeep.core.idp.settings import LdapSettings
from hexkeep.plugins.idp_ldap import LdapProvider
from hexkeep.plugins.ldap_session import Entry, Session, Sought
from hexkeep.ports.idp import Identity, IdpFailed, IdpMalformed, IdpOffer, IdpRefused, PasswordProvider, Surroundings
from hexkeep.testing.idp_password import PasswordIdpContract
from hexkeep.testing.idp_password import PasswordMisbehaviour as Fault
from tests.contract.broken.defects import DEFECTS
from tests.fakes.directory import BASE, Directory, directory


def signed_in_by(*how: Fault) -> tuple[str, ...]:
    """The rules that have to fail where these are believed."""
    return tuple(f"test_password_does_not_count_there[{one}]" for one in how)


def caught_by(*rules: str, plain: bool = False) -> Callable[[type[LdapProvider]], type[LdapProvider]]:
    """Declare a defect, and the rules of the kit that have to fail; ``plain``: of one that encrypts by StartTLS."""

    def declare(kind: type[LdapProvider]) -> type[LdapProvider]:
        module = sys.modules[kind.__module__]

        @pytest.fixture
        def offer(self: object) -> IdpOffer[Any]:
            return IdpOffer(LDAP, LdapSettings, kind, frozenset({PasswordProvider}))

        @pytest.fixture
        async def upstream(self: object) -> AsyncIterator[Directory]:
            async with directory() as made:
                yield made

        @pytest.fixture
        def settings(self: object, upstream: Directory) -> Mapping[str, object]:
            by_start_tls = {"servers": ("ldap://localhost",), "start_tls": True}
            return {**upstream.settings, **(by_start_tls if plain else {})}

        members = {"offer": offer, "settings": settings, "upstream": upstream, "__module__": kind.__module__}
        title = f"Test{kind.__name__}"
        setattr(module, title, type(title, (PasswordIdpContract,), {**members, "patience": 2.0}))
        DEFECTS[title] = (str(module.__file__), rules)
        return kind

    return declare


@caught_by("test_whose_password_it_is_is_told")
class TellsNoName(LdapProvider):
    async def check(self, login_name: str, password: str) -> Identity:
        return Identity(external_id=(await super().check(login_name, password)).external_id)


@caught_by("test_id_is_the_same_each_time_and_no_others")
class TellsPeopleApartByName(LdapProvider):
    def _identity(self, entry: Entry, groups: tuple[bytes, ...] = ()) -> Identity:
        found = super()._identity(entry, groups)
        return found.model_copy(update={"external_id": found.user_name})


@caught_by("test_address_of_which_nobody_vouches_is_not_verified")
class VouchesForAddresses(LdapProvider):
    def _identity(self, entry: Entry, groups: tuple[bytes, ...] = ()) -> Identity:
        return super()._identity(entry, groups).model_copy(update={"email_verified": True})


@caught_by("test_wrong_name_is_like_a_wrong_password")
class TellsWhoIsThere(LdapProvider):
    async def _found(self, session: Session, attributes: tuple[str, ...], values: tuple[bytes, ...]) -> Entry | None:
        found = await super()._found(session, attributes, values)
        if found is None:
            raise IdpRefused("no_entry")
        return found


@caught_by("test_names_of_an_account_are_counted_as_one")
class CountsByName(LdapProvider):
    async def account(self, login_name: str) -> str:
        return login_name.casefold() if await super().account(login_name) else ""


@caught_by("test_empty_password_is_never_tried")
class TriesEmptyPasswords(LdapProvider):
    async def check(self, login_name: str, password: str) -> Identity:
        async with self._session() as session:
            found = await self._found(session, self._settings.user_filters, (login_name.encode(),))
            session._client.bind_simple(found.name if found else self._nobody(), password)
            answer: Any = await session._answer()
            if found is None or answer.result.result_code:
                raise IdpRefused
            return self._identity(found)


class Writing(Session):
    """Writes a filter as text."""

    async def search(self, sought: Sought) -> list[Entry]:
        written = LDAPFilter.from_string(f"({sought.attributes[0]}={sought.values[0].decode()})")
        self._client.search_request(BASE, filter=written, attributes=list(sought.told))
        found = []
        while isinstance(answer := await self._answer(), SearchResultEntry):
            found.append(Entry(answer.object_name, {one.name.lower(): tuple(one.values) for one in answer.attributes}))
        return found


@caught_by("test_name_is_no_pattern", "test_name_may_be_any")
class WritesFilters(LdapProvider):
    async def _introduced(self, url: str) -> Session:
        session = await Writing.open(self._around.outbound, url, start_tls=False)
        await self._introduce(session)
        return session


@caught_by("test_password_may_be_any")
class TrimsPasswords(LdapProvider):
    async def check(self, login_name: str, password: str) -> Identity:
        return await super().check(login_name, password.strip())


@caught_by("test_attempt_counts_once")
class TriesTwice(LdapProvider):
    async def check(self, login_name: str, password: str) -> Identity:
        try:
            return await super().check(login_name, password)
        except IdpRefused:
            return await super().check(login_name, password)


LAST: list[str] = []


@caught_by("test_sign_ins_at_once_are_not_mixed_up")
class RemembersTheLastName(LdapProvider):
    async def check(self, login_name: str, password: str) -> Identity:
        LAST[:] = [login_name]
        await asyncio.sleep(0)
        return await super().check(LAST[0], password)


@caught_by("test_reasons_tell_neither_name_nor_password")
class LogsNames(LdapProvider):
    async def check(self, login_name: str, password: str) -> Identity:
        try:
            return await super().check(login_name, password)
        except IdpRefused:
            raise IdpRefused(login_name) from None


class TrustingEverybody(Directory):
    """A way out that verifies nothing."""

    def tls(self) -> ssl.SSLContext:
        context = ssl.create_default_context()
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        return context


@caught_by(*signed_in_by(Fault.FOREIGN_CERTIFICATE, Fault.OTHER_HOST))
class TrustsEverybody(LdapProvider):
    def __init__(self, settings: LdapSettings, around: Surroundings) -> None:
        super().__init__(settings, around)
        around.outbound.tls = lambda: TrustingEverybody.tls(around.outbound)  # type: ignore[method-assign, arg-type]  # breaks it on purpose


@caught_by(*signed_in_by(Fault.PLAIN), plain=True)
class GoesOnInPlain(LdapProvider):
    async def _introduced(self, url: str) -> Session:
        connected = await self._around.outbound.connect("localhost", 636)
        session = Session(*await asyncio.open_connection(sock=connected))
        await self._introduce(session)
        return session


@caught_by(*signed_in_by(Fault.TWO_ACCOUNTS, Fault.NO_ID))
class TakesWhatComesFirst(LdapProvider):
    async def _found(self, session: Session, attributes: tuple[str, ...], values: tuple[bytes, ...]) -> Entry | None:
        told = ("entryUUID", "uid", "mail")
        found = await session.search(Sought(self._settings.base_dn, (), attributes, values, told))
        return found[0] if found else None

    def _identity(self, entry: Entry, groups: tuple[bytes, ...] = ()) -> Identity:
        if not entry.attributes.get("entryuuid"):
            return Identity(external_id=entry.name)
        return super()._identity(entry, groups)


class Believing(Session):
    """Takes whatever is not an error for success."""

    async def bind(self, name: str, password: str) -> int:
        self._client.bind_simple(name, password)
        answer = await self._answer()
        return int(getattr(answer, "result", None) is not None and answer.result.result_code)  # type: ignore[attr-defined]  # just so


@caught_by(*signed_in_by(Fault.OTHER_ANSWER, Fault.NO_NAME, Fault.FAILS))
class BelievesAnyAnswer(LdapProvider):
    async def _introduced(self, url: str) -> Session:
        session = await Believing.open(self._around.outbound, url, start_tls=False)
        await self._introduce(session)
        return session

    async def _found(self, session: Session, attributes: tuple[str, ...], values: tuple[bytes, ...]) -> Entry | None:
        told = ("entryUUID", "uid", "mail")
        found = await session.search(Sought(self._settings.base_dn, (), attributes, values, told))
        return found[0] if len(found) == 1 else None


@caught_by(*signed_in_by(Fault.NONSENSE, Fault.TOO_LARGE, Fault.ENDLESS, Fault.BREAKS_OFF, Fault.UNREACHABLE))
class FailsInOtherWords(LdapProvider):
    async def check(self, login_name: str, password: str) -> Identity:
        try:
            return await super().check(login_name, password)
        except IdpFailed as error:
            raise ValueError from error


@caught_by(*signed_in_by(Fault.HANGS))
class WaitsForever(LdapProvider):
    async def check(self, login_name: str, password: str) -> Identity:
        try:
            return await super().check(login_name, password)
        except IdpFailed:
            await asyncio.Event().wait()
            raise IdpMalformed from None
