"""Token exchange (RFC 8693): a service passes on what it was given, narrowed, and named as the one that acts."""

import json
from typing import Any

import pytest
from pydantic import JsonValue

from hexkeep.core.application.client_metadata import ClientMetadata, SubjectType
from hexkeep.core.application.events import ApplicationDeactivated
from hexkeep.core.application.state import APPLICATION
from hexkeep.core.consent.events import ConsentGranted
from hexkeep.core.consent.state import CONSENT, consent_id, revocation
from hexkeep.core.oidc import rfc8693
from hexkeep.core.oidc.errors import InvalidRequest, InvalidScope, InvalidTarget, InvalidToken, UnauthorizedClient
from hexkeep.core.project.events import ProjectAdded
from hexkeep.core.project.state import PROJECT
from hexkeep.core.session.events import SessionEnded
from hexkeep.core.session.state import SESSION
from hexkeep.core.token.events import TokenExchanged, TokenFamilyRevoked
from hexkeep.core.token.messages import ExchangeToken, GetUserInfo, RevokeToken
from hexkeep.core.token.state import TOKEN_FAMILY
from hexkeep.core.user.events import UserDeactivated
from hexkeep.core.user.state import USER
from hexkeep.testing.decisions import ISSUER, NOW, Outcome, World
from hexkeep.testing.jose import claims_of, jwt, signing_key
from tests.unit.core.oidc_world import appended, application, authorized, basic, redeem, start, tokens, told, world

GRANT = "urn:ietf:params:oauth:grant-type:token-exchange"
GRANTS = ("authorization_code", GRANT)
NO_SWITCHES = {"role_assertion": False, "authorization_required": False}


def services() -> tuple[World, str]:
    """A person signed in to `web`; `orders` is a service of the same project that may exchange, `web` may not."""
    here = world(application("orders", grant_types=GRANTS), application("stock", grant_types=GRANTS))
    after, answer = tokens(here, scope="openid profile email")
    return after, answer.access_token


def exchanged(at: World, token: str, client_id: str = "orders", **changes: str) -> Outcome:
    """A well-formed exchange, changed by `changes`; an empty value takes a parameter away."""
    usual = {"grant_type": GRANT, "subject_token": token, "subject_token_type": rfc8693.ACCESS_TOKEN}
    return at.when(ExchangeToken(params=usual | changes, authorization=basic(client_id)))


def test_a_service_gets_a_token_for_the_same_person_and_is_named() -> None:
    """Sections 2.2.1 and 4.1."""
    at, token = services()
    answer = exchanged(at, token).result
    before, after = claims_of(token), claims_of(answer.access_token)
    assert answer.issued_token_type == rfc8693.ACCESS_TOKEN
    assert answer.refresh_token is None
    assert after["act"] == {"sub": "orders"}
    assert (after["sub"], after["client_id"], after["scope"]) == ("ada", "orders", before["scope"])
    assert after["jti"] != before["jti"]


def test_who_acted_before_is_told() -> None:
    """Section 4.1: the chain of actors is nested, the present one outermost; it comes to an end."""
    at, token = services()
    for number in range(rfc8693.MAX_ACTORS):
        client_id = "orders" if number % 2 == 0 else "stock"
        token = exchanged(at, token, client_id).result.access_token
    act: Any = claims_of(token)["act"]
    assert (act["sub"], act["act"]["sub"], act["act"]["act"]["sub"]) == ("orders", "stock", "orders")
    exchanged(at, token).refused(InvalidRequest)


def test_scopes_are_narrowed_and_never_widened() -> None:
    """Section 2.1: at most what the subject token has."""
    at, token = services()
    narrow = exchanged(at, token, scope="openid").result
    assert narrow.scope == "openid"
    exchanged(at, token, scope="openid urn:hexkeep:roles").refused(InvalidScope)
    exchanged(at, narrow.access_token, scope="openid email").refused(InvalidScope)


def test_it_never_outlives_the_subject_token() -> None:
    """However often it is exchanged."""
    at, token = services()
    later = at.later(minutes=10)
    again = exchanged(later, exchanged(later, token).result.access_token).result.access_token
    assert claims_of(again)["exp"] == claims_of(token)["exp"]


