"""What happens to the settings of an instance."""

from hexkeep.core.kernel.event import Event


class DefaultOrganizationSet(Event):
    """Whoever comes without an organization belongs to this one from now on."""

    type = "setting.default_organization.set"

    organization_id: str


class DefaultLanguageSet(Event):
    """People whose language is unknown or not allowed are addressed in this one."""

    type = "setting.default_language.set"

    language: str


class RestrictionsSet(Event):
    """What the public may do is now this; no allowed language means all that are supported."""

    type = "setting.restrictions.set"

    allowed_languages: tuple[str, ...]
    public_organization_registration_disallowed: bool


class TrustedDomainAdded(Event):
    """Pages of this origin speak for the instance."""

    type = "setting.trusted_domain.added"

    origin: str


class TrustedDomainRemoved(Event):
    """Pages of this origin do not speak for the instance any more."""

    type = "setting.trusted_domain.removed"

    origin: str


class LinkOriginSet(Event):
    """Links in messages lead to pages of this origin; when it is empty, to those of the instance itself."""

    type = "setting.link_origin.set"

    origin: str
