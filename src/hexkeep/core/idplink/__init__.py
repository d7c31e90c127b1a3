"""Links of users to accounts at identity providers."""

from hexkeep.core.idplink.api import OPERATIONS
from hexkeep.core.idplink.outbox import OUTBOX
from hexkeep.core.idplink.projection import IDENTITY_PROVIDER_LINKS, PROJECTION
from hexkeep.core.idplink.state import IDENTITY_PROVIDER_LINK
from hexkeep.core.kernel.slice import Owned, Slice

SLICE = Slice(
    "idp_link",
    (IDENTITY_PROVIDER_LINK,),
    (PROJECTION,),
    OPERATIONS,
    outboxes=(OUTBOX,),
    owned=(Owned(IDENTITY_PROVIDER_LINKS, "RemoveIdentityProviderLink"),),
)
