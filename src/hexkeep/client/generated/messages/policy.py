"""Messages of `policy` that are made by a function. Made by `python -m hexkeep.client.generate`; do not edit."""

from hexkeep.core.policy.events import (
    Branding,
    DomainPolicy,
    LifetimePolicy,
    LockoutPolicy,
    LoginPolicy,
    NotificationPolicy,
    PasswordAgePolicy,
    PasswordComplexityPolicy,
    PasswordHistoryPolicy,
    PrivacyPolicy,
    SecurityPolicy,
)
from hexkeep.core.policy.messages import PolicyView


class LoginPolicyView(PolicyView):
    """The login policy that counts."""

    policy: LoginPolicy


class PasswordComplexityPolicyView(PolicyView):
    """The password complexity policy that counts."""

    policy: PasswordComplexityPolicy


class PasswordAgePolicyView(PolicyView):
    """The password age policy that counts."""

    policy: PasswordAgePolicy


class PasswordHistoryPolicyView(PolicyView):
    """The password history policy that counts."""

    policy: PasswordHistoryPolicy


class LockoutPolicyView(PolicyView):
    """The lockout policy that counts."""

    policy: LockoutPolicy


class DomainPolicyView(PolicyView):
    """The domain policy that counts."""

    policy: DomainPolicy


class PrivacyPolicyView(PolicyView):
    """The privacy policy that counts."""

    policy: PrivacyPolicy


class NotificationPolicyView(PolicyView):
    """The notification policy that counts."""

    policy: NotificationPolicy


class BrandingView(PolicyView):
    """The branding that counts."""

    policy: Branding


class BrandingPreviewView(PolicyView):
    """The branding preview that counts."""

    policy: Branding


class SecurityPolicyView(PolicyView):
    """The security policy that counts."""

    policy: SecurityPolicy


class LifetimePolicyView(PolicyView):
    """The lifetime policy that counts."""

    policy: LifetimePolicy
