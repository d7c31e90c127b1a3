"""Clients that are known by a document at their address (draft-ietf-oauth-client-id-metadata-document).

The ``client_id`` is the ``https`` URL of a JSON document that describes the client in the words of RFC 7591. It is
fetched through the guard, kept for some minutes for all nodes together, and judged like a registration; what cannot be
used makes a client that is unknown. Such a client has no secret, and nothing but what a person has consented to.
"""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from urllib.parse import urlsplit

from hexkeep.core.application.events import OidcApplicationAdded
from hexkeep.core.application.settings import checked
from hexkeep.core.application.state import APPLICATION, Application, AuthMethod, GrantType
from hexkeep.core.kernel.ask import CountUp, Keep, Kept
from hexkeep.core.kernel.decision import Context
from hexkeep.core.kernel.errors import InvalidInput
from hexkeep.core.kernel.network import network
from hexkeep.core.kernel.outside import FetchText
from hexkeep.core.kernel.urls import public_url
from hexkeep.core.oidc import rfc7591
from hexkeep.core.oidc.errors import OAuthError
from hexkeep.core.oidc.instance_keys import keys_missing
from hexkeep.core.project.state import PROJECT
from hexkeep.core.registration.state import CLIENT_REGISTRATION, CLIENT_REGISTRATION_ID, ClientRegistration

SCHEME = "https://"
SCOPE = "client_document"
"""Under which documents are kept for a while."""
KEPT = timedelta(minutes=5)
MAX_BYTES = 5120
"""The most that the draft advises to read (section 6.6)."""
LONGEST = 200
"""Characters of an address: as many as any name of a client may have here."""
FETCHES, WINDOW_SECONDS = 60, 60
"""How many documents are fetched within a minute, for one address that asks."""
HTTP_OK = 200
METHODS = frozenset({AuthMethod.NONE, AuthMethod.PRIVATE_KEY_JWT})
"""Section 4.1: nothing with a secret that both sides would have to know."""
GRANTS = frozenset({GrantType.AUTHORIZATION_CODE, GrantType.REFRESH_TOKEN})
SECRETS = ("client_secret", "client_secret_expires_at")


def is_document(client_id: str) -> bool:
    """Whether a client names itself by an address: no id of ours begins so."""
    return client_id.startswith(SCHEME)


def application_of(ctx: Context, client_id: str) -> Application:
    """The application behind any ``client_id``, be it registered or known by a document; an initial one for none."""
    return _described(ctx, client_id, _document) if is_document(client_id) else ctx.load(APPLICATION, client_id)


def application_at_hand(ctx: Context, client_id: str) -> Application:
    """The same without fetching anything: of a document only what is still kept, or else its host for a name."""
    if not is_document(client_id):
        return ctx.load(APPLICATION, client_id)
    known = _described(ctx, client_id, _kept)
    return known if known.exists else replace(known, name=urlsplit(client_id).hostname or "")


def _described(ctx: Context, url: str, document: Callable[[Context, str], str]) -> Application:
    """The client that the document at ``url`` describes; one that does not exist where it cannot be used."""
    rules = ctx.load(CLIENT_REGISTRATION, CLIENT_REGISTRATION_ID)
    if not rules.metadata_documents or not _acceptable(url):
        return APPLICATION.initial
    try:
        return _application(ctx, url, document(ctx, url), rules)
    except (OAuthError, InvalidInput):
        return APPLICATION.initial


def _acceptable(url: str) -> bool:
    """Section 3: a path, no dot segments, and neither fragment nor user; no query either, which it advises against."""
    try:
        parts = urlsplit(public_url(url))
    except ValueError:
        return False
    dots = {".", ".."} & set(parts.path.lower().replace("%2e", ".").split("/"))
    return len(url) <= LONGEST and len(parts.path) > 1 and not dots and "?" not in url


def _kept(ctx: Context, url: str) -> str:
    """The text of the document as it was minutes ago; empty where it was not read since."""
    return (ctx.ask(Kept(SCOPE, url)) or b"").decode()


def _document(ctx: Context, url: str) -> str:
    """The text of the document, as it was minutes ago or is; empty where there is none. Failures are not kept."""
    if kept := _kept(ctx, url):
        return kept
    if ctx.ask(CountUp(f"{SCOPE}/{network(ctx.request.address)}", WINDOW_SECONDS)) > FETCHES:
        return ""
    found = ctx.ask(FetchText(url, MAX_BYTES))
    if found.status != HTTP_OK or not found.text:
        return ""
    ctx.ask(Keep(SCOPE, url, found.text.encode(), ctx.now + KEPT))
    return found.text


def _application(ctx: Context, url: str, text: str, rules: ClientRegistration) -> Application:
    """Sections 4 and 4.1. Raises ``OAuthError`` or ``InvalidInput`` for what does not hold.

    Nothing is fetched or made for a client that is not registered: no sector, no key of an algorithm of its own.
    """
    document = {"token_endpoint_auth_method": AuthMethod.NONE.value, **rfc7591.read(text)}
    asked = rfc7591.asked(document, token_endpoint_audience=rules.token_endpoint_audience)
    settings = checked(asked.kind, asked.settings, registered=True)
    fits = document.get("client_id") == url and not any(name in document for name in SECRETS)
    usable = settings.auth_method in METHODS and set(settings.grant_types) <= GRANTS
    served = not settings.client_metadata.sector_identifier_uri and not keys_missing(ctx, settings.client_metadata)
    if not fits or not usable or not served:
        return APPLICATION.initial
    added = OidcApplicationAdded(
        organization_id=ctx.load(PROJECT, rules.project_id).organization_id,
        project_id=rules.project_id,
        application_type=asked.kind.value,
        secret_hash="",
        registered=True,
        uninvited=True,
        **settings.model_copy(update={"name": _name(settings.name, url)}).model_dump(),
    )
    return APPLICATION.fold((added,))


def _name(name: str, url: str) -> str:
    """Section 6.4: people are shown where the client is; what it calls itself anybody can write."""
    host = urlsplit(url).hostname or ""
    return host if name == host else f"{name} ({host})"
