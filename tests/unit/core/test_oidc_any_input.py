from hypothesis import given, settings
from hypothesis import strategies as st

from hexkeep.core.authrequest.messages import StartAuthorization
from hexkeep.core.kernel.errors import HexkeepError
from hexkeep.core.oidc.errors import (
    InvalidRedirectUri,
    InvalidRequest,
    InvalidRequestObject,
    InvalidRequestUri,
    InvalidToken,
    OAuthError,
    RequestNotSupported,
    RequestUriNotSupported,
)
from hexkeep.core.token.messages import EndOidcSession, ExchangeToken, GetUserInfo, IntrospectToken, RevokeToken
from tests.unit.core.oidc_world import REDIRECT_URI, SESSION_TOKEN, basic, redeem, signed_in, start, world

WORLD = world()
AFTER, CODE = signed_in(WORLD, scope="openid offline_access")
OTHER_NAMES = (
    *(
        "prompt",
        "max_age",
        "login_hint",
        "id_token_hint",
        "ui_locales",
        "request",
        "request_uri",
        "response_mode",
        "claims",
    ),
    *("refresh_token", "client_secret", "post_logout_redirect_uri", "token", "token_type_hint"),
)
NAMES = st.sampled_from([*start().params, *redeem("").params, *OTHER_NAMES])
OF_OBJECTS = {InvalidRequestObject, InvalidRequestUri, RequestNotSupported, RequestUriNotSupported, InvalidRequest}
"""What may be wrong with a request object, or with a reference, before it is known where to redirect to."""
TEXT = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=60)
VALUES = st.one_of(TEXT, st.sampled_from(["none", "login", "web", "spa", "refresh_token", "0", CODE]))
PARAMS = st.dictionaries(NAMES, VALUES, max_size=12)
REPEATED = st.lists(NAMES, max_size=2).map(tuple)


@settings(max_examples=150, deadline=None)
@given(PARAMS, REPEATED, st.sampled_from(["", SESSION_TOKEN, "hks_x_y"]))
def test_authorization_requests_lead_nowhere_unregistered(
    params: dict[str, str], repeated: tuple[str, ...], token: str
) -> None:
    """Any mutation of a request ends on a page of ours or at the registered redirect URI, and nowhere else."""
    request = StartAuthorization(params=start().params | params, repeated=repeated, session_token=token)
    outcome = WORLD.when(request)
    if outcome.error is not None:
        assert type(outcome.error) in {InvalidRedirectUri, *OF_OBJECTS}
    elif outcome.result.kind == "redirect":
        assert outcome.result.redirect_to[: len(REDIRECT_URI) + 1] in (REDIRECT_URI + "?", REDIRECT_URI + "#")


@settings(max_examples=150, deadline=None)
@given(PARAMS, REPEATED, st.one_of(st.none(), TEXT))
def test_token_requests_end_in_tokens_or_an_oauth_error(
    params: dict[str, str], repeated: tuple[str, ...], header: str | None
) -> None:
    """Any mutation of a good request is answered in the words of RFC 6749."""
    good = redeem(CODE)
    authorization = good.authorization if header is None else header
    request = ExchangeToken(params=good.params | params, repeated=repeated, authorization=authorization)
    error = AFTER.when(request).error
    assert error is None or isinstance(error, OAuthError)


@settings(max_examples=150, deadline=None)
@given(PARAMS, REPEATED, st.sampled_from([RevokeToken, IntrospectToken]), st.one_of(st.none(), TEXT))
def test_what_is_done_with_tokens_ends_in_an_answer_or_an_oauth_error(
    params: dict[str, str],
    repeated: tuple[str, ...],
    kind: type[RevokeToken | IntrospectToken],
    header: str | None,
) -> None:
    """Any mutation of a good request is answered in the words of RFC 6749, and what is no token is said to be none."""
    authorization = basic() if header is None else header
    outcome = AFTER.when(kind(params={"token": CODE} | params, repeated=repeated, authorization=authorization))
    assert outcome.error is None or isinstance(outcome.error, OAuthError)
    assert outcome.changes == ()
    if outcome.error is None and kind is IntrospectToken:
        assert outcome.result.document == '{"active":false}'


@settings(max_examples=100, deadline=None)
@given(PARAMS, REPEATED, st.booleans())
def test_logout_requests_lead_nowhere_unregistered(
    params: dict[str, str],
    repeated: tuple[str, ...],
    confirmed: bool,  # noqa: FBT001 - hypothesis gives it
) -> None:
    """Without a registered place the end is our own page."""
    request = EndOidcSession(params=params, repeated=repeated, session_token=SESSION_TOKEN, confirmed=confirmed)
    outcome = WORLD.when(request)
    assert isinstance(outcome.error, HexkeepError) or outcome.result.redirect_to == ""


@settings(max_examples=100, deadline=None)
@given(TEXT)
def test_any_text_is_no_access_token(token: str) -> None:
    """RFC 6750 section 3.1, whatever is presented."""
    WORLD.when(GetUserInfo(access_token=token)).refused(InvalidToken)
