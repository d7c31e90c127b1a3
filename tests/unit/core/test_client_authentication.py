"""How clients show who they are, at whatever endpoint they call (RFC 6749 section 2.3, OIDC Core section 9)."""

import json
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from pydantic import JsonValue

from hexkeep.core.application.client_metadata import ClientMetadata
from hexkeep.core.kernel.aggregate import Append
from hexkeep.core.kernel.ask import KeyPair, VerifyJwt
from hexkeep.core.kernel.errors import ResourceExhausted
from hexkeep.core.oidc.clients import FAILURES
from hexkeep.core.oidc.errors import InvalidClient
from hexkeep.core.oidc.rfc7523 import CLIENT_ASSERTION_TYPE
from hexkeep.core.oidc.x509 import Certificate, Name
from hexkeep.core.token.messages import ExchangeToken, TokenResponse
from hexkeep.testing.answers import jwt, signing_key
from hexkeep.testing.decisions import ISSUER, NOW, Outcome, World
from hexkeep.testing.jose import secret_jwt
from tests.unit.core import fapi_world
from tests.unit.core.asking import asked_for
from tests.unit.core.oidc_world import application, basic, world

DER = "Y2VydGlmaWNhdGU="
SUBJECT: Name = (frozenset({("O", "Acme  Inc")}), frozenset({("CN", "Robot")}))


def certificate(**changes: Any) -> Certificate:
    """A certificate that says all that can be registered."""
    says: dict[str, Any] = {
        "subject": SUBJECT,
        "dns": ("Robot.example.com",),
        "uris": ("urn:robot",),
        "addresses": ("192.0.2.7",),
        "emails": ("robot@example.com",),
        "key": {"kty": "EC", "crv": "P-256", "x": "x", "y": "y"},
        "begins": NOW - timedelta(days=1),
        "ends": NOW + timedelta(days=1),
    }
    return Certificate(**says | changes)


def bearer_of(told: Certificate, *changes: Append) -> World:
    """The world in which one certificate is known to be this one."""
    before = world(*changes)
    answerer = before.answerer.copy()
    answerer.certificates[DER] = told
    return replace(before, answerer=answerer)


def asks(before: World, client_id: str, *, shown: str = DER, verified: bool = True) -> Outcome:
    """The client credentials grant of a client with a certificate."""
    params = {"grant_type": "client_credentials", "client_id": client_id}
    return before.when(ExchangeToken(params=params, certificate=shown, certificate_verified=verified))


def mutual(**metadata: str) -> Append:
    """An application that authenticates with a certificate of an authority."""
    registered = ClientMetadata.model_validate(metadata)
    return application("mutual", auth_method="tls_client_auth", secret_hash="", client_metadata=registered)


@pytest.mark.parametrize(
    "registered",
    [
        {"tls_client_auth_subject_dn": "CN=robot,O=ACME Inc"},
        {"tls_client_auth_san_dns": "robot.example.com"},
        {"tls_client_auth_san_uri": "urn:robot"},
        {"tls_client_auth_san_ip": "192.0.2.7"},
        {"tls_client_auth_san_email": "robot@example.com"},
    ],
)
def test_certificate_of_the_registered_subject_authenticates(registered: dict[str, str]) -> None:
    """RFC 8705 section 2.1.2: whichever part of the subject is registered; names without case and spaces."""
    answer: TokenResponse = asks(bearer_of(certificate(), mutual(**registered)), "mutual").result
    assert answer.access_token


@pytest.mark.parametrize(
    "registered",
    [
        {},
        {"tls_client_auth_subject_dn": "CN=robot"},
        {"tls_client_auth_subject_dn": "O=ACME Inc,CN=robot"},
        {"tls_client_auth_subject_dn": "no name"},
        {"tls_client_auth_san_dns": "example.com"},
        {"tls_client_auth_san_uri": "URN:robot"},
        {"tls_client_auth_san_dns": "robot.example.com", "tls_client_auth_san_uri": "urn:robot"},
    ],
)
def test_certificate_of_another_subject_does_not(registered: dict[str, str]) -> None:
    """What is registered is compared as a whole, and more than one subject is none (RFC 8705 section 2.1.2)."""
    asks(bearer_of(certificate(), mutual(**registered)), "mutual").refused(InvalidClient)


def test_certificate_nobody_has_verified_proves_no_subject() -> None:
    """Anybody can write any name into a certificate: only an authority's counts, and only if the proxy checked it."""
    before = bearer_of(certificate(), mutual(tls_client_auth_san_uri="urn:robot"))
    asks(before, "mutual", verified=False).refused(InvalidClient)
    asks(before, "mutual", shown="").refused(InvalidClient)
    asks(before, "mutual", shown="bm9uZQ==").refused(InvalidClient)


@pytest.mark.parametrize("off", [{"ends": NOW + timedelta(minutes=4)}, {"begins": NOW + timedelta(hours=1)}])
def test_certificate_counts_in_its_time_alone(off: dict[str, Any]) -> None:
    """RFC 5280 section 4.1.2.5: neither before nor after."""
    asks(bearer_of(certificate(**off), mutual(tls_client_auth_san_uri="urn:robot")), "mutual").refused(InvalidClient)


