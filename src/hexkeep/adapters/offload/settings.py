"""Where work beside the event loop is done."""

from pydantic import BaseModel, ConfigDict, Field


class OffloadSettings(BaseModel):
    """Processes beside the server's for what strangers have written in XML: SAML is read, judged and signed there."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    processes: int = Field(
        default=1,
        ge=0,
        le=64,
        description="How many there are at most; they start when they are needed. 0: a thread of the server's own "
        "process does it, which takes less memory and holds up other requests.",
    )
