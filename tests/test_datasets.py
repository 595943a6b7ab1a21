"""pylego.datasets: the packaged digits, IDX files true and lying, the cache and the download."""

import gzip
import hashlib
import io
import os
import subprocess
import sys
import tracemalloc
import urllib.error
import urllib.request
from email.message import Message
from pathlib import Path
from urllib.response import addinfourl

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings, strategies as st
from hypothesis.extra import numpy as hnp

from pylego.datasets import cache, digits, fashion_mnist, four_files, mnist
from pylego.datasets.idx import read_idx

NAMES = (*four_files.TRAIN, *four_files.TEST)
SOME_IMAGES = np.arange(6 * 28 * 28, dtype=np.uint8).reshape(6, 28, 28)
SOME_LABELS = np.array([5, 0, 4, 1, 9, 2], np.uint8)


def idx(array):
    sizes = np.array(array.shape, ">u4").tobytes()
    return bytes([0, 0, 8, array.ndim]) + sizes + array.tobytes()


def some_files():
    """The four files of a small data set: the training part has six rows, the test part four."""
    arrays = (SOME_IMAGES, SOME_LABELS, SOME_IMAGES[:4], SOME_LABELS[:4])
    return {name: gzip.compress(idx(array)) for name, array in zip(NAMES, arrays, strict=True)}


def write_files(folder, files):
    folder.mkdir(parents=True)
    for name, content in files.items():
        (folder / name).write_bytes(content)


def assert_is_some_data(parts):
    (x_train, y_train), (x_test, y_test) = parts
    assert np.array_equal(x_train, SOME_IMAGES)
    assert np.array_equal(y_train, SOME_LABELS)
    assert np.array_equal(x_test, SOME_IMAGES[:4])
    assert np.array_equal(y_test, SOME_LABELS[:4])


@pytest.fixture
def home(tmp_path, monkeypatch):
    """An empty cache folder, whose name has letters that old tools trip over."""
    folder = tmp_path / "손글씨 Größe"
    monkeypatch.setenv("PYLEGO_HOME", str(folder))
    return folder


@pytest.fixture
def network(monkeypatch):
    """A network in memory: a dict from URL to content or error, with a list of what was asked."""

    class Network(dict):
        def open(self, url, timeout):
            self.asked.append(url)
            answer = self.get(url, urllib.error.URLError("Network is unreachable"))
            if isinstance(answer, BaseException):
                raise answer
            return addinfourl(io.BytesIO(answer), Message(), url)

    network = Network()
    network.asked = []
    monkeypatch.setattr(urllib.request, "urlopen", network.open)
    return network


@pytest.fixture
def source(monkeypatch):
    """Make the files of `some_files` the official ones of MNIST."""
    checksums = {name: hashlib.sha256(c).hexdigest() for name, c in some_files().items()}
    source = mnist.SOURCE._replace(checksums=checksums)
    monkeypatch.setattr(mnist, "SOURCE", source)
    return source


# The packaged digits


def test_digits_are_the_table_of_uci():
    (x_train, y_train), (x_test, y_test) = digits.load_data()
    assert x_train.shape == (1442, 8, 8)
    assert x_test.shape == (355, 8, 8)
    images = np.concatenate([x_train, x_test])
    labels = np.concatenate([y_train, y_test])
    assert images.dtype == labels.dtype == np.uint8
    assert (images.min(), images.max()) == (0, 16)
    # UCI's own counts of each digit in optdigits.tes, and the sum that scikit-learn's copy has.
    assert np.bincount(labels).tolist() == [178, 182, 177, 183, 181, 182, 181, 179, 174, 180]
    assert int(images.sum()) == 561718


