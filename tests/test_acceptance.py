"""What users of other frameworks complain of must not happen here: leaks, hangs, noise."""

from __future__ import annotations

import gc
import hashlib
import itertools
import os
import subprocess
import sys
import textwrap
import threading
import weakref
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from pylego import GradientTape, Variable, config, engine, ops, utils
from pylego.callbacks import LambdaCallback
from pylego.layers import Dense, Dropout
from pylego.models import Sequential

X = np.random.default_rng(0).normal(size=(60, 5)).astype(np.float32)
Y = (X[:, 0] > 0).astype(np.int64)


def small_model(width: int = 8) -> Sequential:
    model = Sequential([Dense(width, "relu", input_shape=(5,)), Dropout(0.2), Dense(1, "sigmoid")])
    model.compile("adam", "binary_crossentropy", metrics=["accuracy"])
    return model


def trained(seed: int = 7, epochs: int = 2) -> Sequential:
    utils.set_random_seed(seed)
    model = small_model()
    model.fit(X, Y, epochs=epochs, batch_size=16, verbose=0)
    return model


def bits(model: Sequential) -> str:
    return hashlib.sha256(b"".join(w.tobytes() for w in model.get_weights())).hexdigest()


def resident_bytes() -> int:
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def run(program: str, *arguments: str, **environment: str) -> subprocess.CompletedProcess:
    """Run a program in a process of its own; it must end well."""
    return subprocess.run(
        [sys.executable, "-c", textwrap.dedent(program), *arguments],
        capture_output=True,
        text=True,
        check=True,
        timeout=120,
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parent.parent), **environment},
    )


needs_fork = pytest.mark.skipif(not hasattr(os, "fork"), reason="the system has no fork")
needs_proc = pytest.mark.skipif(not os.path.exists("/proc/self/statm"), reason="needs /proc")


# ---- memory ---------------------------------------------------------------------------------


@needs_proc
def test_predict_in_a_loop_keeps_memory_flat() -> None:
    model = small_model()
    row = X[:1]
    for _ in range(500):
        model.predict(row, verbose=0)
    gc.collect()
    used, resident = engine.memory_used(), resident_bytes()
    for _ in range(20_000):
        model.predict(row, verbose=0)
    assert engine.memory_used() == used
    assert resident_bytes() - resident < 2**20


def test_a_dropped_model_leaves_nothing() -> None:
    trained()
    gc.collect()
    used = engine.memory_used()
    model = trained()
    parts = [weakref.ref(part) for part in (model, *model.layers, *model.weights, model.optimizer)]
    del model
    gc.collect()
    assert [part() for part in parts] == [None] * len(parts)
    assert engine.memory_used() == used


def calls_of(work: Callable[[], object]) -> int:
    """How many functions, of Python and of C, are called in it: its time, as a number."""
    calls = itertools.count()
    sys.setprofile(lambda frame, event, argument: "call" in event and next(calls))
    try:
        work()
    finally:
        sys.setprofile(None)
    return next(calls)


def test_training_again_and_again_takes_no_more_memory_nor_calls() -> None:
    model = small_model()

    def fit() -> None:
        model.fit(X, Y, batch_size=16, verbose=0)

    def costs() -> tuple[int, int, int]:
        calls = calls_of(fit)
        gc.collect()
        return calls, engine.memory_used(), len(gc.get_objects())

    for _ in range(20):
        fit()
    costs()
    calls, used, objects = costs()
    for _ in range(200):
        fit()
    late_calls, late_used, late_objects = costs()
    assert (late_calls, late_used) == (calls, used)
    assert late_objects < objects + 100  # less than one more for each fit


def test_a_failed_fit_leaves_no_memory_behind() -> None:
    model = small_model()
    model.fit(X, Y, verbose=0)

    def fail() -> None:
        with pytest.raises(ValueError, match="expects inputs"):
            model.fit(X[:, :4], Y, verbose=0)

    fail()
    gc.collect()
    used = engine.memory_used()
    for _ in range(50):
        fail()
    gc.collect()
    assert engine.memory_used() == used


def backward_through(count: int) -> None:
    x = ops.convert_to_tensor(1.0)
    x.requires_grad = True
    y = x
    for _ in range(count):
        y = y + 1.0
    y.backward()
    assert (y.item(), x.grad.item()) == (count + 1.0, 1.0)


def test_backward_through_100_000_bricks_frees_all_memory() -> None:
    backward_through(10)  # makes what is kept for the next time
    gc.collect()
    used = engine.memory_used()
    backward_through(100_000)
    gc.collect()
    assert engine.memory_used() <= used


