"""Which tests cover a module, or why none does. A new module fails the tests until it stands here."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class NotCovered:
    """No test covers it; ``why`` completes the sentence "Not covered: ..."."""

    why: str


Cover = tuple[str, ...] | NotCovered
"""Tests as ``path::function``."""
Table = Mapping[str, Cover]
OURS, CORE, OIDC = "tests/certification", "tests/unit/core", "tests/unit/adapters/oidc"


def _in(path: str, *functions: str) -> tuple[str, ...]:
    return tuple(f"{path}.py::test_{name}" for name in functions)


def _named(prefix: str, path: str, cases: Mapping[str, str]) -> Table:
    """Modules of one prefix that are covered by one test of one file each."""
    return {f"{prefix}-{module}": _in(path, function) for module, function in cases.items()}


_FLOW = f"{OURS}/test_every_flow"
_CODES = f"{OURS}/test_codes"
_DYNAMIC = f"{OURS}/test_dynamic"
_DISCOVERY = f"{OURS}/test_discovery"

EVERY_FLOW: Table = {
    **{
        f"oidcc-{name}": _in(_FLOW, f"oidcc_{name.replace('-', '_')}")
        for name in (
            *("response-type-missing", "scope-profile", "scope-email", "alternate-happy-flow"),
            *("prompt-login", "prompt-none-not-logged-in", "prompt-none-logged-in", "max-age-1", "max-age-10000"),
            *("ensure-request-with-unknown-parameter-succeeds", "id-token-hint", "login-hint"),
            *("ensure-request-with-acr-values-succeeds", "ensure-registered-redirect-uri", "claims-essential"),
        )
    },
    **_named("oidcc", _FLOW, {f"userinfo-{one}": "oidcc_userinfo" for one in ("get", "post-header", "post-body")}),
    **_named("oidcc", _FLOW, {f"display-{one}": "oidcc_display" for one in ("page", "popup")}),
    **_named("oidcc", _FLOW, {f"{one}-locales": "oidcc_locales" for one in ("ui", "claims")}),
    "oidcc-server": _in(_FLOW, "oidcc_server")
    + _in(_DYNAMIC, "oidcc_server_and_client_assertion_with_issuer_as_audience"),
    "oidcc-idtoken-signature": _in(_FLOW, "oidcc_idtoken_signature") + _in(f"{_DISCOVERY}_algorithms", "signatures"),
    "oidcc-scope-all": _in(_FLOW, "oidcc_scope_all"),
    "oidcc-scope-phone": _in(_FLOW, "oidcc_scope_phone"),
    "oidcc-scope-address": _in(_FLOW, "oidcc_scope_address"),
    "oidcc-request-uri-unsigned-supported-correctly-or-rejected-as-unsupported": (
        *_in(_FLOW, "request_uris_of_unsigned_objects_are_refused"),
        *_in(_DYNAMIC, "oidcc_request_uri_unsigned"),
    ),
    "oidcc-unsigned-request-object-supported-correctly-or-rejected-as-unsupported": (
        *_in(_FLOW, "unsigned_request_objects", "unsigned_request_objects_are_refused"),
    ),
    "oidcc-ensure-request-object-with-redirect-uri": (
        *_in(_FLOW, "unsigned_request_objects"),
        *_in(_DYNAMIC, "oidcc_ensure_request_object_with_redirect_uri"),
        *_in(f"{CORE}/test_signed_requests", "what_is_outside_of_an_object_counts_for_nothing"),
    ),
    **_named(
        "oidcc-ensure-request-without-nonce",
        _FLOW,
        dict.fromkeys(("fails", "succeeds-for-code-flow"), "oidcc_ensure_request_without_nonce"),
    ),
}
"""What Basic, Implicit and Hybrid ask for, and the plans about form posts: each test runs in every flow."""

CODES: Table = {
    **_named("oidcc", _CODES, {f"codereuse{one}": "oidcc_codereuse" for one in ("", "-30seconds")}),
    **_named(
        "oidcc",
        _CODES,
        {
            "idtoken-unsigned": "id_tokens_are_always_signed",
            "ensure-post-request-succeeds": "oidcc_ensure_post_request_succeeds",
            "server-client-secret-post": "oidcc_server_client_secret_post",
            "ensure-request-with-valid-pkce-succeeds": "oidcc_ensure_request_with_valid_pkce_succeeds",
        },
    ),
    "oidcc-refresh-token": _in(_CODES, "oidcc_refresh_token") + _in(_DYNAMIC, "oidcc_refresh_token"),
    **_named(
        "oidcc-redirect-uri-query",
        _CODES,
        dict.fromkeys(("OK", "mismatch", "added"), "oidcc_redirect_uri_query"),
    ),
    "oidcc-ensure-redirect-uri-in-authorization-request": _in(_FLOW, "oidcc_ensure_registered_redirect_uri"),
}

DYNAMIC: Table = {
    **{
        f"oidcc-{name}": _in(_DYNAMIC, f"oidcc_{name.replace('-', '_')}")
        for name in (
            *("idtoken-rs256", "userinfo-rs256", "redirect-uri-regfrag", "registration-jwks-uri"),
            *("registration-sector-uri", "registration-sector-bad", "refresh-token-rp-key-rotation"),
            "request-uri-signed-rs256",
        )
    },
    **_named(
        "oidcc-registration",
        f"{OURS}/test_registered_pages",
        dict.fromkeys(("policy-uri", "tos-uri"), "oidcc_registration_uri"),
    ),
    "oidcc-registration-logo-uri": (
        *_in(f"{OURS}/test_registered_pages", "oidcc_registration_logo_uri"),
        *_in("tests/browser/test_client_logo", "person_sees_the_logo_from_our_own_origin"),
    ),
    "oidcc-request-uri-unsigned": _in(_DYNAMIC, "oidcc_request_uri_unsigned"),
    "oidcc-server-rotate-keys": (
        *_in("tests/e2e/test_two_nodes", "keys_change_on_both_nodes_and_what_they_signed_holds"),
        *_in(f"{CORE}/test_key_rotation", "rotation_by_command_is_at_once"),
    ),
    "oidcc-ensure-client-assertion-with-iss-aud-succeeds": (
        *_in(_DYNAMIC, "oidcc_server_and_client_assertion_with_issuer_as_audience"),
    ),
    "oidcc-discovery-endpoint-verification": _in(_DISCOVERY, "oidcc_discovery_endpoint_verification"),
    "oidcc-3rd_party-init-login": _in(_DYNAMIC, "oidcc_3rd_party_init_login"),
    "oidcc-3rd_party-init-login-nohttps": _in(_DYNAMIC, "oidcc_3rd_party_init_login_nohttps"),
}

_ENDED = f"{OIDC}/test_logout_certification"
_INITIATED = "oidcc-rp-initiated-logout"
LOGOUT: Table = {
    _INITIATED: _in(_ENDED, "rp_initiated_logout"),
    **{
        f"{_INITIATED}-{name}": _in(_ENDED, name.replace("-", "_"))
        for name in (
            *("discovery-endpoint-verification", "bad-post-logout-redirect-uri", "modified-id-token-hint"),
            *("no-id-token-hint", "no-params", "no-post-logout-redirect-uri", "no-state", "only-state"),
            *("query-added-to-post-logout-redirect-uri", "bad-id-token-hint"),
        )
    },
    **{
        f"oidcc-{name}-logout-discovery-endpoint-verification": (
            *_in(f"{OURS}/test_logout", "oidcc_logout_discovery_endpoint_verification"),
        )
        for name in ("frontchannel", "backchannel")
    },
    "oidcc-backchannel-rp-initiated-logout": (
        *_in("tests/e2e/test_single_logout", "both_applications_of_a_session_are_told_of_its_end"),
        *_in(f"{CORE}/test_single_logout", "whatever_ends_a_session_tells_who_takes_part"),
        *_in(f"{CORE}/test_single_logout", "logout_token_says_what_the_specification_wants"),
        *_in(_ENDED, "rp_initiated_logout"),
    ),
    "oidcc-frontchannel-rp-initiated-logout": (
        *_in(f"{OURS}/test_logout", "oidcc_frontchannel_rp_initiated_logout"),
        *_in("tests/browser/test_single_logout", "one_sign_out_signs_out_of_both"),
    ),
    "oidcc-session-management-discovery-endpoint-verification": _in(_DISCOVERY, "every_endpoint_is_there"),
    "oidcc-session-management-rp-initiated-logout": (
        *_in("tests/browser/test_check_session", "frame_tells_whether_somebody_is_still_signed_in"),
        *_in("tests/unit/adapters/web/test_check_session", "application_and_frame_know_the_same_state"),
    ),
}

_FAPI = "fapi2-security-profile-final"
_WAY, _PUSHED, _SIGNED = f"{OURS}/test_fapi_2", f"{CORE}/test_pushed", f"{CORE}/test_signed_requests"
_BOUND, _PROOF = f"{CORE}/test_bound_tokens", f"{CORE}/oidc/test_rfc9449"
ECOSYSTEMS = {
    "australia-connectid-ensure-invalid-purpose-fails": "ConnectID of Australia, and the parameter purpose is its own",
    "australia-connectid-test-claims-parameter-idtoken-identity-claims": "ConnectID of Australia",
    "brazil-ensure-bad-payment-signature-fails": "Open Finance Brasil, whose payment API signs its messages",
    "ensure-server-handles-non-matching-intent-id": "Open Banking in the United Kingdom, whose intents",
    "test-essential-acr-sca-claim": "Open Banking in the United Kingdom, whose class of sign-ins",
}
"""Modules that the plan leaves out for whoever is in no such ecosystem."""
_ELSEWHERE = {
    "ensure-server-handles-non-matching-intent-id": " are unknown here",
    "test-essential-acr-sca-claim": " is unknown here; that it is refused holds test_classes_displays_and_languages",
}
SECURITY: Table = {
    **_named(
        _FAPI,
        _WAY,
        {
            "discovery-end-point-verification": "discovery_end_point_verification",
            "user-rejects-authentication": "user_rejects_authentication",
            "ensure-authorization-request-without-state-success": "authorization_request_without_state",
            "ensure-authorization-request-without-nonce-success": "authorization_request_with_nonce",
            "ensure-authorization-request-with-64-char-nonce-success": "authorization_request_with_nonce",
            "ensure-authorization-request-with-long-nonce": "authorization_request_with_nonce",
            "ensure-authorization-request-with-long-state": "authorization_request_with_long_state",
            "ensure-other-scope-order-succeeds": "other_scope_order",
            "test-claims-parameter-identity-claims": "claims_parameter",
            "check-dpop-proof-nbf-exp": "proof_with_times_of_its_own",
            "ensure-client-id-in-token-endpoint": "client_id_in_token_endpoint",
            "ensure-authorization-code-is-bound-to-client": "code_is_bound_to_its_client",
            "attempt-reuse-authorization-code-after-one-second": "code_is_used_once",
            "ensure-token-endpoint-fails-with-expired-auth-code": "code_expires",
            "ensure-client-assertion-in-token-endpoint": "client_assertion_in_token_endpoint",
            "refresh-token": "refresh_token",
            "ensure-pkce-code-verifier-required": "code_verifier",
            "incorrect-pkce-code-verifier-rejected": "code_verifier",
        },
    ),
    f"{_FAPI}-happy-flow": _in(_WAY, "happy_flow") + _in("tests/e2e/test_fapi_client", "security_profile"),
    f"{_FAPI}-ensure-holder-of-key-required": (
        *_in(_BOUND, "client_that_has_to_be_bound_gets_nothing_else"),
        *_in(_WAY, "bearer_is_no_scheme_for_bound_tokens"),
    ),
    f"{_FAPI}-access-token-type-header-case-sensitivity": (
        *_in("tests/unit/adapters/test_bound_tokens", "token_is_good_with_its_key"),
    ),
    **_named(
        f"{_FAPI}-ensure-dpopproof-with-iat-10seconds",
        _PROOF,
        dict.fromkeys(("before-succeeds", "after-succeeds"), "clocks_may_differ_by_some_seconds"),
    ),
    f"{_FAPI}-dpop-negative-tests": (
        *_in(_PROOF, "proof_of_something_else_is_none", "what_is_no_proof_is_none", "proof_is_good_once"),
        *_in("tests/unit/adapters/test_bound_tokens", "stolen_token_is_worth_nothing"),
    ),
    **_named(
        _FAPI,
        _BOUND,
        {
            **dict.fromkeys(
                (
                    "ensure-token-endpoint-fails-with-mismatched-dpop-jkt",
                    "ensure-token-endpoint-fails-with-mismatched-dpop-proof-jkt",
                ),
                "stolen_code_is_worth_nothing_with_another_key",
            ),
            "ensure-dpop-auth-code-binding-success": "code_is_redeemed_with_its_key",
        },
    ),
    **_named(
        f"{_FAPI}-ensure-different",
        _WAY,
        dict.fromkeys(
            ("nonce-inside-and-outside-request-object", "state-inside-and-outside-request-object"),
            "what_is_pushed_counts_and_not_what_is_beside_it",
        ),
    ),
    f"{_FAPI}-ensure-request-object-without-redirect-uri-fails": (
        *_in(_SIGNED, "object_without_a_redirect_uri_is_refused"),
    ),
    **_named(
        _FAPI,
        _PUSHED,
        {
            "ensure-mismatched-dpop-jkt-fails": "proof_of_another_key_than_the_named_one_is_refused",
            "ensure-dpopproof-at-par-endpoint-binding-success": "proof_that_comes_with_a_request_binds_its_code",
            "state-only-outside-request-object-not-used": "what_stands_beside_the_reference_counts_for_nothing",
            "ensure-unsigned-authorization-request-without-using-par-fails": (
                "client_that_has_to_push_is_heard_no_other_way"
            ),
            "ensure-signed-client-assertion-with-RS256-fails": "client_assertion_signed_with_rs256_is_refused",
            "par-ensure-reused-request-uri-prior-to-auth-completion-succeeds": (
                "reference_is_good_until_somebody_was_answered"
            ),
            "par-attempt-reuse-request_uri": "reference_is_good_until_somebody_was_answered",
            "par-attempt-to-use-expired-request_uri": "expired_reference_is_refused",
            "par-ensure-jwt-client-assertions-nbf-8-seconds-in-the-future-is-accepted": (
                "client_assertion_8_seconds_in_the_future_is_accepted"
            ),
            "par-attempt-to-use-request_uri-for-different-client": "reference_of_another_client_is_refused",
            "par-without-duplicate-parameters": "pushed_request_is_found_by_its_reference",
            **dict.fromkeys(
                (
                    *("ensure-registered-redirect-uri", "plain-fapi-tolerate-unregistered-redirect-uri"),
                    "ensure-redirect-uri-in-authorization-request",
                    *("ensure-response-type-code-idtoken-fails", "ensure-response-type-token-fails"),
                    "par-authorization-request-containing-request_uri-form-param",
                    *("par-ensure-pkce-required", "par-plain-pkce-rejected"),
                ),
                "what_would_be_refused_later_is_refused_at_once",
            ),
            **dict.fromkeys(
                (
                    "ensure-client-assertion-with-exp-is-5-minutes-in-past-fails",
                    *("ensure-client-assertion-with-wrong-aud-fails", "ensure-client-assertion-with-no-sub-fails"),
                    "par-ensure-jwt-client-assertions-nbf-over-60-seconds-in-the-future-fails",
                    *("par-test-array-as-audience-fails", "par-test-par-endpoint-url-as-audience-fails"),
                    "par-test-token-endpoint-url-as-audience-fails",
                ),
                "client_that_does_not_prove_itself_pushes_nothing",
            ),
        },
    ),
    f"{_FAPI}-par-attempt-invalid-http-method": _in(f"{OIDC}/test_pushed", "pushing_is_a_post"),
    **{
        f"{_FAPI}-{name}": NotCovered(f"it belongs to {where}{_ELSEWHERE.get(name, '')}")
        for name, where in ECOSYSTEMS.items()
    },
}
MESSAGE_SIGNING: Table = _named(
    _FAPI,
    _SIGNED,
    {
        **dict.fromkeys(
            (
                "ensure-request-object-with-multiple-aud-succeeds",
                "ensure-request-object-with-nbf-8-seconds-in-the-future-is-accepted",
            ),
            "signed_request_is_pushed",
        ),
        **dict.fromkeys(
            (
                *("ensure-request-object-without-exp-fails", "ensure-request-object-without-nbf-fails"),
                *("ensure-expired-request-object-fails", "ensure-request-object-with-bad-aud-fails"),
                *("ensure-request-object-with-exp-over-60-fails", "ensure-request-object-with-nbf-over-60-fails"),
                "par-authorization-request-containing-request_uri",
            ),
            "signed_request_that_is_not_for_us_or_not_for_now_is_refused",
        ),
        **dict.fromkeys(
            (
                "ensure-signed-request-object-with-RS256-fails",
                "ensure-request-object-signature-algorithm-is-not-none",
                *("ensure-request-object-with-invalid-signature-fails", "ensure-matching-key-in-authorization-request"),
            ),
            "object_that_the_client_did_not_sign_is_refused",
        ),
        "ensure-unsigned-request-at-par-endpoint-fails": "unsigned_request_of_who_has_to_sign_is_refused",
    },
)

COVERED: Table = {**EVERY_FLOW, **CODES, **DYNAMIC, **LOGOUT, **SECURITY, **MESSAGE_SIGNING}
