"""Notifiers: by which mail server or web service an instance sends mails and text messages."""

from hexkeep.core.kernel.slice import Slice
from hexkeep.core.notifier.api import OPERATIONS
from hexkeep.core.notifier.outbox import OUTBOX
from hexkeep.core.notifier.projection import PROJECTION
from hexkeep.core.notifier.state import NOTIFIER, NOTIFIER_CHOICE, NOTIFIER_TEST

SLICE = Slice(
    "notifier",
    aggregates=(NOTIFIER, NOTIFIER_CHOICE, NOTIFIER_TEST),
    projections=(PROJECTION,),
    operations=OPERATIONS,
    outboxes=(OUTBOX,),
)
