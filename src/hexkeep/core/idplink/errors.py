"""The errors of links."""

from hexkeep.core.kernel.errors import FailedPrecondition


class LastWayIn(FailedPrecondition):
    """Without this link the person could not sign in any more: no password, no passkey, no other link is there."""

    code = "last_way_in"
    title = "This is the only way to sign in that is left"