def test_certificate_is_nothing_to_other_clients() -> None:
    """Who registered a secret has to show it, whatever certificate comes along."""
    before = bearer_of(certificate())
    asks(before, "web").refused(InvalidClient)
    params = {"grant_type": "client_credentials"}
    answer: TokenResponse = before.when(
        ExchangeToken(params=params, authorization=basic("web"), certificate=DER, certificate_verified=True)
    ).result
    assert answer.access_token


@pytest.mark.parametrize("client_id", ["web", "nobody"])
def test_failures_are_counted_and_lock_nobody_out(client_id: str) -> None:
    """Who fails too often is told to wait, for known clients and others alike; who has the secret always gets in."""
    now = world()
    wrong = ExchangeToken(params={"grant_type": "refresh_token"}, authorization=basic(client_id, "wrong"))
    for _ in range(FAILURES):
        failed = now.when(wrong)
        failed.refused(InvalidClient)
        now = failed.world
    exhausted = now.when(wrong).refused(ResourceExhausted)
    assert isinstance(exhausted, ResourceExhausted)
    assert exhausted.retry_after > 0
    right = ExchangeToken(params={"grant_type": "client_credentials"}, authorization=basic("web"))
    assert now.when(right).result.access_token
    replace(now, address="198.51.100.9").when(wrong).refused(InvalidClient)


SECONDS = int((NOW + timedelta(minutes=5)).timestamp())
CLAIMS: dict[str, JsonValue] = {
    "iss": "keyed",
    "sub": "keyed",
    "aud": ISSUER,
    "iat": SECONDS,
    "exp": SECONDS + 60,
    "jti": "first",
}
KEYS_AT = "https://keyed.example.com/jwks"
HERS, NEWER = signing_key("ES256", 1), signing_key("PS256", 2)


def keyed(auth_method: str = "private_key_jwt", **metadata: object) -> Append:
    """An application that signs what it says."""
    registered = ClientMetadata.model_validate(metadata)
    secret = "long" * 16 if auth_method == "client_secret_jwt" else ""
    settings = {"auth_method": auth_method, "secret_hash": "", "secret": secret, "client_metadata": registered}
    return application("keyed", **settings)


def asserting(assertion: str) -> ExchangeToken:
    """The client credentials grant of a client that shows an assertion, and a certificate to bind tokens to."""
    shown = {"client_assertion": assertion, "client_assertion_type": CLIENT_ASSERTION_TYPE}
    return ExchangeToken(params={"grant_type": "client_credentials", **shown}, certificate=DER)


def publishing(before: World, *now: KeyPair, renewed: tuple[KeyPair, ...] = ()) -> World:
    """The world in which a client publishes keys at its address, and others by the time it is looked at anew."""
    answerer = before.answerer.copy()
    answerer.key_sets[KEYS_AT] = tuple(one.public for one in now)
    answerer.renewed |= {KEYS_AT: tuple(one.public for one in renewed)} if renewed else {}
    return replace(before, answerer=answerer)


def signed(pair: KeyPair = HERS, **changes: JsonValue) -> str:
    """A client's assertion."""
    return jwt(pair.private, "", CLAIMS | changes)


def test_registered_keys_authenticate_here_and_at_their_address() -> None:
    """OIDC Core section 9: keys in ``jwks``, or at ``jwks_uri``, where a changed one is found by looking anew."""
    here = world(keyed(jwks=json.dumps({"keys": [HERS.public]})))
    assert here.when(asserting(signed())).result.access_token
    there = publishing(world(keyed(jwks_uri=KEYS_AT)), HERS, renewed=(NEWER,))
    assert there.when(asserting(signed(NEWER))).result.access_token
    there.when(asserting(signed(signing_key("ES256", 3)))).refused(InvalidClient)


def test_registered_algorithm_is_honoured() -> None:
    """``token_endpoint_auth_signing_alg``: another one is refused, although the key is the client's."""
    both = json.dumps({"keys": [HERS.public, NEWER.public]})
    before = world(keyed(jwks=both, token_endpoint_auth_signing_alg="PS256"))
    assert before.when(asserting(signed(NEWER))).result.access_token
    before.when(asserting(signed(HERS))).refused(InvalidClient)


def test_profile_restricts_algorithms() -> None:
    """FAPI 2.0 Security Profile section 5.4.1: never RS256, whatever the client's keys can do."""
    weak = signing_key("RS256", 4)
    before = world(keyed(profile="fapi_2_security", jwks=json.dumps({"keys": [weak.public, HERS.public]})))
    assert before.when(asserting(signed(HERS))).result.access_token
    before.when(asserting(signed(weak))).refused(InvalidClient)


@pytest.mark.parametrize("audience", [f"{ISSUER}/oauth/token", [ISSUER], [ISSUER, f"{ISSUER}/oauth/token"], "", None])
def test_audience_is_the_issuer_alone(audience: JsonValue) -> None:
    """As a single string: an assertion that another server could use as well is no proof here."""
    before = world(keyed(jwks=json.dumps({"keys": [HERS.public]})))
    before.when(asserting(signed(aud=audience))).refused(InvalidClient)


