"""BackupAndRestore: training that is interrupted anywhere gives the bits of the unbroken run."""

from __future__ import annotations

import os
import random
import resource
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from pylego import GradientTape, config, ops, random as lego_random
from pylego.callbacks import BackupAndRestore, Callback, EarlyStopping, History, ModelCheckpoint
from pylego.layers import BatchNormalization, Dense, Dropout, Flatten, Input, Layer
from pylego.models import Model, Sequential
from pylego.optimizers import Adam
from pylego.preprocessing.image import ImageDataGenerator
from pylego.saving.errors import CorruptFileError
from pylego.saving.hdf5 import open_hdf5
from pylego.utils import set_random_seed
from pylego.utils.dataset import MappedDataset

RNG = np.random.default_rng(0)
X = RNG.normal(size=(44, 5)).astype("float32")
Y = RNG.integers(0, 3, 44)
LATEST = "latest.weights.h5"


class PowerCutError(RuntimeError):
    """What ends a training in these tests."""


class Cut(Callback):
    """Interrupt training at a batch of an epoch; batch None: when the epoch ends."""

    def __init__(self, epoch: int, batch: int | None):
        self.place = (epoch, batch)
        self.epoch = 0

    def on_epoch_begin(self, epoch: int, logs: Any = None) -> None:
        self.epoch = epoch

    def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
        if self.place[1] is not None and (self.epoch, batch) >= self.place:
            raise PowerCutError

    def on_test_end(self, logs: Any = None) -> None:
        if self.place == (self.epoch, None):
            raise PowerCutError


def classifier(**settings: Any) -> Model:
    set_random_seed(5)
    stack = [Input((5,)), Dense(8, "relu"), BatchNormalization(), Dropout(0.5), Dense(3, "softmax")]
    model = Sequential(stack)
    loss = "sparse_categorical_crossentropy"
    model.compile(**{"optimizer": "adam", "loss": loss, "metrics": ["accuracy"], **settings})
    return model


def outcome(model: Any, history: History) -> tuple:
    optimizers = [model.optimizer, *getattr(model, "optimizers", ())]
    variables = [*model.variables, *(v for one in optimizers for v in one.variables)]
    return history.history, history.epoch, [v.numpy().tobytes() for v in variables]


Fit = Callable[[Any, list[Callback]], History]


def check_resumed(
    folder: Path,
    make: Callable[[], Any],
    fit: Fit,
    cuts: list[tuple[int, int | None]],
    backup: Callable[[], BackupAndRestore] | None = None,
) -> None:
    """Train without a break, and with breaks at these places: all must be equal."""
    backup = backup or (lambda: BackupAndRestore(folder / "b", save_freq=2))
    model = make()
    expected = outcome(model, fit(model, []))
    for cut in cuts:
        with pytest.raises(PowerCutError):
            fit(make(), [backup(), Cut(*cut)])
    model = make()
    set_random_seed(len(cuts))  # the next process is in another state
    assert outcome(model, fit(model, [backup()])) == expected
    assert not (folder / "b").exists()


class Numbered:
    """Batches by number, as those of a PyDataset."""

    def __len__(self) -> int:
        return 6

    def __getitem__(self, number: int) -> Any:
        rows = slice(number * 7, number * 7 + 7)
        return X[rows], Y[rows]


class Passes:
    """Batches that each pass gives in the same order."""

    def __iter__(self) -> Iterator[Any]:
        return (Numbered()[number] for number in range(6))


SETTINGS: dict[str, dict[str, Any]] = {
    "eager": {"run_eagerly": True},
    "executions of two steps": {"steps_per_execution": 2},
    "averages": {"optimizer": Adam(use_ema=True, ema_overwrite_frequency=4)},
    "accumulation": {"optimizer": Adam(gradient_accumulation_steps=3)},
    "weighted": {"weighted_metrics": ["accuracy"]},
    "no momentum": {"optimizer": "sgd"},
}
DATA: dict[str, dict[str, Any]] = {
    "rows": {"x": X, "y": Y, "batch_size": 7},
    "rows in order": {"x": X, "y": Y, "batch_size": 7, "shuffle": False},
    "validation": {"x": X, "y": Y, "batch_size": 7, "validation_split": 0.2},
    "part of a validation": {
        "x": X, "y": Y, "batch_size": 7, "validation_data": (X, Y), "validation_steps": 2,
        "validation_batch_size": 10,
    },
    "steps that cut passes": {"x": X, "y": Y, "batch_size": 7, "steps_per_epoch": 5},
    "class weights": {"x": X, "y": Y, "batch_size": 7, "class_weight": {0: 1.0, 1: 2.0, 2: 5.0}},
    "numbered batches": {"x": Numbered()},
    "steps over numbered batches": {"x": Numbered(), "steps_per_epoch": 4},
    "passes": {"x": Passes()},
    "steps over passes": {"x": Passes(), "steps_per_epoch": 5},
}  # fmt: skip


