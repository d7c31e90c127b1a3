"""Policies of an instance, of an organization, and what counts for the caller: one pattern for all kinds."""

from collections.abc import Iterator
from typing import Any

from hexkeep.core.policy import SLICE
from tests.examples.step import Step, call

SET: dict[str, dict[str, Any]] = {
    "LoginPolicy": {"registration_allowed": False},
    "PasswordComplexityPolicy": {"min_length": 12, "digit": True},
    "PasswordAgePolicy": {"max_days": 365, "warn_days": 14},
    "PasswordHistoryPolicy": {"remembered": 4},
    "LockoutPolicy": {"max_password_attempts": 20},
    "DomainPolicy": {"validate_organization_domains": True},
    "PrivacyPolicy": {"terms_link": "https://example.com/terms", "support_email": "help@example.com"},
    "NotificationPolicy": {"password_changed": True},
    "BrandingPreview": {"theme": "dark", "primary_colour": "#336699"},
    "SecurityPolicy": {"framing_allowed": True, "framing_origins": ["https://portal.example.com"]},
    "LifetimePolicy": {"access_token_lifetime": "PT15M"},
}
"""What is set of each kind."""


def _steps() -> Iterator[Step]:
    """What there is of each kind, in the order in which it has to be called."""
    offered = {one.name: one for one in SLICE.operations if one.http}
    kinds = [
        *SET,
        *sorted({name.removeprefix("GetDefault") for name in offered if name.startswith("GetDefault")} - SET.keys()),
    ]
    for kind in kinds:
        for verb in ("SetDefault", "GetDefault", "Set", "Get", "GetMy", "ActivateDefault", "Activate"):
            if f"{verb}{kind}" in offered:
                yield _step(offered[f"{verb}{kind}"], SET[kind] if verb.startswith("Set") else {})
    for kind in reversed(kinds):
        for verb in ("Reset", "ResetDefault"):
            if f"{verb}{kind}" in offered:
                yield _step(offered[f"{verb}{kind}"], {})


def _step(operation: Any, fields: dict[str, Any]) -> Step:
    place = {"organization_id": "$acme"} if "organization_id" in operation.input.model_fields else {}
    by = "ada" if operation.name.startswith("GetMy") else "admin"
    return call(operation.name, by=by, **place, **fields)


STEPS = tuple(_steps())
