"""The examples as they are committed."""

import json
from collections.abc import Mapping
from typing import Any

from hexkeep.core.kernel.operation import AnyOperation
from hexkeep.core.slices import SLICES
from tests.architecture.source import PACKAGE

EXAMPLES = PACKAGE / "bootstrap" / "reference" / "examples.json"


def dump(examples: Mapping[str, Any]) -> str:
    """The text of the file: one operation a line, so that changes are easy to review and to merge."""
    lines = (f" {json.dumps(name)}: {json.dumps(one, ensure_ascii=False)}" for name, one in sorted(examples.items()))
    return "{\n" + ",\n".join(lines) + "\n}\n"


def offered() -> dict[str, AnyOperation]:
    """The operations that have a path over REST, by name."""
    return {one.name: one for each in SLICES for one in each.operations if one.http}
