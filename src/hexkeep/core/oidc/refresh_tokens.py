"""The text of refresh tokens.

``<family id>.<family secret>.<token secret>``: the family secret stays, the token secret is new each time, and of both
only keyed hashes are stored. Whoever shows the right family secret with a token secret that does not hold had an old
token of this family, so one of two holders is a thief and the family ends (RFC 9700 section 4.14.2). Whoever knows no
more than the family's id can do it no harm.
"""

from dataclasses import dataclass, field

FAMILY_PURPOSE = "refresh_family"
TOKEN_PURPOSE = "refresh_token"
PARTS = 3


@dataclass(frozen=True, slots=True)
class RefreshToken:
    """A refresh token in its parts."""

    family_id: str
    family_secret: str = field(repr=False)
    secret: str = field(repr=False)

    @property
    def text(self) -> str:
        """What the application gets."""
        return f"{self.family_id}.{self.family_secret}.{self.secret}"


def parse(text: str) -> RefreshToken | None:
    """The token behind its text, or ``None`` when it does not look like one."""
    parts = text.split(".")
    return RefreshToken(*parts) if len(parts) == PARTS and all(parts) else None
