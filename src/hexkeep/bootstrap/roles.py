"""The roles that an operator has added in the settings, held against the roles and permissions that there are."""

from collections.abc import Iterable, Iterator, Mapping

from hexkeep.bootstrap.errors import ConfigurationError, Problem
from hexkeep.bootstrap.loading import nearest
from hexkeep.bootstrap.settings import RoleSettings, Settings
from hexkeep.core.kernel.operation import AnyOperation
from hexkeep.core.kernel.permission import AUTHENTICATED, IMPERSONATE, PUBLIC, ROLES, Level, Role

EVERYTHING = "*"
OF_THE_SYSTEM = "system"
"""The family of permissions that no role has: who calls the System API is configured by key."""


def configured_roles(
    settings: Settings, operations: Iterable[AnyOperation], others: Iterable[Role] = ()
) -> tuple[Role, ...]:
    """The roles of the section ``roles``.

    ``others`` are those of slices and plugins. Raises ``ConfigurationError`` with everything that is wrong: a name that
    is taken, a permission that no operation asks for, all permissions below the instance.
    """
    known = _known(operations)
    taken = {*ROLES, *(role.name for role in others)}
    wrong = [
        problem for name, role in settings.roles.by_name.items() for problem in _problems(name, role, known, taken)
    ]
    if wrong:
        raise ConfigurationError(*wrong)
    return tuple(_role(settings.roles.by_name))


def _role(by_name: Mapping[str, RoleSettings]) -> Iterator[Role]:
    for name, role in by_name.items():
        yield Role(name, Level(role.level), frozenset(role.permissions))


def _known(operations: Iterable[AnyOperation]) -> frozenset[str]:
    """Every permission that an operation asks for, as the token endpoint does for its own; and their families."""
    asked = {operation.permission for operation in operations} - {PUBLIC, AUTHENTICATED} | {IMPERSONATE}
    families = {f"{permission.rpartition('.')[0]}.*" for permission in asked}
    return frozenset(one for one in asked | families if one.split(".")[0] != OF_THE_SYSTEM)


def _problems(name: str, role: RoleSettings, known: frozenset[str], taken: set[str]) -> Iterator[Problem]:
    place = f"roles.{name}"
    if name in taken:
        yield Problem("there is such a role already, and it keeps its meaning", place)
    for permission in role.permissions:
        if permission == EVERYTHING:
            if role.level != Level.INSTANCE.value:
                yield Problem("everything is for roles of the instance alone", f"{place}.permissions")
        elif permission not in known:
            hint = nearest(permission, known)
            yield Problem(f"no operation asks for the permission {permission}{hint}", f"{place}.permissions")
