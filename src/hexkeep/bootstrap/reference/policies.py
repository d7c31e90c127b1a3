"""The page of all policies."""

import typing
from collections.abc import Iterator
from datetime import timedelta
from enum import Enum

from pydantic.fields import FieldInfo

from hexkeep.bootstrap.durations import format_duration
from hexkeep.bootstrap.reference.table import table
from hexkeep.bootstrap.reference.type_names import type_name
from hexkeep.core.policy.events import Policy
from hexkeep.core.policy.state import BRANDING, BRANDING_PREVIEW, KINDS, Kind

INTRODUCTION = """\
<!-- Made by `python -m hexkeep.bootstrap.reference`; edit the descriptions of the policies instead. -->

# Policies

Every policy has a built-in value; an instance may have its own, and so may an organization
([how to set them](../how-to/policies.md)). Each is set by `SetDefault…` and `Set…`, read by `GetDefault…` and `Get…`,
and taken back by `ResetDefault…` and `Reset…`. Durations are ISO 8601 in JSON (`PT15M`).
"""
HEAD = ("Field", "Type", "Built-in value", "Bounds", "Meaning")
BOUNDS = ("ge", "gt", "le", "lt", "min_length", "max_length")
SIGNS = {"ge": "at least", "gt": "more than", "le": "at most", "lt": "less than"}


def policies_page() -> str:
    """Every kind of policies with its fields."""
    return INTRODUCTION + "".join(_section(kind) for kind in KINDS.values() if kind is not BRANDING_PREVIEW)


def _section(kind: Kind[Policy]) -> str:
    where = "Organizations may have their own." if kind.overridable else "The instance's counts for everybody."
    if kind is BRANDING:
        where += " It is set as `BrandingPreview` and counts once it is activated (`ActivateBranding`)."
    meaning = " ".join((kind.value.__doc__ or "").split())
    return f"\n## {kind.noun}\n\n{meaning} {where}\n\n{table(HEAD, _rows(kind.value))}"


def _rows(value: type[Policy]) -> Iterator[tuple[str, ...]]:
    for name, field in value.model_fields.items():
        yield f"`{name}`", type_name(field.annotation), _shown(field.default), _bounds(field), field.description or ""


def _bounds(field: FieldInfo) -> str:
    found = [(name, getattr(mark, name, None)) for mark in field.metadata for name in BOUNDS]
    texts = [f"{SIGNS[name]} {_shown(bound)}" for name, bound in found if name in SIGNS and bound is not None]
    most = next((bound for name, bound in found if name == "max_length" and bound is not None), None)
    if most is not None:
        texts.append(f"at most {most} {'entries' if typing.get_origin(field.annotation) is tuple else 'characters'}")
    return ", ".join(texts)


def _shown(value: object) -> str:
    if isinstance(value, timedelta):
        return f"`{format_duration(value)}`"
    if isinstance(value, bool):
        return f"`{str(value).lower()}`"
    if value in ("", ()):
        return ""
    return f"`{value.value if isinstance(value, Enum) else value}`"
