"""Fail where a wheel outgrows what is promised: `make dist` runs it.

    python tests/wheel_size.py dist/*.whl

Prints what takes the most room in it, in bytes as they are compressed.
"""

from __future__ import annotations

import sys
from pathlib import Path
from zipfile import ZipFile

MOST_BYTES = 3_000_000
SHOWN = 5


def largest(wheel: Path) -> list[tuple[int, str]]:
    """The largest files: compressed bytes and name."""
    with ZipFile(wheel) as archive:
        files = [(file.compress_size, file.filename) for file in archive.infolist()]
    return sorted(files, reverse=True)[:SHOWN]


def fits(wheel: Path) -> bool:
    size = wheel.stat().st_size
    print(f"{wheel.name}: {size:,} bytes of at most {MOST_BYTES:,}")
    for compressed, name in largest(wheel):
        print(f"{compressed:12,}  {name}")
    return size <= MOST_BYTES


def main() -> None:
    wheels = [Path(name) for name in sys.argv[1:]]
    if not wheels or not all(fits(wheel) for wheel in wheels):
        raise SystemExit("a wheel is too large, or there is none")


if __name__ == "__main__":
    main()
