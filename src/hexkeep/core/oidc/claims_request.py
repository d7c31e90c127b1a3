"""The claims parameter (OIDC Core section 5.5): claims that a client asks for one by one, and where it wants them."""

import enum
from collections.abc import Mapping
from dataclasses import dataclass, field

from pydantic import JsonValue

from hexkeep.core.oidc import json_text
from hexkeep.core.oidc.errors import InvalidRequest
from hexkeep.core.oidc.oidc_core import CLAIMS_OF

MAX_LENGTH = 4096
MAX_CLAIMS = 100
MAX_NAME = 200
MAX_VALUES = 20
Scalar = str | int | float | bool


class Target(enum.StrEnum):
    """Where a claim is wanted; other members of the parameter are ignored, as section 5.5 demands."""

    USERINFO = "userinfo"
    ID_TOKEN = "id_token"


@dataclass(frozen=True, slots=True)
class Wish:
    """How much a claim is wanted (section 5.5.1). ``values`` in order of preference, empty for any."""

    essential: bool = False
    values: tuple[Scalar, ...] = ()


Wishes = Mapping[str, Wish]
NO_WISHES: Wishes = {}


@dataclass(frozen=True, slots=True)
class ClaimsRequest:
    """Which claims are asked for, by name."""

    userinfo: Wishes = field(default_factory=dict)
    id_token: Wishes = field(default_factory=dict)

    def wishes(self, target: Target) -> Wishes:
        """Those for one place."""
        return self.userinfo if target is Target.USERINFO else self.id_token

    @property
    def acr(self) -> Wish | None:
        """Section 5.5.1.1: how somebody has to sign in; it stands in ID tokens alone."""
        return self.id_token.get("acr")

    @property
    def subjects(self) -> tuple[str, ...]:
        """Section 5.5.1: who has to sign in, any of them; empty for anybody."""
        wished = (wishes["sub"].values for wishes in (self.id_token, self.userinfo) if "sub" in wishes)
        return tuple(value for values in wished for value in values if isinstance(value, str))

    @property
    def scopes(self) -> frozenset[str]:
        """The scopes that stand for the same, so that a person is asked in the same words."""
        asked = self.userinfo.keys() | self.id_token.keys()
        return frozenset(scope for scope, names in CLAIMS_OF.items() if asked.intersection(names))


NOTHING = ClaimsRequest()


def parse(text: str) -> ClaimsRequest:
    """The request behind a parameter, empty for none; raises ``InvalidRequest`` for what section 5.5 does not know."""
    if not text:
        return NOTHING
    if len(text) > MAX_LENGTH:
        raise InvalidRequest("The claims parameter is too long")
    try:
        asked = json_text.read(text)
    except ValueError:
        raise InvalidRequest("The claims parameter is not JSON that can be kept") from None
    if not isinstance(asked, dict):
        raise InvalidRequest("The claims parameter is not an object")
    return ClaimsRequest(**{target.value: _wishes(asked.get(target.value)) for target in Target})


def _wishes(asked: JsonValue) -> Wishes:
    if asked is None:
        return NO_WISHES
    if not isinstance(asked, dict) or len(asked) > MAX_CLAIMS or any(len(name) > MAX_NAME for name in asked):
        raise InvalidRequest("A member of the claims parameter is not an object, or too large")
    return {name: _wish(wish) for name, wish in asked.items()}


def _wish(wish: JsonValue) -> Wish:
    if wish is None:
        return Wish()
    if not isinstance(wish, dict):
        raise InvalidRequest("A claim in the claims parameter is neither null nor an object")
    essential = wish.get("essential", False)
    values = wish.get("values", [wish["value"]] if "value" in wish else [])
    if not isinstance(essential, bool) or not isinstance(values, list) or len(values) > MAX_VALUES:
        raise InvalidRequest("A claim in the claims parameter is malformed")
    return Wish(essential, tuple(value for value in values if isinstance(value, Scalar)))


def united(first: str, second: str) -> str:
    """A parameter that asks for what either asks for, the second where both name a claim; raises ``InvalidRequest``."""
    if not first or not second:
        return first or second
    one, other = _members(first), _members(second)
    text = json_text.write({target.value: one[target] | other[target] for target in Target})
    parse(text)
    return text


def _members(text: str) -> dict[Target, dict[str, JsonValue]]:
    """What a well-formed parameter says of each place."""
    asked = json_text.read(text)
    members = {target: asked.get(target.value) if isinstance(asked, dict) else None for target in Target}
    return {target: member if isinstance(member, dict) else {} for target, member in members.items()}


def scopes_to_consent(scopes: tuple[str, ...], claims: str) -> tuple[str, ...]:
    """What a person is asked to agree to: the scopes of a request, and those that stand for its single claims."""
    asked = parse(claims).scopes
    return (*scopes, *(scope for scope in CLAIMS_OF if scope in asked and scope not in scopes))
