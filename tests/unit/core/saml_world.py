"""The small world of the protocol slices with a service provider of SAML in it."""

import base64
import zlib
from dataclasses import replace
from datetime import timedelta
from typing import Any
from urllib.parse import quote_plus, urlencode

from hexkeep.core.application.events import SamlApplicationAdded
from hexkeep.core.application.state import APPLICATION, entity_key
from hexkeep.core.authrequest.messages import AuthorizationStep, StartSamlSignIn
from hexkeep.core.kernel.aggregate import Append
from hexkeep.core.kernel.decision import Change
from hexkeep.core.kernel.unique import Claim
from hexkeep.core.key.events import SigningKeyActivated, SigningKeyCreated
from hexkeep.core.key.state import SIGNING_KEYS, SIGNING_KEYS_ID
from hexkeep.core.saml import moments
from hexkeep.core.saml.asks import WriteXml
from hexkeep.core.saml.bindings import SamlRequestBinding
from hexkeep.core.saml.settings import SamlEndpoint, SamlOptions, SamlProviderMetadata
from hexkeep.core.saml.xml import Element, element, saml, samlp
from hexkeep.testing.decisions import ISSUER, NOW, Outcome, World
from hexkeep.testing.saml import octets_signed
from tests.unit.core.oidc_world import SESSION_TOKEN, world

ENTITY = "https://wiki.example.com/saml"
CONSUMER = "https://wiki.example.com/acs"
OTHER_CONSUMER = "https://wiki.example.com/other"
CERTIFICATE = "the provider's certificate"
SIG_ALG = "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256"
METADATA = SamlProviderMetadata(
    entity_id=ENTITY,
    assertion_consumer_services=(
        SamlEndpoint(url=OTHER_CONSUMER, index=0),
        SamlEndpoint(url=CONSUMER, index=1, default=True),
    ),
    signing_certificates=(CERTIFICATE,),
    encryption_certificates=("the provider's other certificate",),
)
LATER = NOW + timedelta(minutes=5)


def key() -> Append:
    """An active key for SAML."""
    public: dict[str, Any] = {"kid": "saml-key", "x5c": ["our certificate"]}
    made = SigningKeyCreated(key_id="saml-key", algorithm="rsa-sha256", private="private", public=public)
    return SIGNING_KEYS.append(SIGNING_KEYS_ID, made, SigningKeyActivated(key_id="saml-key"))


def provider(metadata: SamlProviderMetadata = METADATA, **options: Any) -> tuple[Change, ...]:
    """The service provider `wiki`."""
    added = SamlApplicationAdded(
        organization_id="acme",
        project_id="shop",
        name="Wiki",
        metadata=metadata,
        metadata_url="",
        options=SamlOptions(**options),
    )
    return APPLICATION.append("wiki", added), Claim(entity_key(metadata.entity_id), APPLICATION.ref("wiki"))


def saml_world(*changes: Change, metadata: SamlProviderMetadata = METADATA, **options: Any) -> World:
    """The world, some time after Ada signed in."""
    return world(key(), *provider(metadata, **options), *changes)


def request(*children: Element, **attributes: str) -> Element:
    """An AuthnRequest of the service provider's; an empty value takes an attribute away."""
    usual = {
        "ID": "_asked",
        "Version": "2.0",
        "IssueInstant": moments.written(LATER),
        "Destination": f"{ISSUER}/saml/sso",
        "AssertionConsumerServiceURL": CONSUMER,
    }
    return element(samlp("AuthnRequest"), element(saml("Issuer"), text=ENTITY), *children, **{**usual, **attributes})


def known(before: World, document: Element, content: bytes = b"document", by: str = "") -> World:
    """The same world, where some bytes are a document, signed as a whole if somebody signed it."""
    answerer = before.answerer.copy()
    answerer.documents.read[content] = document
    answerer.documents.signed |= {content: by} if by else {}
    return replace(before, answerer=answerer)


def redirect(*, relay_state: str = "", signed_by: str = "", token: str = SESSION_TOKEN) -> StartSamlSignIn:
    """The request by redirect, whose bytes are those that ``known`` knows."""
    query = f"SAMLRequest={quote_plus(base64.b64encode(b'document').decode())}"
    query += f"&RelayState={quote_plus(relay_state)}" if relay_state else ""
    if signed_by:
        query += f"&SigAlg={quote_plus(SIG_ALG)}"
        query += f"&Signature={quote_plus(base64.b64encode(octets_signed(query, signed_by)).decode())}"
    return StartSamlSignIn(binding=SamlRequestBinding.REDIRECT, query=query, session_token=token)


def form(token: str = SESSION_TOKEN) -> StartSamlSignIn:
    """The same by a form."""
    query = urlencode({"SAMLRequest": base64.b64encode(b"document").decode()})
    return StartSamlSignIn(binding=SamlRequestBinding.POST, query=query, session_token=token)


def written(outcome: Outcome) -> WriteXml:
    """The document that a call had written for the service provider."""
    step: AuthorizationStep = outcome.result
    text = base64.b64decode(step.fields["SAMLResponse"]).decode()
    return outcome.world.answerer.documents.written[text]


def answer(outcome: Outcome) -> Element:
    """What that says."""
    return written(outcome).document


def statuses(outcome: Outcome) -> list[str]:
    """The codes of an answer's status, without what all of them begin with."""
    found: list[str] = []
    node = answer(outcome).one(samlp("Status"))
    while node is not None and (node := node.one(samlp("StatusCode"))) is not None:
        found.append(node.get("Value").removeprefix("urn:oasis:names:tc:SAML:2.0:status:"))
    return found


def assertion(outcome: Outcome) -> Element:
    """The assertion of an answer, be it to be encrypted."""
    response = answer(outcome)
    wrapper = response.one(saml("EncryptedAssertion")) or response
    found = wrapper.one(saml("Assertion"))
    assert found is not None, statuses(outcome)
    return found


def deflated(content: bytes) -> bytes:
    """Compressed as the redirect binding has it."""
    stream = zlib.compressobj(9, zlib.DEFLATED, -15)
    return stream.compress(content) + stream.flush()
