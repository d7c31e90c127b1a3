"""Metadata at a URL is read again: by command, every hour, and where a service provider's signature does not hold.

Service providers change their keys, and say so there.
"""

from datetime import timedelta

from hexkeep.core.application import saml_metadata
from hexkeep.core.application.events import SamlApplicationChanged
from hexkeep.core.application.projection import SAML_SOURCES
from hexkeep.core.application.saml_applications import changed, provider_of
from hexkeep.core.application.saml_metadata import Source
from hexkeep.core.application.state import APPLICATION, SamlProvider
from hexkeep.core.kernel.ask import ClaimOnce
from hexkeep.core.kernel.decision import Context, Decision, FollowUp
from hexkeep.core.kernel.errors import FailedPrecondition, PermissionDenied
from hexkeep.core.kernel.fields import Id
from hexkeep.core.kernel.operation import Empty, Message
from hexkeep.core.kernel.permission import CallerKind
from hexkeep.core.kernel.portions import next_portion
from hexkeep.core.kernel.update import Conditional, expect
from hexkeep.core.kernel.view import ALWAYS

EVERY = timedelta(hours=1)
"""Metadata section 2.3.2, ``cacheDuration``: what may be kept for an hour and longer is read again in time."""
REST = timedelta(minutes=5)
"""How often a URL is asked at most without anybody's command: whoever brings wrong signatures makes us ask."""
ASKED = "saml_metadata"
"""Under which it is remembered that a URL was asked."""
REFRESH, REFRESH_ALL = "RefreshSamlMetadata", "RefreshAllSamlMetadata"


class FetchSamlMetadata(Conditional):
    """The application whose metadata to fetch again."""

    client_id: Id


class RefreshSamlMetadata(Message):
    """The application whose metadata may have changed."""

    client_id: Id


class RefreshAllSamlMetadata(Message):
    """Asks for the metadata of all applications that have it at a URL."""


def fetch_saml_metadata(request: FetchSamlMetadata, ctx: Context) -> Decision[Empty]:
    """Fetch the metadata of a SAML application again from where it is. It has to have the same entity id.

    That happens every hour by itself; this is for whoever cannot wait.
    """
    name, present = provider_of(ctx, request.client_id)
    expect(ctx, APPLICATION, request.client_id, request)
    if not present.metadata_url:
        raise FailedPrecondition("The metadata of this application was handed in, so there is nothing to fetch")
    return _read_again(ctx, request.client_id, name, present)


def refresh_saml_metadata(request: RefreshSamlMetadata, ctx: Context) -> Decision[Empty]:
    """The same for the engine: for an application that is in use, and not more often than every few minutes."""
    _insist_on_engine(ctx)
    application = ctx.load(APPLICATION, request.client_id)
    present = application.saml
    if present is None or not application.active or not present.metadata_url:
        return Decision(Empty())
    if not ctx.ask(ClaimOnce(ASKED, request.client_id, ctx.now + REST)):
        return Decision(Empty())
    return _read_again(ctx, request.client_id, application.name, present)


def refresh_all_saml_metadata(_: RefreshAllSamlMetadata, ctx: Context) -> Decision[Empty]:
    """Have the metadata of all applications that have it at a URL read again, each by itself."""
    _insist_on_engine(ctx)
    found: list[str] = []
    cursor, last = "", False
    while not last:
        portion = next_portion(ctx, SAML_SOURCES, ALWAYS, cursor)
        found += (str(row["client_id"]) for row in portion.rows)
        cursor, last = portion.cursor, portion.last
    return Decision(Empty(), then=tuple(FollowUp(REFRESH, {"client_id": client_id}) for client_id in found))


def _insist_on_engine(ctx: Context) -> None:
    if ctx.caller.kind is not CallerKind.SYSTEM:
        raise PermissionDenied
    ctx.authorize()


def _read_again(ctx: Context, client_id: str, name: str, present: SamlProvider) -> Decision[Empty]:
    source = Source(url=present.metadata_url, certificates=present.metadata_certificates)
    found = saml_metadata.taken(ctx, source)
    if found.entity_id != present.metadata.entity_id:
        raise FailedPrecondition("What is there now is the metadata of another service provider")
    after = SamlApplicationChanged(
        name=name,
        metadata=saml_metadata.renewed(present.metadata, found, ctx.now),
        metadata_url=present.metadata_url,
        options=present.options,
        metadata_certificates=present.metadata_certificates,
    )
    return changed(client_id, name, present, after)