def test_resources_are_those_that_the_client_may_name() -> None:
    """Section 2.2.2: invalid_target for any other."""
    at, token = services()
    params = {"grant_type": GRANT, "subject_token": token, "subject_token_type": rfc8693.JWT}
    for resource, error in (("urn:hexkeep:project:shop", None), ("https://elsewhere.example", InvalidTarget)):
        request = ExchangeToken(params=params, resources=(resource,), authorization=basic("orders"))
        outcome = at.when(request)
        if error is None:
            assert claims_of(outcome.result.access_token)["aud"] == [resource]
        else:
            outcome.refused(error)


def narrowed(resources: tuple[str, ...], *granted: str) -> tuple[World, str]:
    """A token of `web` for some resources; `granted` are those that its authorization request named."""
    both = ClientMetadata(resources=("https://a.example", "https://b.example"))
    own = application("web", client_metadata=both, grant_types=GRANTS)
    here = world(own, application("orders", grant_types=GRANTS, client_metadata=both))
    begun = here.when(start().model_copy(update={"resources": granted}))
    redeeming = redeem(told(begun.result)["code"]).model_copy(update={"resources": resources})
    outcome = begun.world.when(redeeming)
    return outcome.world, outcome.result.access_token


def test_who_names_nobody_gets_nothing_wider() -> None:
    """The audience stays what it was, as far as the client may name it (RFC 8707 section 2)."""
    at, token = services()
    assert claims_of(exchanged(at, token).result.access_token)["aud"] == claims_of(token)["aud"] == ["web", "shop"]
    at, token = narrowed(("https://a.example",))
    assert claims_of(exchanged(at, token, "web").result.access_token)["aud"] == ["https://a.example"]
    exchanged(at, token).refused(InvalidRequest)
    off = at.given(application("web", grant_types=GRANTS))
    exchanged(off, token, "web").refused(InvalidTarget)


def test_targets_are_those_that_the_grant_was_given_for() -> None:
    """RFC 8707 section 2.2: a grant for certain resources is one for no others, whoever exchanges and may name them."""
    first, second = "https://a.example", "https://b.example"
    cases: tuple[tuple[tuple[str, ...], bool], ...] = (((), True), ((first,), False), ((first, second), True))
    for granted, allowed in cases:
        at, token = narrowed((first,), *granted)
        outcome = for_audiences(at, token, second, client_id="web")
        if allowed:
            assert claims_of(outcome.result.access_token)["aud"] == [second]
        else:
            outcome.refused(InvalidTarget)
        assert for_audiences(at, token, first, client_id="web").result.access_token
        also = for_audiences(at, token, "orders", client_id="web")
        assert (also.error is None) is (granted == ())
    at, token = narrowed(("urn:hexkeep:project:shop",), "urn:hexkeep:project:shop")
    for_audiences(at, token, first).refused(InvalidTarget)
    assert claims_of(for_audiences(at, token, "shop").result.access_token)["aud"] == ["shop"]


def test_an_actor_token_names_who_acts() -> None:
    """Section 2.1: it has to be one that the client may show."""
    at, token = services()
    actor = exchanged(at, token).result.access_token
    types = {"actor_token_type": rfc8693.ACCESS_TOKEN}
    answer = exchanged(at, token, actor_token=actor, **types).result
    assert claims_of(answer.access_token)["act"] == {"sub": "ada"}
    exchanged(at, token, "stock", actor_token=token, **types).refused(InvalidRequest)
    exchanged(at, token, actor_token="nonsense", **types).refused(InvalidRequest)
    exchanged(at, token, actor_token=actor).refused(InvalidRequest)
    exchanged(at, token, **types).refused(InvalidRequest)