def test_a_fifth_of_each_digit_is_held_back_and_no_image_is_on_both_sides():
    (x_train, y_train), (x_test, y_test) = digits.load_data()
    assert np.array_equal(np.bincount(y_test), np.bincount(np.append(y_train, y_test)) // 5)
    assert not {x.tobytes() for x in x_train} & {x.tobytes() for x in x_test}


def test_the_last_rows_of_the_digits_are_a_fair_sample():
    (_, y_train), _ = digits.load_data()
    assert np.bincount(y_train[-288:], minlength=10).min() >= 15


def test_loaded_digits_belong_to_the_caller():
    (x_train, y_train), _ = digits.load_data()
    x_train[:] = 99
    y_train[:] = 99
    (x_again, y_again), _ = digits.load_data()
    assert x_again.max() == 16
    assert y_again.max() == 9


def test_nearest_neighbour_knows_the_digits_held_back():
    (x_train, y_train), (x_test, y_test) = digits.load_data()
    train = x_train.reshape(-1, 64).astype(float)
    test = x_test.reshape(-1, 64).astype(float)
    distances = (test**2).sum(1)[:, None] + (train**2).sum(1) - 2 * test @ train.T
    assert np.mean(y_train[distances.argmin(1)] == y_test) > 0.97


def test_the_digits_come_with_their_licence():
    text = Path(digits.__file__).with_name("digits.LICENSE").read_text(encoding="utf-8")
    assert "Alpaydin" in text
    assert "CC BY 4.0" in text


# IDX files


@given(
    array=hnp.arrays(np.uint8, hnp.array_shapes(min_dims=1, max_dims=4, max_side=5)),
    zipped=st.booleans(),
)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_what_is_written_is_read(tmp_path, array, zipped):
    path = tmp_path / "file"
    path.write_bytes(gzip.compress(idx(array)) if zipped else idx(array))
    again = read_idx(path, array.ndim)
    assert np.array_equal(again, array)
    assert again.dtype == np.uint8
    assert again.flags.writeable


def with_size(images, *sizes):
    return idx(images)[:4] + np.array(sizes, ">u4").tobytes() + images.tobytes()


FEW = SOME_IMAGES[:2]
LIES = {
    "empty": (b"", "begins with 00 00 08 03, found nothing"),
    "web page": (b"<html>not found", "begins with 00 00 08 03, found 3c 68 74 6d"),
    "labels for images": (idx(SOME_LABELS), "with 3 axes.*found 00 00 08 01"),
    "float32": (b"\0\0\x0d\x03" + idx(FEW)[4:], "found 00 00 0d 03"),
    "cut in the header": (idx(FEW)[:9], "ends after 9 bytes, within its header"),
    "cut in the images": (idx(FEW)[:-5], "promises 1,568 bytes .*but only 1,563 follow"),
    "no images": (idx(FEW[:0]), r"holds nothing \(shape \(0, 28, 28\)\)"),
    "one image too many": (with_size(FEW, 3, 28, 28), "promises 2,352 bytes.* only 1,568 follow"),
    "one image too few": (with_size(FEW, 1, 28, 28), "promises 784 bytes .*but more follow"),
    "huge": (with_size(FEW, 2**32 - 1, 2**32 - 1, 2**32 - 1), "but only 1,568 follow"),
    "nothing, hugely": (with_size(FEW, 0, 2**32 - 1, 2**32 - 1), "holds nothing"),
}


@pytest.mark.parametrize("zipped", [False, True], ids=["plain", "gz"])
@pytest.mark.parametrize("lie", LIES)
def test_lying_files_are_refused_by_name_and_without_much_memory(tmp_path, lie, zipped):
    content, message = LIES[lie]
    path = tmp_path / "train-images-idx3-ubyte.gz"
    path.write_bytes(gzip.compress(content) if zipped else content)
    tracemalloc.start()
    with pytest.raises(ValueError, match=message) as caught:
        read_idx(path, axes=3)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert str(path) in str(caught.value)
    assert peak < 5_000_000


def broken_gzips():
    whole = gzip.compress(idx(FEW))
    wrong_sum = bytearray(whole)
    wrong_sum[-8] ^= 1
    wrong_inside = bytearray(whole)
    wrong_inside[12:20] = b"\xff" * 8
    return {
        "cut": whole[:-20],
        "cut in its end": whole[:-3],
        "wrong sum": bytes(wrong_sum),
        "wrong inside": bytes(wrong_inside),
        "rubbish behind": whole + b"rubbish",
        "two bytes": whole[:2],
    }


@pytest.mark.parametrize("name", broken_gzips())
def test_broken_gzip_is_refused_by_name(tmp_path, name):
    path = tmp_path / "images.gz"
    path.write_bytes(broken_gzips()[name])
    with pytest.raises(ValueError, match=r"images\.gz cannot be read"):
        read_idx(path, axes=3)


# The cache folder and path=


@pytest.mark.parametrize("dataset", [mnist, fashion_mnist])
def test_files_in_the_cache_are_read_without_network(home, network, dataset):
    write_files(home / dataset.SOURCE.folder, some_files())
    assert_is_some_data(dataset.load_data())
    assert not network.asked


def test_without_pylego_home_the_cache_is_in_the_users_home(monkeypatch):
    monkeypatch.setenv("PYLEGO_HOME", "")
    assert cache.home() == os.path.expanduser("~/.pylego")
    monkeypatch.setenv("PYLEGO_HOME", "~/data")
    assert cache.home() == os.path.expanduser("~/data")


def test_unzipped_files_are_read_under_either_name(home, network):
    folder = home / "mnist"
    write_files(folder, {name: gzip.decompress(content) for name, content in some_files().items()})
    (folder / NAMES[0]).rename(folder / NAMES[0].removesuffix(".gz"))
    assert_is_some_data(mnist.load_data())


@pytest.mark.parametrize("dataset", [mnist, fashion_mnist])
@pytest.mark.parametrize("kind", [str, Path])
def test_path_may_be_a_folder(tmp_path, network, dataset, kind):
    folder = tmp_path / "데이터"
    write_files(folder, some_files())
    assert_is_some_data(dataset.load_data(path=kind(folder)))


def test_path_may_be_the_npz_file_of_keras(tmp_path):
    path = tmp_path / "mnist.npz"
    arrays = (SOME_IMAGES, SOME_LABELS, SOME_IMAGES[:4], SOME_LABELS[:4])
    np.savez(path, **dict(zip(four_files.NPZ_KEYS, arrays, strict=True)))
    assert_is_some_data(mnist.load_data(path))


def test_a_path_that_leads_nowhere_is_never_downloaded_to(tmp_path, network):
    with pytest.raises(FileNotFoundError, match=r"not found there: train-images.*t10k-labels"):
        mnist.load_data(path=tmp_path / "mnsit")
    files = some_files()
    del files[NAMES[3]]
    write_files(tmp_path / "mnist", files)
    with pytest.raises(FileNotFoundError, match=f"not found there: {NAMES[3]}$"):
        mnist.load_data(path=tmp_path / "mnist")
    assert not network.asked


def test_images_and_labels_must_be_as_many(tmp_path):
    files = some_files()
    files[NAMES[3]] = gzip.compress(idx(SOME_LABELS[:3]))
    write_files(tmp_path / "mnist", files)
    with pytest.raises(ValueError, match=r"t10k-images.*\(4, 28, 28\) and .*t10k-labels.*\(3,\)"):
        mnist.load_data(tmp_path / "mnist")


def npz(**arrays):
    file = io.BytesIO()
    np.savez(file, **arrays)
    return file.getvalue()


GOOD_ARRAYS = {"x_train": FEW, "y_train": SOME_LABELS[:2], "x_test": FEW, "y_test": SOME_LABELS[:2]}


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"no zip", "is not an .npz file"),
        (npz(**GOOD_ARRAYS)[:-100], "is not an .npz file"),
        (npz(x_train=FEW, y_train=SOME_LABELS), "arrays x_train, y_train, x_test, y_test.*x_test"),
        (npz(**{**GOOD_ARRAYS, "y_test": np.array([[1], None], object)}), "allow_pickle=False"),
        (npz(**{**GOOD_ARRAYS, "y_test": SOME_LABELS}), r"x_test of .*\(2, 28, 28\).*\(6,\)"),
        (npz(**GOOD_ARRAYS).replace(FEW.tobytes(), bytes(FEW.size)), "Bad CRC-32"),
    ],
)
def test_a_wrong_npz_file_is_refused_by_name(tmp_path, content, message):
    path = tmp_path / "mine.npz"
    path.write_bytes(content)
    with pytest.raises(ValueError, match=message) as caught:
        mnist.load_data(path)
    assert "mine.npz" in str(caught.value)


