"""Consents: what a person agreed an application may get."""

from hexkeep.core.consent.api import OPERATIONS
from hexkeep.core.consent.projection import PROJECTION
from hexkeep.core.consent.state import CONSENT
from hexkeep.core.kernel.slice import Slice

SLICE = Slice("consent", aggregates=(CONSENT,), projections=(PROJECTION,), operations=OPERATIONS)
