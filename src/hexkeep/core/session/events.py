"""What happens to sessions, and which sign-ins failed. All of it is logged in the activity log."""

from datetime import datetime
from typing import Annotated

from hexkeep.core.kernel.event import Event, Hidden, Personal

TokenHash = Annotated[str, Hidden()]
"""The keyed hash of a secret that its holder presents."""


class SessionCreated(Event):
    """A session of a user began. ``token_hash`` is the keyed hash of the secret that its holder presents."""

    type = "session.created"

    user_id: str
    organization_id: str
    token_hash: TokenHash
    expires_at: datetime
    user_agent: Annotated[str, Personal("user_id")] = ""


class SessionPasswordChecked(Event):
    """The user gave the right password at that time; it was the user's ``password_version``-th."""

    type = "session.password.checked"

    checked_at: datetime
    password_version: int = 0


class SessionFactorChecked(Event):
    """The user proved a second factor at that time. ``factor`` is the kind.

    With ``alone`` a passkey has verified who used it: it stands for a password too, and lasts like the user's
    ``password_version``-th.
    """

    type = "session.factor.checked"

    factor: str
    checked_at: datetime
    alone: bool = False
    password_version: int = 0


class SessionIdpChecked(Event):
    """An identity provider said at that time that this is the user. It lasts like the password of that version.

    ``name_hash`` and ``index_hash`` are keyed hashes of what the provider calls the user and the session when it tells
    of a logout; empty where it does not.
    The link is the one that the account there has to the user; empty for sessions from before that was written down.
    ``authenticated_at`` is when the user had signed in there, as the provider tells; empty where it does not.
    ``anew``: it tells nothing of that, but was asked to have the user prove it for this.
    """

    type = "session.idp.checked"

    identity_provider_id: str
    checked_at: datetime
    password_version: int = 0
    name_hash: TokenHash = ""
    index_hash: TokenHash = ""
    identity_provider_link_id: str = ""
    anew: bool = False
    authenticated_at: datetime | None = None


class SessionIdpConfirmed(Event):
    """The identity provider was asked again at that time, without the user, and still has the account."""

    type = "session.idp.confirmed"

    confirmed_at: datetime


class IdpSessionKept(Event):
    """What an identity provider needs to sign the user out there, or to be asked again, as long as a session lasts.

    The aggregate's id is the session's. ``session`` is the provider's own text, which may hold its tokens.
    ``session_ends_at`` is when the session here is over, empty where nothing has to be given back then.
    """

    type = "idp_session.kept"

    user_id: str
    identity_provider_id: str
    external_id: Annotated[str, Personal("user_id")]
    session: Annotated[str, Personal("user_id"), Hidden()]
    session_ends_at: datetime | None = None


class SessionIdpOthersEnded(Event):
    """The identity provider has ended more sessions than end at once with this one: all of these are to end.

    They are those that had begun by ``ended_at``, by what the provider calls the user and by one of the sessions there.
    ``name_hash`` and ``index_hashes`` are as in ``SessionIdpChecked``; an empty one says nothing of which.
    """

    type = "session.idp.others_ended"

    name_hash: TokenHash = ""
    index_hashes: Annotated[tuple[str, ...], Hidden()] = ()
    ended_at: datetime


class SessionTokenRotated(Event):
    """The session's holder got another secret; the previous one does not hold any more."""

    type = "session.token.rotated"

    token_hash: TokenHash


class SessionClientJoined(Event):
    """An application got tokens or an assertion for the session's user: from now on it takes part in the session."""

    type = "session.client.joined"

    client_id: str
    joined_at: datetime


class SessionClientNamed(Event):
    """An assertion named the user to an application (SAML 2.0 Core section 8.3): a logout has to name them alike.

    ``name_format`` is of what form that name is, among those that an application can choose from.
    """

    type = "session.client.named"

    client_id: str
    user_id: str
    name_format: str
    name: Annotated[str, Personal("user_id")]


class SessionClientLeft(Event):
    """An application takes part no more: the user took back what it had, and the session goes on without it.

    ``told`` says whether the application wants to be told of that (OIDC Back-Channel Logout 1.0).
    """

    type = "session.client.left"

    client_id: str
    told: bool = False


class SessionEnded(Event):
    """The session is over before its time: signed out, or ended by somebody who may, or with its user.

    ``told`` are the clients that took part and want to be told of it (OIDC Back-Channel Logout 1.0). ``held``:
    something is kept for it that an identity provider has given.
    """

    type = "session.ended"

    told: tuple[str, ...] = ()
    held: bool = False


class SubjectActivityErased(Event):
    """A user was erased: nothing is shown of the user's sessions any more."""

    type = "subject_activity.erased"

    user_id: str


class SignInFailed(Event):
    """Somebody tried to sign in as this user, in vain. ``reason`` is for the audit alone, never for an answer."""

    type = "sign_in.failed"

    user_id: str
    reason: str