def test_arrays_live_as_long_as_what_is_made_of_them() -> None:
    class Array(np.ndarray):
        pass

    owner = np.arange(6, dtype=np.float32)
    owner.flags.writeable = False  # what can be written would be copied
    array = owner.view(Array)
    alive = weakref.ref(array)
    tensor = ops.convert_to_tensor(array).reshape(2, 3)
    view = tensor.numpy()
    assert np.shares_memory(array, view)
    del array, tensor
    gc.collect()
    assert view.tolist() == [[0, 1, 2], [3, 4, 5]]
    del view
    gc.collect()
    ops.ones(1)  # the engine tells what it no longer needs when a tensor goes
    gc.collect()
    assert alive() is None


def test_dlpack_keeps_memory_alive() -> None:
    before = engine.memory_used()
    tensor = ops.ones((1000,))
    array = np.from_dlpack(tensor)
    del tensor
    gc.collect()
    assert engine.memory_used() >= before + 4000
    assert array.sum() == 1000
    del array
    gc.collect()
    assert engine.memory_used() == before


# ---- processes and threads ------------------------------------------------------------------


@needs_fork
@pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")
def test_training_goes_on_after_fork() -> None:
    program = """
        import hashlib, os, sys
        import numpy as np
        from pylego import config, utils
        from pylego.layers import Dense
        from pylego.models import Sequential

        config.set_num_threads(2)
        x = np.random.default_rng(0).normal(size=(256, 400)).astype("float32")

        def fit():
            utils.set_random_seed(3)
            model = Sequential([Dense(300, "relu"), Dense(1)])
            model.compile("adam", "mse")
            model.fit(x, x[:, 0], epochs=2, batch_size=128, verbose=0)
            return hashlib.sha256(b"".join(w.tobytes() for w in model.get_weights())).hexdigest()

        before = fit()
        read, write = os.pipe()
        if os.fork() == 0:
            assert config.num_threads() == 2
            os.write(write, fit().encode())
            os._exit(0)
        os.wait()
        assert os.read(read, 100).decode() == before == fit()
    """
    run(program)


@needs_fork
def test_fork_while_another_thread_multiplies() -> None:
    program = """
        import os, signal, threading, warnings
        import numpy as np
        from pylego import config, ops

        warnings.simplefilter("ignore", DeprecationWarning)
        config.set_num_threads(2)
        x = ops.convert_to_tensor(np.random.default_rng(0).normal(size=(300, 300)))
        product = (x @ x).numpy()
        is_over = threading.Event()

        def multiply():
            while not is_over.is_set():
                x @ x

        other = threading.Thread(target=multiply)
        other.start()
        for _ in range(10):
            child = os.fork()
            if child == 0:
                signal.alarm(60)
                os._exit(not all(np.array_equal(x @ x, product) for _ in range(20)))
            assert os.waitpid(child, 0)[1] == 0
        is_over.set()
        other.join()
    """
    run(program)


# The wider ones have work for the thread pool: one model holds it while the other works alone.
@pytest.mark.parametrize("widths", [(8, 16), (4000, 4100)])
def test_two_python_threads_train_two_models(widths: tuple[int, int]) -> None:
    former = config.num_threads()
    config.set_num_threads(2)
    alone = [bits(trained_by_itself(width)) for width in widths]
    together: dict[int, str] = {}
    workers = [
        threading.Thread(target=lambda w=width: together.update({w: bits(trained_by_itself(w))}))
        for width in widths
    ]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    config.set_num_threads(former)
    assert [together[width] for width in widths] == alone


def trained_by_itself(width: int) -> Sequential:
    """Trained without the global seed, which threads would share."""
    model = Sequential([Dense(width, "relu", input_shape=(5,)), Dense(1, "sigmoid")])
    weights = np.random.default_rng(width)
    model.set_weights([weights.normal(size=w.shape) for w in model.weights])
    model.compile("adam", "binary_crossentropy", metrics=["accuracy"])
    model.fit(X, Y, epochs=20, batch_size=16, verbose=0, shuffle=False)
    return model


