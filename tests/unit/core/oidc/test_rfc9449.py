"""DPoP proofs: for one request, of one key, once. What each rule is broken by is refused."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from pydantic import JsonValue

from hexkeep.core.kernel.decision import Context, Request
from hexkeep.core.kernel.permission import ANONYMOUS
from hexkeep.core.oidc.errors import InvalidDpopProof, InvalidRequest, UseDpopNonce
from hexkeep.core.oidc.possession import ALGORITHMS
from hexkeep.core.oidc.rfc9449 import AHEAD, NONCE_STEP, OLDEST, Shown, ath, current_nonce, jkt_parameter, proven_key
from hexkeep.testing.answers import Answerer, self_signed, thumbprint
from hexkeep.testing.decisions import ISSUER, NOW, Kit, World

URL = f"{ISSUER}/oauth/token"
Claims = dict[str, JsonValue]


class Node:
    """A server that answers a decision's asks, and remembers what was claimed."""

    def __init__(self) -> None:
        self.answerer = Answerer()
        self.world: World = Kit().given()

    def context(self, later: timedelta = timedelta()) -> Context:
        """A call at some time after the beginning."""
        request = Request("main", ANONYMOUS, NOW + later, ISSUER)
        return Context(request, lambda ask: self.answerer.answer(ask, self.world, request))

    def sees(self, proof: str, *, later: timedelta = timedelta(), url: str = URL, **options: Any) -> str:
        """The key that a proof shows for a POST to ``url``."""
        return proven_key(self.context(later), Shown(proof, "POST", url), ALGORITHMS, **options)


@pytest.fixture
def node() -> Node:
    """A server."""
    return Node()


def said(**changes: JsonValue) -> Claims:
    """The claims of a good proof, changed; ``None`` takes one away."""
    usual: Claims = {"jti": "proof-1", "htm": "POST", "htu": URL, "iat": int(NOW.timestamp())}
    return {name: value for name, value in (usual | changes).items() if value is not None}


def test_proof_shows_its_key(node: Node) -> None:
    """RFC 9449 section 4.3."""
    assert node.sees(self_signed(said())) == thumbprint("key of ada")


def test_proof_is_good_once(node: Node) -> None:
    """RFC 9449 section 11.1: a replayed proof shows nothing."""
    node.sees(self_signed(said()))
    with pytest.raises(InvalidDpopProof, match="used before"):
        node.sees(self_signed(said()))


def test_ids_of_two_keys_have_nothing_to_do_with_each_other(node: Node) -> None:
    """RFC 9449 section 11.1: whoever guesses the ids that others will use cannot use them up."""
    node.sees(self_signed(said(), key="mallory"))
    assert node.sees(self_signed(said())) == thumbprint("key of ada")


def test_proof_cannot_be_replayed_as_long_as_it_is_young_enough(node: Node) -> None:
    """What is remembered lasts longer than the proof is accepted, also one that was made ahead of our time."""
    ahead = int((NOW + AHEAD).timestamp())
    node.sees(self_signed(said(iat=ahead)))
    for seconds in (1, OLDEST.total_seconds(), OLDEST.total_seconds() + AHEAD.total_seconds()):
        with pytest.raises(InvalidDpopProof):
            node.sees(self_signed(said(iat=ahead)), later=timedelta(seconds=seconds))


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"jti": None}, "jti"),
        ({"jti": ""}, "jti"),
        ({"jti": 7}, "jti"),
        ({"jti": "x" * 201}, "jti"),
        ({"jti": "\ud800"}, "jti"),
        ({"htm": None}, "htm"),
        ({"htm": "GET"}, "htm"),
        ({"htm": "post"}, "htm"),
        ({"htu": None}, "htu"),
        ({"htu": 1}, "htu"),
        ({"htu": ""}, "htu"),
        ({"htu": "https://id.example.com/oauth/par"}, "htu"),
        ({"htu": "https://elsewhere.example.com/oauth/token"}, "htu"),
        ({"htu": "http://id.example.com/oauth/token"}, "htu"),
        ({"htu": "https://id.example.com:8443/oauth/token"}, "htu"),
        ({"htu": "https://id.example.com@elsewhere.example.com/oauth/token"}, "htu"),
        ({"htu": "https://ada@id.example.com/oauth/token"}, "htu"),
        ({"htu": "https://id.example.com:x/oauth/token"}, "htu"),
        ({"htu": "//id.example.com/oauth/token"}, "htu"),
        ({"htu": "https://id.example.com/oauth/token/"}, "htu"),
        ({"htu": "https://id.example.com/oauth/\ud800"}, "htu"),
        ({"iat": None}, "iat"),
        ({"iat": "now"}, "iat"),
        ({"iat": True}, "iat"),
        ({"iat": 10**400}, "iat"),
        ({"iat": int((NOW - OLDEST).timestamp()) - 1}, "iat"),
        ({"iat": int((NOW + AHEAD).timestamp()) + 1}, "iat"),
        ({"nbf": int((NOW + AHEAD).timestamp()) + 1}, "not valid yet"),
        ({"nbf": "later"}, "not valid yet"),
        ({"exp": int(NOW.timestamp())}, "expired"),
        ({"exp": "never"}, "expired"),
    ],
    ids=str,
)
def test_proof_of_something_else_is_none(node: Node, changes: Claims, problem: str) -> None:
    """RFC 9449 section 4.3 (dpop-negative-tests, check-dpop-proof-nbf-exp of the FAPI 2 plan)."""
    with pytest.raises(InvalidDpopProof, match=problem):
        node.sees(self_signed(said(**changes)))
    assert not node.answerer.kept, "an id was claimed for a proof that is none"


