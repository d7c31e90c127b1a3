"""Tokens signed with the instance's keys and, for clients that want it, encrypted."""

from collections.abc import Mapping
from datetime import timedelta

from pydantic import JsonValue

from hexkeep.core.kernel.ask import SignJwt
from hexkeep.core.kernel.decision import Context
from hexkeep.core.kernel.errors import Unavailable
from hexkeep.core.key.state import SIGNING_KEYS, SIGNING_KEYS_ID
from hexkeep.core.oidc import oidc_core, rfc9068
from hexkeep.core.oidc.algorithms import ContentAlgorithm, KeyAlgorithm, SigningAlgorithm
from hexkeep.core.oidc.asks import EncryptJwt
from hexkeep.core.oidc.client_jwks import encryption_key
from hexkeep.core.oidc.errors import ClientKeyUnusable
from hexkeep.core.oidc.parties import Client
from hexkeep.core.oidc.profiles import rules_of


def sign_access_token(
    ctx: Context,
    client: Client | None,
    token: rfc9068.AccessToken,
    asked: Mapping[str, JsonValue],
    lifetime: timedelta,
) -> str:
    """RFC 9068 section 2: the access token as text, with the claims that were asked for besides its own.

    ``client`` is ``None`` for a machine user.
    """
    claims = {**asked, **rfc9068.claims_of(token, ctx.request.issuer, ctx.now, lifetime)}
    return signed(ctx, _access_token_algorithm(client), rfc9068.TYPE, claims)


def _access_token_algorithm(client: Client | None) -> SigningAlgorithm:
    """Section 2.1: with what its administrators have an application's tokens signed, else ES256."""
    usual = SigningAlgorithm.ES256
    chosen = client.application.client_metadata.access_token_signed_response_alg if client else usual
    return usual if chosen is SigningAlgorithm.UNSPECIFIED else chosen


def sign_id_token(
    ctx: Context,
    client: Client,
    authentication: oidc_core.Authentication,
    beside: oidc_core.Beside,
    asked: Mapping[str, JsonValue],
    lifetime: timedelta,
) -> str:
    """OIDC Core section 2: the ID token as text, bound to what it comes with, protected as its client registered."""
    hashes = beside.hashes(id_token_algorithm(client).value)
    claims = oidc_core.id_token_claims(authentication, hashes, ctx.request.issuer, ctx.now, lifetime)
    return as_id_tokens(ctx, client, {**asked, **claims}, oidc_core.ID_TOKEN_TYPE)


def as_id_tokens(ctx: Context, client: Client, claims: Mapping[str, JsonValue], type_: str) -> str:
    """A JWT of type ``type_``, protected as the client's ID tokens are; raises as ``for_client``.

    Logout tokens are too (OIDC Back-Channel Logout 1.0 section 2.4).
    """
    metadata = client.application.client_metadata
    encryption = metadata.id_token_encrypted_response_alg, metadata.id_token_encrypted_response_enc
    return for_client(ctx, client, claims, type_, id_token_algorithm(client), *encryption)


def id_token_algorithm(client: Client) -> SigningAlgorithm:
    """With what a client's ID tokens are signed: what it registered, else RS256 where its profile has that."""
    registered = client.application.client_metadata.id_token_signed_response_alg
    if registered is not SigningAlgorithm.UNSPECIFIED:
        return registered
    usual = SigningAlgorithm(oidc_core.ID_TOKEN_ALGORITHM)
    return usual if usual in rules_of(client.application).algorithms else SigningAlgorithm.ES256


def signed(ctx: Context, algorithm: str, type_: str, claims: Mapping[str, JsonValue]) -> str:
    """``claims`` as a JWT signed by the instance's key for ``algorithm``; raises ``Unavailable`` if there is none."""
    key = ctx.load(SIGNING_KEYS, SIGNING_KEYS_ID).active(algorithm)
    if key is None:
        raise Unavailable(f"There is no active signing key for {algorithm}")
    return ctx.ask(SignJwt(key.private, type_, claims))


def for_client(  # noqa: PLR0917 - three algorithms are what clients register
    ctx: Context,
    client: Client,
    claims: Mapping[str, JsonValue],
    type_: str,
    sign_alg: SigningAlgorithm,
    enc_alg: KeyAlgorithm = KeyAlgorithm.UNSPECIFIED,
    enc_enc: ContentAlgorithm = ContentAlgorithm.UNSPECIFIED,
) -> str:
    """A JWT for one client, nested in a JWE (RFC 7519 section 5.2) if the client registered that.

    The content is encrypted with A128CBC-HS256 where nothing else was registered (OIDC Dynamic Client Registration 1.0
    section 2). Raises as ``encrypted_for``: nothing is told in the clear to who wanted it secret.
    """
    token = signed(ctx, sign_alg, type_, claims)
    return token if enc_alg is KeyAlgorithm.UNSPECIFIED else encrypted_for(ctx, client, token, "JWT", enc_alg, enc_enc)


def encrypted_for(
    ctx: Context, client: Client, text: str, content_type: str, enc_alg: KeyAlgorithm, enc_enc: ContentAlgorithm
) -> str:
    """A JWE for one client; raises ``ClientKeyUnusable`` where the client registered no key to encrypt to.

    Its URL may have one the next time, so that is ``Unavailable``.
    """
    key = encryption_key(ctx, client, enc_alg)
    content = ContentAlgorithm.A128CBC_HS256 if enc_enc is ContentAlgorithm.UNSPECIFIED else enc_enc
    encrypted = None if key is None else ctx.ask(EncryptJwt(key, enc_alg.value, content.value, text, content_type))
    if encrypted is None:
        if client.application.client_metadata.jwks_uri:
            raise Unavailable(f"The application publishes no key for {enc_alg.value}")
        raise ClientKeyUnusable(f"The application registered no key that can be used for {enc_alg.value}")
    return encrypted
