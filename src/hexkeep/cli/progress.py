"""Progress bars of long commands: on standard error, for people; nothing where nobody looks."""

from collections.abc import Iterator
from contextlib import contextmanager

from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

from hexkeep.cli.output import errors


class Bars:
    """One bar for each kind of work, in the order in which they come up."""

    def __init__(self, progress: Progress) -> None:
        self._progress = progress
        self._known: dict[str, int] = {}

    def __call__(self, what: str, done: int, total: int) -> None:
        """Show how far a piece of work is; cheap enough to be told of each page."""
        if what not in self._known:
            self._known[what] = self._progress.add_task(what, total=total)
        self._progress.update(self._known[what], completed=done, total=total)  # type: ignore[arg-type]  # a TaskID


@contextmanager
def bars() -> Iterator[Bars]:
    """Bars that are there within the block. On a pipe nothing is written."""
    console = errors()
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=console, disable=not console.is_terminal) as progress:
        yield Bars(progress)
