import asyncio
import base64
import hashlib
import hmac
import json
from collections.abc import Mapping

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from joserfc.jwk import ECKey, OKPKey, RSAKey
from joserfc.jws import JWSRegistry
from pydantic import JsonValue

from hexkeep.adapters.joserfc.jose import MOST_TRIED, JoserfcJose
from hexkeep.core.kernel.ask import KeyPair

JOSE = JoserfcJose()
CLAIMS: dict[str, JsonValue] = {
    "iss": "http://localhost:8080",
    "sub": "ü",
    "aud": ["a"],
    "exp": 1,
    "nested": {"a": None},
}
RSA_ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512")
ALGORITHMS = ("ES256", "ES384", "ES512", "Ed25519", "EdDSA", *RSA_ALGORITHMS)
MEMBERS = {"EC": ["crv", "kty", "x", "y"], "RSA": ["e", "kty", "n"], "OKP": ["crv", "kty", "x"]}


def encoded(value: object) -> str:
    """base64url of bytes, or of a value's JSON."""
    data = value if isinstance(value, bytes) else json.dumps(value).encode()
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def header_of(token: str) -> dict[str, JsonValue]:
    """The protected header of a token."""
    part = token.partition(".")[0]
    decoded: dict[str, JsonValue] = json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))
    return decoded


def resigned(pair: KeyPair, header: object, payload: bytes | None = None) -> str:
    """A token with any header and payload, rightly signed by an ES256 key."""
    signing_input = f"{encoded(header)}.{encoded(payload if payload is not None else CLAIMS)}"
    key = ECKey.import_key(json.loads(pair.private))
    signature = JWSRegistry.algorithms["ES256"].sign(signing_input.encode(), key)
    return f"{signing_input}.{encoded(signature)}"


@pytest.fixture(scope="module", params=ALGORITHMS)
def pair(request: pytest.FixtureRequest) -> KeyPair:
    """A key pair of each algorithm."""
    return asyncio.run(JOSE.new_key(request.param))


@pytest.fixture(scope="module")
def es256() -> KeyPair:
    """An ES256 key pair."""
    return asyncio.run(JOSE.new_key("ES256"))


async def test_signed_claims_come_back(pair: KeyPair) -> None:
    """What was signed is what is verified, under the same type."""
    token = await JOSE.sign(pair.private, "at+jwt", CLAIMS)
    assert header_of(token) == {"alg": pair.algorithm, "kid": pair.key_id, "typ": "at+jwt"}
    assert await JOSE.verify(token, [pair.public], "at+jwt") == CLAIMS


async def test_public_jwk_holds_nothing_private(pair: KeyPair) -> None:
    """The public JWK has the public members, `use`, `alg` and `kid`, and no private one (RFC 7518 section 6)."""
    assert set(pair.public) == {"use", "alg", "kid", *MEMBERS[str(pair.public["kty"])]}
    assert (pair.public["alg"], pair.public["kid"]) == (pair.algorithm, pair.key_id)
    assert set(pair.public) < set(json.loads(pair.private))


async def test_key_id_is_the_thumbprint(pair: KeyPair) -> None:
    """RFC 7638: SHA-256 over the required members in lexicographic order without white space."""
    required = MEMBERS[str(pair.public["kty"])]
    canonical = json.dumps({name: pair.public[name] for name in required}, separators=(",", ":"))
    assert pair.key_id == encoded(hashlib.sha256(canonical.encode()).digest())


@pytest.mark.parametrize("algorithm", ["", "none", "HS256", "ES256K", "RSA1_5", "dir"])
async def test_other_algorithms_get_no_keys(algorithm: str) -> None:
    """Neither shared secrets nor what is out of date."""
    with pytest.raises(ValueError, match="no keys are made"):
        await JOSE.new_key(algorithm)


@pytest.mark.parametrize("text", ["", "{}", "[]", "null", '{"kty":"EC","crv":"P-256","x":"AA","y":"AA"}'])
async def test_bad_private_keys_are_refused_without_being_quoted(text: str) -> None:
    """The error tells what is expected and nothing of what came."""
    with pytest.raises(ValueError, match=r"^this is not a private JWK with alg and kid$"):
        await JOSE.sign(text, "JWT", CLAIMS)


