"""Applications: OIDC clients, APIs, service providers of SAML."""

from hexkeep.core.application.api import OPERATIONS
from hexkeep.core.application.projection import PROJECTION
from hexkeep.core.application.saml_refreshing import EVERY, REFRESH_ALL, RefreshAllSamlMetadata
from hexkeep.core.application.state import APPLICATION
from hexkeep.core.kernel.slice import Recurring, Slice

SLICE = Slice(
    "application",
    (APPLICATION,),
    (PROJECTION,),
    OPERATIONS,
    recurring=(Recurring("refresh-saml-metadata", EVERY, REFRESH_ALL, RefreshAllSamlMetadata()),),
)