# The download


def test_what_is_missing_is_downloaded_once(home, network, source):
    files = some_files()
    write_files(home / "mnist", {NAMES[0]: files[NAMES[0]]})
    network.update({source.mirrors[0] + name: content for name, content in files.items()})
    assert_is_some_data(mnist.load_data())
    assert network.asked == [source.mirrors[0] + name for name in NAMES[1:]]
    assert_is_some_data(mnist.load_data())
    assert len(network.asked) == 3
    assert sorted(os.listdir(home / "mnist")) == sorted(NAMES)


def test_the_second_mirror_helps_when_the_first_fails_or_lies(home, network, source):
    for name, content in some_files().items():
        network[source.mirrors[1] + name] = content
    network[source.mirrors[0] + NAMES[0]] = b"<html>please log in</html>"
    network[source.mirrors[0] + NAMES[1]] = TimeoutError("timed out")
    assert_is_some_data(mnist.load_data())
    assert len(network.asked) == 8


def test_offline_the_error_says_which_files_to_put_where(home, network, source):
    files = some_files()
    write_files(home / "mnist", {NAMES[1]: files[NAMES[1]]})
    network[source.mirrors[0] + NAMES[0]] = files[NAMES[0]]
    with pytest.raises(ConnectionError) as caught:
        mnist.load_data()
    message = str(caught.value)
    assert f"Could not download {NAMES[2]}" in message
    for mirror in source.mirrors:
        assert f"{mirror}{NAMES[2]}: <urlopen error Network is unreachable>" in message
    listed = [line.strip() for line in message.splitlines() if line.startswith(f"  {home}")]
    assert listed == [str(home / "mnist" / name) for name in NAMES[2:]]