@pytest.mark.parametrize(
    "proof",
    [
        "",
        "nonsense",
        self_signed(said(), type_="JWT"),
        self_signed(said(), algorithm="HS256"),
        self_signed(said(), algorithm="none"),
        self_signed(said())[:-1],
    ],
)
def test_what_is_no_proof_is_none(node: Node, proof: str) -> None:
    """RFC 9449 section 4.3 points 4 to 7: type, asymmetric algorithm, signature."""
    with pytest.raises(InvalidDpopProof):
        node.sees(proof)


@pytest.mark.parametrize("seconds", [-10, -60, 0, 10])
def test_clocks_may_differ_by_some_seconds(node: Node, seconds: int) -> None:
    """ensure-dpopproof-with-iat-10seconds-{before,after}-succeeds of the FAPI 2 plan; FAPI 2.0 section 5.3.2.1."""
    iat = int(NOW.timestamp()) + seconds
    assert node.sees(self_signed(said(iat=iat, nbf=iat, exp=iat + 300)))


def test_clock_cannot_be_a_minute_ahead() -> None:
    """FAPI 2.0 section 5.3.2.1: 10 seconds are accepted, 60 are refused."""
    assert timedelta(seconds=10) <= AHEAD < timedelta(seconds=60)


@pytest.mark.parametrize(
    "htu",
    [
        "https://id.example.com/oauth/token?a=b#c",
        "HTTPS://ID.example.com:443/oauth/token",
        "https://id.example.com/oauth/%74oken",
    ],
)
def test_spellings_of_one_uri_are_one(node: Node, htu: str) -> None:
    """RFC 9449 section 4.3: query and fragment do not count, and normalisation is by RFC 3986 section 6.2."""
    assert node.sees(self_signed(said(htu=htu)))


def test_our_name_is_good_wherever_a_request_arrives(node: Node) -> None:
    """A client that has read the metadata names the issuer's host, whatever a proxy or another host makes of it."""
    seen = "http://10.0.0.7:8080/oauth/token"
    assert node.sees(self_signed(said()), url=seen)
    assert node.sees(self_signed(said(jti="proof-2", htu=seen)), url=seen)
    with pytest.raises(InvalidDpopProof, match="htu"):
        node.sees(self_signed(said(jti="proof-3", htu=f"{ISSUER}/elsewhere")), url=seen)


def test_proof_at_a_resource_is_for_one_token(node: Node) -> None:
    """RFC 9449 section 7: ``ath`` is the token's hash; the example is the RFC's."""
    token = "Kz~8mXK1EalYznwH-LC-1fBAo.4Ljp~zsPE_NeO.gxU"
    assert ath(token) == "fUHyO2r2Z3DZ53EsNrWBb0xWXoaNy59IiKCAqksmQEo"
    assert node.sees(self_signed(said(ath=ath(token))), access_token=token)
    for wrong in (None, "", ath("another")):
        with pytest.raises(InvalidDpopProof, match="ath"):
            node.sees(self_signed(said(jti="proof-2", ath=wrong)), access_token=token)


# --- nonces ----------------------------------------------------------------------------------------------------------


def test_nonce_holds_in_its_time_and_the_next(node: Node) -> None:
    """RFC 9449 section 8: every node knows it, nobody keeps it, and it ends by itself."""
    nonce = current_nonce(node.context())

    def at(later: timedelta) -> str:
        iat = int((NOW + later).timestamp())
        return node.sees(self_signed(said(jti=f"at-{iat}", iat=iat, nonce=nonce)), later=later, nonce=True)

    assert at(timedelta())
    assert at(NONCE_STEP)
    with pytest.raises(UseDpopNonce) as refused:
        at(2 * NONCE_STEP)
    assert refused.value.nonce == current_nonce(node.context(2 * NONCE_STEP)) != nonce


@pytest.mark.parametrize("nonce", ["", "made up", 7, "9" * 5000 + ".x", "9999999999999.x", "²¹.x", "\ud800"])
@pytest.mark.parametrize("needed", ["needed", ""])
def test_nonce_of_somebody_else_is_answered_with_ours(node: Node, nonce: JsonValue, needed: str) -> None:
    """RFC 9449 section 8: also where none was needed."""
    with pytest.raises(UseDpopNonce) as refused:
        node.sees(self_signed(said(nonce=nonce)), nonce=bool(needed))
    assert refused.value.nonce == current_nonce(node.context())


def test_nonce_is_asked_for_before_the_proof_is_used_up(node: Node) -> None:
    """Who is sent away for a nonce has lost nothing."""
    with pytest.raises(UseDpopNonce):
        node.sees(self_signed(said()), nonce=True)
    assert node.sees(self_signed(said()))


@pytest.mark.parametrize("jkt", ["short", "x" * 44, "=" * 43, "é" * 43])
def test_jkt_parameter_is_a_thumbprint(jkt: str) -> None:
    """RFC 9449 section 10."""
    assert jkt_parameter({}) == ""
    assert jkt_parameter({"dpop_jkt": thumbprint("ada")}) == thumbprint("ada")
    with pytest.raises(InvalidRequest):
        jkt_parameter({"dpop_jkt": jkt})


def test_nothing_is_asked_that_could_be_told_beforehand(node: Node) -> None:
    """A proof for another request costs one verification, and no trip to a store."""
    asked: list[str] = []
    context = node.context()
    resolve: Callable[[Any], object] = context.resolve

    def noting(ask: Any) -> object:
        asked.append(type(ask).__name__)
        return resolve(ask)

    context.resolve = noting
    with pytest.raises(InvalidDpopProof):
        proven_key(context, Shown(self_signed(said(htm="GET")), "POST", URL), ALGORITHMS)
    assert asked == ["VerifySelfSigned"]
