"""Policies, each a value with defaults and bounds, and the events that say it was set.

An event holds the whole value. A field that a policy gets later has its default in events of before; bounds that become
tighter need the next revision of the event, with an upcaster that brings old values within them.
"""

import enum
from datetime import timedelta
from typing import Self

from pydantic import Field, model_validator

from hexkeep.core.kernel.event import Event
from hexkeep.core.kernel.operation import Message
from hexkeep.core.policy.fields import (
    LONGEST,
    AnswerLife,
    CheckLifetime,
    Colour,
    Link,
    LongLife,
    Origin,
    Pace,
    ShortLife,
    SupportAddress,
)

LONGEST_LIFETIME = LONGEST
"""As long as a token or a session may hold at most, whatever a policy says."""


class Policy(Message):
    """Base of all policies: each field has a default, which is the built-in value, and none is left unspecified."""

    @model_validator(mode="after")
    def _is_specified(self) -> Self:
        for name, value in self.__dict__.items():
            if isinstance(value, enum.StrEnum) and value == "unspecified":
                raise ValueError(f"{name} must be specified")
        return self


class LoginPolicy(Policy):
    """In which ways people sign in, and for how long that counts."""

    password_allowed: bool = Field(default=True, description="People sign in with user name and password.")
    registration_allowed: bool = Field(default=False, description="People create their accounts themselves.")
    external_allowed: bool = Field(default=True, description="People sign in by an identity provider.")
    passwordless_allowed: bool = Field(default=True, description="People sign in with a passkey alone.")
    force_mfa: bool = Field(default=False, description="A second factor is asked of everybody.")
    force_mfa_local: bool = Field(
        default=False, description="A second factor is asked of who did not come by an identity provider."
    )
    domain_discovery: bool = Field(
        default=True, description="The domain in a login name tells the organization, also of unknown users."
    )
    default_redirect: Link = Field(
        default="", description="Where a sign-in leads that no application asked for; empty: the account page."
    )
    password_check_lifetime: CheckLifetime = Field(
        default=timedelta(days=10), description="After so long the password is asked for again."
    )
    external_check_lifetime: CheckLifetime = Field(
        default=timedelta(days=10), description="After so long the identity provider is asked again."
    )
    second_factor_check_lifetime: CheckLifetime = Field(
        default=timedelta(hours=18), description="After so long the second factor is asked for again."
    )
    fresh_sign_in_lifetime: CheckLifetime = Field(
        default=timedelta(minutes=15),
        description="For so long after a sign-in people may add and take away lasting ways in.",
    )


class LoginPolicySet(Event, LoginPolicy):
    """This is how people sign in from now on."""

    type = "policy.login.set"


class PasswordComplexityPolicy(Policy):
    """What a new password has to be like (NIST SP 800-63B-4 section 3.1.1.2: length and a blocklist do)."""

    min_length: int = Field(default=8, ge=8, le=128, description="In Unicode code points; the most is always 128.")
    upper: bool = Field(default=False, description="At least one capital letter.")
    lower: bool = Field(default=False, description="At least one small letter.")
    digit: bool = Field(default=False, description="At least one digit.")
    symbol: bool = Field(default=False, description="At least one character that is neither letter nor digit.")
    blocklist: bool = Field(default=True, description="None of the commonest, nor one with the user's own name in it.")


class PasswordComplexityPolicySet(Event, PasswordComplexityPolicy):
    """New passwords have to be like this from now on."""

    type = "policy.password_complexity.set"


class PasswordAgePolicy(Policy):
    """For how long a password may be used."""

    max_days: int = Field(default=0, ge=0, le=3650, description="After so many days another is asked for; 0: never.")
    warn_days: int = Field(default=0, ge=0, le=365, description="So many days before it is announced; 0: not at all.")

    @model_validator(mode="after")
    def _warns_in_time(self) -> Self:
        if self.max_days and self.warn_days >= self.max_days:
            raise ValueError("warn_days must be less than max_days")
        return self


class PasswordAgePolicySet(Event, PasswordAgePolicy):
    """Passwords may be used for so long from now on."""

    type = "policy.password_age.set"


class PasswordHistoryPolicy(Policy):
    """How many of the last passwords may not be chosen again."""

    remembered: int = Field(default=0, ge=0, le=24, description="So many, the present one included; 0: none.")


class PasswordHistoryPolicySet(Event, PasswordHistoryPolicy):
    """So many passwords of before may not be chosen again from now on."""

    type = "policy.password_history.set"


class LockoutPolicy(Policy):
    """What follows when somebody fails to sign in as a user over and over again."""

    max_password_attempts: int = Field(
        default=0, ge=0, le=100, description="So many wrong passwords in a row lock a user; 0: none do."
    )
    max_otp_attempts: int = Field(
        default=0, ge=0, le=100, description="So many wrong one-time codes in a row lock a user; 0: none do."
    )
    show_failures: bool = Field(
        default=False, description="A refusal says how many attempts are left; not while users are hidden."
    )
    tarpit_after: int = Field(
        default=0, ge=0, le=100, description="After so many wrong passwords in a row each costs a wait; 0: none does."
    )
    tarpit_seconds: int = Field(default=5, ge=1, le=60, description="The first wait; each one is that much longer.")
    owner_lock_minutes: int = Field(
        default=15, ge=1, le=1440, description="After so long an owner of the instance is locked no more."
    )


class LockoutPolicySet(Event, LockoutPolicy):
    """This follows when somebody fails to sign in, from now on."""

    type = "policy.lockout.set"


class UserNameScope(enum.StrEnum):
    """Within what a user name is unique."""

    UNSPECIFIED = "unspecified"
    INSTANCE = "instance"
    ORGANIZATION = "organization"


