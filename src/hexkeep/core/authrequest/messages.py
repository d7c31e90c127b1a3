"""What goes in and out of the authorization endpoint's operations."""

import enum
from datetime import datetime
from typing import Annotated

from pydantic import Field

from hexkeep.core.kernel.operation import Message
from hexkeep.core.oidc.messages import ClientRequest
from hexkeep.core.oidc.shown_details import ShownDetails
from hexkeep.core.saml.bindings import SamlRequestBinding

Parameters = dict[str, Annotated[str, Field(max_length=8192)]]
"""The parameters of a query or form, each name with its first value, percent-decoded."""
Identifier = Annotated[str, Field(max_length=200)]
SessionToken = Annotated[str, Field(max_length=1024, repr=False)]
"""The session token out of the browser's cookie; empty without one."""


class StartAuthorization(Message):
    """An authorization request (RFC 6749 section 4.1.1, OIDC Core section 3.1.2.1) as it came in by GET or POST."""

    params: Parameters = Field(max_length=64)
    repeated: tuple[Annotated[str, Field(max_length=256)], ...] = Field(
        (), max_length=64, description="Names that were given more than once"
    )
    resources: tuple[Annotated[str, Field(max_length=2000)], ...] = Field(
        (), max_length=20, description="Every value of the parameter resource (RFC 8707 section 2), in order"
    )
    session_token: SessionToken = ""


class StartSamlSignIn(Message):
    """An AuthnRequest of SAML as it came in: ``query`` is that of the URL, or the form, written like one."""

    binding: SamlRequestBinding
    query: str = Field(max_length=65_536, repr=False)
    session_token: SessionToken = ""


class StartIdpInitiated(Message):
    """A sign-in that begins here, for a SAML application that has not asked for it."""

    client_id: Identifier
    relay_state: str = Field("", max_length=4096, repr=False)
    session_token: SessionToken = ""


class PushAuthorization(ClientRequest):
    """An authorization request that a client brings by itself (RFC 9126 section 2.1)."""


class PushedAuthorization(Message):
    """By what a pushed request is found (RFC 9126 section 2.2), and for how many seconds."""

    request_uri: str = Field(repr=False)
    expires_in: int


class StepKind(enum.StrEnum):
    """What the browser has to do next."""

    UNSPECIFIED = "unspecified"
    REDIRECT = "redirect"
    """Go to ``redirect_to``: the request has its answer, a code or an error."""
    FORM_POST = "form_post"
    """The same, but by a form with ``fields`` that is posted to ``redirect_to``."""
    REGISTER = "register"
    """Show the page on which people make accounts, then continue."""
    SELECT_ACCOUNT = "select_account"
    """Show the accounts that are signed in here, or the login page where there is none, then continue."""
    LOGIN = "login"
    """Show the login page, then continue."""
    SECOND_FACTOR = "second_factor"
    """Show the page for a second factor, then continue."""
    CONSENT = "consent"
    """Show the consent page, then grant consent and continue, or deny."""


class Notice(Message):
    """What is wrong with a request, for the person to be told before the application is (RFC 9700 section 4.11.2)."""

    error: str
    error_description: str


class AuthorizationStep(Message):
    """Where an authorization request stands.

    ``redirect_to`` is set for ``redirect`` and ``form_post`` alone, ``fields`` for the latter, the rest for the pages.
    ``form_target`` is what a page's ``form-action`` has to list besides ``'self'`` so that a form's answer may
    ``redirect`` to an app: an origin, or a scheme with its colon. It is empty where a site is meant: to it leads a page
    that goes on by itself. Where there is a ``notice`` the person is told it before an answer goes there.
    """

    kind: StepKind
    notice: Notice | None = None
    redirect_to: str = Field("", repr=False)
    fields: dict[str, str] = Field({}, repr=False)
    auth_request_id: str = ""
    login_hint: str = ""
    client_name: str = ""
    scopes: tuple[str, ...] = ()
    form_target: str = ""
    browser_state: str = Field("", description="For the cookie that our frame reads; empty where there is none")


class GetAuthRequest(Message):
    """Ask what a page has to show."""

    auth_request_id: Identifier


class AuthRequestDetails(Message):
    """A pending authorization request, as a login or consent page shows it."""

    auth_request_id: str
    client_id: str
    client_name: str
    scopes: tuple[str, ...]
    login_hint: str
    ui_locales: tuple[str, ...]
    authorization_details: tuple[ShownDetails, ...]
    form_target: str = Field(description="That of the answer to come: see AuthorizationStep")
    client_uri: str = ""
    policy_uri: str = ""
    tos_uri: str = ""
    logo_uri: str = Field("", description="Whether there may be a logo; browsers get it from us alone")
    organization_id: str = Field("", description="Whose people alone may sign in for it; empty for everybody's")
    organization_name: str = ""
    max_age: int | None = Field(
        None, description="How many seconds ago somebody may have signed in at most, here or elsewhere; 0: not before"
    )
    passkey_needed: bool = Field(False, description="Whether of second factors a passkey alone would do")
    expires_at: datetime


class GetClientLogo(Message):
    """Ask for the logo of the application behind a pending authorization request."""

    auth_request_id: Identifier


class ClientLogo(Message):
    """A logo as we drew it."""

    content_type: str
    content: bytes = Field(repr=False)


class ContinueAuthorization(Message):
    """Go on after sign-in or consent, with the session that the browser has by now."""

    auth_request_id: Identifier
    session_token: SessionToken = ""
    account_chosen: bool = Field(False, description="Whether the person has chosen this session on our own page")


class DenyAuthorization(Message):
    """The person said no, on the login or on the consent page."""

    auth_request_id: Identifier
