"""Notification providers: their settings, their secrets, which of them sends, and how a message goes out."""

from typing import Any

import pytest
from pydantic import ValidationError

from hexkeep.core.feature.events import FeatureSet
from hexkeep.core.feature.state import FEATURES
from hexkeep.core.kernel.aggregate import Append
from hexkeep.core.kernel.errors import (
    FailedPrecondition,
    InvalidInput,
    NotFound,
    PermissionDenied,
    ResourceExhausted,
    VersionConflict,
)
from hexkeep.core.kernel.event import Log, Recorded, hidden, sealings
from hexkeep.core.kernel.permission import SYSTEM, Caller, CallerKind
from hexkeep.core.notifier import SLICE
from hexkeep.core.notifier.commands import TESTS
from hexkeep.core.notifier.events import (
    NotificationProviderActivated,
    NotificationProviderChosen,
    NotificationProviderDeactivated,
    NotificationProviderRemoved,
    NotificationProviderTested,
    SmtpPasswordSet,
    SmtpProviderAdded,
    WebhookProviderAdded,
    WebhookSecretSet,
)
from hexkeep.core.notifier.outbox import OUTBOX
from hexkeep.core.notifier.projection import NOTIFICATION_PROVIDERS
from hexkeep.core.notifier.state import NOTIFIER, NOTIFIER_CHOICE, NOTIFIER_TEST
from hexkeep.core.setting.events import DefaultLanguageSet
from hexkeep.core.setting.state import SETTINGS
from hexkeep.core.text.events import CustomTextsSet
from hexkeep.core.text.state import TEXTS
from hexkeep.core.user.events import UserProfileChanged
from hexkeep.core.user.state import USER
from hexkeep.testing.decisions import NOW, Kit, Outcome, World
from tests.unit.core.people import caller, human, organization
from tests.unit.core.worlds import SLICES

KIT = Kit(*SLICES, SLICE)
PASSWORD = "correct-horse-battery"
SMTP = {
    "name": "Our mails",
    "host": "smtp.example.com",
    "port": 587,
    "tls": "starttls",
    "user_name": "hexkeep",
    "sender_address": "noreply@example.com",
    "sender_name": "Example",
    "reply_to": "",
}


def call(world: World, name: str, /, **fields: Any) -> Outcome:
    """Call an operation by name."""
    return world.when(KIT.operation(name).input(**fields), name)


def mail(provider_id: str, password: str = PASSWORD) -> Append:
    """A mail server as a provider."""
    return NOTIFIER.append(provider_id, SmtpProviderAdded(**SMTP, password=password))  # type: ignore[arg-type]  # texts, and a port


def sms(provider_id: str) -> Append:
    """A web service as a provider of text messages."""
    added = WebhookProviderAdded(name="SMS", channel="sms", url="https://sms.example.com/", signing_secret="signs")
    return NOTIFIER.append(provider_id, added)


WORLD = KIT.given(mail("first"), mail("second"), sms("third"), *organization(), *human("alice"))


def test_password_is_kept_and_shown_to_nobody() -> None:
    """It is in the event, sealed, and in no answer; the row says that there is one."""
    made = call(KIT.given(), "CreateSmtpProvider", **SMTP, password=PASSWORD)
    made.then(mail("id-1"))
    assert made.result.provider_id == "id-1"
    shown = call(made.world, "GetNotificationProvider", provider_id="id-1").result
    assert (shown.kind, shown.channel, shown.has_password, shown.active) == ("smtp", "mail", True, False)
    assert PASSWORD not in shown.model_dump_json() + repr(NOTIFIER.fold(mail("id-1").events))
    assert "password" in hidden(SmtpProviderAdded) & sealings(SmtpProviderAdded).keys()
    assert "password" not in NOTIFICATION_PROVIDERS.by_name


def test_password_goes_to_no_other_server_than_it_was_given_for() -> None:
    """An administrator who does not know it cannot have it sent somewhere, nor in clear."""
    for moved in ({"host": "evil.example"}, {"port": 25}, {"tls": "implicit"}, {"user_name": "other"}):
        call(WORLD, "UpdateSmtpProvider", provider_id="first", **moved).refused(InvalidInput)
    call(WORLD, "UpdateSmtpProvider", provider_id="first", tls="none", password=PASSWORD).refused(InvalidInput)
    given = call(WORLD, "UpdateSmtpProvider", provider_id="first", host="new.example", password="another")
    [append] = given.changes
    assert isinstance(append, Append)
    assert [event.type for event in append.events] == ["notifier.smtp.changed", "notifier.smtp.password.set"]
    taken = call(WORLD, "UpdateSmtpProvider", provider_id="first", user_name="", update_mask="user_name,password")
    assert call(taken.world, "GetNotificationProvider", provider_id="first").result.has_password is False


