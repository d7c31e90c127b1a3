"""The metadata of users. Who may change a user may change what is kept with it."""

from hexkeep.core.kernel.access import reach
from hexkeep.core.kernel.decision import Context, Decision
from hexkeep.core.kernel.errors import PermissionDenied, Unauthenticated
from hexkeep.core.kernel.operation import Empty
from hexkeep.core.membership.state import MEMBERSHIPS, covers
from hexkeep.core.metadata import messages
from hexkeep.core.metadata.events import UserMetadataRemoved, UserMetadataSet
from hexkeep.core.metadata.kept import Kept
from hexkeep.core.metadata.state import USER_METADATA
from hexkeep.core.user.state import USER

KEPT = Kept(
    USER_METADATA,
    lambda user_id, key, value: UserMetadataSet(user_id=user_id, key=key, value=value),
    lambda user_id, key: UserMetadataRemoved(user_id=user_id, key=key),
)


def set_user_metadata(request: messages.SetUserMetadata, ctx: Context) -> Decision[Empty]:
    """Keep a value with a user, in place of the one of that key. The user may read it."""
    _insist_on_managed(request.user_id, ctx)
    entry = messages.MetadataEntry(key=request.key, value=request.value)
    return KEPT.set(request.user_id, (entry,), ctx)


def bulk_set_user_metadata(request: messages.BulkSetUserMetadata, ctx: Context) -> Decision[Empty]:
    """Keep several values with a user, all or none."""
    _insist_on_managed(request.user_id, ctx)
    return KEPT.set(request.user_id, request.entries, ctx)


def get_user_metadata(request: messages.GetUserMetadata, ctx: Context) -> Decision[messages.MetadataValue]:
    """Read the value of a key of a user."""
    _insist_on_reach(request.user_id, ctx)
    return KEPT.value(request.user_id, request.key, ctx)


def list_user_metadata(request: messages.ListUserMetadata, ctx: Context) -> Decision[messages.MetadataEntries]:
    """List the metadata of a user, by key."""
    _insist_on_reach(request.user_id, ctx)
    return KEPT.listed(request.user_id, request.key_prefix, ctx)


def delete_user_metadata(request: messages.DeleteUserMetadata, ctx: Context) -> Decision[Empty]:
    """Remove metadata of a user. A key that is not there is passed over."""
    _insist_on_managed(request.user_id, ctx)
    return KEPT.delete(request.user_id, request.keys, ctx)


def list_my_metadata(request: messages.ListMyMetadata, ctx: Context) -> Decision[messages.MetadataEntries]:
    """List what is kept with the caller."""
    if not ctx.caller.user_id:
        raise Unauthenticated("Only a user has metadata of its own")
    return KEPT.listed(ctx.caller.user_id, request.key_prefix, ctx)


def _insist_on_reach(user_id: str, ctx: Context) -> None:
    """Guarded, so that nothing is kept with a user who is removed or erased at that moment."""
    user = ctx.load(USER, user_id, guarded=True)
    reach(ctx, "user.read", exists=user.exists, organization=user.organization_id)


def _insist_on_managed(user_id: str, ctx: Context) -> None:
    """As for any change of a user, the caller has to hold all that the user holds: applications may go by it."""
    _insist_on_reach(user_id, ctx)
    if not all(covers(ctx.caller, held, ctx.roles()) for held in ctx.load(MEMBERSHIPS, user_id).held):
        raise PermissionDenied("The user holds roles that the caller does not")
