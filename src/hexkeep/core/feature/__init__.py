"""Features: switches that the installation has a default for, and an instance may set otherwise."""

from hexkeep.core.feature.api import OPERATIONS
from hexkeep.core.feature.state import FEATURES
from hexkeep.core.kernel.slice import Slice

SLICE = Slice("feature", aggregates=(FEATURES,), operations=OPERATIONS)