async def test_public_key_does_not_sign(es256: KeyPair) -> None:
    """A public JWK in place of a private one is refused."""
    with pytest.raises(ValueError, match="not a private JWK"):
        await JOSE.sign(json.dumps(dict(es256.public)), "JWT", CLAIMS)


async def test_unsigned_token_is_refused(pair: KeyPair) -> None:
    """`alg` none is no signature, in any spelling (RFC 8725 section 3.2)."""
    for algorithm in ("none", "None", "nOnE", ""):
        token = f"{encoded({'alg': algorithm, 'typ': 'JWT', 'kid': pair.key_id})}.{encoded(CLAIMS)}."
        assert await JOSE.verify(token, [pair.public], "") is None


async def test_public_key_as_hmac_secret_is_refused(pair: KeyPair) -> None:
    """Algorithm confusion (RFC 8725 section 2.1): a MAC made with the published key proves nothing."""
    public = json.dumps(dict(pair.public))
    for secret in (public.encode(), str(pair.public.get("n", pair.public["kty"])).encode()):
        signing_input = f"{encoded({'alg': 'HS256', 'typ': 'JWT', 'kid': pair.key_id})}.{encoded(CLAIMS)}"
        mac = hmac.digest(secret, signing_input.encode(), "sha256")
        assert await JOSE.verify(f"{signing_input}.{encoded(mac)}", [pair.public], "") is None


async def test_pem_as_hmac_secret_is_refused() -> None:
    """The classic form of the same attack, with the PEM of an RSA key."""
    key = RSAKey.generate_key(2048)
    public = {**key.as_dict(private=False), "alg": "RS256"}
    signing_input = f"{encoded({'alg': 'HS256', 'typ': 'JWT'})}.{encoded(CLAIMS)}"
    mac = hmac.digest(key.as_pem(private=False), signing_input.encode(), "sha256")
    assert await JOSE.verify(f"{signing_input}.{encoded(mac)}", [json.loads(json.dumps(public))], "") is None


async def test_symmetric_key_verifies_nothing() -> None:
    """An `oct` key among the keys is passed over."""
    signing_input = f"{encoded({'alg': 'HS256', 'typ': 'JWT'})}.{encoded(CLAIMS)}"
    token = f"{signing_input}.{encoded(hmac.digest(b'secret', signing_input.encode(), 'sha256'))}"
    assert await JOSE.verify(token, [{"kty": "oct", "k": encoded(b"secret"), "alg": "HS256"}], "") is None


@pytest.mark.parametrize(
    ("typ", "wanted", "accepted"),
    [
        ("at+jwt", "at+jwt", True),
        ("application/AT+JWT", "at+jwt", True),
        ("JWT", "at+jwt", False),
        (None, "at+jwt", False),
        ("at+jwt", "", False),
        ("JWT", "", True),
        ("jwt", "", True),
        (None, "", True),
        (5, "", False),
    ],
)
async def test_type_must_be_the_one_asked_for(es256: KeyPair, typ: JsonValue, wanted: str, accepted: bool) -> None:  # noqa: FBT001 - a column of the table above
    """RFC 8725 section 3.11: a token of another kind is none, whoever signed it."""
    header: dict[str, JsonValue] = {"alg": "ES256", "kid": es256.key_id, **({} if typ is None else {"typ": typ})}
    verified = await JOSE.verify(resigned(es256, header), [es256.public], wanted)
    assert (verified == CLAIMS) is accepted


