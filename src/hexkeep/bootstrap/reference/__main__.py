"""Writes the reference pages into the folder that is named."""

import sys
from pathlib import Path

from hexkeep.bootstrap.reference.pages import write

if __name__ == "__main__":
    write(Path(sys.argv[1] if len(sys.argv) > 1 else "docs/reference"))
