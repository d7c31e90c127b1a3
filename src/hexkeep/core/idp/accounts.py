"""Whose accounts the links to a provider are, and who may change who is believed about them.

Where another server takes its place its ids may be other people's. And who decides which keys, servers and addresses
are believed can be any user who is linked.
"""

from collections.abc import Iterator, Mapping

from pydantic import JsonValue

from hexkeep.core.idp.kinds import IdpKind
from hexkeep.core.idplink.projection import IDENTITY_PROVIDER_LINKS
from hexkeep.core.kernel.ask import RowsOf
from hexkeep.core.kernel.decision import Context
from hexkeep.core.kernel.errors import FailedPrecondition, PermissionDenied
from hexkeep.core.kernel.permission import Level
from hexkeep.core.kernel.portions import next_portion
from hexkeep.core.kernel.view import ALWAYS, And, Condition, In, Row, Select, Sort, eq
from hexkeep.core.membership.projection import MEMBERSHIPS
from hexkeep.core.membership.state import Held, covers
from hexkeep.core.saml.asks import ReadXml

Settings = Mapping[str, JsonValue]
EVERYTHING = "*"
SIZE, PORTIONS = 1000, 50
"""How many memberships are looked through at a time, and how often; with more it is the business of the owners."""


def insist_on_same_accounts(ctx: Context, kind: IdpKind, provider_id: str, before: Settings, after: Settings) -> None:
    """Raise ``FailedPrecondition`` for settings that name another server while users are linked to accounts at this."""
    moved = next(_moved(ctx, kind, before, after), None)
    if moved is not None and _linked(ctx, provider_id):
        why = f"Users are linked to accounts at this provider, and with another {moved} their ids may be other people's"
        raise FailedPrecondition(f"{why}: make another provider, or remove the links first", setting=moved)


def insist_on_cover_of_linked(ctx: Context, provider_id: str, organization_id: str = "") -> None:
    """Raise ``PermissionDenied`` unless the caller holds all that the users hold who are linked to accounts there.

    Only users of one organization count where that is named. Those who hold something are few, and those who are
    linked may be everybody: the former are looked through.
    """
    if ctx.caller.may(EVERYTHING) or not _linked(ctx, provider_id):
        return
    home = eq("organization_id", organization_id) if organization_id else ALWAYS
    cursor = ""
    for _ in range(PORTIONS):
        portion = next_portion(ctx, MEMBERSHIPS, ALWAYS, cursor, SIZE)
        more = tuple(dict.fromkeys(str(row["user_id"]) for row in portion.rows if not _is_covered(ctx, row)))
        if more and _linked(ctx, provider_id, And((In("user_id", more), home))):
            raise PermissionDenied(
                "Users who are linked to accounts at this provider hold roles that the caller does not"
            )
        if portion.last:
            return
        cursor = portion.cursor
    raise PermissionDenied("Too many users hold roles to look through: this takes an owner of the instance")


def _is_covered(ctx: Context, row: Row) -> bool:
    """Whether the caller holds what a membership gives."""
    roles = row["roles"]
    names = roles if isinstance(roles, tuple) else ()
    held = Held(Level(str(row["level"])), str(row["scope_id"]), names, str(row["organization_id"]))
    return covers(ctx.caller, held, ctx.roles())


def _linked(ctx: Context, provider_id: str, who: Condition = ALWAYS) -> bool:
    """Whether there are links to a provider, of users who are as ``who`` says."""
    return bool(ctx.ask(RowsOf(first_link(provider_id, who), unscoped=True, current=True)))


def first_link(provider_id: str, who: Condition = ALWAYS) -> Select:
    """One of the links to a provider, of users who are as ``who`` says; in the order in which an index has them."""
    where = And((eq("identity_provider_id", provider_id), who))
    return Select(IDENTITY_PROVIDER_LINKS, where, (Sort("user_id"),), limit=1)


def _moved(ctx: Context, kind: IdpKind, before: Settings, after: Settings) -> Iterator[str]:
    """The settings that name another server than before."""
    for name in sorted(kind.accounts_at):
        there, here = _at(before, name), _at(after, name)
        if isinstance(there, list) and isinstance(here, list):
            stays = any(one in there for one in here)
        else:
            stays = there == here
        if not stays:
            yield name
    if kind.metadata and before.get(kind.metadata) != after.get(kind.metadata):
        there, here = (_entity_id(ctx, str(one.get(kind.metadata) or "")) for one in (before, after))
        if not here or there != here:
            yield kind.metadata


def _at(settings: Settings, path: str) -> JsonValue:
    name, _, rest = path.partition(".")
    found = settings.get(name)
    return _at(found, rest) if rest and isinstance(found, dict) else found


def _entity_id(ctx: Context, xml: str) -> str:
    root = ctx.ask(ReadXml(xml.encode())) if xml else None
    return root.get("entityID").strip() if root is not None else ""
