"""The port ``jose`` by the joserfc library, under the rules of RFC 8725: keys and callers fix algorithm and type."""

import asyncio
import hashlib
import hmac
import json
from collections.abc import Container, Iterator, Sequence
from functools import lru_cache
from itertools import islice

from joserfc.errors import JoseError
from joserfc.jws import JWSRegistry
from joserfc.util import urlsafe_b64encode

from hexkeep.adapters.joserfc.compact import Signed, is_of_type, json_object, read_signed
from hexkeep.adapters.joserfc.encryption import CONTENT, decrypted, encrypted, readable
from hexkeep.adapters.joserfc.keys import (
    SIGNS,
    Material,
    ParsedKey,
    PrivateKey,
    decryption_key,
    encrypts,
    new_key_pair,
    public_key,
    read_private,
    read_public,
    seeded_key_pair,
    signing_key,
    verifies,
)
from hexkeep.core.kernel.ask import KeyPair
from hexkeep.core.oidc.asks import Decrypted, SelfSigned
from hexkeep.ports.jose import Claims, Jwk

RSA = frozenset(name for name in SIGNS if name[:2] in {"RS", "PS"})
"""Making a key takes long, so it happens in a thread; signing takes a quarter of a millisecond, less than a thread."""
SLOW_TO_VERIFY = frozenset({"ES384", "ES512"})
"""A third of a millisecond."""
MACS = {"HS256": hashlib.sha256, "HS384": hashlib.sha384, "HS512": hashlib.sha512}
NO_SECRETS = ("{", "-----", "ssh-")
"""How the texts of public keys begin. None of them is ever a secret (RFC 8725 section 2.1)."""
MOST_TRIED = 10
"""How many keys a signature is tried with: somebody else's set may hold many that are a burden each."""
CACHED_KEYS = 1024
HELD_SIGNATURES = 8192
PRIVATE = frozenset({"d", "p", "q", "dp", "dq", "qi", "oth", "k"})
"""Members of JWKs that nobody shows to others (RFC 7518 sections 6.2.2, 6.3.2 and 6.4.1, RFC 8037 section 2)."""
_SIGNERS = {name: JWSRegistry.algorithms["Ed25519" if name == "EdDSA" else name] for name in SIGNS}


