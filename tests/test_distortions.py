"""Layers that blur, tilt and bend pictures: what they do is what the functions of ops.image do."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from pylego import layers, ops
from pylego.layers.augmentation.random_elastic_transform import RandomElasticTransform

RNG = np.random.default_rng(3)
PICTURES = RNG.uniform(0, 255, (3, 9, 7, 2)).astype("float32")
ALL = [layers.RandomGaussianBlur, layers.RandomPerspective, layers.RandomElasticTransform]
each_layer = pytest.mark.parametrize("cls", ALL, ids=lambda cls: cls.__name__)


def changing(cls: Any, **arguments: Any) -> Any:
    """A layer that changes every picture."""
    return cls((1.0, 1.0), seed=2, **arguments)


def test_blur_is_that_of_ops() -> None:
    layer = changing(layers.RandomGaussianBlur, kernel_size=(3, 5), sigma=(0.7, 0.7))
    expected = ops.image.gaussian_blur(PICTURES, (3, 5), (0.7, 0.7)).numpy()
    np.testing.assert_allclose(layer(PICTURES).numpy(), expected, atol=1e-3)


def test_perspective_is_that_of_ops() -> None:
    layer = changing(layers.RandomPerspective, scale=0.6)
    drawn = layer.get_random_transformation(PICTURES)
    shares = 0.6 * (drawn.numpy()[:, 2:].reshape(-1, 4, 2) - 0.5)
    corners = np.array([[0, 0], [6, 0], [0, 8], [6, 8]], "float64")
    ends = corners * (1 + shares)
    expected = ops.image.perspective_transform(PICTURES, np.stack([corners] * 3), ends).numpy()
    found = layer.transform_images(PICTURES, drawn).numpy()
    np.testing.assert_allclose(found, expected, atol=0.05)


def test_distances_are_smooth_normal_numbers() -> None:
    layer = RandomElasticTransform((1.0, 1.0), (1.0, 1.0))
    drawn = ops.convert_to_tensor(RNG.random((2000, 2 * 20 * 20)))
    distances = layer._distances(ops.ones((2000,), "float64"), drawn, (20, 20))
    bell = np.exp(-0.5 * np.arange(-3, 4) ** 2)
    share = np.sum((bell / bell.sum()) ** 2)  # how much of the variance smoothing leaves, an axis
    for distance in distances:
        middle = distance.numpy()[:, 3:-3, 3:-3]  # beyond the borders nothing is summed
        assert abs(middle.mean()) < 0.02
        assert abs(middle.std() / (2.0 * share) - 1) < 0.02
        beside = np.mean(middle[:, 1:] * middle[:, :-1]) / np.mean(middle**2)
        assert 0.7 < beside < 0.9


@each_layer
def test_masks_go_along_where_pixels_move(cls: Any) -> None:
    masks = np.repeat((np.arange(7) > 3).astype("float32")[None, None, :, None], 9, axis=1)
    both = changing(cls)({"images": masks * 255.0, "segmentation_masks": masks})
    moved = both["segmentation_masks"]
    if cls is layers.RandomGaussianBlur:
        assert (np.asarray(moved) == masks).all()
    else:
        assert set(np.unique(moved.numpy())) <= {0.0, 1.0}
        assert np.mean(np.abs(both["images"].numpy() / 255.0 - moved.numpy())) < 0.2


@each_layer
def test_nothing_is_changed_without_chance_or_training(cls: Any) -> None:
    assert (changing(cls)(PICTURES, training=False).numpy() == PICTURES).all()
    assert (cls(0.0, seed=1)(PICTURES, training=True).numpy() == PICTURES).all()


@each_layer
def test_a_picture_is_changed_alike_in_any_batch_and_layout(cls: Any) -> None:
    together = changing(cls)(PICTURES, training=True).numpy()
    one_by_one = changing(cls)
    alone = [one_by_one(x, training=True).numpy() for x in PICTURES]
    np.testing.assert_allclose(np.stack(alone), together, atol=1e-3)
    first = changing(cls, data_format="channels_first")(PICTURES.transpose(0, 3, 1, 2))
    np.testing.assert_allclose(first.numpy().transpose(0, 2, 3, 1), together, atol=1e-3)
    assert (together != PICTURES).any(axis=(1, 2, 3)).all()


@pytest.mark.parametrize(
    ("make", "says"),
    [
        (lambda: layers.RandomGaussianBlur(kernel_size=4), "odd"),
        (lambda: layers.RandomGaussianBlur(sigma=1.5), "sigma"),
        (lambda: layers.RandomPerspective(scale=2.0), "scale"),
        (lambda: layers.RandomPerspective(interpolation="cubic"), "interpolation"),
        (lambda: layers.RandomElasticTransform(fill_mode="cut"), "fill_mode"),
        (lambda: layers.RandomElasticTransform(factor=-1.0), "factor"),
        (lambda: layers.ContrastLimitedAdaptiveHistogramEqualization(clip_limit=-1), "clip_limit"),
        (
            lambda: layers.ContrastLimitedAdaptiveHistogramEqualization(tile_grid_size=(0, 2)),
            "tile_grid_size",
        ),
    ],
)
def test_what_does_not_fit_is_refused(make: Any, says: str) -> None:
    with pytest.raises(ValueError, match=says):
        make()
