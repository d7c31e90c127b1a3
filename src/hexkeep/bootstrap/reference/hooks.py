"""The page of all hooks."""

import inspect
from collections.abc import Callable, Iterator

from hexkeep.ports import hooks

INTRODUCTION = """\
<!-- Made by `python -m hexkeep.bootstrap.reference`; edit the docstrings in hexkeep/ports/hooks.py instead. -->

# Hooks

"""


def hooks_page() -> str:
    """How plugins are written, then every hook with its signature."""
    module = inspect.cleandoc(hooks.__doc__ or "").partition("\n")[2].strip()
    sections = (_section(name, hook) for name, hook in specifications())
    entry = f"\n## `AdapterEntry`\n\n{_text(hooks.AdapterEntry)}\n"
    return INTRODUCTION + _prose(module) + "\n" + "".join(sections) + entry


def specifications() -> Iterator[tuple[str, Callable[..., object]]]:
    """Every hook there is, in the order of the source."""
    for name, member in vars(hooks.Hooks).items():
        if hasattr(member, f"{hooks.PROJECT}_spec"):
            yield name, member


def signature(hook: Callable[..., object]) -> str:
    """How an implementation begins, without the module names that its imports make superfluous."""
    shown = inspect.signature(hook)
    parts = [f"{one.name}: {_type(one.annotation)}" for one in shown.parameters.values() if one.name != "self"]
    return f"def {hook.__name__}({', '.join(['self', *parts])}) -> {_type(shown.return_annotation)}"


def _type(annotation: object) -> str:
    text = inspect.formatannotation(annotation)
    for module in ("collections.abc.", "hexkeep.core.kernel.", "hexkeep.ports.hooks.", "hexkeep.ports."):
        text = text.replace(module, "")
    for module in ("slice.", "view.", "permission.", "operation.", "delivery."):
        text = text.replace(module, "")
    return text.replace("Operation[Any, Any]", "AnyOperation").replace("typing.", "")


def _section(name: str, hook: Callable[..., object]) -> str:
    return f"\n## `{name}`\n\n```python\n@hookimpl\n{signature(hook)}\n```\n\n{_text(hook)}\n"


def _text(documented: object) -> str:
    return _marked(inspect.cleandoc(getattr(documented, "__doc__", "") or ""))


def _prose(text: str) -> str:
    """A docstring's indented example as a block of code."""
    blocks = (
        f"```python\n{inspect.cleandoc(block)}\n```" if block.startswith("    ") else _marked(block)
        for block in _blocks(text)
    )
    return "\n\n".join(blocks) + "\n"


def _marked(text: str) -> str:
    """The docstrings' mark-up as Markdown."""
    return text.replace("``::", "``:").replace("``", "`")


def _blocks(text: str) -> list[str]:
    """Paragraphs; indented ones that follow each other are one."""
    blocks: list[str] = []
    for paragraph in text.split("\n\n"):
        if blocks and paragraph.startswith("    ") and blocks[-1].startswith("    "):
            blocks[-1] += "\n\n" + paragraph
        else:
            blocks.append(paragraph)
    return blocks
