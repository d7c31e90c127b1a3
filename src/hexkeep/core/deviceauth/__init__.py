"""Devices that have no browser: they show a code, which a person enters elsewhere to let them in (RFC 8628)."""

from hexkeep.core.deviceauth.api import OPERATIONS
from hexkeep.core.deviceauth.state import DEVICE_AUTHORIZATION
from hexkeep.core.kernel.slice import Slice

SLICE = Slice("device_authorization", aggregates=(DEVICE_AUTHORIZATION,), operations=OPERATIONS)
