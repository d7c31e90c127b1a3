"""The answer of the token endpoint for a person: access token, ID token and, where there is one, refresh token."""

from hexkeep.core.kernel.decision import Context, Decision
from hexkeep.core.oidc.issue import Sitting, issued
from hexkeep.core.oidc.parties import Client
from hexkeep.core.token.founding import Grant, founded, founder_of
from hexkeep.core.token.messages import TokenResponse

NOTHING = TokenResponse(access_token="", expires_in=0, scope="")
"""The answer of a decision that refuses and writes all the same; the caller gets the error in its place."""


def found(
    ctx: Context, grant: Grant, client: Client, resources: tuple[str, ...] | None = None, details: str = ""
) -> Decision[TokenResponse]:
    """The first tokens of a family, which begins with them; raises ``InvalidGrant`` (see ``founding.founder_of``).

    ``resources`` are those that this access token is for, where not all that were granted are asked for; likewise
    ``details`` (RFC 9396).
    """
    founder = founder_of(ctx, grant, client)
    begun, refresh_token = founded(ctx, grant, client, founder)
    who = founder.authentication(grant, client)
    details, meant = details or grant.authorization_details, resources or grant.resources
    kind, organization_id = grant.grant_type.value, founder.user.organization_id
    sitting = Sitting(
        grant.family_id, client, organization_id, who, meant, details, kind, grant.claims, grant_id=grant.grant_id
    )
    answer = response(ctx, sitting, grant.scopes, refresh_token.text if refresh_token else None)
    return Decision(answer, *begun)


def response(ctx: Context, sitting: Sitting, granted: tuple[str, ...], refresh_token: str | None) -> TokenResponse:
    """RFC 6749 section 5.1."""
    tokens = issued(ctx, sitting, granted)
    return TokenResponse(
        access_token=tokens.access_token,
        token_type=sitting.client.confirmation.token_type,
        expires_in=int(tokens.lifetime.total_seconds()),
        refresh_token=refresh_token,
        id_token=tokens.id_token or None,
        scope=" ".join(granted),
        authorization_details=sitting.authorization_details,
        grant_id=sitting.grant_id or None,
    )
