"""Subject identifiers (OIDC Core section 8): who a person is to an application.

To most it is the user's id. Applications with pairwise subjects get a keyed hash instead, one for each sector: whoever
compares what two sectors know finds nothing in common. Its key has one version for ever and moves with its instance.
"""

from dataclasses import replace
from urllib.parse import urlsplit

from hexkeep.core.application.client_metadata import SubjectType
from hexkeep.core.application.state import Application
from hexkeep.core.kernel.ask import KeyedHash
from hexkeep.core.kernel.decision import Context
from hexkeep.core.oidc.client_documents import application_of
from hexkeep.core.oidc.oidc_core import Hint
from hexkeep.core.oidc.parties import Client, returned_id_token
from hexkeep.core.session.state import SESSION

PURPOSE = "pairwise_subject"
"""The purpose under which subjects are hashed."""


def is_pairwise(application: Application) -> bool:
    """Whether an application is to know nobody by what others know."""
    return application.client_metadata.subject_type is SubjectType.PAIRWISE


def subject_of(ctx: Context, client: Client, user_id: str) -> str:
    """The ``sub`` of a user for an application; what its tokens and answers name the user by."""
    return subject_at(ctx, client.id, client.application, user_id)


def subject_at(ctx: Context, client_id: str, application: Application, user_id: str) -> str:
    """The same for an application that may be out of use by now."""
    if not is_pairwise(application):
        return user_id
    return ctx.ask(KeyedHash(PURPOSE, f"{sector_of(client_id, application)} {user_id}"))


def returned_hint(ctx: Context, token: str) -> Hint | None:
    """What an ``id_token_hint`` says, with the user's id for its subject; ``None`` when it is no ID token of ours.

    Nobody can tell a user from a pairwise subject; the session that the ID token was issued in knows its own.
    """
    hint = returned_id_token(ctx, token)
    if hint is None:
        return None
    application = application_of(ctx, hint.client_id)
    if not is_pairwise(application) or not hint.session_id:
        return hint
    user_id = ctx.load(SESSION, hint.session_id, lapses=True).user_id
    known = bool(user_id) and subject_at(ctx, hint.client_id, application, user_id) == hint.subject
    return replace(hint, subject=user_id) if known else hint


def sector_of(client_id: str, application: Application) -> str:
    """Section 8.1: the host of the sector identifier URI, or of the redirect URIs, which then is one and the same.

    An application that nobody is redirected to is a sector of its own.
    """
    uris = (application.client_metadata.sector_identifier_uri, *application.redirect_uris)
    hosts = (urlsplit(uri).hostname for uri in uris if uri)
    return next((host for host in hosts if host), client_id)