@pytest.mark.parametrize(
    "changes",
    [
        {"subject_token": ""},
        {"subject_token": "nonsense"},
        {"subject_token_type": ""},
        {"subject_token_type": "urn:ietf:params:oauth:token-type:saml2"},
        {"requested_token_type": "urn:ietf:params:oauth:token-type:refresh_token"},
    ],
)
def test_malformed_requests_are_refused(changes: dict[str, str]) -> None:
    """Section 2.2.2."""
    at, token = services()
    exchanged(at, token, **changes).refused(InvalidRequest)


def test_claims_that_were_asked_for_by_name_stay_with_who_asked() -> None:
    """OIDC Core section 5.5: the person agreed that `web` is told, in a request that no service has made."""
    at = world(application("orders", grant_types=GRANTS))
    at, answer = tokens(at, claims=json.dumps({"userinfo": {"email": None}}))
    assert json.loads(at.when(GetUserInfo(access_token=answer.access_token)).result.document)["email"]
    passed = exchanged(at, answer.access_token).result.access_token
    assert json.loads(at.when(GetUserInfo(access_token=passed)).result.document) == {"sub": "ada"}


def test_the_grant_is_registered() -> None:
    """An application that was not set up for it gets nothing, whatever it holds."""
    at, token = services()
    exchanged(at, token, "web").refused(UnauthorizedClient)


def test_a_token_for_others_is_not_exchanged() -> None:
    """A service of another project that came by it: it was neither issued to it nor is it for it."""
    foreign = PROJECT.append("other", ProjectAdded(organization_id="acme", name="Other", **NO_SWITCHES))
    stranger = application("stranger", project_id="other", grant_types=GRANTS)
    at, token = services()
    exchanged(at.given(foreign, stranger), token, "stranger").refused(InvalidRequest)


def test_a_clients_own_token_is_not_that_of_a_user() -> None:
    """There is nobody for whom to act."""
    at, _ = services()
    params = {"grant_type": "client_credentials"}
    own = at.when(ExchangeToken(params=params, authorization=basic("web"))).result.access_token
    exchanged(at, own).refused(InvalidRequest)


def machines(at: World, **more: tuple[str, ...]) -> Outcome:
    """The token request of the machine, for the APIs of the project."""
    resources = more.get("resources", ("urn:hexkeep:project:shop",))
    params = {"grant_type": "client_credentials", "scope": "urn:hexkeep:organization"}
    return at.when(ExchangeToken(params=params, resources=resources, authorization=basic("robot")))


def test_a_machines_token_is_passed_on() -> None:
    """It is for the projects in which the machine has roles; what rests on it ends with it, and with the machine."""
    at, _ = services()
    machines(at).refused(InvalidTarget)
    at = at.given(*authorized("clerk", user="robot"))
    machines(at, resources=("urn:hexkeep:project:nowhere",)).refused(InvalidTarget)
    own = machines(at).result.access_token
    outcome = exchanged(at, own)
    passed = outcome.result.access_token
    claims = claims_of(passed)
    assert (claims["sub"], claims["client_id"], claims["act"]) == ("robot", "orders", {"sub": "orders"})
    (token_id,) = (str(claims_of(own)["jti"]),)
    assert family_of(passed) == token_id
    further = exchanged(outcome.world, passed, "stock").result.access_token
    assert claims_of(further)["act"] == {"sub": "stock", "act": {"sub": "orders"}}
    back = RevokeToken(params={"token": own}, authorization=basic("robot"))
    for ended in (at.when(back).world, at.given(USER.append("robot", UserDeactivated()))):
        exchanged(ended, passed, "stock").refused(InvalidRequest)
        exchanged(ended, own).refused(InvalidRequest)
    exchanged(at, own, requested_token_type=rfc8693.ID_TOKEN).refused(InvalidRequest)


def test_an_exchange_is_recorded_with_its_family() -> None:
    """Who got what for whom, when."""
    at, token = services()
    outcome = exchanged(at, token, scope="openid")
    happened = appended(outcome)
    assert happened.ref == TOKEN_FAMILY.ref(family_of(token))
    claims = claims_of(outcome.result.access_token)
    assert happened.events == (
        TokenExchanged(
            client_id="orders",
            actor="orders",
            token_id=str(claims["jti"]).partition(".")[2],
            scopes=("openid",),
            audience=("web", "shop"),
            exchanged_at=at.now,
        ),
    )


