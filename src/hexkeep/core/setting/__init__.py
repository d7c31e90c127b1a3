"""Settings: what an instance's administrators decide about it as a whole."""

from hexkeep.core.kernel.slice import Slice
from hexkeep.core.setting.api import OPERATIONS
from hexkeep.core.setting.state import SETTINGS

SLICE = Slice("setting", aggregates=(SETTINGS,), operations=OPERATIONS)
