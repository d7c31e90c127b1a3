"""SAML applications: service providers, which are known by their metadata (SAML 2.0 Metadata)."""

from typing import Annotated

from pydantic import Field, StringConstraints

from hexkeep.core.application.commands import reached
from hexkeep.core.application.events import SamlApplicationAdded, SamlApplicationChanged
from hexkeep.core.application.state import APPLICATION, SamlProvider, entity_key
from hexkeep.core.kernel.access import reach
from hexkeep.core.kernel.decision import Change, Context, Decision
from hexkeep.core.kernel.errors import FailedPrecondition, InvalidInput, Violation
from hexkeep.core.kernel.fields import Id, Name
from hexkeep.core.kernel.lifecycle import Status
from hexkeep.core.kernel.operation import Empty, Message
from hexkeep.core.kernel.outside import FetchText
from hexkeep.core.kernel.unique import Claim, Release
from hexkeep.core.kernel.update import Conditional, UpdateRequest, expect
from hexkeep.core.kernel.urls import OptionalServerUrl
from hexkeep.core.oidc.x509 import ReadCertificate
from hexkeep.core.project.state import PROJECT
from hexkeep.core.saml import keys, sp_metadata
from hexkeep.core.saml.asks import ReadXml
from hexkeep.core.saml.settings import (
    DEFAULT_OPTIONS,
    SamlAttributeSource,
    SamlOptions,
    SamlProviderMetadata,
    SamlSigned,
)

MAX_METADATA = 128 * 1024
HTTP_OK = 200
MetadataXml = Annotated[str, StringConstraints(max_length=MAX_METADATA)]
XML = "The metadata of the service provider: an EntityDescriptor; or else `metadata_url`."
URL = "Where that metadata is fetched from, at once and whenever `FetchSamlMetadata` is called."


class CreateSamlApplication(Message):
    """A new service provider of a project."""

    project_id: Id
    name: Name = Field(examples=["Wiki"])
    metadata_xml: MetadataXml = Field(default="", description=XML)
    metadata_url: OptionalServerUrl = Field(default="", description=URL)
    options: SamlOptions = Field(default=DEFAULT_OPTIONS, description="How it is answered.")


class SamlApplicationCreated(Message):
    """The new application, and under which name its service provider is known."""

    client_id: str
    entity_id: str


class UpdateSamlApplication(UpdateRequest):
    """What to change; what is left out stays as it is."""

    client_id: Id
    name: Name | None = None
    metadata_xml: MetadataXml | None = Field(default=None, description=XML)
    metadata_url: OptionalServerUrl | None = Field(default=None, description=URL)
    options: SamlOptions | None = Field(default=None, description="How it is answered. Replaced as a whole.")


class FetchSamlMetadata(Conditional):
    """The application whose metadata to fetch again."""

    client_id: Id


def create_saml_application(request: CreateSamlApplication, ctx: Context) -> Decision[SamlApplicationCreated]:
    """Create a SAML application in a project, by the metadata of its service provider.

    The entity id in the metadata is unique in the instance. With the first one the instance gets its signing key.
    """
    project = ctx.load(PROJECT, request.project_id)
    organization = project.organization_id
    reach(ctx, "project.read", exists=project.exists, organization=organization, project=request.project_id)
    project.status.insist(Status.ACTIVE, "project")
    if bool(request.metadata_xml) == bool(request.metadata_url):
        raise InvalidInput("", Violation("metadata_xml", "is needed, or else metadata_url"))
    metadata = _metadata(ctx, request.metadata_xml, request.metadata_url)
    _insist_on_sense(request.options, metadata)
    client_id = ctx.new_id()
    added = SamlApplicationAdded(
        organization_id=organization,
        project_id=request.project_id,
        name=request.name,
        metadata=metadata,
        metadata_url=request.metadata_url,
        options=request.options,
    )
    _, made = keys.keys_with_signer(ctx)
    claim = Claim(entity_key(metadata.entity_id), APPLICATION.ref(client_id))
    created = SamlApplicationCreated(client_id=client_id, entity_id=metadata.entity_id)
    return Decision(created, APPLICATION.append(client_id, added), claim, *made)


