"""Metadata: what somebody keeps with a user, an organization or a project, by key."""

from hexkeep.core.kernel.slice import Slice
from hexkeep.core.metadata.api import OPERATIONS
from hexkeep.core.metadata.state import ORGANIZATION_METADATA, PROJECT_METADATA, USER_METADATA

SLICE = Slice("metadata", (USER_METADATA, ORGANIZATION_METADATA, PROJECT_METADATA), (), OPERATIONS)
