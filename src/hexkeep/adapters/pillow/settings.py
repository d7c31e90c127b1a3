"""What a deployment may say about the drawing of pictures."""

from pydantic import BaseModel, ConfigDict, Field


class PillowSettings(BaseModel):
    """Uploaded pictures are drawn anew in a few threads. A picture at work takes four bytes for each of its points."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    points: int = Field(
        default=4096 * 4096,
        ge=1 << 16,
        le=1 << 28,
        description="Width times height that an uploaded picture may have; more is refused before it is decoded.",
    )
    threads: int = Field(default=1, ge=1, le=64, description="Pictures that are drawn at once.")
    max_waiting: int = Field(
        default=16,
        ge=0,
        le=10_000,
        description="Pictures that may wait for a thread; those beyond are refused as `overloaded`.",
    )
