"""Numbers of narrow dtypes: casts, weak numbers, random numbers, NumPy, DLPack, files."""

from __future__ import annotations

import copy
import io
import pickle
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, strategies as st

import pylego
from pylego import Variable, config, engine, ops, random
from pylego.core import bfloat16, dtypes
from pylego.core.tensor import Tensor
from pylego.saving import safetensors_file

INTEGERS = ("int8", "int16", "uint16", "uint32", "uint8", "int32", "int64")
HALVES = ("float16", "bfloat16")
PATTERNS = np.arange(2**16, dtype=np.uint16)


def of_bits(bits: np.ndarray, dtype: str) -> Tensor:
    """A tensor whose memory holds these bits."""
    return Tensor(engine.tensor_around(bits, dtype))


def bits_of(x: Tensor) -> np.ndarray:
    return engine.array_over(x._handle).view(np.uint16)


@pytest.fixture(params=config.isas())
def each_set(request: pytest.FixtureRequest) -> Iterator[None]:
    """Every instruction set of this machine, one after another."""
    former = config.isa()
    config.set_isa(request.param)
    yield
    config.set_isa(former)


# ---- casts ----------------------------------------------------------------------------------


def test_every_pattern_of_float16_is_numpys(each_set: None) -> None:
    wide = ops.cast(of_bits(PATTERNS.view(np.float16), "float16"), "float32")
    numpys = PATTERNS.view(np.float16).astype(np.float32)
    assert (wide.numpy().view(np.uint32) == numpys.view(np.uint32)).all()
    assert (bits_of(ops.cast(wide, "float16")) == PATTERNS).all()


def test_every_pattern_of_bfloat16_is_half_a_float32(each_set: None) -> None:
    wide = ops.cast(of_bits(PATTERNS, "bfloat16"), "float32")
    assert (wide.numpy().view(np.uint32) == PATTERNS.astype(np.uint32) << 16).all()
    assert (bits_of(ops.cast(wide, "bfloat16")) == PATTERNS).all()


def rounded_to_bfloat16(x: np.ndarray) -> np.ndarray:
    """Doubles of the range of normal float32 numbers, to 8 bits and half to even."""
    bits = x.astype(np.float64).view(np.uint64)
    cut = np.uint64(45)
    half = np.uint64(2**44 - 1) + (bits >> cut & np.uint64(1))
    y = (bits + half & ~np.uint64(2**45 - 1)).view(np.float64)
    return np.where(np.abs(y) >= 2.0**128, np.copysign(np.inf, y), y)


def near_middles(halves: np.ndarray) -> np.ndarray:
    """Numbers of 16 bits, the middles between neighbours, and the doubles beside these."""
    numbers = np.unique(halves[np.isfinite(halves)].astype(np.float64))
    middles = (numbers[1:] + numbers[:-1]) / 2
    beside = [np.nextafter(middles, side) for side in (-np.inf, np.inf)]
    return np.concatenate([numbers, middles, *beside])


def test_doubles_become_the_nearest_float16(each_set: None) -> None:
    numbers = near_middles(PATTERNS.view(np.float16))
    more = np.array([65519.99, 65520, 1e300, -1e300, 2.0**-25, 1.1 * 2.0**-25, np.inf, np.nan])
    for x in (numbers, more):
        with np.errstate(over="ignore"):
            np.testing.assert_array_equal(ops.cast(x, "float16").numpy(), x.astype(np.float16))


def test_doubles_become_the_nearest_bfloat16(each_set: None) -> None:
    normal = bfloat16.as_float32(PATTERNS)
    normal = normal[np.abs(normal) >= np.float32(2.0**-126)]
    numbers = near_middles(normal)
    numbers = numbers[np.abs(numbers) >= 2.0**-125]
    for x in (numbers, np.array([3.3961775e38, 1e300, -1e300])):
        found = ops.cast(ops.cast(x, "bfloat16"), "float64").numpy()
        np.testing.assert_array_equal(found, rounded_to_bfloat16(x))


