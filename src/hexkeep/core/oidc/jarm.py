"""JWT Secured Authorization Response Mode for OAuth 2.0 (JARM): the whole answer as one JWT for the client."""

from collections.abc import Mapping
from datetime import timedelta

from pydantic import JsonValue

from hexkeep.core.kernel.decision import Context
from hexkeep.core.oidc.algorithms import SigningAlgorithm
from hexkeep.core.oidc.parties import Client
from hexkeep.core.oidc.profiles import rules_of
from hexkeep.core.oidc.responses import Answer
from hexkeep.core.oidc.rfc6749 import ResponseMode
from hexkeep.core.oidc.signing import for_client

PLAIN: Mapping[ResponseMode, ResponseMode] = {
    ResponseMode.QUERY_JWT: ResponseMode.QUERY,
    ResponseMode.FRAGMENT_JWT: ResponseMode.FRAGMENT,
    ResponseMode.FORM_POST_JWT: ResponseMode.FORM_POST,
}
"""Section 2.3: how the JWT is carried."""
LIFETIME = timedelta(minutes=2)
"""Section 2.1: ten minutes are recommended at most; the way back to the client takes seconds."""


def secured(ctx: Context, client: Client, answer: Answer) -> Answer:
    """Section 2.1: the answer as a JWT in ``response``, where the client asked for one; errors too.

    Signed with what it registered and, where it registered that, encrypted (section 3); raises as
    ``for_client`` where that cannot be done.
    """
    mode = PLAIN.get(answer.mode)
    if mode is None:
        return answer
    metadata = client.application.client_metadata
    until = ctx.now + LIFETIME
    claims: dict[str, JsonValue] = {
        **answer.params,
        "iss": ctx.request.issuer,
        "aud": client.id,
        "exp": int(until.timestamp()),
    }
    token = for_client(
        ctx,
        client,
        claims,
        "",
        signing_algorithm(client),
        metadata.authorization_encrypted_response_alg,
        metadata.authorization_encrypted_response_enc,
    )
    return Answer(answer.redirect_uri, mode, {"response": token})


def signing_algorithm(client: Client) -> SigningAlgorithm:
    """Section 3: what the client registered, RS256 if nothing, and where its profile forbids that ES256.

    For these two every instance has a key; those for others are made when a client registers them (ADR 27).
    """
    registered = client.application.client_metadata.authorization_signed_response_alg
    if registered is not SigningAlgorithm.UNSPECIFIED:
        return registered
    allowed = rules_of(client.application).algorithms
    return SigningAlgorithm.RS256 if SigningAlgorithm.RS256 in allowed else SigningAlgorithm.ES256
