"""JWTs that are signed with real keys and wrong in every other way."""

import base64
import json
from dataclasses import dataclass
from typing import Any

from hypothesis import strategies as st
from joserfc import jwe
from joserfc.jwk import ECKey, KeySet, RSAKey
from joserfc.jws import JWSRegistry

from tests.fuzz.strategies import JSON, in_object

HEADER = ("alg", "kid", "typ", "cty", "crit", "b64", "zip", "jwk", "jku", "x5c", "x5u", "enc", "p2c", "p2s", "\ud800")
DAMAGES = (
    *("unsigned", "without_signature", "padded", "cut", "blank", "doubled", "longer", "shuffled", "swapped_case"),
    *("newline", "zeros"),
)
EMBEDDED: tuple[Any, ...] = (
    {"kty": "EC", "crv": "P-256", "x": "AA", "y": "AA"},
    {"kty": "EC", "crv": "P-256", "x": "A" * 43, "y": "A" * 43},
    {"kty": "EC", "crv": "P-256", "x": -1, "y": 10**400},
    {"kty": "EC", "crv": "P-256", "x": "\ud800" * 43, "y": "é" * 43},
    {"kty": "EC", "crv": "P-256K", "x": "A" * 43, "y": "A" * 43},
    {"kty": "RSA", "n": "AQAB", "e": "AQAB"},
    {"kty": "RSA", "n": "_" * 342, "e": "A"},
    {"kty": "RSA", "n": "_" * 3000, "e": "AQAB"},
    {"kty": "RSA", "n": "_" * 342, "e": "_" * 300},
    {"kty": "OKP", "crv": "Ed25519", "x": "A" * 43},
    {"kty": "OKP", "crv": "Ed25519", "x": "A" * 4},
    {"kty": "OKP", "crv": "Ed448", "x": "A" * 76},
    {"kty": "oct", "k": "AAAA"},
    *({"kty": ["EC"], "crv": {}}, {"kty": None}, {"keys": []}, [], 1),
)
JWKS = st.sampled_from(EMBEDDED) | st.dictionaries(
    st.sampled_from(["kty", "crv", "x", "y", "n", "e", "alg", "use", "key_ops", "kid", "x5c", "d", "k"]),
    JSON,
    max_size=5,
)


def encoded(data: bytes) -> str:
    """base64url without padding."""
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


@dataclass
class Signer:
    """A client's keys."""

    ec: ECKey
    rsa: RSAKey

    @property
    def public(self) -> dict[str, Any]:
        """What the client publishes."""
        return dict(KeySet([self.ec, self.rsa]).as_dict(private=False))

    def signed(self, claims: Any, /, alg: str = "ES256", **header: Any) -> str:
        """A compact JWS."""
        return self.signed_text(json.dumps(claims), json.dumps(self.header(alg) | header), alg)

    def header(self, alg: str) -> dict[str, Any]:
        """What a good header says."""
        return {"alg": alg, "kid": "ec" if alg == "ES256" else "rsa"}

    def signed_text(self, payload: str, header: str, alg: str = "ES256") -> str:
        """The same of any texts at all."""
        key = self.ec if alg == "ES256" else self.rsa
        signing_input = f"{encoded(header.encode())}.{encoded(payload.encode())}"
        signature = JWSRegistry.algorithms[alg].sign(signing_input.encode(), key)
        return f"{signing_input}.{encoded(signature)}"

    def changed(self, claims: dict[str, Any], changes: "Changes", alg: str = "ES256", **header: Any) -> str:
        """A signed token with the changes."""
        payload = in_object(claims, changes.claims)
        head = in_object(self.header(alg) | header, changes.header)
        return damaged(self.signed_text(payload, head, alg), changes.damage)


@dataclass(frozen=True)
class Changes:
    """What is wrong with a token: in its claims and header, before it is signed, and in its text, afterwards."""

    claims: list[Any]
    header: list[Any]
    damage: str


def changes(claims: tuple[str, ...]) -> st.SearchStrategy[Changes]:
    """One thing is enough, most of the time."""

    def of(names: tuple[str, ...], values: st.SearchStrategy[Any]) -> st.SearchStrategy[list[Any]]:
        one = st.tuples(st.sampled_from(["drop", "set", "set", "repeat"]), st.sampled_from(names), values)
        return st.lists(one, max_size=2)

    none: st.SearchStrategy[list[Any]] = st.just([])
    in_claims, in_header = of(claims, JSON), of(HEADER, JSON | JWKS | st.sampled_from(["none", "HS256", "RS256"]))
    return st.one_of(
        st.builds(Changes, in_claims, none, st.just("")),
        st.builds(Changes, none, in_header, st.just("")),
        st.builds(Changes, none, none, st.sampled_from(DAMAGES)),
        st.builds(Changes, in_claims, in_header, st.sampled_from(["", *DAMAGES])),
    )


def damaged(token: str, damage: str) -> str:
    """The text of a token, spoiled."""
    head, payload, signature = token.split(".")
    none = encoded(b'{"alg":"none"}')
    return {
        "": token,
        "unsigned": f"{none}.{payload}.",
        "without_signature": f"{head}.{payload}.",
        "padded": f"{head}==.{payload}=.{signature}==",
        "cut": token[: len(token) // 2],
        "blank": f"{head}. {payload}.{signature}",
        "doubled": f"{token}.{token}",
        "longer": token + "A" * 9000,
        "shuffled": f"{payload}.{head}.{signature}",
        "swapped_case": token.swapcase(),
        "newline": f"{token}\n",
        "zeros": f"{head}.{payload}.{'A' * 86}",
    }[damage]


ODD_HEADERS = (
    *({"zip": "DEF"}, {"p2c": 10**9, "p2s": "AAAA"}, {"enc": "A128GCM", "alg": "dir"}, {"alg": "PBES2-HS256+A128KW"}),
    *({"alg": "A128KW"}, {"alg": "none"}, {"alg": 1}, {"enc": "none"}, {"enc": ["A128GCM"]}, {"epk": {}}, {"epk": 1}),
    *({"epk": one} for one in EMBEDDED),
    *({"apu": 1}, {"apu": "\ud800"}, {"apv": "é"}, {"kid": 1}, {"kid": "nobody"}, {"crit": ["exp"]}, {"cty": 1}, {}),
)


def encrypted(content: str, key: dict[str, Any], alg: str, enc: str) -> str:
    """A good compact JWE to one of our keys."""
    parsed: Any = RSAKey.import_key(key) if key["kty"] == "RSA" else ECKey.import_key(key)
    header = {"alg": alg, "enc": enc, "kid": key["kid"]}
    return jwe.encrypt_compact(header, content, parsed, registry=jwe.JWERegistry(algorithms=[alg, enc]))


def reheaded(token: str, odd: dict[str, Any]) -> str:
    """The JWE with another header, which nobody encrypted it under."""
    head, *rest = token.split(".")
    told = json.loads(base64.urlsafe_b64decode(head + "=" * (-len(head) % 4)))
    return ".".join([encoded(json.dumps(told | odd).encode()), *rest])
