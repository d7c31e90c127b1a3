"""The life of a resource: it becomes active, may be switched off and on again, and once removed never comes back."""

import enum

from hexkeep.core.kernel.errors import FailedPrecondition, NotFound


class Status(enum.StrEnum):
    """Where in its life a resource is. Wire values are stable; ``UNSPECIFIED`` in a filter means any."""

    UNSPECIFIED = "unspecified"
    """Before the first event: there is no such resource, and its id is still free."""
    ACTIVE = "active"
    INACTIVE = "inactive"
    """Switched off: readable and changeable by those who manage it, of no use to anybody else."""
    REMOVED = "removed"
    """Gone for good; the id is never given to another resource."""

    @property
    def exists(self) -> bool:
        """Whether there is such a resource now."""
        return self in {Status.ACTIVE, Status.INACTIVE}

    def insist(self, wanted: "Status", noun: str) -> None:
        """Raise ``NotFound`` for a resource that does not exist and ``FailedPrecondition`` for another status."""
        if not self.exists:
            raise NotFound
        if self is not wanted:
            raise FailedPrecondition(f"The {noun} is {self}", status=str(self))
