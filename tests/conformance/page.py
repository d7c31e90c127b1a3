"""The page `docs/reference/conformance.md`: each plan with its modules, and what covers them."""

from collections.abc import Iterator

from tests.conformance.covered import COVERED, NotCovered
from tests.conformance.plans import PLANS

PAGE = "docs/reference/conformance.md"
INTRODUCTION = """\
# Conformance

Which test of Hexkeep covers what the modules of the OpenID Foundation's conformance suite ask of a provider. The suite
itself was not run: it is not among the packages that the project can install. The names are those of its version 5.2.4.

`python -m tests.conformance` writes this page; a test holds it against the tests that it names.
"""


def page() -> str:
    """The whole page."""
    return INTRODUCTION + "".join(_plan(name, modules) for name, modules in PLANS.items())


def _plan(name: str, modules: tuple[str, ...]) -> str:
    covered = sum(not isinstance(COVERED[one], NotCovered) for one in modules)
    head = f"\n## {name}\n\n{covered} of {len(modules)} modules.\n\n| module | covered by |\n| --- | --- |\n"
    return head + "".join(f"| `{one}` | {'<br>'.join(_told(one))} |\n" for one in modules)


def _told(module: str) -> Iterator[str]:
    found = COVERED[module]
    if isinstance(found, NotCovered):
        yield f"Not covered: {found.why}"
        return
    for test in found:
        path, _, function = test.partition("::")
        yield f"[{function}](../../{path})"
