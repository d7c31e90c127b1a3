"""The operations of policies: the same few for every kind, each with messages of its own."""

from collections.abc import Iterator

from hexkeep.core.kernel.decision import Context, Decision
from hexkeep.core.kernel.errors import Unauthenticated
from hexkeep.core.kernel.operation import AnyOperation, ApiName, Empty, Http, Method, Operation
from hexkeep.core.kernel.permission import AUTHENTICATED
from hexkeep.core.kernel.update import Conditional
from hexkeep.core.policy import commands
from hexkeep.core.policy.messages import (
    Messages,
    OrganizationPolicy,
    OrganizationPolicySetting,
    PolicySetting,
    PolicyView,
    ResetOrganizationPolicy,
    messages_of,
)
from hexkeep.core.policy.state import AGE, BRANDING, COMPLEXITY, KINDS, LOGIN, PRIVACY, Kind, P

DEFAULT = "/admin/v1/policies"
OWN = "/management/v1/organizations/{organization_id}/policies"
MINE = "/auth/v1/me/policies"
READ, WRITE = "policy.read", "policy.write"
SHOWN_TO_USERS = frozenset({LOGIN.name, COMPLEXITY.name, AGE.name, PRIVACY.name, BRANDING.name})
"""The kinds that a program in front of a user has to know of."""


class ResetDefaultPolicy(Conditional):
    """Takes a policy of the instance back."""


def _operations() -> Iterator[AnyOperation]:
    for kind in KINDS.values():
        messages = messages_of(kind)
        yield from _of_instance(kind, messages)
        if kind.overridable:
            yield from _of_organization(kind, messages)
        if kind.name in SHOWN_TO_USERS:
            yield _of_user(kind, messages)
    yield from _activations()


def _of_instance(kind: Kind[P], messages: Messages[P]) -> Iterator[AnyOperation]:
    path, noun = f"{DEFAULT}/{kind.path}", f"Default{kind.noun}"

    def get(_request: Empty, ctx: Context) -> Decision[PolicyView]:
        ctx.authorize()
        return Decision(commands.shown(ctx, kind, messages.view))

    def set_(request: PolicySetting, ctx: Context) -> Decision[Empty]:
        return commands.set_policy(ctx, kind, request)

    def reset(request: ResetDefaultPolicy, ctx: Context) -> Decision[Empty]:
        return commands.reset_policy(ctx, kind, request)

    get.__doc__ = f"Get the instance's {kind.title}: what counts where an organization has none of its own."
    set_.__doc__ = f"Set the instance's {kind.title}. What is left out stays as it is."
    reset.__doc__ = f"Take the instance's {kind.title} back: the built-in value counts again."
    yield Operation(f"Get{noun}", ApiName.ADMIN, Empty, messages.view, READ, get, Http(Method.GET, path), writes=False)
    if kind is not BRANDING:
        yield Operation(f"Set{noun}", ApiName.ADMIN, messages.set_default, Empty, WRITE, set_, Http(Method.PATCH, path))
    yield Operation(f"Reset{noun}", ApiName.ADMIN, ResetDefaultPolicy, Empty, WRITE, reset, Http(Method.DELETE, path))


def _of_organization(kind: Kind[P], messages: Messages[P]) -> Iterator[AnyOperation]:
    path, noun = f"{OWN}/{kind.path}", kind.noun

    def get(request: OrganizationPolicy, ctx: Context) -> Decision[PolicyView]:
        commands.reach_policies(ctx, request.organization_id)
        return Decision(commands.shown(ctx, kind, messages.view, request.organization_id))

    def set_(request: OrganizationPolicySetting, ctx: Context) -> Decision[Empty]:
        return commands.set_policy(ctx, kind, request, request.organization_id)

    def reset(request: ResetOrganizationPolicy, ctx: Context) -> Decision[Empty]:
        return commands.reset_policy(ctx, kind, request, request.organization_id)

    get.__doc__ = f"Get the {kind.title} that counts in an organization, and whether it is the instance's."
    set_.__doc__ = f"Give an organization its own {kind.title}. What is left out stays as it is."
    reset.__doc__ = f"Take an organization's own {kind.title} away: the instance's counts again."
    yield Operation(
        f"Get{noun}",
        ApiName.MANAGEMENT,
        OrganizationPolicy,
        messages.view,
        READ,
        get,
        Http(Method.GET, path),
        writes=False,
    )
    if kind is not BRANDING:
        yield Operation(
            f"Set{noun}", ApiName.MANAGEMENT, messages.set_own, Empty, WRITE, set_, Http(Method.PATCH, path)
        )
    yield Operation(
        f"Reset{noun}", ApiName.MANAGEMENT, ResetOrganizationPolicy, Empty, WRITE, reset, Http(Method.DELETE, path)
    )


def _of_user(kind: Kind[P], messages: Messages[P]) -> AnyOperation:
    def get(_request: Empty, ctx: Context) -> Decision[PolicyView]:
        if not ctx.caller.user_id:
            raise Unauthenticated("Only a user has an organization of its own")
        ctx.authorize(user=ctx.caller.user_id)
        return Decision(commands.shown(ctx, kind, messages.view, ctx.caller.organization_id))

    get.__doc__ = f"Get the {kind.title} that counts for the caller."
    return Operation(
        f"GetMy{kind.noun}",
        ApiName.AUTH,
        Empty,
        messages.view,
        AUTHENTICATED,
        get,
        Http(Method.GET, f"{MINE}/{kind.path}"),
        writes=False,
    )


def _activate_default(_request: Empty, ctx: Context) -> Decision[Empty]:
    """Show everybody what the instance's branding preview is, where an organization has no branding of its own."""
    return commands.activate_branding(ctx)


def _activate_own(request: OrganizationPolicy, ctx: Context) -> Decision[Empty]:
    """Show everybody what an organization's branding preview is."""
    return commands.activate_branding(ctx, request.organization_id)


def _activations() -> Iterator[AnyOperation]:
    path = f"{BRANDING.path}/activate"
    yield Operation(
        "ActivateDefaultBranding",
        ApiName.ADMIN,
        Empty,
        Empty,
        WRITE,
        _activate_default,
        Http(Method.POST, f"{DEFAULT}/{path}"),
    )
    yield Operation(
        "ActivateBranding",
        ApiName.MANAGEMENT,
        OrganizationPolicy,
        Empty,
        WRITE,
        _activate_own,
        Http(Method.POST, f"{OWN}/{path}"),
    )


OPERATIONS: tuple[AnyOperation, ...] = tuple(_operations())
"""All of them."""
