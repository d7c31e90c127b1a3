"""A small world for the tests of the protocol slices: one organization, a person, a machine, three applications."""

import base64
from dataclasses import replace
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from hexkeep.core.application.events import OidcApplicationAdded
from hexkeep.core.application.state import APPLICATION
from hexkeep.core.authorization.state import AUTHORIZATION, authorization_key
from hexkeep.core.authrequest.messages import AuthorizationStep, ContinueAuthorization, StartAuthorization
from hexkeep.core.kernel.aggregate import Append
from hexkeep.core.kernel.decision import Change
from hexkeep.core.kernel.permission import ANONYMOUS
from hexkeep.core.kernel.unique import Claim
from hexkeep.core.key.events import SigningKeyActivated, SigningKeyCreated
from hexkeep.core.key.state import SIGNING_KEYS, SIGNING_KEYS_ID
from hexkeep.core.oidc.rfc7636 import challenge_of
from hexkeep.core.organization.events import OrganizationAdded
from hexkeep.core.organization.state import ORGANIZATION
from hexkeep.core.project.events import ProjectAdded, ProjectRoleAdded
from hexkeep.core.project.state import PROJECT
from hexkeep.core.session.events import SessionCreated, SessionPasswordChecked
from hexkeep.core.session.state import SESSION, token_of
from hexkeep.core.slices import SLICES
from hexkeep.core.token.events import TokenFamilyStarted
from hexkeep.core.token.messages import ExchangeToken, TokenResponse
from hexkeep.core.user.events import HumanUserAdded, MachineUserAdded, UserClientSecretSet
from hexkeep.core.user.state import USER
from hexkeep.testing.answers import keyed_hash, signing_key
from hexkeep.testing.decisions import NOW, Kit, Outcome, World
from tests.unit.core.worlds import added as authorization_added

KIT = Kit(*SLICES)
SESSION_TOKEN = token_of("session-1", "of-ada")
REDIRECT_URI = "https://shop.example.com/cb"
VERIFIER = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
PKCE = {"code_challenge": challenge_of(VERIFIER), "code_challenge_method": "S256"}
ALL_GRANTS = ("authorization_code", "refresh_token", "client_credentials")


def keys() -> Append:
    """Active keys for both algorithms that tokens are signed with."""
    pairs = (signing_key("ES256", 1), signing_key("RS256", 2))
    made = [
        SigningKeyCreated(key_id=one.key_id, algorithm=one.algorithm, private=one.private, public=dict(one.public))
        for one in pairs
    ]
    return SIGNING_KEYS.append(SIGNING_KEYS_ID, *made, *(SigningKeyActivated(key_id=one.key_id) for one in pairs))


def application(client_id: str, **changes: Any) -> Append:
    """An application of the project `shop`, a confidential web one unless told otherwise."""
    facts: dict[str, Any] = {
        "organization_id": "acme",
        "project_id": "shop",
        "name": client_id.title(),
        "application_type": "web",
        "auth_method": "basic",
        "secret_hash": keyed_hash("client_secret", f"secret of {client_id}"),
        "redirect_uris": (REDIRECT_URI,),
        "post_logout_redirect_uris": ("https://shop.example.com/bye",),
        "grant_types": ALL_GRANTS,
        "consent_required": False,
        "api_access": False,
        "role_assertion": False,
    }
    return APPLICATION.append(client_id, OidcApplicationAdded(**facts | changes))


def project(**changes: bool) -> Append:
    """The project `shop` with its one role `clerk`."""
    facts = {"role_assertion": False, "authorization_required": False, **changes}
    added = ProjectAdded(organization_id="acme", name="Shop", **facts)
    return PROJECT.append("shop", added, ProjectRoleAdded(key="clerk", display_name="Clerk", group=""))


def ada() -> Append:
    """The person."""
    added = HumanUserAdded(
        organization_id="acme",
        user_name="ada",
        given_name="Ada",
        family_name="Lovelace",
        display_name="Ada Lovelace",
        email="ada@example.com",
        email_verified=True,
        preferred_language="en",
    )
    return USER.append("ada", added)


def robot() -> Append:
    """The machine."""
    added = MachineUserAdded(organization_id="acme", user_name="robot", display_name="Robot")
    return USER.append("robot", added, UserClientSecretSet(hash=keyed_hash("client_secret", "secret of robot")))


