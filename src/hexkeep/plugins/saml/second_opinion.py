"""The judgement of python3-saml, strict: it has to find the answer valid too, and to have read the same in it."""

import base64
import threading
from copy import deepcopy
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from lxml import etree
from onelogin.saml2.errors import OneLogin_Saml2_ValidationError  # type: ignore[import-untyped]  # has no types
from onelogin.saml2.response import OneLogin_Saml2_Response  # type: ignore[import-untyped]  # has no types
from onelogin.saml2.settings import OneLogin_Saml2_Settings  # type: ignore[import-untyped]  # has no types
from onelogin.saml2.xml_utils import OneLogin_Saml2_XML  # type: ignore[import-untyped]  # has no types

from hexkeep.adapters.xmlsec.keys import pem_of
from hexkeep.adapters.xmlsec.writing import built
from hexkeep.core.saml.asks import Signer
from hexkeep.core.saml.bindings import HTTP_POST, HTTP_REDIRECT
from hexkeep.core.saml.response import ENCRYPTED
from hexkeep.core.saml.xml import Element, saml, samlp
from hexkeep.plugins.saml.answer import Answer
from hexkeep.plugins.saml.rules import Told
from hexkeep.ports.idp import IdpMalformed


@dataclass(frozen=True, slots=True)
class Signed:
    """Which elements of an answer are signed; to whose key its assertion is encrypted, if it is, and what that is.

    ``name`` is the name in it that was encrypted.
    """

    elements: frozenset[str]
    recipient: Signer | None = field(repr=False)
    decrypted: etree._Element | None = field(repr=False)
    name: Element | None = field(default=None, repr=False)


NAMES = ("/saml:Subject/saml:EncryptedID/xenc:EncryptedData", "/saml:Subject/saml:NameID")
"""Where python3-saml looks for a name, in this order."""


class _Response(OneLogin_Saml2_Response):  # type: ignore[misc]  # has no types
    """An answer whose assertion, and name, is what we decrypted.

    To decrypt either once more python3-saml would have xmlsec read all authorities that the machine trusts, for some
    twenty milliseconds in which nothing else runs in this process.
    """

    def __init__(self, settings: OneLogin_Saml2_Settings, response: str, signed: Signed) -> None:
        self._decrypted = signed.decrypted  # it is asked for at once
        self._name = None if signed.name is None else built(signed.name)
        self._naming = False
        super().__init__(settings, response)

    def _decrypt_assertion(self, xml: etree._Element) -> etree._Element:
        place = xml.find(ENCRYPTED)
        if place is None or self._decrypted is None:
            raise ValueError("nothing was decrypted")
        xml.replace(place, deepcopy(self._decrypted))
        return xml

    def get_nameid_data(self) -> dict[str, str]:
        """The name, by its own rules."""
        self._naming = self._name is not None
        try:
            found: dict[str, str] = super().get_nameid_data()
        finally:
            self._naming = False
        return found

    def _query_assertion(self, path: str) -> list[etree._Element]:
        """While it reads the name, the one that we decrypted is where a readable one would be."""
        if self._naming and self._name is not None and path in NAMES:
            return [self._name] if path == NAMES[1] else []
        found: list[etree._Element] = super()._query_assertion(path)
        return found


_SCHEMAS = threading.local()


def _schema(document: etree._ElementTree) -> etree.XMLSchema:
    """The schema in a file, made once for each thread: python3-saml reads it for every answer."""
    known: dict[str, etree.XMLSchema] = _SCHEMAS.__dict__.setdefault("known", {})
    name = document.docinfo.URL or ""
    if name not in known:
        known[name] = etree.XMLSchema(document)
    return known[name]


OneLogin_Saml2_XML._schema_class = staticmethod(_schema)  # noqa: SLF001 - its own place for another one


def insist_on_the_same(content: bytes, answer: Answer, said: Told, signed: Signed) -> None:
    """Raise ``IdpMalformed`` unless python3-saml agrees in everything that counts."""
    try:
        settings = OneLogin_Saml2_Settings(_settings(answer, signed))
        response = _Response(settings, base64.b64encode(content).decode(), signed)
        response.is_valid(_request(answer.party.consumer), answer.expected.request_id, raise_exceptions=True)
        same = _read(response) == _ours(said)
    except Exception as error:  # noqa: BLE001 - it fails in many ways, and each of them is a no
        code = error.code if isinstance(error, OneLogin_Saml2_ValidationError) else type(error).__name__.lower()
        raise IdpMalformed(f"python3_saml_{code}") from None
    if not same:
        raise IdpMalformed("python3_saml_disagrees")


def _read(response: Any) -> tuple[object, ...]:
    told = response.get_attributes()
    attributes = {name: tuple(one for one in values if isinstance(one, str)) for name, values in told.items()}
    name, index = response.get_nameid().strip(), response.get_session_index() or ""
    return response.get_assertion_id(), name, response.get_nameid_format() or "", index, attributes


def _ours(said: Told) -> tuple[object, ...]:
    """It leaves out more kinds of spaces around values than we do."""
    attributes = {name: tuple(filter(None, map(str.strip, values))) for name, values in said.attributes.items()}
    return said.assertion_id, said.name.value.strip(), said.name.format, said.session_index, attributes


def _settings(answer: Answer, signed: Signed) -> dict[str, object]:
    party, recipient = answer.party, signed.recipient or answer.party.signers[0]
    return {
        "strict": True,
        "debug": False,
        "sp": {
            "entityId": party.entity_id,
            "assertionConsumerService": {"url": party.consumer, "binding": HTTP_POST},
            "x509cert": recipient.certificate,
            "privateKey": pem_of(recipient.private).decode(),
        },
        "idp": {
            "entityId": answer.provider.entity_id,
            "singleSignOnService": {"url": next(iter(answer.provider.sign_on.values())), "binding": HTTP_REDIRECT},
            "x509certMulti": {"signing": list(answer.provider.certificates)},
        },
        "security": {
            "wantMessagesSigned": samlp("Response") in signed.elements,
            "wantAssertionsSigned": saml("Assertion") in signed.elements,
            "wantAssertionsEncrypted": signed.recipient is not None,
            "wantNameId": True,
            "wantNameIdEncrypted": signed.name is not None,
            "wantAttributeStatement": False,
            "allowRepeatAttributeName": True,
            "rejectDeprecatedAlgorithm": True,
            "requestedAuthnContext": False,
            "allowSingleLabelDomains": True,
        },
    }


def _request(url: str) -> dict[str, object]:
    """The request as python3-saml wants to have it: posted to where answers come."""
    parts = urlsplit(url)
    https = "on" if parts.scheme == "https" else "off"
    return {"https": https, "http_host": parts.netloc, "script_name": parts.path, "get_data": {}, "post_data": {}}
