"""Single logout with an identity provider (Profiles section 4.4): what it says, and what is said to it."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from hexkeep.adapters.xmlsec.keys import octets_verified
from hexkeep.adapters.xmlsec.parsing import parsed, read
from hexkeep.adapters.xmlsec.verifying import verified
from hexkeep.core.saml import incoming, logout, soap
from hexkeep.core.saml.asks import ReadXml, VerifyOctets, VerifyXml
from hexkeep.core.saml.bindings import (
    HTTP_POST,
    HTTP_REDIRECT,
    REQUEST,
    RESPONSE,
    Received,
    SamlRequestBinding,
    enveloped,
    received,
)
from hexkeep.core.saml.errors import SUCCESS, SamlError, SamlRequestInvalid
from hexkeep.core.saml.name_id import NameId, element_of
from hexkeep.core.saml.party import SamlParty
from hexkeep.core.saml.response import Envelope
from hexkeep.core.saml.xml import Element, ds
from hexkeep.plugins.saml import encrypted_name
from hexkeep.plugins.saml.idp_metadata import IdpMetadata
from hexkeep.plugins.saml.messages import carried
from hexkeep.plugins.saml.validation import SignatureUnknown
from hexkeep.ports.idp import Begun, IdpMalformed, IdpRefused, LogoutThere, SamlMessage, SignOutAsked


@dataclass(frozen=True, slots=True)
class Setting:
    """Between whom a message goes, when, and under which id ours does."""

    provider: IdpMetadata
    party: SamlParty
    now: datetime
    id: str


def signed_out(message: SamlMessage, within: Setting) -> LogoutThere:
    """Whom the provider has signed out, with the response to that; raises ``IdpMalformed``."""
    by_soap = message.binding is SamlRequestBinding.SOAP
    try:
        came = enveloped(message.query) if by_soap else received(message.binding, message.query, REQUEST)
        covered = _covered(came, within.provider.certificates)
        issuer = incoming.issuer_of(covered, logout.REQUEST)
    except SamlError as error:
        raise IdpMalformed(f"logout_{error.code}") from None
    if covered is None or issuer != within.provider.entity_id:
        raise IdpMalformed("logout_issuer")
    try:
        return _said(covered, came, within)
    except SamlError as error:
        if not by_soap:
            raise IdpMalformed(f"logout_{error.code}") from None
        status = incoming.refusal(covered, error)
        return LogoutThere(incoming.id_of(covered), within.now, "", (), status=status)


def _said(covered: Element, came: Received, within: Setting) -> LogoutThere:
    """What the provider says in a request; raises ``SamlError``, and ``IdpMalformed`` for an unreadable name."""
    by_soap = came.binding is SamlRequestBinding.SOAP
    asked = logout.read_request(_readable(covered, came, within.party))
    here = within.party.logout_by_soap if by_soap else within.party.logout
    incoming.insist_on_destination(asked, here, signed=True)
    until = incoming.insist_on_freshness(asked, within.now)
    logout.insist_on_time(asked, within.now)
    if asked.name is None or not asked.name.value:
        raise SamlRequestInvalid("The NameID is missing")
    answer = Begun("") if by_soap else _answer(asked.id, came.relay_state, came.binding, within)
    return LogoutThere(asked.id, until, asked.name.value, tuple(filter(None, asked.session_indexes)), answer)


def _covered(came: Received, certificates: tuple[str, ...]) -> Element | None:
    """What the provider has signed: in the message where it came by a form or by SOAP, else over the query."""
    if came.binding is not SamlRequestBinding.REDIRECT:
        by_soap = came.binding is SamlRequestBinding.SOAP
        if by_soap and soap.message_in(read(ReadXml(came.content))) is None:
            raise IdpMalformed("logout_envelope")
        around = soap.AROUND if by_soap else ()
        covered = verified(VerifyXml(came.content, certificates, around))
        if covered is None:
            raise SignatureUnknown("logout_signature")
        return covered
    root = read(ReadXml(came.content, came.deflated))
    within = root is not None and any(root.all(ds("Signature")))
    if within or not came.signed:
        raise IdpMalformed("logout_unsigned")
    if not octets_verified(VerifyOctets(came.octets, came.signature, came.algorithm, certificates)):
        raise SignatureUnknown("logout_signature")
    return root


def _readable(covered: Element, came: Received, us: SamlParty) -> Element:
    """A request that was verified, with its name readable where it is encrypted (Core section 3.7.1)."""
    root = parsed(came.content, deflated=came.deflated)
    if came.binding is SamlRequestBinding.SOAP and root is not None:
        root = root.find(f"{soap.BODY}/{logout.REQUEST}")
    return encrypted_name.read(covered, encrypted_name.place_in(root), us.signers)[0]


def _answer(request_id: str, relay_state: str, binding: SamlRequestBinding, within: Setting) -> Begun:
    """The response, by the binding that the request came by if there is a place for it; none where there is none."""
    usual = HTTP_POST if binding is SamlRequestBinding.POST else HTTP_REDIRECT
    places = within.provider.logout
    used = usual if usual in places else next(iter(places), "")
    if not used:
        return Begun("")
    url = places[used].response_url
    head = Envelope(within.id, within.party.entity_id, url, request_id, within.now)
    document = logout.response(head, SUCCESS, signed=used == HTTP_POST)
    sent = carried(used, RESPONSE, document, url, relay_state, within.party.signers[0])
    return Begun(sent.url, fields=sent.fields)


def request(asked: SignOutAsked, within: Setting) -> str:
    """Where the browser goes to be signed out at the provider; raises ``IdpRefused`` where that has no place for it."""
    place = within.provider.logout.get(HTTP_REDIRECT)
    if place is None:
        raise IdpRefused("logout_binding")
    named = _named(asked.account.session)
    head = Envelope(within.id, within.party.entity_id, place.url, "", within.now)
    document = logout.request(head, element_of(NameId(**named[0])), named[1], signed=False)
    return carried(HTTP_REDIRECT, REQUEST, document, place.url, asked.state, within.party.signers[0]).url


def _named(session: str) -> tuple[Mapping[str, str], str]:
    """Whom, and which session, as it was kept from the sign-in."""
    try:
        value, form, qualifier, own, index = json.loads(session)
    except ValueError:
        raise IdpRefused("logout_session") from None
    name = {"value": value, "format": form, "name_qualifier": qualifier, "sp_name_qualifier": own}
    return name, index