TUTORIALS = {
    "numbers": """
        x, y = np.arange(1, 11).reshape(10, 1), np.arange(10) > 4
        loss, batch, last = "binary", 10, 1
        layers = [Dense(64, "relu") for _ in range(4)]
    """,
    "diabetes": """
        x = np.random.default_rng(1).uniform(0, 100, (200, 8))
        y, loss, batch, last = x[:, 1] + x[:, 5] > 100, "binary", 64, 1
        layers = [Dense(12, "relu"), Dense(8, "relu")]
    """,
    "mnist": """
        x = np.random.default_rng(2).uniform(0, 1, (300, 784))
        y = to_categorical(np.arange(300) % 10, 10)
        loss, batch, last = "categorical", 32, 10
        layers = [Dense(512, "relu"), Dense(512, "relu")]
    """,
}
TRAIN = """
import sys, hashlib
import numpy as np
from pylego import config
from pylego.layers import Dense
from pylego.models import Sequential
from pylego.utils import set_random_seed, to_categorical
config.set_num_threads(int(sys.argv[1]))
set_random_seed(1)
{data}
model = Sequential([*layers, Dense(last, "softmax" if loss == "categorical" else "sigmoid")])
model.compile(loss=loss + "_crossentropy", metrics=["accuracy"])
model.fit(x, np.asarray(y, "float32"), epochs=3, batch_size=batch, verbose=0)
print(hashlib.sha256(b"".join(w.tobytes() for w in model.get_weights())).hexdigest())
"""


@pytest.mark.parametrize("name", TUTORIALS)
def test_bits_depend_neither_on_the_run_nor_on_threads(name: str) -> None:
    program = TRAIN.format(data=textwrap.dedent(TUTORIALS[name]))
    outputs = {run(program, threads).stdout for threads in ("1", "2", "1")}
    assert len(outputs) == 1


# ---- silence --------------------------------------------------------------------------------


def test_leaving_with_live_tensors_is_silent() -> None:
    program = """
        import numpy as np
        import pylego
        from pylego import ops
        kept = ops.ones((3, 3))
        lent = ops.convert_to_tensor(np.ones(5, "float32"))
        window = kept.numpy()
        kept.requires_grad = True
        product = kept * lent[:3]
        tape = pylego.GradientTape()
        tape.__enter__()
        model = pylego.Sequential([pylego.layers.Dense(2)])
        model.compile("adam", "mse")
        model.fit(np.ones((4, 3)), np.ones((4, 2)), verbose=0)
        model.itself = model
    """
    done = run(program)
    assert (done.stdout, done.stderr) == ("", "")


def test_import_leaves_optional_packages_alone(tmp_path: Path) -> None:
    for name in ("pandas", "matplotlib", "PIL", "h5py", "sklearn", "torch", "IPython"):
        (tmp_path / f"{name}.py").write_text("print('imported')", encoding="utf-8")
    program = """
        import sys
        sys.path.insert(0, sys.argv[1])
        import numpy as np
        import pylego
        model = pylego.Sequential([pylego.layers.Dense(2)])
        model.compile("adam", "mse")
        model.fit(np.ones((4, 3)), np.ones((4, 2)), verbose=0)
    """
    done = run(program, str(tmp_path))
    assert (done.stdout, done.stderr) == ("", "")


def test_mistakes_print_nothing() -> None:
    program = """
        import numpy as np
        from pylego import ops
        for mistake in (
            lambda: ops.matmul(ops.ones((2, 3)), ops.ones((2, 3))),
            lambda: ops.ones((2**40, 2**20)),
            lambda: ops.take(ops.ones(3), [5]),
            lambda: ops.zeros(2**45),
        ):
            try:
                mistake()
            except (ValueError, IndexError, MemoryError):
                continue
            raise SystemExit("no exception")
    """
    done = run(program)
    assert (done.stdout, done.stderr) == ("", "")


def test_progress_in_a_file_is_one_line_per_epoch(tmp_path: Path) -> None:
    program = """
        import sys
        import numpy as np
        from pylego.layers import Dense
        from pylego.models import Sequential
        model = Sequential([Dense(2)])
        model.compile("sgd", "mse")
        model.fit(np.ones((500, 3)), np.ones((500, 2)), epochs=3, batch_size=1)
    """
    output = run(program).stdout
    assert output.count("loss") == 3
    assert not set("\r\b\x1b") & set(output)
    assert len([line for line in output.splitlines() if "loss" in line]) == 3


# ---- arguments count ------------------------------------------------------------------------


def weights_after(**arguments: Any) -> str:
    utils.set_random_seed(2)
    model = small_model()
    model.fit(X, Y, verbose=0, **{"batch_size": 16, **arguments})
    return bits(model)


ARGUMENTS = {
    "batch_size": {"batch_size": 7},
    "epochs": {"epochs": 2},
    "shuffle": {"shuffle": False},
    "class_weight": {"class_weight": {0: 1.0, 1: 4.0}},
    "sample_weight": {"sample_weight": np.linspace(0, 2, 60)},
    "validation_split": {"validation_split": 0.5},
    "steps_per_epoch": {"steps_per_epoch": 2},
    "initial_epoch": {"initial_epoch": 1},
}


@pytest.mark.parametrize("name", ARGUMENTS)
def test_no_argument_of_fit_is_ignored(name: str) -> None:
    assert weights_after() == weights_after()
    assert weights_after(**ARGUMENTS[name]) != weights_after()


