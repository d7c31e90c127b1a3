"""Files of seals that are kept elsewhere: found by number, in whatever order and how often they were written."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from hexkeep.bootstrap.seal_files import filed
from hexkeep.core.kernel.errors import InvalidInput
from hexkeep.core.kernel.event import Log
from hexkeep.engine.seal_lines import keys_line, keys_of, line_of, seal_of
from hexkeep.ports.seals import Seal
from hexkeep.testing.golden import golden

FIRST, SECOND = golden().seals
PLACE = (FIRST.instance, FIRST.log)


def file_of(folder: Path, name: str, *seals: Seal) -> Path:
    """A file with keys in front."""
    path = folder / name
    path.write_text("\n".join([keys_line([golden().public_key]), "", *map(line_of, seals)]) + "\n", encoding="utf-8")
    return path


def test_a_seal_comes_back_from_its_line() -> None:
    """Every field, so that the signature still holds over it."""
    for seal in golden().seals:
        assert seal_of(line_of(seal)) == seal
    assert seal_of(keys_line([golden().public_key])) is None


def test_seals_are_found_wherever_they_stand(tmp_path: Path) -> None:
    """In several files, out of order, of several logs."""
    other = replace(FIRST, log=Log.ACTIVITY, number=7)
    paths = [file_of(tmp_path, "a", SECOND, other), file_of(tmp_path, "b", FIRST)]
    with filed(paths) as kept:
        assert set(kept.places()) == {PLACE, (FIRST.instance, Log.ACTIVITY)}
        assert (kept.last(PLACE), kept.last((FIRST.instance, Log.ACTIVITY)), kept.last(("none", Log.DURABLE))) == (
            2,
            7,
            0,
        )
        assert (kept.get(PLACE, 1), kept.get(PLACE, 2), kept.get(PLACE, 3)) == (FIRST, SECOND, None)


def test_what_was_kept_first_counts_unless_a_restore_came_between(tmp_path: Path) -> None:
    """Whoever makes new seals cannot put them over those that were exported before; a new epoch can."""
    forged, restored = replace(FIRST, root=SECOND.root), replace(FIRST, epoch=3)
    with filed([file_of(tmp_path, "a", FIRST, forged, SECOND)]) as kept:
        assert kept.get(PLACE, 1) == FIRST
    with filed([file_of(tmp_path, "b", FIRST, SECOND, restored, forged)]) as kept:
        assert (kept.get(PLACE, 1), kept.get(PLACE, 2)) == (restored, SECOND)


def test_keys_are_read_from_a_set_a_list_or_an_export(tmp_path: Path) -> None:
    """And never with a private part."""
    key = dict(golden().public_key)
    private = {**key, "d": "secret"}
    texts = (json.dumps({"keys": [private]}), json.dumps([private]), json.dumps(key))
    assert [keys_of(text) for text in texts] == [[key]] * 3
    assert keys_of(file_of(tmp_path, "a", FIRST).read_text(encoding="utf-8")) == [key]


@pytest.mark.parametrize("content", ["{}", "[]", "nonsense", '{"kty": 1', '{"keys": []}'])
def test_a_file_without_keys_is_refused(content: str) -> None:
    """Nothing would be trusted, and everything would look forged."""
    with pytest.raises(InvalidInput):
        keys_of(content)


@pytest.mark.parametrize(
    "change", [{"number": "1"}, {"log": "other"}, {"sealed_at": "noon"}, {"root": "*"}, {"more": 1}]
)
def test_a_line_that_is_no_seal_is_refused(change: dict[str, object]) -> None:
    """A file that was damaged is told apart from a log that was."""
    with pytest.raises(InvalidInput):
        seal_of(json.dumps({**json.loads(line_of(FIRST)), **change}))
