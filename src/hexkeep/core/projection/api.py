"""The operations on projections."""

from hexkeep.core.kernel.operation import AnyOperation, ApiName, Empty, Http, Method, Operation
from hexkeep.core.projection.commands import (
    RebuildProjection,
    RebuildProjectionOutput,
    RetryParked,
    RetryParkedOutput,
    SkipParked,
    rebuild_projection,
    retry_parked,
    skip_parked,
)
from hexkeep.core.projection.processes import GetProcess, GetProcessOutput, get_process
from hexkeep.core.projection.queries import (
    ListParked,
    ListParkedOutput,
    ListProjectionsOutput,
    list_parked,
    list_projections,
)

PATH = "/admin/v1/projections"

OPERATIONS: tuple[AnyOperation, ...] = (
    Operation(
        name="ListProjections",
        api=ApiName.ADMIN,
        input=Empty,
        output=ListProjectionsOutput,
        permission="projection.read",
        handle=list_projections,
        http=Http(Method.GET, PATH),
        writes=False,
    ),
    Operation(
        name="ListParked",
        api=ApiName.ADMIN,
        input=ListParked,
        output=ListParkedOutput,
        permission="projection.read",
        handle=list_parked,
        http=Http(Method.GET, PATH + "/parked"),
        writes=False,
    ),
    Operation(
        name="GetProcess",
        api=ApiName.ADMIN,
        input=GetProcess,
        output=GetProcessOutput,
        permission="projection.read",
        handle=get_process,
        http=Http(Method.GET, "/admin/v1/processes/{process}/{aggregate_id}"),
        writes=False,
    ),
    Operation(
        name="RetryParked",
        api=ApiName.ADMIN,
        input=RetryParked,
        output=RetryParkedOutput,
        permission="projection.write",
        handle=retry_parked,
        http=Http(Method.POST, PATH + "/{projection}/retry"),
    ),
    Operation(
        name="SkipParked",
        api=ApiName.ADMIN,
        input=SkipParked,
        output=Empty,
        permission="projection.write",
        handle=skip_parked,
        http=Http(Method.POST, PATH + "/{projection}/skip"),
    ),
    Operation(
        name="RebuildProjection",
        api=ApiName.ADMIN,
        input=RebuildProjection,
        output=RebuildProjectionOutput,
        permission="projection.write",
        handle=rebuild_projection,
        http=Http(Method.POST, PATH + "/{projection}/rebuild"),
    ),
)
"""All of them, in the order of the documentation."""
