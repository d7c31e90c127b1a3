"""Sessions: a user's proof, kept for some hours, of having signed in."""

from hexkeep.core.kernel.slice import Owned, Slice
from hexkeep.core.session.api import OPERATIONS
from hexkeep.core.session.projection import PROJECTION, SESSIONS
from hexkeep.core.session.state import IDP_SESSION, SESSION, SIGN_IN, SUBJECT_ACTIVITY

SLICE = Slice(
    "session",
    aggregates=(SESSION, IDP_SESSION, SIGN_IN, SUBJECT_ACTIVITY),
    projections=(PROJECTION,),
    operations=OPERATIONS,
    owned=(Owned(SESSIONS, "EndSession"),),
)
