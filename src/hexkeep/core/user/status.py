"""Where a user is in its life: what other resources know, and two things that only happen to users."""

import enum

from hexkeep.core.kernel.errors import FailedPrecondition, NotFound


class UserStatus(enum.StrEnum):
    """Where in its life a user is. Wire values are stable; ``UNSPECIFIED`` in a filter means any."""

    UNSPECIFIED = "unspecified"
    """Before the first event: there is no such user, and its id is still free."""
    INITIAL = "initial"
    """A person who was invited and has not chosen a password yet."""
    ACTIVE = "active"
    INACTIVE = "inactive"
    """Switched off by somebody who manages users."""
    LOCKED = "locked"
    """Kept out, by a manager or after too many failed attempts, until unlocked or until the lock's time is over."""
    REMOVED = "removed"
    """Gone for good; the id is never given to another user."""

    @property
    def exists(self) -> bool:
        """Whether there is such a user now."""
        return self not in {UserStatus.UNSPECIFIED, UserStatus.REMOVED}

    def insist(self, *wanted: "UserStatus") -> None:
        """Raise ``NotFound`` for a user who does not exist and ``FailedPrecondition`` for one with another status."""
        if not self.exists:
            raise NotFound
        if self not in wanted:
            raise FailedPrecondition(f"The user is {self}", status=str(self))


class LockReason(enum.StrEnum):
    """Why a user was locked."""

    UNSPECIFIED = "unspecified"
    MANAGER = "manager"
    """Somebody who manages users has done it."""
    FAILED_ATTEMPTS = "failed_attempts"
    """Too many attempts to prove who the user is have failed, as the lockout policy counts them."""


class Gender(enum.StrEnum):
    """How a person wants to be addressed, for texts that need to know."""

    UNSPECIFIED = "unspecified"
    FEMALE = "female"
    MALE = "male"
    DIVERSE = "diverse"
