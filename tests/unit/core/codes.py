"""What the tests of codes share: the slices, a person, and a look into what was sent."""

from dataclasses import replace

from hexkeep.core.code import SLICE as CODES
from hexkeep.core.code.events import CodeIssued
from hexkeep.core.code.outbox import deliveries as code_deliveries
from hexkeep.core.kernel.aggregate import Append
from hexkeep.core.kernel.event import Log, Recorded
from hexkeep.core.kernel.outbox import Delivery
from hexkeep.core.kernel.permission import SYSTEM, Caller, CallerKind
from hexkeep.core.session import SLICE as SESSIONS
from hexkeep.core.user.contact import IssueCode
from hexkeep.core.user.events import UserPasswordSet
from hexkeep.core.user.state import USER
from hexkeep.testing.answers import password_hash
from hexkeep.testing.decisions import NOW, Kit, Outcome, World
from tests.unit.core.worlds import SLICES, human, machine, organization

KIT = Kit(*SLICES, CODES, SESSIONS)
PASSWORD = "four happy otters"
NEW_PASSWORD = "seven sad seagulls"
ALICE = Caller(CallerKind.USER, user_id="alice")


def with_password(user_id: str = "alice") -> Append:
    """The person has a password."""
    return USER.append(user_id, UserPasswordSet(hash=password_hash(PASSWORD), change_required=False))


WORLD = KIT.given(*organization(), *human(), *machine(), with_password())
"""Alice, whose e-mail address is verified, and a program."""


def issued(outcome: Outcome) -> CodeIssued:
    """The one code that was sent by a decision."""
    [append] = [change for change in outcome.changes if isinstance(change, Append)]
    [event] = append.events
    assert isinstance(event, CodeIssued)
    return event


def followed(outcome: Outcome) -> Outcome:
    """What follows a decision: the code is sent by the system."""
    [follow_up] = outcome.follow_ups
    assert follow_up.operation == "IssueCode"
    after = replace(outcome.world, caller=SYSTEM, address="")
    return after.when(IssueCode.model_validate(follow_up.fields))


def back(outcome: Outcome, caller: Caller) -> World:
    """The world after something the system did, for somebody who is somewhere again."""
    return replace(outcome.world, caller=caller, address="192.0.2.1")


def delivery(event: CodeIssued) -> Delivery:
    """The message that brings a code."""
    recorded = Recorded(event, "main", Log.ACTIVITY, 1, "code", "id-1", 1, NOW, "", "")
    [one] = code_deliveries(recorded)
    return one
