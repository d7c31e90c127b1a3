"""Sign-in by a directory (LDAP, RFC 4511): the person is sought by name, and bound to with the password.

Wrong names, wrong passwords and names of several people are answered alike and after as many steps: where nobody is
found, a bind is tried as somebody whom there is not.
"""

import asyncio
import re
import secrets
from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import asynccontextmanager
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any
from uuid import UUID

from pydantic import JsonValue

from hexkeep.core.idp.catalog import LDAP
from hexkeep.core.idp.settings import LdapSettings
from hexkeep.core.idpintent.identity import MAX_GROUPS
from hexkeep.ports.hooks import hookimpl
from hexkeep.ports.idp import (
    Identity,
    IdpFailed,
    IdpMalformed,
    IdpOffer,
    IdpRefused,
    IdpUnreachable,
    KnownAccount,
    PasswordProvider,
    RefreshingProvider,
    Surroundings,
)

if TYPE_CHECKING:
    from hexkeep.plugins.ldap_session import Entry, Session

REACHED_WITHIN = 2.5
"""Seconds that one server has to take us: whoever waits shall still reach the next one."""
SID_HEAD = 8
"""Bytes before the parts of a security identifier."""
HEX = re.compile(r"(?:[0-9a-f]{2})+")
MEMBER_UID = "memberuid"
"""RFC 2307 section 2.4: the members of a ``posixGroup`` are user names."""
TRUE = "TRUE"
"""RFC 4517 section 3.3.3."""
SUCCESS = 0


class LdapProvider:
    """A directory, as it is asked once."""

    def __init__(self, settings: LdapSettings, around: Surroundings) -> None:
        self._settings = settings
        self._around = around

    async def account(self, login_name: str) -> str:
        """The id of the one entry of that name, whichever of its names it is."""
        if not _is_name(login_name):
            return ""
        async with self._session() as session:
            found = await self._found(session, self._settings.user_filters, (login_name.encode(),))
        try:
            return self._identity(found).external_id if found else ""
        except IdpMalformed:
            return ""

    async def check(self, login_name: str, password: str) -> Identity:
        """RFC 4513 section 5.1.3: the one entry of that name, if its password is this one.

        An empty password is none: directories take it for a wish to be nobody, and agree (section 5.1.2). So might one
        that ends texts at a NUL where a password begins with that.
        """
        if not _is_name(login_name) or not _is_name(password):
            raise IdpRefused("malformed")
        async with self._session() as session:
            found = await self._found(session, self._settings.user_filters, (login_name.encode(),))
            code = await session.bind(found.name if found else self._nobody(), password)
            if found is None:
                raise IdpRefused("no_entry")
            if code != SUCCESS:
                raise IdpRefused(f"bind_{code}")
            return self._identity(found, await self._groups(found))

    async def refresh(self, account: KnownAccount) -> Identity:
        """What the directory tells of the entry with this id by now."""
        attribute = self._settings.attributes.id
        try:
            values = tuple(_values(attribute, account.external_id))
        except (ValueError, OverflowError):
            raise IdpRefused("id") from None
        async with self._session() as session:
            found = await self._found(session, (attribute,), values)
            if found is None or self._identity(found).external_id != account.external_id:
                raise IdpRefused("no_entry")
            return self._identity(found, await self._groups(found))

    @asynccontextmanager
    async def _session(self) -> AsyncIterator["Session"]:
        """A conversation as who may search, with the first server that takes part in one."""
        try:
            async with asyncio.timeout(self._settings.timeout.total_seconds()):
                session = await self._reached()
                try:
                    yield session
                finally:
                    session.close()
        except TimeoutError:
            raise IdpUnreachable("timeout") from None

    async def _reached(self) -> "Session":
        failure: IdpFailed = IdpUnreachable("servers")
        for url in self._settings.servers:
            try:
                async with asyncio.timeout(REACHED_WITHIN):
                    return await self._introduced(url)
            except TimeoutError:
                failure = IdpUnreachable("timeout")
            except _Unwilling as error:
                raise IdpUnreachable(error.reason) from None
            except IdpFailed as error:
                failure = error
        raise failure

    async def _introduced(self, url: str) -> "Session":
        """A conversation with one server."""
        from hexkeep.plugins.ldap_session import Session

        session = await Session.open(self._around.outbound, url, start_tls=self._settings.start_tls)
        try:
            await self._introduce(session)
        except BaseException:
            session.close()
            raise
        return session

    async def _introduce(self, session: "Session") -> None:
        """Become who may search. A wrong password of ours is tried once: the next server would count it too."""
        settings = self._settings
        code = await session.bind(settings.bind_dn, settings.bind_password) if settings.bind_dn else SUCCESS
        if code != SUCCESS:
            raise _Unwilling(f"bind_dn_{code}")

    async def _found(
        self, session: "Session", attributes: tuple[str, ...], values: tuple[bytes, ...]
    ) -> "Entry | None":
        """The entry that is meant. Of several it is none, and so it is of one that has no name to bind with."""
        from hexkeep.plugins.ldap_session import Sought

        settings = self._settings
        told = tuple(filter(None, dict.fromkeys(settings.attributes.model_dump().values())))
        sought = Sought(settings.base_dn, settings.user_object_classes, attributes, values, told)
        found = await session.search(sought)
        return found[0] if len(found) == 1 and found[0].name else None

    async def _groups(self, entry: "Entry") -> tuple[bytes, ...]:
        """The names of the groups that have it as a member, or what it tells itself.

        They are sought by who may search, in a conversation that ends with it: the person may see fewer groups.
        """
        from hexkeep.plugins.ldap_session import Sought

        settings = self._settings
        if not settings.group_base_dn:
            return entry.attributes.get(settings.attributes.groups.lower(), ())
        member, name = settings.group_member_attribute, settings.group_name_attribute
        values: tuple[bytes, ...] = (entry.name.encode(),)
        if member.lower() == MEMBER_UID:
            values = entry.attributes.get(settings.attributes.user_name.lower(), ())
        if not values:
            return ()
        classes = settings.group_object_classes
        sought = Sought(settings.group_base_dn, classes, (member,), values, (name,), "group_base_dn")
        async with self._session() as session:
            found = await session.pages(sought, MAX_GROUPS)
        return tuple(value for one in found for value in one.attributes.get(name.lower(), ())[:1])

    def _nobody(self) -> str:
        return f"cn={secrets.token_hex(16)},{self._settings.base_dn}"

    def _identity(self, entry: "Entry", groups: tuple[bytes, ...] = ()) -> Identity:
        names = self._settings.attributes
        ids = entry.attributes.get(names.id.lower(), ())
        if len(ids) != 1:
            raise IdpMalformed("id")
        told = {name: _texts(values) for name, values in entry.attributes.items()}

        def first(name: str) -> str:
            return next(iter(told.get(name.lower(), ())), "")

        fields: dict[str, Any] = {
            **{name: first(getattr(names, name)) for name in ("user_name", "display_name", "given_name")},
            **{name: first(getattr(names, name)) for name in ("family_name", "email", "phone", "picture")},
            "nickname": first(names.nick_name),
            "preferred_language": first(names.preferred_language),
        }
        try:
            return Identity(
                external_id=_stable(names.id, ids[0]),
                email_verified=first(names.email_verified).upper() == TRUE,
                phone_verified=first(names.phone_verified).upper() == TRUE,
                groups=_texts(groups),
                claims=_claims(told),
                **fields,
            )
        except ValueError:
            raise IdpMalformed("id") from None


