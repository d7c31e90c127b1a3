"""The operations of a kind of identity providers: the same for every kind, each with messages of its own.

What is the same for all kinds (reading, listing, switching off and on, removing) is there already. The operations of a
plugin's kind are declared where its settings are, so that their numbers in protobuf stand in the plugin's own lock.
"""

from collections.abc import Iterator

from hexkeep.core.idp.commands import create_provider, update_provider
from hexkeep.core.idp.kinds import IdpKind
from hexkeep.core.idp.messages import (
    IdentityProviderCreated,
    IdentityProviderId,
    IdentityProviderOfKind,
    Messages,
    NewOrganizationProvider,
    NewProvider,
    ProviderUpdate,
    messages_of,
)
from hexkeep.core.idp.queries import get_provider_of_kind
from hexkeep.core.kernel.decision import Context, Decision
from hexkeep.core.kernel.operation import AnyOperation, ApiName, Empty, Http, Method, Operation
from hexkeep.core.kernel.permission import Level
from hexkeep.core.kernel.slice import Slice

OF_INSTANCE = "/admin/v1/identity-providers"
OF_ORGANIZATION = "/management/v1/identity-providers"
READ, WRITE = "idp.read", "idp.write"


def kind_operations(kind: IdpKind) -> tuple[AnyOperation, ...]:
    """What can be done to providers of one kind, of an instance and of an organization. To be made once per kind."""
    messages = messages_of(kind)
    made = (
        _create(kind, messages),
        _create_for_instance(kind, messages),
        *_on_one(kind, messages, Level.ORGANIZATION),
        *_on_one(kind, messages, Level.INSTANCE),
    )
    for operation in made:
        operation.handle.__module__ = kind.settings.__module__
    return made


def kind_slice(kind: IdpKind) -> Slice:
    """The same as a slice, as the kind of a plugin has it: over gRPC it is a service of its own."""
    return Slice(f"idp_{kind.name}", operations=kind_operations(kind))


def _create(kind: IdpKind, messages: Messages) -> AnyOperation:
    def create(request: NewOrganizationProvider, ctx: Context) -> Decision[IdentityProviderCreated]:
        return create_provider(ctx, kind, request, request.organization_id)

    create.__doc__ = f"Create an identity provider of an organization: {kind.title}."
    return Operation(
        f"Create{kind.noun}IdentityProvider",
        ApiName.MANAGEMENT,
        messages.create,
        IdentityProviderCreated,
        WRITE,
        create,
        Http(Method.POST, f"{OF_ORGANIZATION}/{kind.path}", 201),
        idempotent=True,
    )


def _create_for_instance(kind: IdpKind, messages: Messages) -> AnyOperation:
    def create(request: NewProvider, ctx: Context) -> Decision[IdentityProviderCreated]:
        return create_provider(ctx, kind, request)

    create.__doc__ = f"Create an identity provider of the instance: {kind.title}."
    return Operation(
        f"CreateInstance{kind.noun}IdentityProvider",
        ApiName.ADMIN,
        messages.create_for_instance,
        IdentityProviderCreated,
        WRITE,
        create,
        Http(Method.POST, f"{OF_INSTANCE}/{kind.path}", 201),
        idempotent=True,
    )


def _on_one(kind: IdpKind, messages: Messages, level: Level) -> Iterator[AnyOperation]:
    instance = level is Level.INSTANCE
    api, base, of = (ApiName.ADMIN, OF_INSTANCE, "Instance") if instance else (ApiName.MANAGEMENT, OF_ORGANIZATION, "")
    path, noun = f"{base}/{{identity_provider_id}}/{kind.path}", f"{of}{kind.noun}IdentityProvider"
    owner = "the instance" if instance else "an organization"

    def get(request: IdentityProviderId, ctx: Context) -> Decision[IdentityProviderOfKind]:
        return Decision(get_provider_of_kind(ctx, request, level, kind, messages))

    def update(request: ProviderUpdate, ctx: Context) -> Decision[Empty]:
        return update_provider(ctx, kind, request, level)

    get.__doc__ = f"Get an identity provider of {owner} with its settings: {kind.title}."
    update.__doc__ = (
        f"Change an identity provider of {owner}: {kind.title}.\n\n"
        "What is left out stays as it is, secrets included. Where a change would send a kept secret to another server, "
        "the secret has to be given again. While users are linked to accounts there, what says whose accounts they "
        "are, such as the issuer, is not changed; and what else says who is believed, such as keys, by those alone who "
        "hold what these users hold."
    )
    yield Operation(
        f"Get{noun}", api, IdentityProviderId, messages.view, READ, get, Http(Method.GET, path), writes=False
    )
    yield Operation(f"Update{noun}", api, messages.update, Empty, WRITE, update, Http(Method.PATCH, path))
