"""Who takes part in a protocol run, as the aggregates have them now: the client, the person, a returned ID token.

This is the one place that knows whose activity depends on whose: an application works while its project and
organization are active, a person while the session, the user and the organization are.
"""

from dataclasses import dataclass, replace
from datetime import datetime

from hexkeep.core.application.state import Application, ApplicationType, AuthMethod, GrantType
from hexkeep.core.kernel.ask import VerifyJwt, VerifyKeyedHash
from hexkeep.core.kernel.decision import Context
from hexkeep.core.key.state import SIGNING_KEYS, SIGNING_KEYS_ID
from hexkeep.core.oidc.client_documents import application_of
from hexkeep.core.oidc.grants import is_open_to, standing_authorizations
from hexkeep.core.oidc.oidc_core import ID_TOKEN_TYPE, Hint, read_hint
from hexkeep.core.oidc.organizations import is_meant
from hexkeep.core.oidc.rfc6749 import redirect_origin
from hexkeep.core.oidc.rfc7800 import BEARER, Confirmation
from hexkeep.core.oidc.rfc8252 import is_registered
from hexkeep.core.oidc.rfc8707 import project_of
from hexkeep.core.organization.state import ORGANIZATION
from hexkeep.core.project.state import PROJECT, Project
from hexkeep.core.session.state import SESSION, TOKEN_PURPOSE, Session, Standing, parse_token, proves, standing
from hexkeep.core.user.state import USER, User


@dataclass(frozen=True, slots=True)
class Client:
    """An application that may be used now, and its project."""

    id: str
    application: Application
    project: Project
    confirmation: Confirmation = BEARER
    """What it has shown in this call, and what the tokens are bound to that it gets in answer."""

    @property
    def public(self) -> bool:
        """RFC 6749 section 2.1: whether it has no secret."""
        return self.application.auth_method is AuthMethod.NONE

    @property
    def refreshes(self) -> bool:
        """Whether it registered the refresh grant."""
        return GrantType.REFRESH_TOKEN in self.application.grant_types

    @property
    def asserts_roles(self) -> bool:
        """Whether its users' roles are told unasked."""
        return self.application.role_assertion or self.project.role_assertion

    def may_redirect_to(self, uri: str) -> bool:
        """Whether an authorization response may go to ``uri``."""
        return is_registered(uri, self.application.redirect_uris, native=self._native)

    def may_return_to(self, uri: str) -> bool:
        """Whether a logout may end at ``uri``."""
        return is_registered(uri, self.application.post_logout_redirect_uris, native=self._native)

    def form_target(self, uri: str) -> str:
        """What ``form-action`` lists for the redirect that opens an app by ``uri``; empty where it is a site's.

        Apps are opened by schemes of their own and by https links that they claim (RFC 8252 sections 7.1 and 7.2): by
        what follows a person's press, and not always by a page that goes on by itself.
        """
        return redirect_origin(uri) if self._native and not uri.startswith("http://") else ""

    @property
    def _native(self) -> bool:
        return self.application.type is ApplicationType.NATIVE


def active_client(ctx: Context, client_id: str) -> Client | None:
    """The client, or ``None`` when it, its project or its organization is unknown or inactive."""
    application = application_of(ctx, client_id)
    if not application.active or not ctx.load(ORGANIZATION, application.organization_id).active:
        return None
    project = ctx.load(PROJECT, application.project_id)
    if not project.active:
        return None
    ctx.client_id = client_id
    return Client(client_id, _within_reach(ctx, application), project)


def _within_reach(ctx: Context, application: Application) -> Application:
    """Without the projects of others among its resources, but those that are granted to its organization now.

    Anybody may register anything. A token for somebody else's project, with the person's roles there, is not for
    whoever has the person sign in to ask for.
    """
    metadata, own = application.client_metadata, application.organization_id
    projects = {one: project_of(one) for one in metadata.resources if project_of(one)}
    closed = {one for one, project_id in projects.items() if not is_open_to(ctx, project_id, own)}
    if not closed:
        return application
    resources = tuple(one for one in metadata.resources if one not in closed)
    return replace(application, client_metadata=metadata.model_copy(update={"resources": resources}))


