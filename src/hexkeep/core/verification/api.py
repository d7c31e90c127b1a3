"""The operation on verifications."""

from hexkeep.core.kernel.operation import AnyOperation, ApiName, Empty, Http, Method, Operation
from hexkeep.core.verification.queries import VerificationStatus, get_verification_status

OPERATIONS: tuple[AnyOperation, ...] = (
    Operation(
        name="GetVerificationStatus",
        api=ApiName.SYSTEM,
        input=Empty,
        output=VerificationStatus,
        permission="system.verification.read",
        handle=get_verification_status,
        http=Http(Method.GET, "/system/v1/verification"),
        writes=False,
    ),
)
"""All of them, in the order of the documentation."""
