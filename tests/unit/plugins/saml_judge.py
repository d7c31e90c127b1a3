"""An answer of an identity provider of SAML as tests bring it before the plugin's judgement."""

import base64
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from hexkeep.core.saml.party import SamlParty
from hexkeep.plugins.saml import idp_metadata
from hexkeep.plugins.saml.answer import Answer
from hexkeep.plugins.saml.rules import Expected, Told
from hexkeep.plugins.saml.validation import validated
from hexkeep.ports.idp import IdpFailed, IdpMalformed
from hexkeep.testing.idp import party
from hexkeep.testing.idp_saml import ENTITY_ID, Pair, Parts, assertion_text, metadata_text, pair, response_text, signed

REQUEST = "_request"
ADA: Mapping[str, tuple[str, ...]] = {"mail": ("ada@example.net",)}


def parts(**changes: Any) -> Parts:
    """What a response says that is right in everything, but for the changes."""
    now = datetime.now(UTC)
    right = Parts(
        destination=party().consumer,
        in_response_to=REQUEST,
        audience=party().entity_id,
        recipient=party().consumer,
        now=now,
        attributes=ADA,
    )
    return replace(right, **changes)


def by_assertion(said: Parts | None = None, key: Pair | None = None, **how: Any) -> str:
    """A response whose assertion is signed."""
    said = said or parts()
    return response_text(said, signed(assertion_text(said), key or pair("idp"), **how))


def by_response(said: Parts | None = None, key: Pair | None = None, **how: Any) -> str:
    """A response that is signed as a whole."""
    said = said or parts()
    return signed(response_text(said, assertion_text(said)), key or pair("idp"), **how)


def by_both(said: Parts | None = None) -> str:
    """A response that is signed, and whose assertion is too."""
    return signed(by_assertion(said), pair("idp"))


WAYS = {"assertion": by_assertion, "response": by_response, "both": by_both}


def judged(text: str | bytes, us: SamlParty | None = None, **changes: Any) -> Told:
    """What the plugin makes of a response."""
    content = text.encode() if isinstance(text, str) else text
    now = datetime.now(UTC)
    provider = idp_metadata.read(metadata_text((pair("stale").certificate, pair("idp").certificate)).encode())
    expected = Expected(ENTITY_ID, party().entity_id, party().consumer, REQUEST, now - timedelta(seconds=30), now)
    return validated(Answer(base64.b64encode(content).decode(), provider, us or party(), replace(expected, **changes)))


def refused(text: str | bytes, *reasons: str, kind: type[IdpFailed] = IdpMalformed, **changes: Any) -> None:
    """It is refused, for one of the reasons."""
    with pytest.raises(kind) as failed:
        judged(text, **changes)
    assert failed.value.reason in reasons
