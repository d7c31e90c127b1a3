"""Write the page: ``python -m tests.conformance``."""

from pathlib import Path

from tests.conformance.page import PAGE, page

if __name__ == "__main__":
    Path(PAGE).write_text(page(), encoding="utf-8")
