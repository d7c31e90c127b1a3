"""Service providers that we did not write: python3-saml and pysaml2, each with a key of its own."""

import base64
import gc
import shutil
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from html.parser import HTMLParser
from pathlib import Path
from typing import Any, Protocol
from unittest.mock import patch
from urllib.parse import parse_qsl, urlsplit
from xml.etree import ElementTree as ET

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from onelogin.saml2.auth import OneLogin_Saml2_Auth  # type: ignore[import-untyped]  # has no types
from onelogin.saml2.idp_metadata_parser import OneLogin_Saml2_IdPMetadataParser  # type: ignore[import-untyped]  # has no types
from onelogin.saml2.metadata import OneLogin_Saml2_Metadata  # type: ignore[import-untyped]  # has no types
from onelogin.saml2.settings import OneLogin_Saml2_Settings  # type: ignore[import-untyped]  # has no types
from saml2 import BINDING_HTTP_POST, BINDING_HTTP_REDIRECT  # type: ignore[import-untyped]  # has no types
from saml2.client import Saml2Client  # type: ignore[import-untyped]  # has no types
from saml2.config import SPConfig  # type: ignore[import-untyped]  # has no types
from saml2.metadata import entity_descriptor  # type: ignore[import-untyped]  # has no types
from saml2.xmldsig import (  # type: ignore[import-untyped]  # has no types
    DIGEST_SHA256,
    SIG_ALLOWED_ALG,
    SIG_ECDSA_SHA256,
    SIG_RSA_SHA256,
)

from hexkeep.core.saml.xml import ASSERTION, PROTOCOL, SIGNATURE

Fields = Mapping[str, str]


class Rejected(Exception):
    """What a service provider raises here for an answer that it does not believe."""


@dataclass(frozen=True)
class Told:
    """What a service provider made of an answer."""

    name_id: str
    format: str
    attributes: dict[str, list[str]]
    session_index: str
    context: str = ""


@dataclass(frozen=True)
class KeyAndCertificate:
    """A key, of RSA unless it says otherwise, and a certificate by itself, as PEM."""

    key: str = field(repr=False)
    certificate: str

    @classmethod
    def new(cls, bits: int = 2048, curve: ec.EllipticCurve | None = None) -> "KeyAndCertificate":
        """A fresh one."""
        key = rsa.generate_private_key(65537, bits) if curve is None else ec.generate_private_key(curve)
        name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "A service provider")])
        now = datetime.now(UTC)
        built = x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        built = built.not_valid_before(now - timedelta(days=1)).not_valid_after(now + timedelta(days=1))
        return cls(
            key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode(),
            built.sign(key, hashes.SHA256()).public_bytes(Encoding.PEM).decode(),
        )


class ServiceProvider(Protocol):
    """What a test does with one."""

    def metadata(self) -> str:
        """Its metadata."""

    def begin(self, *, relay_state: str = "", post: bool = False, **wishes: Any) -> tuple[str, Fields]:
        """Where the browser goes with a request, and with which form unless it is a redirect."""

    def accept(self, fields: Fields) -> Told:
        """What an answer tells; raises ``Rejected``."""

    def sign_out(self, told: Told, *, relay_state: str = "") -> tuple[str, Fields]:
        """Where the browser goes with its wish for a logout, and with which form unless it is a redirect."""

    def hear(self, url: str, fields: Fields) -> tuple[str, Fields]:
        """The same with its response to a request of the identity provider's; raises ``Rejected``."""

    def signed_out(self, url: str, fields: Fields) -> None:
        """Take the response to its wish; raises ``Rejected``."""


