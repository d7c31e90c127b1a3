"""Linking an account at an identity provider from the page of sessions: begun by a form, for the session at hand.

Where the provider has a page of its own the browser goes there and back, else to a page of ours for name and password.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import urlencode

from hexkeep.adapters.asgi.messages import message
from hexkeep.adapters.asgi.request import Request
from hexkeep.adapters.asgi.response import Response, redirect
from hexkeep.adapters.web import paths
from hexkeep.adapters.web.bindings import binding, wanted
from hexkeep.adapters.web.languages import accepted_languages
from hexkeep.adapters.web.pages import WebPages
from hexkeep.adapters.web.visitors import SURFACE
from hexkeep.core.idpintent.api import ADD_IDP_INTENT_LINK, LIST_SIGN_IN_PROVIDERS, START_IDP_LINK
from hexkeep.core.idpintent.asks import SignInWay
from hexkeep.core.idpintent.errors import IdpAccountTaken
from hexkeep.core.idpintent.messages import AddIdpIntentLink, ListSignInProviders, SignInProvider, StartIdpLink
from hexkeep.core.idplink.queries import IdentityProviderLinkView
from hexkeep.core.user.queries import UserView
from hexkeep.ports.api import Anonymous, Api, Bearer

DONE = "done"
LINKED, TAKEN, AGAIN = "linked", "taken", "again"
"""What the page of sessions is told of what came of it: the last is that the person has signed in afresh."""
FRESH = f"{paths.ACCESS}?{DONE}={AGAIN}"
"""Where a fresh sign-in leads."""


@dataclass(frozen=True, slots=True)
class LinkButton:
    """A provider at which the person may have an account to link."""

    id: str
    name: str


class Linking:
    """There and back for a session that has begun already."""

    def __init__(self, api: Api, pages: WebPages) -> None:
        self._api = api
        self._pages = pages

    async def buttons(
        self, request: Request, person: UserView, links: Iterable[IdentityProviderLinkView]
    ) -> tuple[LinkButton, ...]:
        """The providers of the person's organization that may be linked and are not yet."""
        linked = {one.identity_provider_id for one in links}
        return tuple(
            LinkButton(one.identity_provider_id, one.name)
            for one in await self.providers(request, person)
            if one.identity_provider_id not in linked
        )

    async def providers(self, request: Request, person: UserView) -> tuple[SignInProvider, ...]:
        """Those of the person's organization at which people link accounts themselves."""
        wish = ListSignInProviders(organization_id=person.organization_id)
        found = await self._api.call(LIST_SIGN_IN_PROVIDERS, wish, Anonymous(), request.meta(SURFACE))
        return tuple(one for one in found.output.providers if one.linking_allowed)

    async def begin(self, request: Request, provider_id: str) -> Response:
        """To the provider, for a form of ours that was accepted."""
        value, kept = binding(request)
        wish = message(
            StartIdpLink,
            identity_provider_id=provider_id,
            binding=value,
            ui_locales=accepted_languages(request)[:20],
        )
        caller, meta = Bearer(request.session_token), request.meta(SURFACE)
        started = (await self._api.call(START_IDP_LINK, wish, caller, meta)).output
        if started.way is SignInWay.PASSWORD:
            return redirect(f"{paths.IDP_LINK_PASSWORD}?{urlencode({paths.PROVIDER: provider_id})}")
        return self._pages.away(request, started.redirect_to, started.fields, after_form=True).adding(
            kept, *wanted(started)
        )

    async def finish(self, request: Request, proof: str) -> Response:
        """Back with a proof, in the session that began: linked, or not because the account is somebody else's."""
        caller, meta = Bearer(request.session_token), request.meta(SURFACE)
        try:
            await self._api.call(ADD_IDP_INTENT_LINK, message(AddIdpIntentLink, proof=proof), caller, meta)
        except IdpAccountTaken:
            return redirect(f"{paths.ACCESS}?{DONE}={TAKEN}")
        return redirect(f"{paths.ACCESS}?{DONE}={LINKED}")
