"""OpenID providers that believe one thing too many each."""

import base64
import json
import sys
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from pydantic import JsonValue

from hexkeep.core.idp.catalog import OIDC
from hexkeep.core.idp.settings import OidcSettings
from hexkeep.plugins.idp_oidc import OidcProvider
from hexkeep.plugins.oidc_flow import Metadata
from hexkeep.ports.idp import (
    Begun,
    Identity,
    IdpCancelled,
    IdpFailed,
    IdpOffer,
    IdpRefused,
    KnownAccount,
    SignInAsked,
    SignInReturned,
    SignOutAsked,
    Surroundings,
)
from hexkeep.testing.idp import IdpContract, Misbehaviour, StandingClock, Upstream
from hexkeep.testing.idp_oidc import CLIENT_ID, CLIENT_SECRET, ISSUER, OidcUpstream
from tests.contract.broken.defects import DEFECTS

Claims = Mapping[str, JsonValue]
ANSWERS: dict[str, Identity] = {}
MOMENTS: dict[str, datetime] = {}
SETTINGS: dict[str, object] = {"issuer": ISSUER, "client_id": CLIENT_ID, "client_secret": CLIENT_SECRET}


def signed_in_by(*how: Misbehaviour) -> tuple[str, ...]:
    """The rules that have to fail where these are believed."""
    return tuple(f"test_misbehaviour_signs_nobody_in[{one}]" for one in how)


def caught_by(*rules: str, kit: type[IdpContract] = IdpContract) -> Callable[[type[OidcProvider]], type[OidcProvider]]:
    """Declare a defect, and the rules of the kit that have to fail."""

    def declare(kind: type[OidcProvider]) -> type[OidcProvider]:
        module = sys.modules[kind.__module__]

        @pytest.fixture
        def offer(self: object) -> IdpOffer[Any]:
            return IdpOffer(OIDC, OidcSettings, kind)

        @pytest.fixture
        def settings(self: object) -> Mapping[str, object]:
            return SETTINGS

        @pytest.fixture
        def upstream(self: object, clock: StandingClock) -> Upstream:
            return OidcUpstream(clock)

        members = {"offer": offer, "settings": settings, "upstream": upstream, "__module__": kind.__module__}
        title = f"Test{kind.__name__}"
        setattr(module, title, type(title, (kit,), members))
        DEFECTS[title] = (str(module.__file__), rules)
        return kind

    return declare


@caught_by("test_who_signs_in_is_told")
class TellsTheIdAlone(OidcProvider):
    async def finish(self, returned: SignInReturned) -> Identity:
        return Identity(external_id=(await super().finish(returned)).external_id)


@caught_by("test_every_role_has_its_rules")
class PlaysOneRoleMore(OidcProvider):
    """Under the rules of the others alone."""


@caught_by("test_account_is_the_same_each_time_and_no_other")
class TellsAccountsApartByName(OidcProvider):
    async def finish(self, returned: SignInReturned) -> Identity:
        found = await super().finish(returned)
        return found.model_copy(update={"external_id": found.user_name})


@caught_by("test_address_is_verified_only_if_said_so")
class BelievesEveryAddress(OidcProvider):
    async def finish(self, returned: SignInReturned) -> Identity:
        return (await super().finish(returned)).model_copy(update={"email_verified": True})


@caught_by("test_each_attempt_is_its_own")
class RepeatsItself(OidcProvider):
    async def begin(self, asked: SignInAsked) -> Begun:
        return replace(await super().begin(asked), kept={"nonce": "n", "verifier": "v" * 43})


@caught_by("test_secrets_stay_here")
class ShowsItsSecret(OidcProvider):
    async def begin(self, asked: SignInAsked) -> Begun:
        begun = await super().begin(asked)
        return replace(begun, url=f"{begun.url}&client_secret={CLIENT_SECRET}")


@caught_by("test_who_cancels_is_told_from_who_is_refused")
class TakesCancelledForRefused(OidcProvider):
    async def finish(self, returned: SignInReturned) -> Identity:
        try:
            return await super().finish(returned)
        except IdpCancelled:
            raise IdpRefused from None


@caught_by("test_answer_to_another_attempt_is_none", *signed_in_by(Misbehaviour.WRONG_NONCE, Misbehaviour.NO_NONCE))
class ForgetsTheAttempt(OidcProvider):
    def __init__(self, settings: OidcSettings, around: Surroundings) -> None:
        super().__init__(settings.model_copy(update={"pkce": False}), around)

    def _judge(self, found: Metadata, claims: Claims, nonce: str | None) -> None:
        super()._judge(found, {**claims, "nonce": nonce}, nonce)


@caught_by("test_answer_counts_once")
class RemembersCodes(OidcProvider):
    async def finish(self, returned: SignInReturned) -> Identity:
        code = returned.parameters.get("code", "")
        if code not in ANSWERS:
            ANSWERS[code] = await super().finish(returned)
        return ANSWERS[code]