@pytest.mark.filterwarnings("ignore:The data ended")
@pytest.mark.parametrize("data", DATA.values(), ids=DATA)
def test_data_go_on_where_they_were(data: dict[str, Any], tmp_path: Path) -> None:
    def fit(model: Any, callbacks: list[Callback]) -> History:
        return model.fit(**data, epochs=3, verbose=0, callbacks=callbacks)

    check_resumed(tmp_path, classifier, fit, [(0, 3), (1, 3)])


def shuffled() -> Any:
    """Batches that draw their own orders."""
    return MappedDataset([(X, Y)], lambda x, y: (x, y)).unbatch().shuffle(20).batch(7)


def augmented() -> Any:
    images = np.repeat(X.reshape(44, 5, 1, 1), 3, 2)
    changes = ImageDataGenerator(horizontal_flip=True, vertical_flip=True)
    return changes.flow(images, Y, batch_size=7)


@pytest.mark.parametrize("options", [{}, {"steps_per_epoch": 5}], ids=["passes", "steps"])
@pytest.mark.parametrize("data", [shuffled, augmented])
def test_data_with_an_order_of_their_own(
    data: Callable[[], Any], options: dict[str, Any], tmp_path: Path
) -> None:
    def fit(model: Any, callbacks: list[Callback]) -> History:
        given = data() if not options or data is augmented else data().repeat()
        return model.fit(given, epochs=4, verbose=0, callbacks=callbacks, **options)

    def make() -> Model:
        if data is shuffled:
            return classifier()
        set_random_seed(5)
        model = Sequential([Input((5, 3, 1)), Flatten(), Dropout(0.2), Dense(3, "softmax")])
        model.compile("adam", "sparse_categorical_crossentropy")
        return model

    check_resumed(tmp_path, make, fit, [(1, 0), (1, 4)])


def fit_rows(model: Any, callbacks: list[Callback]) -> History:
    return model.fit(X, Y, batch_size=7, epochs=4, verbose=0, callbacks=callbacks)


@pytest.mark.parametrize("settings", SETTINGS.values(), ids=SETTINGS)
def test_settings_of_compile(settings: dict[str, Any], tmp_path: Path) -> None:
    def make() -> Model:
        given = dict(settings)
        if isinstance(given.get("optimizer"), Adam):
            given["optimizer"] = Adam.from_config(given["optimizer"].get_config())
        return classifier(**given)

    check_resumed(tmp_path, make, fit_rows, [(1, 4)])


@pytest.mark.parametrize("cut", [(1, None), (2, None), (1, 0), (3, 4)])
def test_backups_after_epochs(cut: tuple[int, int | None], tmp_path: Path) -> None:
    def fit(model: Any, callbacks: list[Callback]) -> History:
        options = {"validation_data": (X, Y), "callbacks": callbacks}
        return model.fit(X, Y, batch_size=9, epochs=4, verbose=0, **options)

    check_resumed(tmp_path, classifier, fit, [cut], lambda: BackupAndRestore(tmp_path / "b"))


def test_an_epoch_whose_batches_are_all_done_ends(tmp_path: Path) -> None:
    def fit(model: Any, callbacks: list[Callback]) -> History:
        options = {"validation_split": 0.2, "callbacks": callbacks}
        return model.fit(X, Y, batch_size=7, epochs=3, verbose=0, **options)

    backup = lambda: BackupAndRestore(tmp_path / "b", save_freq=5)  # noqa: E731
    check_resumed(tmp_path, classifier, fit, [(1, None)], backup)


def test_threads_do_not_matter(tmp_path: Path) -> None:
    threads = config.num_threads()
    try:
        model = classifier()
        config.set_num_threads(1)
        expected = outcome(model, fit_rows(model, []))
        config.set_num_threads(2)
        with pytest.raises(PowerCutError):
            fit_rows(classifier(), [BackupAndRestore(tmp_path, save_freq=2), Cut(1, 3)])
        config.set_num_threads(1)
        model = classifier()
        assert outcome(model, fit_rows(model, [BackupAndRestore(tmp_path)])) == expected
    finally:
        config.set_num_threads(threads)


