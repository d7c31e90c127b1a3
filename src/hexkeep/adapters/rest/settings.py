"""What an operator may say about the REST surface."""

from ipaddress import IPv4Network, IPv6Network

from pydantic import BaseModel, ConfigDict, Field

from hexkeep.adapters.asgi.proxies import ClientCertificates, Forwarding


class RestSettings(BaseModel):
    """Bounds and trust of the REST surface. Sizes are in bytes, times in seconds."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    body_limit: int = Field(1 << 20, ge=1 << 10, le=1 << 26, description="Largest request body in bytes.")
    depth_limit: int = Field(32, ge=4, le=200, description="Deepest nesting of a JSON body.")
    deadline: float = Field(10.0, gt=0, le=300, description="Seconds after which a call is given up.")
    longest_stream: float = Field(
        600.0, gt=0, le=86400, description="Seconds after which a stream of events ends; clients come again."
    )
    stream_limit: int = Field(
        1 << 26,
        ge=1 << 16,
        description="Bytes after which a stream ends over HTTP/2, where what a client does not read "
        "would be kept without bound; clients go on from the last `next_cursor`.",
    )
    heartbeat: float = Field(
        15.0, gt=0, le=300, description="Seconds of silence after which a stream sends a comment, to keep it open."
    )
    trusted_proxies: tuple[IPv4Network | IPv6Network, ...] = Field(
        (), description="Networks of the proxies whose word on host and client address is taken."
    )
    forwarding: Forwarding = Field(Forwarding.X_FORWARDED, description="The headers those proxies write.")
    client_certificates: ClientCertificates = Field(
        ClientCertificates.NONE,
        description="Which certificates of clients those proxies pass on in `Client-Cert` (RFC 9440): `none`; `any`, "
        "whoever issued them; or `verified`, of authorities that the proxies trust, alone. Never claim it of a proxy "
        "that passes on what its clients write into that header.",
    )
