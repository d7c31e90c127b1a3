"""What happens to an application, a client in the words of OAuth 2."""

from typing import Annotated

from pydantic import Field

from hexkeep.core.application.client_metadata import NO_METADATA, ClientMetadata
from hexkeep.core.kernel.event import Event, Hidden, Sealed
from hexkeep.core.saml.settings import SamlOptions, SamlProviderMetadata

SecretHash = Annotated[str, Hidden()]
"""The keyed hash of a client secret."""
Secret = Annotated[str, Sealed("application"), Field(repr=False)]
"""A client secret that is read back, for one method alone: with client_secret_jwt it makes MACs."""


class OidcApplicationAdded(Event):
    """A project has a new OIDC client, active from the start. ``secret_hash`` is empty for a public client.

    ``registered`` tells that the client has registered itself (RFC 7591), ``uninvited`` that nobody had asked it to.
    """

    type = "application.oidc.added"

    organization_id: str
    project_id: str
    name: str
    application_type: str
    auth_method: str
    secret_hash: SecretHash
    redirect_uris: tuple[str, ...]
    post_logout_redirect_uris: tuple[str, ...]
    grant_types: tuple[str, ...]
    consent_required: bool
    api_access: bool
    role_assertion: bool
    additional_origins: tuple[str, ...] = ()
    client_metadata: ClientMetadata = NO_METADATA
    registered: bool = False
    secret: Secret = ""
    uninvited: bool = False


class OidcApplicationChanged(Event):
    """The client's name or settings are now these. One that authenticates no more loses its secret."""

    type = "application.oidc.changed"

    name: str
    auth_method: str
    redirect_uris: tuple[str, ...]
    post_logout_redirect_uris: tuple[str, ...]
    grant_types: tuple[str, ...]
    consent_required: bool
    api_access: bool
    role_assertion: bool
    additional_origins: tuple[str, ...] = ()
    client_metadata: ClientMetadata = NO_METADATA


class ApiApplicationAdded(Event):
    """A project has a new API, active from the start. ``secret_hash`` is empty for one that has keys."""

    type = "application.api.added"

    organization_id: str
    project_id: str
    name: str
    auth_method: str
    secret_hash: SecretHash
    client_metadata: ClientMetadata = NO_METADATA


class ApiApplicationChanged(Event):
    """Its settings are now these, as a whole. One that does not use a secret any more loses it."""

    type = "application.api.changed"

    name: str
    auth_method: str
    client_metadata: ClientMetadata = NO_METADATA


class SamlApplicationAdded(Event):
    """A project has a new service provider of SAML, active from the start.

    ``metadata_url`` is where its metadata is fetched from again and again, empty where it was handed in. One of
    ``metadata_certificates`` (base64 of DER) has to sign it, if there are any.
    """

    type = "application.saml.added"

    organization_id: str
    project_id: str
    name: str
    metadata: SamlProviderMetadata
    metadata_url: str
    options: SamlOptions
    metadata_certificates: tuple[str, ...] = ()


class SamlApplicationChanged(Event):
    """Its name, metadata or options are now these, as a whole."""

    type = "application.saml.changed"

    name: str
    metadata: SamlProviderMetadata
    metadata_url: str
    options: SamlOptions
    metadata_certificates: tuple[str, ...] = ()


class ApplicationSecretSet(Event):
    """The client authenticates with a new secret, of which this is the keyed hash. An older one holds no more."""

    type = "application.secret.set"

    hash: SecretHash
    secret: Secret = ""


class ApplicationSecretDiscarded(Event):
    """The client has no secret until it gets a new one: the present one cannot be used in the way it now would be."""

    type = "application.secret.discarded"


class ApplicationRegistrationTokenSet(Event):
    """The client looks after its own registration with the token of which this is the keyed hash (RFC 7592)."""

    type = "application.registration_token.set"

    hash: SecretHash


class ApplicationDeactivated(Event):
    """Nobody may sign in through it, and it gets no tokens."""

    type = "application.deactivated"


class ApplicationReactivated(Event):
    """It is as it was before it was deactivated."""

    type = "application.reactivated"


class ApplicationRemoved(Event):
    """It is gone for good; its client id is never used again."""

    type = "application.removed"
