"""Operations are named alike: a verb of a closed list, which reads like its method over REST. Lists are alike."""

import enum
import functools
import re
import types
from collections.abc import Iterator
from http import HTTPStatus

import pytest

from hexkeep.core.kernel.operation import AnyOperation, ApiName, Method
from hexkeep.core.kernel.paging import Page, PageRequest
from hexkeep.core.kernel.view import Table
from hexkeep.core.slices import SLICES

OFFERED = [one for each in SLICES for one in each.operations if one.api is not ApiName.PROTOCOL]
READING = frozenset({"Get", "List", "Watch", "Check"})
ADDING = frozenset({"Create", "Import", "Add"})
TAKING_AWAY = frozenset({"Delete", "Remove", "Reset", "Revoke", "End"})
CHANGING = {"Update": Method.PATCH, "Set": Method.PUT, "Change": Method.PUT}
DOING = frozenset(
    {
        *("Activate", "Deactivate", "Reactivate", "Lock", "Unlock", "Erase"),
        *(
            "Begin",
            "Finish",
            "Bulk",
            "Discard",
            "Generate",
            "Regenerate",
            "Rebuild",
            "Renew",
            "Retry",
            "Rewrap",
            "Skip",
        ),
        *("Request", "Resend", "Rotate", "Send", "Verify", "Approve", "Deny"),
        *("Fetch", "Start", "Test", "Register", "Migrate", "Enable", "Disable"),
    }
)
"""Verbs of what is neither read, made, changed nor taken away by name alone; a new one is added here on purpose."""
VERBS = READING | ADDING | TAKING_AWAY | CHANGING.keys() | DOING
OTHERWISE = {
    "CheckSession": (Method.PATCH, "changes a session: what was proven by a further password"),
    "DeleteMyAccount": (Method.POST, "takes a password, and the input of DELETE is in the URL"),
    "EndAllMyOtherSessions": (Method.POST, "takes many away at once, none of which its path names"),
    "EndUserSessions": (Method.POST, "takes many away at once, none of which its path names"),
    "RemoveGroupMembers": (Method.POST, "takes many away at once; the input of DELETE is in the URL"),
    "ResetPassword": (Method.POST, "takes a code and a password, and the input of DELETE is in the URL"),
    "SetPrimaryOrganizationDomain": (Method.POST, "has nothing to put: the path says everything"),
    "UpdateUserName": (Method.PUT, "replaces the whole of a resource with one field"),
}
"""Operations whose method is not the one that their verb reads like, and why."""
SHORT = {
    "ListAuthorizationDetailsTypes": "an instance has few, which are in its discovery document",
    "ListCodeSettings": "codes are for few purposes",
    "ListFeatures": "a closed set",
    "ListSystemFeatures": "a closed set",
    "ListTrustedDomains": "an instance has a hundred at most, which are part of its settings",
    "ListSupportedLanguages": "the languages that the program speaks",
    "ListRoles": "the built-in and configured roles are known to every node",
    "ListMyMemberships": "the memberships of one user, which are read with the caller",
    "ListProjectRoles": "a project has few roles, which are part of its state",
    "ListSigningKeys": "an instance has few, which are part of its state",
    "ListMyFactors": "a person has one of each kind",
    "ListUserFactors": "a person has one of each kind",
    "ListMyPasskeys": "twenty of one person at most, which are part of its state",
    "ListUserPasskeys": "twenty of one person at most, which are part of its state",
    "ListMyConnections": "the applications of one user",
    "ListUserConnections": "the applications of one user",
    "ListMyBackchannelRequests": "what waits for one person, which is part of its state",
    "ListMyConsents": "the consents of one user, which are part of its state",
    "ListMyGroups": "the groups of one user, which are part of its state",
    "ListUserMetadata": "bounded by what one resource may hold",
    "ListMyMetadata": "bounded by what one resource may hold",
    "ListOrganizationMetadata": "bounded by what one resource may hold",
    "ListProjectMetadata": "bounded by what one resource may hold",
    "ListExecutionMethods": "as many as the program has",
    "ListExecutionEvents": "as many as the program has",
    "ListExecutionFunctions": "as many as the program has",
    "ListProjections": "as many as the program has",
    "ListParked": "what one node has to say of itself",
    "ListHistory": "events: they have positions",
    "ListEvents": "events: they have a cursor of their own, and nobody counts the log",
    "ListOrganizationEvents": "events: they have a cursor of their own, and nobody counts the log",
    "ListMyEvents": "events: they have a cursor of their own, and nobody counts the log",
}
"""Lists that are not of pages, and why."""


def verb(operation: AnyOperation) -> str:
    """The first word of its name."""
    found = re.match(r"[A-Z][a-z]+", operation.name)
    return found[0] if found else ""


LISTS = [one for one in OFFERED if verb(one) == "List"]