def for_audiences(at: World, token: str, *audiences: str, client_id: str = "orders", **more: Any) -> Outcome:
    """An exchange for logical names."""
    params = {"grant_type": GRANT, "subject_token": token, "subject_token_type": rfc8693.ACCESS_TOKEN}
    return at.when(ExchangeToken(params=params, audiences=audiences, authorization=basic(client_id), **more))


def test_audiences_are_those_that_the_client_may_name() -> None:
    """Section 2.1: applications and projects by id, and resources; several, and together with resources."""
    at, token = services()
    assert claims_of(for_audiences(at, token, "stock").result.access_token)["aud"] == ["stock"]
    both = for_audiences(
        at, token, "shop", "orders", resources=("urn:hexkeep:project:shop",), repeated=("audience",)
    ).result
    assert claims_of(both.access_token)["aud"] == ["urn:hexkeep:project:shop", "shop", "orders"]
    for name in ("robot", "other", ISSUER, "https://elsewhere.example"):
        for_audiences(at, token, "shop", name).refused(InvalidTarget)
    off = at.given(APPLICATION.append("stock", ApplicationDeactivated()))
    for_audiences(off, token, "stock").refused(InvalidTarget)
    for_audiences(at, token, repeated=("scope",)).refused(InvalidRequest)


def test_an_id_token_may_be_asked_for() -> None:
    """It is for the client, tells how the person signed in, and names who acts; it is no access token."""
    at, token = services()
    answer = exchanged(at, token, requested_token_type=rfc8693.ID_TOKEN).result
    claims = claims_of(answer.access_token)
    assert (answer.issued_token_type, answer.token_type) == (rfc8693.ID_TOKEN, "N_A")
    assert (claims["sub"], claims["aud"], claims["amr"], claims["act"]) == ("ada", "orders", ["pwd"], {"sub": "orders"})
    at.when(GetUserInfo(access_token=answer.access_token)).refused(InvalidToken)
    exchanged(at, token, requested_token_type=rfc8693.ID_TOKEN, scope="profile").refused(InvalidRequest)
    exchanged(at, answer.access_token, subject_token_type=rfc8693.ID_TOKEN).refused(InvalidRequest)


def signed_in_at_orders(*changes: Any, **settings: Any) -> tuple[World, str]:
    """A person signed in to `orders` itself, and the ID token."""
    here = world(application("orders", grant_types=GRANTS, **settings), *changes)
    after, answer = tokens(here, "orders")
    return after, answer.id_token or ""


def test_an_id_token_is_exchanged_by_its_own_client() -> None:
    """A new family in the same session begins with it, without the scopes that are worth more."""
    at, id_token = signed_in_at_orders(api_access=True)
    outcome = exchanged(at, id_token, subject_token_type=rfc8693.ID_TOKEN)
    claims = claims_of(outcome.result.access_token)
    assert (claims["sub"], claims["act"]) == ("ada", {"sub": "orders"})
    assert outcome.result.scope == "openid"
    for scope in ("urn:hexkeep:api", "offline_access"):
        exchanged(at, id_token, subject_token_type=rfc8693.ID_TOKEN, scope=f"openid {scope}").refused(InvalidScope)
    info = GetUserInfo(access_token=outcome.result.access_token)
    assert json.loads(outcome.world.when(info).result.document)["sub"] == "ada"
    ended = outcome.world.given(SESSION.append("session-1", SessionEnded()))
    ended.when(info).refused(InvalidToken)
    exchanged(ended, id_token, subject_token_type=rfc8693.ID_TOKEN).refused(InvalidRequest)
    exchanged(at.later(days=1), id_token, subject_token_type=rfc8693.ID_TOKEN).refused(InvalidRequest)
    others = at.given(application("stock", grant_types=GRANTS))
    exchanged(others, id_token, "stock", subject_token_type=rfc8693.ID_TOKEN).refused(InvalidRequest)
    exchanged(at, outcome.result.access_token, subject_token_type=rfc8693.ID_TOKEN).refused(InvalidRequest)


