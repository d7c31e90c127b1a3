"""The modules of each plan, under the names that the suite (5.2.4) publishes."""

from collections.abc import Iterator, Mapping

COMMON = tuple(
    f"oidcc-{name}"
    for name in (
        *("server", "response-type-missing", "idtoken-signature", "userinfo-get", "userinfo-post-header"),
        *("userinfo-post-body", "scope-profile", "scope-email", "scope-address", "scope-phone", "scope-all"),
        *("alternate-happy-flow", "display-page", "display-popup", "prompt-login", "prompt-none-not-logged-in"),
        *("prompt-none-logged-in", "max-age-1", "max-age-10000", "ensure-request-with-unknown-parameter-succeeds"),
        *("id-token-hint", "login-hint", "ui-locales", "claims-locales", "ensure-request-with-acr-values-succeeds"),
        "ensure-registered-redirect-uri",
        "request-uri-unsigned-supported-correctly-or-rejected-as-unsupported",
        "unsigned-request-object-supported-correctly-or-rejected-as-unsupported",
        *("claims-essential", "ensure-request-object-with-redirect-uri"),
    )
)
"""What Basic, Implicit and Hybrid share."""

BASIC = (
    *COMMON,
    *("oidcc-idtoken-unsigned", "oidcc-ensure-request-without-nonce-succeeds-for-code-flow", "oidcc-codereuse"),
    *("oidcc-codereuse-30seconds", "oidcc-ensure-post-request-succeeds", "oidcc-server-client-secret-post"),
    *("oidcc-refresh-token", "oidcc-ensure-request-with-valid-pkce-succeeds"),
)
IMPLICIT = (*COMMON, "oidcc-ensure-request-without-nonce-fails")
HYBRID = (
    *COMMON,
    *("oidcc-codereuse", "oidcc-codereuse-30seconds", "oidcc-server-client-secret-post", "oidcc-refresh-token"),
    *("oidcc-ensure-request-with-valid-pkce-succeeds", "oidcc-ensure-request-without-nonce-fails"),
    "oidcc-ensure-request-without-nonce-succeeds-for-code-flow",
)
DYNAMIC = (
    *("oidcc-idtoken-rs256", "oidcc-idtoken-unsigned", "oidcc-userinfo-rs256"),
    *("oidcc-ensure-redirect-uri-in-authorization-request", "oidcc-redirect-uri-query-OK"),
    *("oidcc-redirect-uri-query-mismatch", "oidcc-redirect-uri-query-added", "oidcc-redirect-uri-regfrag"),
    *("oidcc-discovery-endpoint-verification", "oidcc-server", "oidcc-registration-logo-uri"),
    *("oidcc-registration-policy-uri", "oidcc-registration-tos-uri", "oidcc-registration-jwks-uri"),
    *("oidcc-registration-sector-uri", "oidcc-registration-sector-bad", "oidcc-server-rotate-keys"),
    *("oidcc-refresh-token-rp-key-rotation", "oidcc-request-uri-unsigned", "oidcc-request-uri-signed-rs256"),
    *("oidcc-ensure-request-object-with-redirect-uri", "oidcc-refresh-token"),
    "oidcc-ensure-client-assertion-with-iss-aud-succeeds",
)
RP_INITIATED = (
    "oidcc-rp-initiated-logout-discovery-endpoint-verification",
    "oidcc-rp-initiated-logout",
    *(
        f"oidcc-rp-initiated-logout-{name}"
        for name in (
            *("bad-post-logout-redirect-uri", "modified-id-token-hint", "no-id-token-hint", "no-params"),
            *("no-post-logout-redirect-uri", "no-state", "only-state", "query-added-to-post-logout-redirect-uri"),
            "bad-id-token-hint",
        )
    ),
)

