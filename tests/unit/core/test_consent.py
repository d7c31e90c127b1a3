from hexkeep.core.authrequest.state import LIFETIME
from hexkeep.core.consent.events import ConsentGranted, ConsentRevoked
from hexkeep.core.consent.messages import GrantConsent, ListMyConsents, RevokeConsent
from hexkeep.core.consent.state import CONSENT, consent_id
from hexkeep.core.kernel.errors import FailedPrecondition, NotFound, Unauthenticated
from hexkeep.core.kernel.permission import ANONYMOUS, Caller, CallerKind
from hexkeep.testing.decisions import World
from tests.unit.core.oidc_world import SESSION_TOKEN, start, world

ADA = Caller(CallerKind.USER, user_id="ada", organization_id="acme")
EVE = Caller(CallerKind.USER, user_id="eve", organization_id="acme")
GRANT = GrantConsent(auth_request_id="id-1", session_token=SESSION_TOKEN)
ID = consent_id("ada", "strict")


def asked(scope: str = "openid email") -> World:
    """The world in which `strict` asks Ada for consent."""
    return world().when(start("strict", scope=scope)).world


def granted(before: World, *scopes: str, request_id: str = "id-1") -> ConsentGranted:
    """The fact that Ada agreed now."""
    who = {"user_id": "ada", "client_id": "strict", "auth_request_id": request_id}
    return ConsentGranted(**who, scopes=scopes, granted_at=before.now)


def test_consent_is_remembered() -> None:
    """One durable fact per yes, with the scopes of the request."""
    before = asked()
    outcome = before.when(GRANT).then(CONSENT.append(ID, granted(before, "openid", "email")))
    assert outcome.result.scopes == ("openid", "email")
    outcome.world.when(GRANT).then()


def test_consent_grows() -> None:
    """What was agreed before stays agreed."""
    before = asked().when(GRANT).world.later(minutes=1).when(start("strict", scope="openid profile"))
    request = GrantConsent(auth_request_id=before.result.auth_request_id, session_token=SESSION_TOKEN)
    scopes = ("openid", "email", "profile")
    before.world.when(request).then(CONSENT.append(ID, granted(before.world, *scopes, request_id="id-2")))


def test_only_a_signed_in_person_consents_to_a_pending_request() -> None:
    """No session, no consent; nor for a request that is over or never was."""
    asked().when(GrantConsent(auth_request_id="id-1", session_token="")).refused(Unauthenticated)
    before = asked()
    before.at(before.now + LIFETIME).when(GRANT).refused(FailedPrecondition)
    world().when(GRANT).refused(FailedPrecondition)


def test_person_lists_their_own_consents() -> None:
    """With the application's name; nobody else's."""
    before = asked().when(GRANT).world
    (item,) = before.as_(ADA).when(ListMyConsents()).result.consents
    assert (item.client_id, item.client_name, item.scopes) == ("strict", "Strict", ("openid", "email"))
    assert before.as_(EVE).when(ListMyConsents()).result.consents == ()
    before.as_(ANONYMOUS).when(ListMyConsents()).refused(Unauthenticated)


def test_revoked_consent_is_asked_for_again() -> None:
    """It leaves the list, and the application's next request shows the page."""
    before = asked().when(GRANT).world.later(minutes=1)
    outcome = before.as_(ADA).when(RevokeConsent(client_id="strict"))
    outcome.then(CONSENT.append(ID, ConsentRevoked(revoked_at=before.now, user_id="ada", client_id="strict")))
    assert outcome.world.when(ListMyConsents()).result.consents == ()
    assert outcome.world.when(start("strict", scope="openid")).result.kind == "consent"
    outcome.world.when(RevokeConsent(client_id="strict")).refused(NotFound)


def test_others_consents_cannot_be_revoked() -> None:
    """A caller only reaches their own."""
    before = asked().when(GRANT).world
    before.as_(EVE).when(RevokeConsent(client_id="strict")).refused(NotFound)
