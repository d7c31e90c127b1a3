"""What an operator may say about native gRPC."""

import enum
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, ValidationInfo, field_validator

STEP = 1000
LAST_PORT = 65535


class Compression(enum.StrEnum):
    """How answers are compressed, for callers that accept it. What callers send may be compressed with gzip anyway."""

    NONE = "none"
    GZIP = "gzip"


class GrpcSettings(BaseModel):
    """Native gRPC, on a port of its own. Sizes are in bytes, times in seconds."""

    model_config = ConfigDict(frozen=True, extra="forbid", validate_default=True)

    enabled: bool = Field(default=True, description="Whether there is such a port.")
    host: str = Field(default="", description="Address to listen on. Unset: `server.host`.")
    port: int | None = Field(
        default=None,
        ge=0,
        le=LAST_PORT,
        description="Port to listen on; 0 takes a free one. Unset: 1000 above `server.port`, which is 9080.",
    )
    tls_certificate: Path | None = Field(
        default=None, description="File with the certificate and its chain, as PEM. Unset: `server.tls_certificate`."
    )
    tls_key: Path | None = Field(default=None, description="File with its private key. Unset: it is in the same file.")
    main_port: bool = Field(
        default=False,
        description="Also answer native gRPC on the main port, by an HTTP/2 implementation that calls itself "
        "experimental (zttp). It does not hold back who streams by who reads.",
    )
    message_limit: int = Field(
        default=4 << 20, ge=1 << 10, le=1 << 26, description="Largest message received in bytes, once decompressed."
    )
    deadline: float = Field(
        default=10.0, gt=0, le=300, description="Seconds after which a call is given up. Callers may ask for less."
    )
    longest_stream: float = Field(
        default=600.0, gt=0, le=86400, description="Seconds after which a stream ends; callers go on from its cursor."
    )
    calls: int = Field(default=1000, ge=1, le=100_000, description="Calls and streams at once; more are refused.")
    keepalive: float = Field(
        default=60.0, ge=1, le=7200, description="Seconds between two looks whether a quiet client is still there."
    )
    connection_age: float = Field(
        default=3600.0,
        ge=0,
        description="Seconds after which a connection is ended gently, for clients to spread over nodes; 0: never.",
    )
    compression: Compression = Field(default=Compression.NONE, description="How answers are compressed.")
    reflection: bool = Field(default=True, description="Whether the server tells what it offers (server reflection).")

    @field_validator("tls_key")
    @classmethod
    def _belongs_to_a_certificate(cls, value: Path | None, info: ValidationInfo) -> Path | None:
        if value is not None and info.data.get("tls_certificate") is None:
            raise ValueError("a key needs its certificate: set tls_certificate")
        return value

    def port_beside(self, main: int) -> int:
        """The port to listen on where the main one, as it is configured, is ``main``; 0 for any free one."""
        if self.port is not None:
            return self.port
        return main + STEP if 0 < main <= LAST_PORT - STEP else 0