class Noise(Layer):
    """A layer that draws without a seed."""

    def call(self, inputs: Any, training: bool = False) -> Any:
        return inputs + lego_random.normal(ops.shape(inputs)) if training else inputs


def test_draws_without_a_seed_go_on(tmp_path: Path) -> None:
    def make() -> Model:
        set_random_seed(3)
        model = Sequential([Input((5,)), Noise(), Dense(3, "softmax")])
        model.compile("sgd", "sparse_categorical_crossentropy")
        return model

    check_resumed(tmp_path, make, fit_rows, [(0, 3), (2, 1)])


class Adversaries(Model):
    """Two networks with an optimizer each, which only `train_step` calls."""

    def __init__(self) -> None:
        super().__init__()
        self.generator = Sequential([Dense(4, "relu"), Dropout(0.3), Dense(5)])
        self.critic = Sequential([Dense(4, "relu"), BatchNormalization(), Dense(1)])
        self.optimizers = [Adam(), Adam(0.002)]

    def call(self, inputs: Any) -> Any:
        return inputs

    def train_step(self, data: Any) -> dict[str, Any]:
        real = data[0]
        with GradientTape(persistent=True) as tape:
            made = self.generator(lego_random.normal(ops.shape(real)), training=True)
            gap = ops.mean(self.critic(real, training=True) - self.critic(made, training=True))
            losses = gap, -gap
        networks = self.generator, self.critic
        for network, loss, optimizer in zip(networks, losses, self.optimizers):
            weights = network.trainable_variables
            optimizer.apply(tape.gradient(loss, weights), weights)
        return {"gap": gap}


@pytest.mark.parametrize("run_eagerly", [False, True])
def test_optimizers_that_only_a_train_step_knows(run_eagerly: bool, tmp_path: Path) -> None:
    def make() -> Model:
        set_random_seed(5)
        model = Adversaries()
        model.compile(run_eagerly=run_eagerly)
        return model

    check_resumed(tmp_path, make, fit_rows, [(1, 4)])


# ---- other callbacks -------------------------------------------------------------------------


@pytest.mark.parametrize("cut", [(1, 2), (2, 4), (3, None)])
def test_early_stopping_stops_where_it_would_have(
    cut: tuple[int, int | None], tmp_path: Path
) -> None:
    def fit(model: Any, callbacks: list[Callback]) -> History:
        stopping = EarlyStopping("loss", mode="max", patience=3, restore_best_weights=True)
        options = {"validation_data": (X, Y), "callbacks": [*callbacks, stopping]}
        return model.fit(X, Y, batch_size=9, epochs=9, verbose=0, **options)

    check_resumed(tmp_path, classifier, fit, [cut])


def test_a_training_that_was_stopped_stays_stopped(tmp_path: Path) -> None:
    class CutAtTheEnd(Callback):
        def on_train_end(self, logs: Any = None) -> None:
            raise PowerCutError

    stopping = EarlyStopping("loss", mode="max", patience=1)
    with pytest.raises(PowerCutError):
        fit_rows(classifier(), [BackupAndRestore(tmp_path / "b"), stopping, CutAtTheEnd()])
    history = fit_rows(classifier(), [BackupAndRestore(tmp_path / "b")])
    assert history.epoch == list(range(stopping.stopped_epoch + 1))


def test_the_best_checkpoint_is_not_replaced_by_a_worse_one(tmp_path: Path) -> None:
    def train(*callbacks: Callback) -> ModelCheckpoint:
        best = ModelCheckpoint(tmp_path / "m.weights.h5", "loss", 0, True, True, mode="max")
        fit_rows(classifier(), [best, *callbacks])
        return best

    expected = train().best
    with pytest.raises(PowerCutError):
        train(BackupAndRestore(tmp_path / "b"), Cut(2, 1))
    assert train(BackupAndRestore(tmp_path / "b")).best == expected


def test_callbacks_of_users_are_told_how_far_they_were(tmp_path: Path) -> None:
    class Counting(Callback):
        def __init__(self) -> None:
            self.batches = np.zeros(3)

        def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
            self.batches += 1

        def get_training_state(self) -> dict[str, Any]:
            return {"batches": self.batches, "names": ["가", None, True]}

        def set_training_state(self, state: dict[str, Any]) -> None:
            assert state["names"] == ["가", None, True]
            self.batches = state["batches"]

    backup = BackupAndRestore(tmp_path, save_freq=1)
    with pytest.raises(PowerCutError):
        fit_rows(classifier(), [Cut(2, 3), backup, Counting()])
    counting = Counting()
    fit_rows(classifier(), [backup, counting])
    assert counting.batches.tolist() == [28.0] * 3