class OneLogin:
    """python3-saml, strict, with everything signed; the answer has to be encrypted if ``encrypted``."""

    def __init__(self, origin: str, *, encrypted: bool = False, signs: bool = True, path: str = "/onelogin") -> None:
        self.consumer, self.logout = f"{origin}{path}/acs", f"{origin}{path}/slo"
        self.key = KeyAndCertificate.new()
        self._request_id: str | None = None
        self._settings: dict[str, Any] = {
            "strict": True,
            "sp": {
                "entityId": f"{origin}{path}/metadata",
                "assertionConsumerService": {"url": self.consumer},
                "singleLogoutService": {"url": self.logout},
                "NameIDFormat": "urn:oasis:names:tc:SAML:2.0:nameid-format:persistent",
                "x509cert": self.key.certificate,
                "privateKey": self.key.key,
            },
            "security": {
                "authnRequestsSigned": signs,
                "logoutRequestSigned": True,
                "logoutResponseSigned": True,
                "wantMessagesSigned": True,
                "wantAssertionsSigned": True,
                "wantAssertionsEncrypted": encrypted,
                "wantNameId": True,
                "requestedAuthnContext": False,
                "allowSingleLabelDomains": True,
                "rejectDeprecatedAlgorithm": True,
                "signatureAlgorithm": SIG_RSA_SHA256,
                "digestAlgorithm": DIGEST_SHA256,
            },
        }

    def know(self, metadata: str) -> None:
        """Read the metadata of the identity provider, in place of what was read before."""
        found = OneLogin_Saml2_IdPMetadataParser.parse(metadata)
        found.pop("security", None)  # whether requests are signed is not left to who reads them
        own = {name: value for name, value in self._settings.items() if name != "idp"}
        self._settings = OneLogin_Saml2_IdPMetadataParser.merge_settings(own, found)

    def rekey(self, key: KeyAndCertificate, *, ahead: KeyAndCertificate | None = None) -> None:
        """Use a key, and publish another one beside it that will follow."""
        self.key = key
        later = {"x509certNew": ahead.certificate} if ahead else {}
        own = {name: value for name, value in self._settings["sp"].items() if name != "x509certNew"}
        self._settings["sp"] = {**own, "x509cert": key.certificate, "privateKey": key.key, **later}

    def security(self, **changes: object) -> None:
        """Change what it insists on."""
        self._settings["security"] |= changes

    def metadata(self, federation: KeyAndCertificate | None = None) -> str:
        """Its metadata, signed by a federation if there is one."""
        settings = OneLogin_Saml2_Settings(self._settings, sp_validation_only=True)
        made = settings.get_sp_metadata()
        if federation is not None:
            made = OneLogin_Saml2_Metadata.sign_metadata(
                made, federation.key, federation.certificate, SIG_RSA_SHA256, DIGEST_SHA256
            )
        return made.decode() if isinstance(made, bytes) else str(made)

    def begin(self, *, relay_state: str = "", post: bool = False, **wishes: Any) -> tuple[str, Fields]:
        """By redirect, which is all that it knows; what else is asked for are arguments of ``login``."""
        auth = self._auth({})
        url = str(auth.login(return_to=relay_state or f"{self.consumer}/after", **wishes))
        self._request_id = auth.get_last_request_id()
        return url, {}

    def accept(self, fields: Fields) -> Told:
        """What an answer to the last request tells."""
        auth = self._auth(fields)
        auth.process_response(request_id=self._request_id)
        if auth.get_errors():
            raise Rejected(auth.get_last_error_reason())
        contexts = auth.get_last_authn_contexts()
        return Told(
            auth.get_nameid(), auth.get_nameid_format(), auth.get_attributes(), auth.get_session_index(), contexts[0]
        )

    def sign_out(self, told: Told, *, relay_state: str = "") -> tuple[str, Fields]:
        """By redirect."""
        auth = self._auth({})
        url = auth.logout(
            return_to=relay_state or None,
            name_id=told.name_id,
            name_id_format=told.format,
            session_index=told.session_index,
        )
        self._request_id = auth.get_last_request_id()
        return str(url), {}

    def hear(self, url: str, fields: Fields) -> tuple[str, Fields]:
        """By redirect as well."""
        auth = self._auth({}, url)
        way_back = auth.process_slo(keep_local_session=True)
        if auth.get_errors():
            raise Rejected(auth.get_last_error_reason() or auth.get_errors())
        return str(way_back), {}

    def signed_out(self, url: str, fields: Fields) -> None:
        """Take the response to the last request."""
        auth = self._auth({}, url)
        auth.process_slo(keep_local_session=True, request_id=self._request_id)
        if auth.get_errors():
            raise Rejected(auth.get_last_error_reason() or auth.get_errors())

    def _auth(self, fields: Fields, url: str = "") -> OneLogin_Saml2_Auth:
        parts = urlsplit(url or self.consumer)
        request = {
            "https": "on" if parts.scheme == "https" else "off",
            "http_host": parts.netloc,
            "script_name": parts.path,
            "get_data": dict(parse_qsl(parts.query)),
            "post_data": dict(fields),
        }
        return OneLogin_Saml2_Auth(request, self._settings)


