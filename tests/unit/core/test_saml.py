"""Single sign-on for service providers of SAML: who may ask, where the answer goes, and what it says."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from hexkeep.core.application.events import ApplicationDeactivated, SamlApplicationChanged
from hexkeep.core.application.state import APPLICATION
from hexkeep.core.authrequest.events import AuthorizationRefused, SamlAssertionIssued, SamlRequestReceived
from hexkeep.core.authrequest.messages import (
    DenyAuthorization,
    GetAuthRequest,
    StartIdpInitiated,
    StartSamlSignIn,
    StepKind,
)
from hexkeep.core.authrequest.saml import PER_PLACE
from hexkeep.core.authrequest.state import AUTH_REQUEST
from hexkeep.core.domain.events import OrganizationPrimaryDomainSet
from hexkeep.core.domain.state import DOMAINS
from hexkeep.core.kernel.aggregate import Append
from hexkeep.core.kernel.errors import FailedPrecondition, HexkeepError, ResourceExhausted
from hexkeep.core.key.events import SigningKeyDeactivated
from hexkeep.core.key.state import SIGNING_KEYS, SIGNING_KEYS_ID
from hexkeep.core.oidc.errors import InvalidRedirectUri
from hexkeep.core.saml import moments
from hexkeep.core.saml.bindings import SamlRequestBinding
from hexkeep.core.saml.errors import (
    SamlProviderUnknown,
    SamlRequestInvalid,
    SamlRequestOver,
    SamlRequestUnsigned,
)
from hexkeep.core.saml.name_id import ENCRYPTED
from hexkeep.core.saml.settings import SamlOptions
from hexkeep.core.saml.xml import SIGN_HERE, Element, ds, element, saml, samlp
from hexkeep.core.session.events import SessionClientJoined, SessionClientNamed, SessionEnded, SessionPasswordChecked
from hexkeep.core.session.state import SESSION
from hexkeep.core.user.events import UserEmailChanged
from hexkeep.core.user.state import USER
from hexkeep.testing.answers import keyed_hash
from hexkeep.testing.decisions import ISSUER, Outcome, World
from tests.unit.core.oidc_world import authorized, resume, world
from tests.unit.core.saml_world import (
    CERTIFICATE,
    CONSUMER,
    ENTITY,
    LATER,
    METADATA,
    OTHER_CONSUMER,
    answer,
    assertion,
    form,
    key,
    known,
    provider,
    redirect,
    request,
    saml_world,
    statuses,
    written,
)
from tests.unit.core.worlds import human_added

WORLD = saml_world()
FORMATS = "urn:oasis:names:tc:SAML:2.0:nameid-format:"
EMAIL = "urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress"
CLASSES = "urn:oasis:names:tc:SAML:2.0:ac:classes:"
MFA = "https://refeds.org/profile/mfa"


def asked(before: World = WORLD, *children: Element, **attributes: str) -> Outcome:
    """What becomes of an unsigned request by redirect."""
    return known(before, request(*children, **attributes)).when(redirect())


def name_of(outcome: Outcome) -> tuple[str, str]:
    """The name in an assertion, and its form."""
    subject = assertion(outcome).one(saml("Subject"))
    assert subject is not None
    name = subject.one(saml("NameID"))
    assert name is not None
    return name.text, name.get("Format")


def policy(**attributes: str) -> Element:
    """A NameIDPolicy."""
    return element(samlp("NameIDPolicy"), **attributes)


def contexts(*names: str, comparison: str = "") -> Element:
    """A RequestedAuthnContext."""
    refs = (element(saml("AuthnContextClassRef"), text=name) for name in names)
    return element(samlp("RequestedAuthnContext"), *refs, Comparison=comparison)


def test_somebody_with_a_session_is_signed_in_at_once() -> None:
    """The request, its answer, and that the service provider takes part in the session from now on."""
    outcome = known(WORLD, request()).when(redirect(relay_state="here"))
    (beside, own) = sorted(outcome.changes, key=lambda one: one.ref.type == AUTH_REQUEST.name)  # type: ignore[union-attr]  # both append
    assert isinstance(own, Append)
    assert isinstance(beside, Append)
    assert [type(one) for one in own.events] == [SamlRequestReceived, SamlAssertionIssued]
    assert beside == SESSION.append(
        "session-1",
        SessionClientJoined(client_id="wiki", joined_at=LATER),
        SessionClientNamed(client_id="wiki", user_id="ada", name_format="unspecified", name="ada"),
    )
    step = outcome.result
    assert (step.kind, step.redirect_to) == (StepKind.FORM_POST, CONSUMER)
    assert step.fields["RelayState"] == "here"


def test_answer_is_for_one_request_one_place_and_one_provider() -> None:
    """Profiles section 4.1.4.2: InResponseTo, Destination, Recipient, audience, and a short time."""
    outcome = asked()
    response, made = answer(outcome), assertion(outcome)
    assert (response.get("InResponseTo"), response.get("Destination")) == ("_asked", CONSUMER)
    assert response.words(saml("Issuer")) == made.words(saml("Issuer")) == f"{ISSUER}/saml/metadata"
    confirmation = made.one(saml("Subject")).one(saml("SubjectConfirmation"))  # type: ignore[union-attr]  # it is there
    data = confirmation.one(saml("SubjectConfirmationData"))  # type: ignore[union-attr]  # it is there
    assert data == element(
        saml("SubjectConfirmationData"),
        NotOnOrAfter=moments.written(LATER + timedelta(minutes=5)),
        Recipient=CONSUMER,
        InResponseTo="_asked",
    )
    conditions = made.one(saml("Conditions"))
    assert conditions is not None
    assert conditions.one(saml("AudienceRestriction")).words(saml("Audience")) == ENTITY  # type: ignore[union-attr]  # it is there
    assert conditions.get("NotOnOrAfter") == moments.written(LATER + timedelta(minutes=5))
    authn = made.one(saml("AuthnStatement"))
    assert authn is not None
    assert authn.get("SessionIndex") == keyed_hash("saml_session_index", "session-1 wiki")
    assert authn.one(saml("AuthnContext")).words(saml("AuthnContextClassRef")) == f"{CLASSES}PasswordProtectedTransport"  # type: ignore[union-attr]  # it is there


@pytest.mark.parametrize(("signed", "places"), [("both", (True, True)), ("response", (True, False))])
def test_what_is_signed_is_the_applications_choice(signed: str, places: tuple[bool, bool]) -> None:
    """Both unless an administrator chose less; a refusal is signed in any case."""
    outcome = asked(saml_world(signed=signed))
    assert (SIGN_HERE in answer(outcome).children, SIGN_HERE in assertion(outcome).children) == places
    alone = asked(saml_world(signed="assertion"))
    assert (SIGN_HERE in answer(alone).children, SIGN_HERE in assertion(alone).children) == (False, True)
    refused = asked(saml_world(signed="assertion"), policy(Format="urn:unheard-of"))
    assert SIGN_HERE in answer(refused).children


def test_assertion_is_encrypted_to_the_providers_key() -> None:
    """With the certificate for that use; nothing of it is in the clear."""
    outcome = asked(saml_world(encrypt_assertions=True))
    assert written(outcome).recipient == METADATA.encryption_certificates[0]
    assert answer(outcome).one(saml("Assertion")) is None
    assert assertion(outcome).words(saml("Issuer")) == f"{ISSUER}/saml/metadata"


def test_name_is_encrypted_where_the_application_has_it_so() -> None:
    """To the certificate for that use, in its place, whether the request asks for it or not."""
    usual = saml_world(encrypt_name_ids=True)
    for outcome in (
        asked(usual),
        asked(usual, policy(Format=ENCRYPTED)),
        asked(saml_world(encrypt_name_ids=True, encrypt_assertions=True)),
    ):
        _has_hidden_name(outcome)
    assert statuses(asked(saml_world(), policy(Format=ENCRYPTED))) == ["Requester", "InvalidNameIDPolicy"]


def _has_hidden_name(outcome: Outcome) -> None:
    subject = assertion(outcome).one(saml("Subject"))
    assert subject is not None
    assert [one.name for one in subject.children] == [saml("EncryptedID"), saml("SubjectConfirmation")]
    written = outcome.world.answerer.documents.written.values()
    (sealed,) = (one for one in written if one.encrypted == saml("EncryptedID"))
    assert sealed.document == subject.children[0]
    assert sealed.recipient == METADATA.encryption_certificates[0]
    assert sealed.document.words(saml("NameID")) == "ada"


# --- where the answer goes --------------------------------------------------------------------------------------------


def test_answer_goes_to_places_in_the_metadata_alone() -> None:
    """By URL, by index, or to the default one; never to one that a request makes up."""
    assert asked(AssertionConsumerServiceURL=OTHER_CONSUMER).result.redirect_to == OTHER_CONSUMER
    by_index = {"AssertionConsumerServiceURL": "", "AssertionConsumerServiceIndex": "0"}
    assert asked(WORLD, **by_index).result.redirect_to == OTHER_CONSUMER
    assert asked(AssertionConsumerServiceURL="").result.redirect_to == CONSUMER
    for wrong in (
        {"AssertionConsumerServiceURL": "https://evil.example.com/acs"},
        {"AssertionConsumerServiceURL": f"{CONSUMER}/more"},
        {**by_index, "AssertionConsumerServiceIndex": "7"},
    ):
        asked(WORLD, **wrong).refused(SamlProviderUnknown)


def test_place_that_is_gone_gets_no_answer() -> None:
    """The metadata may change while somebody signs in."""
    began = known(WORLD, request()).when(redirect(token=""))
    request_id = began.result.auth_request_id
    moved = METADATA.model_copy(update={"assertion_consumer_services": METADATA.assertion_consumer_services[:1]})
    changed = SamlApplicationChanged(name="Wiki", metadata=moved, metadata_url="", options=SamlOptions())
    after = began.world.given(APPLICATION.append("wiki", changed))
    after.when(resume(request_id)).refused(InvalidRedirectUri)
    assert began.world.when(resume(request_id)).result.redirect_to == CONSUMER


def test_unknown_and_inactive_providers_look_the_same() -> None:
    """Nobody is sent anywhere for them."""
    stranger = element(samlp("AuthnRequest"), element(saml("Issuer"), text="https://evil.example.com"))
    known(WORLD, stranger).when(redirect()).refused(SamlProviderUnknown)
    cased = element(samlp("AuthnRequest"), element(saml("Issuer"), text=ENTITY.upper()))
    known(WORLD, cased).when(redirect()).refused(SamlProviderUnknown)
    asked(WORLD.given(APPLICATION.append("wiki", ApplicationDeactivated()))).refused(SamlProviderUnknown)


# --- whose request it is ----------------------------------------------------------------------------------------------


def test_signature_that_is_there_has_to_hold() -> None:
    """Also where none is asked for: over the query, or within a form."""
    before = known(WORLD, request())
    assert before.when(redirect(relay_state="a b", signed_by=CERTIFICATE)).result.redirect_to == CONSUMER
    before.when(redirect(signed_by="somebody's certificate")).refused(SamlRequestUnsigned)
    tampered = redirect(relay_state="here", signed_by=CERTIFICATE)
    elsewhere = tampered.model_copy(update={"query": tampered.query.replace("=here&", "=there&")})
    before.when(elsewhere).refused(SamlRequestUnsigned)
    within = request(element(ds("Signature")))
    assert known(WORLD, within, by=CERTIFICATE).when(form()).result.redirect_to == CONSUMER
    known(WORLD, within, by="somebody's certificate").when(form()).refused(SamlRequestUnsigned)
    known(WORLD, within, by=CERTIFICATE).when(redirect()).refused(SamlRequestInvalid)


@pytest.mark.parametrize("told_by", ["metadata", "options"])
def test_unsigned_request_is_refused_where_signed_ones_are_wanted(told_by: str) -> None:
    """By the provider's own metadata, or by the administrator; taking the signature away does not help."""
    if told_by == "metadata":
        before = saml_world(metadata=METADATA.model_copy(update={"authn_requests_signed": True}))
    else:
        before = saml_world(require_signed_requests=True)
    asked(before).refused(SamlRequestUnsigned)
    known(before, request()).when(form()).refused(SamlRequestUnsigned)
    assert known(before, request()).when(redirect(signed_by=CERTIFICATE)).result.redirect_to == CONSUMER