# ---- files -----------------------------------------------------------------------------------


def interrupted(folder: Path, **settings: Any) -> None:
    with pytest.raises(PowerCutError):
        fit_rows(classifier(), [BackupAndRestore(folder, 2, **settings), Cut(2, 4)])


def test_only_backups_are_deleted(tmp_path: Path) -> None:
    interrupted(tmp_path)
    (tmp_path / ".0123456789abcdef.part").write_bytes(b"of a process that was killed")
    (tmp_path / "notes.txt").write_text("mine", encoding="utf-8")
    fit_rows(classifier(), [BackupAndRestore(tmp_path)])
    assert os.listdir(tmp_path) == ["notes.txt"]


def test_backups_can_be_kept(tmp_path: Path) -> None:
    backup = BackupAndRestore(tmp_path, delete_checkpoint=False)
    expected = fit_rows(classifier(), [backup]).history
    assert os.listdir(tmp_path) == [LATEST]
    assert fit_rows(classifier(), [backup]).history == expected  # nothing is left to do


def damaged(path: Path) -> Iterator[bytes]:
    whole = path.read_bytes()
    yield b""
    yield b"no HDF5"
    yield whole[: len(whole) // 2]
    quarter = len(whole) // 4
    yield whole[:quarter] + bytes(2 * quarter) + whole[3 * quarter :]


def test_a_damaged_backup_is_refused(tmp_path: Path) -> None:
    interrupted(tmp_path)
    path = tmp_path / LATEST
    for content in damaged(path):
        path.write_bytes(content)
        model = classifier()
        before = model.get_weights()
        with pytest.raises(CorruptFileError, match=f"{LATEST}.*delete the folder"):
            fit_rows(model, [BackupAndRestore(tmp_path)])
        assert all(map(np.array_equal, before, model.get_weights()))
        assert path.read_bytes() == content


def test_a_changed_number_is_found(tmp_path: Path) -> None:
    interrupted(tmp_path)
    path = tmp_path / LATEST
    with open_hdf5(path) as file:
        names = ["layers/dense/vars/0", "optimizer/vars/2", "training_state/json"]
        arrays = {name: file.read(name).tobytes() for name in names}
    whole = path.read_bytes()
    for name, content in arrays.items():
        place = whole.index(content) + len(content) // 2
        path.write_bytes(whole[:place] + bytes([whole[place] ^ 1]) + whole[place + 1 :])
        with pytest.raises(CorruptFileError, match=f"{name}' in it is not what was written"):
            fit_rows(classifier(), [BackupAndRestore(tmp_path)])


def test_no_changed_byte_goes_unnoticed(tmp_path: Path) -> None:
    """Either the backup is refused, or training goes on with the same bits."""
    interrupted(tmp_path)
    path = tmp_path / LATEST
    whole = path.read_bytes()
    model = classifier()
    expected = outcome(model, fit_rows(model, []))
    rng = random.Random(1)
    refusals, backup = [], BackupAndRestore(tmp_path, delete_checkpoint=False)
    for place in sorted(rng.sample(range(len(whole)), 15)):
        changed = bytearray(whole)
        changed[place] ^= 1 << rng.randrange(8)
        path.write_bytes(changed)
        model = classifier()
        try:
            found = outcome(model, fit_rows(model, [backup]))
        except CorruptFileError as error:
            refusals.append(str(error))
        else:
            assert found == expected, place
    assert refusals
    assert all(LATEST in refusal for refusal in refusals)


def test_the_backup_before_is_used_instead(tmp_path: Path) -> None:
    model = classifier()
    expected = outcome(model, fit_rows(model, []))
    interrupted(tmp_path, double_checkpoint=True)
    assert sorted(os.listdir(tmp_path)) == [LATEST, f"{LATEST}.bkp"]
    (tmp_path / LATEST).write_bytes(b"damaged")
    backup = BackupAndRestore(tmp_path, 2, double_checkpoint=True)
    with (
        pytest.warns(UserWarning, match=rf"{LATEST}.*goes on from the backup before"),
        pytest.raises(PowerCutError),
    ):
        fit_rows(classifier(), [backup, Cut(0, 0)])
    assert (tmp_path / LATEST).read_bytes() == (tmp_path / f"{LATEST}.bkp").read_bytes()
    os.remove(tmp_path / LATEST)
    model = classifier()
    assert outcome(model, fit_rows(model, [backup])) == expected


def test_on_a_full_disk_the_backup_before_stays(tmp_path: Path) -> None:
    interrupted(tmp_path)
    before = (tmp_path / LATEST).read_bytes()
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    model = classifier()
    model.build((None, 5))
    resource.setrlimit(resource.RLIMIT_FSIZE, (8192, limits[1]))
    try:
        with pytest.raises(OSError, match=r"cannot be written: .*The one before is as it was"):
            fit_rows(model, [BackupAndRestore(tmp_path, 2)])
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert os.listdir(tmp_path) == [LATEST]
    assert (tmp_path / LATEST).read_bytes() == before


def narrow() -> Model:
    model = Sequential([Input((5,)), Dense(3, "softmax")])
    model.compile("adam", "sparse_categorical_crossentropy")
    return model


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (
            lambda: classifier(optimizer="sgd"),
            r"another training: 'optimizer/vars/2' has the shape",
        ),
        (lambda: classifier(metrics=[]), "other metrics than when the epoch began"),
        (
            narrow,
            r"another training: 'layers/dense/vars/0' has the shape \(5, 8\) in it and \(5, 3\)",
        ),
    ],
)
def test_another_model_is_refused(make: Callable[[], Any], message: str, tmp_path: Path) -> None:
    interrupted(tmp_path)
    with pytest.raises(ValueError, match=message):
        fit_rows(make(), [BackupAndRestore(tmp_path)])


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"batch_size": 8}, "batch_size=7: now there is batch_size=8"),
        ({"shuffle": False}, "shuffle=True: now there is shuffle=False"),
        ({"x": X[:40], "y": Y[:40]}, "rows=44: now there is rows=40"),
    ],
)
def test_other_data_are_refused(options: dict[str, Any], message: str, tmp_path: Path) -> None:
    interrupted(tmp_path)
    given = {"x": X, "y": Y, "batch_size": 7, "epochs": 4, **options}
    with pytest.raises(ValueError, match=message):
        classifier().fit(**given, verbose=0, callbacks=[BackupAndRestore(tmp_path)])


