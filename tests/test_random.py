"""Random numbers: repeatable, other ones each time, of the right distribution."""

from __future__ import annotations

import random as python_random
import subprocess
import sys

import numpy as np
import pytest

from pylego import GradientTape, Variable, config, ops, random
from pylego.core.variable import restored_variables
from pylego.utils import get_random_seed, set_random_seed


@pytest.fixture(params=config.isas())
def isa(request: pytest.FixtureRequest):
    before = config.isa()
    config.set_isa(request.param)
    yield
    config.set_isa(before)


def philox(seed: int, draw: int, blocks: int) -> np.ndarray:
    """The words of the first blocks of a draw, as Philox 4x32-10 makes them."""
    half, word = np.uint64(32), np.uint64(0xFFFFFFFF)
    counters = np.arange(blocks, dtype=np.uint64)
    c = [counters, counters * 0, counters * 0 + np.uint64(draw), counters * 0]
    keys = [seed & 0xFFFFFFFF, seed >> 32]
    for _ in range(10):
        p0, p1 = np.uint64(0xD2511F53) * c[0], np.uint64(0xCD9E8D57) * c[2]
        k0, k1 = map(np.uint64, keys)
        c = [p1 >> half ^ c[1] ^ k0, p1 & word, p0 >> half ^ c[3] ^ k1, p0 & word]
        keys = [(keys[0] + 0x9E3779B9) & 0xFFFFFFFF, (keys[1] + 0xBB67AE85) & 0xFFFFFFFF]
    return np.stack(c, axis=1).reshape(-1)


