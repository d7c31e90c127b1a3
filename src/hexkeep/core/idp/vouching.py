"""Metadata of SAML that somebody has to vouch for, looked at when it is set up: so who does it learns what is wrong."""

from hexkeep.core.idp.kinds import IdpSettings
from hexkeep.core.idp.settings import SamlSettings
from hexkeep.core.kernel.decision import Context
from hexkeep.core.kernel.errors import InvalidInput, Violation
from hexkeep.core.kernel.outside import FetchText
from hexkeep.core.kernel.urls import is_local
from hexkeep.core.saml.anchors import insist_on_certificates, vouched_for
from hexkeep.core.saml.xml import md

JUDGED = frozenset({"metadata_xml", "metadata_url", "metadata_certificates", "entity_id"})
"""The settings of which one that is handed in has all of them looked at."""
MAX_FETCHED = 262_144
HTTP_OK = 200


def insist_on_vouched(ctx: Context, settings: IdpSettings) -> None:
    """Raise ``InvalidInput`` for metadata that none of the certificates in the settings has signed, if there are any.

    At a URL it is fetched for that, and again by the provider itself. Metadata of SAML 2.0 section 3.
    """
    if not isinstance(settings, SamlSettings) or not settings.metadata_certificates:
        return
    insist_on_certificates(ctx, settings.metadata_certificates)
    field, text = "metadata_xml", settings.metadata_xml
    if settings.metadata_url:
        field, text = "metadata_url", _fetched(ctx, settings.metadata_url)
    root = vouched_for(ctx, text, settings.metadata_certificates, field)
    alone = root is not None and root.name == md("EntityDescriptor")
    if root is not None and alone and settings.entity_id not in {"", root.get("entityID").strip()}:
        raise InvalidInput("", Violation("entity_id", "is not what the metadata calls the provider"))


def _fetched(ctx: Context, url: str) -> str:
    found = ctx.ask(FetchText(url, MAX_FETCHED, plain=is_local(url)))
    if found.status != HTTP_OK or not found.text:
        raise InvalidInput("", Violation("metadata_url", f"cannot be fetched: {found.failure or found.status}"))
    return found.text