@pytest.mark.parametrize(
    ("attributes", "error"),
    [
        ({"Destination": "https://other.example.com/saml/sso"}, SamlRequestInvalid),
        ({"Version": "1.1"}, SamlRequestInvalid),
        ({"ID": "1"}, SamlRequestInvalid),
        ({"ID": ""}, SamlRequestInvalid),
        ({"IssueInstant": "yesterday"}, SamlRequestInvalid),
        ({"IssueInstant": moments.written(LATER - timedelta(minutes=14))}, SamlRequestOver),
        ({"IssueInstant": moments.written(LATER + timedelta(minutes=4))}, SamlRequestOver),
        ({"IssueInstant": "0001-01-01T00:00:00Z"}, SamlRequestOver),
        ({"IssueInstant": "9999-12-31T23:59:59Z"}, SamlRequestOver),
        ({"ForceAuthn": "perhaps"}, SamlRequestInvalid),
        ({"ProtocolBinding": "urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Artifact"}, SamlRequestInvalid),
        ({"AssertionConsumerServiceIndex": "1"}, SamlRequestInvalid),
    ],
    ids=str,
)
def test_malformed_stale_and_misled_requests_are_refused(
    attributes: Mapping[str, str], error: type[HexkeepError]
) -> None:
    """On our own page: nothing of them is answered anywhere."""
    asked(WORLD, **attributes).refused(error)


