"""What every endpoint that clients call by themselves takes in, before anything of it is believed."""

from typing import Annotated

from pydantic import Field

from hexkeep.core.kernel.operation import Message

Parameters = dict[str, Annotated[str, Field(max_length=16_384)]]
"""The parameters of a form or query, each name with its first value, percent-decoded."""
Repeated = tuple[Annotated[str, Field(max_length=256)], ...]


class ClientRequest(Message):
    """A form that a client posted (RFC 6749 section 3.2), with what it showed to prove who it is."""

    params: Parameters = Field(max_length=64, repr=False)
    repeated: Repeated = Field((), max_length=64, description="Names that were given more than once")
    resources: tuple[Annotated[str, Field(max_length=2000)], ...] = Field(
        (), max_length=20, description="Every value of the parameter resource (RFC 8707 section 2), in order"
    )
    audiences: tuple[Annotated[str, Field(max_length=2000)], ...] = Field(
        (), max_length=20, description="Every value of the parameter audience (RFC 8693 section 2.1), in order"
    )
    authorization: str = Field("", max_length=8192, repr=False, description="The Authorization header, or empty")
    dpop: str = Field("", max_length=8192, repr=False, description="The DPoP header (RFC 9449), or empty")
    url: str = Field("", max_length=4096, description="Where the client believes to have sent it, without the query")
    certificate: str = Field(
        "",
        max_length=16_384,
        description="The certificate of its TLS connection, DER in base64 (RFC 9440 section 2.1), or empty",
    )
    certificate_verified: bool = Field(
        False, description="Whether a trusted proxy has verified who issued the certificate (RFC 8705 section 2.1)"
    )
