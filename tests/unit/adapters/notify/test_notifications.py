"""Messages that really go out: to a real mail server and a real web server, worded and signed."""

import hashlib
import hmac
import json
import logging
import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, cast

import pytest
from pydantic import JsonValue

from hexkeep.adapters.notify.deliverer import Notifications
from hexkeep.adapters.outbound.client import GuardedOutbound
from hexkeep.adapters.outbound.settings import OutboundSettings
from hexkeep.adapters.system.clock import SystemClock
from hexkeep.core.notifier.plan import NotificationPlan
from hexkeep.ports.api import Answer, Api
from hexkeep.ports.delivery import DeliveryFailed, Outgoing
from tests.fakes.mail_server import MailServer, mail_server
from tests.fakes.name_server import name_server
from tests.fakes.web_server import answer, certified, web_server

HOST = "mail.example"
LINK = "https://id.example.com/ui/reset-password?user=alice&code=SECRETCODE"
VALUES: Mapping[str, JsonValue] = {
    "code": "BCDFGHJK",
    "link": LINK,
    "display_name": "Ada <b>Lovelace</b>",
    "expires_at": "2026-01-02T03:04:05+00:00",
}


class Planner:
    """Knows one plan: the part of the API that the deliverer asks."""

    def __init__(self, plan: NotificationPlan) -> None:
        self.plan = plan

    async def call(self, *_: object) -> Answer[NotificationPlan]:
        """The plan."""
        return Answer(self.plan)


def plan(server: MailServer | None = None, **changes: Any) -> NotificationPlan:
    """How a mail goes out by a server."""
    made = NotificationPlan(
        kind="smtp",
        host=HOST,
        port=server.port if server else 25,
        tls="none",
        sender_address="noreply@example.com",
        sender_name="Example, Ltd",
        reply_to="help@example.com",
        language="en",
        origin="https://id.example.com",
    )
    return made.model_copy(update=changes)


def outgoing(message: str = "reset_password", to: str = "ada@example.com", **payload: JsonValue) -> Outgoing:
    """A message that is to go out."""
    return Outgoing(
        id="delivery-1",
        instance="main",
        outbox="codes",
        channel="mail",
        key="a-key_of=this",
        payload={"message": message, "to": to, "language": "", "values": dict(VALUES), **payload},
        user_id="alice",
        attempt=1,
        created_at=datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC),
        expires_at=None,
    )


async def send(
    planned: NotificationPlan, message: Outgoing, certificates: Path | None = None, *, private: bool = True
) -> None:
    """Deliver, in a DNS where every host is on the loopback."""
    async with name_server({(HOST, "A"): ["127.0.0.1"]}) as names:
        settings = OutboundSettings(
            private_networks=private, nameservers=(names.address,), certificates=str(certificates or "")
        )
        deliverer = Notifications(GuardedOutbound(settings), SystemClock())
        deliverer.attach(cast("Api", Planner(planned)))
        await deliverer.deliver(message)


async def failure(
    planned: NotificationPlan, message: Outgoing, certificates: Path | None = None, *, private: bool = True
) -> tuple[str, bool]:
    """What a message fails with, and whether for good."""
    with pytest.raises(DeliveryFailed) as caught:
        await send(planned, message, certificates, private=private)
    assert "ada@example.com" not in repr(caught.value) + str(caught.value)
    return caught.value.code, caught.value.permanent


async def test_mail_is_in_two_forms_and_what_comes_from_outside_is_escaped() -> None:
    """Text and HTML, with the link once in each; a name with markup shows as it is written."""
    async with mail_server() as server:
        await send(plan(server), outgoing())
        mail = await server.next()
    assert (mail["From"], mail["To"]) == ('"Example, Ltd" <noreply@example.com>', "ada@example.com")
    assert (mail["Reply-To"], mail["Subject"]) == ("help@example.com", "Choose another password")
    assert mail["Message-ID"] == "<a-key_of=this@example.com>"
    assert (mail["Auto-Submitted"], mail["Content-Language"]) == ("auto-generated", "en")
    assert mail.get_content_type() == "multipart/alternative"
    text, html = mail.get_body(("plain",)), mail.get_body(("html",))
    assert text is not None
    assert html is not None
    assert LINK in text.get_content()
    assert "until 2026-01-02 03:04 UTC" in text.get_content()
    assert "Ada <b>Lovelace</b>" in text.get_content()
    assert "Ada &lt;b&gt;Lovelace&lt;/b&gt;" in html.get_content()
    assert f'href="{LINK.replace("&", "&amp;")}"' in html.get_content()
    assert server.envelopes[0].mail_from == "noreply@example.com"


