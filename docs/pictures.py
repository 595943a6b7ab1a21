"""Make the pictures of `docs/models.md`: what its snippets write; `--write` puts them in place."""

from __future__ import annotations

import contextlib
import io
import os
import re
import sys
import tempfile
from pathlib import Path
from typing import Any

from pylego import names

DOCS = Path(__file__).resolve().parent
PAGE = DOCS / "models.md"
PICTURES = DOCS / "pictures"
SNIPPET = re.compile(r"^```python\n(.*?)^```$", re.M | re.S)


def run_page() -> tuple[dict[str, Any], dict[str, str]]:
    """Run the snippets of the page; return its variables, and the SVGs by the names of files."""
    names.reset_names()
    made: dict[str, Any] = {}
    before = Path.cwd()
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        try:
            with contextlib.redirect_stdout(io.StringIO()):
                exec("\n".join(SNIPPET.findall(PAGE.read_text(encoding="utf-8"))), made)
        finally:
            os.chdir(before)
        files = sorted(Path(folder).glob("*.svg"))
        return made, {file.name: file.read_text(encoding="utf-8") for file in files}


def main() -> None:
    _, pictures = run_page()
    for name, text in pictures.items():
        print(f"{name}: {len(text)} characters")
        if "--write" in sys.argv:
            PICTURES.mkdir(exist_ok=True)
            (PICTURES / name).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
