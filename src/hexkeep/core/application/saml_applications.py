"""SAML applications: service providers, which are known by their metadata (SAML 2.0 Metadata)."""

from typing import Annotated

from pydantic import Field, StringConstraints

from hexkeep.core.application import saml_metadata
from hexkeep.core.application.commands import reached
from hexkeep.core.application.events import SamlApplicationAdded, SamlApplicationChanged
from hexkeep.core.application.saml_metadata import MAX_METADATA, Source
from hexkeep.core.application.state import APPLICATION, SamlProvider, entity_key
from hexkeep.core.kernel.access import reach
from hexkeep.core.kernel.decision import Change, Context, Decision
from hexkeep.core.kernel.errors import FailedPrecondition, InvalidInput, Violation
from hexkeep.core.kernel.fields import Id, Name
from hexkeep.core.kernel.lifecycle import Status
from hexkeep.core.kernel.operation import Empty, Message
from hexkeep.core.kernel.unique import Claim, Release
from hexkeep.core.kernel.update import UpdateRequest, expect
from hexkeep.core.kernel.urls import OptionalServerUrl
from hexkeep.core.project.state import PROJECT
from hexkeep.core.saml import keys
from hexkeep.core.saml.anchors import CERTIFICATES, Anchors, insist_on_certificates
from hexkeep.core.saml.settings import (
    DEFAULT_OPTIONS,
    SamlAttributeSource,
    SamlOptions,
    SamlProviderMetadata,
    SamlSigned,
)
from hexkeep.core.saml.xml import writable

MetadataXml = Annotated[str, StringConstraints(max_length=MAX_METADATA)]
XML = "The metadata of the service provider: an EntityDescriptor; or else `metadata_url`."
URL = "Where that metadata is fetched from, at once, every hour, and whenever `FetchSamlMetadata` is called."
ANCHORS = "Certificates, PEM or base64 of DER, one of which has to sign the metadata; if left out, nobody has to."


class CreateSamlApplication(Message):
    """A new service provider of a project."""

    project_id: Id
    name: Name = Field(examples=["Wiki"])
    metadata_xml: MetadataXml = Field(default="", description=XML)
    metadata_url: OptionalServerUrl = Field(default="", description=URL)
    options: SamlOptions = Field(default=DEFAULT_OPTIONS, description="How it is answered.")
    metadata_certificates: Anchors = Field(default=(), description=ANCHORS)


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
    metadata_certificates: Anchors | None = Field(default=None, description=ANCHORS)


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
    certificates = request.metadata_certificates
    insist_on_certificates(ctx, certificates)
    metadata = saml_metadata.taken(ctx, Source(request.metadata_xml, request.metadata_url, certificates))
    _insist_on_sense(request.options, metadata)
    client_id = ctx.new_id()
    added = SamlApplicationAdded(
        organization_id=organization,
        project_id=request.project_id,
        name=request.name,
        metadata=metadata,
        metadata_url=request.metadata_url,
        options=request.options,
        metadata_certificates=certificates,
    )
    _, made = keys.keys_with_signer(ctx)
    claim = Claim(entity_key(metadata.entity_id), APPLICATION.ref(client_id))
    created = SamlApplicationCreated(client_id=client_id, entity_id=metadata.entity_id)
    return Decision(created, APPLICATION.append(client_id, added), claim, *made)


def update_saml_application(request: UpdateSamlApplication, ctx: Context) -> Decision[Empty]:
    """Change a SAML application's name, metadata or options. Metadata with another entity id renames it.

    With other certificates to vouch for it the metadata has to come anew, from its URL by itself.
    """
    name, present = provider_of(ctx, request.client_id)
    expect(ctx, APPLICATION, request.client_id, request)
    source = _source(ctx, request, present)
    metadata, url = present.metadata, present.metadata_url
    if source.xml or source.url:
        metadata, url = saml_metadata.taken(ctx, source), source.url
    after = SamlApplicationChanged(
        name=request.name if request.name is not None else name,
        metadata=metadata,
        metadata_url=url,
        options=request.options if request.options is not None else present.options,
        metadata_certificates=source.certificates,
    )
    return changed(request.client_id, name, present, after)


def _source(ctx: Context, request: UpdateSamlApplication, present: SamlProvider) -> Source:
    """Where metadata comes from now; from nowhere where what is known of it stays. Raises ``InvalidInput``."""
    xml, url, before = request.metadata_xml or "", request.metadata_url or "", present.metadata_certificates
    if xml and url:
        raise InvalidInput("", Violation("metadata_url", "excludes metadata_xml"))
    wanted = request.metadata_certificates
    certificates = before if wanted is None else wanted
    insist_on_certificates(ctx, wanted or ())
    vouched = not certificates or (bool(before) and set(before) <= set(certificates))
    if not vouched and not xml and not url:
        url = present.metadata_url
        if not url:
            raise InvalidInput("", Violation(CERTIFICATES, "needs metadata that one of them signs, in metadata_xml"))
    return Source(xml, url, certificates)


def provider_of(ctx: Context, client_id: str) -> tuple[str, SamlProvider]:
    """The name of a SAML application that the caller may change, and what it is; raises ``FailedPrecondition``."""
    application = reached(client_id, ctx)
    if application.saml is None:
        raise FailedPrecondition("This is no SAML application", type=str(application.type))
    return application.name, application.saml


def changed(client_id: str, name: str, present: SamlProvider, after: SamlApplicationChanged) -> Decision[Empty]:
    """Write down what has changed, if anything has; raises ``InvalidInput`` where options and metadata do not fit."""
    _insist_on_sense(after.options, after.metadata)
    told = SamlProvider(after.metadata, after.metadata_url, after.options, after.metadata_certificates)
    if (after.name, told) == (name, present):
        return Decision(Empty())
    former, ref = entity_key(present.metadata.entity_id), APPLICATION.ref(client_id)
    wanted = entity_key(after.metadata.entity_id)
    same = former.normalised() == wanted.normalised()
    renamed: tuple[Change, ...] = () if same else (Release(former, ref), Claim(wanted, ref))
    return Decision(Empty(), APPLICATION.append(client_id, after), *renamed)


def _insist_on_sense(options: SamlOptions, metadata: SamlProviderMetadata) -> None:
    """Raises ``InvalidInput`` for options that this service provider cannot be answered by."""
    for option in ("encrypt_assertions", "encrypt_name_ids"):
        if getattr(options, option) and not metadata.encryption_certificates:
            why = "needs a certificate for encryption in the metadata, of an RSA key of at least 2048 bits"
            raise InvalidInput("", Violation(f"options.{option}", why))
    if options.require_signed_requests and not metadata.signing_certificates:
        raise InvalidInput("", Violation("options.require_signed_requests", "needs a signing key in the metadata"))
    if options.signed is SamlSigned.RESPONSE and metadata.want_assertions_signed:
        raise InvalidInput("", Violation("options.signed", "has to cover assertions: the metadata wants them signed"))
    for number, one in enumerate(options.attributes):
        if one.source is SamlAttributeSource.UNSPECIFIED:
            raise InvalidInput("", Violation(f"options.attributes.{number}.source", "must be chosen"))
        if not writable(one.name + one.friendly_name):
            raise InvalidInput("", Violation(f"options.attributes.{number}.name", "must be of characters of XML"))
        if (one.source is SamlAttributeSource.METADATA) != bool(one.metadata_key):
            raise InvalidInput("", Violation(f"options.attributes.{number}.metadata_key", "is for the source metadata"))
