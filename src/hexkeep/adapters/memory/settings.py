"""What a deployment may say about the memory storage."""

from pydantic import BaseModel, ConfigDict


class MemorySettings(BaseModel):
    """Nothing: memory has no address, no credentials and no limits but the machine's."""

    model_config = ConfigDict(frozen=True, extra="forbid")
