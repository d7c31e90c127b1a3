"""A pending authorization request, as the events of the activity log make it."""

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from hexkeep.core.application.client_metadata import ResponseType
from hexkeep.core.authrequest.events import (
    AccountChosen,
    AuthorizationCodeIssued,
    AuthorizationRefused,
    AuthorizationRequested,
    AuthorizationTokensIssued,
    SamlAssertionIssued,
    SamlRequestReceived,
)
from hexkeep.core.kernel.aggregate import Aggregate
from hexkeep.core.kernel.event import Event, Log
from hexkeep.core.oidc import acr, claims_request
from hexkeep.core.oidc.authorization import ReturnAddress
from hexkeep.core.oidc.claims_request import ClaimsRequest
from hexkeep.core.oidc.oidc_core import Prompt
from hexkeep.core.oidc.rfc6749 import ResponseMode

LIFETIME = timedelta(minutes=30)
"""How long a person may take to sign in."""


@dataclass(frozen=True, slots=True)
class SamlWishes:
    """What a service provider of SAML asked for that no other application could."""

    request_id: str = ""
    name_id_format: str = ""
    context_names: tuple[str, ...] = ()
    subject: str = field(default="", repr=False)
    subject_format: str = ""


@dataclass(frozen=True, slots=True)
class AuthRequest:
    """One authorization request. ``answered`` once a code or an error has gone back."""

    client_id: str = ""
    redirect_uri: str = ""
    response_mode: ResponseMode = ResponseMode.QUERY
    scopes: tuple[str, ...] = ()
    state: str = ""
    nonce: str = ""
    code_challenge: str = ""
    prompts: tuple[Prompt, ...] = ()
    max_age: int | None = None
    ui_locales: tuple[str, ...] = ()
    hinted_user_id: str = ""
    response_type: ResponseType = ResponseType.CODE
    acr_values: tuple[str, ...] = ()
    claims: str = ""
    resources: tuple[str, ...] = ()
    authorization_details: str = ""
    dpop_jkt: str = ""
    pushed_request_id: str = ""
    grant_action: str = ""
    grant_id: str = ""
    organization_id: str = ""
    """Whose people alone are meant, empty for everybody's."""
    chosen_session_id: str = ""
    """The session that the person chose for it, empty where there was no choice."""
    saml: SamlWishes | None = None
    """There where a service provider of SAML waits for the answer."""
    requested_at: datetime | None = None
    answered: bool = False

    @property
    def exists(self) -> bool:
        """Whether there is such a request."""
        return self.requested_at is not None

    def pending(self, now: datetime) -> bool:
        """Whether it still waits for its answer."""
        return self.requested_at is not None and not self.answered and now < self.requested_at + LIFETIME

    def began_before(self, moment: datetime) -> bool:
        """Whether something that happened at ``moment`` may have been done for this request."""
        return self.requested_at is not None and self.requested_at <= moment

    @property
    def sign_in_max_age(self) -> int | None:
        """How many seconds ago somebody may have authenticated at most, if it wants any: 0 for ``prompt=login``."""
        return 0 if Prompt.LOGIN in self.prompts else self.max_age

    @property
    def claims_request(self) -> ClaimsRequest:
        """Which claims it asks for one by one."""
        return claims_request.parse(self.claims)

    @property
    def wanted_acr(self) -> acr.Wanted:
        """How somebody should sign in for it; for a service provider of SAML nothing else will do."""
        if self.saml is not None:
            return acr.Wanted(self.acr_values, essential=bool(self.acr_values))
        return acr.wanted(self.claims_request, self.acr_values)

    @property
    def to_consent(self) -> tuple[str, ...]:
        """The scopes that a person agrees to with it, those that stand for single claims included."""
        return claims_request.scopes_to_consent(self.scopes, self.claims)

    @property
    def return_address(self) -> ReturnAddress:
        """Where its answer goes."""
        return ReturnAddress(self.redirect_uri, self.state, self.response_mode)


def _requested(event: AuthorizationRequested) -> AuthRequest:
    return AuthRequest(
        client_id=event.client_id,
        redirect_uri=event.redirect_uri,
        response_mode=ResponseMode(event.response_mode),
        scopes=event.scopes,
        state=event.state,
        nonce=event.nonce,
        code_challenge=event.code_challenge,
        prompts=tuple(Prompt(prompt) for prompt in event.prompts),
        max_age=event.max_age,
        ui_locales=event.ui_locales,
        hinted_user_id=event.hinted_user_id,
        response_type=ResponseType(event.response_type),
        acr_values=event.acr_values,
        claims=event.claims,
        resources=event.resources,
        authorization_details=event.authorization_details,
        dpop_jkt=event.dpop_jkt,
        pushed_request_id=event.pushed_request_id,
        grant_action=event.grant_action,
        grant_id=event.grant_id,
        organization_id=event.organization_id,
        requested_at=event.requested_at,
    )


def _received(event: SamlRequestReceived) -> AuthRequest:
    return AuthRequest(
        client_id=event.client_id,
        redirect_uri=event.redirect_uri,
        response_mode=ResponseMode.FORM_POST,
        state=event.relay_state,
        prompts=tuple(Prompt(prompt) for prompt in event.prompts),
        acr_values=event.acr_values,
        saml=SamlWishes(
            event.saml_request_id, event.name_id_format, event.context_names, event.subject, event.subject_format
        ),
        requested_at=event.requested_at,
    )


def _evolve(state: AuthRequest, event: Event) -> AuthRequest:
    match event:
        case AuthorizationRequested():
            return _requested(event)
        case SamlRequestReceived():
            return _received(event)
        case AccountChosen(session_id=session_id):
            return replace(state, chosen_session_id=session_id)
        case AuthorizationCodeIssued() | AuthorizationTokensIssued() | SamlAssertionIssued() | AuthorizationRefused():
            return replace(state, answered=True)
        case _:
            return state


AUTH_REQUEST = Aggregate(
    name="auth_request",
    log=Log.ACTIVITY,
    initial=AuthRequest(),
    events=(
        AccountChosen,
        AuthorizationRequested,
        AuthorizationCodeIssued,
        AuthorizationTokensIssued,
        SamlRequestReceived,
        SamlAssertionIssued,
        AuthorizationRefused,
    ),
    evolve=_evolve,
)
