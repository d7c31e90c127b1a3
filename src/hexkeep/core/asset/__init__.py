"""Assets: pictures of users, and the logos, icons and fonts that the pages of an instance show."""

from hexkeep.core.asset.api import OPERATIONS
from hexkeep.core.asset.projection import AVATARS, PROJECTIONS
from hexkeep.core.asset.state import ASSET, AVATAR
from hexkeep.core.kernel.slice import Owned, Slice

SLICE = Slice("asset", (ASSET, AVATAR), PROJECTIONS, OPERATIONS, owned=(Owned(AVATARS, "ForgetAvatar"),))
