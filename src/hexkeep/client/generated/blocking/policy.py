"""The operations of `policy`. Made by `python -m hexkeep.client.generate`; do not edit."""

from datetime import timedelta

from hexkeep.client.blocking import Calls
from hexkeep.client.generated.messages.policy import (
    BrandingPreviewView,
    BrandingView,
    DomainPolicyView,
    LifetimePolicyView,
    LockoutPolicyView,
    LoginPolicyView,
    NotificationPolicyView,
    PasswordAgePolicyView,
    PasswordComplexityPolicyView,
    PasswordHistoryPolicyView,
    PrivacyPolicyView,
    SecurityPolicyView,
)
from hexkeep.core.kernel.operation import Empty
from hexkeep.core.policy import SLICE
from hexkeep.core.policy.events import ThemeMode, UserNameScope

_OPERATIONS = {one.name: one for one in SLICE.operations}


class PolicyCalls:
    """The operations of `policy`."""

    def __init__(self, calls: Calls) -> None:
        self._calls = calls

    def get_default_login_policy(self) -> LoginPolicyView:
        """Get the instance's login policy: what counts where an organization has none of its own.

        Needs `policy.read`. The fields are those of `Empty`.
        """
        fields: dict[str, object] = {}
        return self._calls.answer(_OPERATIONS["GetDefaultLoginPolicy"], LoginPolicyView, fields)

    def set_default_login_policy(
        self,
        *,
        expected_version: int | None = None,
        update_mask: str = "",
        password_allowed: bool | None = None,
        registration_allowed: bool | None = None,
        external_allowed: bool | None = None,
        passwordless_allowed: bool | None = None,
        force_mfa: bool | None = None,
        force_mfa_local: bool | None = None,
        domain_discovery: bool | None = None,
        default_redirect: str | None = None,
        password_check_lifetime: timedelta | None = None,
        external_check_lifetime: timedelta | None = None,
        second_factor_check_lifetime: timedelta | None = None,
        fresh_sign_in_lifetime: timedelta | None = None,
    ) -> None:
        """Set the instance's login policy. What is left out stays as it is.

        Needs `policy.write`. The fields are those of `SetDefaultLoginPolicy`.
        """
        fields: dict[str, object] = {
            "expected_version": expected_version,
            "update_mask": update_mask,
            "password_allowed": password_allowed,
            "registration_allowed": registration_allowed,
            "external_allowed": external_allowed,
            "passwordless_allowed": passwordless_allowed,
            "force_mfa": force_mfa,
            "force_mfa_local": force_mfa_local,
            "domain_discovery": domain_discovery,
            "default_redirect": default_redirect,
            "password_check_lifetime": password_check_lifetime,
            "external_check_lifetime": external_check_lifetime,
            "second_factor_check_lifetime": second_factor_check_lifetime,
            "fresh_sign_in_lifetime": fresh_sign_in_lifetime,
        }
        self._calls.answer(_OPERATIONS["SetDefaultLoginPolicy"], Empty, fields)

    def reset_default_login_policy(self, *, expected_version: int | None = None) -> None:
        """Take the instance's login policy back: the built-in value counts again.

        Needs `policy.write`. The fields are those of `ResetDefaultPolicy`.
        """
        fields: dict[str, object] = {"expected_version": expected_version}
        self._calls.answer(_OPERATIONS["ResetDefaultLoginPolicy"], Empty, fields)

    def get_login_policy(self, *, organization_id: str) -> LoginPolicyView:
        """Get the login policy that counts in an organization, and whether it is the instance's.

        Needs `policy.read`. The fields are those of `OrganizationPolicy`.
        """
        fields: dict[str, object] = {"organization_id": organization_id}
        return self._calls.answer(_OPERATIONS["GetLoginPolicy"], LoginPolicyView, fields)

    def set_login_policy(
        self,
        *,
        expected_version: int | None = None,
        update_mask: str = "",
        organization_id: str,
        password_allowed: bool | None = None,
        registration_allowed: bool | None = None,
        external_allowed: bool | None = None,
        passwordless_allowed: bool | None = None,
        force_mfa: bool | None = None,
        force_mfa_local: bool | None = None,
        domain_discovery: bool | None = None,
        default_redirect: str | None = None,
        password_check_lifetime: timedelta | None = None,
        external_check_lifetime: timedelta | None = None,
        second_factor_check_lifetime: timedelta | None = None,
        fresh_sign_in_lifetime: timedelta | None = None,
    ) -> None:
        """Give an organization its own login policy. What is left out stays as it is.

        Needs `policy.write`. The fields are those of `SetLoginPolicy`.
        """
        fields: dict[str, object] = {
            "expected_version": expected_version,
            "update_mask": update_mask,
            "organization_id": organization_id,
            "password_allowed": password_allowed,
            "registration_allowed": registration_allowed,
            "external_allowed": external_allowed,
            "passwordless_allowed": passwordless_allowed,
            "force_mfa": force_mfa,
            "force_mfa_local": force_mfa_local,
            "domain_discovery": domain_discovery,
            "default_redirect": default_redirect,
            "password_check_lifetime": password_check_lifetime,
            "external_check_lifetime": external_check_lifetime,
            "second_factor_check_lifetime": second_factor_check_lifetime,
            "fresh_sign_in_lifetime": fresh_sign_in_lifetime,
        }
        self._calls.answer(_OPERATIONS["SetLoginPolicy"], Empty, fields)

    def reset_login_policy(self, *, expected_version: int | None = None, organization_id: str) -> None:
        """Take an organization's own login policy away: the instance's counts again.

        Needs `policy.write`. The fields are those of `ResetOrganizationPolicy`.
        """
        fields: dict[str, object] = {"expected_version": expected_version, "organization_id": organization_id}
        self._calls.answer(_OPERATIONS["ResetLoginPolicy"], Empty, fields)

    def get_my_login_policy(self) -> LoginPolicyView:
        """Get the login policy that counts for the caller.

        Any caller may ask for it. The fields are those of `Empty`.
        """
        fields: dict[str, object] = {}
        return self._calls.answer(_OPERATIONS["GetMyLoginPolicy"], LoginPolicyView, fields)

    def get_default_password_complexity_policy(self) -> PasswordComplexityPolicyView:
        """Get the instance's password complexity policy: what counts where an organization has none of its own.

        Needs `policy.read`. The fields are those of `Empty`.
        """
        fields: dict[str, object] = {}
        return self._calls.answer(
            _OPERATIONS["GetDefaultPasswordComplexityPolicy"], PasswordComplexityPolicyView, fields
        )

    def set_default_password_complexity_policy(
        self,
        *,
        expected_version: int | None = None,
        update_mask: str = "",
        min_length: int | None = None,
        upper: bool | None = None,
        lower: bool | None = None,
        digit: bool | None = None,
        symbol: bool | None = None,
        blocklist: bool | None = None,
    ) -> None:
        """Set the instance's password complexity policy. What is left out stays as it is.

        Needs `policy.write`. The fields are those of `SetDefaultPasswordComplexityPolicy`.
        """
        fields: dict[str, object] = {
            "expected_version": expected_version,
            "update_mask": update_mask,
            "min_length": min_length,
            "upper": upper,
            "lower": lower,
            "digit": digit,
            "symbol": symbol,
            "blocklist": blocklist,
        }
        self._calls.answer(_OPERATIONS["SetDefaultPasswordComplexityPolicy"], Empty, fields)

    def reset_default_password_complexity_policy(self, *, expected_version: int | None = None) -> None:
        """Take the instance's password complexity policy back: the built-in value counts again.

        Needs `policy.write`. The fields are those of `ResetDefaultPolicy`.
        """
        fields: dict[str, object] = {"expected_version": expected_version}
        self._calls.answer(_OPERATIONS["ResetDefaultPasswordComplexityPolicy"], Empty, fields)

    def get_password_complexity_policy(self, *, organization_id: str) -> PasswordComplexityPolicyView:
        """Get the password complexity policy that counts in an organization, and whether it is the instance's.

        Needs `policy.read`. The fields are those of `OrganizationPolicy`.
        """
        fields: dict[str, object] = {"organization_id": organization_id}
        return self._calls.answer(_OPERATIONS["GetPasswordComplexityPolicy"], PasswordComplexityPolicyView, fields)

    def set_password_complexity_policy(
        self,
        *,
        expected_version: int | None = None,
        update_mask: str = "",
        organization_id: str,
        min_length: int | None = None,
        upper: bool | None = None,
        lower: bool | None = None,
        digit: bool | None = None,
        symbol: bool | None = None,
        blocklist: bool | None = None,
    ) -> None:
        """Give an organization its own password complexity policy. What is left out stays as it is.

        Needs `policy.write`. The fields are those of `SetPasswordComplexityPolicy`.
        """
        fields: dict[str, object] = {
            "expected_version": expected_version,
            "update_mask": update_mask,
            "organization_id": organization_id,
            "min_length": min_length,
            "upper": upper,
            "lower": lower,
            "digit": digit,
            "symbol": symbol,
            "blocklist": blocklist,
        }
        self._calls.answer(_OPERATIONS["SetPasswordComplexityPolicy"], Empty, fields)

    def reset_password_complexity_policy(self, *, expected_version: int | None = None, organization_id: str) -> None:
        """Take an organization's own password complexity policy away: the instance's counts again.

        Needs `policy.write`. The fields are those of `ResetOrganizationPolicy`.
        """
        fields: dict[str, object] = {"expected_version": expected_version, "organization_id": organization_id}
        self._calls.answer(_OPERATIONS["ResetPasswordComplexityPolicy"], Empty, fields)

    def get_my_password_complexity_policy(self) -> PasswordComplexityPolicyView:
        """Get the password complexity policy that counts for the caller.

        Any caller may ask for it. The fields are those of `Empty`.
        """
        fields: dict[str, object] = {}
        return self._calls.answer(_OPERATIONS["GetMyPasswordComplexityPolicy"], PasswordComplexityPolicyView, fields)

    def get_default_password_age_policy(self) -> PasswordAgePolicyView:
        """Get the instance's password age policy: what counts where an organization has none of its own.

        Needs `policy.read`. The fields are those of `Empty`.
        """
        fields: dict[str, object] = {}
        return self._calls.answer(_OPERATIONS["GetDefaultPasswordAgePolicy"], PasswordAgePolicyView, fields)

    def set_default_password_age_policy(
        self,
        *,
        expected_version: int | None = None,
        update_mask: str = "",
        max_days: int | None = None,
        warn_days: int | None = None,
    ) -> None:
        """Set the instance's password age policy. What is left out stays as it is.

        Needs `policy.write`. The fields are those of `SetDefaultPasswordAgePolicy`.
        """
        fields: dict[str, object] = {
            "expected_version": expected_version,
            "update_mask": update_mask,
            "max_days": max_days,
            "warn_days": warn_days,
        }
        self._calls.answer(_OPERATIONS["SetDefaultPasswordAgePolicy"], Empty, fields)

    def reset_default_password_age_policy(self, *, expected_version: int | None = None) -> None:
        """Take the instance's password age policy back: the built-in value counts again.

        Needs `policy.write`. The fields are those of `ResetDefaultPolicy`.
        """
        fields: dict[str, object] = {"expected_version": expected_version}
        self._calls.answer(_OPERATIONS["ResetDefaultPasswordAgePolicy"], Empty, fields)

    def get_password_age_policy(self, *, organization_id: str) -> PasswordAgePolicyView:
        """Get the password age policy that counts in an organization, and whether it is the instance's.

        Needs `policy.read`. The fields are those of `OrganizationPolicy`.
        """
        fields: dict[str, object] = {"organization_id": organization_id}
        return self._calls.answer(_OPERATIONS["GetPasswordAgePolicy"], PasswordAgePolicyView, fields)

    def set_password_age_policy(
        self,
        *,
        expected_version: int | None = None,
        update_mask: str = "",
        organization_id: str,
        max_days: int | None = None,
        warn_days: int | None = None,
    ) -> None:
        """Give an organization its own password age policy. What is left out stays as it is.

        Needs `policy.write`. The fields are those of `SetPasswordAgePolicy`.
        """
        fields: dict[str, object] = {
            "expected_version": expected_version,
            "update_mask": update_mask,
            "organization_id": organization_id,
            "max_days": max_days,
            "warn_days": warn_days,
        }
        self._calls.answer(_OPERATIONS["SetPasswordAgePolicy"], Empty, fields)

    def reset_password_age_policy(self, *, expected_version: int | None = None, organization_id: str) -> None:
        """Take an organization's own password age policy away: the instance's counts again.

        Needs `policy.write`. The fields are those of `ResetOrganizationPolicy`.
        """
        fields: dict[str, object] = {"expected_version": expected_version, "organization_id": organization_id}
        self._calls.answer(_OPERATIONS["ResetPasswordAgePolicy"], Empty, fields)

    def get_my_password_age_policy(self) -> PasswordAgePolicyView:
        """Get the password age policy that counts for the caller.

        Any caller may ask for it. The fields are those of `Empty`.
        """
        fields: dict[str, object] = {}
        return self._calls.answer(_OPERATIONS["GetMyPasswordAgePolicy"], PasswordAgePolicyView, fields)

    def get_default_password_history_policy(self) -> PasswordHistoryPolicyView:
        """Get the instance's password history policy: what counts where an organization has none of its own.

        Needs `policy.read`. The fields are those of `Empty`.
        """
        fields: dict[str, object] = {}
        return self._calls.answer(_OPERATIONS["GetDefaultPasswordHistoryPolicy"], PasswordHistoryPolicyView, fields)

    def set_default_password_history_policy(
        self,
        *,
        expected_version: int | None = None,
        update_mask: str = "",
        remembered: int | None = None,
    ) -> None:
        """Set the instance's password history policy. What is left out stays as it is.

        Needs `policy.write`. The fields are those of `SetDefaultPasswordHistoryPolicy`.
        """
        fields: dict[str, object] = {
            "expected_version": expected_version,
            "update_mask": update_mask,
            "remembered": remembered,
        }
        self._calls.answer(_OPERATIONS["SetDefaultPasswordHistoryPolicy"], Empty, fields)

    def reset_default_password_history_policy(self, *, expected_version: int | None = None) -> None:
        """Take the instance's password history policy back: the built-in value counts again.

        Needs `policy.write`. The fields are those of `ResetDefaultPolicy`.
        """
        fields: dict[str, object] = {"expected_version": expected_version}
        self._calls.answer(_OPERATIONS["ResetDefaultPasswordHistoryPolicy"], Empty, fields)

    def get_password_history_policy(self, *, organization_id: str) -> PasswordHistoryPolicyView:
        """Get the password history policy that counts in an organization, and whether it is the instance's.

        Needs `policy.read`. The fields are those of `OrganizationPolicy`.
        """
        fields: dict[str, object] = {"organization_id": organization_id}
        return self._calls.answer(_OPERATIONS["GetPasswordHistoryPolicy"], PasswordHistoryPolicyView, fields)

    def set_password_history_policy(
        self,
        *,
        expected_version: int | None = None,
        update_mask: str = "",
        organization_id: str,
        remembered: int | None = None,
    ) -> None:
        """Give an organization its own password history policy. What is left out stays as it is.

        Needs `policy.write`. The fields are those of `SetPasswordHistoryPolicy`.
        """
        fields: dict[str, object] = {
            "expected_version": expected_version,
            "update_mask": update_mask,
            "organization_id": organization_id,
            "remembered": remembered,
        }
        self._calls.answer(_OPERATIONS["SetPasswordHistoryPolicy"], Empty, fields)

    def reset_password_history_policy(self, *, expected_version: int | None = None, organization_id: str) -> None:
        """Take an organization's own password history policy away: the instance's counts again.

        Needs `policy.write`. The fields are those of `ResetOrganizationPolicy`.
        """
        fields: dict[str, object] = {"expected_version": expected_version, "organization_id": organization_id}
        self._calls.answer(_OPERATIONS["ResetPasswordHistoryPolicy"], Empty, fields)

    def get_default_lockout_policy(self) -> LockoutPolicyView:
        """Get the instance's lockout policy: what counts where an organization has none of its own.

        Needs `policy.read`. The fields are those of `Empty`.
        """
        fields: dict[str, object] = {}
        return self._calls.answer(_OPERATIONS["GetDefaultLockoutPolicy"], LockoutPolicyView, fields)

    def set_default_lockout_policy(
        self,
        *,
        expected_version: int | None = None,
        update_mask: str = "",
        max_password_attempts: int | None = None,
        max_otp_attempts: int | None = None,
        show_failures: bool | None = None,
        tarpit_after: int | None = None,
        tarpit_seconds: int | None = None,
        owner_lock_minutes: int | None = None,
    ) -> None:
        """Set the instance's lockout policy. What is left out stays as it is.

        Needs `policy.write`. The fields are those of `SetDefaultLockoutPolicy`.
        """
        fields: dict[str, object] = {
            "expected_version": expected_version,
            "update_mask": update_mask,
            "max_password_attempts": max_password_attempts,
            "max_otp_attempts": max_otp_attempts,
            "show_failures": show_failures,
            "tarpit_after": tarpit_after,
            "tarpit_seconds": tarpit_seconds,
            "owner_lock_minutes": owner_lock_minutes,
        }
        self._calls.answer(_OPERATIONS["SetDefaultLockoutPolicy"], Empty, fields)

    def reset_default_lockout_policy(self, *, expected_version: int | None = None) -> None:
        """Take the instance's lockout policy back: the built-in value counts again.

        Needs `policy.write`. The fields are those of `ResetDefaultPolicy`.
        """
        fields: dict[str, object] = {"expected_version": expected_version}
        self._calls.answer(_OPERATIONS["ResetDefaultLockoutPolicy"], Empty, fields)

    def get_lockout_policy(self, *, organization_id: str) -> LockoutPolicyView:
        """Get the lockout policy that counts in an organization, and whether it is the instance's.

        Needs `policy.read`. The fields are those of `OrganizationPolicy`.
        """
        fields: dict[str, object] = {"organization_id": organization_id}
        return self._calls.answer(_OPERATIONS["GetLockoutPolicy"], LockoutPolicyView, fields)

    def set_lockout_policy(
        self,
        *,
        expected_version: int | None = None,
        update_mask: str = "",
        organization_id: str,
        max_password_attempts: int | None = None,
        max_otp_attempts: int | None = None,
        show_failures: bool | None = None,
        tarpit_after: int | None = None,
        tarpit_seconds: int | None = None,
        owner_lock_minutes: int | None = None,
    ) -> None:
        """Give an organization its own lockout policy. What is left out stays as it is.

        Needs `policy.write`. The fields are those of `SetLockoutPolicy`.
        """
        fields: dict[str, object] = {
            "expected_version": expected_version,
            "update_mask": update_mask,
            "organization_id": organization_id,
            "max_password_attempts": max_password_attempts,
            "max_otp_attempts": max_otp_attempts,
            "show_failures": show_failures,
            "tarpit_after": tarpit_after,
            "tarpit_seconds": tarpit_seconds,
            "owner_lock_minutes": owner_lock_minutes,
        }
        self._calls.answer(_OPERATIONS["SetLockoutPolicy"], Empty, fields)

    def reset_lockout_policy(self, *, expected_version: int | None = None, organization_id: str) -> None:
        """Take an organization's own lockout policy away: the instance's counts again.

        Needs `policy.write`. The fields are those of `ResetOrganizationPolicy`.
        """
        fields: dict[str, object] = {"expected_version": expected_version, "organization_id": organization_id}
        self._calls.answer(_OPERATIONS["ResetLockoutPolicy"], Empty, fields)

    def get_default_domain_policy(self) -> DomainPolicyView:
        """Get the instance's domain policy: what counts where an organization has none of its own.

        Needs `policy.read`. The fields are those of `Empty`.
        """
        fields: dict[str, object] = {}
        return self._calls.answer(_OPERATIONS["GetDefaultDomainPolicy"], DomainPolicyView, fields)

    def set_default_domain_policy(
        self,
        *,
        expected_version: int | None = None,
        update_mask: str = "",
        user_names_unique_in: UserNameScope | None = None,
        user_names_are_addresses: bool | None = None,
        validate_organization_domains: bool | None = None,
    ) -> None:
        """Set the instance's domain policy. What is left out stays as it is.

        Needs `policy.write`. The fields are those of `SetDefaultDomainPolicy`.
        """
        fields: dict[str, object] = {
            "expected_version": expected_version,
            "update_mask": update_mask,
            "user_names_unique_in": user_names_unique_in,
            "user_names_are_addresses": user_names_are_addresses,
            "validate_organization_domains": validate_organization_domains,
        }
        self._calls.answer(_OPERATIONS["SetDefaultDomainPolicy"], Empty, fields)

    def reset_default_domain_policy(self, *, expected_version: int | None = None) -> None:
        """Take the instance's domain policy back: the built-in value counts again.

        Needs `policy.write`. The fields are those of `ResetDefaultPolicy`.
        """
        fields: dict[str, object] = {"expected_version": expected_version}
        self._calls.answer(_OPERATIONS["ResetDefaultDomainPolicy"], Empty, fields)

    def get_domain_policy(self, *, organization_id: str) -> DomainPolicyView:
        """Get the domain policy that counts in an organization, and whether it is the instance's.

        Needs `policy.read`. The fields are those of `OrganizationPolicy`.
        """
        fields: dict[str, object] = {"organization_id": organization_id}
        return self._calls.answer(_OPERATIONS["GetDomainPolicy"], DomainPolicyView, fields)

    def set_domain_policy(
        self,
        *,
        expected_version: int | None = None,
        update_mask: str = "",
        organization_id: str,
        user_names_unique_in: UserNameScope | None = None,
        user_names_are_addresses: bool | None = None,
        validate_organization_domains: bool | None = None,
    ) -> None:
        """Give an organization its own domain policy. What is left out stays as it is.

        Needs `policy.write`. The fields are those of `SetDomainPolicy`.
        """
        fields: dict[str, object] = {
            "expected_version": expected_version,
            "update_mask": update_mask,
            "organization_id": organization_id,
            "user_names_unique_in": user_names_unique_in,
            "user_names_are_addresses": user_names_are_addresses,
            "validate_organization_domains": validate_organization_domains,
        }
        self._calls.answer(_OPERATIONS["SetDomainPolicy"], Empty, fields)

    def reset_domain_policy(self, *, expected_version: int | None = None, organization_id: str) -> None:
        """Take an organization's own domain policy away: the instance's counts again.

        Needs `policy.write`. The fields are those of `ResetOrganizationPolicy`.
        """
        fields: dict[str, object] = {"expected_version": expected_version, "organization_id": organization_id}
        self._calls.answer(_OPERATIONS["ResetDomainPolicy"], Empty, fields)

    def get_default_privacy_policy(self) -> PrivacyPolicyView:
        """Get the instance's privacy policy: what counts where an organization has none of its own.

        Needs `policy.read`. The fields are those of `Empty`.
        """
        fields: dict[str, object] = {}
        return self._calls.answer(_OPERATIONS["GetDefaultPrivacyPolicy"], PrivacyPolicyView, fields)

    def set_default_privacy_policy(
        self,
        *,
        expected_version: int | None = None,
        update_mask: str = "",
        terms_link: str | None = None,
        privacy_link: str | None = None,
        help_link: str | None = None,
        docs_link: str | None = None,
        support_email: str | None = None,
    ) -> None:
        """Set the instance's privacy policy. What is left out stays as it is.

        Needs `policy.write`. The fields are those of `SetDefaultPrivacyPolicy`.
        """
        fields: dict[str, object] = {
            "expected_version": expected_version,
            "update_mask": update_mask,
            "terms_link": terms_link,
            "privacy_link": privacy_link,
            "help_link": help_link,
            "docs_link": docs_link,
            "support_email": support_email,
        }
        self._calls.answer(_OPERATIONS["SetDefaultPrivacyPolicy"], Empty, fields)

    def reset_default_privacy_policy(self, *, expected_version: int | None = None) -> None:
        """Take the instance's privacy policy back: the built-in value counts again.

        Needs `policy.write`. The fields are those of `ResetDefaultPolicy`.
        """
        fields: dict[str, object] = {"expected_version": expected_version}
        self._calls.answer(_OPERATIONS["ResetDefaultPrivacyPolicy"], Empty, fields)

    def get_privacy_policy(self, *, organization_id: str) -> PrivacyPolicyView:
        """Get the privacy policy that counts in an organization, and whether it is the instance's.

        Needs `policy.read`. The fields are those of `OrganizationPolicy`.
        """
        fields: dict[str, object] = {"organization_id": organization_id}
        return self._calls.answer(_OPERATIONS["GetPrivacyPolicy"], PrivacyPolicyView, fields)

    def set_privacy_policy(
        self,
        *,
        expected_version: int | None = None,
        update_mask: str = "",
        organization_id: str,
        terms_link: str | None = None,
        privacy_link: str | None = None,
        help_link: str | None = None,
        docs_link: str | None = None,
        support_email: str | None = None,
    ) -> None:
        """Give an organization its own privacy policy. What is left out stays as it is.

        Needs `policy.write`. The fields are those of `SetPrivacyPolicy`.
        """
        fields: dict[str, object] = {
            "expected_version": expected_version,
            "update_mask": update_mask,
            "organization_id": organization_id,
            "terms_link": terms_link,
            "privacy_link": privacy_link,
            "help_link": help_link,
            "docs_link": docs_link,
            "support_email": support_email,
        }
        self._calls.answer(_OPERATIONS["SetPrivacyPolicy"], Empty, fields)

    def reset_privacy_policy(self, *, expected_version: int | None = None, organization_id: str) -> None:
        """Take an organization's own privacy policy away: the instance's counts again.

        Needs `policy.write`. The fields are those of `ResetOrganizationPolicy`.
        """
        fields: dict[str, object] = {"expected_version": expected_version, "organization_id": organization_id}
        self._calls.answer(_OPERATIONS["ResetPrivacyPolicy"], Empty, fields)

    def get_my_privacy_policy(self) -> PrivacyPolicyView:
        """Get the privacy policy that counts for the caller.

        Any caller may ask for it. The fields are those of `Empty`.
        """
        fields: dict[str, object] = {}
        return self._calls.answer(_OPERATIONS["GetMyPrivacyPolicy"], PrivacyPolicyView, fields)

    def get_default_notification_policy(self) -> NotificationPolicyView:
        """Get the instance's notification policy: what counts where an organization has none of its own.

        Needs `policy.read`. The fields are those of `Empty`.
        """
        fields: dict[str, object] = {}
        return self._calls.answer(_OPERATIONS["GetDefaultNotificationPolicy"], NotificationPolicyView, fields)

    def set_default_notification_policy(
        self,
        *,
        expected_version: int | None = None,
        update_mask: str = "",
        password_changed: bool | None = None,
        link_changed: bool | None = None,
    ) -> None:
        """Set the instance's notification policy. What is left out stays as it is.

        Needs `policy.write`. The fields are those of `SetDefaultNotificationPolicy`.
        """
        fields: dict[str, object] = {
            "expected_version": expected_version,
            "update_mask": update_mask,
            "password_changed": password_changed,
            "link_changed": link_changed,
        }
        self._calls.answer(_OPERATIONS["SetDefaultNotificationPolicy"], Empty, fields)

    def reset_default_notification_policy(self, *, expected_version: int | None = None) -> None:
        """Take the instance's notification policy back: the built-in value counts again.

        Needs `policy.write`. The fields are those of `ResetDefaultPolicy`.
        """
        fields: dict[str, object] = {"expected_version": expected_version}
        self._calls.answer(_OPERATIONS["ResetDefaultNotificationPolicy"], Empty, fields)

    def get_notification_policy(self, *, organization_id: str) -> NotificationPolicyView:
        """Get the notification policy that counts in an organization, and whether it is the instance's.

        Needs `policy.read`. The fields are those of `OrganizationPolicy`.
        """
        fields: dict[str, object] = {"organization_id": organization_id}
        return self._calls.answer(_OPERATIONS["GetNotificationPolicy"], NotificationPolicyView, fields)

    def set_notification_policy(
        self,
        *,
        expected_version: int | None = None,
        update_mask: str = "",
        organization_id: str,
        password_changed: bool | None = None,
        link_changed: bool | None = None,
    ) -> None:
        """Give an organization its own notification policy. What is left out stays as it is.

        Needs `policy.write`. The fields are those of `SetNotificationPolicy`.
        """
        fields: dict[str, object] = {
            "expected_version": expected_version,
            "update_mask": update_mask,
            "organization_id": organization_id,
            "password_changed": password_changed,
            "link_changed": link_changed,
        }
        self._calls.answer(_OPERATIONS["SetNotificationPolicy"], Empty, fields)

    def reset_notification_policy(self, *, expected_version: int | None = None, organization_id: str) -> None:
        """Take an organization's own notification policy away: the instance's counts again.

        Needs `policy.write`. The fields are those of `ResetOrganizationPolicy`.
        """
        fields: dict[str, object] = {"expected_version": expected_version, "organization_id": organization_id}
        self._calls.answer(_OPERATIONS["ResetNotificationPolicy"], Empty, fields)

    def get_default_branding(self) -> BrandingView:
        """Get the instance's branding: what counts where an organization has none of its own.

        Needs `policy.read`. The fields are those of `Empty`.
        """
        fields: dict[str, object] = {}
        return self._calls.answer(_OPERATIONS["GetDefaultBranding"], BrandingView, fields)

    def reset_default_branding(self, *, expected_version: int | None = None) -> None:
        """Take the instance's branding back: the built-in value counts again.

        Needs `policy.write`. The fields are those of `ResetDefaultPolicy`.
        """
        fields: dict[str, object] = {"expected_version": expected_version}
        self._calls.answer(_OPERATIONS["ResetDefaultBranding"], Empty, fields)

    def get_branding(self, *, organization_id: str) -> BrandingView:
        """Get the branding that counts in an organization, and whether it is the instance's.

        Needs `policy.read`. The fields are those of `OrganizationPolicy`.
        """
        fields: dict[str, object] = {"organization_id": organization_id}
        return self._calls.answer(_OPERATIONS["GetBranding"], BrandingView, fields)

    def reset_branding(self, *, expected_version: int | None = None, organization_id: str) -> None:
        """Take an organization's own branding away: the instance's counts again.

        Needs `policy.write`. The fields are those of `ResetOrganizationPolicy`.
        """
        fields: dict[str, object] = {"expected_version": expected_version, "organization_id": organization_id}
        self._calls.answer(_OPERATIONS["ResetBranding"], Empty, fields)

    def get_my_branding(self) -> BrandingView:
        """Get the branding that counts for the caller.

        Any caller may ask for it. The fields are those of `Empty`.
        """
        fields: dict[str, object] = {}
        return self._calls.answer(_OPERATIONS["GetMyBranding"], BrandingView, fields)

    def get_default_branding_preview(self) -> BrandingPreviewView:
        """Get the instance's branding preview: what counts where an organization has none of its own.

        Needs `policy.read`. The fields are those of `Empty`.
        """
        fields: dict[str, object] = {}
        return self._calls.answer(_OPERATIONS["GetDefaultBrandingPreview"], BrandingPreviewView, fields)

    def set_default_branding_preview(
        self,
        *,
        expected_version: int | None = None,
        update_mask: str = "",
        theme: ThemeMode | None = None,
        primary_colour: str | None = None,
        background_colour: str | None = None,
        text_colour: str | None = None,
        warning_colour: str | None = None,
        primary_colour_dark: str | None = None,
        background_colour_dark: str | None = None,
        text_colour_dark: str | None = None,
        warning_colour_dark: str | None = None,
        hide_suffix: bool | None = None,
        disable_watermark: bool | None = None,
    ) -> None:
        """Set the instance's branding preview. What is left out stays as it is.

        Needs `policy.write`. The fields are those of `SetDefaultBrandingPreview`.
        """
        fields: dict[str, object] = {
            "expected_version": expected_version,
            "update_mask": update_mask,
            "theme": theme,
            "primary_colour": primary_colour,
            "background_colour": background_colour,
            "text_colour": text_colour,
            "warning_colour": warning_colour,
            "primary_colour_dark": primary_colour_dark,
            "background_colour_dark": background_colour_dark,
            "text_colour_dark": text_colour_dark,
            "warning_colour_dark": warning_colour_dark,
            "hide_suffix": hide_suffix,
            "disable_watermark": disable_watermark,
        }
        self._calls.answer(_OPERATIONS["SetDefaultBrandingPreview"], Empty, fields)

    def reset_default_branding_preview(self, *, expected_version: int | None = None) -> None:
        """Take the instance's branding preview back: the built-in value counts again.

        Needs `policy.write`. The fields are those of `ResetDefaultPolicy`.
        """
        fields: dict[str, object] = {"expected_version": expected_version}
        self._calls.answer(_OPERATIONS["ResetDefaultBrandingPreview"], Empty, fields)

    def get_branding_preview(self, *, organization_id: str) -> BrandingPreviewView:
        """Get the branding preview that counts in an organization, and whether it is the instance's.

        Needs `policy.read`. The fields are those of `OrganizationPolicy`.
        """
        fields: dict[str, object] = {"organization_id": organization_id}
        return self._calls.answer(_OPERATIONS["GetBrandingPreview"], BrandingPreviewView, fields)

    def set_branding_preview(
        self,
        *,
        expected_version: int | None = None,
        update_mask: str = "",
        organization_id: str,
        theme: ThemeMode | None = None,
        primary_colour: str | None = None,
        background_colour: str | None = None,
        text_colour: str | None = None,
        warning_colour: str | None = None,
        primary_colour_dark: str | None = None,
        background_colour_dark: str | None = None,
        text_colour_dark: str | None = None,
        warning_colour_dark: str | None = None,
        hide_suffix: bool | None = None,
        disable_watermark: bool | None = None,
    ) -> None:
        """Give an organization its own branding preview. What is left out stays as it is.

        Needs `policy.write`. The fields are those of `SetBrandingPreview`.
        """
        fields: dict[str, object] = {
            "expected_version": expected_version,
            "update_mask": update_mask,
            "organization_id": organization_id,
            "theme": theme,
            "primary_colour": primary_colour,
            "background_colour": background_colour,
            "text_colour": text_colour,
            "warning_colour": warning_colour,
            "primary_colour_dark": primary_colour_dark,
            "background_colour_dark": background_colour_dark,
            "text_colour_dark": text_colour_dark,
            "warning_colour_dark": warning_colour_dark,
            "hide_suffix": hide_suffix,
            "disable_watermark": disable_watermark,
        }
        self._calls.answer(_OPERATIONS["SetBrandingPreview"], Empty, fields)

    def reset_branding_preview(self, *, expected_version: int | None = None, organization_id: str) -> None:
        """Take an organization's own branding preview away: the instance's counts again.

        Needs `policy.write`. The fields are those of `ResetOrganizationPolicy`.
        """
        fields: dict[str, object] = {"expected_version": expected_version, "organization_id": organization_id}
        self._calls.answer(_OPERATIONS["ResetBrandingPreview"], Empty, fields)

    def get_default_security_policy(self) -> SecurityPolicyView:
        """Get the instance's security policy: what counts where an organization has none of its own.

        Needs `policy.read`. The fields are those of `Empty`.
        """
        fields: dict[str, object] = {}
        return self._calls.answer(_OPERATIONS["GetDefaultSecurityPolicy"], SecurityPolicyView, fields)

    def set_default_security_policy(
        self,
        *,
        expected_version: int | None = None,
        update_mask: str = "",
        hide_unknown_users: bool | None = None,
        framing_allowed: bool | None = None,
        framing_origins: tuple[str, ...] | list[str] | None = None,
        impersonation_allowed: bool | None = None,
    ) -> None:
        """Set the instance's security policy. What is left out stays as it is.

        Needs `policy.write`. The fields are those of `SetDefaultSecurityPolicy`.
        """
        fields: dict[str, object] = {
            "expected_version": expected_version,
            "update_mask": update_mask,
            "hide_unknown_users": hide_unknown_users,
            "framing_allowed": framing_allowed,
            "framing_origins": framing_origins,
            "impersonation_allowed": impersonation_allowed,
        }
        self._calls.answer(_OPERATIONS["SetDefaultSecurityPolicy"], Empty, fields)

    def reset_default_security_policy(self, *, expected_version: int | None = None) -> None:
        """Take the instance's security policy back: the built-in value counts again.

        Needs `policy.write`. The fields are those of `ResetDefaultPolicy`.
        """
        fields: dict[str, object] = {"expected_version": expected_version}
        self._calls.answer(_OPERATIONS["ResetDefaultSecurityPolicy"], Empty, fields)

    def get_default_lifetime_policy(self) -> LifetimePolicyView:
        """Get the instance's lifetime policy: what counts where an organization has none of its own.

        Needs `policy.read`. The fields are those of `Empty`.
        """
        fields: dict[str, object] = {}
        return self._calls.answer(_OPERATIONS["GetDefaultLifetimePolicy"], LifetimePolicyView, fields)

    def set_default_lifetime_policy(
        self,
        *,
        expected_version: int | None = None,
        update_mask: str = "",
        access_token_lifetime: timedelta | None = None,
        id_token_lifetime: timedelta | None = None,
        refresh_token_idle_lifetime: timedelta | None = None,
        refresh_token_lifetime: timedelta | None = None,
        session_lifetime: timedelta | None = None,
        device_code_lifetime: timedelta | None = None,
        backchannel_request_lifetime: timedelta | None = None,
        polling_interval: timedelta | None = None,
    ) -> None:
        """Set the instance's lifetime policy. What is left out stays as it is.

        Needs `policy.write`. The fields are those of `SetDefaultLifetimePolicy`.
        """
        fields: dict[str, object] = {
            "expected_version": expected_version,
            "update_mask": update_mask,
            "access_token_lifetime": access_token_lifetime,
            "id_token_lifetime": id_token_lifetime,
            "refresh_token_idle_lifetime": refresh_token_idle_lifetime,
            "refresh_token_lifetime": refresh_token_lifetime,
            "session_lifetime": session_lifetime,
            "device_code_lifetime": device_code_lifetime,
            "backchannel_request_lifetime": backchannel_request_lifetime,
            "polling_interval": polling_interval,
        }
        self._calls.answer(_OPERATIONS["SetDefaultLifetimePolicy"], Empty, fields)

    def reset_default_lifetime_policy(self, *, expected_version: int | None = None) -> None:
        """Take the instance's lifetime policy back: the built-in value counts again.

        Needs `policy.write`. The fields are those of `ResetDefaultPolicy`.
        """
        fields: dict[str, object] = {"expected_version": expected_version}
        self._calls.answer(_OPERATIONS["ResetDefaultLifetimePolicy"], Empty, fields)

    def get_lifetime_policy(self, *, organization_id: str) -> LifetimePolicyView:
        """Get the lifetime policy that counts in an organization, and whether it is the instance's.

        Needs `policy.read`. The fields are those of `OrganizationPolicy`.
        """
        fields: dict[str, object] = {"organization_id": organization_id}
        return self._calls.answer(_OPERATIONS["GetLifetimePolicy"], LifetimePolicyView, fields)

    def set_lifetime_policy(
        self,
        *,
        expected_version: int | None = None,
        update_mask: str = "",
        organization_id: str,
        access_token_lifetime: timedelta | None = None,
        id_token_lifetime: timedelta | None = None,
        refresh_token_idle_lifetime: timedelta | None = None,
        refresh_token_lifetime: timedelta | None = None,
        session_lifetime: timedelta | None = None,
        device_code_lifetime: timedelta | None = None,
        backchannel_request_lifetime: timedelta | None = None,
        polling_interval: timedelta | None = None,
    ) -> None:
        """Give an organization its own lifetime policy. What is left out stays as it is.

        Needs `policy.write`. The fields are those of `SetLifetimePolicy`.
        """
        fields: dict[str, object] = {
            "expected_version": expected_version,
            "update_mask": update_mask,
            "organization_id": organization_id,
            "access_token_lifetime": access_token_lifetime,
            "id_token_lifetime": id_token_lifetime,
            "refresh_token_idle_lifetime": refresh_token_idle_lifetime,
            "refresh_token_lifetime": refresh_token_lifetime,
            "session_lifetime": session_lifetime,
            "device_code_lifetime": device_code_lifetime,
            "backchannel_request_lifetime": backchannel_request_lifetime,
            "polling_interval": polling_interval,
        }
        self._calls.answer(_OPERATIONS["SetLifetimePolicy"], Empty, fields)

    def reset_lifetime_policy(self, *, expected_version: int | None = None, organization_id: str) -> None:
        """Take an organization's own lifetime policy away: the instance's counts again.

        Needs `policy.write`. The fields are those of `ResetOrganizationPolicy`.
        """
        fields: dict[str, object] = {"expected_version": expected_version, "organization_id": organization_id}
        self._calls.answer(_OPERATIONS["ResetLifetimePolicy"], Empty, fields)

    def activate_default_branding(self) -> None:
        """Show everybody what the instance's branding preview is, where an organization has no branding of its own.

        Needs `policy.write`. The fields are those of `Empty`.
        """
        fields: dict[str, object] = {}
        self._calls.answer(_OPERATIONS["ActivateDefaultBranding"], Empty, fields)

    def activate_branding(self, *, organization_id: str) -> None:
        """Show everybody what an organization's branding preview is.

        Needs `policy.write`. The fields are those of `OrganizationPolicy`.
        """
        fields: dict[str, object] = {"organization_id": organization_id}
        self._calls.answer(_OPERATIONS["ActivateBranding"], Empty, fields)
