import asyncio
import json
import zlib
from collections.abc import Mapping

import pytest
from joserfc import jwe
from joserfc.jwk import ECKey, OctKey, RSAKey
from pydantic import JsonValue

from hexkeep.adapters.joserfc.jose import JoserfcJose
from hexkeep.core.kernel.ask import KeyPair
from hexkeep.core.oidc.asks import Decrypted
from tests.unit.adapters.test_joserfc import encoded, header_of

JOSE = JoserfcJose()
RSA_WAYS = ("RSA-OAEP", "RSA-OAEP-256")
EC_WAYS = ("ECDH-ES", "ECDH-ES+A128KW", "ECDH-ES+A256KW")
CONTENT = ("A128CBC-HS256", "A256CBC-HS512", "A128GCM", "A256GCM")
TEXT = "eyJ.ü.sig"


@pytest.fixture(scope="module")
def rsa() -> KeyPair:
    """A key pair that others encrypt to."""
    return asyncio.run(JOSE.new_key("RSA-OAEP-256"))


@pytest.fixture(scope="module")
def ec() -> KeyPair:
    """The same for key agreement."""
    return asyncio.run(JOSE.new_key("ECDH-ES"))


def foreign(pair: KeyPair, header: dict[str, JsonValue], text: bytes = TEXT.encode()) -> str:
    """What another program encrypts to a key."""
    kind: type[RSAKey | ECKey] = RSAKey if pair.public["kty"] == "RSA" else ECKey
    key = kind.import_key(json.loads(json.dumps(pair.public)))
    registry = jwe.JWERegistry(algorithms=[str(header["alg"]), str(header["enc"]), "DEF"], strict_check_header=False)
    registry.max_ciphertext_length = 10**7
    return jwe.encrypt_compact(header, text, key, registry=registry)


@pytest.mark.parametrize("encryption", CONTENT)
@pytest.mark.parametrize("algorithm", [*RSA_WAYS, *EC_WAYS])
async def test_encrypted_text_comes_back(rsa: KeyPair, ec: KeyPair, algorithm: str, encryption: str) -> None:
    """By every way and with every content encryption: ours to us, and ours to another library."""
    pair = rsa if algorithm in RSA_WAYS else ec
    token = await JOSE.encrypt(pair.public, algorithm, encryption, TEXT, "JWT")
    assert token is not None
    header = header_of(token)
    assert {name: header[name] for name in ("alg", "enc", "kid", "cty")} == {
        "alg": algorithm,
        "enc": encryption,
        "kid": pair.key_id,
        "cty": "JWT",
    }
    assert await JOSE.decrypt(token, [pair.private]) == Decrypted(TEXT, algorithm, encryption)
    kind: type[RSAKey | ECKey] = RSAKey if algorithm in RSA_WAYS else ECKey
    private = kind.import_key(json.loads(pair.private))
    assert jwe.decrypt_compact(token, private, algorithms=[algorithm, encryption]).plaintext == TEXT.encode()


async def test_what_another_library_encrypts_is_read(rsa: KeyPair, ec: KeyPair) -> None:
    """With a name of the key, and without one: then every key that fits is tried."""
    for pair, algorithm in ((rsa, "RSA-OAEP-256"), (rsa, "RSA-OAEP"), (ec, "ECDH-ES"), (ec, "ECDH-ES+A256KW")):
        for named in ({"kid": pair.key_id}, {}):
            token = foreign(pair, {"alg": algorithm, "enc": "A256GCM", **named})
            assert await JOSE.decrypt(token, [rsa.private, ec.private]) == Decrypted(TEXT, algorithm, "A256GCM")


async def test_a_key_for_encryption_says_so_and_shows_nothing_private(rsa: KeyPair, ec: KeyPair) -> None:
    """It names no `alg`, for it serves all ways of its type."""
    for pair, members in ((rsa, {"n", "e"}), (ec, {"crv", "x", "y"})):
        assert set(pair.public) == {"kty", "use", "kid"} | members
        assert pair.public["use"] == "enc"


