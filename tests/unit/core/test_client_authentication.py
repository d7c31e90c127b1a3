"""How clients show who they are, at whatever endpoint they call (RFC 6749 section 2.3, OIDC Core section 9)."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from hexkeep.core.application.client_metadata import ClientMetadata
from hexkeep.core.kernel.aggregate import Append
from hexkeep.core.kernel.errors import ResourceExhausted
from hexkeep.core.oidc.clients import FAILURES
from hexkeep.core.oidc.errors import InvalidClient
from hexkeep.core.oidc.x509 import Certificate, Name
from hexkeep.core.token.messages import ExchangeToken, TokenResponse
from hexkeep.testing.decisions import NOW, Outcome, World
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