class _Unwilling(IdpFailed):
    """The directory does not let us search: no other server of it will, and each would count the attempt."""


def _is_name(text: str) -> bool:
    """Whether somebody's name, or password, could be such: it is not empty, has no NUL and can be written in UTF-8."""
    return bool(text) and not any(one == "\0" or "\ud800" <= one <= "\udfff" for one in text)


def _texts(values: Iterable[bytes]) -> tuple[str, ...]:
    """Those values that are texts."""
    return tuple(text for value in values if (text := _text(value)) is not None)


def _text(value: bytes) -> str | None:
    """The text that a value is; a picture or a number in octets is none."""
    try:
        text = value.decode()
    except UnicodeDecodeError:
        return None
    return text if text.isprintable() else None


def _claims(told: Mapping[str, tuple[str, ...]]) -> dict[str, JsonValue]:
    return {name: values[0] if len(values) == 1 else list(values) for name, values in told.items() if values}


def _stable(attribute: str, value: bytes) -> str:
    """An id as text, by which it is found again: what is no text by its usual form, or in hexadecimal digits."""
    match attribute.lower():
        case "objectguid":
            return str(UUID(bytes_le=value))
        case "objectsid":
            return _sid(value)
    text = _text(value)
    return text if text and text == text.strip() else value.hex()


def _values(attribute: str, text: str) -> Iterable[bytes]:
    """What may stand in the directory for an id that is such a text."""
    match attribute.lower():
        case "objectguid":
            yield UUID(text).bytes_le
        case "objectsid":
            _, revision, authority, *parts = text.split("-")
            numbers = b"".join(int(one).to_bytes(4, "little") for one in parts)
            yield bytes((int(revision), len(parts))) + int(authority).to_bytes(6) + numbers
        case _:
            yield text.encode()
            if HEX.fullmatch(text):
                yield bytes.fromhex(text)


def _sid(value: bytes) -> str:
    """The form that people know (MS-DTYP section 2.4.2.1); ``ValueError`` for what is none."""
    if len(value) < SID_HEAD or len(value) != SID_HEAD + 4 * value[1]:
        raise ValueError("no SID")
    parts = (int.from_bytes(value[at : at + 4], "little") for at in range(SID_HEAD, len(value), 4))
    return "-".join(("S", str(value[0]), str(int.from_bytes(value[2:8])), *map(str, parts)))


class LdapIdentityProviders:
    """The plugin. Without sansldap (``hexkeep[ldap]``) directories stay records."""

    name = "idp_ldap"

    @hookimpl
    def hexkeep_identity_providers(self) -> Iterable[IdpOffer[Any]]:
        """Any directory that is reached over TLS."""
        if find_spec("sansldap") is None:
            return ()
        return (IdpOffer(LDAP, LdapSettings, LdapProvider, frozenset({PasswordProvider, RefreshingProvider})),)