def test_a_wrong_checksum_is_said_and_leaves_no_file(home, network, source):
    for mirror in source.mirrors:
        network[mirror + NAMES[0]] = gzip.compress(b"something else")
    expected = source.checksums[NAMES[0]]
    with pytest.raises(ConnectionError, match=f"expected a file of sha256 {expected}, found"):
        mnist.load_data()
    assert os.listdir(home / "mnist") == []


def test_a_certificate_that_cannot_be_verified_gets_advice(home, network, source):
    reason = "[SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed"
    for mirror in source.mirrors:
        network[mirror + NAMES[0]] = urllib.error.URLError(reason)
    with pytest.raises(ConnectionError, match=r"Install Certificates(.|\n)*SSL_CERT_FILE"):
        mnist.load_data()


@pytest.mark.parametrize("error", [OSError(28, "No space left on device"), KeyboardInterrupt()])
def test_a_broken_write_leaves_no_file_that_looks_whole(home, network, source, monkeypatch, error):
    network.update({source.mirrors[0] + name: content for name, content in some_files().items()})

    replace = os.replace

    def fail(part, path):
        if not path.endswith(".part"):
            raise error
        replace(part, path)

    monkeypatch.setattr(os, "replace", fail)
    with pytest.raises(type(error)):
        mnist.load_data()
    assert all(name.endswith(".part") for name in os.listdir(home / "mnist"))


@pytest.mark.parametrize("dataset", [mnist, fashion_mnist])
def test_sources_are_complete_and_secure(dataset):
    assert set(dataset.SOURCE.checksums) == set(NAMES)
    assert all(len(bytes.fromhex(c)) == 32 for c in dataset.SOURCE.checksums.values())
    assert len(dataset.SOURCE.mirrors) == 2
    assert all(m.startswith("https://") and m.endswith("/") for m in dataset.SOURCE.mirrors)


def test_slow_modules_are_imported_only_when_needed():
    program = (
        "import sys, numpy; before = set(sys.modules)\n"
        "import pylego.datasets, pylego.utils, pylego.names\n"
        "slow = {'urllib', 'http', 'gzip', 'hashlib', 'zipfile', 'ssl', 'tempfile', 'difflib'}\n"
        "print(sorted(slow & (set(sys.modules) - before)))"
    )
    result = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert result.stdout == "[]\n", result.stderr


# The real files


@pytest.mark.parametrize("dataset", [mnist, fashion_mnist])
def test_real_files(dataset, network, monkeypatch):
    data = os.environ.get("PYLEGO_TEST_DATA")
    if not data or not os.path.isdir(os.path.join(data, dataset.SOURCE.folder)):
        pytest.skip("PYLEGO_TEST_DATA names no folder with mnist/ and fashion_mnist/ in it")
    monkeypatch.setenv("PYLEGO_HOME", data)
    for images, labels in dataset.load_data():
        assert images.shape == (len(labels), 28, 28)
        assert images.dtype == labels.dtype == np.uint8
        assert len(labels) >= 5000
        assert images.max() == 255
        assert np.bincount(labels).shape == (10,)
    assert not network.asked
