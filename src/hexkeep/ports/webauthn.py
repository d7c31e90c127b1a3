"""Web Authentication: whether what an authenticator says is true (W3C Web Authentication level 2, section 7)."""

from typing import Protocol

from hexkeep.core.factor.asks import Asserted, Attested, VerifyAssertion, VerifyAttestation


class WebAuthn(Protocol):
    """The port. Whatever is wrong with a response is answered with ``None``, never with an error.

    Where nothing can verify it raises ``FailedPrecondition``.
    """

    async def attested(self, ask: VerifyAttestation) -> Attested | None:
        """The credential that a response to a registration tells of."""

    async def asserted(self, ask: VerifyAssertion) -> Asserted | None:
        """What a response to a sign-in tells, whatever it has counted."""
