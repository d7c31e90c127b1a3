"""What protocol runs keep for a while in the expiring store, as bytes and back."""

from typing import Self

from pydantic import BaseModel, ConfigDict, ValidationError


class KeptValue(BaseModel):
    """Base of the values: frozen, and strict about their fields."""

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)

    def to_bytes(self) -> bytes:
        """The form in which it is kept."""
        return self.model_dump_json().encode()

    @classmethod
    def from_bytes(cls, kept: bytes | None) -> Self | None:
        """What was kept, or ``None`` for nothing, or for what an incompatible version of this program kept."""
        try:
            return None if kept is None else cls.model_validate_json(kept)
        except ValidationError:
            return None
