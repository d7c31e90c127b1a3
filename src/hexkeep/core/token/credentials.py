"""The client credentials grant (RFC 6749 section 4.4): a machine user, or an application for itself."""

from collections.abc import Mapping

from hexkeep.core.application.state import APPLICATION, GrantType
from hexkeep.core.kernel.decision import Context, Decision
from hexkeep.core.oidc import rfc8707, rfc9068, scopes
from hexkeep.core.oidc.access_tokens import made_access_token
from hexkeep.core.oidc.clients import Machine, authenticated_client, authenticated_machine
from hexkeep.core.oidc.errors import InvalidTarget, UnauthorizedClient
from hexkeep.core.oidc.grants import standing_authorizations
from hexkeep.core.oidc.messages import ClientRequest
from hexkeep.core.oidc.parties import Client
from hexkeep.core.oidc.possession import bound_client, bound_machine
from hexkeep.core.oidc.rfc6749 import PresentedClient, scope_list
from hexkeep.core.oidc.rfc7800 import Confirmation
from hexkeep.core.oidc.subjects import Subject, asked_claims
from hexkeep.core.policy.state import LIFETIME, effective
from hexkeep.core.project.state import PROJECT
from hexkeep.core.token.messages import TokenResponse


def client_credentials(
    params: Mapping[str, str], ctx: Context, request: ClientRequest, presented: PresentedClient
) -> Decision[TokenResponse]:
    """An access token for who authenticates; there is no refresh token (section 4.4.3) and no ID token.

    Scopes that need a person or a project are ignored. Raises ``InvalidClient``, ``UnauthorizedClient``.
    """
    wanted = scope_list(params.get("scope", ""))
    registered = ctx.load(APPLICATION, presented.id).exists  # ids are of one kind alone, so it is no machine user
    machine = None if registered else authenticated_machine(ctx, presented)
    if machine is not None:
        return token_for_machine(ctx, bound_machine(ctx, request, machine), wanted, rfc8707.asked_in(params))
    client = bound_client(ctx, request, authenticated_client(ctx, presented))
    if client.public or GrantType.CLIENT_CREDENTIALS not in client.application.grant_types:
        raise UnauthorizedClient
    return token_for_client(ctx, client, wanted, rfc8707.asked_in(params))


def token_for_client(
    ctx: Context, client: Client, wanted: tuple[str, ...], asked: tuple[str, ...] = ()
) -> Decision[TokenResponse]:
    """An access token for an application itself. Scopes that need a person are ignored."""
    granted = tuple(scope for scope in wanted if scope in scopes.FOR_CLIENTS)
    resources = rfc8707.accept_resources(asked, client)
    audience = rfc8707.audience_of(client, resources, granted, ctx.request.issuer)
    subject = Subject(client.application.organization_id, client=client, grant_type=GrantType.CLIENT_CREDENTIALS.value)
    return _issued(ctx, subject, audience, granted, client.confirmation)


def token_for_machine(
    ctx: Context,
    machine: Machine,
    wanted: tuple[str, ...],
    resources: tuple[str, ...] = (),
    grant_type: GrantType = GrantType.CLIENT_CREDENTIALS,
) -> Decision[TokenResponse]:
    """An access token for a machine user that has shown who it is. Scopes that a machine cannot have are ignored.

    The resources (RFC 8707) that there are for a machine are our own API and the projects in which it has roles.
    """
    granted = tuple(scope for scope in wanted if scope in scopes.FOR_MACHINES)
    api = (ctx.request.issuer,) if scopes.API in granted else ()
    asked = tuple(dict.fromkeys(resources))
    if not all(one in api or _works_in(ctx, machine, rfc8707.project_of(one)) for one in asked):
        raise InvalidTarget
    audience = asked or rfc9068.audience_of(machine.id, "", "".join(api))
    subject = Subject(machine.user.organization_id, machine.id, grant_type=grant_type.value)
    return _issued(ctx, subject, audience, granted, machine.confirmation)


def _works_in(ctx: Context, machine: Machine, project_id: str) -> bool:
    """Whether a machine has been given something to do in a project that is in use."""
    return ctx.load(PROJECT, project_id).active and bool(standing_authorizations(ctx, machine.id, project_id))


def _issued(
    ctx: Context,
    subject: Subject,
    audience: tuple[str, ...],
    granted: tuple[str, ...],
    confirmation: Confirmation,
) -> Decision[TokenResponse]:
    """RFC 9068 section 2.2: without a person the subject is the client."""
    token = rfc9068.AccessToken(
        subject=subject.user_id or subject.client_id,
        client_id=subject.client_id,
        audience=audience,
        scopes=granted,
        token_id=ctx.new_id(),
        confirmation=confirmation,
    )
    lifetime = effective(ctx, LIFETIME, subject.organization_id).access_token_lifetime
    answer = TokenResponse(
        access_token=made_access_token(ctx, subject.client, token, asked_claims(ctx, subject, granted), lifetime),
        token_type=confirmation.token_type,
        expires_in=int(lifetime.total_seconds()),
        scope=" ".join(granted),
    )
    return Decision(answer)