@pytest.mark.parametrize("wish", ["NameIDPolicy", "RequestedAuthnContext", "Subject"])
def test_of_two_wishes_none_is_left_out(wish: str) -> None:
    """A wish that is there twice is refused: it would not be met if it were taken for none."""
    name = saml(wish) if wish == "Subject" else samlp(wish)
    asked(WORLD, Element(name), Element(name)).refused(SamlRequestInvalid)


@pytest.mark.parametrize("relay_state", ["a\x00", "a\r\nb", "\x7f"])
def test_controls_are_in_no_relay_state(relay_state: str) -> None:
    """They could neither be kept nor sent back, also not where people begin here."""
    known(WORLD, request()).when(redirect(relay_state=relay_state)).refused(SamlRequestInvalid)
    wish = StartIdpInitiated(
        client_id="wiki", relay_state=relay_state.strip("\x00") + "\x1f", session_token=redirect().session_token
    )
    saml_world(idp_initiated=True).when(wish).refused(SamlRequestInvalid)


def test_signed_request_names_its_destination() -> None:
    """Bindings section 3.4.5.2: a signed one without would be good at every identity provider."""
    assert asked(Destination="").result.redirect_to == CONSUMER
    known(WORLD, request(Destination="")).when(redirect(signed_by=CERTIFICATE)).refused(SamlRequestInvalid)