def session(session_id: str = "session-1", secret: str = "of-ada", user: str = "ada") -> Append:
    """Ada's session; the password was given when the world began."""
    created = SessionCreated(
        user_id=user,
        organization_id="acme",
        token_hash=keyed_hash("session", secret),
        expires_at=NOW.replace(year=NOW.year + 1),
    )
    return SESSION.append(session_id, created, SessionPasswordChecked(checked_at=NOW))


def authorized(*roles: str, user: str = "ada") -> tuple[Change, ...]:
    """A person with roles in the project."""
    added = authorization_added(user, roles=roles)
    ref = AUTHORIZATION.ref("auth-1")
    return AUTHORIZATION.append("auth-1", added), Claim(authorization_key(user, "shop"), ref)


def world(*changes: Change, **project_settings: bool) -> World:
    """The world some time after Ada signed in, seen by an anonymous caller."""
    acme = ORGANIZATION.append("acme", OrganizationAdded(name="Acme"))
    first = (acme, keys(), project(**project_settings), ada(), robot(), session())
    applications = (
        application("web"),
        application("spa", application_type="spa", auth_method="none", secret_hash=""),
        application("strict", consent_required=True),
    )
    return KIT.given(*first, *applications, *changes).as_(ANONYMOUS).later(minutes=5)


def start(client_id: str = "web", token: str = SESSION_TOKEN, **params: str) -> StartAuthorization:
    """A well-formed authorization request, changed by `params`; an empty value takes a parameter away."""
    usual = {
        "client_id": client_id,
        "redirect_uri": REDIRECT_URI,
        "response_type": "code",
        "scope": "openid",
        "state": "xyz",
        **PKCE,
    }
    return StartAuthorization(params=usual | params, session_token=token)


def resume(request_id: str, token: str = SESSION_TOKEN) -> ContinueAuthorization:
    """The continuation of an authorization request."""
    return ContinueAuthorization(auth_request_id=request_id, session_token=token)


def appended(outcome: Outcome) -> Append:
    """The one append of a call."""
    (change,) = outcome.changes
    assert isinstance(change, Append)
    return change


def family(outcome: Outcome) -> TokenFamilyStarted:
    """The family that a call founds, whatever else it writes."""
    events = [event for change in outcome.changes if isinstance(change, Append) for event in change.events]
    (started,) = [event for event in events if isinstance(event, TokenFamilyStarted)]
    return started


def told(step: AuthorizationStep) -> dict[str, str]:
    """What an answer says to the application, in query, fragment or form, and in one of them alone."""
    if step.kind == "form_post":
        return dict(step.fields)
    assert step.kind == "redirect", step
    parts = urlsplit(step.redirect_to)
    assert not (parts.query and parts.fragment), step.redirect_to
    return dict(parse_qsl(parts.query or parts.fragment, strict_parsing=True))


def basic(client_id: str = "web", secret: str = "") -> str:
    """An Authorization header."""
    plain = f"{client_id}:{secret or f'secret of {client_id}'}"
    return "Basic " + base64.b64encode(plain.encode()).decode()


def redeem(code: str, client_id: str = "web", /, **params: str) -> ExchangeToken:
    """A token request for a code, with the secret in the header unless the client is the public one."""
    usual = {
        "grant_type": "authorization_code",
        "code": code,
        "redirect_uri": REDIRECT_URI,
        "code_verifier": VERIFIER,
        "client_id": client_id,
    }
    return ExchangeToken(params=usual | params, authorization="" if client_id == "spa" else basic(client_id))


def refresh(token: str, client_id: str = "web", /, **params: str) -> ExchangeToken:
    """A token request for a refresh token."""
    usual = {"grant_type": "refresh_token", "refresh_token": token, "client_id": client_id}
    return ExchangeToken(params=usual | params, authorization="" if client_id == "spa" else basic(client_id))


def signed_in(before: World, client_id: str = "web", **params: str) -> tuple[World, str]:
    """The world after an authorization request that went straight on, and its code."""
    outcome = before.when(start(client_id, **params))
    return outcome.world, told(outcome.result)["code"]


def tokens(before: World, client_id: str = "web", **params: str) -> tuple[World, TokenResponse]:
    """The world after sign-in and redemption, and the tokens."""
    after, code = signed_in(before, client_id, **params)
    outcome = after.when(redeem(code, client_id))
    answer: TokenResponse = outcome.result
    return outcome.world, answer


def with_plugin_claims(before: World, **claims: str) -> World:
    """The same world with a plugin that adds claims."""
    answerer = before.answerer.copy()
    answerer.token_claims |= claims
    return replace(before, answerer=answerer)
