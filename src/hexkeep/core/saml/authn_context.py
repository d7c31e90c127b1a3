"""Authentication context (Core section 3.3.2.2.1, Authentication Context 2.0): our classes under SAML's names."""

from collections.abc import Iterable, Mapping

from hexkeep.core.oidc import acr

PASSWORD_PROTECTED_TRANSPORT = "urn:oasis:names:tc:SAML:2.0:ac:classes:PasswordProtectedTransport"
REFEDS_MFA = "https://refeds.org/profile/mfa"
"""REFEDS Multi-Factor Authentication Profile."""
PHISHING_RESISTANT = "urn:hexkeep:acr:phr"
"""There is no name of SAML's for it."""
_ANY = "urn:oasis:names:tc:SAML:2.0:ac:classes:unspecified"

NAMES: Mapping[str, str] = {
    acr.PASSWORD: PASSWORD_PROTECTED_TRANSPORT,
    acr.MULTI_FACTOR: REFEDS_MFA,
    acr.PHISHING_RESISTANT: PHISHING_RESISTANT,
}
"""What each of our classes is called unless the request has another name for it."""
CLASSES: Mapping[str, str] = {
    **{name: own for own, name in NAMES.items()},
    "urn:oasis:names:tc:SAML:2.0:ac:classes:Password": acr.PASSWORD,
    acr.PASSWORD: acr.PASSWORD,
    acr.MULTI_FACTOR: acr.MULTI_FACTOR,
}
"""Which of our classes each name stands for."""


def wanted(names: tuple[str, ...], comparison: str) -> tuple[str, ...] | None:
    """Our classes that meet a RequestedAuthnContext, the preferred first; ``None`` where none would.

    Empty for any. Our classes are ordered, so ``minimum``, ``better`` and ``maximum`` have their meaning.
    """
    if not names or _ANY in names:
        return ()
    known = tuple(dict.fromkeys(CLASSES[name] for name in names if name in CLASSES))
    if comparison in {"", "exact"}:
        return known or None
    ranks = [acr.SUPPORTED.index(one) for one in known]  # the strongest has the lowest
    if not ranks:
        return None
    bounds = {
        "minimum": acr.SUPPORTED[: max(ranks) + 1][::-1],
        "better": acr.SUPPORTED[: min(ranks)][::-1],
        "maximum": acr.SUPPORTED[min(ranks) :],
    }
    return bounds.get(comparison) or None


def told(methods: Iterable[str], classes: tuple[str, ...], names: tuple[str, ...]) -> str:
    """The name of the class of a sign-in by these methods: the request's own for it, if it has one."""
    known = acr.told(methods, acr.Wanted(classes))
    return next((name for name in names if CLASSES.get(name) == known), NAMES.get(known, _ANY))