FAPI_2_SECURITY = tuple(
    f"fapi2-security-profile-final-{name}"
    for name in (
        *("discovery-end-point-verification", "happy-flow", "user-rejects-authentication"),
        "ensure-authorization-request-without-state-success",
        "ensure-authorization-request-without-nonce-success",
        "ensure-authorization-request-with-64-char-nonce-success",
        "ensure-authorization-request-with-long-nonce",
        "ensure-authorization-request-with-long-state",
        *("ensure-other-scope-order-succeeds", "test-claims-parameter-identity-claims"),
        *("access-token-type-header-case-sensitivity", "check-dpop-proof-nbf-exp"),
        "ensure-dpopproof-with-iat-10seconds-before-succeeds",
        "ensure-dpopproof-with-iat-10seconds-after-succeeds",
        "ensure-mismatched-dpop-jkt-fails",
        "ensure-token-endpoint-fails-with-mismatched-dpop-proof-jkt",
        "ensure-token-endpoint-fails-with-mismatched-dpop-jkt",
        *("ensure-dpopproof-at-par-endpoint-binding-success", "ensure-dpop-auth-code-binding-success"),
        "dpop-negative-tests",
        "ensure-different-nonce-inside-and-outside-request-object",
        "ensure-different-state-inside-and-outside-request-object",
        *("state-only-outside-request-object-not-used", "ensure-request-object-without-redirect-uri-fails"),
        *("ensure-registered-redirect-uri", "plain-fapi-tolerate-unregistered-redirect-uri"),
        "ensure-unsigned-authorization-request-without-using-par-fails",
        "ensure-redirect-uri-in-authorization-request",
        *("ensure-response-type-code-idtoken-fails", "ensure-response-type-token-fails"),
        *("ensure-client-id-in-token-endpoint", "ensure-holder-of-key-required"),
        *("ensure-authorization-code-is-bound-to-client", "attempt-reuse-authorization-code-after-one-second"),
        "ensure-token-endpoint-fails-with-expired-auth-code",
        *("ensure-signed-client-assertion-with-RS256-fails", "ensure-client-assertion-in-token-endpoint"),
        "ensure-client-assertion-with-exp-is-5-minutes-in-past-fails",
        *("ensure-client-assertion-with-wrong-aud-fails", "ensure-client-assertion-with-no-sub-fails"),
        *("refresh-token", "test-essential-acr-sca-claim"),
        "par-ensure-reused-request-uri-prior-to-auth-completion-succeeds",
        *("par-attempt-reuse-request_uri", "par-attempt-to-use-expired-request_uri"),
        "par-ensure-jwt-client-assertions-nbf-8-seconds-in-the-future-is-accepted",
        "par-ensure-jwt-client-assertions-nbf-over-60-seconds-in-the-future-fails",
        "par-attempt-to-use-request_uri-for-different-client",
        "par-authorization-request-containing-request_uri-form-param",
        *("par-attempt-invalid-http-method", "par-ensure-pkce-required", "ensure-pkce-code-verifier-required"),
        *("incorrect-pkce-code-verifier-rejected", "par-plain-pkce-rejected", "par-without-duplicate-parameters"),
        *("par-test-array-as-audience-fails", "par-test-par-endpoint-url-as-audience-fails"),
        "par-test-token-endpoint-url-as-audience-fails",
        "australia-connectid-ensure-invalid-purpose-fails",
        "australia-connectid-test-claims-parameter-idtoken-identity-claims",
        *("brazil-ensure-bad-payment-signature-fails", "ensure-server-handles-non-matching-intent-id"),
    )
)
FAPI_2_MESSAGE_SIGNING = (
    *FAPI_2_SECURITY,
    *(
        f"fapi2-security-profile-final-{name}"
        for name in (
            *("ensure-request-object-with-multiple-aud-succeeds", "ensure-request-object-without-exp-fails"),
            *("ensure-request-object-without-nbf-fails", "ensure-expired-request-object-fails"),
            *("ensure-request-object-with-bad-aud-fails", "ensure-request-object-with-exp-over-60-fails"),
            "ensure-request-object-with-nbf-over-60-fails",
            "ensure-request-object-with-nbf-8-seconds-in-the-future-is-accepted",
            *("ensure-signed-request-object-with-RS256-fails", "ensure-request-object-signature-algorithm-is-not-none"),
            "ensure-request-object-with-invalid-signature-fails",
            *("ensure-matching-key-in-authorization-request", "ensure-unsigned-request-at-par-endpoint-fails"),
            "par-authorization-request-containing-request_uri",
        )
    ),
)
"""The security profile's, and those that need a signed request object."""

PLANS: Mapping[str, tuple[str, ...]] = {
    "oidcc-basic-certification-test-plan": BASIC,
    "oidcc-implicit-certification-test-plan": IMPLICIT,
    "oidcc-hybrid-certification-test-plan": HYBRID,
    "oidcc-config-certification-test-plan": ("oidcc-discovery-endpoint-verification",),
    "oidcc-dynamic-certification-test-plan": DYNAMIC,
    "oidcc-formpost-basic-certification-test-plan": BASIC,
    "oidcc-formpost-implicit-certification-test-plan": IMPLICIT,
    "oidcc-formpost-hybrid-certification-test-plan": HYBRID,
    "oidcc-rp-initiated-logout-certification-test-plan": RP_INITIATED,
    "oidcc-backchannel-rp-initiated-logout-certification-test-plan": (
        "oidcc-backchannel-logout-discovery-endpoint-verification",
        "oidcc-backchannel-rp-initiated-logout",
    ),
    "oidcc-frontchannel-rp-initiated-logout-certification-test-plan": (
        "oidcc-frontchannel-logout-discovery-endpoint-verification",
        "oidcc-frontchannel-rp-initiated-logout",
    ),
    "oidcc-session-management-certification-test-plan": (
        "oidcc-session-management-discovery-endpoint-verification",
        "oidcc-session-management-rp-initiated-logout",
    ),
    "oidcc-3rdparty-init-login-certification-test-plan": (
        "oidcc-3rd_party-init-login",
        "oidcc-3rd_party-init-login-nohttps",
    ),
    "fapi2-security-profile-final-test-plan": FAPI_2_SECURITY,
    "fapi2-message-signing-final-test-plan": FAPI_2_MESSAGE_SIGNING,
}


def modules() -> Iterator[str]:
    """Every module once, in the order of the plans."""
    yield from dict.fromkeys(name for plan in PLANS.values() for name in plan)
