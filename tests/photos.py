"""Pictures for tests: a small folder of PNG files, and the real ones where they are at hand."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from pylego.utils import save_img

DATA = Path("/work/shared/data")
CIFAR_FOLDERS = DATA / "cifar10" / "jpeg_folders"
FLOWERS = DATA / "photos" / "flower_photos"

needs_real_pictures = pytest.mark.skipif(
    not (CIFAR_FOLDERS.is_dir() and FLOWERS.is_dir()), reason=f"no pictures in {DATA}"
)


def make_folders(root: Path, classes: dict[str, int], size: tuple[int, int] = (6, 8)) -> Path:
    """A folder for each class, with so many PNG files of random pixels; each is another."""
    generator = np.random.default_rng(7)
    for name, count in classes.items():
        (root / name).mkdir(parents=True)
        for number in range(count):
            pixels = generator.integers(0, 256, (*size, 3))
            save_img(root / name / f"{number:02d}.png", pixels, scale=False)
    return root