def update_saml_application(request: UpdateSamlApplication, ctx: Context) -> Decision[Empty]:
    """Change a SAML application's name, metadata or options. Metadata with another entity id renames it."""
    name, present = _provider(ctx, request.client_id)
    expect(ctx, APPLICATION, request.client_id, request)
    xml, url = request.metadata_xml or "", request.metadata_url or ""
    if xml and url:
        raise InvalidInput("", Violation("metadata_url", "excludes metadata_xml"))
    metadata = _metadata(ctx, xml, url) if xml or url else present.metadata
    changed = SamlApplicationChanged(
        name=request.name if request.name is not None else name,
        metadata=metadata,
        metadata_url=url if xml or url else present.metadata_url,
        options=request.options if request.options is not None else present.options,
    )
    return _changed(request.client_id, name, present, changed)


def fetch_saml_metadata(request: FetchSamlMetadata, ctx: Context) -> Decision[Empty]:
    """Fetch the metadata of a SAML application again from where it is. It has to have the same entity id."""
    name, present = _provider(ctx, request.client_id)
    expect(ctx, APPLICATION, request.client_id, request)
    if not present.metadata_url:
        raise FailedPrecondition("The metadata of this application was handed in, so there is nothing to fetch")
    metadata = _metadata(ctx, "", present.metadata_url)
    if metadata.entity_id != present.metadata.entity_id:
        raise FailedPrecondition("What is there now is the metadata of another service provider")
    changed = SamlApplicationChanged(
        name=name, metadata=metadata, metadata_url=present.metadata_url, options=present.options
    )
    return _changed(request.client_id, name, present, changed)


def _provider(ctx: Context, client_id: str) -> tuple[str, SamlProvider]:
    application = reached(client_id, ctx)
    if application.saml is None:
        raise FailedPrecondition("This is no SAML application", type=str(application.type))
    return application.name, application.saml


def _changed(client_id: str, name: str, present: SamlProvider, after: SamlApplicationChanged) -> Decision[Empty]:
    _insist_on_sense(after.options, after.metadata)
    if after.name == name and SamlProvider(after.metadata, after.metadata_url, after.options) == present:
        return Decision(Empty())
    former, ref = entity_key(present.metadata.entity_id), APPLICATION.ref(client_id)
    wanted = entity_key(after.metadata.entity_id)
    same = former.normalised() == wanted.normalised()
    renamed: tuple[Change, ...] = () if same else (Release(former, ref), Claim(wanted, ref))
    return Decision(Empty(), APPLICATION.append(client_id, after), *renamed)


def _metadata(ctx: Context, xml: str, url: str) -> SamlProviderMetadata:
    """What the metadata says that was handed in or is at a URL; raises ``InvalidInput``."""
    field, text = ("metadata_url", _fetched(ctx, url)) if url else ("metadata_xml", xml)
    found = sp_metadata.read(ctx.ask(ReadXml(text.encode())), ctx.now, field)
    for one in dict.fromkeys((*found.signing_certificates, *found.encryption_certificates)):
        if ctx.ask(ReadCertificate(one)) is None:
            raise InvalidInput("", Violation(field, "has an X509Certificate that is none"))
    return found


def _fetched(ctx: Context, url: str) -> str:
    found = ctx.ask(FetchText(url, MAX_METADATA))
    if found.status != HTTP_OK or not found.text:
        raise InvalidInput("", Violation("metadata_url", f"cannot be fetched: {found.failure or found.status}"))
    return found.text


def _insist_on_sense(options: SamlOptions, metadata: SamlProviderMetadata) -> None:
    """Raises ``InvalidInput`` for options that this service provider cannot be answered by."""
    if options.encrypt_assertions and not metadata.encryption_certificates:
        raise InvalidInput("", Violation("options.encrypt_assertions", "needs an encryption key in the metadata"))
    if options.require_signed_requests and not metadata.signing_certificates:
        raise InvalidInput("", Violation("options.require_signed_requests", "needs a signing key in the metadata"))
    if options.signed is SamlSigned.RESPONSE and metadata.want_assertions_signed:
        raise InvalidInput("", Violation("options.signed", "has to cover assertions: the metadata wants them signed"))
    for number, one in enumerate(options.attributes):
        if one.source is SamlAttributeSource.UNSPECIFIED:
            raise InvalidInput("", Violation(f"options.attributes.{number}.source", "must be chosen"))
        if (one.source is SamlAttributeSource.METADATA) != bool(one.metadata_key):
            raise InvalidInput("", Violation(f"options.attributes.{number}.metadata_key", "is for the source metadata"))
