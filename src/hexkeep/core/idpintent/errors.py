"""The errors of a sign-in elsewhere.

::

    IdpFailed
    ├── IdpRefused       idp_refused       the provider said no
    ├── IdpCancelled     idp_cancelled     the person did
    ├── IdpMalformed     idp_malformed     what came back cannot be trusted
    ├── IdpUnreachable   idp_unreachable   the provider does not answer
    └── IdpNotRecent     idp_not_recent    the application wants a sign-in that is newer than what the provider can show
"""

import re

from hexkeep.core.kernel.errors import FailedPrecondition, HexkeepError, PermissionDenied, Unauthenticated, Unavailable

REASON = re.compile(r"[a-z0-9_.-]{1,60}")


class IdpFailed(HexkeepError):
    """Base of what a provider may fail with.

    ``reason`` is a short word for the operator's log (small letters, digits, ``_``, ``.``, ``-``), never anything that
    a stranger could choose and never a secret; anything else is left out.
    """

    def __init__(self, reason: str = "") -> None:
        super().__init__()
        self.reason = reason if REASON.fullmatch(reason) else ""


class IdpRefused(IdpFailed, PermissionDenied):
    """The identity provider said that this person may not sign in by it, or does not accept us."""

    code = "idp_refused"
    title = "The identity provider refused the sign-in"


class IdpCancelled(IdpFailed, PermissionDenied):
    """The person did not want to go on at the identity provider."""

    code = "idp_cancelled"
    title = "The sign-in was cancelled at the identity provider"


class IdpMalformed(IdpFailed, Unauthenticated):
    """What came back from the identity provider is not what was asked for, or nobody there has signed it."""

    code = "idp_malformed"
    title = "The answer of the identity provider cannot be trusted"


class IdpUnreachable(IdpFailed, Unavailable):
    """The identity provider does not answer, or answers that it cannot."""

    code = "idp_unreachable"
    title = "The identity provider does not answer"


class IdpNotRecent(IdpFailed, PermissionDenied):
    """The person authenticated there longer ago than the application wants, or the provider cannot tell when.

    OIDC Core section 3.1.2.1, ``prompt=login`` and ``max_age``; SAML 2.0 Core section 3.4.1, ``ForceAuthn``.
    """

    code = "idp_not_recent"
    title = "The identity provider cannot show as recent a sign-in as the application wants"


class IdpIntentInvalid(Unauthenticated):
    """This sign-in elsewhere is unknown, over, used already, or was begun in another browser; which is not told."""

    code = "idp_intent_invalid"
    title = "This sign-in is not known here, or is over"


class IdpAccountTaken(FailedPrecondition):
    """The account at the provider is linked to somebody else here; who that is, is not told."""

    code = "idp_account_taken"
    title = "That account is linked to somebody else"


class IdpNotOffered(FailedPrecondition):
    """Nobody signs in by this identity provider here: it is not offered, not active, or the login policy forbids it."""

    code = "idp_not_offered"
    title = "This identity provider is not offered here"


class IdpAccountUnknown(PermissionDenied):
    """Nobody here has this account at the identity provider, and nobody gets one by it."""

    code = "idp_account_unknown"
    title = "There is no account here for this sign-in"
