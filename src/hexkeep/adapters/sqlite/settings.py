"""What a deployment may say about its SQLite file."""

from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field


class SqliteSettings(BaseModel):
    """Where the file is, and how hard to use it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    path: Path = Field(
        description="The database file. It is made when missing, on a local disk, never a network share."
    )
    synchronous: Literal["FULL", "NORMAL"] = Field(
        default="FULL", description="`NORMAL` is faster, but a power failure may undo the last writes."
    )
    busy_timeout: float = Field(
        default=5.0, ge=0, le=60, description="Seconds to wait for a foreign program that holds the file's lock."
    )
    readers: int = Field(default=4, ge=1, le=64, description="Threads that answer longer reads.")
    max_waiting: int = Field(
        default=1000, ge=1, le=1_000_000, description="Reads, and writes, that may wait; more are `overloaded`."
    )
    cache_size: int = Field(default=64, ge=1, le=65536, description="MiB of page cache of the writing connection.")
    checkpoint_pages: int = Field(
        default=4000, ge=100, le=1_000_000, description="Pages in the write-ahead log that start a checkpoint."
    )
    units_kept_days: int = Field(default=3, ge=1, le=90, description="How long the outcome of an append is remembered.")
