"""Features are vertical: a slice knows of another what happened there, what became of it, and what its views show."""

from tests.architecture.source import PACKAGE, imports, modules, name

CORE = PACKAGE / "core"
SLICES = {folder.name for folder in CORE.iterdir() if (folder / "events.py").is_file()}


PUBLIC = {"events", "state", "projection"}
SHARED_RULES = {
    "user.naming",
    "user.passwords",
    "membership.owners",
    "user.access",
    "user.changes",
    "domain.names",
    "group.access",
    "idplink.linking",
    "session.lately",
    "application.client_metadata",
    "application.secrets",
    "application.settings",
    "application.trust",
    "factor.proofs",
    "factor.webauthn",
    "token.founding",
    "token.grants",
}
"""Rules that more than one slice has to apply, each a module of pure functions."""


def test_slices_see_each_other_only_through_events_and_state() -> None:
    """A module of one slice, or of the protocol, has of another slice nothing but its events, state and tables."""
    wrong = [
        f"{name(path)}:{line} {imported}"
        for own in sorted({*SLICES, "oidc", "saml"})
        for path in modules(CORE / own)
        for line, imported in imports(path)
        if _other_slice(imported, own)
    ]
    assert wrong == []


def _other_slice(imported: str, own: str) -> bool:
    parts = imported.split(".")
    if parts[:2] != ["hexkeep", "core"] or len(parts) < 3:
        return False
    if ".".join(parts[2:4]) in SHARED_RULES:
        return False
    return parts[2] in SLICES - {own} and not PUBLIC & set(parts[3:4])
