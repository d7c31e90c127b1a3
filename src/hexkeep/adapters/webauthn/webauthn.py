"""py_webauthn behind the port. It is imported with the first response; verifying one takes well under a millisecond."""

from hexkeep.core.factor.asks import Asserted, Attested, VerifyAssertion, VerifyAttestation
from hexkeep.core.kernel.errors import FailedPrecondition


class PyWebAuthn:
    """The port ``webauthn.WebAuthn``."""

    async def attested(self, ask: VerifyAttestation) -> Attested | None:
        """See the port."""
        try:
            from hexkeep.adapters.webauthn.verifying import attested
        except ImportError as error:
            raise _missing() from error
        return attested(ask)

    async def asserted(self, ask: VerifyAssertion) -> Asserted | None:
        """See the port."""
        try:
            from hexkeep.adapters.webauthn.verifying import asserted
        except ImportError as error:
            raise _missing() from error
        return asserted(ask)


def _missing() -> FailedPrecondition:
    return FailedPrecondition("Passkeys are taken where hexkeep[webauthn] is installed")
