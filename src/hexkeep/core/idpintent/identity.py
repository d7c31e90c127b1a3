"""What an identity provider tells of somebody. Whatever does not have the form of its field is not known."""

import json
import re
from datetime import datetime
from typing import Annotated

from pydantic import (
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    JsonValue,
    TypeAdapter,
    ValidationError,
    ValidationInfo,
    field_validator,
    model_validator,
)

from hexkeep.core.kernel.fields import Email, LanguageTag, Line, Phone, one_line
from hexkeep.core.kernel.urls import server_url

MAX_EXTERNAL_ID = 500
MAX_CLAIMS = 20_000
"""How many bytes the raw claims may have as JSON; longer ones are left out."""
MAX_DEPTH = 50
"""How deep they may be nested, which is less than what reads them again can take."""
MAX_GROUPS = 200
"""How many groups are kept, those first that a rule names."""
MAX_TOLD_GROUPS = 2000
"""How many groups are looked at."""
MAX_SESSION = 8000
"""How long what a provider wants back may be; what is longer is left out."""
_LINE, _EMAIL, _PHONE, _TAG = (TypeAdapter[str](kind) for kind in (Line, Email, Phone, LanguageTag))
PICTURE = re.compile(r"https://\S{1,1990}")


def _told(kind: TypeAdapter[str]) -> BeforeValidator:
    def read(value: object) -> str:
        try:
            return kind.validate_python(value) if isinstance(value, str) else ""
        except ValidationError:
            return ""

    return BeforeValidator(read)


def _external_id(value: str) -> str:
    if not value or len(value) > MAX_EXTERNAL_ID or one_line(value) != value:
        raise ValueError(f"must be one line of 1 to {MAX_EXTERNAL_ID} characters")
    return value


def _picture(value: object) -> str:
    try:
        return server_url(value) if isinstance(value, str) and PICTURE.fullmatch(value) else ""
    except ValueError:
        return ""


def _groups(value: object) -> tuple[str, ...]:
    named = value if isinstance(value, list | tuple) else ()
    lines = (_LINE.validate_python(one) for one in named if isinstance(one, str) and _is_line(one))
    return tuple(dict.fromkeys(filter(None, lines)))[:MAX_TOLD_GROUPS]


def _is_line(value: str) -> bool:
    try:
        _LINE.validate_python(value)
    except ValidationError:
        return False
    return True


def _is_bearable(value: object) -> bool:
    """Whether claims are JSON of a bearable length and depth in UTF-8."""
    try:
        text = json.dumps(value, ensure_ascii=False).encode()
    except (TypeError, ValueError, RecursionError):
        return False
    return isinstance(value, dict) and len(text) <= MAX_CLAIMS and not _is_deeper(value, MAX_DEPTH)


def _is_deeper(value: object, levels: int) -> bool:
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return levels == 0 or any(_is_deeper(one, levels - 1) for one in inner)


def _session(value: object) -> str:
    return value if isinstance(value, str) and len(value) <= MAX_SESSION and value.isprintable() else ""


Told = Annotated[str, _told(_LINE)]


class Answered(BaseModel):
    """An answer that is signed and comes by the browser, so that it could come again: it counts once.

    ``id`` is what the provider calls it, ``until`` when it is over by itself.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    id: str = Field(min_length=1, max_length=MAX_EXTERNAL_ID, repr=False)
    until: datetime


class Identity(BaseModel):
    """An account at an identity provider, and what is told of whose it is.

    ``external_id`` never changes and is no other account's, in this very spelling; ``ValueError`` for what cannot be
    one. All else may be empty. An e-mail address or a phone number counts as verified only if the provider itself has
    said so. ``groups`` are names as the provider has them, ``claims`` all that it told, as JSON.

    With ``partial`` there may be more than is told now, so nothing is taken from the user for being left out; claims
    that are too long are left out and make it so. A single claim is left out where ``_claim_names`` has its name (OIDC
    Core section 5.6.2).

    ``session`` is what the provider needs to sign the person out there or to ask again: a text that means nothing to
    anybody else and is a secret (ID token, refresh token, session index). Printable, at most 8000 characters.
    ``session_name`` and ``session_index`` are what the provider calls the person and the session when it is the
    provider that tells of a logout.

    ``authenticated_at`` is when the person has authenticated there, and ``session_ends_at`` when the session there is
    over, both with a time zone, and empty unless the provider says so. The former is never in the future.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    external_id: Annotated[str, BeforeValidator(_external_id)] = Field(repr=False)
    user_name: Told = Field(default="", repr=False)
    given_name: Told = Field(default="", repr=False)
    family_name: Told = Field(default="", repr=False)
    display_name: Told = Field(default="", repr=False)
    nickname: Told = Field(default="", repr=False)
    email: Annotated[str, _told(_EMAIL)] = Field(default="", repr=False)
    email_verified: bool = False
    phone: Annotated[str, _told(_PHONE)] = Field(default="", repr=False)
    phone_verified: bool = False
    preferred_language: Annotated[str, _told(_TAG)] = ""
    picture: Annotated[str, BeforeValidator(_picture)] = Field(default="", repr=False)
    groups: Annotated[tuple[str, ...], BeforeValidator(_groups)] = ()
    claims: dict[str, JsonValue] = Field(default_factory=dict, repr=False)
    partial: bool = False
    session: Annotated[str, BeforeValidator(_session)] = Field(default="", repr=False)
    session_name: Annotated[str, BeforeValidator(_session)] = Field(default="", repr=False)
    session_index: Annotated[str, BeforeValidator(_session)] = Field(default="", repr=False)
    answered: Answered | None = None
    authenticated_at: AwareDatetime | None = None
    session_ends_at: AwareDatetime | None = None

    @model_validator(mode="before")
    @classmethod
    def _bounded(cls, value: object) -> object:
        """Claims that nobody can bear are left out, which is not the same as if there were none."""
        if isinstance(value, dict) and not _is_bearable(value.get("claims", {})):
            return {**value, "claims": {}, "partial": True}
        return value

    @field_validator("email_verified", "phone_verified")
    @classmethod
    def _verifies_what_is_there(cls, value: bool, info: ValidationInfo) -> bool:  # noqa: FBT001 - as pydantic calls it
        """Nothing is verified that is not known."""
        return value and bool(info.data.get(str(info.field_name).removesuffix("_verified")))

    @property
    def name(self) -> str:
        """What to call the account."""
        full = f"{self.given_name} {self.family_name}".strip()
        return self.display_name or full or self.user_name or self.email