async def test_mail_is_in_the_language_and_words_that_are_planned() -> None:
    """German of ours, and of the instance where it has its own; a place in a value is not filled."""
    own = {"mail.reset_password.subject": "Neues\nPasswort für {display_name} {unknown}"}
    async with mail_server() as server:
        values: dict[str, JsonValue] = {**VALUES, "display_name": "{code}"}
        await send(plan(server, language="de", texts=own), outgoing(values=values))
        mail = await server.next()
    assert mail["Subject"] == "Neues Passwort für {code} {unknown}"
    text = mail.get_body(("plain",))
    assert text is not None
    assert "hat das Passwort für id.example.com vergessen" in text.get_content()
    assert "BCDFGHJK" not in text.get_content()


async def test_attempts_share_a_message_id() -> None:
    """A receiver that has it already may know."""
    async with mail_server() as server:
        await send(plan(server), outgoing())
        await send(plan(server), replace(outgoing(), attempt=2))
        first, second = await server.next(), await server.next()
    assert first["Message-ID"] == second["Message-ID"]


@pytest.mark.parametrize("tls", ["starttls", "implicit"])
async def test_password_goes_over_tls_to_a_server_that_is_who_it_says(tls: str, tmp_path: Path) -> None:
    """A certificate that nobody vouches for, or of another host, gets neither password nor mail."""
    certificate, context = certified(HOST, tmp_path)
    async with mail_server(login=("hexkeep", "secret"), **{tls: context}) as server:
        planned = plan(server, tls=tls, user_name="hexkeep", password="secret")
        await send(planned, outgoing(), certificate)
        await server.next()
        assert server.encrypted == [True]
        assert await failure(planned, outgoing()) == ("tls", False)
        wrong = planned.model_copy(update={"password": "wrong"})
        assert await failure(wrong, outgoing(), certificate) == ("smtp_535", False)
    other = tmp_path / "other"
    other.mkdir()
    certificate, context = certified("other.example", other)
    async with mail_server(login=None, **{tls: context}) as server:
        assert await failure(plan(server, tls=tls), outgoing(), certificate) == ("tls", False)
        assert server.mails == []


async def test_server_without_starttls_gets_nothing() -> None:
    """Somebody in between may have taken the offer away (RFC 3207 section 6)."""
    async with mail_server() as server:
        code, _ = await failure(plan(server, tls="starttls", user_name="hexkeep", password="secret"), outgoing())
        assert (code, server.mails) == ("smtp_failed", [])


@pytest.mark.parametrize(
    ("at", "reply", "outcome"),
    [
        ("receiver_says", "550 5.1.1 ada@example.com: no such user", ("smtp_550", True)),
        ("receiver_says", "450 4.2.1 ada@example.com: come back later", ("smtp_450", False)),
        ("data_says", "554 5.7.1 refused", ("smtp_554", True)),
        ("data_says", "451 4.3.0 come back later", ("smtp_451", False)),
    ],
)
async def test_refusals_for_good_and_for_now_are_told_apart(at: str, reply: str, outcome: tuple[str, bool]) -> None:
    """By the class of the reply; what the server says beside it goes nowhere."""
    async with mail_server() as server:
        setattr(server, at, reply)
        assert await failure(plan(server), outgoing()) == outcome


@pytest.mark.parametrize(
    "to",
    ["ada@example.com\r\nBcc: eve@example.com", "ada@example.com, eve@example.com", "Ada <ada@example.com>", "nobody"],
)
async def test_address_is_one_address(to: str) -> None:
    """Whatever else it might be, no mail comes of it."""
    async with mail_server() as server:
        assert await failure(plan(server), outgoing(to=to)) == ("invalid_mail", True)
        assert server.mails == []


