"""What happens to the texts that an instance or an organization has put in the place of ours."""

from hexkeep.core.kernel.event import Event


class CustomTextsSet(Event):
    """These are its own texts in that language from now on, by id; no others."""

    type = "text.set"

    language: str
    texts: dict[str, str]


class CustomTextsReset(Event):
    """It has no texts of its own in that language any more."""

    type = "text.reset"

    language: str
