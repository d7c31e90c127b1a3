"""Texts of an instance or of an organization in one language, and which of them count."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from hexkeep.core.kernel.aggregate import Aggregate
from hexkeep.core.kernel.decision import Context
from hexkeep.core.kernel.event import Event, Log
from hexkeep.core.text.events import CustomTextsReset, CustomTextsSet

INSTANCE = "instance"
"""Stands for the instance where an organization has its id."""


@dataclass(frozen=True, slots=True)
class CustomTexts:
    """The texts set in one place for one language, by id."""

    texts: Mapping[str, str] = field(default_factory=dict)


def _evolve(state: CustomTexts, event: Event) -> CustomTexts:
    match event:
        case CustomTextsSet(texts=texts):
            return CustomTexts(texts)
        case CustomTextsReset():
            return CustomTexts()
        case _:
            return state


TEXTS = Aggregate("text", Log.DURABLE, CustomTexts(), (CustomTextsSet, CustomTextsReset), _evolve)
"""One for each place and language; its id is made by ``texts_id``."""


def texts_id(organization_id: str, language: str) -> str:
    """The id of the texts of an organization, or of the instance where none is named, in a language."""
    return f"{organization_id or INSTANCE}.{language.lower()}"


def effective_texts(ctx: Context, organization_id: str, language: str) -> dict[str, str]:
    """The texts that count in an organization: its own, and the instance's where it has none."""
    above = ctx.load(TEXTS, texts_id("", language)).texts
    own = ctx.load(TEXTS, texts_id(organization_id, language)).texts if organization_id else {}
    return {**above, **own}
