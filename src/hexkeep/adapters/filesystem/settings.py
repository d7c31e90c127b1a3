"""What a deployment may say about blobs as files."""

from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field


class FilesystemSettings(BaseModel):
    """Blobs as files. Nodes of one installation have to share the folder, on a file system that keeps locks."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    folder: Path = Field(
        default=Path("hexkeep-data/blobs"),
        description="Folder of the files, readable by their owner alone. Unset: `blobs` in the data folder.",
    )
