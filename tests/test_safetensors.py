"""Arrays in safetensors files, of ours and of others."""

from __future__ import annotations

import io
import json
import struct
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from pylego.saving import safetensors_file
from pylego.saving.errors import CorruptFileError

safetensors = pytest.importorskip("safetensors.numpy")

ARRAYS = {
    "kernel": np.arange(6, dtype="float32").reshape(2, 3),
    "turned": np.arange(6, dtype="int64").reshape(2, 3).T,
    "big-endian": np.arange(3, dtype=">f8"),
    "half": np.ones(2, "float16"),
    "mask": np.array([True, False]),
    "scalar": np.float32(2.5),
    "empty": np.zeros((0, 3)),
}


def made_by_hand(described: dict[str, object], numbers: bytes) -> bytes:
    header = json.dumps(described).encode()
    return struct.pack("<Q", len(header)) + header + numbers


def test_what_is_written_is_read(tmp_path: Path) -> None:
    path = tmp_path / "가중치 1.safetensors"
    safetensors_file.write(path, ARRAYS, {"format": "pylego"})
    for source in (path, str(path), path.read_bytes(), io.BytesIO(path.read_bytes())):
        found = safetensors_file.read(source)
        assert set(found) == set(ARRAYS)
        for name, expected in ARRAYS.items():
            np.testing.assert_array_equal(found[name], expected)
            assert found[name].dtype == expected.dtype.newbyteorder("=")
            assert found[name].flags.writeable
    others = safetensors.load(path.read_bytes())
    np.testing.assert_array_equal(others["turned"], ARRAYS["turned"])
    with safetensors_file.safetensors().safe_open(path, "np") as file:
        assert file.metadata() == {"format": "pylego"}


def test_bfloat16_becomes_float32() -> None:
    expected = np.array([1.5, -2.0, 3.25], "float32")
    upper = (expected.view(np.uint32) >> 16).astype("<u2").tobytes()
    described = {"w": {"dtype": "BF16", "shape": [3], "data_offsets": [0, 6]}}
    found = safetensors_file.read(made_by_hand(described, upper))["w"]
    np.testing.assert_array_equal(found, expected, strict=True)


def test_dtypes_that_numpy_has_not_are_named() -> None:
    described = {"w": {"dtype": "F8_E4M3", "shape": [3], "data_offsets": [0, 3]}}
    with pytest.raises(CorruptFileError, match="'w' has the dtype F8_E4M3"):
        safetensors_file.read(made_by_hand(described, b"123"))


def test_a_terabyte_is_refused() -> None:
    described = {"w": {"dtype": "F32", "shape": [1 << 38], "data_offsets": [0, 1 << 40]}}
    with pytest.raises(CorruptFileError, match="is damaged, or no safetensors file"):
        safetensors_file.read(made_by_hand(described, b"123"))


def test_a_file_that_was_cut_short_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.safetensors"
    safetensors_file.write(path, {"a": np.ones(3)})
    content = path.read_bytes()
    for length in range(len(content)):
        path.write_bytes(content[:length])
        with pytest.raises(CorruptFileError, match=r"a\.safetensors' is damaged, or no"):
            safetensors_file.read(path)


@pytest.mark.parametrize("value", ["text", None, np.array([1j]), np.array([object()])])
def test_what_is_no_array_of_numbers_is_refused(tmp_path: Path, value: object) -> None:
    path = tmp_path / "a.safetensors"
    path.write_bytes(b"old")
    with pytest.raises(TypeError, match="arrays of numbers by name"):
        safetensors_file.write(path, {"a": value})
    with pytest.raises(TypeError, match="metadata holds texts"):
        safetensors_file.write(path, {"a": np.ones(3)}, {"k": 3})  # type: ignore[dict-item]
    assert path.read_bytes() == b"old"


def test_without_the_package_it_is_named() -> None:
    program = (
        "import sys; sys.modules['safetensors'] = None\n"
        "from pylego.saving import safetensors_file\n"
        "try: safetensors_file.read(b'')\n"
        "except ImportError as error: print(error)\n"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert "pip install safetensors" in done.stdout, done.stderr
