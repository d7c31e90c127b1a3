"""Which roles a user has in a project: given to the user, to a group, and under a grant to an organization.

All of it is read by id and by unique key, never from a list: who was taken out of a group or had a role taken away has
it in no later token.
"""

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from hexkeep.core.authorization.state import AUTHORIZATION, Authorization, authorization_key, granted_roles
from hexkeep.core.group.state import GROUP, USER_GROUPS
from hexkeep.core.kernel.ask import OwnersOf
from hexkeep.core.kernel.decision import Context
from hexkeep.core.kernel.unique import UniqueKey
from hexkeep.core.organization.state import ORGANIZATION
from hexkeep.core.project.state import PROJECT
from hexkeep.core.projectgrant.state import PROJECT_GRANT, ProjectGrant, project_grant_key
from hexkeep.core.user.state import USER


class Bearer(NamedTuple):
    """By whom roles are held: the user, or a group of an organization that the user is in."""

    organization_id: str
    user_id: str = ""
    group_id: str = ""

    def key(self, project_id: str, project_grant_id: str = "") -> UniqueKey:
        """What the one authorization of its kind holds."""
        return authorization_key(self.user_id, project_id, group_id=self.group_id, project_grant_id=project_grant_id)


class Standing(NamedTuple):
    """An authorization that counts, and the keys of the roles that it gives now; there may be none left."""

    authorization: Authorization
    roles: tuple[str, ...]


def is_open_to(ctx: Context, project_id: str, organization_id: str) -> bool:
    """Whether an organization may ask for tokens for a project: it is its own, or granted to it now."""
    if ctx.load(PROJECT, project_id).organization_id == organization_id:
        return True
    (held,) = ctx.ask(OwnersOf((project_grant_key(project_id, organization_id),)))
    return held is not None and ctx.load(PROJECT_GRANT, held.id).active


def standing_authorizations(ctx: Context, user_id: str, project_id: str) -> tuple[Standing, ...]:
    """Every authorization of a user in a project that counts now.

    Whether the user and the user's organization are active is looked at by whoever asks.
    """
    bearers = tuple(_bearers(ctx, user_id))
    grants = _grants(ctx, project_id, bearers)
    keys = [bearer.key(project_id) for bearer in bearers]
    keys += [bearer.key(project_id, grants[one][0]) for bearer in bearers if (one := bearer.organization_id) in grants]
    owners = ctx.ask(OwnersOf(tuple(keys)))
    found = (ctx.load(AUTHORIZATION, owner.id) for owner in owners if owner is not None)
    return tuple(_standing(ctx, found, dict(grants.values())))


def _bearers(ctx: Context, user_id: str) -> Iterator[Bearer]:
    yield Bearer(ctx.load(USER, user_id).organization_id, user_id)
    for group in ctx.load(USER_GROUPS, user_id).groups:
        yield Bearer(group.organization_id, group_id=group.group_id)


def _grants(ctx: Context, project_id: str, bearers: tuple[Bearer, ...]) -> Mapping[str, tuple[str, ProjectGrant]]:
    """The grants of the project by the organizations to which they are, of those that the bearers are of."""
    owner = ctx.load(PROJECT, project_id).organization_id
    others = tuple(sorted({bearer.organization_id for bearer in bearers} - {owner, ""}))
    if not others:
        return {}
    held = ctx.ask(OwnersOf(tuple(project_grant_key(project_id, one) for one in others)))
    return {one: (ref.id, ctx.load(PROJECT_GRANT, ref.id)) for one, ref in zip(others, held, strict=True) if ref}


def _standing(ctx: Context, found: Iterator[Authorization], grants: Mapping[str, ProjectGrant]) -> Iterator[Standing]:
    for one in found:
        grant = grants.get(one.project_grant_id)
        through = not one.group_id or _counts(ctx, one.group_id)
        if one.active and through and (grant is None or grant.active):
            yield Standing(one, granted_roles(one, ctx.load(PROJECT, one.project_id), grant))


def _counts(ctx: Context, group_id: str) -> bool:
    """Whether a group gives anything: it is there and its organization is active."""
    group = ctx.load(GROUP, group_id)
    return group.exists and ctx.load(ORGANIZATION, group.organization_id).active


def roles_in(ctx: Context, user_id: str, project_id: str) -> tuple[str, ...]:
    """The keys of all roles that a user has in a project now, sorted."""
    return tuple(sorted({key for one in standing_authorizations(ctx, user_id, project_id) for key in one.roles}))
