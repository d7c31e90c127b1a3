"""Files of seals that are kept elsewhere: read through once for where each seal stands, then seal by seal."""

from array import array
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import IO

from hexkeep.core.kernel.errors import InvalidInput
from hexkeep.engine.seal_lines import seal_of
from hexkeep.engine.verifier import KeptSeals, Place
from hexkeep.ports.seals import Seal


class _Index:
    """Of one log: the numbers of its seals, ascending, and where the newest of each stands."""

    def __init__(self) -> None:
        self.numbers = array("Q")
        self.places = array("Q")
        self.files = array("H")

    def put(self, number: int, file: int, place: int) -> bool:
        """Note where a seal stands; ``False`` when there is one of its number."""
        at = bisect_left(self.numbers, number)
        if at < len(self.numbers) and self.numbers[at] == number:
            return False
        self.numbers.insert(at, number)
        self.files.insert(at, file)
        self.places.insert(at, place)
        return True

    def find(self, number: int) -> tuple[int, int] | None:
        """The file, and the place in it, of a seal."""
        at = bisect_left(self.numbers, number)
        if at == len(self.numbers) or self.numbers[at] != number:
            return None
        return self.files[at], self.places[at]

    def move(self, number: int, file: int, place: int) -> None:
        """Note that a seal of that number stands elsewhere."""
        at = bisect_left(self.numbers, number)
        self.files[at], self.places[at] = file, place


class FiledSeals(KeptSeals):
    """Holds 18 bytes of memory for a seal, however long it is.

    Of two seals of one number the first counts: what was kept once cannot be replaced by what was exported later,
    except by one of a newer epoch, which a restore has opened.
    """

    def __init__(self, files: Sequence[IO[bytes]]) -> None:
        self._files = files
        self._logs: dict[Place, _Index] = {}
        for number, file in enumerate(files):
            self._read(number, file)

    def _read(self, number: int, file: IO[bytes]) -> None:
        place = 0
        while line := file.readline():
            seal = seal_of(line)
            if seal is not None:
                index = self._logs.setdefault((seal.instance, seal.log), _Index())
                if not index.put(seal.number, number, place) and self._newer(seal):
                    index.move(seal.number, number, place)
                file.seek(place + len(line))
            place += len(line)

    def _newer(self, seal: Seal) -> bool:
        known = self.get((seal.instance, seal.log), seal.number)
        return known is not None and known.epoch < seal.epoch

    def places(self) -> Iterable[Place]:
        """The logs that there are seals of."""
        return self._logs.keys()

    def last(self, place: Place) -> int:
        """The highest number of a log's seals."""
        index = self._logs.get(place)
        return index.numbers[-1] if index else 0

    def get(self, place: Place, number: int) -> Seal | None:
        """The seal of that number, read from its file."""
        found = self._logs[place].find(number) if place in self._logs else None
        if found is None:
            return None
        file = self._files[found[0]]
        file.seek(found[1])
        return seal_of(file.readline())


@contextmanager
def filed(paths: Iterable[Path]) -> Iterator[FiledSeals]:
    """The seals in some files; raises ``InvalidInput`` for a file that cannot be read or holds something else."""
    with ExitStack() as stack:
        files = []
        for path in paths:
            try:
                files.append(stack.enter_context(path.open("rb")))
            except OSError as error:
                raise InvalidInput(f"{path} cannot be read: {error.strerror}") from error
        yield FiledSeals(files)
