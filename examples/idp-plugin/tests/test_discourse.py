"""The forum as a provider: the kit, and what is DiscourseConnect's own. The forum's side is written anew here."""

import base64
import hashlib
import hmac
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qs, parse_qsl, urlencode, urlsplit

import pytest
from hexkeep_discourse.kind import DiscourseSettings
from hexkeep_discourse.provider import DiscourseForum

from hexkeep.bootstrap.plugins import Plugins
from hexkeep.ports.idp import Identity, IdpMalformed, IdpNotRecent, IdpOffer, KnownAccount, SignInAsked, SignOutAsked
from hexkeep.testing.idp import (
    CALLBACK,
    Account,
    IdpContract,
    Misbehaviour,
    StandingClock,
    Unreached,
    Upstream,
    asked,
    returned,
    surroundings,
)

URL = "https://forum.example.net"
SECRET = "what the forum and we know, and nobody else"
SETTINGS: dict[str, object] = {"url": URL, "secret": SECRET}


def mac(payload: str, secret: str = SECRET) -> str:
    """The signature over a payload."""
    return hmac.new(secret.encode(), payload.encode(), hashlib.sha256).hexdigest()


class Forum(Unreached):
    """The other side: a forum whose settings have our host and the secret. ``extra`` is added to what it tells."""

    def __init__(self) -> None:
        self.extra: dict[str, str] = {}
        self._how: Misbehaviour | None = None

    async def sign_in(self, url: str, account: Account) -> Mapping[str, str]:
        """What the browser brings to the place that was asked for."""
        question = self.question(url)
        told = {
            **question,
            "external_id": account.external_id,
            "username": account.user_name,
            "name": f"{account.given_name} {account.family_name}",
            "email": account.email,
            "admin": "false",
            "groups": "trust_level_0,staff",
            **self.extra,
            **self._wrong(),
        }
        payload = base64.b64encode(urlencode({name: value for name, value in told.items() if value}).encode()).decode()
        if self._how is Misbehaviour.NO_JSON:
            payload = "<html>"
        signature = mac(payload, "another secret" if self._how is Misbehaviour.FOREIGN_SIGNATURE else SECRET)
        query = {"sso": payload, **({} if self._how is Misbehaviour.UNSIGNED else {"sig": signature})}
        back = f"{question['return_sso_url']}&{urlencode(query)}"
        return {name: value for name, (value,) in parse_qs(urlsplit(back).query).items()}

    async def cancel(self, url: str) -> Mapping[str, str]:
        """Who does not sign in at the forum stays there."""
        raise NotImplementedError

    async def sign_out(self, url: str) -> Mapping[str, str]:
        """What the browser brings who was signed out: nothing that the forum has added."""
        question = self.question(url)
        assert question["logout"] == "true"
        return dict(parse_qsl(urlsplit(question["return_sso_url"]).query))

    def misbehave(self, how: Misbehaviour | None) -> None:
        """From now on it does this wrong."""
        self._how = how

    @staticmethod
    def question(url: str) -> dict[str, str]:
        """What the forum is asked, once it has seen who asks."""
        assert url.startswith(f"{URL}/session/sso_provider?")
        query = parse_qs(urlsplit(url).query)
        (payload,), (signature,) = query["sso"], query["sig"]
        assert hmac.compare_digest(mac(payload), signature)
        return {name: value for name, (value,) in parse_qs(base64.b64decode(payload).decode()).items()}

    def _wrong(self) -> dict[str, str]:
        match self._how:
            case Misbehaviour.WRONG_NONCE | Misbehaviour.NO_NONCE:
                return {"nonce": "another" if self._how is Misbehaviour.WRONG_NONCE else ""}
            case Misbehaviour.NO_SUBJECT:
                return {"external_id": ""}
        return {}