def active_user(ctx: Context, user_id: str) -> User | None:
    """The user, or ``None`` when the user or the user's organization is unknown or inactive."""
    user = ctx.load(USER, user_id)
    return user if user.active_at(ctx.now) and ctx.load(ORGANIZATION, user.organization_id).active else None


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who has signed in with this browser. ``checked_at`` is when the person last proved here who it is.

    ``authenticated_at`` is when that was which the proof rests on: as long ago as an identity provider tells, and
    empty where one does not.
    """

    user_id: str
    user: User
    session_id: str
    checked_at: datetime
    methods: tuple[str, ...] = ("pwd",)
    """How (RFC 8176)."""
    external: bool = False
    """Whether an identity provider was the last to say who it is."""
    vouched_at: datetime | None = None
    """When it last said so, also without the person."""
    authenticated_at: datetime | None = None

    @property
    def auth_time(self) -> datetime:
        """OIDC Core section 2: when the person authenticated, as far as anybody knows."""
        return self.authenticated_at or self.checked_at


def signed_in(ctx: Context, session_token: str) -> Person | None:
    """The person behind a session token, or ``None`` when somebody has to sign in.

    Who has to choose a new password, or to prove or set up a second factor, has not signed in yet.
    """
    held = held_session(ctx, session_token)
    user = active_user(ctx, held[1].user_id) if held else None
    if held is None or user is None or user.password_change_required:
        return None
    session_id, session = held
    if session.checked_at is None or standing(ctx, session, user) is not Standing.PROVEN:
        return None
    how = (session.methods, session.external, session.vouched_at, session.authenticated_at)
    return Person(session.user_id, user, session_id, session.checked_at, *how)


def unfinished(ctx: Context, session_token: str, organization_id: str = "") -> bool:
    """Whether somebody has given a password here, but has something else to do before that is a sign-in.

    Somebody of one organization, if one is named.
    """
    held = held_session(ctx, session_token)
    user = active_user(ctx, held[1].user_id) if held else None
    if held is None or user is None or not proves(held[1], user, ctx.now):
        return False
    if organization_id not in {"", user.organization_id}:
        return False
    return user.password_change_required or standing(ctx, held[1], user) is not Standing.PROVEN


def held_session(ctx: Context, session_token: str) -> tuple[str, Session] | None:
    """The session that a token is for, by id, or ``None`` when it is over or the token is not its present one.

    To hold a session is not to be signed in: see ``signed_in``.
    """
    found = session_of(ctx, session_token)
    return found if found is not None and found[1].active(ctx.now) else None


def session_of(ctx: Context, session_token: str) -> tuple[str, Session] | None:
    """The same, whatever has become of the session; ``None`` where the token is not its present one."""
    parsed = parse_token(session_token)
    if parsed is None:
        return None
    session_id, secret = parsed
    session = ctx.load(SESSION, session_id, lapses=True)
    fits = ctx.ask(VerifyKeyedHash(TOKEN_PURPOSE, secret, session.token_hash))
    return (session_id, session) if fits else None


def admits(ctx: Context, client: Client, user_id: str, granted: tuple[str, ...] = ()) -> bool:
    """Whether the application's project lets this user in: everybody, or only who has an authorization that counts.

    With scopes also whether it is somebody of the organization that they are for, where they are for one.
    """
    if not is_meant(ctx, granted, ctx.load(USER, user_id).organization_id):
        return False
    if not client.project.authorization_required:
        return True
    return bool(standing_authorizations(ctx, user_id, client.application.project_id))


def returned_id_token(ctx: Context, token: str) -> Hint | None:
    """What an ``id_token_hint`` says, whether it has expired or not; ``None`` when it is not an ID token of ours."""
    keys = ctx.load(SIGNING_KEYS, SIGNING_KEYS_ID).published()
    claims = ctx.ask(VerifyJwt(token, keys, ID_TOKEN_TYPE))
    return None if claims is None else read_hint(claims, ctx.request.issuer)
