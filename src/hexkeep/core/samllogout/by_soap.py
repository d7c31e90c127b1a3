"""Single logout from server to server (Bindings section 3.2, Profiles section 4.4): asked and answered at once.

There is no browser, so nobody can be told but those that hear without one, and the answer says so where that is not
everybody.
"""

from collections.abc import Mapping

from pydantic import Field

from hexkeep.core.idpintent.asks import LogoutAtProvider
from hexkeep.core.idpintent.ended import EndingThere, ended_there, endings
from hexkeep.core.kernel.decision import Context, Decision
from hexkeep.core.kernel.errors import FailedPrecondition
from hexkeep.core.kernel.fields import Id
from hexkeep.core.kernel.operation import Message
from hexkeep.core.key.state import SIGNING_KEYS, SIGNING_KEYS_ID
from hexkeep.core.oidc import participants
from hexkeep.core.saml import incoming, keys, logout, rates, receiving, single_logout, soap
from hexkeep.core.saml.asks import Signer, WriteXml
from hexkeep.core.saml.bindings import SamlRequestBinding, enveloped
from hexkeep.core.saml.entity_id import ENTITY_ID
from hexkeep.core.saml.errors import (
    PARTIAL_LOGOUT,
    REQUEST_UNSUPPORTED,
    SUCCESS,
    UNKNOWN_PRINCIPAL,
    SamlError,
    Status,
)
from hexkeep.core.saml.idp_metadata import SLO_SOAP
from hexkeep.core.saml.logout import LogoutRequest
from hexkeep.core.saml.receiving import Disbelieved, Said
from hexkeep.core.saml.response import Envelope
from hexkeep.core.samllogout import elsewhere
from hexkeep.core.samllogout.meant import LOGOUT_REQUEST, heard
from hexkeep.core.session.state import Session

MAX_ENVELOPE = 65_536
PER_SERVER = 6000
"""Requests from one network address within the window: there one server stands for many people."""


class AnswerSamlLogout(Message):
    """A LogoutRequest of a service provider in an envelope of SOAP, as it came."""

    envelope: str = Field(max_length=MAX_ENVELOPE, repr=False)


class AnswerIdpLogout(Message):
    """The same of an identity provider."""

    identity_provider_id: Id
    envelope: str = Field(max_length=MAX_ENVELOPE, repr=False)


class SamlLogoutAnswer(Message):
    """The LogoutResponse, signed, in an envelope; empty where the instance has no key any more to sign it with."""

    envelope: str = Field("", repr=False)


def answer_saml_logout(request: AnswerSamlLogout, ctx: Context) -> Decision[SamlLogoutAnswer]:
    """End the sessions that a service provider's LogoutRequest names, tell the others, and answer.

    It is judged like one that a browser brings, and has to name sessions by their indexes: nothing else tells which
    are meant. What is wrong with it is answered with a status, once it is certain who asks; until then raises
    ``SamlError``. Raises ``ResourceExhausted`` for too many requests from one network address.
    """
    rates.count(ctx, "saml_logout/server", PER_SERVER)
    made = receiving.made(ctx, enveloped(request.envelope), LOGOUT_REQUEST)
    if isinstance(made, Disbelieved):
        return Decision(SamlLogoutAnswer(), error=made.error, then=made.then)
    known = ctx.load(SIGNING_KEYS, SIGNING_KEYS_ID)
    signer = keys.signer(known) if known.active(keys.ALGORITHM) is not None else None
    issuer = ctx.request.issuer + ENTITY_ID
    try:
        said = receiving.read(ctx, made, LOGOUT_REQUEST, SLO_SOAP)
        logout.insist_on_time(said.message, ctx.now)
    except SamlError as error:
        status = incoming.refusal(made.covered, error)
        return Decision(_answer(ctx, issuer, incoming.id_of(made.covered), status, signer))
    found = heard(ctx, said).sessions
    ending = {session_id: session for session_id, session in found.items() if session.active(ctx.now)}
    answer = _answer(ctx, issuer, said.message.id, _status(ctx, said, found), signer)
    return Decision(answer, *(participants.ended(ctx, *one, but=said.client.id) for one in ending.items()))


def answer_idp_logout(request: AnswerIdpLogout, ctx: Context) -> Decision[SamlLogoutAnswer]:
    """End the sessions that an identity provider's LogoutRequest names, tell the applications in them, and answer.

    What counts is as with one that a browser brings, and what is wrong with a request of the provider's is answered
    with a status. Raises ``SamlRequestInvalid`` for what is no request in an envelope, ``IdpMalformed`` for one that
    cannot be believed, and ``ResourceExhausted`` for too many requests from one network address.
    """
    known = elsewhere.party(ctx, request.identity_provider_id)
    rates.count(ctx, "saml_logout/server", PER_SERVER)
    incoming.issuer_of(receiving.root_of(ctx, enveloped(request.envelope)), logout.REQUEST)
    told = ctx.ask(LogoutAtProvider(known, SamlRequestBinding.SOAP, request.envelope))
    party = known.party
    if party is None:
        raise FailedPrecondition("The provider knows the instance as no party")
    status, ending = told.status, EndingThere({})
    if status == SUCCESS:
        ending = ended_there(ctx, request.identity_provider_id, told)
        status = PARTIAL_LOGOUT if ending.rest or single_logout.deaf(ctx, ending.sessions) else SUCCESS
    answer = _answer(ctx, party.entity_id, told.id, status, party.signers[0])
    return Decision(answer, *endings(ctx, ending))


def _status(ctx: Context, said: Said[LogoutRequest], found: Mapping[str, Session]) -> Status:
    if said.message.name is None or not said.message.session_indexes:
        return REQUEST_UNSUPPORTED
    if not found:
        return UNKNOWN_PRINCIPAL
    return PARTIAL_LOGOUT if single_logout.deaf(ctx, found, but=said.client.id) else SUCCESS


def _answer(ctx: Context, issuer: str, request_id: str, status: Status, signer: Signer | None) -> SamlLogoutAnswer:
    if signer is None:
        return SamlLogoutAnswer()
    head = Envelope(f"_{ctx.new_id()}", issuer, "", request_id, ctx.now)
    document = soap.within(logout.response(head, status, signed=True))
    return SamlLogoutAnswer(envelope=ctx.ask(WriteXml(document, signer)) or "")
