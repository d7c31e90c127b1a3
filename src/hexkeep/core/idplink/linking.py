"""What a new link is: made the same way by whoever makes it. Other slices import the module, not its names."""

from dataclasses import dataclass
from typing import TypedDict

from hexkeep.core.idp.state import IDENTITY_PROVIDER
from hexkeep.core.idplink.events import IdentityProviderLinkAdded
from hexkeep.core.idplink.projection import IDENTITY_PROVIDER_LINKS
from hexkeep.core.idplink.state import IDENTITY_PROVIDER_LINK, account_key
from hexkeep.core.kernel.ask import RowsOf
from hexkeep.core.kernel.decision import Change, Context
from hexkeep.core.kernel.errors import FailedPrecondition
from hexkeep.core.kernel.unique import Claim
from hexkeep.core.kernel.view import Select, eq
from hexkeep.core.policy.state import NOTIFICATION, effective
from hexkeep.core.user.state import USER

MAX_LINKS = 50


@dataclass(frozen=True, slots=True)
class NewLink:
    """A link that is to be, and what has to be written for it."""

    link_id: str
    changes: tuple[Change, ...]


def insist_on_room(ctx: Context, user_id: str) -> None:
    """Raise ``FailedPrecondition`` for a user who has as many links as there may be."""
    present = RowsOf(Select(IDENTITY_PROVIDER_LINKS, eq("user_id", user_id), limit=MAX_LINKS), unscoped=True)
    if len(ctx.ask(present)) >= MAX_LINKS:
        raise FailedPrecondition(f"A user has at most {MAX_LINKS} links")


class Notice(TypedDict):
    """What an event of a link says of who is told of it."""

    provider_name: str
    told: str | None


def notice(ctx: Context, user_id: str, provider_id: str) -> Notice:
    """What an event of a link says so that its user is told: which provider, and at which address, if at any."""
    user = ctx.load(USER, user_id)
    reached = user.exists and user.email_verified
    wanted = reached and effective(ctx, NOTIFICATION, user.organization_id).link_changed
    name = ctx.load(IDENTITY_PROVIDER, provider_id).name
    return Notice(provider_name=name, told=user.email if wanted else None)


def new_link(ctx: Context, added: IdentityProviderLinkAdded) -> NewLink:
    """The link, whose account is claimed with it: it is of one user at most. The user is told, if there was one."""
    link_id = ctx.new_id()
    added = added.model_copy(update=notice(ctx, added.user_id, added.identity_provider_id))
    claim = Claim(account_key(added.identity_provider_id, added.external_id), IDENTITY_PROVIDER_LINK.ref(link_id))
    return NewLink(link_id, (IDENTITY_PROVIDER_LINK.append(link_id, added), claim))
