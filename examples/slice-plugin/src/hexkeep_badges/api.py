"""The operations of badges: each entry is a path over REST, a command, and a call for embedding programs."""

from hexkeep.core.kernel.operation import AnyOperation, ApiName, Empty, Http, Method, Operation
from hexkeep_badges import commands, queries

BADGES = "/management/v1/badges"

OPERATIONS: tuple[AnyOperation, ...] = (
    Operation(
        name="CreateBadge",
        api=ApiName.MANAGEMENT,
        input=commands.CreateBadge,
        output=commands.BadgeId,
        permission="badge.write",
        handle=commands.create_badge,
        http=Http(Method.POST, BADGES, 201),
        idempotent=True,
    ),
    Operation(
        name="UpdateBadge",
        api=ApiName.MANAGEMENT,
        input=commands.UpdateBadge,
        output=Empty,
        permission="badge.write",
        handle=commands.update_badge,
        http=Http(Method.PATCH, f"{BADGES}/{{badge_id}}"),
    ),
    Operation(
        name="RetireBadge",
        api=ApiName.MANAGEMENT,
        input=commands.RetireBadge,
        output=Empty,
        permission="badge.write",
        handle=commands.retire_badge,
        http=Http(Method.POST, f"{BADGES}/{{badge_id}}/retire"),
    ),
    Operation(
        name="GetBadge",
        api=ApiName.MANAGEMENT,
        input=commands.BadgeId,
        output=queries.BadgeView,
        permission="badge.read",
        handle=queries.get_badge,
        http=Http(Method.GET, f"{BADGES}/{{badge_id}}"),
        writes=False,
    ),
    Operation(
        name="ListBadges",
        api=ApiName.MANAGEMENT,
        input=queries.ListBadges,
        output=queries.BadgePage,
        permission="badge.read",
        handle=queries.list_badges,
        http=Http(Method.GET, BADGES),
        writes=False,
    ),
)
