"""What is seen beyond the edges of pictures that are turned, shifted and zoomed: as in Keras, but
for 'wrap', which is what Keras's pages promise."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from goldens import load

from pylego.preprocessing.image import apply_affine_transform

GOLDEN = load("fill_modes")
IMAGE = np.array(GOLDEN["image"], np.float32)
CASES = [case for case in GOLDEN["cases"] if case["mode"] != "wrap"]


def title(case: dict[str, Any]) -> str:
    return f"{case['mode']}-{case['order']}-{case['change']}"


def changed(image: np.ndarray, case: dict[str, Any]) -> np.ndarray:
    return apply_affine_transform(
        image, row_axis=0, col_axis=1, channel_axis=2, fill_mode=case["mode"], cval=7.0,
        order=case["order"], **case["change"],
    )  # fmt: skip


@pytest.mark.parametrize("case", CASES, ids=title)
def test_numbers_are_keras(case: dict[str, Any]) -> None:
    np.testing.assert_allclose(changed(IMAGE, case), case["output"], atol=2e-3)


@pytest.mark.parametrize(
    "case", [case for case in GOLDEN["cases"] if case["mode"] == "wrap"], ids=title
)
def test_wrap_sees_the_picture_among_its_copies(case: dict[str, Any]) -> None:
    """Keras's scipy lays the copies one pixel over each other: it shows the same only inside."""
    among_copies = changed(np.tile(IMAGE, (5, 5, 1)), {**case, "mode": "nearest"})[12:18, 12:18]
    np.testing.assert_allclose(changed(IMAGE, case), among_copies, atol=2e-3)
    stays_inside = case["change"] == {"theta": 90}
    assert np.allclose(among_copies, case["output"], atol=1) == stays_inside


def test_a_picture_that_is_not_square_turns_about_its_center() -> None:
    """In Keras it turns about another point: there height and width are mistaken."""
    picture = np.arange(12.0, dtype=np.float32).reshape(3, 4, 1)
    half_turn = {"mode": "nearest", "order": 1, "change": {"theta": 180}}
    np.testing.assert_array_equal(changed(picture, half_turn), picture[::-1, ::-1])
