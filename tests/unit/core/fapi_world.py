"""A world with a client held to FAPI 2.0: it proves itself by assertions and pushes what it asks."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from pydantic import JsonValue

from hexkeep.core.application.client_metadata import ClientMetadata
from hexkeep.core.applicationkey.events import ApplicationKeyCreated
from hexkeep.core.applicationkey.state import APPLICATION_KEY
from hexkeep.core.authrequest.messages import PushAuthorization, StartAuthorization
from hexkeep.core.detailstype.events import DetailsTypeAdded
from hexkeep.core.detailstype.state import DETAILS_TYPES, DETAILS_TYPES_ID
from hexkeep.core.kernel.aggregate import Append
from hexkeep.core.kernel.ask import KeyPair
from hexkeep.core.kernel.decision import Change
from hexkeep.core.key.events import SigningKeyActivated, SigningKeyCreated
from hexkeep.core.key.state import SIGNING_KEYS, SIGNING_KEYS_ID
from hexkeep.core.oidc.rfc7523 import CLIENT_ASSERTION_TYPE
from hexkeep.core.oidc.rfc9101 import TYPE
from hexkeep.core.oidc.rfc9396 import DetailsField, FieldKind
from hexkeep.testing.decisions import ISSUER, NOW, Outcome, World
from hexkeep.testing.jose import jwt, signing_key
from tests.unit.core import oidc_world
from tests.unit.core.oidc_world import PKCE, REDIRECT_URI, SESSION_TOKEN, application

BANK, SIGNED, OTHER = "bank", "signed", "other"
"""FAPI 2.0 Security Profile, FAPI 2.0 Message Signing, and another client of the first kind."""
KEYS: Mapping[str, KeyPair] = {BANK: signing_key("PS256", 21), SIGNED: signing_key("PS256", 22)} | {
    OTHER: signing_key("ES256", 23)
}
RS256 = signing_key("RS256", 24)
"""A key of the bank that no rule of FAPI allows it to use."""
PROFILES = {BANK: "fapi_2_security", SIGNED: "fapi_2_message_signing", OTHER: "fapi_2_security"}
PAYMENT = DetailsTypeAdded(
    details_type_id="payment-1",
    details_type="payment",
    name="A payment",
    details_fields=(DetailsField(name="amount", kind=FieldKind.TEXT, required=True),),
)


def key_of(client_id: str, pair: KeyPair) -> Append:
    """A registered key."""
    created = ApplicationKeyCreated(
        client_id=client_id,
        organization_id="acme",
        project_id="shop",
        public={name: value for name, value in pair.public.items() if name != "kid"},
        expires_at=NOW + timedelta(days=365),
    )
    return APPLICATION_KEY.append(pair.key_id, created)


def client(client_id: str, **metadata: Any) -> tuple[Append, Append]:
    """A client of its profile, and its key."""
    registered = ClientMetadata.model_validate(
        {"profile": PROFILES[client_id], "authorization_details_types": ("payment",), **metadata}
    )
    facts = {"auth_method": "private_key_jwt", "secret_hash": "", "client_metadata": registered}
    return application(client_id, **facts), key_of(client_id, KEYS[client_id])


def world(*changes: Change, **metadata: Any) -> World:
    """The small world with three such clients, and one type of authorization details."""
    made = [change for one in PROFILES for change in client(one, **metadata)]
    types = DETAILS_TYPES.append(DETAILS_TYPES_ID, PAYMENT)
    return oidc_world.world(types, *made, key_of(BANK, RS256), *changes)


def assertion(client_id: str, now: datetime, pair: KeyPair | None = None, /, **changes: JsonValue) -> str:
    """What a client shows for itself; `None` takes a claim away."""
    moment = int(now.timestamp())
    claims: dict[str, JsonValue] = {
        "iss": client_id,
        "sub": client_id,
        "aud": ISSUER,
        "iat": moment,
        "exp": moment + 60,
        "jti": f"{client_id}:{now.isoformat()}:{len(changes)}",
        **changes,
    }
    return jwt((pair or KEYS[client_id]).private, "", {name: one for name, one in claims.items() if one is not None})


def proof(client_id: str, now: datetime, pair: KeyPair | None = None, /, **changes: JsonValue) -> dict[str, str]:
    """The parameters by which a client authenticates."""
    shown = assertion(client_id, now, pair, **changes)
    return {"client_assertion_type": CLIENT_ASSERTION_TYPE, "client_assertion": shown}


def asking(client_id: str, **params: str) -> dict[str, str]:
    """A well-formed authorization request, changed by `params`; an empty value takes a parameter away."""
    usual = {"client_id": client_id, "redirect_uri": REDIRECT_URI, "response_type": "code", "scope": "openid"}
    return {**usual, "state": "xyz", **PKCE, **params}


def signed(client_id: str, now: datetime, pair: KeyPair | None = None, /, **changes: JsonValue) -> str:
    """A request object with such a request in it, changed by `changes`; `None` takes a claim away."""
    moment = int(now.timestamp())
    claims: dict[str, JsonValue] = {
        **asking(client_id),
        "iss": client_id,
        "aud": ISSUER,
        "nbf": moment,
        "exp": moment + 300,
        "jti": "one",
        **changes,
    }
    told = {name: value for name, value in claims.items() if value is not None}
    return jwt((pair or KEYS[client_id]).private, TYPE, told)


def push(before: World, client_id: str = BANK, **params: str) -> Outcome:
    """Push a request: one that is well formed, or, where `request` is given, that object alone."""
    body = {"client_id": client_id} if "request" in params else asking(client_id)
    return before.when(PushAuthorization(params={**body, **proof(client_id, before.now), **params}))


def pushed(before: World, client_id: str = BANK, **params: str) -> tuple[World, str]:
    """The world after such a request was pushed, and the reference to it."""
    outcome = push(before, client_id, **params)
    return outcome.world, outcome.result.request_uri


def visit(before: World, request_uri: str, client_id: str = BANK, token: str = SESSION_TOKEN, **params: str) -> Outcome:
    """A browser brings a reference."""
    sent = {"client_id": client_id, "request_uri": request_uri, **params}
    return before.when(StartAuthorization(params=sent, session_token=token))


def private_key(pair: KeyPair) -> Append:
    """A key of the instance's own, in use."""
    created = SigningKeyCreated(
        key_id=pair.key_id, algorithm=pair.algorithm, private=pair.private, public=dict(pair.public)
    )
    return SIGNING_KEYS.append(SIGNING_KEYS_ID, created, SigningKeyActivated(key_id=pair.key_id))