@pytest.mark.parametrize(
    "extra",
    [
        {"crit": ["exp"], "exp": 1},
        {"crit": ["unknown"]},
        {"crit": []},
        {"crit": "b64"},
        {"crit": ["b64"], "b64": False},
        {"crit": ["b64"], "b64": True},
        {"b64": False},
        {"kid": 5},
        {"kid": ["a"]},
        {"alg": ["ES256"]},
        {"alg": None},
    ],
)
async def test_critical_and_ill_typed_headers_are_refused(es256: KeyPair, extra: Mapping[str, JsonValue]) -> None:
    """No extension is understood, so nothing may be critical; and headers have their types."""
    header = {"alg": "ES256", "kid": es256.key_id, "typ": "JWT", **extra}
    assert await JOSE.verify(resigned(es256, header), [es256.public], "") is None


async def test_keys_inside_the_token_are_not_trusted(es256: KeyPair) -> None:
    """`jwk` and `jku` in the header lead nowhere (RFC 8725 section 3.10): only the caller's keys count."""
    stranger = await JOSE.new_key("ES256")
    header = {"alg": "ES256", "typ": "JWT", "jwk": dict(stranger.public), "jku": "https://example.com/keys"}
    assert await JOSE.verify(resigned(stranger, header), [es256.public], "") is None
    assert await JOSE.verify(resigned(es256, header), [es256.public], "") == CLAIMS


async def test_tampered_tokens_are_refused(pair: KeyPair) -> None:
    """Another header, payload or signature, and parts left out or added."""
    token = await JOSE.sign(pair.private, "JWT", CLAIMS)
    header, payload, signature = token.split(".")
    other = await JOSE.sign(pair.private, "JWT", {**CLAIMS, "sub": "other"})
    forged = [
        f"{header}.{other.split('.')[1]}.{signature}",
        f"{header}.{payload}.{other.split('.')[2]}",
        f"{encoded({**header_of(token), 'x': 1})}.{payload}.{signature}",
        f"{header}.{payload}.",
        f"{header}.{payload}",
        f"{header}..{signature}",
        f".{payload}.{signature}",
        f"{token}.",
        f"{token}.{signature}",
        f" {token}",
        f"{token}\n",
        f"{token}é",
        "",
        "..",
    ]
    assert [text for text in forged if await JOSE.verify(text, [pair.public], "") is not None] == []
    assert await JOSE.verify(token, [pair.public], "") == CLAIMS


async def test_base64url_is_strict(es256: KeyPair) -> None:
    """RFC 7515 section 2: no padding, no other alphabet, no bits beyond the last byte; one token has one spelling."""
    token = await JOSE.sign(es256.private, "JWT", CLAIMS)
    header, payload, signature = token.split(".")
    last = "AQgw".index(signature[-1])  # 64 bytes end in a character that carries two bits
    sloppy = "BRhx"[last]
    for bad in (
        f"{signature}=",
        f"{signature}==",
        signature[:-1] + sloppy,
        signature[:-1],
        f"{signature}A",
        f"{signature}+",
    ):
        assert await JOSE.verify(f"{header}.{payload}.{bad}", [es256.public], "") is None
    assert await JOSE.verify(f"{header}=.{payload}.{signature}", [es256.public], "") is None


async def test_der_signature_is_refused(es256: KeyPair) -> None:
    """RFC 7518 section 3.4: an ES256 signature is 64 bytes, and an all-zero one is none (CVE-2022-21449)."""
    header, payload, _ = (await JOSE.sign(es256.private, "JWT", CLAIMS)).split(".")
    for signature in (bytes(64), bytes(70), b"\x30\x06\x02\x01\x01\x02\x01\x01"):
        assert await JOSE.verify(f"{header}.{payload}.{encoded(signature)}", [es256.public], "") is None


@pytest.mark.parametrize("payload", [b"", b"[]", b'"text"', b"5", b"{", b'{"a":NaN}', b"\xff", b'{"a":' * 20000])
async def test_payload_must_be_a_json_object(es256: KeyPair, payload: bytes) -> None:
    """Even rightly signed, what is no claims set is no token."""
    header = {"alg": "ES256", "typ": "JWT"}
    assert await JOSE.verify(resigned(es256, header, payload), [es256.public], "") is None


