"""What can be chosen in the settings of identity providers."""

import enum


class SamlBinding(enum.StrEnum):
    """How requests travel to a SAML identity provider (SAML 2.0 Bindings, sections 3.4 to 3.6)."""

    UNSPECIFIED = "unspecified"
    """By redirect."""
    REDIRECT = "redirect"
    POST = "post"
    ARTIFACT = "artifact"


class NameIdFormat(enum.StrEnum):
    """Which form of name a SAML identity provider is asked for (SAML 2.0 Core, section 8.3)."""

    UNSPECIFIED = "unspecified"
    """Whichever it gives."""
    EMAIL_ADDRESS = "email_address"
    PERSISTENT = "persistent"
    TRANSIENT = "transient"
    """Another at each sign-in, so that an attribute has to tell users apart."""


class EntraTenant(enum.StrEnum):
    """Whose accounts may sign in by Entra ID."""

    UNSPECIFIED = "unspecified"
    """Those of the one directory that is named."""
    SINGLE = "single"
    """Likewise."""
    COMMON = "common"
    """Those of any directory, and personal ones."""
    ORGANIZATIONS = "organizations"
    """Those of any directory."""
    CONSUMERS = "consumers"
    """Personal ones."""
