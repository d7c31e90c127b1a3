"""Setting policies, taking them back, and looking at what counts."""

from collections.abc import Iterator
from typing import Any

from pydantic import ValidationError

from hexkeep.core.kernel.access import reach
from hexkeep.core.kernel.decision import Context, Decision
from hexkeep.core.kernel.errors import InvalidInput, Violation
from hexkeep.core.kernel.operation import Empty
from hexkeep.core.kernel.update import Conditional, UpdateRequest, expect
from hexkeep.core.organization.state import ORGANIZATION
from hexkeep.core.policy.events import PolicyReset
from hexkeep.core.policy.messages import PolicyView
from hexkeep.core.policy.rules import insist_on_change
from hexkeep.core.policy.state import BRANDING, BRANDING_PREVIEW, INSTANCE_POLICIES, POLICIES, Kind, P, standing

READ = "policy.read"


def reach_policies(ctx: Context, organization_id: str) -> None:
    """Insist that the caller may do this to the policies of an organization, or of the instance where none is named."""
    if not organization_id:
        ctx.authorize()
        return
    reach(ctx, READ, exists=ctx.load(ORGANIZATION, organization_id).exists, organization=organization_id)


def shown(ctx: Context, kind: Kind[P], view: type[PolicyView], organization_id: str = "") -> PolicyView:
    """A policy with what is told about it."""
    found = standing(ctx, kind, organization_id)
    version = ctx.version(POLICIES, organization_id or INSTANCE_POLICIES)
    fields: dict[str, Any] = {"policy": found.policy, "is_default": found.inherited, "version": version}
    return view(**fields)


def set_policy(ctx: Context, kind: Kind[P], request: UpdateRequest, organization_id: str = "") -> Decision[Empty]:
    """Set a policy. What is left out is as it was; to set for the first time what counts anyway fixes it here."""
    reach_policies(ctx, organization_id)
    place = organization_id or INSTANCE_POLICIES
    expect(ctx, POLICIES, place, request)
    before = standing(ctx, kind, organization_id)
    after = _changed(kind, before.policy, request)
    if after == before.policy and not before.inherited:
        return Decision(Empty())
    insist_on_change(ctx, kind, before.policy, after, organization_id)
    return Decision(Empty(), POLICIES.append(place, kind.event_of(after)))


def _changed(kind: Kind[P], before: P, request: UpdateRequest) -> P:
    fields = {name: getattr(before, name) for name in kind.value.model_fields}
    try:
        return kind.value.model_validate({**fields, **request.changes()})
    except ValidationError as error:
        raise InvalidInput("", *_violations(error)) from None


def _violations(error: ValidationError) -> Iterator[Violation]:
    for one in error.errors(include_url=False, include_context=False, include_input=False):
        yield Violation(".".join(map(str, one["loc"])), one["msg"])


def reset_policy(ctx: Context, kind: Kind[P], request: Conditional, organization_id: str = "") -> Decision[Empty]:
    """Take a policy back, so that what is above counts. One that is not set stays so."""
    reach_policies(ctx, organization_id)
    place = organization_id or INSTANCE_POLICIES
    expect(ctx, POLICIES, place, request)
    own = kind.own(ctx.load(POLICIES, place))
    if own is None:
        return Decision(Empty())
    above = standing(ctx, kind).policy if organization_id else kind.built_in
    insist_on_change(ctx, kind, own, above, organization_id)
    return Decision(Empty(), POLICIES.append(place, PolicyReset(kind=kind.name)))


def activate_branding(ctx: Context, organization_id: str = "") -> Decision[Empty]:
    """Make the preview of a branding the one that everybody sees. Without a preview of its own nothing changes."""
    reach_policies(ctx, organization_id)
    place = organization_id or INSTANCE_POLICIES
    policies = ctx.load(POLICIES, place)
    preview = BRANDING_PREVIEW.own(policies)
    if preview is None or preview == BRANDING.own(policies):
        return Decision(Empty())
    return Decision(Empty(), POLICIES.append(place, BRANDING.event_of(preview)))
