"""What small trainings leave behind has the bits that it had in earlier versions."""

from __future__ import annotations

import json
import platform
from collections.abc import Iterator

import pytest
from training_bits import GOLDEN, NETS, OPTIMIZERS, training_hash

from pylego import config

pytestmark = pytest.mark.skipif(
    platform.machine() not in ("x86_64", "AMD64") or platform.libc_ver()[0] != "glibc",
    reason="the hashes were written with glibc on x86-64",
)
HASHES = json.loads(GOLDEN.read_text(encoding="utf-8"))


@pytest.fixture
def settings() -> Iterator[None]:
    isa, threads = config.isa(), config.num_threads()
    yield
    config.set_isa(isa)
    config.set_num_threads(threads)


@pytest.mark.usefixtures("settings")
@pytest.mark.parametrize("optimizer", OPTIMIZERS)
@pytest.mark.parametrize("net", NETS)
@pytest.mark.parametrize("isa", ["generic", "avx2"])
def test_training_leaves_the_bits_of_earlier_versions(isa: str, net: str, optimizer: str) -> None:
    if isa not in config.isas():
        pytest.skip(f"this machine, or this build, has no {isa}")
    config.set_isa(isa)
    config.set_num_threads(2)
    assert training_hash(net, optimizer, is_eager=False) == HASHES[f"{isa} {net} {optimizer}"]


@pytest.mark.usefixtures("settings")
@pytest.mark.parametrize("net", NETS)
def test_so_do_eager_steps_on_one_thread(net: str) -> None:
    isa = config.isas()[0]
    config.set_isa(isa)
    config.set_num_threads(1)
    assert training_hash(net, "adam", is_eager=True) == HASHES[f"{isa} {net} adam"]