def test_update_changes_what_it_names_and_nothing_twice() -> None:
    """The same again is no event; a stale version is refused; a webhook is no mail server."""
    call(WORLD, "UpdateSmtpProvider", provider_id="first", sender_name="Example", password=PASSWORD).then()
    changed = call(WORLD, "UpdateSmtpProvider", provider_id="first", sender_name="Other")
    shown = call(changed.world, "GetNotificationProvider", provider_id="first").result
    assert (shown.sender_name, shown.host, shown.version) == ("Other", "smtp.example.com", 2)
    only = call(WORLD, "UpdateSmtpProvider", provider_id="first", password="another")
    only.then(NOTIFIER.append("first", SmtpPasswordSet(password="another")))
    call(WORLD, "UpdateSmtpProvider", provider_id="first", name="X", expected_version=9).refused(VersionConflict)
    call(WORLD, "UpdateSmtpProvider", provider_id="third", name="X").refused(NotFound)
    call(WORLD, "UpdateWebhookProvider", provider_id="first", name="X").refused(NotFound)
    renamed = call(WORLD, "UpdateWebhookProvider", provider_id="third", name="X").world
    assert call(renamed, "GetNotificationProvider", provider_id="third").result.name == "X"
    call(renamed, "UpdateWebhookProvider", provider_id="third", name="X").then()


@pytest.mark.parametrize(
    "wrong",
    [
        {"sender_address": "a@example.com\r\nBcc: b@example.com"},
        {"sender_address": "A <a@example.com>"},
        {"sender_address": "a@b@c, d@example.com"},
        {"sender_name": "Example\nBcc: b@example.com"},
        {"reply_to": "a@example.com, b@example.com"},
        {"host": "smtp.example.com/x"},
        {"host": "smtp example"},
        {"port": 0},
        {"user_name": "a\0b"},
    ],
)
def test_sender_and_server_are_what_they_say(wrong: dict[str, Any]) -> None:
    """Nothing that would be another header field, another receiver or another place."""
    with pytest.raises(ValidationError):
        KIT.operation("CreateSmtpProvider").input(**{**SMTP, **wrong})


@pytest.mark.parametrize(
    "url",
    ["http://sms.example.com/", "https://a:b@sms.example.com/", "https:///x", "https://a.example/#x", "ftp://a.b/"],
)
def test_web_services_are_called_over_https(url: str) -> None:
    """And with no credentials in the URL."""
    with pytest.raises(ValidationError):
        KIT.operation("CreateWebhookProvider").input(name="SMS", channel="sms", url=url)


def test_signing_secret_is_shown_once() -> None:
    """When the provider is made, and when it gets another."""
    made = call(KIT.given(), "CreateWebhookProvider", name="SMS", channel="sms", url="https://sms.example.com/")
    secret = made.result.signing_secret
    assert secret
    assert secret not in call(made.world, "GetNotificationProvider", provider_id="id-1").result.model_dump_json()
    other = call(made.world, "GenerateWebhookSecret", provider_id="id-1")
    assert other.result.signing_secret != secret
    other.then(NOTIFIER.append("id-1", WebhookSecretSet(signing_secret=other.result.signing_secret)))
    call(KIT.given(), "CreateWebhookProvider", name="X", channel="unspecified", url="https://x.example/").refused(
        InvalidInput
    )
    assert KIT.operation("CreateWebhookProvider").secrets == {"signing_secret"}


def test_one_provider_of_a_channel_sends() -> None:
    """The one that did so far stops with the one that begins; one that sends cannot be removed."""
    first = call(WORLD, "ActivateNotificationProvider", provider_id="first")
    first.then(
        NOTIFIER.append("first", NotificationProviderActivated()),
        NOTIFIER_CHOICE.append("mail", NotificationProviderChosen(provider_id="first")),
    )
    call(first.world, "ActivateNotificationProvider", provider_id="first").then()
    second = call(first.world, "ActivateNotificationProvider", provider_id="second")
    second.then(
        NOTIFIER.append("first", NotificationProviderDeactivated()),
        NOTIFIER.append("second", NotificationProviderActivated()),
        NOTIFIER_CHOICE.append("mail", NotificationProviderChosen(provider_id="second")),
    )
    other = call(second.world, "ActivateNotificationProvider", provider_id="third").world
    listed = call(other, "ListNotificationProviders", only_active=True, count=True).result
    assert ([one.provider_id for one in listed.providers], listed.total) == (["second", "third"], 2)
    call(other, "DeleteNotificationProvider", provider_id="second").refused(FailedPrecondition)
    off = call(other, "DeactivateNotificationProvider", provider_id="second")
    off.then(
        NOTIFIER.append("second", NotificationProviderDeactivated()),
        NOTIFIER_CHOICE.append("mail", NotificationProviderChosen(provider_id="")),
    )
    call(off.world, "DeactivateNotificationProvider", provider_id="second").then()
    gone = call(off.world, "DeleteNotificationProvider", provider_id="second")
    gone.then(NOTIFIER.append("second", NotificationProviderRemoved()))
    call(gone.world, "ActivateNotificationProvider", provider_id="second").refused(NotFound)