async def test_servers_of_our_own_network_are_not_reached() -> None:
    """An administrator of an instance is not one of the installation (OWASP on SSRF)."""
    async with mail_server() as server:
        assert await failure(plan(server), outgoing(), private=False) == ("forbidden_address", True)
    assert await failure(plan(server), outgoing()) == ("unreachable", False)
    assert await failure(plan(host="nowhere.example"), outgoing()) == ("unresolvable", False)


async def test_without_provider_or_words_nothing_goes_out() -> None:
    """A provider may come yet; a provider under test that is gone, and words that nobody has, will not."""
    assert await failure(NotificationPlan(), outgoing()) == ("no_provider", False)
    assert await failure(NotificationPlan(), outgoing(provider_id="gone")) == ("no_provider", True)
    assert await failure(plan(), outgoing("unheard_of")) == ("unknown_message", True)
    assert await failure(plan(), outgoing("../x")) == ("malformed", True)


async def test_web_service_gets_signed_json(tmp_path: Path) -> None:
    """The signature is over the time and the very bytes; the key is the same at every attempt."""
    certificate, context = certified(HOST, tmp_path)
    async with web_server({"/send": answer(status="202 Accepted")}, context) as site:
        planned = NotificationPlan(
            kind="webhook",
            url=f"https://{HOST}:{site.port}/send",
            signing_secret="signs",
            language="de",
            origin="https://id.example.com",
        )
        text_message = replace(outgoing("verify_phone", to="+41441234567"), channel="sms")
        await send(planned, text_message, certificate)
        await send(planned, outgoing(), certificate)
    headers = site.requests[0].lower()
    assert "idempotency-key: a-key_of=this" in headers
    found = re.search(r"hexkeep-signature: t=(\d+),v1=([0-9a-f]{64})", headers)
    assert found is not None
    signed = f"{found[1]}.".encode() + site.bodies[0]
    assert hmac.compare_digest(found[2], hmac.new(b"signs", signed, hashlib.sha256).hexdigest())
    assert abs(int(found[1]) - datetime.now(UTC).timestamp()) < 60
    sent, mail = map(json.loads, site.bodies)
    assert (sent["to"], sent["language"], sent["message"]) == ("+41441234567", "de", "verify_phone")
    assert sent["text"] == "BCDFGHJK ist Ihr Code, um diese Nummer bei id.example.com zu bestätigen."
    assert mail["subject"] == "Wählen Sie ein neues Passwort"
    assert mail["values"]["link"] == LINK
    assert "&lt;b&gt;" in mail["html"]


@pytest.mark.parametrize(
    ("status", "permanent"),
    [
        ("400 Bad Request", True),
        ("404 Not Found", True),
        ("302 Found", True),
        ("429 Too Many Requests", False),
        ("503 Service Unavailable", False),
    ],
)
async def test_answers_of_a_web_service_are_told_apart(status: str, permanent: bool, tmp_path: Path) -> None:  # noqa: FBT001 - a parameter of the table
    """What the client did wrong stays wrong; the service's own faults and its wish to wait pass."""
    certificate, context = certified(HOST, tmp_path)
    refusal = answer(b"ada@example.com", status, "retry-after: 120")
    async with web_server({"/": refusal}, context) as site:
        planned = NotificationPlan(kind="webhook", url=f"https://{HOST}:{site.port}/", signing_secret="signs")
        with pytest.raises(DeliveryFailed) as caught:
            await send(planned, outgoing(), certificate)
    assert (caught.value.code, caught.value.permanent) == (f"http_{status[:3]}", permanent)
    assert caught.value.retry_after == timedelta(seconds=120)


async def test_logs_hold_neither_address_nor_code(caplog: pytest.LogCaptureFixture) -> None:
    """Neither ours nor those of the libraries, at any level."""
    caplog.set_level(logging.DEBUG)
    async with mail_server() as server:
        await send(plan(server), outgoing())
        server.receiver_says = "550 5.1.1 ada@example.com: no such user"
        await failure(plan(server), outgoing())
    told = "\n".join(record.getMessage() for record in caplog.records if not record.name.startswith("mail."))
    assert "ada@example.com" not in told
    assert "SECRETCODE" not in told
