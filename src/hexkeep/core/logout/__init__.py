"""Logouts: the end of a session is told to the applications in it, and what ends with a user in the durable log."""

from hexkeep.core.kernel.slice import Slice
from hexkeep.core.logout.others import END_IDP_SESSIONS
from hexkeep.core.logout.outbox import OUTBOXES
from hexkeep.core.logout.plan import JUDGE_LOGOUT_ANSWER, PLAN_LOGOUT
from hexkeep.core.logout.revoking import REVOKE_IDP_SESSION
from hexkeep.core.logout.settling import SETTLE_SESSIONS

OPERATIONS = (JUDGE_LOGOUT_ANSWER, PLAN_LOGOUT, SETTLE_SESSIONS, END_IDP_SESSIONS, REVOKE_IDP_SESSION)
SLICE = Slice("logout", operations=OPERATIONS, outboxes=OUTBOXES)
