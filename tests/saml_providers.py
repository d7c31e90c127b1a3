"""An identity provider that we did not write: pysaml2, over HTTP, for somebody who is signed in there."""

import shutil
import warnings
from collections.abc import Mapping
from datetime import datetime
from http import HTTPStatus
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

import httpx
import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from saml2 import BINDING_HTTP_POST, BINDING_HTTP_REDIRECT, BINDING_SOAP  # type: ignore[import-untyped]  # has no types
from saml2.config import IdPConfig  # type: ignore[import-untyped]  # has no types
from saml2.metadata import entity_descriptor, sign_entity_descriptor  # type: ignore[import-untyped]  # has no types
from saml2.samlp import response_from_string  # type: ignore[import-untyped]  # has no types
from saml2.sigver import security_context  # type: ignore[import-untyped]  # has no types
from saml2.xmldsig import DIGEST_SHA256, SIG_ECDSA_SHA256, SIG_RSA_SHA256  # type: ignore[import-untyped]  # has no types

from hexkeep.adapters.asgi.response import Response
from hexkeep.adapters.asgi.types import Receive, Scope, Send
from tests.saml_parties import KeyAndCertificate, curves_allowed, prefixed, statuses_of, tidy

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # it names a cipher that cryptography is about to move
    from saml2.server import Server  # type: ignore[import-untyped]  # has no types

CLASS = "urn:oasis:names:tc:SAML:2.0:ac:classes:PasswordProtectedTransport"
PERSON = {"uid": "grace", "mail": "grace@example.net", "givenName": "Grace", "sn": "Hopper", "displayName": "Grace H."}


class PySaml2Idp:
    """It shows a page with a button that brings the answer back; ``knows`` is the metadata of service providers."""

    def __init__(self, folder: Path, curve: ec.EllipticCurve | None = None) -> None:
        if shutil.which("xmlsec1") is None:
            pytest.skip("there is no xmlsec1, which pysaml2 verifies with; install the package xmlsec1")
        self.origin = ""
        self.knows: list[str] = []
        self.person: Mapping[str, str] = PERSON
        made = KeyAndCertificate.new(curve=curve)
        self._algorithm = SIG_RSA_SHA256 if curve is None else SIG_ECDSA_SHA256
        self._key, self._certificate = folder / "idp.key", folder / "idp.crt"
        self.certificate = made.certificate
        self._key.write_text(made.key)
        self._certificate.write_text(made.certificate)
        self.how: dict[str, bool] = {"sign_assertion": True, "sign_response": True}
        self.signed_in_at: datetime | None = None
        """When the person has signed in there, unless asked to do so again; empty: just now."""
        self.session_ends_at: datetime | None = None
        self.forced: list[bool] = []
        """For each request whether the person had to sign in again."""

    @property
    def metadata_url(self) -> str:
        """Where its metadata is."""
        return f"{self.origin}/metadata"

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a browser, or who wants the metadata."""
        if scope["path"] == "/metadata":
            with tidy():
                text = self._metadata()
            return await Response(200, (("content-type", "application/samlmetadata+xml"),), text.encode()).send(send)
        if scope["path"] == "/sso":
            posted = (await receive())["body"].decode() if scope["method"] == "POST" else ""
            fields = dict(parse_qsl(posted or scope["query_string"].decode()))
            with tidy(), curves_allowed():
                page = self._answer(fields, BINDING_HTTP_POST if posted else BINDING_HTTP_REDIRECT)
            return await Response(200, (("content-type", "text/html"),), page.encode()).send(send)
        return await Response(404, (), b"").send(send)

    def _metadata(self) -> str:
        """As it has signed it itself."""
        config = self._config()
        found = entity_descriptor(config)
        _, text = sign_entity_descriptor(
            found, None, security_context(config), sign_alg=self._algorithm, digest_alg=DIGEST_SHA256
        )
        return str(text)

    def _answer(self, fields: Mapping[str, str], binding: str) -> str:
        server = Server(config=self._config())
        signature = {"sigalg": fields.get("SigAlg"), "signature": fields.get("Signature")}
        request = server.parse_authn_request(
            fields["SAMLRequest"], binding, relay_state=fields.get("RelayState"), **signature
        )
        given: dict[str, Any] = server.response_args(request.message)
        self.forced.append(request.message.force_authn == "true")
        at = None if self.forced[-1] else self.signed_in_at
        ends = self.session_ends_at and self.session_ends_at.strftime("%Y-%m-%dT%H:%M:%SZ")
        made = server.create_authn_response(
            dict(self.person),
            userid=self.person["uid"],
            authn={"class_ref": CLASS, "authn_auth": self.metadata_url, "authn_instant": at and int(at.timestamp())},
            session_not_on_or_after=ends,
            sign_alg=self._algorithm,
            digest_alg=DIGEST_SHA256,
            **self.how,
            **given,
        )
        self._party = str(given["sp_entity_id"])
        self._told = response_from_string(str(made)).assertion[0]
        http = server.apply_binding(
            BINDING_HTTP_POST, str(made), given["destination"], fields.get("RelayState", ""), response=True
        )
        return str(http["data"])

    async def sign_out_by_soap(self) -> list[str]:
        """Tell the service provider that who came last is signed out: the statuses of its response, which has to hold.

        What is no response at all is told by its HTTP status.
        """
        with tidy():
            server = Server(config=self._config())
            (place,) = server.metadata.single_logout_service(self._party, BINDING_SOAP, "spsso")
            _, request = server.create_logout_request(
                place["location"],
                self._party,
                name_id=self._told.subject.name_id,
                session_indexes=[self._told.authn_statement[0].session_index],
                sign=True,
                sign_alg=self._algorithm,
                digest_alg=DIGEST_SHA256,
            )
            sent = server.apply_binding(BINDING_SOAP, str(request), place["location"])
        async with httpx.AsyncClient(trust_env=False, timeout=30) as program:
            answer = await program.post(sent["url"], content=sent["data"], headers=dict(sent["headers"]))
        if answer.status_code != HTTPStatus.OK:
            return [str(answer.status_code)]
        with tidy(), prefixed():
            found = server.parse_logout_request_response(answer.text, BINDING_SOAP)
        return statuses_of(found.response.status)

    def _config(self) -> IdPConfig:
        endpoint = f"{self.origin}/sso"
        service = {
            "endpoints": {
                "single_sign_on_service": [(endpoint, BINDING_HTTP_REDIRECT), (endpoint, BINDING_HTTP_POST)],
            },
            "policy": {"default": {"lifetime": {"minutes": 5}, "attribute_restrictions": None}},
            "want_authn_requests_signed": True,
        }
        config = IdPConfig()
        config.load(
            {
                "entityid": self.metadata_url,
                "service": {"idp": service},
                "metadata": {"inline": self.knows},
                "key_file": str(self._key),
                "cert_file": str(self._certificate),
            }
        )
        return config
