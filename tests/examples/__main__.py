"""``python -m tests.examples`` writes the examples of the API reference."""

import tempfile
from pathlib import Path

from tests.examples.committed import EXAMPLES, dump
from tests.examples.recorder import recorded
from tests.examples.scenario import STEPS

if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        EXAMPLES.write_text(dump(recorded(STEPS, Path(folder))), encoding="utf-8")
