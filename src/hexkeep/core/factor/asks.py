"""Asks of Web Authentication: whether what an authenticator says is true."""

from dataclasses import dataclass, field

from hexkeep.core.kernel.ask import Ask


@dataclass(frozen=True, slots=True)
class RelyingParty:
    """Who we are to authenticators: the domain that credentials are for, and the origin whose pages may use them."""

    id: str
    origin: str


@dataclass(frozen=True, slots=True)
class Attested:
    """A credential that an authenticator has made. Its id and its COSE public key are in base64url."""

    credential_id: str
    public_key: str
    sign_count: int


@dataclass(frozen=True, slots=True)
class Asserted:
    """What an authenticator tells when it signs. ``sign_count`` is 0 for those that do not count."""

    sign_count: int
    user_verified: bool


@dataclass(frozen=True, slots=True)
class VerifyAttestation(Ask[Attested | None]):
    """W3C Web Authentication section 7.1: the credential that ``response`` (JSON) tells of, or ``None``.

    Type, challenge (base64url), origin, relying party and the presence of a person are judged, and with
    ``verified_user`` that the authenticator has verified who it is; no attestation of its maker is asked for.
    """

    response: str = field(repr=False)
    challenge: str = field(repr=False)
    party: RelyingParty
    verified_user: bool


@dataclass(frozen=True, slots=True)
class VerifyAssertion(Ask[Asserted | None]):
    """Section 7.2: what ``response`` (JSON), signed by the key ``public_key`` (base64url), tells, or ``None``.

    The sign count is for the asker to judge.
    """

    response: str = field(repr=False)
    challenge: str = field(repr=False)
    party: RelyingParty
    public_key: str
    verified_user: bool
