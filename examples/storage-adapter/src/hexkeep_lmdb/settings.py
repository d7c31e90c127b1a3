"""What may be set."""

from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field


class LmdbSettings(BaseModel):
    """Where the file lies, and how large it may become."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    folder: Path = Field(description="Folder of the database, on a local file system.")
    most_bytes: int = Field(
        default=8 << 30,
        ge=1 << 20,
        description="Bytes that the file may have at most; addresses, not disk, until used.",
    )
    units_kept_days: int = Field(default=3, ge=1, le=90, description="How long the outcome of an append is remembered.")
