"""`python -m pylego` and `as_keras()`: imports of Keras and TensorFlow reach pylego, and back."""

from __future__ import annotations

import importlib
import os
import signal
import subprocess
import sys
import textwrap
from pathlib import Path

import numpy as np
import pytest

import pylego
from pylego import keras_imports
from pylego.scripts import modules

ROOT = Path(__file__).resolve().parent.parent


def run(*arguments: object, cwd: Path, **options: object) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-m", "pylego", *map(str, arguments)]
    return subprocess.run(
        command, cwd=cwd, env=environment, capture_output=True, text=True, **options
    )  # type: ignore[call-overload]


def written(folder: Path, text: str, name: str = "program.py") -> Path:
    path = folder / name
    path.write_text(textwrap.dedent(text), encoding="utf-8")
    return path


# ---- running ----


def test_a_program_sees_what_python_shows_it(tmp_path: Path) -> None:
    written(tmp_path, "name = 'beside'", "beside.py")
    text = """
        import sys, beside, keras
        print(sys.argv, __name__, __file__, sys.path[0] == {folder!r}, beside.name)
        print(sys.modules["__main__"].__dict__ is globals(), keras.layers.Dense.__module__)
        """
    program = written(tmp_path, text.format(folder=str(tmp_path)))
    done = run("program.py", "-v", "x y", cwd=tmp_path)
    assert done.stderr == ""
    assert done.stdout.splitlines() == [
        "['program.py', '-v', 'x y'] __main__ program.py True beside",
        "True pylego.layers.core.dense",
    ]
    assert run(program, cwd=ROOT).stdout.splitlines()[1] == "True pylego.layers.core.dense"


def test_a_module_runs_as_with_python_m(tmp_path: Path) -> None:
    (tmp_path / "pack").mkdir()
    written(tmp_path / "pack", "from tensorflow import keras", "__init__.py")
    written(tmp_path / "pack", "import sys; print(__name__, sys.argv[1:])", "__main__.py")
    done = run("-m", "pack", "1", cwd=tmp_path)
    assert (done.stdout, done.stderr) == ("__main__ ['1']\n", "")
    missing = run("-m", "no_such_module", cwd=tmp_path)
    assert missing.returncode == 1
    assert "No module named no_such_module" in missing.stderr


@pytest.mark.parametrize(
    ("text", "code"),
    [("", 0), ("raise SystemExit(3)", 3), ("import sys; sys.exit('no')", 1), ("1 / 0", 1)],
)
def test_exit_codes_are_those_of_python(text: str, code: int, tmp_path: Path) -> None:
    program = written(tmp_path, text)
    assert run(program, cwd=tmp_path).returncode == code
    assert subprocess.run([sys.executable, program], capture_output=True).returncode == code


def test_a_traceback_is_that_of_python(tmp_path: Path) -> None:
    program = written(tmp_path, "def f():\n    return {}['key']\n\nf()\n")
    plain = subprocess.run([sys.executable, program], capture_output=True, text=True)
    assert run(program, cwd=tmp_path).stderr == plain.stderr
    program = written(tmp_path, "x = (1\n")
    plain = subprocess.run([sys.executable, program], capture_output=True, text=True)
    assert run(program, cwd=tmp_path).stderr == plain.stderr


@pytest.mark.skipif(sys.platform == "win32", reason="signals are those of POSIX")
def test_ctrl_c_ends_a_program_by_the_signal(tmp_path: Path) -> None:
    done = run(written(tmp_path, "raise KeyboardInterrupt"), cwd=tmp_path)
    assert done.returncode == -signal.SIGINT
    assert done.stderr.endswith("KeyboardInterrupt\n")


def test_what_cannot_be_run_is_said_as_python_says_it(tmp_path: Path) -> None:
    done = run("nothing.py", cwd=tmp_path)
    assert done.returncode == 2
    assert "can't open file 'nothing.py': [Errno 2] No such file" in done.stderr
    assert run(cwd=tmp_path).returncode == 2
    assert run("--help", cwd=tmp_path).stdout.startswith("usage: python -m pylego program.py")
    assert "unknown option --fast" in run("--fast", cwd=tmp_path).stderr
    assert "argument expected for -c" in run("-c", cwd=tmp_path).stderr


def test_a_program_comes_from_the_command_line_or_from_standard_input(tmp_path: Path) -> None:
    (tmp_path / "beside.py").write_text("number = 7")
    program = "import sys, keras, beside; print(keras.Model.__module__, sys.argv, beside.number)"
    expected = "pylego.models.model {} 7\n"
    assert run("-c", program, "a", cwd=tmp_path).stdout == expected.format(["-c", "a"])
    done = run("-", "a", cwd=tmp_path, input=program)
    assert done.stdout == expected.format(["-", "a"])
    failed = run("-c", "import keras\nkeras.nothing", cwd=tmp_path)
    assert failed.returncode == 1
    assert failed.stderr.startswith(
        'Traceback (most recent call last):\n  File "<string>", line 2, in <module>\n'
    )