class JoserfcJose:
    """The port ``jose.Jose``. Parsed keys are kept, least recently used out first: parsing costs more than signing."""

    def __init__(self) -> None:
        self._private = lru_cache(CACHED_KEYS)(signing_key)
        self._decrypting = lru_cache(CACHED_KEYS)(decryption_key)
        self._public = lru_cache(CACHED_KEYS)(public_key)
        self._held: dict[tuple[bytes, Material], None] = {}

    async def new_key(self, algorithm: str) -> KeyPair:
        """A fresh key pair for a JWS or JWE algorithm; ``ValueError`` where none are made for it."""
        if algorithm in RSA or algorithm.startswith("RSA"):
            return await asyncio.to_thread(new_key_pair, algorithm)
        return new_key_pair(algorithm)

    def key_from_seed(self, algorithm: str, seed: bytes) -> KeyPair:
        """The key pair that 32 secret bytes are; ``ValueError`` for other than ``Ed25519``."""
        return seeded_key_pair(algorithm, seed)

    def public_jwk(self, text: str) -> Jwk | None:
        """The public key in a text (JWK or PEM) with ``alg``; ``None`` for none, a private one, or one of no use."""
        return read_public(text)

    def private_jwk(self, text: str) -> str | None:
        """The private key in a text (JWK or PEM) as ``sign`` takes it; ``None`` for what is none."""
        return read_private(text)

    async def sign(self, private: str, type_: str, claims: Claims) -> str:
        """A compact JWS over ``claims`` with the headers ``alg``, ``kid`` and, unless empty, ``typ``."""
        one = self._private(private)
        payload = json.dumps(claims, separators=(",", ":"), ensure_ascii=False, allow_nan=False)
        return _signed(one, type_, payload)

    async def verify(
        self, token: str, keys: Sequence[Jwk], type_: str, algorithms: Sequence[str] = ()
    ) -> Claims | None:
        """The claims if one of ``keys`` signed this token with an algorithm of its own, else ``None``."""
        signed = _presented(token, type_, algorithms or _SIGNERS)
        if signed is None:
            return None
        digest = hashlib.sha256(token.encode("ascii")).digest()
        for material in islice(_candidates(signed.header, keys), MOST_TRIED):
            if (digest, material) not in self._held:
                key = self._public(material)
                if key is None or not await _holds(signed, material[0], key):
                    continue
                self._remember(digest, material)
            return json_object(signed.payload)
        return None

    async def verify_self_signed(self, token: str, type_: str, algorithms: Sequence[str]) -> SelfSigned | None:
        """The claims if the public key in the token's own header signed it with one of ``algorithms``, else ``None``.

        It is a key of this one token: neither it nor that its signature held is worth remembering.
        """
        signed = _presented(token, type_, algorithms)
        jwk = None if signed is None else signed.header.get("jwk")
        if signed is None or not isinstance(jwk, dict) or jwk.keys() & PRIVATE:
            return None
        algorithm = str(signed.header["alg"])
        material = verifies(jwk, algorithm)
        key = None if material is None else public_key(material)
        if key is None or not await _holds(signed, algorithm, key):
            return None
        claims = json_object(signed.payload)
        return None if claims is None else SelfSigned(key.thumbprint(), algorithm, claims)

    async def verify_secret(self, token: str, secret: str, algorithms: Sequence[str]) -> Claims | None:
        """The claims if this token has a MAC made with ``secret``, else ``None``."""
        signed = _presented(token, "", algorithms)
        make = None if signed is None else MACS.get(str(signed.header["alg"]))
        key = secret.encode()
        if signed is None or make is None or len(key) < make().digest_size or secret.startswith(NO_SECRETS):
            return None
        mac = hmac.digest(key, signed.signing_input, make)
        return json_object(signed.payload) if hmac.compare_digest(mac, signed.signature) else None

    async def encrypt(self, key: Jwk, algorithm: str, encryption: str, content: str, content_type: str) -> str | None:
        """A compact JWE of ``content`` for the owner of a public key; ``None`` where the key will not do."""
        material = encrypts(key, algorithm)
        parsed = None if material is None else self._public(material)
        if parsed is None or encryption not in CONTENT:
            return None
        named = {"kid": key_id} if isinstance(key_id := key.get("kid"), str) else {}
        header = {"alg": algorithm, "enc": encryption} | named | ({"cty": content_type} if content_type else {})
        return encrypted(parsed, header, content)

    async def decrypt(self, token: str, keys: Sequence[str]) -> Decrypted | None:
        """The text in a compact JWE that one of the private ``keys`` decrypts, else ``None``."""
        header = readable(token)
        if header is None:
            return None
        return await asyncio.to_thread(decrypted, token, header, [self._decrypting(key) for key in keys])

    def _remember(self, digest: bytes, material: Material) -> None:
        """A signature that held under a key holds for ever; forgotten is the one that was first seen longest ago.

        What the token says is not remembered: it is somebody's, and may be long.
        """
        self._held[digest, material] = None
        if len(self._held) > HELD_SIGNATURES:
            del self._held[next(iter(self._held))]


async def _holds(signed: Signed, algorithm: str, key: ParsedKey) -> bool:
    if algorithm in SLOW_TO_VERIFY:
        return await asyncio.to_thread(_verified, signed, algorithm, key)
    return _verified(signed, algorithm, key)


@lru_cache(CACHED_KEYS)
def _header(algorithm: str, key_id: str, type_: str) -> bytes:
    """A protected header, as it is signed."""
    header = {"alg": algorithm, "kid": key_id} | ({"typ": type_} if type_ else {})
    return urlsafe_b64encode(json.dumps(header, separators=(",", ":")).encode())


def _signed(key: PrivateKey, type_: str, payload: str) -> str:
    signing_input = _header(key.algorithm, key.id, type_) + b"." + urlsafe_b64encode(payload.encode())
    signature = _SIGNERS[key.algorithm].sign(signing_input, key.key)
    return f"{signing_input.decode()}.{urlsafe_b64encode(signature).decode()}"


def _verified(signed: Signed, algorithm: str, key: ParsedKey) -> bool:
    try:
        return _SIGNERS[algorithm].verify(signed.signing_input, signed.signature, key)
    except (JoseError, ValueError):
        return False


def _presented(token: str, type_: str, algorithms: Container[str]) -> Signed | None:
    """The parts of a token of the type and one of the algorithms, unverified."""
    signed = read_signed(token)
    if signed is None or signed.header["alg"] not in algorithms:
        return None
    return signed if is_of_type(signed.header.get("typ", ""), type_) else None


def _candidates(header: Claims, keys: Sequence[Jwk]) -> Iterator[Material]:
    """The keys that may have made the signature: same ``kid`` where both sides name one, fit for the algorithm."""
    key_id = header.get("kid")
    for jwk in keys:
        named_otherwise = key_id is not None and jwk.get("kid", key_id) != key_id
        material = None if named_otherwise else verifies(jwk, str(header["alg"]))
        if material is not None:
            yield material
