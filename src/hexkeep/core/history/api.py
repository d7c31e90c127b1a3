"""The operations of history."""

from hexkeep.core.history import queries, search
from hexkeep.core.kernel.operation import AnyOperation, ApiName, Http, Method, Operation
from hexkeep.core.kernel.permission import AUTHENTICATED

ONE = "/admin/v1/history/{aggregate_type}/{aggregate_id}"
ORGANIZATION = "/management/v1/organizations/{organization_id}"

OPERATIONS: tuple[AnyOperation, ...] = (
    Operation(
        "ListHistory",
        ApiName.ADMIN,
        queries.ListHistory,
        queries.History,
        "event.read",
        queries.list_history,
        Http(Method.GET, ONE),
        writes=False,
    ),
    Operation(
        "GetResourceAt",
        ApiName.ADMIN,
        queries.GetResourceAt,
        queries.ResourceThen,
        "event.read",
        queries.get_resource_at,
        Http(Method.GET, f"{ONE}/at"),
        writes=False,
    ),
    Operation(
        "ListEvents",
        ApiName.ADMIN,
        search.ListEvents,
        search.EventPage,
        "event.read",
        search.list_events,
        Http(Method.GET, "/admin/v1/events"),
        writes=False,
    ),
    Operation(
        "WatchEvents",
        ApiName.ADMIN,
        search.WatchEvents,
        search.EventPage,
        "event.read",
        search.watch_events,
        Http(Method.GET, "/admin/v1/events/feed"),
        writes=False,
        stream=True,
    ),
    Operation(
        "ListOrganizationEvents",
        ApiName.MANAGEMENT,
        search.ListOrganizationEvents,
        search.EventPage,
        "event.read",
        search.list_organization_events,
        Http(Method.GET, f"{ORGANIZATION}/events"),
        writes=False,
    ),
    Operation(
        "GetResourceHistory",
        ApiName.MANAGEMENT,
        search.GetResourceHistory,
        search.EventPage,
        "event.read",
        search.get_resource_history,
        Http(Method.GET, ORGANIZATION + "/history/{aggregate_type}/{aggregate_id}"),
        writes=False,
    ),
    Operation(
        "ListMyEvents",
        ApiName.AUTH,
        search.ListMyEvents,
        search.EventPage,
        AUTHENTICATED,
        search.list_my_events,
        Http(Method.GET, "/auth/v1/me/events"),
        writes=False,
    ),
)
"""All of them."""
