"""The plugin: what the entry point names. It adds one claim to access tokens and ID tokens."""

import re
from collections.abc import Mapping

from pydantic import JsonValue

from hexkeep.ports.hooks import hookimpl

KEY = "customer_number"
"""Under which somebody keeps the number in a user's metadata."""
CLAIM = "customer_number"
"""A private claim (RFC 7519 section 4.3): its name is between this installation and its APIs."""
TOKENS = frozenset({"access_token", "id_token"})
NUMBER = re.compile(r"[0-9]{4,12}")
"""Metadata are free text, and an API relies on what a token says."""


class CustomerNumber:
    """Tells the APIs and applications of an installation whose customer they have before them."""

    @hookimpl
    def hexkeep_token_claims(self, token: str, metadata: Mapping[str, str]) -> Mapping[str, JsonValue] | None:
        """The number of a user who has one. Pure: what it needs to know it is given."""
        number = metadata.get(KEY, "")
        if token not in TOKENS or not NUMBER.fullmatch(number):
            return None
        return {CLAIM: number}
