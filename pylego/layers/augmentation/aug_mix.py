"""The layer that mixes each image with chains of changes of it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from pylego import checks, ops, rules
from pylego.core.tensor import Tensor
from pylego.layers.augmentation.drawn_changes import DrawnChanges
from pylego.layers.augmentation.mixing import symmetric_beta
from pylego.layers.augmentation.random_color_layer import of_each
from pylego.ops.distributions import DRAWS_OF_GAMMA, log_gamma_of_rows

# Without `all_ops`, these ways are not drawn: in the paper, tests have images changed like that.
_LEFT_OUT = (
    "random_brightness", "random_color_degeneration", "random_contrast", "random_sharpness",
)  # fmt: skip


class AugMix(DrawnChanges):
    """Change copies of each image by chains of drawn ways, and mix them with it, while training.

    With w of the distribution Beta(alpha, alpha) and v of Dirichlet(alpha), an image x becomes
    w x + (1 - w) (v_1 chain_1(x) + v_2 chain_2(x) + ...). Each step of a chain draws one of eleven
    ways, those of `RandAugment`, or none. Each image draws its own; in Keras a whole batch has the
    same.

    Source: Hendrycks and others, AugMix: A Simple Data Processing Method to Improve Robustness and
    Uncertainty (arXiv:1912.02781).

    Shapes: (images, height, width, 3), or one image, stays as it is.

    Args:
        value_range: the least and the largest number of the images; (0, 255) by default.
        num_chains: how many chains are mixed.
        chain_depth: how many ways a chain draws.
        factor: from 0 to 1, how strong the changes are at most: a number f stands for 0 to f; or
            two numbers.
        alpha: of both distributions, above 0: the larger, the more alike are the shares.
        all_ops: False leaves brightness, gray, contrast and sharpness out.
        interpolation: 'bilinear' or 'nearest'.
        seed: an integer, for the same choices in every run.
        data_format: 'channels_last' or 'channels_first'.
        **kwargs: see `Layer`.

    Raises:
        ValueError: for factors outside 0 to 1, no chains, an alpha that is not positive, and
            anything but an image of 3 channels.

    >>> AugMix(chain_depth=0)([[[1.0, 2.0, 3.0]]]).numpy().ravel().round(4).tolist()
    [1.0, 2.0, 3.0]
    """

    def __init__(
        self,
        value_range: Sequence[float] = (0, 255),
        num_chains: int = 3,
        chain_depth: int = 3,
        factor: Any = 0.3,
        alpha: float = 1.0,
        all_ops: bool = True,
        interpolation: str = "bilinear",
        seed: int | None = None,
        data_format: str | None = None,
        **kwargs: Any,
    ):
        left_out = () if all_ops else _LEFT_OUT
        kwargs["data_format"] = data_format
        super().__init__(factor, value_range, interpolation, seed, left_out, **kwargs)
        self.num_chains = checks.whole_number("num_chains", num_chains, 1, "AugMix")
        self.chain_depth = checks.whole_number("chain_depth", chain_depth, 0, "AugMix")
        rules.above(0)("alpha", alpha, "AugMix")
        self.alpha = alpha
        self.all_ops = bool(all_ops)

    def _draws_of(self, shape: Sequence[int]) -> int:
        return 2 + self.num_chains * (DRAWS_OF_GAMMA + self.chain_depth * self._width())

    def augment(self, images: Tensor, numbers: Tensor) -> Tensor:
        return self._within_range(self._mixed("transform_images", images, numbers))

    def transform_segmentation_masks(
        self, segmentation_masks: Any, transformation: Tensor | None = None, training: bool = True
    ) -> Any:
        """Move masks as the images were moved, and mix them."""
        if not training or transformation is None:
            return segmentation_masks
        masks = self._to_floats(ops.convert_to_tensor(segmentation_masks))
        change = "transform_segmentation_masks"
        return self._over_batch(lambda x: self._mixed(change, x, transformation), masks)

    def _mixed(self, change: str, x: Tensor, numbers: Tensor) -> Tensor:
        first = 2 + self.num_chains * DRAWS_OF_GAMMA
        own = of_each(x, symmetric_beta(self.alpha, numbers[:, 0], numbers[:, 1]))
        gammas = log_gamma_of_rows(numbers[:, 2:first], self.num_chains, self.alpha)
        shares = ops.softmax(gammas, axis=-1)
        mixed = 0.0 * x
        length, ways = self.chain_depth * self._width(), len(self._names) + 1  # one more: none
        for chain in range(self.num_chains):
            steps = numbers[:, first : first + length]
            mixed = mixed + of_each(x, shares[:, chain]) * self._in_turn(change, x, steps, ways)
            first += length
        return own * x + (1.0 - own) * mixed

    def get_config(self) -> dict[str, Any]:
        return {
            **super().get_config(),
            "num_chains": self.num_chains,
            "chain_depth": self.chain_depth,
            "alpha": self.alpha,
            "all_ops": self.all_ops,
        }
