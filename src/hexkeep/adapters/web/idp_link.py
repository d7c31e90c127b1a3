"""Linking an account at an identity provider from the page of sessions: begun by a form, for the session at hand."""

from collections.abc import Iterable
from dataclasses import dataclass

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
from hexkeep.core.idpintent.messages import AddIdpIntentLink, ListSignInProviders, StartIdpLink
from hexkeep.core.idplink.queries import IdentityProviderLinkView
from hexkeep.core.user.queries import UserView
from hexkeep.ports.api import Anonymous, Api, Bearer

LINKED, TAKEN = "linked", "taken"
"""What the page of sessions is told of what came of it."""


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
        wish = ListSignInProviders(organization_id=person.organization_id)
        found = await self._api.call(LIST_SIGN_IN_PROVIDERS, wish, Anonymous(), request.meta(SURFACE))
        linked = {one.identity_provider_id for one in links}
        return tuple(
            LinkButton(one.identity_provider_id, one.name)
            for one in found.output.providers
            if one.linking_allowed and one.way is SignInWay.REDIRECT and one.identity_provider_id not in linked
        )

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
        return self._pages.away(request, started.redirect_to, started.fields, after_form=True).adding(
            kept, *wanted(started)
        )

    async def finish(self, request: Request, proof: str) -> Response:
        """Back with a proof, in the session that began: linked, or not because the account is somebody else's."""
        caller, meta = Bearer(request.session_token), request.meta(SURFACE)
        try:
            await self._api.call(ADD_IDP_INTENT_LINK, message(AddIdpIntentLink, proof=proof), caller, meta)
        except IdpAccountTaken:
            return redirect(f"{paths.ACCESS}?done={TAKEN}")
        return redirect(f"{paths.ACCESS}?done={LINKED}")