def test_request_is_good_once() -> None:
    """Whoever has seen one cannot bring it again; the next one is another."""
    after = asked().world
    asked(after).refused(SamlRequestOver)
    assert asked(after, ID="_another").result.redirect_to == CONSUMER


def test_what_is_no_request_is_refused() -> None:
    """Other messages, and what is none."""
    WORLD.when(redirect()).refused(SamlRequestInvalid)
    known(WORLD, element(samlp("LogoutRequest"))).when(redirect()).refused(SamlRequestInvalid)
    known(WORLD, element(samlp("AuthnRequest"))).when(redirect()).refused(SamlRequestInvalid)


# --- what is asked for ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("wanted", "name"),
    [
        ("", "ada"),
        ("urn:oasis:names:tc:SAML:1.1:nameid-format:unspecified", "ada"),
        (EMAIL, "ada@example.com"),
    ],
)
def test_names_that_people_know(wanted: str, name: str) -> None:
    """The user name unless the request has another wish."""
    assert name_of(asked(WORLD, policy(Format=wanted)))[0] == name


def test_name_that_is_unique_in_an_organization_alone_has_its_domain() -> None:
    """Somebody of another organization may be called the same, so without a domain there is no such name."""
    named = human_added("ada").model_copy(update={"name_scope": "acme"})
    world = saml_world(USER.append("ada", named))
    assert statuses(asked(world)) == ["Requester", "InvalidNameIDPolicy"]
    held = DOMAINS.append("acme", OrganizationPrimaryDomainSet(domain="acme.example", former=""))
    assert name_of(asked(world.given(held)))[0] == "ada@acme.example"