def test_an_id_token_gives_no_more_than_was_consented_to() -> None:
    """Where the application has to ask."""
    agreed = ConsentGranted(
        user_id="ada", client_id="orders", scopes=("openid",), granted_at=NOW, auth_request_id="before"
    )
    consent = CONSENT.append(consent_id("ada", "orders"), agreed)
    at, id_token = signed_in_at_orders(consent, consent_required=True)
    answer = exchanged(at, id_token, subject_token_type=rfc8693.ID_TOKEN).result
    assert answer.scope == "openid"
    exchanged(at, id_token, subject_token_type=rfc8693.ID_TOKEN, scope="openid email").refused(InvalidScope)
    taken = at.given(revocation("ada", "orders", at.now))
    exchanged(taken, id_token, subject_token_type=rfc8693.ID_TOKEN).refused(InvalidRequest)


def test_pairwise_subjects_are_each_clients_own() -> None:
    """OIDC Core section 8: neither service learns what the other calls the person, and both tokens hold."""
    pairwise = ClientMetadata(subject_type=SubjectType.PAIRWISE)
    elsewhere = ("https://stock.example.net/cb",)
    here = world(
        application("orders", grant_types=GRANTS, client_metadata=pairwise),
        application("stock", grant_types=GRANTS, client_metadata=pairwise, redirect_uris=elsewhere),
    )
    at, answer = tokens(here, "orders")
    passed = exchanged(at, answer.access_token, "stock").result.access_token
    subjects = {"ada", claims_of(answer.access_token)["sub"], claims_of(passed)["sub"]}
    assert len(subjects) == 3
    assert json.loads(at.when(GetUserInfo(access_token=passed)).result.document)["sub"] in subjects
    by_id_token = exchanged(at, answer.id_token or "", subject_token_type=rfc8693.ID_TOKEN).result
    assert claims_of(by_id_token.access_token)["sub"] == claims_of(answer.access_token)["sub"]


def family_of(token: str) -> str:
    """The family that a token rests on."""
    return str(claims_of(token)["jti"]).partition(".")[0]


def test_an_exchanged_token_ends_with_what_the_first_one_rests_on() -> None:
    """Family, session, application signed in to, and the service itself: of each the end is its end, at once."""
    at, token = services()
    passed = exchanged(at, token).result.access_token
    assert json.loads(at.when(GetUserInfo(access_token=passed)).result.document)["sub"] == "ada"
    ends = (
        TOKEN_FAMILY.append(family_of(token), TokenFamilyRevoked(reason="test")),
        SESSION.append("session-1", SessionEnded()),
        APPLICATION.append("web", ApplicationDeactivated()),
        APPLICATION.append("orders", ApplicationDeactivated()),
    )
    for end in ends:
        ended = at.given(end)
        ended.when(GetUserInfo(access_token=passed)).refused(InvalidToken)
        exchanged(ended, passed, "stock").refused(InvalidRequest)


def test_a_token_of_another_client_holds_only_where_it_was_exchanged() -> None:
    """Without `act`, which we alone write, a family is its own client's."""
    at, token = services()
    forged = {name: value for name, value in claims_of(token).items() if name != "act"} | {"client_id": "orders"}
    at.when(GetUserInfo(access_token=jwt(signing_key("ES256", 1).private, "at+jwt", forged))).refused(InvalidToken)


@pytest.mark.parametrize("may_act", [{"sub": "stock"}, {}, "orders", None])
def test_may_act_is_honoured(may_act: JsonValue) -> None:
    """Section 4.4: a token that names who may act for its subject is for nobody else."""
    at, token = services()
    named = jwt(signing_key("ES256", 1).private, "at+jwt", claims_of(token) | {"may_act": may_act})
    exchanged(at, named).refused(InvalidRequest)
    welcome = jwt(signing_key("ES256", 1).private, "at+jwt", claims_of(token) | {"may_act": {"sub": "orders"}})
    assert exchanged(at, welcome).result.access_token