class PySaml2:
    """pysaml2, which has the program xmlsec1 verify; with a ``curve`` it signs by ECDSA, in forms alone."""

    def __init__(
        self,
        origin: str,
        folder: Path,
        *,
        path: str = "/pysaml2",
        logout: str = BINDING_HTTP_POST,
        curve: ec.EllipticCurve | None = None,
    ) -> None:
        if shutil.which("xmlsec1") is None:
            pytest.skip("there is no xmlsec1, which pysaml2 verifies with; install the package xmlsec1")
        self.consumer, self.logout = f"{origin}{path}/acs", f"{origin}{path}/slo"
        self._logout_binding = logout
        self._key, self._certificate = folder / "sp.key", folder / "sp.crt"
        made = KeyAndCertificate.new(curve=curve)
        self._algorithm = SIG_RSA_SHA256 if curve is None else SIG_ECDSA_SHA256
        self._key.write_text(made.key)
        self._certificate.write_text(made.certificate)
        self._origin, self._path = origin, path
        self._outstanding: dict[str, str] = {}
        self._known: list[str] = []
        self._clients: dict[str, Saml2Client] = {}

    def know(self, metadata: str) -> None:
        """Read the metadata of the identity provider."""
        self._known, self._clients = [metadata], {}

    def metadata(self) -> str:
        """Its metadata."""
        return str(entity_descriptor(self._config()))

    def begin(self, *, relay_state: str = "", post: bool = False, **wishes: Any) -> tuple[str, Fields]:
        """By redirect, or by a form; what else is asked for are arguments of ``prepare_for_authenticate``."""
        binding = BINDING_HTTP_POST if post else BINDING_HTTP_REDIRECT
        with tidy(), curves_allowed():
            request_id, made = self._client().prepare_for_authenticate(
                relay_state=relay_state,
                binding=binding,
                response_binding=BINDING_HTTP_POST,
                sign=True,
                sigalg=self._algorithm,
                digest_alg=DIGEST_SHA256,
                **wishes,
            )
        self._outstanding[request_id] = relay_state
        if post:
            return form_of(made["data"])
        return dict(made["headers"])["Location"], {}

    def accept(self, fields: Fields) -> Told:
        """What an answer tells to one of its requests."""
        with tidy():
            try:
                found = self._client().parse_authn_request_response(
                    fields["SAMLResponse"], BINDING_HTTP_POST, outstanding=dict(self._outstanding)
                )
            except Exception as error:  # noqa: BLE001 - it fails in many ways
                raise Rejected(str(error)) from None
        if found is None:
            raise Rejected
        context = found.authn_info()[0][0]
        self._named = found.name_id
        return Told(found.name_id.text, found.name_id.format, found.ava, found.session_info()["session_index"], context)

    def sign_out(self, told: Told, *, relay_state: str = "") -> tuple[str, Fields]:
        """Of whom it has heard last, by the binding that it was made for."""
        with tidy():
            ((_, (binding, made)),) = self._client().global_logout(self._named).items()
        assert binding == self._logout_binding
        return form_of(made["data"]) if binding == BINDING_HTTP_POST else (dict(made["headers"])["Location"], {})

    def sign_out_by_soap(self) -> list[str]:
        """The same from server to server: the statuses of the response; raises ``Rejected``."""
        with tidy(), prefixed():
            try:
                (found,) = self._client().global_logout(self._named, sign_alg=SIG_RSA_SHA256).values()
            except Exception as error:  # noqa: BLE001 - it fails in many ways
                raise Rejected(str(error)) from None
        return statuses_of(found.response.status)

    def hear(self, url: str, fields: Fields) -> tuple[str, Fields]:
        """The response comes as the request has."""
        given = dict(fields) or dict(parse_qsl(urlsplit(url).query))
        with tidy():
            try:
                made = self._client().handle_logout_request(
                    given["SAMLRequest"],
                    self._named,
                    self._logout_binding,
                    relay_state=given.get("RelayState"),
                    sigalg=given.get("SigAlg"),
                    signature=given.get("Signature"),
                )
            except Exception as error:  # noqa: BLE001 - it fails in many ways
                raise Rejected(str(error)) from None
        if self._logout_binding == BINDING_HTTP_POST:
            return form_of(made["data"])
        return dict(made["headers"])["Location"], {}

    def signed_out(self, url: str, fields: Fields) -> None:
        """Take the response to a request of its own."""
        given = dict(fields) or dict(parse_qsl(urlsplit(url).query))
        with tidy():
            try:
                found = self._client().parse_logout_request_response(given["SAMLResponse"], self._logout_binding)
            except Exception as error:  # noqa: BLE001 - it fails in many ways
                raise Rejected(str(error)) from None
        if found is None:
            raise Rejected

    def _client(self) -> Saml2Client:
        """The same one as long as it knows the same identity provider: it remembers who has signed in."""
        if "" not in self._clients:
            self._clients[""] = Saml2Client(config=self._config())
        return self._clients[""]

    def _config(self) -> SPConfig:
        service = {
            "endpoints": {
                "assertion_consumer_service": [(self.consumer, BINDING_HTTP_POST)],
                "single_logout_service": [(self.logout, self._logout_binding)],
            },
            "logout_requests_signed": True,
            "logout_responses_signed": True,
            "signing_algorithm": self._algorithm,
            "digest_algorithm": DIGEST_SHA256,
            "authn_requests_signed": True,
            "want_response_signed": True,
            "want_assertions_signed": True,
            "allow_unsolicited": False,
        }
        keys = {"key_file": str(self._key), "cert_file": str(self._certificate)}
        config = SPConfig()
        config.load(
            {
                "entityid": f"{self._origin}{self._path}/metadata",
                "service": {"sp": service},
                "metadata": {"inline": self._known},
                "encryption_keypairs": [keys],
                "preferred_binding": {"single_logout_service": [self._logout_binding]},
                **keys,
            }
        )
        return config


