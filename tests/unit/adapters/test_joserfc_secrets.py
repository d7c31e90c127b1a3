import hmac
import json
from collections.abc import Mapping

import pytest
from joserfc import jwt
from joserfc.jwk import OctKey, RSAKey
from pydantic import JsonValue

from hexkeep.adapters.joserfc.jose import JoserfcJose
from tests.unit.adapters.test_joserfc import CLAIMS, encoded

JOSE = JoserfcJose()
SECRET = "s" * 64
ALL = ("HS256", "HS384", "HS512")


def macced(secret: str, header: Mapping[str, JsonValue], digest: str = "sha256") -> str:
    """A token with any header and a right MAC."""
    signing_input = f"{encoded(dict(header))}.{encoded(CLAIMS)}"
    return f"{signing_input}.{encoded(hmac.digest(secret.encode(), signing_input.encode(), digest))}"


@pytest.mark.parametrize("algorithm", ALL)
async def test_what_another_library_made_holds(algorithm: str) -> None:
    """And does not with another secret, or where another algorithm was registered."""
    token = jwt.encode({"alg": algorithm}, dict(CLAIMS), OctKey.import_key(SECRET), algorithms=[algorithm])
    assert await JOSE.verify_secret(token, SECRET, ALL) == CLAIMS
    assert await JOSE.verify_secret(token, SECRET, [algorithm]) == CLAIMS
    assert await JOSE.verify_secret(token, SECRET[:-1] + "t", ALL) is None
    assert await JOSE.verify_secret(token, SECRET, [other for other in ALL if other != algorithm]) is None
    assert await JOSE.verify_secret(token[:-1], SECRET, ALL) is None
    assert await JOSE.verify_secret(token, SECRET, ()) is None


@pytest.mark.parametrize("algorithm", ["none", "RS256", "ES256", "HS1", ""])
async def test_only_macs_count(algorithm: str) -> None:
    """Even where somebody allows something else by mistake."""
    token = macced(SECRET, {"alg": algorithm})
    assert await JOSE.verify_secret(token, SECRET, (*ALL, algorithm)) is None
    assert await JOSE.verify_secret(token.rpartition(".")[0] + ".", SECRET, (*ALL, algorithm)) is None


@pytest.mark.parametrize(
    ("algorithm", "digest", "length"), [("HS256", "sha256", 32), ("HS384", "sha384", 48), ("HS512", "sha512", 64)]
)
async def test_a_short_secret_proves_nothing(algorithm: str, digest: str, length: int) -> None:
    """RFC 7518 section 3.2: it must be as long as the MAC; an empty one least of all."""
    enough, short = "s" * length, "s" * (length - 1)
    assert await JOSE.verify_secret(macced(enough, {"alg": algorithm}, digest), enough, ALL) == CLAIMS
    assert await JOSE.verify_secret(macced(short, {"alg": algorithm}, digest), short, ALL) is None
    assert await JOSE.verify_secret(macced("", {"alg": algorithm}, digest), "", ALL) is None


async def test_the_text_of_a_public_key_is_no_secret() -> None:
    """RFC 8725 section 2.1: a key that everybody has would let everybody in."""
    key = RSAKey.generate_key(2048)
    for text in (key.as_pem(private=False).decode(), json.dumps(key.as_dict(private=False))):
        assert await JOSE.verify_secret(macced(text, {"alg": "HS256"}), text, ALL) is None


@pytest.mark.parametrize("header", [{"crit": ["exp"]}, {"crit": []}, {"b64": False}, {"typ": "at+jwt"}, {"typ": 5}])
async def test_other_headers_are_refused(header: Mapping[str, JsonValue]) -> None:
    """As they are with keys."""
    assert await JOSE.verify_secret(macced(SECRET, {"alg": "HS256", **header}), SECRET, ALL) is None