class TestDiscourse(IdpContract):
    """The forum keeps the contract."""

    tells_of_cancelling = False
    cannot = frozenset(Misbehaviour) - {
        Misbehaviour.WRONG_NONCE,
        Misbehaviour.NO_NONCE,
        Misbehaviour.UNSIGNED,
        Misbehaviour.FOREIGN_SIGNATURE,
        Misbehaviour.NO_SUBJECT,
        Misbehaviour.NO_JSON,
    }

    @pytest.fixture
    def offer(self) -> IdpOffer[Any]:
        """As Hexkeep finds it, by the entry point."""
        return Plugins.load().identity_providers()["discourse"]

    @pytest.fixture
    def settings(self) -> Mapping[str, object]:
        """Those of a forum that does not vouch for addresses."""
        return SETTINGS

    @pytest.fixture
    def upstream(self, clock: StandingClock) -> Upstream:
        """The forum."""
        return Forum()


def provider(**settings: object) -> DiscourseForum:
    """A provider with some other settings."""
    around = surroundings(Forum(), StandingClock())
    return DiscourseForum(DiscourseSettings.model_validate({**SETTINGS, **settings}), around)


async def told(forum: Forum, one: DiscourseForum) -> Identity:
    """Who comes back when ada signs in."""
    begun = await one.begin(asked("a state"))
    return await one.finish(returned("a state", begun, await forum.sign_in(begun.url, Account())))


async def test_forum_is_asked_to_send_back_with_the_state() -> None:
    """The browser comes back to our callback with the state, whatever the forum adds."""
    begun = await provider(url=f"{URL}/").begin(asked("a state"))
    question = Forum.question(begun.url)
    assert question == {"nonce": begun.kept["nonce"], "return_sso_url": f"{CALLBACK}?state=a+state"}


async def test_what_the_forum_tells_is_read() -> None:
    """Names, groups and a picture; addresses are verified where the operator of both says so."""
    forum = Forum()
    forum.extra = {"avatar_url": "https://forum.example.net/ada.png"}
    identity = await told(forum, provider(email_verified=True))
    assert (identity.user_name, identity.display_name, identity.email_verified) == ("ada", "Ada Lovelace", True)
    assert (identity.groups, identity.picture) == (("trust_level_0", "staff"), "https://forum.example.net/ada.png")
    assert "nonce" not in identity.claims


async def test_own_question_is_no_answer() -> None:
    """Both sides sign with one secret: what we have signed ourselves signs nobody in."""
    one = provider()
    begun = await one.begin(asked("a state"))
    question = {name: value for name, (value,) in parse_qs(urlsplit(begun.url).query).items()}
    with pytest.raises(IdpMalformed) as failed:
        await one.finish(returned("a state", begun, question))
    assert failed.value.reason == "external_id"


async def test_field_that_comes_twice_is_none() -> None:
    """Who reads the first one and who reads the last one would see two accounts."""
    one = provider()
    begun = await one.begin(asked("a state"))
    payload = base64.b64encode(f"nonce={begun.kept['nonce']}&external_id=1&external_id=2".encode()).decode()
    with pytest.raises(IdpMalformed):
        await one.finish(returned("a state", begun, {"sso": payload, "sig": mac(payload)}))


async def test_who_has_to_prove_themselves_anew_does_so_at_the_forum() -> None:
    """The forum asks for the second factor, and has to say that it was given: a session there does not do."""
    forum, one = Forum(), provider()
    begun = await one.begin(SignInAsked(CALLBACK, "a state", anew=True))
    assert forum.question(begun.url)["require_2fa"] == "true"
    with pytest.raises(IdpNotRecent):
        await one.finish(returned("a state", begun, await forum.sign_in(begun.url, Account())))
    forum.extra = {"confirmed_2fa": "true"}
    identity = await one.finish(returned("a state", begun, await forum.sign_in(begun.url, Account())))
    assert identity.external_id == "account-1"
    assert "confirmed_2fa" not in identity.claims


async def test_logout_is_asked_for_with_the_way_back() -> None:
    """The forum signs out who is there and sends on to where we said."""
    asked_for = SignOutAsked(KnownAccount("1", ""), "https://id.example.com/out", "a state")
    question = Forum.question(await provider().logout(asked_for))
    assert (question["logout"], question["return_sso_url"]) == ("true", "https://id.example.com/out?state=a+state")


def test_secret_is_as_long_as_the_signature() -> None:
    """A short one would be found by trying, for everybody who signs in sees a signature."""
    with pytest.raises(ValueError, match="secret"):
        provider(secret="short")
