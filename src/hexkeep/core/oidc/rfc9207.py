"""Authorization server issuer identification (RFC 9207): the defence against mix-up attacks."""

from collections.abc import Mapping


def identified(params: Mapping[str, str], issuer: str) -> dict[str, str]:
    """Section 2: an authorization response, error responses included, names its issuer."""
    return {**params, "iss": issuer}
