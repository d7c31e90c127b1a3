"""Algorithms of JOSE (RFC 7518, RFC 8037, RFC 9864) that clients may register and keys may have."""

import enum


class SigningAlgorithm(enum.StrEnum):
    """JWS algorithms. ``HS…`` is for assertions that a client signs with its secret alone.

    ``none`` is for request objects alone, which then say no more than a query: what anybody relies on is signed.
    """

    UNSPECIFIED = "unspecified"
    RS256 = "RS256"
    RS384 = "RS384"
    RS512 = "RS512"
    PS256 = "PS256"
    PS384 = "PS384"
    PS512 = "PS512"
    ES256 = "ES256"
    ES384 = "ES384"
    ES512 = "ES512"
    EDDSA = "EdDSA"
    """The name that RFC 8037 gave to Ed25519; RFC 9864 gives it that of the curve. They are the same here."""
    ED25519 = "Ed25519"
    HS256 = "HS256"
    HS384 = "HS384"
    HS512 = "HS512"
    NONE = "none"


class KeyAlgorithm(enum.StrEnum):
    """JWE algorithms by which the content's key is told (RFC 7518 section 4.1)."""

    UNSPECIFIED = "unspecified"
    RSA_OAEP = "RSA-OAEP"
    RSA_OAEP_256 = "RSA-OAEP-256"
    ECDH_ES = "ECDH-ES"
    ECDH_ES_A128KW = "ECDH-ES+A128KW"
    ECDH_ES_A256KW = "ECDH-ES+A256KW"


class ContentAlgorithm(enum.StrEnum):
    """JWE algorithms by which content is encrypted (RFC 7518 section 5.1)."""

    UNSPECIFIED = "unspecified"
    A128CBC_HS256 = "A128CBC-HS256"
    A256CBC_HS512 = "A256CBC-HS512"
    A128GCM = "A128GCM"
    A256GCM = "A256GCM"


SIGNING = frozenset(SigningAlgorithm) - {SigningAlgorithm.UNSPECIFIED, SigningAlgorithm.NONE}
"""Those that sign something."""
SYMMETRIC = frozenset({SigningAlgorithm.HS256, SigningAlgorithm.HS384, SigningAlgorithm.HS512})
FAPI = frozenset({SigningAlgorithm.PS256, SigningAlgorithm.ES256, SigningAlgorithm.EDDSA, SigningAlgorithm.ED25519})
"""FAPI 2.0 Security Profile section 5.4.1."""
