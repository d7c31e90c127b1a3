"""What is left to do with an OpenID provider after a sign-in: to sign out there, to ask again, and to give back.

RP-Initiated Logout 1.0, OIDC Core section 12 and RFC 7009. What they take comes back in ``KnownAccount.session``, as
JSON.
"""

import json
from collections.abc import Mapping
from urllib.parse import urlencode

from hexkeep.core.idpintent.identity import MAX_SESSION
from hexkeep.core.kernel.urls import with_query
from hexkeep.plugins import oauth_client
from hexkeep.plugins.oauth_client import Claims
from hexkeep.plugins.oidc_flow import Metadata, OpenIdFlow, joined
from hexkeep.ports.idp import (
    Identity,
    IdpMalformed,
    IdpRefused,
    IdpUnreachable,
    KnownAccount,
    SignInReturned,
    SignOutAsked,
)

KEPT = ("id_token", "refresh_token")
"""Of the tokens, what is wanted back."""
NOWHERE = SignInReturned("", "", {}, {})
"""Where no browser has come back."""


class OpenIdSessions(OpenIdFlow):
    """Plays ``LogoutProvider``, ``RefreshingProvider`` and ``RevokingProvider`` as well."""

    async def logout(self, asked: SignOutAsked) -> str:
        """RP-Initiated Logout section 2; raises ``IdpRefused`` where the provider has no such endpoint."""
        endpoint = (await self._metadata()).end_session_endpoint
        if not endpoint:
            raise IdpRefused("end_session_endpoint")
        parameters = {
            "id_token_hint": _kept(asked.account).get("id_token", ""),
            "client_id": self._client.id,
            "post_logout_redirect_uri": asked.back,
            "state": asked.state,
        }
        return with_query(endpoint, urlencode({name: value for name, value in parameters.items() if value}))

    async def refresh(self, account: KnownAccount) -> Identity:
        """OIDC Core section 12: what is told now, by the refresh token of before.

        An ID token need not come with it; one that does is of the same subject and answers no request (section 12.2).
        Without one, what an ID token alone tells is left out.
        """
        kept = _kept(account)
        if not kept.get("refresh_token"):
            raise IdpMalformed("refresh_token")
        found = await self._metadata()
        tokens = await self._refreshed(found, kept["refresh_token"])
        claims: Claims = {"sub": account.external_id}
        if "id_token" in tokens:
            claims = await self._verified(found, tokens, None)
        if claims.get("sub") != account.external_id:
            raise IdpMalformed("refreshed_sub")
        try:
            more = await self._userinfo(found, tokens, account.external_id)
        except IdpRefused as error:
            raise IdpUnreachable(error.reason) from None  # it is no word about the account
        told = joined(claims, more)
        session = self._session({**kept, **tokens})
        identity = self._identity(told, NOWHERE)
        partial = identity.partial or "id_token" not in tokens
        return identity.model_copy(update={"session": session, "partial": partial})

    async def revoke(self, account: KnownAccount) -> str:
        """RFC 7009 section 2, if the provider has such an endpoint; the ID token is left, which signs out there."""
        kept = dict(_kept(account))
        found = await self._metadata()
        endpoint = found.revocation_endpoint
        if not kept.get("refresh_token") or not endpoint:
            return account.session
        client, place = await self._at(found, endpoint)
        await oauth_client.revoked(client, place, kept.pop("refresh_token"), self._around)
        return self._session(kept)

    async def _refreshed(self, found: Metadata, refresh_token: str) -> Claims:
        """RFC 6749 section 6."""
        client, endpoint = await self._at(found, found.token_endpoint)
        return await oauth_client.refreshed(client, endpoint, refresh_token, self._around)

    def _session(self, tokens: Claims) -> str:
        kept = {name: tokens[name] for name in KEPT if isinstance(tokens.get(name), str)}
        text = json.dumps(kept)
        return text if kept and len(text) <= MAX_SESSION else ""


def _kept(account: KnownAccount) -> Mapping[str, str]:
    try:
        kept = json.loads(account.session)
    except ValueError:
        return {}
    return {name: str(value) for name, value in kept.items()} if isinstance(kept, dict) else {}