@pytest.mark.parametrize("method", ["spawn", "fork", "forkserver"])
def test_child_processes_reach_pylego_too(method: str, tmp_path: Path) -> None:
    if method not in __import__("multiprocessing").get_all_start_methods():
        pytest.skip(f"this system has no {method}")
    program = written(
        tmp_path,
        f"""
        import multiprocessing
        from keras.layers import Dense
        import tensorflow as tf

        def work(number):
            import keras.backend as K
            return K.get_value(tf.constant(number) * 2), Dense.__module__

        if __name__ == "__main__":
            with multiprocessing.get_context({method!r}).Pool(1) as pool:
                print(pool.map(work, [1, 2]))
        """,
    )
    done = run(program, cwd=tmp_path, timeout=120)
    assert done.returncode == 0, done.stderr
    assert done.stdout.count("pylego.layers.core.dense") == 2


# ---- as_keras ----


def test_as_keras_is_taken_back() -> None:
    former = {name: sys.modules.get(name) for name in ("keras", "tensorflow")}
    with pylego.as_keras():
        import keras
        import tensorflow as tf
        from keras.layers.convolutional import Convolution2D

        assert keras_imports.is_as_keras()
        assert keras.Sequential is pylego.Sequential
        assert tf.keras.layers.Dense is pylego.layers.Dense
        assert isinstance(Convolution2D(4, 3, 3), pylego.layers.Conv2D)
        with pylego.as_keras():
            pass
        assert importlib.import_module("keras.models").Model is pylego.Model
    assert not keras_imports.is_as_keras()
    assert {name: sys.modules.get(name) for name in ("keras", "tensorflow")} == former
    assert not [name for name in sys.modules if name.startswith(("keras.", "tensorflow."))]


def test_as_keras_holds_for_all_cells_of_a_notebook(tmp_path: Path) -> None:
    program = """
        import sys
        sys.modules["keras"] = "another one"
        import pylego
        handle = pylego.as_keras()
        import keras
        print(keras.layers.Dense is pylego.layers.Dense)
        handle.stop()
        print(sys.modules["keras"])
        """
    path = written(tmp_path, program)
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run([sys.executable, path], env=environment, capture_output=True, text=True)
    assert (done.stdout, done.stderr) == ("True\nanother one\n", "")


