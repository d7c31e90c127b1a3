"""What is asked for in detail (RFC 9396), as the pages show it on which people agree."""

from hexkeep.core.detailstype.state import details_types
from hexkeep.core.kernel.decision import Context
from hexkeep.core.kernel.operation import Message
from hexkeep.core.oidc import rfc9396


class ShownDetails(Message):
    """What is asked for in detail (RFC 9396), as people read it."""

    name: str
    description: str
    lines: tuple[str, ...]


def shown_details(ctx: Context, text: str) -> tuple[ShownDetails, ...]:
    """All of what is asked for in detail, so that nobody agrees to what was not shown (RFC 9396 section 11.2)."""
    found = rfc9396.shown(rfc9396.kept(text), details_types(ctx)) if text else ()
    return tuple(
        ShownDetails(
            name=one.name, description=one.description, lines=tuple(f"{label}: {value}" for label, value in one.lines)
        )
        for one in found
    )
