"""Names of domains as people write them, in the form in which they are kept and compared."""

import re
from typing import Annotated

from pydantic import AfterValidator, StringConstraints

from hexkeep.core.kernel.decision import Context
from hexkeep.core.kernel.errors import InvalidInput, Violation
from hexkeep.core.kernel.fields import one_line
from hexkeep.core.kernel.outside import AsciiDomain

DomainName = Annotated[
    str,
    StringConstraints(min_length=1, max_length=253, strip_whitespace=True, pattern=r"^[^/\s]+$"),
    AfterValidator(one_line),
]
"""A domain as somebody writes it, internationalised or not (RFC 1035 §2.3.4, RFC 5891)."""

LABEL = re.compile(r"(?!-)[a-z0-9-]{1,63}(?<!-)")
MAX_LENGTH = 253


def canonical(name: str, ctx: Context) -> str:
    """The name as the DNS has it; raises ``InvalidInput`` for what is no domain of at least two labels."""
    plain = name.lower().removesuffix(".")
    if not plain.isascii() or "xn--" in plain:
        plain = ctx.ask(AsciiDomain(name))
    labels = plain.split(".")
    if len(labels) < 2 or not all(map(LABEL.fullmatch, labels)) or labels[-1].isdigit() or len(plain) > MAX_LENGTH:  # noqa: PLR2004 - a top-level domain is nobody's
        raise InvalidInput("", Violation("domain", "must be a domain name, such as example.com"))
    return plain
