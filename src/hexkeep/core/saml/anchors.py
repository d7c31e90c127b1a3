"""Whose signature makes metadata count (Metadata section 3): certificates that an administrator has named."""

import re
from typing import Annotated

from pydantic import AfterValidator, Field, StringConstraints

from hexkeep.core.kernel.decision import Context
from hexkeep.core.kernel.errors import InvalidInput, Violation
from hexkeep.core.oidc.x509 import ReadCertificate
from hexkeep.core.saml.asks import ReadXml, VerifyXml
from hexkeep.core.saml.xml import Element

CERTIFICATES = "metadata_certificates"
"""The field that names them."""
MAX_ANCHORS = 5
_ARMOR = re.compile(r"-----[A-Z ]+-----|\s+")


def bare(certificates: tuple[str, ...]) -> tuple[str, ...]:
    """Certificates, PEM or base64 of DER, as the latter, each once."""
    return tuple(dict.fromkeys(_ARMOR.sub("", text) for text in certificates))


Anchor = Annotated[str, StringConstraints(min_length=1, max_length=16_384)]
Anchors = Annotated[tuple[Anchor, ...], Field(max_length=MAX_ANCHORS), AfterValidator(bare)]
"""As they are handed in; what is left of them is base64 of DER."""


def insist_on_certificates(ctx: Context, certificates: tuple[str, ...]) -> None:
    """Raise ``InvalidInput`` for what is no certificate."""
    for number, one in enumerate(certificates):
        if ctx.ask(ReadCertificate(one)) is None:
            raise InvalidInput("", Violation(f"{CERTIFICATES}.{number}", "is no certificate"))


def vouched_for(ctx: Context, text: str, certificates: tuple[str, ...], field: str) -> Element | None:
    """The root of metadata that one of the certificates has signed as a whole, of any where there are none.

    Raises ``InvalidInput`` at ``field`` for any other; ``None`` is what nobody can read.
    """
    if not certificates:
        return ctx.ask(ReadXml(text.encode()))
    root = ctx.ask(VerifyXml(text.encode(), certificates))
    if root is None:
        raise InvalidInput("", Violation(field, f"is not signed as a whole by one of {CERTIFICATES}"))
    return root