async def test_keys_have_one_use(rsa: KeyPair, ec: KeyPair) -> None:
    """What encrypts does not sign or verify, and what signs is not encrypted to."""
    signs = await JOSE.new_key("RS256")
    assert await JOSE.encrypt(signs.public, "RSA-OAEP-256", "A256GCM", TEXT, "") is None
    token = await JOSE.sign(signs.private, "JWT", {"sub": "a"})
    assert await JOSE.verify(token, [{**signs.public, "use": "enc"}], "") is None
    for pair in (rsa, ec):
        with pytest.raises(ValueError, match="not a private JWK"):
            await JOSE.sign(pair.private, "JWT", {})
    with pytest.raises(ValueError, match="not a private JWK"):
        await JOSE.decrypt(foreign(rsa, {"alg": "RSA-OAEP-256", "enc": "A256GCM"}), [signs.private])


@pytest.mark.parametrize(
    ("algorithm", "encryption", "change"),
    [
        ("ECDH-ES", "A256GCM", {}),
        ("RSA1_5", "A256GCM", {}),
        ("dir", "A256GCM", {}),
        ("RSA-OAEP-256", "A192GCM", {}),
        ("RSA-OAEP-256", "", {}),
        ("RSA-OAEP-256", "A256GCM", {"alg": "RSA-OAEP"}),
        ("RSA-OAEP-256", "A256GCM", {"use": "sig"}),
        ("RSA-OAEP-256", "A256GCM", {"key_ops": ["verify"]}),
        ("RSA-OAEP-256", "A256GCM", {"n": "AQAB"}),
        ("RSA-OAEP-256", "A256GCM", {"e": "AQ"}),
        ("RSA-OAEP-256", "A256GCM", {"n": None}),
        ("RSA-OAEP-256", "A256GCM", {"kty": "oct"}),
    ],
)
async def test_unfit_keys_and_algorithms_encrypt_nothing(
    rsa: KeyPair, algorithm: str, encryption: str, change: Mapping[str, JsonValue]
) -> None:
    """A key that a client publishes is a stranger's: it is passed over, never an error."""
    assert await JOSE.encrypt({**rsa.public, **change}, algorithm, encryption, TEXT, "") is None


async def test_key_agreement_is_with_a_point_on_the_curve(ec: KeyPair) -> None:
    """Invalid curve attack (RFC 8725 section 3.4): neither a client's key nor an ephemeral one may be off it."""
    off: dict[str, JsonValue] = {"kty": "EC", "crv": "P-256", "x": encoded(bytes(32)), "y": encoded(bytes(31) + b"\1")}
    assert await JOSE.encrypt({**off, "use": "enc"}, "ECDH-ES", "A256GCM", TEXT, "") is None
    _, *rest = foreign(ec, {"alg": "ECDH-ES", "enc": "A256GCM"}).split(".")
    strange: list[JsonValue] = [off, {**ec.public, "crv": "P-384"}, {"kty": "oct", "k": "AAAA"}, "text", None, [], {}]
    for epk in strange:
        header = {"alg": "ECDH-ES", "enc": "A256GCM", "epk": epk}
        assert await JOSE.decrypt(".".join((encoded(header), *rest)), [ec.private]) is None


async def test_compressed_content_is_refused(rsa: KeyPair) -> None:
    """RFC 8725 section 3.6: nobody makes us inflate a bomb; a rightly encrypted one least of all."""
    token = foreign(rsa, {"alg": "RSA-OAEP-256", "enc": "A256GCM", "zip": "DEF"}, b"x" * 10_000_000)
    assert len(token) < len(zlib.compress(b"x" * 10_000_000)) * 2
    assert await JOSE.decrypt(token, [rsa.private]) is None