def test_arguments_are_refused_at_once(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="needs a folder"):
        BackupAndRestore("")
    for save_freq in ("batch", 0, False, 1.5):
        with pytest.raises(ValueError, match="save_freq is 'epoch' or a number of batches"):
            BackupAndRestore(tmp_path, save_freq)  # type: ignore[arg-type]


# ---- killed ----------------------------------------------------------------------------------

PROGRAM = """
import hashlib, json, sys
from pylego import callbacks, layers, models
from pylego.datasets import digits
from pylego.utils import set_random_seed
from pylego.utils.dataset import MappedDataset

class Ready(callbacks.Callback):
    def on_train_begin(self, logs=None):
        print("ready", flush=True)

(x, y), _ = digits.load_data()
x, y = x[:300].reshape(300, -1).astype("float32") / 16, y[:300]
set_random_seed(7)
model = models.Sequential([
    layers.Input((64,)), layers.Dense(32, "relu"), layers.BatchNormalization(),
    layers.Dropout(0.4), layers.Dense(10, "softmax"),
])
model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
backup = [callbacks.BackupAndRestore(folder, save_freq=1) for folder in sys.argv[1:]]
history = model.fit(
    x, y, epochs=5, verbose=0, validation_split=0.1, callbacks=[Ready(), *backup]
)
numbers = hashlib.sha256()
for variable in [*model.variables, *model.optimizer.variables]:
    numbers.update(variable.numpy().tobytes())
print(json.dumps([numbers.hexdigest(), history.epoch, history.history]))
"""


def started(*arguments: str) -> subprocess.Popen:
    command = [sys.executable, "-c", PROGRAM, *arguments]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True)


def test_a_process_that_is_killed_again_and_again_gives_the_same_bits(tmp_path: Path) -> None:
    whole = started()
    rng = random.Random(int.from_bytes(os.urandom(2), "little"))
    kills = 0
    while kills < 3:
        process = started(str(tmp_path / "backups"))
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        time.sleep(rng.uniform(0.0, 0.4))
        if process.poll() is not None:
            break
        process.send_signal(signal.SIGKILL)
        process.communicate()
        kills += 1
    else:
        process = started(str(tmp_path / "backups"))
    outputs = [one.communicate()[0].splitlines()[-1] for one in (whole, process)]
    assert outputs[0] == outputs[1]
    assert kills
