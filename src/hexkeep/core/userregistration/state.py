"""Where people may make accounts for themselves, and what is kept of who wants one until the address is proven."""

from typing import Self

from pydantic import BaseModel, ConfigDict, Field

from hexkeep.core.kernel.aggregate import Aggregate
from hexkeep.core.kernel.decision import Context
from hexkeep.core.kernel.event import Event, Log
from hexkeep.core.organization.state import ORGANIZATION
from hexkeep.core.policy.state import LOGIN, standing
from hexkeep.core.setting.state import settings_of
from hexkeep.core.userregistration.events import UserRegistrationRequested

SCOPE = "user_registration"
"""Under which the expiring store keeps a wish, by the id that the user is going to have."""


class Wish(BaseModel):
    """The account that somebody wants. Nothing of it is in the log before the address is proven."""

    model_config = ConfigDict(frozen=True)

    organization_id: str = ""
    user_name: str = Field(default="", repr=False)
    given_name: str = Field(default="", repr=False)
    family_name: str = Field(default="", repr=False)
    email: str = Field(default="", repr=False)
    preferred_language: str = ""
    password_hash: str = Field(default="", repr=False)

    @classmethod
    def of(cls, kept: bytes | None) -> Self:
        """What was kept, or the wish of nobody."""
        return cls.model_validate_json(kept) if kept else cls()


def open_organization(ctx: Context, organization_id: str = "") -> str:
    """The organization in which people may make accounts for themselves, or nothing where they may not.

    It is the named one, else the instance's default one. Its login policy has to allow it, and passwords too: there is
    nothing else yet that a newcomer could sign in with. The instance's policy opens the default organization alone:
    who belongs to any other may be worth something there, and strangers could name whichever they like.
    """
    default = settings_of(ctx).default_organization_id
    chosen = organization_id or default
    if not chosen or not ctx.load(ORGANIZATION, chosen).active:
        return ""
    found = standing(ctx, LOGIN, chosen)
    opened = found.policy.registration_allowed and (chosen == default or not found.inherited)
    return chosen if opened and found.policy.password_allowed else ""


def _evolve(state: int, _: Event) -> int:
    return state + 1


USER_REGISTRATION = Aggregate("user_registration", Log.ACTIVITY, 0, (UserRegistrationRequested,), _evolve)
"""One per wish, with the id that the user is going to have, and one event in each."""
