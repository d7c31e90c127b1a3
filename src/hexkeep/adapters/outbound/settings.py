"""The settings of what goes outside."""

from pydantic import BaseModel, ConfigDict, Field

from hexkeep.adapters.outbound.addresses import Address, is_outside


class OutboundSettings(BaseModel):
    """Looks at domains, URLs of others, and webhooks: how they go outside."""

    model_config = ConfigDict(frozen=True, extra="forbid", validate_default=True)

    private_networks: bool = Field(
        default=False,
        description="Whether private and loopback addresses may be called. For tests and for intranets whose "
        "administrators may all reach each other's servers.",
    )
    nameservers: tuple[str, ...] = Field(
        default=(),
        description="Addresses of DNS servers, with a port or not: `192.0.2.53`, `127.0.0.1:5353`, `[2001:db8::1]:53`. "
        "Unset: those of the machine.",
    )
    lookup_seconds: float = Field(default=5.0, gt=0, le=60, description="How long one question to the DNS may take.")
    connections: int = Field(default=50, ge=1, le=1000, description="Requests that may be on their way together.")
    http_port: int = Field(
        default=80,
        ge=1,
        le=65535,
        description="Port of plain HTTP where a URL names none, as for the validation file of a domain. Another than "
        "80 is for tests.",
    )
    certificates: str = Field(
        default="",
        description="File of certificates of authorities, in PEM, that are trusted in place of the machine's.",
    )

    def allows(self, address: Address) -> bool:
        """Whether an address may be connected to."""
        return self.private_networks or is_outside(address)
