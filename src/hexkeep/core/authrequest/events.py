"""What happens to an authorization request: it begins, and once it is answered it is over."""

from datetime import datetime
from typing import Annotated, ClassVar

from hexkeep.core.kernel.event import Event, Unattributed


class AuthorizationRequested(Event):
    """An application sent somebody here to sign in. The parameters have been validated; names as in the RFCs.

    Nobody knows yet who it is, nor what the application has put into ``state``, ``nonce``, ``claims`` and
    ``authorization_details``; the latter two are JSON (OIDC Core section 5.5, RFC 9396). Where it came by a
    reference (RFC 9126) ``pushed_request_id`` names what was pushed. ``grant_action`` tells what is to become of a
    managed grant, and ``grant_id`` of which. With ``organization_id`` people of that organization alone are meant.
    """

    type: ClassVar[str] = "auth_request.requested"

    client_id: str
    redirect_uri: str
    response_mode: str
    scopes: tuple[str, ...]
    state: Annotated[str, Unattributed()] = ""
    nonce: Annotated[str, Unattributed()] = ""
    code_challenge: str = ""
    prompts: tuple[str, ...] = ()
    max_age: int | None = None
    ui_locales: Annotated[tuple[str, ...], Unattributed(erased=[])] = ()
    hinted_user_id: str = ""
    response_type: str = "code"
    acr_values: tuple[str, ...] = ()
    claims: Annotated[str, Unattributed()] = ""
    resources: tuple[str, ...] = ()
    authorization_details: Annotated[str, Unattributed()] = ""
    dpop_jkt: str = ""
    pushed_request_id: str = ""
    grant_action: str = ""
    grant_id: str = ""
    organization_id: str = ""
    requested_at: datetime


class SamlRequestReceived(Event):
    """A service provider sent somebody here to sign in (SAML 2.0 Core section 3.4.1), or somebody began here.

    ``redirect_uri`` is where the answer is posted, from its metadata. ``saml_request_id`` is what it answers, empty
    where nobody asked. The names of classes are among those that we know; ``acr_values`` are what they mean here.
    ``subject`` is the name of whom it asks for, empty for whoever comes, and ``subject_format`` its form, a URI.
    """

    type: ClassVar[str] = "auth_request.saml.received"

    client_id: str
    redirect_uri: str
    relay_state: Annotated[str, Unattributed()] = ""
    saml_request_id: Annotated[str, Unattributed()] = ""
    name_id_format: str = "unspecified"
    context_names: tuple[str, ...] = ()
    acr_values: tuple[str, ...] = ()
    prompts: tuple[str, ...] = ()
    subject: Annotated[str, Unattributed()] = ""
    subject_format: str = ""
    requested_at: datetime


class AccountChosen(Event):
    """The person chose, of the sessions in the browser, the one to go on with."""

    type: ClassVar[str] = "auth_request.account.chosen"

    session_id: str


class AuthorizationCodeIssued(Event):
    """The application got a code for this user, who had signed in with that session."""

    type: ClassVar[str] = "auth_request.code.issued"

    user_id: str
    session_id: str


class AuthorizationTokensIssued(Event):
    """The application got an ID token, an access token or both, but no code: all that follows is in those."""

    type: ClassVar[str] = "auth_request.tokens.issued"

    user_id: str
    session_id: str


class SamlAssertionIssued(Event):
    """A service provider got an assertion about this user, who had signed in with that session."""

    type: ClassVar[str] = "auth_request.saml.issued"

    user_id: str
    session_id: str


class AuthorizationRefused(Event):
    """The application got an error instead: the person said no, or may not use the application."""

    type: ClassVar[str] = "auth_request.refused"

    error: str