def statuses_of(status: Any) -> list[str]:
    """The codes of a status as pysaml2 has it, the outer one first, without what all of them begin with."""
    code, found = status.status_code, []
    while code is not None:
        found.append(str(code.value).rpartition(":")[2])
        code = code.status_code
    return found


@contextmanager
def prefixed() -> Iterator[None]:
    """pysaml2 writes anew what came by SOAP before it verifies it, with the prefixes that it knows (its issue 551)."""
    known: dict[str, str] = vars(ET)["_namespace_map"]  # nothing else forgets a prefix
    before = dict(known)
    for prefix, uri in (("samlp", PROTOCOL), ("saml", ASSERTION), ("ds", SIGNATURE)):
        ET.register_namespace(prefix, uri)
    try:
        yield
    finally:
        known.clear()
        known.update(before)


@contextmanager
def curves_allowed() -> Iterator[None]:
    """pysaml2 lets algorithms of RSA alone through, by a list that nothing configures; the program xmlsec1 has more."""
    with patch("saml2.entity.SIG_ALLOWED_ALG", (*SIG_ALLOWED_ALG, ("SIG_ECDSA_SHA256", SIG_ECDSA_SHA256))):
        yield


@contextmanager
def tidy() -> Iterator[None]:
    """pysaml2 leaves files open for the program xmlsec1 until nobody knows them any more."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ResourceWarning)
        yield
        gc.collect()


class _Form(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.action, self.fields = "", dict[str, str]()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note a form and what is in it."""
        given = {name: value or "" for name, value in attrs}
        if tag == "form":
            self.action = given.get("action", "")
        if tag == "input" and given.get("name"):
            self.fields[given["name"]] = given.get("value", "")


def form_of(page: str) -> tuple[str, dict[str, str]]:
    """Where the form of a page goes, and with what."""
    form = _Form()
    form.feed(page)
    return form.action, form.fields


def tampered(fields: Fields, old: str, new: str) -> dict[str, str]:
    """The same message with something else in it."""
    name = next(one for one in fields if one.startswith("SAML"))
    text = base64.b64decode(fields[name]).decode()
    assert old in text
    return {**fields, name: base64.b64encode(text.replace(old, new).encode()).decode()}


def swapped(former: Fields, fields: Fields) -> dict[str, str]:
    """The same answer with the assertion of a former one, signed as it was, in the place of its own."""
    return tampered(fields, _assertion(fields), _assertion(former))


def _assertion(fields: Fields) -> str:
    text = base64.b64decode(fields["SAMLResponse"]).decode()
    return text[text.index("<saml:Assertion ") : text.index("</saml:Assertion>")]