def test_persistent_name_is_for_one_provider() -> None:
    """Core section 8.3.7: the same each time, another elsewhere, and no name that we have."""
    wish = policy(Format=f"{FORMATS}persistent")
    first = asked(WORLD, wish)
    again = asked(first.world, wish, ID="_2")
    assert name_of(first) == name_of(again)
    other = METADATA.model_copy(update={"entity_id": "https://other.example.com"})
    elsewhere = saml_world(metadata=other)
    issuer = element(saml("Issuer"), text=other.entity_id)
    theirs = known(elsewhere, Element(samlp("AuthnRequest"), request().attributes, children=(issuer, wish)))
    assert name_of(theirs.when(redirect()))[0] not in {name_of(first)[0], "ada"}


def test_transient_name_ends_with_the_session() -> None:
    """Core section 8.3.8; the application's usual form is told where the request has no wish."""
    value, form_of_name = name_of(asked(saml_world(name_id_format="transient")))
    assert form_of_name == f"{FORMATS}transient"
    assert value not in {"ada", "session-1"}


def test_name_that_there_is_not_is_a_status() -> None:
    """No verified address, an unknown form, or a name in somebody else's space: InvalidNameIDPolicy."""
    unverified = WORLD.given(USER.append("ada", UserEmailChanged(email="root@example.com", verified=False)))
    outcome = asked(unverified, policy(Format=EMAIL))
    assert statuses(outcome) == ["Requester", "InvalidNameIDPolicy"]
    (change,) = outcome.changes
    assert isinstance(change, Append)
    assert change.events[-1] == AuthorizationRefused(error="invalid_name_id_policy")
    for wish in (policy(Format=f"{FORMATS}kerberos"), policy(SPNameQualifier="https://other.example.com")):
        refused = asked(WORLD, wish)
        refused.then()
        assert statuses(refused) == ["Requester", "InvalidNameIDPolicy"]


NAMED, BEARER = element(saml("NameID"), text="ada"), "urn:oasis:names:tc:SAML:2.0:cm:bearer"


def subject(name: str, **attributes: str) -> Element:
    """Whom a request asks for."""
    return element(saml("Subject"), element(saml("NameID"), text=name, **attributes))


def test_user_who_is_asked_for_is_signed_in() -> None:
    """Core section 3.4.1: by whichever of their names; the answer has that form unless the request wants another."""
    assert name_of(asked(WORLD, subject("ada")))[0] == "ada"
    assert name_of(asked(WORLD, subject("ada@example.com")))[0] == "ada"
    assert name_of(asked(WORLD, subject("ada@example.com", Format=EMAIL))) == ("ada@example.com", EMAIL)
    wish = policy(Format=f"{FORMATS}persistent")
    persistent = name_of(asked(WORLD, subject("ada@example.com", Format=EMAIL), wish))
    assert persistent[1] == f"{FORMATS}persistent"
    qualified = subject(persistent[0], Format=persistent[1], SPNameQualifier=ENTITY)
    assert name_of(asked(WORLD, qualified)) == persistent
    bearers = element(saml("Subject"), NAMED, element(saml("SubjectConfirmation"), text=" ", Method=BEARER))
    assert name_of(asked(WORLD, bearers))[0] == "ada"


