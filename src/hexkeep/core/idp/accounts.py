"""Whose accounts the links to a provider are. Where another server takes its place its ids may be other people's."""

from collections.abc import Iterator, Mapping

from pydantic import JsonValue

from hexkeep.core.idp.kinds import IdpKind
from hexkeep.core.idplink.projection import IDENTITY_PROVIDER_LINKS
from hexkeep.core.kernel.ask import RowsOf
from hexkeep.core.kernel.decision import Context
from hexkeep.core.kernel.errors import FailedPrecondition
from hexkeep.core.kernel.view import Select, eq
from hexkeep.core.saml.asks import ReadXml

Settings = Mapping[str, JsonValue]


def insist_on_same_accounts(ctx: Context, kind: IdpKind, provider_id: str, before: Settings, after: Settings) -> None:
    """Raise ``FailedPrecondition`` for settings that name another server while users are linked to accounts at this."""
    moved = next(_moved(ctx, kind, before, after), None)
    links = Select(IDENTITY_PROVIDER_LINKS, eq("identity_provider_id", provider_id), limit=1)
    if moved is not None and ctx.ask(RowsOf(links, unscoped=True, current=True)):
        why = f"Users are linked to accounts at this provider, and with another {moved} their ids may be other people's"
        raise FailedPrecondition(f"{why}: make another provider, or remove the links first", setting=moved)


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
