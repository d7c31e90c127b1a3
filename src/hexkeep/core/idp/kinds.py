"""Kinds of identity providers. A kind is a name and a model of its settings; its operations are made of these.

A plugin adds a kind by offering it (``hexkeep.ports.idp.IdpOffer``).
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any

from pydantic import Field, JsonValue, StringConstraints, ValidationError
from pydantic.fields import FieldInfo

from hexkeep.core.kernel.errors import InvalidInput, Violation
from hexkeep.core.kernel.operation import Message

OptionalSecret = Annotated[str, StringConstraints(max_length=2000), Field(repr=False)]
"""A secret that need not be there. Every setting that is left out of ``repr`` is a secret."""
Secret = Annotated[str, StringConstraints(min_length=1, max_length=2000), Field(repr=False)]
"""A secret that has to be there."""


class IdpSettings(Message):
    """Base of the settings of a kind: what is the same for all identity providers is not among them.

    A setting whose field has ``repr=False`` is a secret: a text that is sealed in the log and never shown again.
    Rules between several settings are pydantic's validators of the model.
    """

    @property
    def strangers(self) -> bool:
        """Whether accounts may be of places whose managers are strangers, and write any address into them."""
        return False


@dataclass(frozen=True, slots=True)
class IdpKind:
    """A kind of identity providers.

    ``name`` stands in the log and in paths, ``noun`` in the names of the operations and ``title`` in sentences.
    ``sent_to`` names the settings that say where the secrets are sent: whoever changes one has to give the secrets
    again, lest a secret that is not shown be sent to a server of one's own.
    ``accounts_at`` names those that say whose accounts there are (``attributes.id`` for one within another): while
    users are linked to accounts none of them changes. Of a list one value has to stay. ``metadata`` names the setting
    that is metadata of SAML, where it is the entity id that has to stay.
    ``harmless`` names those that say nothing of who is believed, such as the secret that this system itself has there:
    while users are linked who hold more than the caller, no others change. ``ValueError`` for what does not fit.
    """

    name: str
    noun: str
    title: str
    settings: type[IdpSettings]
    sent_to: frozenset[str] = frozenset()
    accounts_at: frozenset[str] = frozenset()
    metadata: str = ""
    harmless: frozenset[str] = frozenset()

    def __post_init__(self) -> None:
        """Look at it once, where it is declared."""
        if not re.fullmatch(r"[a-z][a-z0-9_]{0,49}", self.name):
            raise ValueError(f"{self.name} is no name of a kind: small letters, digits and underscores")
        named = {one.partition(".")[0] for one in self._named() if one}
        if strange := named - self.settings.model_fields.keys():
            raise ValueError(f"{self.name}: {min(strange)} is none of its settings")
        if any(self.settings.model_fields[name].annotation is not str for name in self.secrets):
            raise ValueError(f"{self.name}: a secret is a text")

    def _named(self) -> tuple[str, ...]:
        return (*self.sent_to, *self.accounts_at, self.metadata, *self.harmless)

    @property
    def secrets(self) -> frozenset[str]:
        """The settings that are secrets."""
        return frozenset(name for name, field in self.settings.model_fields.items() if is_secret(field))

    @property
    def path(self) -> str:
        """Its place among the paths."""
        return self.name.replace("_", "-")

    def judged(self, fields: Mapping[str, object]) -> IdpSettings:
        """The settings that ``fields`` are; raises ``InvalidInput`` for such as do not fit together."""
        try:
            return self.settings.model_validate(dict(fields))
        except ValidationError as error:
            found = error.errors(include_url=False, include_context=False, include_input=False)
            raise InvalidInput("", *(Violation(".".join(map(str, one["loc"])), one["msg"]) for one in found)) from None

    def public(self, settings: IdpSettings) -> dict[str, JsonValue]:
        """What may be shown of settings, as JSON."""
        return settings.model_dump(mode="json", exclude=set(self.secrets))

    def secret(self, settings: IdpSettings) -> dict[str, str]:
        """The secrets among settings, those that are there."""
        held: dict[str, str] = settings.model_dump(include=set(self.secrets))
        return {name: value for name, value in sorted(held.items()) if value}


def is_secret(field: FieldInfo) -> bool:
    """Whether a setting is a secret."""
    return not field.repr


def packed(secrets: Mapping[str, str]) -> str:
    """Secrets as an event holds them."""
    return json.dumps(dict(secrets), sort_keys=True)


def unpacked(text: str) -> Mapping[str, str]:
    """The secrets that an event holds; none where they cannot be read any more."""
    found: dict[str, Any] = json.loads(text) if text else {}
    return {name: str(value) for name, value in found.items()}
