"""Logouts: the end of a session is told to the applications in it, and what ends with a user in the durable log."""

from hexkeep.core.kernel.slice import Slice
from hexkeep.core.logout.outbox import OUTBOXES
from hexkeep.core.logout.plan import JUDGE_LOGOUT_ANSWER, PLAN_LOGOUT
from hexkeep.core.logout.settling import SETTLE_SESSIONS

SLICE = Slice("logout", operations=(JUDGE_LOGOUT_ANSWER, PLAN_LOGOUT, SETTLE_SESSIONS), outboxes=OUTBOXES)