def test_tensorboard_writes_beside_the_stand_in(tmp_path: Path) -> None:
    pytest.importorskip("tensorboard")
    program = """
        import numpy as np
        from tensorflow import keras
        model = keras.Sequential([keras.layers.Dense(1)])
        model.compile("sgd", "mse")
        data = np.zeros((4, 2)), np.zeros((4, 1))
        model.fit(*data, verbose=0, callbacks=[keras.callbacks.TensorBoard("logs")])
        """
    done = run(written(tmp_path, program), cwd=tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    assert list((tmp_path / "logs" / "train").glob("events*"))


def test_a_seed_for_numpy_repeats_a_run_as_in_keras_1(tmp_path: Path) -> None:
    text = """
        import numpy as np
        np.random.seed(7)
        from keras.layers import Dense
        layer = Dense(2)
        layer.build((None, 3))
        print(layer.get_weights()[0].tolist(), np.random.rand())
        """
    program = written(tmp_path, text)
    assert run(program, cwd=tmp_path).stdout == run(program, cwd=tmp_path).stdout != ""
    former = np.random.seed
    with pylego.as_keras():
        assert np.random.seed is not former
    assert np.random.seed is former


IMPORTS = """
from keras.layers.core import Dense, Dropout, Activation, Flatten, Reshape, Lambda, Masking
from keras.layers.convolutional import Convolution1D, Conv2D, MaxPooling2D, ZeroPadding2D
from keras.layers.recurrent import LSTM, GRU, SimpleRNN
from keras.layers.embeddings import Embedding
from keras.layers.advanced_activations import LeakyReLU, PReLU, ELU, ThresholdedReLU
from keras.layers.normalization import BatchNormalization
from keras.layers.pooling import GlobalAveragePooling2D, AveragePooling2D, MaxPooling1D
from keras.layers.merge import Add, Concatenate, add, concatenate, dot
from keras.layers.wrappers import TimeDistributed, Bidirectional
from keras.layers.noise import GaussianNoise, GaussianDropout
from keras.layers.local import LocallyConnected1D, LocallyConnected2D
from keras.layers.convolutional_recurrent import ConvLSTM2D
from keras.utils.np_utils import to_categorical
from keras.utils.vis_utils import plot_model, model_to_dot
from keras.utils.visualize_util import plot
from keras.utils.generic_utils import get_custom_objects, Progbar, CustomObjectScope
from keras.utils.data_utils import Sequence
from keras.preprocessing.text import Tokenizer, text_to_word_sequence, one_hot
from keras.preprocessing.sequence import pad_sequences, TimeseriesGenerator
from keras.preprocessing.image import ImageDataGenerator, load_img, img_to_array, array_to_img
from keras.engine.topology import Layer, Input, InputSpec
from keras.engine.training import Model
from keras.engine import Layer, InputSpec
from keras.objectives import mean_squared_error, categorical_crossentropy
from keras.initializations import normal, uniform, glorot_uniform
from keras.wrappers.scikit_learn import KerasClassifier, KerasRegressor
from keras.datasets import mnist, cifar10, imdb
from keras.callbacks import ModelCheckpoint, EarlyStopping, TensorBoard, History
from keras.regularizers import l1, l2, l1_l2, l1l2, activity_l2, WeightRegularizer
from keras.constraints import maxnorm, max_norm, nonneg, unitnorm
from keras.optimizers import SGD, RMSprop, Adagrad, Adadelta, Adam, Adamax
from keras.optimizers import adam_v2
from keras.models import Sequential, Model, load_model, model_from_json
import keras.backend as K
from keras.backend.tensorflow_backend import set_session
import tensorflow.keras.backend as K
from tensorflow.keras.layers.experimental.preprocessing import RandomFlip, Rescaling
from tensorflow.keras.optimizers.legacy import Adam
from tensorflow.keras.optimizers.schedules import ExponentialDecay
from tensorflow.keras.losses import Reduction
from tensorflow.keras.experimental import CosineDecay
from tensorflow.keras.mixed_precision.experimental import Policy
from tensorflow.python.keras.layers import Dense
from tensorflow.strings import lower, regex_replace
from tensorflow.version import VERSION
from tensorflow.compat.v1.keras.models import Sequential
from tensorflow.keras.preprocessing import image_dataset_from_directory
from keras.preprocessing import timeseries_dataset_from_array
from tensorflow.keras import Sequential, Input, Model, layers, models, losses, utils
from tensorflow.keras.utils import to_categorical, plot_model
from tf_keras.layers import Dense
from keras_preprocessing.sequence import pad_sequences
from keras import ops, random, tree, config
from tensorflow import nn, math, random, data
import tensorflow.compat.v1 as tf
"""


@pytest.mark.parametrize("line", [line for line in IMPORTS.splitlines() if line])
def test_an_import_of_any_year(line: str) -> None:
    with pylego.as_keras():
        exec(line, {})


def test_star_imports_bring_names_and_say_nothing(recwarn: pytest.WarningsRecorder) -> None:
    space: dict = {}
    with pylego.as_keras():
        for module in ("keras.layers", "keras.models", "keras.backend", "tensorflow.keras.layers"):
            exec(f"from {module} import *", space)
    assert {"Dense", "Merge", "Convolution2D", "Sequential", "batch_dot", "relu"} <= set(space)
    assert not recwarn.list


@pytest.mark.parametrize(
    ("statement", "words"),
    [
        ("import keras.layerss", r"No module named 'keras.layerss'. Did you mean 'keras.layers'"),
        ("from keras.layers import Dens", r"has no attribute 'Dens'. Did you mean: 'Dense'"),
        ("from keras.models import Graph", "today it is Sequential, or a subclass of Model"),
        ("import tensorflow.estimator", "stands in for a small part of tensorflow"),
        ("import tensorflow as tf; tf.softmax", "It is tf.nn.softmax"),
        ("import tensorflow as tf; tf.reduce_men", "Did you mean 'reduce_mean'.* It has: "),
        ("import tensorflow as tf; tf.nn.nothing", "It has: avg_pool, "),
        ("import keras.engine.nothing", "No module named 'keras.engine.nothing'"),
    ],
)
def test_what_is_not_there_is_explained(statement: str, words: str) -> None:
    with pylego.as_keras(), pytest.raises((AttributeError, ImportError), match=words):
        exec(statement, {})


def test_rooms_of_pylego_are_no_modules_of_keras() -> None:
    for name in (
        "core",
        "training",
        "graph",
        "registry",
        "scripts",
        "older",
        "programs",
        "testing",
    ):
        assert modules.sources(f"keras.{name}") is None


def test_a_model_saved_without_an_ending_is_a_folder(tmp_path: Path) -> None:
    model = pylego.Sequential([pylego.layers.Dense(2, input_shape=(3,))])
    with pytest.raises(ValueError, match=r"ends in '\.keras'"):
        model.save(tmp_path / "plain")
    with pylego.as_keras(), pytest.warns(UserWarning, match=r"today it is '.*model.keras'"):
        model.save(tmp_path / "model")
    assert pylego.models.load_model(tmp_path / "model").count_params() == 8
    with pylego.as_keras():
        with pytest.warns(UserWarning, match=r"today it is '.*ckpt.weights.h5'"):
            model.save_weights(tmp_path / "cp.ckpt")
        model.load_weights(tmp_path / "cp.ckpt")
    assert (tmp_path / "cp.ckpt.weights.h5").exists()
