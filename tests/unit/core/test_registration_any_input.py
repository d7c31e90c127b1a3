"""Whatever a client sends of itself is registered, or refused in the protocol's words: nothing breaks on it."""

import json

from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import JsonValue

from hexkeep.core.kernel.permission import ANONYMOUS
from hexkeep.core.oidc.errors import OAuthError
from hexkeep.core.oidc.rfc7591 import ASKED
from hexkeep.core.registration.clients import RegisterClient
from tests.unit.core.test_registration import CALLBACK, opened

MEMBERS = (*ASKED, "client_name", "application_type", "token_endpoint_auth_method", "grant_types", "redirect_uris")
SCALARS = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text()
WORDS = st.sampled_from(["code", "implicit", "web", "none", "private_key_jwt", "RS256", "HS256", "RSA-OAEP", CALLBACK])
JSON = st.recursive(
    SCALARS | WORDS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3)
)
OPENED = opened().as_(ANONYMOUS)


@given(st.dictionaries(st.sampled_from(MEMBERS), JSON, max_size=6))
@settings(max_examples=300, deadline=None)
def test_any_document_is_registered_or_refused(document: dict[str, JsonValue]) -> None:
    """RFC 7591 section 3.2.2: never a failure of ours, and an answer that is JSON if it is one."""
    outcome = OPENED.when(RegisterClient(document=json.dumps({"redirect_uris": [CALLBACK], **document})))
    if outcome.error is not None:
        assert isinstance(outcome.error, OAuthError)
        assert outcome.error.message.isascii()
        return
    assert json.loads(outcome.result.document)["client_id"]


@given(st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=60))
@settings(max_examples=200, deadline=None)
def test_any_text_is_registered_or_refused(text: str) -> None:
    """What is no document, or hardly one."""
    outcome = OPENED.when(RegisterClient(document=text))
    assert isinstance(outcome.error, OAuthError)
