"""What service providers of SAML read of an instance before anything else."""

from hexkeep.core.kernel.slice import Slice
from hexkeep.core.samlmetadata.api import OPERATIONS

SLICE = Slice("saml_metadata", operations=OPERATIONS)