@pytest.mark.parametrize("loss", ["mse", "mae", "binary_crossentropy"])
def test_flat_targets_and_columns_are_the_same(loss: str) -> None:
    def fit(x: np.ndarray, y: np.ndarray) -> str:
        utils.set_random_seed(4)
        model = Sequential([Dense(4, "relu", input_shape=(5,)), Dense(1, "sigmoid")])
        model.compile("adam", loss, metrics=["accuracy"])
        model.fit(x, y, validation_split=0.2, verbose=0)
        return bits(model)

    column = Y.reshape(-1, 1).astype(np.float32)
    assert fit(X, Y) == fit(X, column) == fit(X.tolist(), Y.tolist())


FORMS = {
    "Fortran order": np.asfortranarray(X),
    "every second of a larger array": np.repeat(X, 2, axis=0)[::2],
    "backwards": X[::-1][::-1],
    "big endian": X.astype(">f4"),
    "float64": X.astype(np.float64),
    "list": X.tolist(),
    "tensor": ops.convert_to_tensor(X),
}


@pytest.mark.parametrize("form", FORMS)
def test_all_kinds_of_data_train_to_the_same_bits(form: str) -> None:
    read_only = X.copy()
    read_only.flags.writeable = False
    wanted = weights_of(read_only)
    assert weights_of(FORMS[form]) == wanted


def weights_of(x: Any) -> str:
    utils.set_random_seed(2)
    model = small_model()
    model.fit(x, Y, batch_size=16, verbose=0)
    return bits(model)


@pytest.mark.parametrize("dtype", [np.float16, np.int8, np.uint8, np.int64, bool])
def test_small_dtypes_and_integers_train(dtype: Any) -> None:
    model = small_model()
    history = model.fit((X * 3).astype(dtype), Y.astype(dtype), verbose=0)
    assert np.isfinite(history.history["loss"][0])


# ---- the rest -------------------------------------------------------------------------------


def test_ctrl_c_in_a_callback_leaves_a_usable_model() -> None:
    def stop(batch: int, logs: Any) -> None:
        if batch == 2:
            raise KeyboardInterrupt

    model = small_model()
    with pytest.raises(KeyboardInterrupt):
        model.fit(
            X, Y, batch_size=10, callbacks=[LambdaCallback(on_train_batch_end=stop)], verbose=0
        )
    assert model.predict(X, verbose=0).shape == (60, 1)
    assert model.fit(X, Y, verbose=0).epoch == [0]
    variable = Variable(3.0)
    with GradientTape() as tape:
        loss = variable * variable
    assert tape.gradient(loss, variable).item() == 6


def test_a_failing_train_step_closes_its_tape() -> None:
    model = small_model()
    with pytest.raises(ValueError, match="fit"):
        model.train_on_batch(X, np.ones((60, 3)))
    for _ in range(2):  # the second time it is recorded
        model(X)
    gc.collect()
    used = engine.memory_used()
    for _ in range(100):  # what an open tape records would pile up
        model(X)
    assert engine.memory_used() <= used + 4 * 60 * 16


def test_metrics_names_are_flat_and_in_the_order_of_evaluate() -> None:
    model = small_model()
    model.fit(X, Y, verbose=0)
    loss, accuracy = model.evaluate(X, Y, verbose=0)
    assert model.metrics_names == ["loss", "accuracy"]
    assert model.evaluate(X, Y, verbose=0, return_dict=True) == {"loss": loss, "accuracy": accuracy}


def test_hangul_in_names_and_paths(tmp_path: Path) -> None:
    package = Path(__file__).parent.parent
    folder = tmp_path / "홍길동" / "모델"
    folder.mkdir(parents=True)
    program = folder / "학습.py"
    program.write_text(
        "import numpy as np\nfrom pylego.layers import Dense\n"
        "from pylego.models import Sequential\n"
        "model = Sequential([Dense(1, input_shape=(2,), name='머리')], name='사람')\n"
        "model.summary()\nprint(model.weights[0].path)\n",
        encoding="utf-8",
    )
    done = subprocess.run(
        [sys.executable, str(program)],
        cwd=folder,
        capture_output=True,
        check=True,
        env={**os.environ, "PYTHONPATH": str(package), "PYTHONUTF8": "1"},
    )
    assert "머리/kernel" in done.stdout.decode("utf-8")


def test_other_threads_counts_are_taken_from_the_environment() -> None:
    program = "from pylego import config; print(config.num_threads())"
    assert run(program, OMP_NUM_THREADS="1").stdout.strip() == "1"
    assert config.num_threads() >= 1