@given(st.lists(st.integers(-(2**63), 2**63 - 1), min_size=1, max_size=40))
def test_integers_become_the_nearest_bfloat16(numbers: list[int]) -> None:
    x = np.array([*numbers, 2**62 + 2**54 + 1, 33685505, -33685505], np.int64)

    def nearest(n: int) -> float:
        """Of its 8 upper bits, or one more; half to even."""
        drop = max(0, abs(n).bit_length() - 8)
        whole, left = divmod(abs(n), 2**drop)
        half = 2**drop / 2
        up = left > half or (left == half and whole % 2 == 1 and drop > 0)
        return float((whole + up) * 2**drop) * (-1 if n < 0 else 1)

    for source in (x, (x % 2**32).astype(np.uint32), x.astype(np.int32)):
        found = ops.cast(ops.cast(source, "bfloat16"), "float64").numpy()
        assert found.tolist() == [nearest(int(n)) for n in source]


@pytest.mark.parametrize("to", INTEGERS)
@pytest.mark.parametrize("source", INTEGERS)
@given(data=st.data())
def test_integers_keep_their_lower_bits(source: str, to: str, data: Any) -> None:
    ends = np.iinfo(source)
    drawn = data.draw(st.lists(st.integers(int(ends.min), int(ends.max)), max_size=70))
    x = np.array([*drawn, ends.min, ends.max], source)
    assert (ops.cast(x, to).numpy() == x.astype(to)).all()
    assert (ops.cast(x[::-1], to).numpy() == x[::-1].astype(to)).all()


@pytest.mark.parametrize("to", INTEGERS)
@pytest.mark.parametrize("source", ["float32", "float64", *HALVES])
def test_floats_become_the_nearest_integer_in_range(source: str, to: str, each_set: None) -> None:
    """Toward zero; NaN becomes 0. NumPy's C leaves numbers out of range undefined."""
    ends = np.iinfo(to)
    values = [0.9, -0.9, 1.5, -1.5, 127.9, -128.5, 255.9, 300.0, -300.0, 40000.0, 65535.9, 7e4]
    values += [2147483000.0, 4294967000.0, 5e9, -5e9, 1e19, -1e19, np.inf, -np.inf, np.nan, -0.0]
    x = ops.cast(np.array(values * 3), source)
    numbers = ops.cast(x, "float64").numpy()
    wanted = [
        0 if n != n else int(ends.max) if n >= ends.max else max(int(ends.min), int(n))
        for n in (float(n) if abs(n) < 1e30 else float(np.copysign(1e30, n)) for n in numbers)
    ]
    wanted = [0 if n != n else w for n, w in zip(numbers, wanted)]
    assert ops.cast(x, to).numpy().tolist() == wanted


@pytest.mark.parametrize("to", engine.DTYPES)
@pytest.mark.parametrize("source", engine.DTYPES)
@pytest.mark.parametrize("count", [0, 1, 63, 64, 65, 511, 512, 513, 2000])
def test_small_numbers_stay_in_any_dtype(source: str, to: str, count: int) -> None:
    numbers = np.arange(count) % (2 if "bool" in (source, to) else 100)
    x = ops.cast(numbers, source)
    y = ops.cast(x, to)
    assert y.dtype == to
    assert (ops.cast(y, "int64").numpy() == numbers).all()
    assert (ops.cast(ops.cast(x[::2], to), "int64").numpy() == numbers[::2]).all()


# ---- numbers beside tensors ------------------------------------------------------------------


