"""What the policies of an instance or of an organization are, and which of them counts.

All policies of one place are one aggregate, so that whoever needs several of them, as a sign-in does, looks twice in
all: at the organization's and at the instance's.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache
from typing import Any, Generic, TypeVar, cast

from hexkeep.core.kernel.aggregate import Aggregate
from hexkeep.core.kernel.decision import Context
from hexkeep.core.kernel.event import Event, Log
from hexkeep.core.policy.events import (
    Branding,
    BrandingActivated,
    BrandingPreviewSet,
    DomainPolicy,
    DomainPolicySet,
    LifetimePolicy,
    LifetimePolicySet,
    LockoutPolicy,
    LockoutPolicySet,
    LoginPolicy,
    LoginPolicySet,
    NotificationPolicy,
    NotificationPolicySet,
    PasswordAgePolicy,
    PasswordAgePolicySet,
    PasswordComplexityPolicy,
    PasswordComplexityPolicySet,
    PasswordHistoryPolicy,
    PasswordHistoryPolicySet,
    Policy,
    PolicyReset,
    PrivacyPolicy,
    PrivacyPolicySet,
    SecurityPolicy,
    SecurityPolicySet,
)

INSTANCE_POLICIES = "instance"
"""The id of the policies of an instance; those of an organization have the organization's id."""

P = TypeVar("P", bound=Policy)


@dataclass(frozen=True, slots=True)
class Policies:
    """Which policies are set in one place; ``None``: what is above counts."""

    login: LoginPolicy | None = None
    password_complexity: PasswordComplexityPolicy | None = None
    password_age: PasswordAgePolicy | None = None
    password_history: PasswordHistoryPolicy | None = None
    lockout: LockoutPolicy | None = None
    domain: DomainPolicy | None = None
    privacy: PrivacyPolicy | None = None
    notification: NotificationPolicy | None = None
    branding: Branding | None = None
    branding_preview: Branding | None = None
    security: SecurityPolicy | None = None
    lifetime: LifetimePolicy | None = None


@cache
def _built_in(value: type[P]) -> P:
    return value()


@dataclass(frozen=True, slots=True)
class Kind(Generic[P]):
    """A kind of policies. ``name`` is that of its field in ``Policies``, ``noun`` what its operations are named by.

    ``overridable`` tells whether organizations may have their own. One that is a ``preview_of`` another counts for
    nobody; until it is set it is what the other is.
    """

    name: str
    noun: str
    value: type[P]
    event: type[Event]
    overridable: bool = True
    preview_of: "Kind[P] | None" = None

    @property
    def built_in(self) -> P:
        """What counts where nothing is set."""
        value: P = _built_in(self.value)
        return value

    @property
    def title(self) -> str:
        """What it is called in a sentence."""
        return "".join(f" {letter.lower()}" if letter.isupper() else letter for letter in self.noun).strip()

    @property
    def path(self) -> str:
        """Its place among the paths."""
        return self.name.replace("_", "-")

    def own(self, policies: Policies) -> P | None:
        """What is set in one place."""
        found: P | None = getattr(policies, self.name)
        return found

    def said_by(self, event: Event) -> P:
        """The value that an event of this kind sets. What is in the log has happened, so it is not judged again."""
        fields = {name: getattr(event, name) for name in self.value.model_fields}
        return cast("P", self.value.model_construct(**fields))

    def event_of(self, policy: P) -> Event:
        """The event that sets ``policy``."""
        return self.event(**{name: getattr(policy, name) for name in self.value.model_fields})


LOGIN = Kind("login", "LoginPolicy", LoginPolicy, LoginPolicySet)
COMPLEXITY = Kind(
    "password_complexity", "PasswordComplexityPolicy", PasswordComplexityPolicy, PasswordComplexityPolicySet
)
AGE = Kind("password_age", "PasswordAgePolicy", PasswordAgePolicy, PasswordAgePolicySet)
HISTORY = Kind("password_history", "PasswordHistoryPolicy", PasswordHistoryPolicy, PasswordHistoryPolicySet)
LOCKOUT = Kind("lockout", "LockoutPolicy", LockoutPolicy, LockoutPolicySet)
DOMAIN = Kind("domain", "DomainPolicy", DomainPolicy, DomainPolicySet)
PRIVACY = Kind("privacy", "PrivacyPolicy", PrivacyPolicy, PrivacyPolicySet)
NOTIFICATION = Kind("notification", "NotificationPolicy", NotificationPolicy, NotificationPolicySet)
BRANDING = Kind("branding", "Branding", Branding, BrandingActivated)
BRANDING_PREVIEW = Kind("branding_preview", "BrandingPreview", Branding, BrandingPreviewSet, preview_of=BRANDING)
SECURITY = Kind("security", "SecurityPolicy", SecurityPolicy, SecurityPolicySet, overridable=False)
LIFETIME = Kind("lifetime", "LifetimePolicy", LifetimePolicy, LifetimePolicySet)

KINDS: Mapping[str, Kind[Policy]] = {
    kind.name: kind  # type: ignore[misc]  # a kind gives its policies out and takes them in; here nobody does either
    for kind in (
        LOGIN,
        COMPLEXITY,
        AGE,
        HISTORY,
        LOCKOUT,
        DOMAIN,
        PRIVACY,
        NOTIFICATION,
        BRANDING,
        BRANDING_PREVIEW,
        SECURITY,
        LIFETIME,
    )
}
"""All kinds, by name."""
_OF_EVENT = {kind.event: kind for kind in KINDS.values()}


def _evolve(state: Policies, event: Event) -> Policies:
    if isinstance(event, PolicyReset):
        return _with(state, event.kind, None) if event.kind in KINDS else state
    kind = _OF_EVENT.get(type(event))
    return state if kind is None else _with(state, kind.name, kind.said_by(event))


def _with(state: Policies, name: str, policy: Policy | None) -> Policies:
    changed: dict[str, Any] = {name: policy}
    return replace(state, **changed)


POLICIES = Aggregate(
    name="policy",
    log=Log.DURABLE,
    initial=Policies(),
    events=(*(kind.event for kind in KINDS.values()), PolicyReset),
    evolve=_evolve,
)


@dataclass(frozen=True, slots=True)
class Standing(Generic[P]):
    """The policy that counts somewhere, and whether it is set there or comes from above."""

    policy: P
    inherited: bool


def standing(ctx: Context, kind: Kind[P], organization_id: str = "") -> Standing[P]:
    """Which policy of a kind counts in an organization, or in the instance where none is named."""
    if organization_id and kind.overridable:
        own = kind.own(ctx.load(POLICIES, organization_id))
        if own is not None:
            return Standing(own, inherited=False)
    if kind.preview_of is not None and (organization_id or kind.own(ctx.load(POLICIES, INSTANCE_POLICIES)) is None):
        return replace(standing(ctx, kind.preview_of, organization_id), inherited=True)
    set_ = kind.own(ctx.load(POLICIES, INSTANCE_POLICIES))
    above = kind.built_in if set_ is None else set_
    return Standing(above, inherited=set_ is None or bool(organization_id))


def effective(ctx: Context, kind: Kind[P], organization_id: str = "") -> P:
    """The policy of a kind that counts in an organization: its own, else the instance's, else the built-in value."""
    return standing(ctx, kind, organization_id).policy
