"""The floor of an answer of SAML: the same document read by lxml, signed twice and encrypted by xmlsec, no more."""

import secrets
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import xmlsec
from lxml import etree
from xmlsec import constants

from tests.saml_parties import KeyAndCertificate

PROTOCOL, ASSERTION = "urn:oasis:names:tc:SAML:2.0:protocol", "urn:oasis:names:tc:SAML:2.0:assertion"
ATTRIBUTES = ("ada", "ada@example.com", "Ada", "Lovelace", "Ada Lovelace")
"""What our answers tell unless an application wants something else."""


@dataclass
class Bare:
    """An identity provider without anything around it. Keys are read once, and so is the manager of the encryption."""

    key: KeyAndCertificate = field(default_factory=KeyAndCertificate.new)
    recipient: KeyAndCertificate = field(default_factory=KeyAndCertificate.new)
    _signer: Any = None
    _manager: Any = None

    def __post_init__(self) -> None:
        self._signer = xmlsec.Key.from_memory(self.key.key, constants.KeyDataFormatPem)
        self._manager = xmlsec.KeysManager()
        certificate = self.recipient.certificate.encode()
        self._manager.add_key(xmlsec.Key.from_memory(certificate, constants.KeyDataFormatCertPem))

    def answer(self) -> str:
        """One response, in text."""
        root = etree.fromstring(_document())
        assertion = root[-1]
        self._sign(assertion)
        self._encrypt(root, assertion)
        self._sign(root)
        return etree.tostring(root, encoding="unicode")

    def _sign(self, node: Any) -> None:
        signature = xmlsec.template.create(node, constants.TransformExclC14N, constants.TransformRsaSha256, ns="ds")
        node.insert(1, signature)
        reference = xmlsec.template.add_reference(signature, constants.TransformSha256, uri=f"#{node.get('ID')}")
        xmlsec.template.add_transform(reference, constants.TransformEnveloped)
        xmlsec.template.add_transform(reference, constants.TransformExclC14N)
        context = xmlsec.SignatureContext()
        context.key = self._signer
        context.register_id(node, "ID")
        context.sign(signature)

    def _encrypt(self, root: Any, assertion: Any) -> None:
        template = xmlsec.template.encrypted_data_create(
            root, constants.TransformAes256Gcm, type=constants.TypeEncElement, ns="xenc"
        )
        xmlsec.template.encrypted_data_ensure_cipher_value(template)
        info = xmlsec.template.encrypted_data_ensure_key_info(template, ns="ds")
        key = xmlsec.template.add_encrypted_key(info, constants.TransformRsaOaep)
        xmlsec.template.encrypted_data_ensure_cipher_value(key)
        context = xmlsec.EncryptionContext(self._manager)
        context.key = xmlsec.Key.generate(constants.KeyDataAes, 256, constants.KeyDataTypeSession)
        wrapper = etree.Element(f"{{{ASSERTION}}}EncryptedAssertion")
        root.replace(assertion, wrapper)
        wrapper.append(assertion)
        context.encrypt_xml(template, assertion)


def _document() -> str:
    now = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    response_id, assertion_id, request_id = (f"_{secrets.token_hex(16)}" for _ in range(3))
    attributes = "".join(
        f'<saml:Attribute Name="urn:oid:{number}"><saml:AttributeValue>{value}</saml:AttributeValue></saml:Attribute>'
        for number, value in enumerate(ATTRIBUTES)
    )
    return (
        f'<samlp:Response xmlns:samlp="{PROTOCOL}" xmlns:saml="{ASSERTION}" ID="{response_id}" Version="2.0" '
        f'IssueInstant="{now}" Destination="https://wiki.example.com/acs" InResponseTo="{request_id}">'
        "<saml:Issuer>https://id.example.com/saml/metadata</saml:Issuer><samlp:Status>"
        '<samlp:StatusCode Value="urn:oasis:names:tc:SAML:2.0:status:Success"/></samlp:Status>'
        f'<saml:Assertion ID="{assertion_id}" Version="2.0" IssueInstant="{now}">'
        "<saml:Issuer>https://id.example.com/saml/metadata</saml:Issuer><saml:Subject><saml:NameID>ada</saml:NameID>"
        '<saml:SubjectConfirmation Method="urn:oasis:names:tc:SAML:2.0:cm:bearer"><saml:SubjectConfirmationData '
        f'NotOnOrAfter="{now}" Recipient="https://wiki.example.com/acs" InResponseTo="{request_id}"/>'
        f'</saml:SubjectConfirmation></saml:Subject><saml:Conditions NotBefore="{now}" NotOnOrAfter="{now}">'
        "<saml:AudienceRestriction><saml:Audience>https://wiki.example.com/saml</saml:Audience>"
        f'</saml:AudienceRestriction></saml:Conditions><saml:AuthnStatement AuthnInstant="{now}" SessionIndex="1">'
        "<saml:AuthnContext><saml:AuthnContextClassRef>urn:oasis:names:tc:SAML:2.0:ac:classes:Password"
        "</saml:AuthnContextClassRef></saml:AuthnContext></saml:AuthnStatement>"
        f"<saml:AttributeStatement>{attributes}</saml:AttributeStatement></saml:Assertion></samlp:Response>"
    )
