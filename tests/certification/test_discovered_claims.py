"""The claims that discovery tells of are those that are told of people (see ``test_discovery``)."""

import json

from hexkeep.core.application.client_metadata import ClientMetadata
from hexkeep.core.asset.events import AvatarSet
from hexkeep.core.asset.state import AVATAR
from hexkeep.core.domain.events import OrganizationPrimaryDomainSet
from hexkeep.core.domain.state import DOMAINS
from hexkeep.core.kernel.operation import Empty
from hexkeep.core.token.messages import GetUserInfo
from hexkeep.core.user.events import UserPhoneChanged, UserProfileChanged
from hexkeep.core.user.state import USER
from hexkeep.testing.jose import claims_of
from tests.unit.core import oidc_world
from tests.unit.core.oidc_world import redeem, start, told
from tests.unit.core.test_claims import rich

PROFILE = {
    "given_name": "Ada",
    "family_name": "Lovelace",
    "display_name": "Ada Lovelace",
    "preferred_language": "en",
    "nickname": "Countess",
    "gender": "female",
    "country": "England",
}
PICTURE = {"user_id": "ada", "organization_id": "acme", "name": "p", "content_type": "image/png", "size": 1}
KNOWN = (
    USER.append(
        "ada", UserProfileChanged.model_validate(PROFILE), UserPhoneChanged(phone="+41441234567", verified=True)
    ),
    AVATAR.append("ada", AvatarSet.model_validate({**PICTURE, "width": 1, "height": 1})),
)


def test_claims() -> None:
    """All together are told of somebody of whom all is known, and nothing else is."""
    domain = DOMAINS.append("acme", OrganizationPrimaryDomainSet(domain="acme.example", former=""))
    metadata = ClientMetadata.model_validate({"response_types": ("code id_token token", "id_token")})
    every = oidc_world.application(
        "all", grant_types=("authorization_code", "implicit", "refresh_token"), client_metadata=metadata
    )
    before = rich().given(domain, every, *KNOWN)
    document = before.when(Empty(), "GetDiscovery").result.model_dump()
    scope = " ".join(one for one in document["scopes_supported"] if one != "urn:hexkeep:api")
    asked = {"scope": scope, "nonce": "n", "acr_values": "urn:hexkeep:acr:pwd"}
    hybrid = before.when(start("all", response_type="code id_token token", **asked))
    alone = before.when(start("all", response_type="id_token", **asked))
    answer = told(hybrid.result)
    redeemed = hybrid.world.when(redeem(answer["code"], "all"))
    userinfo = redeemed.world.when(GetUserInfo(access_token=redeemed.result.access_token)).result
    tokens = (answer["id_token"], told(alone.result)["id_token"], redeemed.result.id_token)
    seen = {name for token in tokens for name in claims_of(token)} | json.loads(userinfo.document).keys()
    assert seen == set(document["claims_supported"])
    assert document["claim_types_supported"] == ("normal",)