@pytest.mark.parametrize("name", ["eve", "nobody-at-all"])
def test_who_is_not_the_user_who_is_asked_for_signs_in_or_is_refused(name: str) -> None:
    """The page has the name as a hint; nobody finds out whether there is such a user."""
    began = asked(WORLD, subject(name))
    assert (began.result.kind, began.result.login_hint) == (StepKind.LOGIN, name)
    now = LATER + timedelta(seconds=9)
    again = SESSION.append("session-1", SessionPasswordChecked(checked_at=now))
    still = began.world.at(now).given(again).when(resume(began.result.auth_request_id))
    assert statuses(still) == ["Requester", "UnknownPrincipal"]
    assert statuses(asked(WORLD, subject(name), IsPassive="true")) == ["Responder", "NoPassive"]
    nobody = known(WORLD, request(subject(name))).when(redirect(token=""))
    assert (nobody.result.kind, nobody.result.login_hint) == (StepKind.LOGIN, name)


def test_name_that_people_do_not_know_is_no_hint() -> None:
    """A name for one service provider is nothing that somebody could sign in with."""
    began = asked(WORLD, subject("a1b2c3", Format=f"{FORMATS}persistent"))
    assert (began.result.kind, began.result.login_hint) == (StepKind.LOGIN, "")


def test_name_that_nobody_could_have_is_a_status() -> None:
    """Of an unknown form, or within somebody else's names: UnknownPrincipal, and nobody is asked to sign in."""
    for wrong in (
        subject("ada", Format=f"{FORMATS}kerberos"),
        subject("ada", NameQualifier="https://other.example.com"),
        subject("ada", SPNameQualifier="https://other.example.com"),
    ):
        refused = asked(WORLD, wrong)
        refused.then()
        assert statuses(refused) == ["Requester", "UnknownPrincipal"]


@pytest.mark.parametrize(
    "wanted",
    [
        element(saml("Subject")),
        element(saml("Subject"), element(saml("EncryptedID"))),
        element(saml("Subject"), NAMED, element(saml("SubjectConfirmation"))),
        element(saml("Subject"), NAMED, element(saml("SubjectConfirmation"), element(saml("NameID")), Method=BEARER)),
        subject(""),
        subject("a" * 321),
    ],
)
def test_user_is_asked_for_by_a_name_alone(wanted: Element) -> None:
    """What could not be insisted on is not asked for in vain."""
    assert statuses(asked(WORLD, wanted)) == ["Requester", "RequestUnsupported"]


def test_force_authn_asks_again_and_is_passive_never() -> None:
    """Both are what OpenID Connect calls prompts; with both there is nothing to do but to say so."""
    assert asked(ForceAuthn="true").result.kind is StepKind.LOGIN
    assert asked(IsPassive="true").result.kind is StepKind.FORM_POST
    assert statuses(asked(ForceAuthn="1", IsPassive="1")) == ["Responder", "NoPassive"]
    nobody = known(WORLD, request(IsPassive="true")).when(redirect(token=""))
    assert statuses(nobody) == ["Responder", "NoPassive"]


def test_sign_in_of_another_class_is_asked_for_or_refused() -> None:
    """RequestedAuthnContext: what ada could prove, what she could not, and what nobody can."""
    assert statuses(asked(WORLD, contexts(f"{CLASSES}Password"))) == ["Success"]
    assert statuses(asked(WORLD, contexts(MFA))) == ["Responder", "NoAuthnContext"]
    assert statuses(asked(WORLD, contexts(f"{CLASSES}X509"))) == ["Responder", "NoAuthnContext"]
    assert statuses(asked(WORLD, contexts(f"{CLASSES}X509", f"{CLASSES}Password"))) == ["Success"]
    assert statuses(asked(WORLD, contexts(MFA, comparison="maximum"))) == ["Success"]


def test_who_has_no_right_there_is_told_so() -> None:
    """RequestDenied, signed, to the service provider that asked."""
    closed = world(key(), *provider(), authorization_required=True)
    assert statuses(asked(closed)) == ["Responder", "RequestDenied"]
    assert statuses(asked(closed.given(*authorized("clerk")))) == ["Success"]


