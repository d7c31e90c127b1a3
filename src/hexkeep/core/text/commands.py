"""Putting texts of one's own in the place of ours, taking them back, and looking at what counts."""

import re
import unicodedata
from typing import Annotated

from pydantic import AfterValidator, Field, StringConstraints

from hexkeep.core.kernel.access import reach
from hexkeep.core.kernel.decision import Context, Decision
from hexkeep.core.kernel.errors import TooLarge
from hexkeep.core.kernel.fields import FORBIDDEN, OVERRIDES, Id
from hexkeep.core.kernel.operation import Empty, Message
from hexkeep.core.kernel.update import Conditional, expect
from hexkeep.core.organization.state import ORGANIZATION
from hexkeep.core.text.events import CustomTextsReset, CustomTextsSet
from hexkeep.core.text.state import TEXTS, effective_texts, texts_id

READ = "policy.read"
MAX_TEXTS, MAX_CHARACTERS = 500, 100_000
"""Of one place and language."""


def _lines(text: str) -> str:
    for character in text:
        if (unicodedata.category(character) in FORBIDDEN and character != "\n") or character in OVERRIDES:
            raise ValueError("must not contain control characters")
    return unicodedata.normalize("NFC", text)


Language = Annotated[str, StringConstraints(max_length=35, pattern=r"^[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*$")]
"""A language tag (RFC 5646) such as ``en`` or ``pt-BR``."""
TEXT_ID = re.compile(r"(page|mail|sms)(\.[a-z0-9_]{1,40}){1,5}")
"""What a text is for: ``page.login.title``, ``mail.reset_password.subject``."""
Text = Annotated[str, StringConstraints(min_length=1, max_length=4000), AfterValidator(_lines)]
"""A text, of several lines if need be. ``{name}`` stands for what is put in there."""


def _known(texts: dict[str, str]) -> dict[str, str]:
    if not all(map(TEXT_ID.fullmatch, texts)):
        raise ValueError("must have ids such as page.login.title")
    return texts


Texts = Annotated[dict[str, Text], Field(max_length=MAX_TEXTS), AfterValidator(_known)]
"""Texts by what they are for."""


class GetDefaultCustomTexts(Message):
    """The language whose texts are meant."""

    language: Language


class GetCustomTexts(Message):
    """The organization and the language whose texts are meant."""

    organization_id: Id
    language: Language


class SetDefaultCustomTexts(Conditional):
    """All texts of its own that an instance has in a language."""

    language: Language
    texts: Texts = Field(examples=[{"page.login.title": "Welcome"}])


class SetCustomTexts(Conditional):
    """All texts of its own that an organization has in a language."""

    organization_id: Id
    language: Language
    texts: Texts = Field(examples=[{"page.login.title": "Welcome"}])


class ResetDefaultCustomTexts(Conditional):
    """The language in which an instance is to have no texts of its own."""

    language: Language


class ResetCustomTexts(Conditional):
    """The organization, and the language in which it is to have no texts of its own."""

    organization_id: Id
    language: Language


class CustomTextsView(Message):
    """Texts in one language. ``texts`` are those set in that place, ``effective`` those that count there."""

    language: str
    texts: dict[str, str]
    effective: dict[str, str]
    version: int


def get_default_custom_texts(request: GetDefaultCustomTexts, ctx: Context) -> Decision[CustomTextsView]:
    """Get the instance's own texts in a language."""
    return _shown(ctx, "", request.language)


def get_custom_texts(request: GetCustomTexts, ctx: Context) -> Decision[CustomTextsView]:
    """Get an organization's own texts in a language, and those that count there."""
    return _shown(ctx, request.organization_id, request.language)


def set_default_custom_texts(request: SetDefaultCustomTexts, ctx: Context) -> Decision[Empty]:
    """Set the instance's own texts in a language. Those that are left out are ours again."""
    return _set(ctx, "", request)


def set_custom_texts(request: SetCustomTexts, ctx: Context) -> Decision[Empty]:
    """Set an organization's own texts in a language. Those that are left out are the instance's again."""
    return _set(ctx, request.organization_id, request)


def reset_default_custom_texts(request: ResetDefaultCustomTexts, ctx: Context) -> Decision[Empty]:
    """Take the instance's own texts in a language back."""
    return _reset(ctx, "", request)


def reset_custom_texts(request: ResetCustomTexts, ctx: Context) -> Decision[Empty]:
    """Take an organization's own texts in a language back."""
    return _reset(ctx, request.organization_id, request)


def _reached(ctx: Context, organization_id: str) -> None:
    if not organization_id:
        ctx.authorize()
        return
    reach(ctx, READ, exists=ctx.load(ORGANIZATION, organization_id).exists, organization=organization_id)


def _shown(ctx: Context, organization_id: str, language: str) -> Decision[CustomTextsView]:
    _reached(ctx, organization_id)
    place = texts_id(organization_id, language)
    return Decision(
        CustomTextsView(
            language=language.lower(),
            texts=dict(ctx.load(TEXTS, place).texts),
            effective=effective_texts(ctx, organization_id, language),
            version=ctx.version(TEXTS, place),
        )
    )


def _set(ctx: Context, organization_id: str, request: SetDefaultCustomTexts | SetCustomTexts) -> Decision[Empty]:
    _reached(ctx, organization_id)
    place = texts_id(organization_id, request.language)
    expect(ctx, TEXTS, place, request)
    if sum(len(key) + len(text) for key, text in request.texts.items()) > MAX_CHARACTERS:
        raise TooLarge(f"All texts of a language have {MAX_CHARACTERS} characters at most")
    if dict(ctx.load(TEXTS, place).texts) == request.texts:
        return Decision(Empty())
    changed = CustomTextsSet(language=request.language.lower(), texts=request.texts)
    return Decision(Empty(), TEXTS.append(place, changed))


def _reset(ctx: Context, organization_id: str, request: ResetDefaultCustomTexts | ResetCustomTexts) -> Decision[Empty]:
    _reached(ctx, organization_id)
    place = texts_id(organization_id, request.language)
    expect(ctx, TEXTS, place, request)
    if not ctx.load(TEXTS, place).texts:
        return Decision(Empty())
    return Decision(Empty(), TEXTS.append(place, CustomTextsReset(language=request.language.lower())))
