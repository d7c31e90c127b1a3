"""Authentication context classes: how well somebody signed in, what a client asks for, and whether it can be had.

OIDC Core sections 2 and 5.5.1.1, OpenID Connect Extended Authentication Profile ACR Values 1.0 (``phr``), OpenID
Connect Core Error Code unmet_authentication_requirements 1.0, and RFC 9470 for APIs that find a sign-in too weak.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from hexkeep.core.oidc.claims_request import ClaimsRequest

PASSWORD = "urn:hexkeep:acr:pwd"
"""One proof at least."""
MULTI_FACTOR = "urn:hexkeep:acr:mfa"
"""Two proofs of different kinds, or a passkey that has verified who used it."""
PHISHING_RESISTANT = "phr"
"""The same, and one of them can be shown to nobody but us: a passkey. ``phrh`` is not told: nobody attests hardware."""
SUPPORTED = (PHISHING_RESISTANT, MULTI_FACTOR, PASSWORD)
"""The strongest first; each includes those after it."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """The classes that a client asks for, in order of preference; nothing else will do where they are essential."""

    values: tuple[str, ...] = ()
    essential: bool = False

    @property
    def possible(self) -> tuple[str, ...]:
        """Those of them that there are."""
        return tuple(value for value in self.values if value in SUPPORTED)

    @property
    def impossible(self) -> bool:
        """Whether nobody can sign in like that here."""
        return self.essential and bool(self.values) and not self.possible

    def met(self, methods: Iterable[str]) -> bool:
        """Whether a sign-in by these methods is of one of the classes, or any will do."""
        return not self.possible or bool(set(self.possible) & set(classes(methods)))

    def met_by(self, methods: Iterable[str], *, second: bool, passkey: bool) -> bool:
        """Whether it could be, were one of the person's second factors proven as well, of which one is a passkey."""
        more = (("swk", "mfa") if passkey else ()) + (("mfa",) if second else ())
        return self.met((*methods, *more))


ANY = Wanted()


def classes(methods: Iterable[str]) -> tuple[str, ...]:
    """The classes of a sign-in by these methods (RFC 8176), the strongest first."""
    known = set(methods)
    if "mfa" not in known:
        return (PASSWORD,) if known else ()
    return SUPPORTED if "swk" in known else SUPPORTED[1:]


def wanted(request: ClaimsRequest, acr_values: tuple[str, ...]) -> Wanted:
    """OIDC Core section 5.5.1.1: the claim where it is asked for with values, else ``acr_values``, a mere wish."""
    wish = request.acr
    named = tuple(value for value in wish.values if isinstance(value, str)) if wish else ()
    if wish and named:
        return Wanted(named, wish.essential)
    return Wanted(acr_values)


def told(methods: Iterable[str], asked: Wanted = ANY) -> str:
    """The class to tell: the first of those asked for that holds, else the strongest; empty for no proof at all."""
    known = classes(methods)
    return next((value for value in asked.possible if value in known), known[0] if known else "")


def acr_values(text: str) -> tuple[str, ...]:
    """Section 3.1.2.1: the classes of a space-delimited list that there are, each once.

    What else stands there could not be met, and is kept nowhere: it may be anything, people's names among it.
    """
    return tuple(one for one in dict.fromkeys(text.split()) if one in SUPPORTED)