@caught_by(
    *signed_in_by(
        Misbehaviour.WRONG_AUDIENCE,
        Misbehaviour.WRONG_PARTY,
        Misbehaviour.WRONG_ISSUER,
        Misbehaviour.EXPIRED,
        Misbehaviour.STALE,
        Misbehaviour.ISSUED_LATER,
        Misbehaviour.NO_SUBJECT,
    )
)
class JudgesNothing(OidcProvider):
    def _judge(self, found: Metadata, claims: Claims, nonce: str | None) -> None:
        pass


@caught_by("test_sign_in_is_as_old_as_is_told")
class TakesTheAnswerForTheSignIn(OidcProvider):
    async def finish(self, returned: SignInReturned) -> Identity:
        return (await super().finish(returned)).model_copy(update={"authenticated_at": self._around.clock.now()})


@caught_by("test_sign_in_to_come_is_not_believed")
class BelievesEveryMoment(OidcProvider):
    async def _verified(self, found: Metadata, tokens: Claims, nonce: str | None) -> Claims:
        claims = await super()._verified(found, tokens, nonce)
        MOMENTS[str(claims["sub"])] = datetime.fromtimestamp(float(str(claims.get("auth_time", 0))), UTC)
        return {name: value for name, value in claims.items() if name != "auth_time"}

    async def finish(self, returned: SignInReturned) -> Identity:
        found = await super().finish(returned)
        return found.model_copy(update={"authenticated_at": MOMENTS[found.external_id]})


@caught_by("test_new_sign_in_is_asked_for_or_is_not_to_be_had")
class LetsASessionDo(OidcProvider):
    async def begin(self, asked: SignInAsked) -> Begun:
        return await super().begin(replace(asked, max_age=None, anew=False))


@caught_by("test_who_signs_out_comes_back")
class SendsNobodyBack(OidcProvider):
    async def logout(self, asked: SignOutAsked) -> str:
        return (await super().logout(asked)).partition("&state=")[0]


@caught_by("test_signing_out_shows_no_secret")
class ShowsItsSecretAtLast(OidcProvider):
    async def logout(self, asked: SignOutAsked) -> str:
        return f"{await super().logout(asked)}&client_secret={CLIENT_SECRET}"


@caught_by("test_who_is_asked_again_tells_what_is_so_now", "test_account_that_is_gone_is_refused")
class RemembersWhoItWas(OidcProvider):
    async def finish(self, returned: SignInReturned) -> Identity:
        found = await super().finish(returned)
        ANSWERS[found.session] = found
        return found

    async def refresh(self, account: KnownAccount) -> Identity:
        return ANSWERS[account.session]


@caught_by("test_another_account_is_not_taken_for_it")
class AsksForWhoeverThatIs(OidcProvider):
    async def refresh(self, account: KnownAccount) -> Identity:
        found = await self._metadata()
        tokens = await self._refreshed(found, json.loads(account.session)["refresh_token"])
        claims = await self._verified(found, tokens, None)
        return Identity(external_id=str(claims["sub"]))


@caught_by("test_what_is_given_back_is_of_no_use", "test_what_nobody_takes_back_may_be_given_again")
class GivesNothingBack(OidcProvider):
    async def revoke(self, account: KnownAccount) -> str:
        return account.session


@caught_by(*signed_in_by(Misbehaviour.UNSIGNED, Misbehaviour.FOREIGN_SIGNATURE, Misbehaviour.SIGNED_WITH_SECRET))
class VerifiesNothing(OidcProvider):
    async def _signed(self, found: Metadata, token: str, type_: str = "", *, fresh: bool) -> Claims | None:
        part = token.split(".")[1]
        claims: Claims = json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))
        return claims


@caught_by(*signed_in_by(Misbehaviour.OTHER_SUBJECT))
class BelievesUserinfo(OidcProvider):
    async def _userinfo(self, found: Metadata, tokens: Claims, subject: str) -> Claims:
        return await super()._userinfo(found, tokens, "somebody else")


@caught_by(*signed_in_by(Misbehaviour.OTHER_RESPONSE_ISSUER))
class AsksNobodyWhoseResponseItIs(OidcProvider):
    async def finish(self, returned: SignInReturned) -> Identity:
        return await super().finish(replace(returned, parameters={**returned.parameters, "iss": ISSUER}))


@caught_by(
    "test_stranger_parameters_are_a_failure",
    *signed_in_by(Misbehaviour.NO_JSON, Misbehaviour.TOO_LARGE, Misbehaviour.FAILS, Misbehaviour.UNREACHABLE),
)
class FailsInWordsOfItsOwn(OidcProvider):
    async def finish(self, returned: SignInReturned) -> Identity:
        try:
            return await super().finish(returned)
        except IdpFailed as error:
            raise ValueError from error