def test_test_message_goes_to_one_address_of_the_channel_and_not_too_often() -> None:
    """By the provider that is named, active or not."""
    sent = call(WORLD, "TestNotificationProvider", provider_id="first", address="ada@example.com", language="de")
    tested = NotificationProviderTested(provider_id="first", channel="mail", address="ada@example.com", language="de")
    sent.then(NOTIFIER_TEST.append("id-1", tested))
    [posted] = OUTBOX.posted(Recorded(tested, "main", Log.ACTIVITY, 1, "notifier_test", "id-1", 1, NOW, "", ""))
    assert (posted.delivery.channel, posted.delivery.payload["provider_id"]) == ("mail", "first")
    for wrong in ("+41441234567", "a@example.com\nb@example.com", ""):
        call(WORLD, "TestNotificationProvider", provider_id="first", address=wrong).refused(InvalidInput)
    call(WORLD, "TestNotificationProvider", provider_id="third", address="ada@example.com").refused(InvalidInput)
    world = WORLD
    for _ in range(TESTS):
        world = call(world, "TestNotificationProvider", provider_id="third", address="+41441234567").world
    call(world, "TestNotificationProvider", provider_id="third", address="+41441234567").refused(ResourceExhausted)


@pytest.mark.parametrize(
    ("name", "fields"),
    [
        ("CreateSmtpProvider", SMTP),
        ("CreateWebhookProvider", {"name": "X", "channel": "sms", "url": "https://x.example/"}),
        ("UpdateSmtpProvider", {"provider_id": "first", "name": "X"}),
        ("GenerateWebhookSecret", {"provider_id": "third"}),
        ("ActivateNotificationProvider", {"provider_id": "first"}),
        ("DeactivateNotificationProvider", {"provider_id": "first"}),
        ("DeleteNotificationProvider", {"provider_id": "first"}),
        ("TestNotificationProvider", {"provider_id": "first", "address": "a@example.com"}),
    ],
)
def test_providers_are_the_instances(name: str, fields: dict[str, Any]) -> None:
    """Who owns an organization does not see them; who views the instance changes nothing."""
    owner = WORLD.as_(caller("owner", "ORGANIZATION_OWNER", "acme"))
    call(owner, name, **fields).refused(NotFound if "provider_id" in fields else PermissionDenied)
    call(WORLD.as_(caller("viewer", "INSTANCE_VIEWER")), name, **fields).refused(PermissionDenied)
    call(owner, "GetNotificationProvider", provider_id="first").refused(PermissionDenied)
    call(owner, "ListNotificationProviders").refused(PermissionDenied)


def test_message_goes_out_by_the_active_provider_in_the_language_and_words_of_the_person() -> None:
    """Words of the organization come before those of the instance; a test needs no active provider."""
    told = {"mail.reset_password.subject": "Neu"}
    world = WORLD.given(
        SETTINGS.append("instance", DefaultLanguageSet(language="de")),
        TEXTS.append("instance.de", CustomTextsSet(language="de", texts={**told, "mail.closing": "Gruss"})),
        TEXTS.append("acme.de", CustomTextsSet(language="de", texts={"mail.closing": "Tschau"})),
    )
    assert call(world, "PlanNotification", channel="mail", user_id="alice").result.kind == ""
    active = call(world, "ActivateNotificationProvider", provider_id="first").world.as_(SYSTEM)
    plan = call(active, "PlanNotification", channel="mail", user_id="alice").result
    assert (plan.kind, plan.language, plan.password) == ("smtp", "de", PASSWORD)
    assert plan.texts == {**told, "mail.closing": "Tschau"}
    assert call(active, "PlanNotification", channel="mail", user_id="alice", language="en").result.language == "en"
    assert call(active, "PlanNotification", channel="sms", user_id="alice").result.kind == ""
    assert call(active, "PlanNotification", channel="sms", provider_id="third").result.signing_secret == "signs"
    assert call(active, "PlanNotification", channel="sms", provider_id="second").result.kind == ""


def test_features_change_how_messages_go_out() -> None:
    """In plain text alone, and in the instance's language, where it wants that."""
    world = WORLD.given(
        USER.append(
            "alice", UserProfileChanged(given_name="A", family_name="", display_name="A", preferred_language="de")
        )
    )
    active = call(world, "ActivateNotificationProvider", provider_id="first").world
    plan = call(active, "PlanNotification", channel="mail", user_id="alice").result
    assert (plan.language, plan.html) == ("de", True)
    off = [FeatureSet(feature=one, enabled=False) for one in ("html_mail", "personal_language")]
    plan = call(active.given(FEATURES.append("features", *off)), "PlanNotification", channel="mail", user_id="alice")
    assert (plan.result.language, plan.result.html) == ("en", False)


def test_plan_is_for_the_program_alone() -> None:
    """It holds secrets: neither who owns the instance nor a caller of the System API gets it."""
    for who in (caller("root", "INSTANCE_OWNER"), Caller(CallerKind.SYSTEM, name="ci")):
        call(WORLD.as_(who), "PlanNotification", channel="mail").refused(PermissionDenied)
