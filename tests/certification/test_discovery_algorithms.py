"""Every algorithm and every way to authenticate that discovery tells of works, with a library that we did not write.

And no other does: it can either not be registered, or what is made with it is refused.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import parse_qs, urlsplit
from uuid import uuid4

import httpx
import pytest
from joserfc import jwe, jwt
from joserfc.jwk import ECKey, KeySet, OctKey, OKPKey, RSAKey
from joserfc.jws import JWSRegistry

from hexkeep.core.kernel.errors import InvalidInput
from hexkeep.core.oidc.rfc7523 import CLIENT_ASSERTION_TYPE
from tests.certification.party import (
    JWKS,
    PERSON,
    TOKEN,
    USERINFO,
    Claims,
    Foundation,
    Params,
    Party,
    Variant,
    header_of,
    is_login,
)
from tests.certification.test_discovery import discovered
from tests.unit.adapters.proofs import encoded
from tests.unit.adapters.site import ORIGIN

pytestmark = pytest.mark.asyncio(loop_scope="module")
EVERY_SIGNATURE = (
    *("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "ES256K"),
    *("EdDSA", "Ed25519", "Ed448", "HS256", "HS384", "HS512", "none"),
)
EVERY_KEY_WRAP = (
    *("RSA1_5", "RSA-OAEP", "RSA-OAEP-256", "RSA-OAEP-384", "RSA-OAEP-512", "A128KW", "A192KW", "A256KW", "dir"),
    *("ECDH-ES", "ECDH-ES+A128KW", "ECDH-ES+A192KW", "ECDH-ES+A256KW", "A128GCMKW", "PBES2-HS256+A128KW"),
)
EVERY_CONTENT = ("A128CBC-HS256", "A192CBC-HS384", "A256CBC-HS512", "A128GCM", "A192GCM", "A256GCM")
"""What the registry of RFC 7518 section 7.1 has."""
ASSERTED = ("token", "revocation", "introspection")
ALSO_FOR_ITSELF = (*Variant().grants, "client_credentials")
SIGNED_BY_US = ("id_token", "userinfo", "authorization", "introspection")
Key = RSAKey | ECKey | OKPKey


@dataclass(frozen=True)
class Keys:
    """The keys of a client: one of each kind to sign with, and two to encrypt to."""

    signing: Mapping[str, Key] = field(
        default_factory=lambda: {
            "RS": RSAKey.generate_key(2048, {"kid": "rsa", "use": "sig"}),
            "ES256": ECKey.generate_key("P-256", {"kid": "p256", "use": "sig"}),
            "ES384": ECKey.generate_key("P-384", {"kid": "p384", "use": "sig"}),
            "ES512": ECKey.generate_key("P-521", {"kid": "p521", "use": "sig"}),
            "Ed": OKPKey.generate_key("Ed25519", {"kid": "ed", "use": "sig"}),
        }
    )
    encryption: Mapping[str, Key] = field(
        default_factory=lambda: {
            "RSA": RSAKey.generate_key(2048, {"kid": "rsa-enc", "use": "enc"}),
            "ECD": ECKey.generate_key("P-256", {"kid": "ec-enc", "use": "enc"}),
        }
    )

    def signing_with(self, algorithm: str) -> Key:
        """The key that goes with an algorithm."""
        found = self.signing.get(algorithm) or self.signing.get(algorithm[:2].replace("PS", "RS"))
        return found or self.signing["ES256"]

    @property
    def published(self) -> str:
        """The public halves."""
        every = (*self.signing.values(), *self.encryption.values())
        return json.dumps({"keys": [key.as_dict(private=False) for key in every]})


KEYS = Keys()


def signed(algorithm: str, key: Key | OctKey | None, claims: Mapping[str, object], **header: object) -> str:
    """A JWS as such a client would make it; for `none`, and by algorithms that nobody here has, one that is nothing."""
    name = {"kid": key.kid} if key is not None and not isinstance(key, OctKey) and "jwk" not in header else {}
    head = {"alg": algorithm, "typ": "JWT", **name, **header}
    parts = (encoded(json.dumps(part).encode()) for part in (head, claims))
    signing_input = ".".join(parts)
    known = JWSRegistry.algorithms.get(algorithm)
    if known is None or algorithm in {"none", "ES256K", "Ed448"} or key is None:
        return f"{signing_input}." if algorithm == "none" else f"{signing_input}.{encoded(b'x' * 64)}"
    return f"{signing_input}.{encoded(known.sign(signing_input.encode(), key))}"


def said_by(party: Party, **changes: object) -> Claims:
    """What a client says of itself, to us, for now."""
    now, client = int(party.clock.now().timestamp()), party.client["client_id"]
    usual = {"iss": client, "aud": ORIGIN, "iat": now, "nbf": now, "exp": now + 60, "jti": uuid4().hex}
    return {**usual, **changes}


async def document_of(foundation: Foundation) -> Claims:
    """What is told."""
    async with foundation.site.browser() as browser:
        return await discovered(browser)


async def cannot_register(foundation: Foundation, name: str, value: str) -> None:
    """That no client is registered with such metadata."""
    with pytest.raises((ValueError, InvalidInput)):
        await foundation.party(client_metadata={"jwks": KEYS.published, name: value})


# --- what clients sign -----------------------------------------------------------------------------------------------


def assertion(party: Party, algorithm: str) -> Params:
    """How a client shows itself with an algorithm: with its secret or one of its keys."""
    secret = OctKey.import_key(party.client.get("client_secret") or KEYS.published)
    key = secret if algorithm.startswith("HS") else KEYS.signing_with(algorithm)
    shown = signed(algorithm, key, said_by(party, sub=party.client["client_id"]))
    return {"client_assertion_type": CLIENT_ASSERTION_TYPE, "client_assertion": shown}


async def test_assertions(foundation: Foundation) -> None:
    """Each algorithm authenticates where it is told of, of who registered keys or a secret to sign with."""
    document = await document_of(foundation)
    lists = [document[f"{endpoint}_endpoint_auth_signing_alg_values_supported"] for endpoint in ASSERTED]
    assert lists[0] == lists[1] == lists[2]
    for method, symmetric in (("private_key_jwt", False), ("client_secret_jwt", True)):
        metadata = {} if symmetric else {"jwks": KEYS.published}
        party = await foundation.party(auth_method=method, client_metadata=metadata, grant_types=ALSO_FOR_ITSELF)
        async with party.browser:
            for algorithm in EVERY_SIGNATURE:
                form = {"grant_type": "client_credentials", **assertion(party, algorithm)}
                answer = await party.browser.post(TOKEN, data=form)
                good = algorithm in lists[0] and algorithm.startswith("HS") is symmetric
                assert (answer.status_code == 200) is good, (method, algorithm, answer.text)
                assert good or answer.json()["error"] == "invalid_client"


async def test_request_objects(foundation: Foundation) -> None:
    """Each algorithm is heard of who registered none of them, `none` among these, and the registered one alone else."""
    supported = (await document_of(foundation))["request_object_signing_alg_values_supported"]
    for registered, heard in (("unspecified", set(supported)), ("none", {"none"}), ("ES256", {"ES256"})):
        party = await foundation.party(
            client_metadata={"jwks": KEYS.published, "request_object_signing_alg": registered}
        )
        async with party.browser:
            for algorithm in EVERY_SIGNATURE:
                key = OctKey.import_key(KEYS.published) if algorithm.startswith("HS") else KEYS.signing_with(algorithm)
                text = signed(algorithm, key, said_by(party, **party.request()))
                response = await party.goes(request=text)
                assert is_login(response) is (algorithm in heard), algorithm
                if algorithm not in heard:
                    assert party.answered(response)["error"] in {"invalid_request_object", "request_not_supported"}


async def test_encrypted_request_objects(foundation: Foundation) -> None:
    """Each way and each content encryption, of who registered it, to a key that is published from then on."""
    document = await document_of(foundation)
    told = document["request_object_encryption_alg_values_supported"]
    contents = document["request_object_encryption_enc_values_supported"]
    for algorithm, content in [(one, "A128GCM") for one in told] + [("ECDH-ES", one) for one in contents]:
        registered = {"request_object_encryption_alg": algorithm, "request_object_encryption_enc": content}
        party = await foundation.party(client_metadata={"jwks": KEYS.published, **registered})
        keys = {key["kty"]: key for key in await encryption_keys(foundation)}
        key = imported(keys["RSA" if algorithm.startswith("RSA") else "EC"])
        async with party.browser:
            inside = signed("ES256", KEYS.signing_with("ES256"), said_by(party, **party.request()))
            text = jwe.encrypt_compact({"alg": algorithm, "enc": content}, inside, key, algorithms=[algorithm, content])
            assert is_login(await party.goes(request=text)), (algorithm, content)
            assert party.answered(await party.goes(request=inside))["error"] == "invalid_request_object"
    for algorithm in set(EVERY_KEY_WRAP) - set(told):
        await cannot_register(foundation, "request_object_encryption_alg", algorithm)
    for content in set(EVERY_CONTENT) - set(contents):
        await cannot_register(foundation, "request_object_encryption_enc", content)


async def encryption_keys(foundation: Foundation) -> list[Claims]:
    """Those that the instance publishes to encrypt to."""
    async with foundation.site.browser() as browser:
        keys: list[Claims] = (await browser.get(JWKS)).json()["keys"]
    return [key for key in keys if key["use"] == "enc"]


def imported(key: Claims) -> Key:
    """A published key."""
    return RSAKey.import_key(key) if key["kty"] == "RSA" else ECKey.import_key(key)


async def test_backchannel_requests(foundation: Foundation) -> None:
    """CIBA Core section 7.1.1: each algorithm signs a request of who registered it, and no other can be registered."""
    name = "backchannel_authentication_request_signing_alg"
    supported = (await document_of(foundation))[f"{name}_values_supported"]
    grants = (*Variant().grants, "urn:openid:params:grant-type:ciba")
    for algorithm in EVERY_SIGNATURE:
        if algorithm not in supported:
            await cannot_register(foundation, name, algorithm)
            continue
        party = await foundation.party(client_metadata={"jwks": KEYS.published, name: algorithm}, grant_types=grants)
        claims = said_by(party, scope="openid", login_hint=PERSON["user_name"])
        form = {"request": signed(algorithm, KEYS.signing_with(algorithm), claims)}
        secret = (party.client["client_id"], party.client["client_secret"])
        async with party.browser:
            answer = await party.browser.post("/oauth/bc-authorize", data=form, auth=secret)
        assert answer.status_code == 200, (algorithm, answer.text)


async def test_proofs_of_possession(foundation: Foundation) -> None:
    """RFC 9449 section 5.1: each algorithm binds a token, and no other does."""
    supported = (await document_of(foundation))["dpop_signing_alg_values_supported"]
    party = await foundation.party(grant_types=ALSO_FOR_ITSELF)
    async with party.browser:
        for algorithm in EVERY_SIGNATURE:
            public = KEYS.signing_with(algorithm).as_dict(private=False)
            jwk = {name: value for name, value in public.items() if name not in {"kid", "use"}}
            key = OctKey.import_key("k" * 64) if algorithm.startswith("HS") else KEYS.signing_with(algorithm)
            said = {"jti": uuid4().hex, "htm": "POST", "htu": ORIGIN + TOKEN, "iat": said_by(party)["iat"]}
            party.browser.headers["dpop"] = signed(algorithm, key, said, typ="dpop+jwt", jwk=jwk)
            answer = (await party.asks_for_tokens({"grant_type": "client_credentials"})).json()
            if algorithm in supported:
                assert answer["token_type"] == "DPoP", (algorithm, answer)
            else:
                assert answer["error"] == "invalid_dpop_proof", algorithm


# --- what we sign and encrypt ----------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Told:
    """All that a client can be told in a JWT of its own, as it came."""

    authorization: str
    id_token: str
    userinfo: str


async def told_in_jwts(foundation: Foundation, metadata: Mapping[str, str]) -> Told:
    """A sign-in whose every answer is a JWT (JARM section 2.3, OIDC Core section 5.3.2)."""
    party = await foundation.party(client_metadata={"jwks": KEYS.published, **metadata})
    async with party.browser:
        response = await party.submits(await party.goes(response_mode="jwt"))
        answer = parse_qs(urlsplit(response.headers["location"]).query)["response"][0]
        tokens = await party.redeemed(str(inner(answer)["code"]), {})
        bearer = {"authorization": f"Bearer {tokens['access_token']}"}
        userinfo = await party.browser.get(USERINFO, headers=bearer)
    assert userinfo.headers["content-type"] == "application/jwt"
    return Told(answer, tokens["id_token"], userinfo.text)


async def introspected(foundation: Foundation, metadata: Mapping[str, str]) -> str:
    """What an API is told in a JWT (RFC 9701)."""
    tenant = foundation.tenant
    project = await tenant.do("CreateProject", organization_id=tenant.organization_id, name="Orders")
    fields = {"project_id": project["project_id"], "name": "Orders"}
    made = await tenant.do("CreateApiApplication", **fields, client_metadata={"jwks": KEYS.published, **metadata})
    accepting = {"accept": "application/token-introspection+jwt"}
    async with foundation.site.browser() as browser:
        secret = httpx.BasicAuth(str(made["client_id"]), str(made["client_secret"]))
        return (await browser.post("/oauth/introspect", data={"token": "x"}, headers=accepting, auth=secret)).text


def inner(token: str) -> Claims:
    """What a JWT says that may be encrypted to the client."""
    if token.count(".") == 4:
        head = header_of(token)
        algorithms = [str(head["alg"]), str(head["enc"])]
        token = (
            jwe.decrypt_compact(token, KEYS.encryption[algorithms[0][:3]], algorithms=algorithms).plaintext or b""
        ).decode()
    return claims_in(token)


def claims_in(token: str) -> Claims:
    """What a JWS says, unverified."""
    middle = token.split(".")[1]
    claims: Claims = json.loads(OctKey.import_key({"kty": "oct", "k": middle}).raw_value)
    return claims


@pytest.mark.filterwarnings("ignore:EdDSA is deprecated:joserfc.errors.SecurityWarning")
async def test_signatures(foundation: Foundation) -> None:
    """Whatever a client registers: the ID token, userinfo, the authorization response, the introspection response."""
    document = await document_of(foundation)
    names = {one: f"{one}_signed_response_alg" for one in SIGNED_BY_US}
    supported = document["id_token_signing_alg_values_supported"]
    assert all(document[f"{one}_signing_alg_values_supported"] == supported for one in SIGNED_BY_US)
    for algorithm in supported:
        told = await told_in_jwts(foundation, dict.fromkeys(names.values(), algorithm))
        audited = await introspected(foundation, {names["introspection"]: algorithm})
        async with foundation.site.browser() as browser:
            keys = KeySet.import_key_set((await browser.get(JWKS)).json())
        for token in (told.authorization, told.id_token, told.userinfo, audited):
            assert jwt.decode(token, keys, algorithms=[algorithm]).claims["iss"] == ORIGIN
            assert header_of(token)["alg"] == algorithm
    for algorithm in set(EVERY_SIGNATURE) - set(supported):
        for name in names.values():
            await cannot_register(foundation, name, algorithm)


async def test_encryption(foundation: Foundation) -> None:
    """Each way and each content encryption, to a key of the client: all four answers, and nothing else."""
    document = await document_of(foundation)
    keyed = {one: document[f"{one}_encryption_alg_values_supported"] for one in SIGNED_BY_US}
    contents = {one: document[f"{one}_encryption_enc_values_supported"] for one in SIGNED_BY_US}
    assert all(values == keyed["id_token"] for values in keyed.values())
    assert all(values == contents["id_token"] for values in contents.values())
    ways = [(one, "A128GCM") for one in keyed["id_token"]] + [("ECDH-ES", one) for one in contents["id_token"]]
    for algorithm, content in ways:
        metadata = {f"{one}_signed_response_alg": "ES256" for one in SIGNED_BY_US}
        metadata |= {f"{one}_encrypted_response_alg": algorithm for one in SIGNED_BY_US}
        metadata |= {f"{one}_encrypted_response_enc": content for one in SIGNED_BY_US}
        told = await told_in_jwts(foundation, metadata)
        audited = await introspected(
            foundation, {name: one for name, one in metadata.items() if name.startswith("introspection")}
        )
        for token in (told.authorization, told.id_token, told.userinfo, audited):
            head = header_of(token)
            assert (head["alg"], head["enc"]) == (algorithm, content)
            assert inner(token)["iss"] == ORIGIN
    for one in SIGNED_BY_US:
        for algorithm in set(EVERY_KEY_WRAP) - set(keyed[one]):
            await cannot_register(foundation, f"{one}_encrypted_response_alg", algorithm)
        for content in set(EVERY_CONTENT) - set(contents[one]):
            await cannot_register(foundation, f"{one}_encrypted_response_enc", content)


# --- how clients authenticate ----------------------------------------------------------------------------------------


async def test_authentication_methods(foundation: Foundation) -> None:
    """Each is heard of who registered it, and of nobody else, at each endpoint that tells of it."""
    document = await document_of(foundation)
    methods = {one: set(document[f"{one}_endpoint_auth_methods_supported"]) for one in ASSERTED}
    assert methods["token"] == methods["revocation"] == methods["introspection"] | {"none"}
    settings = {name.removeprefix("client_secret_") if "jwt" not in name else name: name for name in methods["token"]}
    for chosen, name in settings.items():
        metadata = {"jwks": KEYS.published} if name == "private_key_jwt" else {}
        party = await foundation.party(auth_method=chosen, client_metadata=metadata)
        async with party.browser:
            for shown in sorted(methods["token"]):
                form, secret = presented(party, shown)
                answer = await party.browser.post("/oauth/revoke", data={"token": "x", **form}, auth=secret)
                assert (answer.status_code == 200) is (shown == name), (name, shown, answer.text)


def presented(party: Party, method: str) -> tuple[Params, httpx.Auth]:
    """How a client shows itself by a method."""
    client, secret = party.client["client_id"], party.client.get("client_secret") or "none"
    if method == "client_secret_basic":
        return {}, httpx.BasicAuth(client, secret)
    if method == "client_secret_post":
        return {"client_id": client, "client_secret": secret}, httpx.Auth()
    if method == "none":
        return {"client_id": client}, httpx.Auth()
    return assertion(party, "ES256" if method == "private_key_jwt" else "HS256"), httpx.Auth()