@pytest.mark.parametrize("dtype", [*INTEGERS, *HALVES])
def test_whole_numbers_are_weak(dtype: str) -> None:
    x = ops.convert_to_tensor([1, 2], dtype)
    recorded = pylego.function(lambda x: [x + 1, 1 - x, x * 2, x // 2, x == 1])(x)
    for y in (x + 1, 1 - x, x * 2, x // 2, ops.maximum(x, 1), *recorded[:4]):
        assert y.dtype == dtype
    assert (x == 1).numpy().tolist() == recorded[4].numpy().tolist() == [True, False]
    assert (x + 1).numpy().tolist() == [2, 3]


@pytest.mark.parametrize("dtype", [*INTEGERS, *HALVES])
def test_fractions_are_weak_beside_floats(dtype: str) -> None:
    x = ops.convert_to_tensor([1, 2], dtype)
    recorded = pylego.function(lambda x: x * 0.5)(x)
    assert (x * 0.5).dtype == recorded.dtype == (dtype if dtype in HALVES else "float32")
    assert ops.cast(x * 0.5, "float32").numpy().tolist() == [0.5, 1.0]


def test_a_weak_number_is_rounded_once() -> None:
    one = ops.ones((), "float16")
    middle = 1 + 2.0**-11 + 2.0**-40  # in float32 it would be the middle, and then 1
    assert (one * middle).item() == (pylego.function(lambda x: x * middle)(one)).item() > 1


@pytest.mark.parametrize(("dtype", "number"), [("int8", 128), ("uint16", -1), ("uint32", 2**32)])
def test_a_number_that_a_dtype_does_not_hold(dtype: str, number: int) -> None:
    x = ops.ones(2, dtype)
    with pytest.raises(ValueError, match=f"{dtype} cannot hold {number}"):
        x + number
    assert not (x == number).numpy().any()
    assert (x < number).numpy().tolist() == [number > 0] * 2


# ---- random numbers --------------------------------------------------------------------------


@pytest.mark.parametrize("dtype", HALVES)
def test_random_floats(dtype: str) -> None:
    x = ops.cast(random.uniform((100_000,), dtype=dtype, seed=1), "float32").numpy()
    assert 0 <= x.min() < x.max() < 1
    assert abs(x.mean() - 0.5) < 0.01
    y = random.normal((10_000,), 2.0, 3.0, dtype=dtype, seed=2)
    assert y.dtype == dtype
    assert abs(ops.mean(ops.cast(y, "float32")).item() - 2) < 0.1
    assert random.truncated_normal((3,), dtype=dtype, seed=1).dtype == dtype
    assert random.uniform((3,), 5.0, 5.0, dtype=dtype, seed=1).numpy().tolist() == [5.0] * 3


@pytest.mark.parametrize("dtype", ["int8", "int16", "uint16", "uint32"])
def test_random_integers(dtype: str) -> None:
    ends = np.iinfo(dtype)
    x = random.randint((10_000,), int(ends.min), int(ends.max), dtype, seed=1).numpy()
    assert x.dtype == dtype
    assert x.min() < ends.min + 0.01 * 2.0 ** (8 * x.itemsize)
    with pytest.raises(ValueError, match=f"{dtype} does not hold"):
        random.randint((3,), 0, int(ends.max) + 2, dtype)


# ---- NumPy and others ------------------------------------------------------------------------


@pytest.mark.parametrize("dtype", ["float16", "int8", "int16", "uint16", "uint32"])
def test_numpy_has_it_without_a_copy(dtype: str) -> None:
    array = np.array([[0, 1, 2], [3, 4, 5]], dtype)
    array.flags.writeable = False
    x = ops.convert_to_tensor(array)
    assert x.dtype == dtype
    assert np.shares_memory(x.numpy(), array)
    assert x.numpy().dtype == dtype
    assert np.from_dlpack(x).dtype == dtype
    assert x[1, 1].item() == 4


def test_bfloat16_is_float32_for_numpy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bfloat16, "numpy_dtype", lambda: None)
    x = ops.convert_to_tensor([1.0, 1.01], "bfloat16")
    assert x.numpy().dtype == np.asarray(x).dtype == np.float32
    assert x.numpy().tolist() == [1.0, 1.0078125]
    assert repr(x) == "Tensor(shape=(2,), dtype=bfloat16, [1.        1.0078125])"
    assert Variable(x).numpy().dtype == np.float32


def test_bfloat16_is_that_of_ml_dtypes() -> None:
    ml_dtypes = pytest.importorskip("ml_dtypes")
    array = np.array([1.0, 1.01], ml_dtypes.bfloat16)
    x = ops.convert_to_tensor(array)
    assert x.dtype == "bfloat16"
    assert x.numpy().dtype == array.dtype
    assert (x.numpy() == array).all()
    assert (x + array).dtype == "bfloat16"


@pytest.mark.parametrize("dtype", HALVES)
def test_torch_shares_its_memory(dtype: str) -> None:
    torch = pytest.importorskip("torch")
    given = (torch.arange(6.0).reshape(2, 3) / 3).to(getattr(torch, dtype))
    x = ops.convert_to_tensor(given)
    assert x.dtype == dtype
    back = torch.from_dlpack(x)
    assert back.dtype == given.dtype
    assert torch.equal(back, given)
    assert torch.equal(torch.from_dlpack(ops.convert_to_tensor(given.T)), given.T)


class OfAnother:
    """An array of bfloat16 of a library that NumPy does not understand."""

    dtype = "other.bfloat16"

    def __init__(self, bits: np.ndarray):
        self.bits = bits

    def __dlpack__(self, **options: Any) -> Any:
        return bfloat16.capsule_of(self.bits)

    def __dlpack_device__(self) -> tuple[int, int]:
        return (1, 0)


def test_bfloat16_by_dlpack() -> None:
    bits = np.array([0x3F80, 0xC000], np.uint16)
    x = ops.convert_to_tensor(OfAnother(bits))
    assert x.dtype == "bfloat16"
    assert ops.cast(x, "float32").numpy().tolist() == [1.0, -2.0]
    back = OfAnother(bits)
    back.__class__ = type("Back", (OfAnother,), {"__dlpack__": lambda self, **_: x.__dlpack__()})
    assert bits_of(ops.convert_to_tensor(back)).tolist() == bits.tolist()
    with pytest.raises(BufferError, match="says type"):
        engine.retyped(x.__dlpack__(), 1, 4)


@pytest.mark.parametrize("dtype", HALVES)
def test_copies(dtype: str) -> None:
    x, v = ops.convert_to_tensor([1.5, 2.0], dtype), Variable([1.5, 2.0], dtype=dtype)
    for made in (copy.copy(x), copy.deepcopy(v), *pickle.loads(pickle.dumps([x, v])), Variable(x)):
        assert made.dtype == dtype
        assert ops.cast(made, "float32").numpy().tolist() == [1.5, 2.0]


def test_result_type_without_operands() -> None:
    assert dtypes.result_type() == dtypes.result_type(None) == "float32"
    assert dtypes.result_type(int, int) == "int32"


# ---- files -----------------------------------------------------------------------------------


@pytest.mark.parametrize("dtype", ["float16", "bfloat16"])
@pytest.mark.parametrize("ending", ["keras", "weights.h5", "h5", "safetensors"])
def test_weights_come_back_from_files(dtype: str, ending: str, tmp_path: Path) -> None:
    def made() -> Any:
        layers = [pylego.layers.Input((3,)), pylego.layers.Dense(4, dtype=dtype)]
        return pylego.Sequential(layers)

    if ending == "safetensors":
        pytest.importorskip("safetensors")
    model, path = made(), str(tmp_path / f"model.{ending}")
    if ending in ("keras", "h5"):
        model.save(path)
        again = pylego.saving.load_model(path)
    else:
        model.save_weights(path)
        again = made()
        again.load_weights(path)
    for ours, theirs in zip(model.weights, again.weights):
        assert theirs.dtype == dtype
        assert (bits_of(ours) == bits_of(theirs)).all()


def test_safetensors_of_halves() -> None:
    pytest.importorskip("safetensors")
    file = io.BytesIO()
    x = ops.convert_to_tensor([1.5, -2.0], "bfloat16")
    safetensors_file.write(file, {"x": x.numpy(), "y": np.array([0.5], np.float16)})
    found = safetensors_file.read(file)
    assert found["x"].tolist() == [1.5, -2.0]
    assert found["y"].dtype == np.float16