async def test_passwords_and_shared_keys_are_refused(rsa: KeyPair) -> None:
    """Neither PBES2 with a count that takes years, nor what an `oct` key of the same bytes would make."""
    shared = OctKey.import_key(json.dumps(dict(rsa.public)))
    registry = jwe.JWERegistry(algorithms=["PBES2-HS256+A128KW", "dir", "A256KW", "A256GCM", "A128GCM"])
    slow = jwe.encrypt_compact(
        {"alg": "PBES2-HS256+A128KW", "enc": "A128GCM", "p2c": 2000}, TEXT, shared, registry=registry
    )
    _, *rest = slow.split(".")
    endless = {"alg": "PBES2-HS256+A128KW", "enc": "A128GCM", "p2s": "AAAA", "p2c": 2**62}
    for token in (slow, ".".join((encoded(endless), *rest))):
        assert await JOSE.decrypt(token, [rsa.private]) is None
    for algorithm in ("dir", "A256KW", "A128GCMKW", "none", "RSA1_5"):
        header = {"alg": algorithm, "enc": "A256GCM", "kid": rsa.key_id}
        assert await JOSE.decrypt(".".join((encoded(header), *rest)), [rsa.private]) is None


@pytest.mark.parametrize(
    "extra", [{"crit": ["exp"]}, {"crit": []}, {"unknown": 1}, {"kid": 5}, {"enc": None}, {"alg": None}, {"b64": True}]
)
async def test_other_headers_are_refused(rsa: KeyPair, extra: Mapping[str, JsonValue]) -> None:
    """Nothing may be critical, and what a header of ours cannot have is not passed over in silence."""
    head, *rest = foreign(rsa, {"alg": "RSA-OAEP-256", "enc": "A256GCM"}).split(".")
    header = {**header_of(head + "."), **extra}
    assert await JOSE.decrypt(".".join((encoded(header), *rest)), [rsa.private]) is None


async def test_tampered_tokens_do_not_decrypt(rsa: KeyPair, ec: KeyPair) -> None:
    """Each part is bound to the others; base64url has one spelling; what is no token is none."""
    for pair, algorithm in ((rsa, "RSA-OAEP-256"), (ec, "ECDH-ES+A128KW")):
        token = foreign(pair, {"alg": algorithm, "enc": "A128CBC-HS256", "kid": pair.key_id})
        other = foreign(pair, {"alg": algorithm, "enc": "A128CBC-HS256", "kid": pair.key_id}, b"other")
        parts, others = token.split("."), other.split(".")
        forged = [".".join((*parts[:i], others[i], *parts[i + 1 :])) for i in range(1, 5)]
        forged += [f"{token}=", f"{token}.", token[:-1], f" {token}", f"{token}\n", "", "....", "a.b.c.d.e"]
        forged += [".".join((*parts[:4], "")), ".".join((*parts[:3], "", parts[4])), "x" * 300_000]
        for text in forged:
            assert await JOSE.decrypt(text, [pair.private]) is None, text
        assert await JOSE.decrypt(token, [pair.private]) is not None


async def test_what_is_no_text_is_nothing(rsa: KeyPair) -> None:
    """A JWT is text."""
    assert await JOSE.decrypt(foreign(rsa, {"alg": "RSA-OAEP", "enc": "A128GCM"}, b"\xff\xfe"), [rsa.private]) is None


async def test_a_key_is_found_by_its_name(rsa: KeyPair) -> None:
    """Named otherwise, it is not tried; the key of somebody else does not fit; without keys nothing is read."""
    stranger = await JOSE.new_key("RSA-OAEP-256")
    token = foreign(rsa, {"alg": "RSA-OAEP-256", "enc": "A256GCM", "kid": stranger.key_id})
    assert await JOSE.decrypt(token, [rsa.private, stranger.private]) is None
    unnamed = foreign(rsa, {"alg": "RSA-OAEP-256", "enc": "A256GCM"})
    assert await JOSE.decrypt(unnamed, [stranger.private, rsa.private]) == Decrypted(TEXT, "RSA-OAEP-256", "A256GCM")
    assert await JOSE.decrypt(unnamed, [stranger.private]) is None
    assert await JOSE.decrypt(unnamed, []) is None
