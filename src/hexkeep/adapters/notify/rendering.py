"""Messages made of texts and values: a subject, plain text, and HTML in which every value is escaped."""

import functools
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from hexkeep.adapters.notify.texts import ENGLISH, TEXTS
from hexkeep.ports.delivery import DeliveryFailed

if TYPE_CHECKING:
    from jinja2 import Template

PLACE = re.compile(r"{([a-z_]+)}")
MOMENTS = frozenset({"expires_at", "changed_at"})
MAX_SUBJECT = 200


@dataclass(frozen=True, slots=True)
class Words:
    """What a message may be made of: texts of the language, with those put in their place, and the values."""

    language: str
    texts: Mapping[str, str]
    values: Mapping[str, str] = field(repr=False)

    @classmethod
    def of(cls, language: str, own: Mapping[str, str], values: Mapping[str, str], origin: str) -> "Words":
        """The words of an instance at ``origin``. What a language does not say is said in English."""
        told = {name: _moment(value) if name in MOMENTS else value for name, value in values.items()}
        texts = {**ENGLISH, **TEXTS.get(language, {}), **own}
        return cls(language, texts, {"host": urlsplit(origin).netloc, **told})

    def say(self, text_id: str) -> str:
        """A text with its values put in once: what looks like a place inside of a value stays as it is."""
        return PLACE.sub(lambda found: self.values.get(found[1], found[0]), self.texts.get(text_id, ""))

    def line(self, text_id: str) -> str:
        """The same as one line, as a header needs it."""
        return " ".join(self.say(text_id).split())


@dataclass(frozen=True, slots=True)
class Rendered:
    """A message as somebody reads it. A text message has neither subject nor HTML."""

    subject: str = field(repr=False)
    text: str = field(repr=False)
    html: str = field(default="", repr=False)


def render_mail(kind: str, words: Words) -> Rendered:
    """A mail; raises ``DeliveryFailed`` for a kind that nobody has given words to."""
    subject, text = words.line(f"mail.{kind}.subject")[:MAX_SUBJECT], words.say(f"mail.{kind}.text")
    if not subject or not text:
        raise DeliveryFailed(permanent=True, code="unknown_message")
    link = words.values.get("link", "")
    greeting = words.line("mail.greeting" if words.values.get("display_name") else "mail.greeting.unknown")
    closing = words.say("mail.closing")
    plain = "\n\n".join(part for part in (greeting, text, link, closing) if part) + "\n"
    html = _template().render(
        language=words.language,
        subject=subject,
        greeting=greeting,
        lines=[line for line in text.splitlines() if line],
        link=link,
        button=words.line(f"mail.{kind}.button") or link,
        closing=closing,
    )
    return Rendered(subject, plain, html)


def render_text_message(kind: str, words: Words) -> Rendered:
    """A text message; raises ``DeliveryFailed`` for a kind that nobody has given words to."""
    text = words.say(f"sms.{kind}.text")
    if not text:
        raise DeliveryFailed(permanent=True, code="unknown_message")
    return Rendered("", text)


@functools.cache
def _template() -> "Template":
    try:
        from jinja2 import Environment, PackageLoader, StrictUndefined
    except ImportError as error:
        raise DeliveryFailed(permanent=False, code="jinja2_missing") from error
    loader = PackageLoader("hexkeep.adapters.notify")
    made = Environment(loader=loader, autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    return made.get_template("mail.html")


def _moment(text: str) -> str:
    """A moment as people read it; what is none stays as it is."""
    try:
        return f"{datetime.fromisoformat(text).astimezone(UTC):%Y-%m-%d %H:%M} UTC"
    except ValueError:
        return text
