"""Gamma, beta and binomial numbers have their distributions, and follow their seeds."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

import pylego


def distance(numbers: np.ndarray, cumulated: Callable[[np.ndarray], np.ndarray]) -> float:
    """Kolmogorov's: sqrt(n) times the largest distance of the two distribution functions. It is
    above 2.2 once in 8,000 draws."""
    x = np.sort(numbers)
    steps = np.arange(len(x) + 1) / len(x)
    y = cumulated(x)
    return float(np.sqrt(len(x)) * max((steps[1:] - y).max(), (y - steps[:-1]).max()))


def by_sum(density: Callable[[np.ndarray], np.ndarray], end: float) -> Callable:
    """The distribution function of a density from 0 to the end, by the trapezoidal rule."""
    places = np.linspace(0.0, end, 200_001)[1:-1]
    total = np.cumsum(density(places))
    return lambda x: np.interp(x, places, total / total[-1])


@pytest.mark.parametrize("alpha", [0.7, 1.0, 2.5, 30.0])
def test_gamma_numbers_have_their_distribution(alpha: float) -> None:
    drawn_numbers = pylego.random.gamma((20_000,), alpha, dtype="float64", seed=1).numpy()
    cumulated = by_sum(
        lambda x: np.exp((alpha - 1) * np.log(x) - x + alpha), alpha + 12 * alpha**0.5 + 20
    )
    assert distance(drawn_numbers, cumulated) < 2.2
    assert abs(drawn_numbers.mean() - alpha) < 5 * (alpha / 20_000) ** 0.5


@pytest.mark.parametrize(("alpha", "beta"), [(1.0, 1.0), (2.0, 5.0), (300.0, 20.0)])
def test_beta_numbers_have_their_distribution(alpha: float, beta: float) -> None:
    numbers = pylego.random.beta((20_000,), alpha, beta, dtype="float64", seed=2).numpy()
    log_density = lambda x: (alpha - 1) * np.log(x) + (beta - 1) * np.log1p(-x)  # noqa: E731
    peak = log_density((alpha + 1e-9) / (alpha + beta))
    assert distance(numbers, by_sum(lambda x: np.exp(log_density(x) - peak), 1.0)) < 2.2


@pytest.mark.parametrize(("count", "p"), [(1, 0.3), (15, 0.1), (16, 0.4), (100, 0.03), (1000, 0.7)])
def test_binomial_numbers_have_their_distribution(count: int, p: float) -> None:
    """Each number is smeared over the step that it stands for: then they are uniform."""
    numbers = pylego.random.binomial((20_000,), count, p, dtype="float64", seed=3).numpy()
    assert ((numbers >= 0) & (numbers <= count) & (numbers == np.floor(numbers))).all()
    logs = np.concatenate([[0.0], np.cumsum(np.log(np.arange(1, count + 1)))])
    k = np.arange(count + 1)
    chances = np.exp(logs[-1] - logs - logs[::-1] + k * np.log(p) + (count - k) * np.log1p(-p))
    below = np.concatenate([[0.0], np.cumsum(chances)])
    places = numbers.astype(int)
    smeared = np.random.default_rng(0).random(len(places)) * chances[places] + below[places]
    assert distance(smeared, lambda x: x) < 2.2


def test_draws_follow_their_seeds() -> None:
    generator = pylego.random.SeedGenerator(5)
    first, second = (pylego.random.gamma((3,), 2.0, seed=generator).numpy() for _ in range(2))
    assert (first != second).all()
    recorded = pylego.function(lambda: pylego.random.gamma((3,), 2.0, seed=5))()
    np.testing.assert_array_equal(recorded, first)
    assert pylego.random.beta((0, 2), 1.0, 1.0).shape == (0, 2)
    assert pylego.random.binomial((), 0, 0.5).item() == 0.0
    with pytest.raises(ValueError, match="gamma draws floats"):
        pylego.random.gamma((2,), 1.0, dtype="int32")
