"""OpenID providers that believe whoever tells of a logout, or do not know whose it is."""

import base64
import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta

from hexkeep.plugins.idp_oidc import OidcProvider
from hexkeep.plugins.oidc_flow import Metadata
from hexkeep.ports.idp import IdpMalformed, LogoutThere
from hexkeep.testing.idp import Misbehaviour
from hexkeep.testing.idp_logout import BackChannelLogoutContract, FrontChannelLogoutContract
from tests.contract.broken.providers import Claims, caught_by

KIT, FRAMES = BackChannelLogoutContract, FrontChannelLogoutContract
Form = Mapping[str, str]


def ended_by(*how: Misbehaviour) -> tuple[str, ...]:
    """The rules that have to fail where these are believed."""
    return tuple(f"test_false_word_ends_no_session[{one}]" for one in how)


@caught_by("test_session_that_is_over_there_is_named", kit=KIT)
class EndsAllOfThePerson(OidcProvider):
    async def session_ended(self, form: Form) -> LogoutThere:
        return replace(await super().session_ended(form), indexes=())


@caught_by("test_session_that_is_over_there_is_named", "test_all_sessions_of_a_person_are_over", kit=KIT)
class CallsThemOtherwise(OidcProvider):
    def _called(self, claims: Claims) -> Mapping[str, str]:
        return {"session_name": str(claims["iss"]), "session_index": str(claims["iss"])}


@caught_by("test_what_is_said_is_known_again", kit=KIT)
class HasOneIdForAll(OidcProvider):
    async def session_ended(self, form: Form) -> LogoutThere:
        return replace(await super().session_ended(form), id="a logout")


@caught_by("test_what_was_said_is_over_at_last", kit=KIT)
class ForgetsTooEarly(OidcProvider):
    async def session_ended(self, form: Form) -> LogoutThere:
        told = await super().session_ended(form)
        return replace(told, until=told.until - timedelta(minutes=2))


@caught_by(
    *ended_by(
        Misbehaviour.WRONG_AUDIENCE,
        Misbehaviour.WRONG_PARTY,
        Misbehaviour.WRONG_ISSUER,
        Misbehaviour.EXPIRED,
        Misbehaviour.STALE,
        Misbehaviour.ISSUED_LATER,
    ),
    kit=KIT,
)
class AsksNotForWhomAndWhen(OidcProvider):
    def _judge_parties(self, found: Metadata, claims: Claims, what: str) -> None:
        pass


def read(token: str) -> Claims:
    """The claims of a token, whoever has written them."""
    part = token.split(".")[1]
    claims: Claims = json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))
    return claims


@caught_by(*ended_by(Misbehaviour.UNSIGNED, Misbehaviour.FOREIGN_SIGNATURE, Misbehaviour.SIGNED_WITH_SECRET), kit=KIT)
class AsksNotWhoSaysSo(OidcProvider):
    async def _signed(self, found: Metadata, token: str, type_: str = "", *, fresh: bool) -> Claims | None:
        return read(token)


@caught_by("test_sign_in_is_no_logout", *ended_by(Misbehaviour.NO_SUBJECT), kit=KIT)
class TakesAnythingForALogout(OidcProvider):
    async def session_ended(self, form: Form) -> LogoutThere:
        try:
            return await super().session_ended(form)
        except IdpMalformed:
            claims = read(form["logout_token"])
            return LogoutThere("any", self._around.clock.now(), str(claims.get("sub", "")), ())


@caught_by("test_form_of_a_stranger_is_a_failure", kit=KIT)
class FailsAtForms(OidcProvider):
    async def session_ended(self, form: Form) -> LogoutThere:
        read(form["logout_token"])
        return await super().session_ended(form)


@caught_by("test_session_that_was_left_there_is_named", kit=FRAMES)
class CallsSessionsOtherwise(OidcProvider):
    async def session_left(self, parameters: Form) -> str:
        return f"{await super().session_left(parameters)} there"


@caught_by("test_frame_of_another_provider_is_none", "test_name_that_could_be_guessed_is_none", kit=FRAMES)
class TakesAnyFrame(OidcProvider):
    async def session_left(self, parameters: Form) -> str:
        return parameters.get("sid", "")