def test_old_libraries_may_name_the_token_endpoint() -> None:
    """A switch of the application, which a FAPI profile overrules; an array stays refused."""
    registered = json.dumps({"keys": [HERS.public]})
    lenient = world(keyed(jwks=registered, token_endpoint_audience=True))
    assert lenient.when(asserting(signed(aud=f"{ISSUER}/oauth/token"))).result.access_token
    assert lenient.when(asserting(signed())).result.access_token
    lenient.when(asserting(signed(aud=[ISSUER]))).refused(InvalidClient)
    strict = world(keyed(jwks=registered, token_endpoint_audience=True, profile="fapi_2_security"))
    strict.when(asserting(signed(aud=f"{ISSUER}/oauth/token"))).refused(InvalidClient)


@pytest.mark.parametrize(("ahead", "accepted"), [(8, True), (61, False)])
def test_clocks_may_differ_a_little(ahead: int, *, accepted: bool) -> None:
    """FAPI 2.0 Security Profile section 5.3.2.1: up to 10 seconds have to be accepted, more than 60 refused."""
    outcome = world(keyed(jwks=json.dumps({"keys": [HERS.public]}))).when(
        asserting(signed(nbf=SECONDS + ahead, iat=SECONDS + ahead, exp=SECONDS + 300))
    )
    assert (outcome.error is None) is accepted


def test_assertion_is_good_once() -> None:
    """RFC 7523 section 3, point 7: who overhears one cannot use it; one without ``jti`` is never good."""
    before = world(keyed(jwks=json.dumps({"keys": [HERS.public]})))
    first = before.when(asserting(signed()))
    assert first.result.access_token
    first.world.when(asserting(signed())).refused(InvalidClient)
    without = {name: value for name, value in CLAIMS.items() if name != "jti"}
    before.when(asserting(jwt(HERS.private, "", without))).refused(InvalidClient)


def test_secret_signs_for_who_registered_that() -> None:
    """OIDC Core section 9, client_secret_jwt: a MAC with the secret, by the registered algorithm alone."""
    before = world(keyed("client_secret_jwt"))
    assert before.when(asserting(secret_jwt("long" * 16, CLAIMS))).result.access_token
    assert before.when(asserting(secret_jwt("long" * 16, CLAIMS, "HS512"))).result.access_token
    before.when(asserting(secret_jwt("other" * 16, CLAIMS))).refused(InvalidClient)
    before.when(asserting(signed())).refused(InvalidClient)
    narrow = world(keyed("client_secret_jwt", token_endpoint_auth_signing_alg="HS512"))
    narrow.when(asserting(secret_jwt("long" * 16, CLAIMS, "HS256"))).refused(InvalidClient)


def test_public_key_is_no_secret() -> None:
    """RFC 8725 section 2.1: a MAC made with what is published proves nothing."""
    published = json.dumps({"keys": [HERS.public]})
    world(keyed(jwks=published)).when(asserting(secret_jwt(published, CLAIMS))).refused(InvalidClient)


@pytest.mark.parametrize(
    ("key", "accepted"),
    [
        ({"kty": "EC", "crv": "P-256", "x": "x", "y": "y"}, True),
        ({"kty": "EC", "crv": "P-256", "x": "x", "y": "z"}, False),
        ({"kty": "EC", "crv": "P-256", "x": "x", "y": "y", "x5c": [DER]}, True),
        ({"kty": "EC", "crv": "P-256", "x": "x", "y": "y", "x5c": ["b3RoZXI="]}, False),
    ],
)
def test_self_signed_certificate_is_a_registered_key(key: dict[str, JsonValue], *, accepted: bool) -> None:
    """RFC 8705 section 2.2: by its certificate where that is registered, else by its key; nobody has to verify it."""
    metadata = ClientMetadata(jwks=json.dumps({"keys": [key]}))
    method = {"auth_method": "self_signed_tls_client_auth", "secret_hash": "", "client_metadata": metadata}
    before = bearer_of(certificate(), application("mutual", **method))
    assert (asks(before, "mutual", verified=False).error is None) is accepted


@pytest.mark.parametrize("client_id", ["nobody", "web", "bank"])
def test_an_assertion_is_looked_at_whoever_it_names(client_id: str) -> None:
    """Unknown clients, and those that prove themselves otherwise, take as long: one signature is verified for each."""
    forged = jwt(signing_key("ES256", 99).private, "", {"iss": client_id, "sub": client_id})
    shown = {"client_assertion": forged, "client_assertion_type": CLIENT_ASSERTION_TYPE}
    request = ExchangeToken(params={"grant_type": "client_credentials", **shown})
    verified = [ask for ask in asked_for(fapi_world.world(), request) if isinstance(ask, VerifyJwt)]
    assert [ask.token for ask in verified] == [forged]
    fapi_world.world().when(request).refused(InvalidClient)