def named(operation: AnyOperation) -> str:
    """What a test is called by."""
    return operation.name


@pytest.mark.parametrize("operation", OFFERED, ids=named)
def test_name_begins_with_a_verb_that_is_known(operation: AnyOperation) -> None:
    """Whoever knows one resource finds what can be done with the next."""
    assert verb(operation) in VERBS
    assert re.fullmatch(r"([A-Z][a-z0-9]+)+", operation.name)


@pytest.mark.parametrize("operation", [one for one in OFFERED if one.http], ids=named)
def test_method_is_what_the_verb_reads_like(operation: AnyOperation) -> None:
    """GET reads and nothing else does; what is made, changed and taken away has the method of its kind."""
    assert operation.http is not None
    method = operation.http.method
    assert (method is Method.GET) == (not operation.writes)
    if operation.name in OTHERWISE:
        assert method is OTHERWISE[operation.name][0]
    else:
        assert method in methods(operation), f"{method} does not read like {verb(operation)}: see OTHERWISE"


def methods(operation: AnyOperation) -> set[Method]:
    """The methods that the verb of an operation reads like."""
    word = verb(operation)
    if word in READING:
        return {Method.GET}
    if word in TAKING_AWAY:
        return {Method.DELETE}
    if word == "Set" and "update_mask" in operation.input.model_fields:
        return {Method.PATCH}  # sets those fields of what is always there that are given
    return {CHANGING.get(word, Method.POST)}


@pytest.mark.parametrize("operation", [one for one in OFFERED if one.http], ids=named)
def test_status_tells_whether_something_was_made(operation: AnyOperation) -> None:
    """201 is what is answered to whoever makes a resource, and to nobody else."""
    assert operation.http is not None
    if verb(operation) in {"Generate", "Regenerate"}:
        return  # a secret is new, and not a resource that anybody could name
    makes = verb(operation) in ADDING and operation.name not in NOTHING_MADE
    assert (operation.http.status == HTTPStatus.CREATED) is makes


NOTHING_MADE = {
    "AddGroupMembers": "members are part of the group",
    "AddMyOtpEmail": "an address becomes a factor, which is there already",
    "AddMyOtpSms": "a number becomes a factor, which is there already",
    "AddInstanceHost": "a host is part of the instance",
    "CreateInvitation": "what is made is a message that is on its way",
}
"""Operations that are named as if they made a resource, and why they do not answer so."""


def test_exceptions_are_there() -> None:
    """Nothing is excused that is not there any more, or need not be."""
    names = {one.name for one in OFFERED}
    assert OTHERWISE.keys() | SHORT.keys() | NOTHING_MADE.keys() <= names
    excused = [one for one in OFFERED if one.name in OTHERWISE and one.http]
    assert [one.name for one in excused if one.http and one.http.method in methods(one)] == []


@pytest.mark.parametrize("operation", LISTS, ids=named)
def test_list_is_of_pages(operation: AnyOperation) -> None:
    """Every list takes a limit, a cursor and whether to count, and tells where the next page begins."""
    paged = issubclass(operation.input, PageRequest) and issubclass(operation.output, Page)
    assert paged != (operation.name in SHORT)
    assert operation.items, "a list is of one thing"


@pytest.mark.parametrize("operation", [one for one in LISTS if "sort" in one.input.model_fields], ids=named)
def test_list_is_sorted_by_columns_of_its_view(operation: AnyOperation) -> None:
    """What can be asked for can be answered: each way to sort is a column of the table that is listed."""
    ways = operation.input.model_fields["sort"].annotation
    assert isinstance(ways, type)
    assert issubclass(ways, enum.StrEnum)
    first, *others = [way.value for way in ways]
    assert first == "unspecified"
    found = set(tables(operation.handle, set()))
    assert [table.name for table in found if set(others) <= {column.name for column in table.all_columns()}], found


def test_tables_of_a_decision_are_found() -> None:
    """The search for tables does find them: without it, sorting would be held to nothing."""
    by_name = {one.name: {table.name for table in tables(one.handle, set())} for one in LISTS}
    assert by_name["ListGroups"] == {"groups"}
    assert "users" in by_name["ListUsers"]


def tables(thing: object, seen: set[object]) -> Iterator[Table]:
    """The tables that a decision, and every function of the core it uses, names."""
    match thing:
        case Table():
            yield thing
        case functools.partial():
            for one in (thing.func, *thing.args, *thing.keywords.values()):
                yield from tables(one, seen)
        case types.FunctionType() if thing not in seen and thing.__module__.startswith("hexkeep.core."):
            seen.add(thing)
            held = [cell.cell_contents for cell in thing.__closure__ or ()]
            for one in (*held, *(thing.__globals__.get(name) for name in thing.__code__.co_names)):
                yield from tables(one, seen)