class DomainPolicy(Policy):
    """What user names are made of, and which domains organizations may claim."""

    user_names_unique_in: UserNameScope = Field(
        default=UserNameScope.INSTANCE,
        description="Where a user name is unique: in the whole instance, or in its organization, with which people "
        "then sign in as `name@domain`.",
    )
    user_names_are_addresses: bool = Field(
        default=False, description="A new user name has to end in a domain, like an e-mail address."
    )
    validate_organization_domains: bool = Field(
        default=True, description="A domain counts once its organization has proven that it holds it."
    )


class DomainPolicySet(Event, DomainPolicy):
    """User names and domains are like this from now on."""

    type = "policy.domain.set"


class PrivacyPolicy(Policy):
    """Where people find what they have to know; shown below every page."""

    terms_link: Link = Field(default="", description="Terms of service.", examples=["https://example.com/terms"])
    privacy_link: Link = Field(default="", description="The statement about personal data.")
    help_link: Link = Field(default="", description="Help with signing in.")
    docs_link: Link = Field(default="", description="Documentation.")
    support_email: SupportAddress = Field(default="", description="Whom to write to.")


class PrivacyPolicySet(Event, PrivacyPolicy):
    """People are shown these links from now on."""

    type = "policy.privacy.set"


class NotificationPolicy(Policy):
    """Of what people are told by mail."""

    password_changed: bool = Field(default=True, description="That their password was changed.")
    link_changed: bool = Field(
        default=True, description="That an account elsewhere signs them in from now on, or does so no more."
    )


class NotificationPolicySet(Event, NotificationPolicy):
    """People are told of this from now on."""

    type = "policy.notification.set"


class ThemeMode(enum.StrEnum):
    """Which colours pages have."""

    UNSPECIFIED = "unspecified"
    AUTO = "auto"
    """What the browser prefers."""
    LIGHT = "light"
    DARK = "dark"


class Branding(Policy):
    """The colours of pages and mails, and what they leave out. Logos, icons and fonts are assets of their own."""

    theme: ThemeMode = Field(default=ThemeMode.AUTO, description="Light or dark colours, or what the browser prefers.")
    primary_colour: Colour = Field(default="#3a53cf", description="Buttons and links.")
    background_colour: Colour = Field(default="#eef1f6", description="The page.")
    text_colour: Colour = Field(default="#171c26", description="What is written.")
    warning_colour: Colour = Field(default="#a3122a", description="What went wrong.")
    primary_colour_dark: Colour = Field(default="#9db0ff", description="Buttons and links, in the dark.")
    background_colour_dark: Colour = Field(default="#0f131b", description="The page, in the dark.")
    text_colour_dark: Colour = Field(default="#e8ecf4", description="What is written, in the dark.")
    warning_colour_dark: Colour = Field(default="#ffa9b4", description="What went wrong, in the dark.")
    hide_suffix: bool = Field(default=False, description="Login names are shown without their domain.")
    disable_watermark: bool = Field(default=False, description="Pages do not say what they are made by.")


class BrandingPreviewSet(Event, Branding):
    """This is what pages and mails are to look like; nobody sees it before it is activated."""

    type = "policy.branding.preview.set"


class BrandingActivated(Event, Branding):
    """This is what pages and mails look like from now on."""

    type = "policy.branding.activated"


class SecurityPolicy(Policy):
    """What an instance lets others do."""

    hide_unknown_users: bool = Field(
        default=True, description="A refused sign-in does not tell whether there is such a user."
    )
    framing_allowed: bool = Field(default=False, description="Pages may be shown within pages of `framing_origins`.")
    framing_origins: tuple[Origin, ...] = Field(
        default=(), max_length=20, description="Whose pages.", examples=[["https://portal.example.com"]]
    )
    impersonation_allowed: bool = Field(
        default=False, description="Tokens may be exchanged for those of another user, by who may impersonate."
    )


class SecurityPolicySet(Event, SecurityPolicy):
    """The instance lets others do this from now on."""

    type = "policy.security.set"


class LifetimePolicy(Policy):
    """How long tokens and sessions hold."""

    access_token_lifetime: ShortLife = Field(default=timedelta(minutes=15), description="An access token.")
    id_token_lifetime: ShortLife = Field(default=timedelta(hours=1), description="An ID token.")
    refresh_token_idle_lifetime: LongLife = Field(
        default=timedelta(days=30), description="A refresh token that nobody uses."
    )
    refresh_token_lifetime: LongLife = Field(
        default=timedelta(days=90), description="A refresh token, however often it is used."
    )
    session_lifetime: LongLife = Field(
        default=timedelta(hours=12), description="A session, counted from its beginning."
    )
    device_code_lifetime: AnswerLife = Field(
        default=timedelta(minutes=10), description="The code that a device shows, until somebody has entered it."
    )
    backchannel_request_lifetime: AnswerLife = Field(
        default=timedelta(minutes=5), description="What an application asks somebody elsewhere, until it is answered."
    )
    polling_interval: Pace = Field(
        default=timedelta(seconds=5), description="How long a device or an application waits before it asks again."
    )

    @model_validator(mode="after")
    def _idle_is_the_shorter(self) -> Self:
        if self.refresh_token_idle_lifetime > self.refresh_token_lifetime:
            raise ValueError("refresh_token_idle_lifetime must not be longer than refresh_token_lifetime")
        return self


class LifetimePolicySet(Event, LifetimePolicy):
    """Tokens and sessions hold for so long from now on."""

    type = "policy.lifetime.set"


class PolicyReset(Event):
    """The policy of this kind is no longer set here: what is above counts, the instance's or the built-in value."""

    type = "policy.reset"

    kind: str