@pytest.mark.parametrize("header", [[], "alg", 5, None, {}, {"typ": "JWT"}, {"alg": "ES256", "pad": "x" * 4000}])
async def test_header_must_be_a_small_json_object(es256: KeyPair, header: JsonValue) -> None:
    """A header that is no object, lacks `alg` or is out of bounds is refused."""
    assert await JOSE.verify(resigned(es256, header), [es256.public], "") is None


async def test_key_is_chosen_by_its_id(es256: KeyPair) -> None:
    """Of several keys the named one is used; a key without `kid` may be tried; a token without `kid` tries all."""
    other = await JOSE.new_key("ES256")
    token = await JOSE.sign(es256.private, "JWT", CLAIMS)
    nameless = {name: value for name, value in es256.public.items() if name != "kid"}
    assert await JOSE.verify(token, [other.public, es256.public], "") == CLAIMS
    assert await JOSE.verify(token, [other.public, nameless], "") == CLAIMS
    assert await JOSE.verify(token, [other.public], "") is None
    assert await JOSE.verify(token, [{**es256.public, "kid": "renamed"}], "") is None
    unnamed = resigned(es256, {"alg": "ES256"})
    assert await JOSE.verify(unnamed, [other.public, es256.public], "") == CLAIMS


@pytest.mark.parametrize(
    "change",
    [
        {"use": "enc"},
        {"use": None},
        {"key_ops": ["encrypt"]},
        {"key_ops": "verify"},
        {"alg": "ES384"},
        {"alg": None},
        {"crv": "P-384"},
        {"crv": ["P-256"]},
        {"kty": "RSA"},
        {"kty": None},
        {"x": 5},
        {"y": "AAAA"},
        {"x": "not base64!"},
    ],
)
async def test_unfit_keys_verify_nothing(es256: KeyPair, change: Mapping[str, JsonValue]) -> None:
    """Keys for something else, of another type or with broken numbers are passed over, never an error."""
    token = await JOSE.sign(es256.private, "JWT", CLAIMS)
    assert await JOSE.verify(token, [{**es256.public, **change}], "") is None


async def test_key_without_alg_has_those_of_its_type(pair: KeyPair) -> None:
    """A published key often names no `alg`: its type and curve say what it can do."""
    token = await JOSE.sign(pair.private, "JWT", CLAIMS)
    assert await JOSE.verify(token, [{k: v for k, v in pair.public.items() if k != "alg"}], "") == CLAIMS


def without_alg(pair: KeyPair) -> dict[str, JsonValue]:
    """A public key that does not say what it is for."""
    return {name: value for name, value in pair.public.items() if name != "alg"}


async def test_a_key_with_alg_is_for_that_alone(pair: KeyPair) -> None:
    """RFC 8725 section 3.1: an RSA key for RS256 verifies neither PS256 nor RS512, though it could."""
    token = await JOSE.sign(pair.private, "JWT", CLAIMS)
    same = {"EdDSA", "Ed25519"} if pair.algorithm in {"EdDSA", "Ed25519"} else {pair.algorithm}
    for algorithm in (*ALGORITHMS, "HS256", "none", ""):
        verified = await JOSE.verify(token, [{**pair.public, "alg": algorithm}], "")
        assert (verified == CLAIMS) is (algorithm in same), algorithm


async def test_the_caller_allows_fewer_algorithms(pair: KeyPair) -> None:
    """Whatever the key could do; and what is not asymmetric does not become so by being allowed."""
    token, key = await JOSE.sign(pair.private, "JWT", CLAIMS), without_alg(pair)
    assert await JOSE.verify(token, [key], "", (pair.algorithm,)) == CLAIMS
    others = [algorithm for algorithm in (*ALGORITHMS, "HS256", "none") if algorithm != pair.algorithm]
    assert await JOSE.verify(token, [key], "", others) is None


@pytest.mark.parametrize("exponent", ["AQ", "Ag", encoded((2**64 + 1).to_bytes(9, "big"))])
async def test_rsa_exponent_has_bounds(exponent: str) -> None:
    """One is no encryption at all, an even one is none of RSA, and a huge one would burden the server."""
    key: dict[str, JsonValue] = {"kty": "RSA", "n": encoded(b"\xff" * 256), "e": exponent}
    token = f"{encoded({'alg': 'RS256'})}.{encoded(CLAIMS)}.{encoded(bytes(255) + bytes([1]))}"
    assert await JOSE.verify(token, [key], "") is None


