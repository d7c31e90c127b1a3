"""Grant Management for OAuth 2.0 (OpenID FAPI WG, Implementer's Draft 1): what is to become of a client's grant.

A grant is what a person has let a client have, under an id by which the client adds to it, replaces it, looks at it and
ends it. What that is here tells ADR 31.
"""

import enum
from collections.abc import Mapping
from dataclasses import dataclass

from hexkeep.core.application.client_metadata import ResponseType
from hexkeep.core.oidc.errors import InvalidRequest, UnauthorizedClient
from hexkeep.core.oidc.parties import Client

PARAMETER = "grant_management_action"
GRANT_ID = "grant_id"


class Action(enum.StrEnum):
    """Section 5.2: what an authorization request does to a grant."""

    NONE = ""
    """Nothing: what is granted has no id and is not managed."""
    CREATE = "create"
    """A grant of its own, beside whatever others there are."""
    MERGE = "merge"
    """What is granted is added to what the grant holds already."""
    REPLACE = "replace"
    """What is granted takes the place of what the grant held."""


ACTIONS = (*(one.value for one in Action if one), "query", "revoke")
"""Section 7.1: with what the two do that a client asks for by itself, afterwards."""


@dataclass(frozen=True, slots=True)
class Wish:
    """What is to be done to which grant; the id is empty unless there is a grant already."""

    action: Action = Action.NONE
    grant_id: str = ""


def read(params: Mapping[str, str], client: Client, kind: ResponseType) -> Wish:
    """Sections 5.1 and 5.2: the wish of an authorization request; raises ``InvalidRequest``, ``UnauthorizedClient``.

    The id comes with the tokens, so there has to be a code, and nothing that was issued before it.
    """
    named, grant_id = params.get(PARAMETER, ""), params.get(GRANT_ID, "")
    if named not in set(Action):
        raise InvalidRequest("This grant_management_action is not supported")
    action = Action(named)
    if bool(grant_id) is not (action in {Action.MERGE, Action.REPLACE}):
        raise InvalidRequest("A grant_id goes with the grant_management_action merge or replace, and they with it")
    if action and client.public:
        raise UnauthorizedClient("Grants are managed by confidential clients alone")
    if action and kind is not ResponseType.CODE:
        raise InvalidRequest("Grants are managed with the response_type code alone")
    return Wish(action, grant_id)
