"""Single logout by SAML: messages of service providers, and the way of a browser from one to the next."""

from hexkeep.core.kernel.slice import Slice
from hexkeep.core.samllogout.api import OPERATIONS

SLICE = Slice("saml_logout", operations=OPERATIONS)
"""The operations behind the endpoint for single logout and its page."""
