"""Tokens that name the key that signed them, as DPoP proofs do (RFC 9449 section 4.2)."""

from typing import Any

import pytest
from joserfc.jwk import ECKey, OctKey, OKPKey, RSAKey
from joserfc.jws import JWSRegistry

from hexkeep.adapters.joserfc.jose import JoserfcJose
from hexkeep.core.oidc.asks import SelfSigned
from hexkeep.core.oidc.possession import ALGORITHMS
from tests.unit.adapters.test_joserfc import encoded

TYPE = "dpop+jwt"
AnyKey = ECKey | RSAKey | OKPKey | OctKey
ES256, OTHER = ECKey.generate_key("P-256"), ECKey.generate_key("P-256")


def public(key: AnyKey) -> dict[str, Any]:
    """A key without what is private in it."""
    return dict(key.as_dict(private=False))


def proof(key: AnyKey = ES256, payload: bytes = b'{"jti": "1"}', **header: Any) -> str:
    """A token signed by ``key``, with the public key in its header; ``None`` takes a parameter away."""
    usual = {"alg": "ES256", "typ": TYPE, "jwk": public(key)}
    wanted = {name: value for name, value in (usual | header).items() if value is not None}
    signing_input = f"{encoded(wanted)}.{encoded(payload)}"
    signature = JWSRegistry.algorithms[str(usual["alg"])].sign(signing_input.encode(), key)
    return f"{signing_input}.{encoded(signature)}"


async def seen(token: str, algorithms: tuple[str, ...] = ALGORITHMS) -> SelfSigned | None:
    """What the adapter makes of a token."""
    return await JoserfcJose().verify_self_signed(token, TYPE, algorithms)


async def test_the_key_in_the_header_is_the_one_that_signed() -> None:
    """RFC 9449 section 4.3, with the key's thumbprint (RFC 7638)."""
    assert await seen(proof()) == SelfSigned(ES256.thumbprint(), "ES256", {"jti": "1"})
    assert await seen(proof(jwk=public(OTHER))) is None


async def test_thumbprint_is_of_what_makes_the_key() -> None:
    """RFC 7638 section 3.2: names and uses that a client writes beside it make no other key."""
    seen_with_more = await seen(proof(jwk=public(ES256) | {"kid": "mine", "use": "sig"}))
    assert seen_with_more is not None
    assert seen_with_more.thumbprint == ES256.thumbprint()


RSA, ED25519 = RSAKey.generate_key(2048), OKPKey.generate_key("Ed25519")
KEYS: dict[str, AnyKey] = {
    **dict.fromkeys(("RS256", "RS384", "RS512", "PS256", "PS384", "PS512"), RSA),
    **dict.fromkeys(("EdDSA", "Ed25519"), ED25519),
    "ES256": ES256,
    "ES384": ECKey.generate_key("P-384"),
    "ES512": ECKey.generate_key("P-521"),
}


@pytest.mark.parametrize("algorithm", ALGORITHMS)
async def test_algorithms_of_keys(algorithm: str) -> None:
    """A header with an RSA key is longer than other headers, and is read all the same."""
    key = KEYS[algorithm]
    header = {"alg": algorithm, "typ": TYPE, "jwk": public(key)}
    signing_input = f"{encoded(header)}.{encoded(b'{}')}"
    signer = JWSRegistry.algorithms["Ed25519" if algorithm == "EdDSA" else algorithm]
    token = f"{signing_input}.{encoded(signer.sign(signing_input.encode(), key))}"
    found = await seen(token)
    assert found is not None
    assert (found.algorithm, found.thumbprint) == (algorithm, key.thumbprint())
    assert await seen(token, tuple(one for one in ALGORITHMS if one != algorithm)) is None


@pytest.mark.parametrize(
    "header",
    [
        {"jwk": None},
        {"jwk": {}},
        {"jwk": "key"},
        {"jwk": dict(ES256.as_dict(private=True))},
        {"jwk": public(ES256) | {"d": ""}},
        {"jwk": public(ES256) | {"k": "AA"}},
        {"jwk": public(ES256) | {"crv": "P-384"}},
        {"jwk": public(ES256) | {"x": public(ES256)["y"]}},
        {"jwk": public(ES256) | {"alg": "ES384"}},
        {"jwk": public(ES256) | {"use": "enc"}},
        {"jwk": None, "jku": "https://client.example.com/keys"},
        {"typ": None},
        {"typ": "JWT"},
        {"typ": "at+jwt"},
        {"alg": "none"},
        {"alg": "HS256"},
        {"alg": "RS256"},
        {"alg": ["ES256"]},
        {"crit": ["exp"], "exp": 1},
        {"b64": False, "crit": ["b64"]},
    ],
    ids=",".join,
)
async def test_what_shows_no_key_is_refused(header: dict[str, Any]) -> None:
    """RFC 9449 section 4.3 points 3 to 7, RFC 8725: each is signed as well as it can be."""
    assert await seen(proof(**header)) is None


async def test_symmetric_key_shows_nothing() -> None:
    """RFC 9449 section 4.2: whoever knows it could have made the proof."""
    key = OctKey.generate_key(256)
    header = {"alg": "HS256", "typ": TYPE, "jwk": {"kty": "oct", "k": key.as_dict(private=True)["k"]}}
    signing_input = f"{encoded(header)}.{encoded(b'{}')}"
    token = f"{signing_input}.{encoded(JWSRegistry.algorithms['HS256'].sign(signing_input.encode(), key))}"
    assert await seen(token, (*ALGORITHMS, "HS256")) is None


@pytest.mark.parametrize(
    "token", ["", "a.b", "a.b.c", "é.é.é", proof()[:-2], proof(payload=b"[]"), "." * 9000], ids=range(7)
)
async def test_what_is_no_token_is_refused(token: str) -> None:
    """Whatever a stranger sends, nothing but a refusal comes of it."""
    assert await seen(token) is None
