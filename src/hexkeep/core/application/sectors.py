"""What registered metadata name that has to be looked at: sectors of pairwise subjects, and distinguished names."""

import json

from pydantic import JsonValue

from hexkeep.core.application.events import OidcApplicationChanged
from hexkeep.core.application.metadata_rules import FIELD
from hexkeep.core.application.state import AuthMethod
from hexkeep.core.kernel.decision import Context
from hexkeep.core.kernel.errors import InvalidInput, Violation
from hexkeep.core.kernel.outside import FetchText
from hexkeep.core.oidc.x509 import ReadName

MAX_BYTES = 65_536
HTTP_OK = 200


def insist_on_sector(ctx: Context, settings: OidcApplicationChanged, present: OidcApplicationChanged | None) -> None:
    """OIDC Core section 8.1: all redirect URIs stand in the JSON array at the sector identifier URI.

    Looked at whenever one of the two changes. Raises ``InvalidInput``.
    """
    uri = settings.client_metadata.sector_identifier_uri
    if not uri or (present is not None and _same(settings, present)):
        return
    found = ctx.ask(FetchText(uri, MAX_BYTES))
    listed = _listed(found.text) if found.status == HTTP_OK else None
    field = f"{FIELD}.sector_identifier_uri"
    if listed is None:
        reason = found.failure or f"status {found.status}"
        raise InvalidInput("", Violation(field, f"must answer with a JSON array of redirect URIs ({reason})"))
    if not set(settings.redirect_uris) <= listed:
        raise InvalidInput("", Violation(field, "must list every redirect URI of the application"))


def _same(settings: OidcApplicationChanged, present: OidcApplicationChanged) -> bool:
    same = settings.client_metadata.sector_identifier_uri == present.client_metadata.sector_identifier_uri
    return same and set(settings.redirect_uris) <= set(present.redirect_uris)


def _listed(text: str) -> frozenset[str] | None:
    try:
        found: JsonValue = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return frozenset(one for one in found if isinstance(one, str)) if isinstance(found, list) else None


def insist_on_name(ctx: Context, settings: OidcApplicationChanged) -> None:
    """RFC 8705 section 2.1.2: the subject is a distinguished name in the form of RFC 4514; raises ``InvalidInput``."""
    name = settings.client_metadata.tls_client_auth_subject_dn
    if settings.auth_method == AuthMethod.TLS_CLIENT_AUTH and name and ctx.ask(ReadName(name)) is None:
        problem = "must be a distinguished name such as CN=client,O=Example,C=CH (RFC 4514)"
        raise InvalidInput("", Violation(f"{FIELD}.tls_client_auth_subject_dn", problem))
