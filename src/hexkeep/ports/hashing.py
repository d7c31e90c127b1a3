"""Hashing: what people choose is hashed slowly, off the event loop, in a bounded pool."""

from typing import Protocol

from hexkeep.core.kernel.ask import PasswordCheck


class PasswordHashing(Protocol):
    """The port. Raises ``Overloaded`` when too many wait; never blocks the event loop."""

    async def hash(self, password: str) -> str:
        """A PHC string; argon2id (RFC 9106) with the configured cost."""

    async def verify(self, hash_: str, password: str) -> PasswordCheck:
        """Whether the password fits, and a better hash if the present one is below today's cost.

        With an empty or unusable hash it takes as long as with a real one and the answer is no.
        """

    def close(self) -> None:
        """Let the pool end."""