async def test_a_long_token_is_refused_unread(es256: KeyPair) -> None:
    """Whoever signed it."""
    payload = json.dumps({"pad": "x" * 200_000}).encode()
    assert await JOSE.verify(resigned(es256, {"alg": "ES256"}, payload), [es256.public], "") is None


@pytest.mark.parametrize("bits", [1024, 16384])
async def test_rsa_modulus_has_bounds(bits: int) -> None:
    """RFC 7518 section 3.3: below 2048 bits is too weak; far above would burden the server."""
    modulus = ((1 << bits) - 1).to_bytes(bits // 8, "big")
    key: dict[str, JsonValue] = {"kty": "RSA", "n": encoded(b"\0" * 256 + modulus), "e": "AQAB"}
    token = f"{encoded({'alg': 'RS256'})}.{encoded(CLAIMS)}.{encoded(bytes(256))}"
    assert await JOSE.verify(token, [key], "") is None


async def test_rfc_8037_example_verifies() -> None:
    """RFC 8037 appendix A: the published Ed25519 key has the published thumbprint and signs as published."""
    private = {
        "kty": "OKP",
        "crv": "Ed25519",
        "d": "nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A",
        "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo",
    }
    kid = "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k"
    token = await JOSE.sign(json.dumps({**private, "alg": "Ed25519", "kid": kid}), "", CLAIMS)
    public: dict[str, JsonValue] = {"kty": "OKP", "crv": "Ed25519", "x": private["x"]}
    assert await JOSE.verify(token, [public], "") == CLAIMS
    assert header_of(token) == {"alg": "Ed25519", "kid": kid}


async def test_not_a_number_is_not_signed(es256: KeyPair) -> None:
    """Claims are JSON, which has no NaN."""
    with pytest.raises(ValueError, match="JSON compliant"):
        await JOSE.sign(es256.private, "JWT", {"exp": float("nan")})


async def test_a_signature_that_held_once_helps_no_other_token_and_no_other_key(pair: KeyPair) -> None:
    """What is remembered is this token under this key: neither a changed token nor a stranger's key profits."""
    token = await JOSE.sign(pair.private, "at+jwt", CLAIMS)
    assert await JOSE.verify(token, [pair.public], "at+jwt") == CLAIMS
    assert await JOSE.verify(token, [pair.public], "at+jwt") == CLAIMS
    header, _, signature = token.split(".")
    forged = f"{header}.{encoded({**CLAIMS, 'sub': 'mallory'})}.{signature}"
    assert await JOSE.verify(forged, [pair.public], "at+jwt") is None
    stranger = await JOSE.new_key(pair.algorithm)
    assert await JOSE.verify(token, [{**stranger.public, "kid": pair.key_id}], "at+jwt") is None
    assert await JOSE.verify(token, [pair.public], "JWT") is None
    assert await JOSE.verify(token, [], "at+jwt") is None
    assert await JOSE.verify(token, [pair.public], "at+jwt", ("HS256",)) is None
    assert await JOSE.verify(token, [pair.public], "at+jwt", (pair.algorithm,)) == CLAIMS


# --- keys that others bring ----------------------------------------------------------------------------------------


def pem_of(pair: KeyPair, *, private: bool) -> str:
    """A key as PEM."""
    jwk = json.loads(pair.private)
    kinds: dict[str, type[ECKey | RSAKey | OKPKey]] = {"EC": ECKey, "RSA": RSAKey, "OKP": OKPKey}
    return str(kinds[jwk["kty"]].import_key(jwk).as_pem(private=private).decode())


USUAL = {"RSA": "RS256", "OKP": "Ed25519"}


def test_public_key_is_read_from_jwk_and_pem(pair: KeyPair) -> None:
    """With its own algorithm or the usual one of its type, and no name: that is whose it becomes to give."""
    expected = {name: value for name, value in pair.public.items() if name not in {"kid", "key_ops"}}
    usual = {**expected, "alg": USUAL.get(str(pair.public["kty"]), pair.algorithm)}
    assert JOSE.public_jwk(pem_of(pair, private=False)) == usual
    assert JOSE.public_jwk(json.dumps(pair.public)) == expected
    bare = {name: value for name, value in expected.items() if name not in {"alg", "use"}}
    assert JOSE.public_jwk(json.dumps(bare)) == usual


async def test_read_keys_sign_and_verify(pair: KeyPair) -> None:
    """What was read fits what was made."""
    for private_text, public_text in (
        (pem_of(pair, private=True), pem_of(pair, private=False)),
        (pair.private, json.dumps(pair.public)),
    ):
        private, public = JOSE.private_jwk(private_text), JOSE.public_jwk(public_text)
        assert private is not None
        assert public is not None
        assert await JOSE.verify(await JOSE.sign(private, "", CLAIMS), [public], "") == CLAIMS


def test_private_key_is_no_public_one_and_the_other_way_round(pair: KeyPair) -> None:
    """A private key that somebody sends by mistake is refused, not kept."""
    for text in (pem_of(pair, private=True), pair.private):
        assert JOSE.public_jwk(text) is None
    for text in (pem_of(pair, private=False), json.dumps(pair.public)):
        assert JOSE.private_jwk(text) is None


@pytest.mark.parametrize(
    "text",
    [
        "",
        "x",
        "{",
        "{}",
        "[]",
        '{"kty":"oct","k":"AAAA"}',
        '{"kty":"EC","crv":"P-256","x":"AA","y":"AA"}',
        '{"kty":"EC","crv":"P-256","x":1,"y":[]}',
        "-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n",
        "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n",
        "{" * 5000,
    ],
)
def test_what_is_no_key_is_none(text: str) -> None:
    """Whatever somebody pastes."""
    assert JOSE.public_jwk(text) is None
    assert JOSE.private_jwk(text) is None


def test_weak_and_unsuitable_keys_are_none() -> None:
    """RSA below 2048 bits, another curve, a key for encryption, a key of another algorithm."""
    small = rsa.generate_private_key(65537, 1024).public_key()  # noqa: S505 - that is it
    weak = small.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()
    curve = ECKey.generate_key("secp256k1").as_pem(private=False).decode()
    of_x25519 = OKPKey.generate_key("X25519").as_pem(private=False).decode()
    fit = ECKey.generate_key("P-256").as_dict(private=False)
    encrypts, otherwise = json.dumps({**fit, "use": "enc"}), json.dumps({**fit, "alg": "ES384"})
    for text in (weak, curve, of_x25519, encrypts, otherwise):
        assert JOSE.public_jwk(text) is None


def unnamed_key() -> Mapping[str, JsonValue]:
    """A public key without a name, of nobody in particular."""
    made: Mapping[str, JsonValue] = json.loads(json.dumps(ECKey.generate_key("P-256").as_dict(private=False)))
    return {name: value for name, value in made.items() if name != "kid"}


async def test_keys_that_are_tried_have_a_measure(es256: KeyPair) -> None:
    """A set may hold many keys, and each one that is tried costs: of those that a token does not name a few are."""
    token = resigned(es256, {"alg": "ES256"})
    others = [unnamed_key() for _ in range(MOST_TRIED)]
    unnamed = {name: value for name, value in es256.public.items() if name != "kid"}
    assert await JOSE.verify(token, [*others[1:], unnamed], "") == CLAIMS
    assert await JOSE.verify(resigned(es256, {"alg": "ES256"}, b"{}"), [*others, unnamed], "") is None
    named = resigned(es256, {"alg": "ES256", "kid": es256.key_id})
    kept_apart = [{**one, "kid": str(number)} for number, one in enumerate(others)]
    assert await JOSE.verify(named, [*kept_apart, es256.public], "") == CLAIMS