@pytest.mark.parametrize("count", [1, 4, 17, 31, 32, 33, 130, 256, 1000])
@pytest.mark.usefixtures("isa")
def test_words_are_those_of_philox_however_many_blocks_are_made_at_once(count: int) -> None:
    keys = np.array([[5, 0], [2**40 + 3, 7]])
    drawn = random.uniform_rows(keys, count).numpy()
    for row, (seed, draw) in zip(drawn, keys.tolist()):
        words = philox(seed, draw, count // 4 + 1)[:count]
        np.testing.assert_array_equal(row, (words >> np.uint64(8)) * 2.0**-24)


@pytest.mark.parametrize("width", [1, 2, 1000, 2**31, 2**32 - 1, 2**32 + 1, 2**40])
@pytest.mark.usefixtures("isa")
def test_whole_numbers_of_narrow_and_wide_ranges(width: int) -> None:
    """Each is the product of 64 random bits and the width: their first 32 are drawn beside it."""
    first = random.randint((300,), 0, 2**32, dtype="int64", seed=9).numpy().tolist()
    drawn = random.randint((300,), -5, width - 5, dtype="int64", seed=9).numpy().tolist()
    for bits, number in zip(first, drawn):
        assert bits * width >> 32 <= number + 5 <= min((bits + 1) * width >> 32, width - 1)


def test_a_number_means_the_same_numbers_each_time() -> None:
    first, second = random.uniform((5,), seed=3), random.uniform((5,), seed=3)
    np.testing.assert_array_equal(first.numpy(), second.numpy())
    assert (random.uniform((5,), seed=4).numpy() != first.numpy()).any()


def test_a_longer_draw_begins_like_a_shorter_one() -> None:
    short, long = random.normal((10,), seed=3), random.normal((1000,), seed=3)
    np.testing.assert_array_equal(short.numpy(), long.numpy()[:10])


def test_a_generator_gives_other_numbers_each_time_and_can_be_made_again() -> None:
    generator = random.SeedGenerator(3)
    first, second = (random.uniform((5,), seed=generator).numpy() for _ in range(2))
    assert (first != second).any()
    again = random.SeedGenerator.from_config(generator.get_config())
    np.testing.assert_array_equal(random.uniform((5,), seed=again).numpy(), first)
    assert generator.state.numpy().tolist() == [3, 2]
    assert not generator.state.trainable


def test_a_key_is_not_changed_by_the_next_draw() -> None:
    generator = random.SeedGenerator(3)
    key = generator.next()
    generator.next()
    assert key.numpy().tolist() == [3, 0]


def test_draws_that_are_undone_come_again() -> None:
    generator = random.SeedGenerator(3)
    with restored_variables():
        first = generator.next()
    assert generator.next().numpy().tolist() == first.numpy().tolist() == [3, 0]


def test_one_line_makes_a_run_repeatable() -> None:
    def draw() -> list:
        own = random.SeedGenerator()
        return [
            random.uniform((3,)).numpy().tolist(),
            random.uniform((3,), seed=own).numpy().tolist(),
            random.make_default_seed(),
            np.random.rand(),
            python_random.random(),
        ]

    set_random_seed(5)
    first = draw()
    assert draw() != first
    set_random_seed(5)
    assert draw() == first
    assert get_random_seed() == 5


def test_without_a_seed_one_is_drawn_that_can_be_asked_for() -> None:
    program = (
        "from pylego import random, utils; seed = utils.get_random_seed();"
        "first = random.uniform((3,)).numpy().tolist(); utils.set_random_seed(seed);"
        "print(seed, first == random.uniform((3,)).numpy().tolist())"
    )
    runs = [
        subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
        for _ in range(2)
    ]
    (seed, is_same), (other, _) = (run.stdout.split() for run in runs)
    assert is_same == "True"
    assert seed != other


@pytest.mark.parametrize("seed", [-1, 2**63, 1.5, "1", True, np.ones(2)], ids=repr)
def test_other_seeds_are_refused(seed: object) -> None:
    with pytest.raises(ValueError, match="A seed is a whole number"):
        random.uniform((2,), seed=seed)
    with pytest.raises(ValueError, match="A seed is a whole number"):
        random.SeedGenerator(seed)
    with pytest.raises(ValueError, match="A seed is a whole number"):
        set_random_seed(seed)


# ---- distributions --------------------------------------------------------------------------

COUNT = 200_000


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_uniform_fills_its_range(dtype: str) -> None:
    x = random.uniform((COUNT,), -1.0, 3.0, dtype=dtype, seed=1)
    assert x.dtype == dtype
    assert x.numpy().min() >= -1.0
    assert x.numpy().max() < 3.0
    counts = np.histogram(x.numpy(), bins=20, range=(-1.0, 3.0))[0]
    assert abs(counts / (COUNT / 20) - 1.0).max() < 0.05


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_uniform_stays_below_its_bound_where_rounding_would_reach_it(dtype: type) -> None:
    def after(number: float) -> float:
        return float(np.nextafter(dtype(number), dtype(np.inf)))

    least = float(np.finfo(dtype).smallest_subnormal)
    ends = [(1.0, after(1.0)), (1.0, after(after(1.0))), (0.0, least), (-after(1.0), -1.0)]
    ends += [(-least, least), (1e30, after(1e30)), (-1.0, after(-1.0))]
    for low, high in ends:
        x = random.uniform((1000,), low, high, dtype=dtype.__name__, seed=1).numpy()
        assert dtype(low) <= x.min() <= x.max() < dtype(high), (low, high)


def test_normal_has_its_mean_and_spread() -> None:
    x = random.normal((COUNT,), mean=2.0, stddev=3.0, seed=1).numpy().astype(np.float64)
    z = (x - 2.0) / 3.0
    assert abs(z.mean()) < 0.01
    assert abs(z.std() - 1.0) < 0.01
    assert abs((z**4).mean() - 3.0) < 0.1
    assert abs(np.mean(z[:-1] * z[1:])) < 0.01  # neighbours have nothing in common


def test_truncated_normal_stays_within_two_deviations() -> None:
    z = random.truncated_normal((COUNT,), seed=1).numpy()
    assert abs(z).max() <= 2.0
    assert abs(z.std() - 0.8796) < 0.01


def test_randint_draws_each_number_as_often() -> None:
    x = random.randint((COUNT,), -2, 3, seed=1)
    assert x.dtype == "int32"
    values, counts = np.unique(x.numpy(), return_counts=True)
    assert values.tolist() == [-2, -1, 0, 1, 2]
    assert abs(counts / (COUNT / 5) - 1.0).max() < 0.02


def test_categorical_draws_with_the_probabilities_of_softmax() -> None:
    probabilities = np.array([[0.2, 0.5, 0.3], [1.0, 0.0, 0.0]], np.float32)
    with np.errstate(divide="ignore"):
        x = random.categorical(np.log(probabilities), COUNT, seed=1).numpy()
    assert x.shape == (2, COUNT)
    shares = np.stack([np.bincount(row, minlength=3) / COUNT for row in x])
    np.testing.assert_allclose(shares, probabilities, atol=0.01)
    with pytest.raises(ValueError, match="two axes"):
        random.categorical([0.0, 1.0], 3)


@pytest.mark.parametrize("count", [0, 1, 2, 3, 17, 1024])
def test_permutation_has_every_number_once(count: int) -> None:
    assert sorted(random.permutation(count, seed=3).tolist()) == list(range(count))


def test_permutation_is_the_same_on_any_machine() -> None:
    assert random.permutation(8, seed=1).tolist() == [6, 7, 4, 3, 1, 2, 0, 5]


def test_each_number_comes_to_each_place_equally_often() -> None:
    seeds, times = random.SeedGenerator(0), np.zeros((4, 4))
    for _ in range(4000):
        times[np.arange(4), random.permutation(4, seeds)] += 1
    np.testing.assert_allclose(times, 1000, atol=4 * np.sqrt(1000))


def test_shuffle_keeps_the_elements() -> None:
    x = np.arange(20.0).reshape(2, 10)
    shuffled = random.shuffle(x, axis=1, seed=1).numpy()
    assert (shuffled != x).any()
    np.testing.assert_array_equal(np.sort(shuffled, axis=1), x)
    np.testing.assert_array_equal(shuffled[1] - shuffled[0], 10.0)  # whole columns move


@pytest.mark.parametrize(
    ("draw", "sentence"),
    [
        (lambda: random.uniform((2,), dtype="int32"), "randint draws integers"),
        (lambda: random.randint((2,), 0, 3, dtype="float32"), "uniform draws floats"),
        (lambda: random.randint((2,), 3, 3), "between low 3 and high 3"),
        (lambda: random.randint((2,), 0, 300, dtype="uint8"), "uint8 does not hold"),
        (lambda: random.uniform((2,), 1.0, 0.0), "low is above high"),
        (lambda: random.normal((2,), stddev=-1.0), "stddev is negative"),
        (lambda: random.dropout([1.0], 1.5), "rate must lie between 0 and 1"),
        (lambda: random.dropout([1.0], 0.5, noise_shape=(1, 1)), "noise_shape"),
        (lambda: random.uniform((-2,)), "negative"),
    ],
)
def test_impossible_draws_are_refused(draw: object, sentence: str) -> None:
    with pytest.raises(ValueError, match=sentence):
        draw()


# ---- dropout --------------------------------------------------------------------------------


def test_dropout_keeps_the_mean_and_passes_gradients_where_it_kept() -> None:
    x = Variable(np.ones(COUNT, np.float32))
    with GradientTape() as tape:
        y = random.dropout(x, 0.25, seed=1)
    kept = y.numpy() != 0
    assert abs(kept.mean() - 0.75) < 0.01
    np.testing.assert_allclose(y.numpy()[kept], 1 / 0.75, rtol=1e-6)
    np.testing.assert_array_equal(tape.gradient(y, x).numpy(), y.numpy())


def test_dropout_drops_whole_axes_where_the_noise_has_length_1() -> None:
    for noise_shape in ((50, 1), (None, 1)):
        y = random.dropout(np.ones((50, 8), np.float32), 0.5, noise_shape, seed=1).numpy()
        assert (y == y[:, :1]).all()
        assert 0 < (y != 0).mean() < 1


def test_dropout_of_nothing_and_of_everything() -> None:
    x = ops.convert_to_tensor([1.0, float("nan")])
    np.testing.assert_array_equal(random.dropout(x, 0.0, seed=1).numpy(), x.numpy())
    assert random.dropout(x, 1.0, seed=1).numpy().tolist() == [0.0, 0.0]
