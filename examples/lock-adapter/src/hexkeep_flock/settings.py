"""What an operator sets: ``[locks.flock]`` in the file, ``HEXKEEP_LOCKS__FLOCK__…`` in the environment."""

from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field


class FlockSettings(BaseModel):
    """Where the leases lie."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    folder: Path = Field(description="Folder of the leases, on a local file system, shared by all nodes.")