def test_person_who_cancels_is_told_of() -> None:
    """The way back from the login page, as from that of any application."""
    began = known(WORLD, request()).when(redirect(token=""))
    request_id = began.result.auth_request_id
    assert began.world.when(GetAuthRequest(auth_request_id=request_id)).result.client_name == "Wiki"
    denied = began.world.when(DenyAuthorization(auth_request_id=request_id))
    assert statuses(denied) == ["Responder", "RequestDenied"]


def test_ended_session_is_none() -> None:
    """Single sign-on ends with the session."""
    ended = WORLD.given(SESSION.append("session-1", SessionEnded()))
    assert asked(ended).result.kind is StepKind.LOGIN


# --- what is told -----------------------------------------------------------------------------------------------------


def attributes_of(outcome: Outcome) -> dict[str, list[str]]:
    """The attributes of an assertion."""
    statement = assertion(outcome).one(saml("AttributeStatement"))
    found = statement.all(saml("Attribute")) if statement is not None else ()
    return {one.get("Name"): [value.text for value in one.children] for one in found}


def test_usual_attributes_have_the_names_of_directories() -> None:
    """X.500/LDAP Attribute Profile: user name, address and names; what is not known is left out."""
    told = attributes_of(asked())
    assert told["urn:oid:0.9.2342.19200300.100.1.1"] == ["ada"]
    assert told["urn:oid:0.9.2342.19200300.100.1.3"] == ["ada@example.com"]
    assert "urn:oid:2.5.4.4" in told
    unverified = WORLD.given(USER.append("ada", UserEmailChanged(email="root@example.com", verified=False)))
    assert "urn:oid:0.9.2342.19200300.100.1.3" not in attributes_of(asked(unverified))


def test_mapping_tells_what_it_names_and_nothing_else() -> None:
    """Roles, organization, user id; each under the name that the application wants."""
    mapping: list[dict[str, Any]] = [
        {"source": "roles", "name": "Role"},
        {"source": "organization_name", "name": "Company"},
        {"source": "user_id", "name": "Id"},
        {"source": "metadata", "name": "Desk", "metadata_key": "desk"},
    ]
    before = saml_world(*authorized("clerk"), attributes=mapping)
    assert attributes_of(asked(before)) == {"Role": ["clerk"], "Company": ["Acme"], "Id": ["ada"]}


# --- begun here -------------------------------------------------------------------------------------------------------


def test_sign_in_begins_here_where_the_application_allows_it() -> None:
    """Profiles section 4.1.5: to the default place, in response to nothing."""
    begin = StartIdpInitiated(client_id="wiki", relay_state="/start", session_token=redirect().session_token)
    WORLD.when(begin).refused(SamlProviderUnknown)
    outcome = saml_world(idp_initiated=True).when(begin)
    assert (outcome.result.redirect_to, outcome.result.fields["RelayState"]) == (CONSUMER, "/start")
    assert answer(outcome).get("InResponseTo") == ""
    long = begin.model_copy(update={"relay_state": "x" * 1025})
    saml_world(idp_initiated=True).when(long).refused(SamlRequestInvalid)
    saml_world(idp_initiated=True).when(begin.model_copy(update={"client_id": "web"})).refused(SamlProviderUnknown)


def test_without_an_active_key_nothing_is_said() -> None:
    """Nobody makes a key behind the back of who put all of them out of use."""
    off = WORLD.given(SIGNING_KEYS.append(SIGNING_KEYS_ID, SigningKeyDeactivated(key_id="saml-key")))
    asked(off).refused(FailedPrecondition)


def test_one_place_asks_so_often_and_no_more() -> None:
    """Whoever it is, and whatever is sent: each is read where sign-ins are. Who is elsewhere is not held up."""
    many = replace(WORLD, answerer=WORLD.answerer.copy())
    many.answerer.counted = {name: PER_PLACE for name in asked().world.answerer.counted if "saml" in name[0]}
    assert many.answerer.counted
    asked(many).refused(ResourceExhausted)
    many.when(StartSamlSignIn(binding=SamlRequestBinding.POST, query="nonsense")).refused(ResourceExhausted)
    assert assertion(asked(replace(many, address="198.51.100.7"))).name == saml("Assertion")
