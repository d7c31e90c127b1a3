"""Linking users to accounts at identity providers, and taking links away."""

from typing import Annotated

from pydantic import AfterValidator, Field, StringConstraints

from hexkeep.core.factor.state import FACTORS
from hexkeep.core.idp.state import IDENTITY_PROVIDER, signs_in
from hexkeep.core.idplink import linking
from hexkeep.core.idplink.errors import LastWayIn
from hexkeep.core.idplink.events import IdentityProviderLinkAdded, IdentityProviderLinkRemoved
from hexkeep.core.idplink.projection import IDENTITY_PROVIDER_LINKS
from hexkeep.core.idplink.state import IDENTITY_PROVIDER_LINK, IdentityProviderLink, account_key
from hexkeep.core.kernel.access import reach
from hexkeep.core.kernel.ask import RowsOf
from hexkeep.core.kernel.decision import Context, Decision
from hexkeep.core.kernel.errors import NotFound
from hexkeep.core.kernel.fields import Id, Line, one_line
from hexkeep.core.kernel.operation import Empty, Message
from hexkeep.core.kernel.unique import Release
from hexkeep.core.kernel.update import Conditional, expect
from hexkeep.core.kernel.view import Select, eq
from hexkeep.core.policy.state import LOGIN, effective
from hexkeep.core.session.lately import myself_lately
from hexkeep.core.user.access import insist_on_cover, managed_human
from hexkeep.core.user.state import USER, User

ExternalId = Annotated[str, StringConstraints(min_length=1, max_length=500), AfterValidator(one_line)]


class AddIdentityProviderLink(Message):
    """An account at an identity provider that is to stand for a user."""

    user_id: Id
    identity_provider_id: Id
    external_id: ExternalId = Field(description="What the provider calls the user, for ever: `sub` or the like.")
    display_name: Line = Field(default="", description="What the user is called there.")


class IdentityProviderLinkCreated(Message):
    """The link there is now."""

    identity_provider_link_id: str


class RemoveIdentityProviderLink(Conditional):
    """The link to take away."""

    identity_provider_link_id: Id


class RemoveMyIdentityProviderLink(Conditional):
    """The link of the caller's own to take away."""

    identity_provider_link_id: Id


def add_identity_provider_link(request: AddIdentityProviderLink, ctx: Context) -> Decision[IdentityProviderLinkCreated]:
    """Link a user to an account at an identity provider, as when users are brought over from elsewhere.

    The provider is the instance's, or of the user's organization. An account is of one user at most. Whoever has the
    account can become the user, so the caller must hold at least what the user holds. To an account of the caller's own
    that is not enough: raises ``ReauthenticationRequired`` unless the caller has signed in lately.
    """
    user = managed_human(request.user_id, ctx)
    _insist_on_person(request.user_id, ctx)
    ctx.load(USER, request.user_id, guarded=True)
    if not ctx.load(IDENTITY_PROVIDER, request.identity_provider_id, guarded=True).serves(user.organization_id):
        raise NotFound("There is no such identity provider here")
    linking.insist_on_room(ctx, request.user_id)
    added = IdentityProviderLinkAdded(**request.model_dump(), organization_id=user.organization_id)
    link = linking.new_link(ctx, added)
    return Decision(IdentityProviderLinkCreated(identity_provider_link_id=link.link_id), *link.changes)


def remove_identity_provider_link(request: RemoveIdentityProviderLink, ctx: Context) -> Decision[Empty]:
    """Take a link away: the account stands for the user no more, and may be linked anew.

    The user's sessions by that account end, unless something else was proven in them since. A link of the caller's own
    takes a fresh sign-in here as well: raises ``ReauthenticationRequired``.
    """
    link = ctx.load(IDENTITY_PROVIDER_LINK, request.identity_provider_link_id)
    reach(ctx, "user.read", exists=link.exists, organization=link.organization_id)
    if ctx.load(USER, link.user_id).exists:
        insist_on_cover(link.user_id, ctx)
    _insist_on_person(link.user_id, ctx)
    return _removed(request.identity_provider_link_id, link, request, ctx)


def _insist_on_person(user_id: str, ctx: Context) -> None:
    """A session of somebody who manages people, once it is stolen, gives no lasting way into its own account either."""
    if user_id == ctx.caller.user_id:
        myself_lately(ctx)


def remove_my_identity_provider_link(request: RemoveMyIdentityProviderLink, ctx: Context) -> Decision[Empty]:
    """Take one of the caller's own links away, unless it is the only way to sign in that is left.

    The caller's other sessions by that account end, unless something else was proven in them since. Only who has signed
    in lately does that: raises ``ReauthenticationRequired``.
    """
    user_id, user = myself_lately(ctx)
    link = ctx.load(IDENTITY_PROVIDER_LINK, request.identity_provider_link_id)
    if link.user_id != user_id:
        raise NotFound
    if _is_way_in(ctx, link) and not _has_other_way(ctx, user_id, user, request.identity_provider_link_id):
        raise LastWayIn
    return _removed(request.identity_provider_link_id, link, request, ctx, session_id=ctx.caller.session_id)


def _has_other_way(ctx: Context, user_id: str, user: User, link_id: str) -> bool:
    """Whether the person can sign in without a link: with a password, a passkey or another link, as the policy has it.

    The other link is guarded, lest two that are taken away at once leave none.
    """
    policy = effective(ctx, LOGIN, user.organization_id)
    if user.password_hash and policy.password_allowed:
        return True
    passkeys = ctx.load(FACTORS, user_id, guarded=True).passkeys
    if policy.passwordless_allowed and any(one.passwordless for one in passkeys):
        return True
    rows = ctx.ask(
        RowsOf(Select(IDENTITY_PROVIDER_LINKS, eq("user_id", user_id), limit=linking.MAX_LINKS), unscoped=True)
    )
    others = (str(row["identity_provider_link_id"]) for row in rows if row["identity_provider_link_id"] != link_id)
    return any(_is_way_in(ctx, ctx.load(IDENTITY_PROVIDER_LINK, other, guarded=True)) for other in others)


def _is_way_in(ctx: Context, link: IdentityProviderLink) -> bool:
    """Whether somebody can sign in by a link now."""
    return link.exists and signs_in(ctx, link.identity_provider_id, link.organization_id)


def _removed(
    link_id: str, link: IdentityProviderLink, request: Conditional, ctx: Context, *, session_id: str = ""
) -> Decision[Empty]:
    expect(ctx, IDENTITY_PROVIDER_LINK, link_id, request)
    notice = linking.notice(ctx, link.user_id, link.identity_provider_id)
    removed = IdentityProviderLinkRemoved(user_id=link.user_id, session_id=session_id, **notice)
    return Decision(
        Empty(),
        IDENTITY_PROVIDER_LINK.append(link_id, removed),
        Release(account_key(link.identity_provider_id, link.external_id), IDENTITY_PROVIDER_LINK.ref(link_id)),
    )
