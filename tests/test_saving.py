"""Models and weights in files: `.keras` and `.weights.h5`, written and opened here."""

from __future__ import annotations

import io
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from pylego import Input, layers, metrics, optimizers
from pylego.models import Sequential, load_model
from pylego.saving import safetensors_file
from pylego.saving.errors import CorruptFileError
from pylego.saving.walk import objects_with_state
from pylego.saving.weights import WeightsFiles

X = np.linspace(-1, 1, 32, dtype="float32").reshape(8, 4)
Y = np.linspace(0, 1, 8, dtype="float32").reshape(8, 1)


def stack(units: int = 3) -> Sequential:
    return Sequential(
        [Input((4,)), layers.Dense(units), layers.BatchNormalization(), layers.Dense(1)]
    )


def trained(model: Sequential) -> Sequential:
    model.compile("adam", "mse", metrics=["mae"])
    model.fit(X, Y, epochs=2, verbose=0)
    return model


def test_a_model_that_was_opened_goes_on_as_the_other_one(tmp_path: Path) -> None:
    model = trained(stack())
    path = tmp_path / "내 모델.keras"
    model.save(path)
    opened = load_model(path)
    assert np.array_equal(opened.predict(X, verbose=0), model.predict(X, verbose=0))
    both = [one.fit(X, Y, epochs=3, shuffle=False, verbose=0).history for one in (model, opened)]
    assert both[0] == both[1]


def test_weights_come_back(tmp_path: Path) -> None:
    model, other = stack(), stack()
    model.save_weights(tmp_path / "m.weights.h5")
    other.load_weights(tmp_path / "m.weights.h5")
    assert all(map(np.array_equal, model.get_weights(), other.get_weights()))


def test_what_does_not_fit_is_listed_and_changes_nothing(tmp_path: Path) -> None:
    stack().save_weights(tmp_path / "m.weights.h5")
    wider = stack(5)
    before = wider.get_weights()
    with pytest.raises(
        ValueError, match=r"(?s)'kernel' has the shape \(4, 5\), and \(4, 3\).*gamma"
    ):
        wider.load_weights(tmp_path / "m.weights.h5")
    assert all(map(np.array_equal, before, wider.get_weights()))


# ---- what is loaded ----


def test_layers_that_do_not_fit_can_be_skipped(tmp_path: Path) -> None:
    model = stack()
    model.save_weights(tmp_path / "m.weights.h5")
    other = Sequential([Input((4,)), layers.Dense(3), layers.BatchNormalization(), layers.Dense(2)])
    last = other.layers[-1].get_weights()
    with pytest.warns(UserWarning, match=r"'dense_\d+' .*: 'kernel' has the shape \(3, 2\)"):
        other.load_weights(tmp_path / "m.weights.h5", skip_mismatch=True)
    assert np.array_equal(other.layers[0].get_weights()[0], model.layers[0].get_weights()[0])
    assert all(map(np.array_equal, last, other.layers[-1].get_weights()))


def test_layers_can_be_left_as_they_are(tmp_path: Path) -> None:
    model, other = stack(), stack()
    model.save_weights(tmp_path / "m.weights.h5")
    first = other.layers[0].get_weights()
    other.load_weights(tmp_path / "m.weights.h5", objects_to_skip=[other.layers[0]])
    assert all(map(np.array_equal, first, other.layers[0].get_weights()))
    assert np.array_equal(other.layers[-1].get_weights()[0], model.layers[-1].get_weights()[0])


def test_numbers_without_a_place_are_told(tmp_path: Path) -> None:
    stack().save_weights(tmp_path / "m.weights.h5")
    shorter = Sequential([Input((4,)), layers.Dense(3)])
    with pytest.warns(
        UserWarning, match="no place for: layers/batch_normalization, layers/dense_1"
    ):
        shorter.load_weights(tmp_path / "m.weights.h5")


def test_a_layer_of_the_model_that_the_file_lacks_is_named(tmp_path: Path) -> None:
    Sequential([Input((4,)), layers.Dense(3)]).save_weights(tmp_path / "m.weights.h5")
    longer = Sequential([Input((4,)), layers.Dense(3), layers.Dense(2, name="second")])
    with pytest.raises(ValueError, match=r"'second' .*it has 2 variables .*and 0 are stored"):
        longer.load_weights(tmp_path / "m.weights.h5")


def test_a_long_list_of_variables_is_cut(tmp_path: Path) -> None:
    long = Sequential([Input((2,)), *(layers.Dense(2) for _ in range(9))])
    long.compile("adam", "mse")
    long.fit(np.zeros((4, 2)), np.zeros((4, 2)), verbose=0)
    for layer in long.layers[:8]:  # after compile: the optimizer keeps what it has
        layer.trainable = False
    long.save(tmp_path / "long.keras")
    with pytest.warns(UserWarning, match="compile the model after that") as caught:
        load_model(tmp_path / "long.keras")
    assert re.search(r"5 \(.*\), \d+ more\)", str(caught[0].message))


def test_weights_are_read_out_of_a_model_file(tmp_path: Path) -> None:
    model, other = stack(), stack()
    model.save(tmp_path / "m.keras")
    other.load_weights(tmp_path / "m.keras")
    assert np.array_equal(model.predict(X, verbose=0), other.predict(X, verbose=0))


def test_an_optimizer_that_is_not_built_takes_its_state(tmp_path: Path) -> None:
    model = trained(stack())
    model.save_weights(tmp_path / "m.weights.h5")
    other = stack()
    other.compile("adam", "mse", metrics=["mae"])
    other.load_weights(tmp_path / "m.weights.h5")
    both = [one.fit(X, Y, epochs=2, verbose=0).history for one in (model, other)]
    assert both[0] == both[1]


def test_a_learning_rate_that_was_just_chosen_is_kept(tmp_path: Path) -> None:
    model = trained(stack())
    model.save_weights(tmp_path / "m.weights.h5")
    model.save(tmp_path / "m.keras")
    other = stack()
    other.compile(optimizers.Adam(1e-5), "mse")
    for kind in ("weights.h5", "keras"):
        other.load_weights(tmp_path / f"m.{kind}")
        assert float(other.optimizer.learning_rate) == np.float32(1e-5)
        other.compile(optimizers.Adam(1e-5), "mse")
    other.optimizer.build(other.trainable_variables)
    other.load_weights(tmp_path / "m.weights.h5")  # as in Keras
    assert float(other.optimizer.learning_rate) == float(model.optimizer.learning_rate)


@pytest.mark.parametrize("kind", ["keras", "weights.h5"])
def test_a_file_that_is_cut_short_changes_nothing(tmp_path: Path, kind: str) -> None:
    path = tmp_path / f"m.{kind}"
    model = trained(stack())
    if kind == "keras":
        model.save(path)
    else:
        model.save_weights(path)
    whole = path.read_bytes()
    other = stack()
    before = other.get_weights()
    for length in range(0, len(whole) - 1, 1 + len(whole) // 40):
        path.write_bytes(whole[:length])
        with pytest.raises(ValueError, match=r"m\.(keras|weights)"):
            other.load_weights(path)
    assert all(map(np.array_equal, before, other.get_weights()))


class _Rebuilt(layers.Layer):
    """A layer that stores other things than its variables."""

    def build(self, input_shape: Any) -> None:
        self.scale = self.add_weight(shape=(input_shape[-1],), initializer="ones", name="scale")

    def call(self, x: Any) -> Any:
        return x * self.scale

    def save_own_variables(self, store: Any) -> None:
        store["half"] = self.scale / 2

    def load_own_variables(self, store: Any) -> None:
        self.scale.assign(store["half"] * 2)
        if "whole" in store:
            raise KeyError("whole")


def test_a_layer_may_store_its_variables_in_its_own_way(tmp_path: Path) -> None:
    model, other = (Sequential([Input((4,)), layers.Dense(2), _Rebuilt()]) for _ in range(2))
    model.layers[1].scale.assign([3.0, 5.0])
    model.save_weights(tmp_path / "m.weights.h5")
    other.load_weights(tmp_path / "m.weights.h5")
    assert other.layers[1].scale.numpy().tolist() == [3.0, 5.0]


def test_a_failure_in_code_of_the_user_changes_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    model, other = (Sequential([Input((4,)), layers.Dense(2), _Rebuilt()]) for _ in range(2))
    monkeypatch.setattr(
        _Rebuilt, "save_own_variables", lambda _, store: store.update(half=[7.0, 7.0], whole=[1.0])
    )
    model.save_weights(tmp_path / "m.weights.h5")
    before = other.get_weights()
    with pytest.raises(ValueError, match=r"load_own_variables raised KeyError: 'whole'"):
        other.load_weights(tmp_path / "m.weights.h5")
    assert all(map(np.array_equal, before, other.get_weights()))


def test_random_numbers_and_metrics_go_on(tmp_path: Path) -> None:
    model = Sequential([Input((4,)), layers.Dropout(0.5), layers.Dense(1)])
    model.compile("sgd", "mse")
    model.fit(X, Y, verbose=0)
    model.save(tmp_path / "m.keras")
    opened = load_model(tmp_path / "m.keras")
    both = [one.fit(X, Y, epochs=2, shuffle=False, verbose=0).history for one in (model, opened)]
    assert both[0] == both[1]


# ---- where files are ----


def test_file_objects(tmp_path: Path) -> None:
    model = trained(stack())
    file = io.BytesIO()
    model.save(file)
    file.seek(0)
    assert np.array_equal(load_model(file).predict(X, verbose=0), model.predict(X, verbose=0))
    with (tmp_path / "weights").open("w+b") as numbers:
        model.save_weights(numbers)
        numbers.seek(0)
        other = trained(stack())
        other.load_weights(numbers)
    assert np.array_equal(other.predict(X, verbose=0), model.predict(X, verbose=0))


def test_folders(tmp_path: Path) -> None:
    model = trained(stack())
    model.save(tmp_path / "모델 하나", zipped=False)
    opened = load_model(tmp_path / "모델 하나")
    assert np.array_equal(opened.predict(X, verbose=0), model.predict(X, verbose=0))
    with pytest.raises(ValueError, match=r"zipped=False makes a folder"):
        model.save(tmp_path / "m.keras", zipped=False)


def test_several_files(tmp_path: Path) -> None:
    model, other = trained(stack(40)), trained(stack(40))
    model.save_weights(tmp_path / "m.weights.json", max_shard_size=2000 / 2**30)
    assert len(list(tmp_path.glob("m_0000*.weights.h5"))) > 1
    other.load_weights(tmp_path / "m.weights.json")
    assert np.array_equal(model.predict(X, verbose=0), other.predict(X, verbose=0))
    with pytest.raises(ValueError, match="larger max_shard_size"):
        model.save_weights(tmp_path / "m.weights.json", max_shard_size=100 / 2**30)


def test_lists_name_files_beside_them(tmp_path: Path) -> None:
    path = tmp_path / "m.weights.json"
    for text in ('{"weight_map": {"/vars": "../m.h5"}}', "[]", "{", '{"weight_map": {"a": [1]}}'):
        path.write_text(text, encoding="utf-8")
        with pytest.raises(CorruptFileError):
            stack().load_weights(path)


def test_what_is_there_is_kept_if_wanted(tmp_path: Path) -> None:
    path = tmp_path / "m.keras"
    stack().save(path)
    for save in (stack().save, stack().save_weights):
        with pytest.raises(FileExistsError, match="overwrite=False keeps it"):
            save(path, overwrite=False)


def test_names_of_other_kinds_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"ends in '\.keras'"):
        stack().save(tmp_path / "model")
    with pytest.raises(ValueError, match=r"ends in '\.weights\.h5'"):
        stack().save_weights(tmp_path / "weights")
    (tmp_path / "text").write_text("nothing", encoding="utf-8")
    with pytest.raises(ValueError, match=r"neither a \.keras nor an HDF5 file"):
        load_model(tmp_path / "text")
    with pytest.raises(FileNotFoundError):
        load_model(tmp_path / "none.keras")
    with pytest.raises(TypeError, match="or from a binary file object"):
        load_model(3)


def test_what_cannot_be_described_leaves_the_old_file(tmp_path: Path) -> None:
    path = tmp_path / "m.keras"
    stack().save(path)
    before = path.read_bytes()
    model = stack()
    model.compile("sgd", lambda y_true, y_pred: y_pred)
    with pytest.raises(TypeError):
        model.save(path)
    assert path.read_bytes() == before
    assert [one.name for one in tmp_path.iterdir()] == ["m.keras"]


def test_a_model_that_is_not_built(tmp_path: Path) -> None:
    model = Sequential([layers.Dense(2)])
    with pytest.raises(ValueError, match="is not built, so it has no weights to save"):
        model.save_weights(tmp_path / "m.weights.h5")
    with pytest.warns(UserWarning, match="is not built, so no weights are saved"):
        model.save(tmp_path / "m.keras")
    assert load_model(tmp_path / "m.keras").layers[0].units == 2


def my_loss(y_true: Any, y_pred: Any) -> Any:
    return y_pred - y_true


def test_a_model_opens_without_its_loss(tmp_path: Path) -> None:
    model = stack()
    model.compile("adam", my_loss)
    model.save(tmp_path / "m.keras")
    with pytest.warns(UserWarning, match="my_loss") as warned:
        opened = load_model(tmp_path / "m.keras")
    assert len(warned) == 1
    assert not opened.compiled
    assert np.array_equal(opened.predict(X, verbose=0), model.predict(X, verbose=0))
    assert load_model(tmp_path / "m.keras", {"my_loss": my_loss}).compiled
    assert not load_model(tmp_path / "m.keras", compile=False).compiled


# ---- names ----


def test_safetensors(tmp_path: Path) -> None:
    pytest.importorskip("safetensors")
    model, other = stack(), stack()
    model.save_weights(tmp_path / "m.safetensors")
    other.load_weights(tmp_path / "m.safetensors")  # though its layers have later numbers
    assert all(map(np.array_equal, model.get_weights(), other.get_weights()))
    with pytest.raises(
        ValueError, match=r"so nothing was loaded:\n- 'dense.*kernel' has the shape"
    ):
        stack(5).load_weights(tmp_path / "m.safetensors")


def test_a_checkpoint_of_pytorch_by_names(tmp_path: Path) -> None:
    pytest.importorskip("safetensors")
    kernel = np.arange(12, dtype="float32").reshape(3, 4)
    theirs = {"fc.weight": kernel, "fc.bias": np.ones(3, "float32"), "step": np.int64(7)}
    safetensors_file.write(tmp_path / "theirs.safetensors", theirs)
    model = Sequential([Input((4,)), layers.Dense(3, name="first"), layers.Dense(1)])
    names = {"fc.weight": ("first/kernel", np.transpose), "fc.bias": "first/bias"}
    model.load_weights(tmp_path / "theirs.safetensors", names=names)
    assert np.array_equal(model.layers[0].get_weights()[0], kernel.T)
    model.load_weights(tmp_path / "theirs.safetensors", names=names.get)
    with pytest.raises(ValueError, match=r"\('first/kernel', np.transpose\)\} turns it"):
        model.load_weights(tmp_path / "theirs.safetensors", names={"fc.weight": "first/kernel"})
    with pytest.raises(ValueError, match=r"Did you mean 'fc\.weight'"):
        model.load_weights(tmp_path / "theirs.safetensors", names={"fc.weigt": "first/kernel"})


# ---- files of layers ----


class _Words(layers.Layer):
    """A layer with a list of words, in a file."""

    words: tuple[str, ...] = ()

    def call(self, x: Any) -> Any:
        return x

    def save_assets(self, folder: str) -> None:
        Path(folder, "words.txt").write_text("\n".join(self.words), encoding="utf-8")

    def load_assets(self, folder: str) -> None:
        self.words = tuple(Path(folder, "words.txt").read_text(encoding="utf-8").split("\n"))


def test_layers_may_keep_files(tmp_path: Path) -> None:
    model = Sequential([Input((4,)), _Words(), layers.Dense(1)])
    model.layers[0].words = ("하나", "둘")
    model.save(tmp_path / "m.keras")
    opened = load_model(tmp_path / "m.keras", {"_Words": _Words})
    assert opened.layers[0].words == ("하나", "둘")
    with pytest.raises(ValueError, match="layers that save files"):
        model.save(tmp_path / "folder", zipped=False)


# ---- files in the format of Keras 1 and 2 ----


@pytest.mark.filterwarnings("ignore")
def test_older_files_are_known_by_their_content(tmp_path: Path) -> None:
    model, other = trained(stack()), trained(stack())
    model.save(tmp_path / "m.h5")
    (tmp_path / "m.h5").rename(tmp_path / "renamed.keras")
    opened = load_model(tmp_path / "renamed.keras")
    assert np.array_equal(opened.predict(X, verbose=0), model.predict(X, verbose=0))
    other.load_weights(tmp_path / "renamed.keras")
    assert np.array_equal(other.predict(X, verbose=0), model.predict(X, verbose=0))
    model.save_weights(tmp_path / "alone.h5")
    other = trained(stack())
    other.load_weights(tmp_path / "alone.h5")
    assert np.array_equal(other.predict(X, verbose=0), model.predict(X, verbose=0))
    with pytest.raises(ValueError, match=r"objects_to_skip is for \.weights\.h5 files only"):
        other.load_weights(tmp_path / "alone.h5", objects_to_skip=other.layers)
    model.save_weights(tmp_path / "m.weights.h5")
    with pytest.raises(ValueError, match=r"by_name is for \.h5 files only"):
        other.load_weights(tmp_path / "m.weights.h5", by_name=True)
    with pytest.raises(ValueError, match="weights only"):
        load_model(tmp_path / "m.weights.h5")


class _Crossed(layers.Layer):
    """A layer whose weights are made in another order than they are kept in."""

    def build(self, input_shape: Any) -> None:
        made_first = self.add_weight(shape=(2,), name="made_first")
        self.made_second = self.add_weight(shape=(3,), name="made_second")
        self.made_first = made_first


def test_weights_are_in_the_order_in_which_they_were_made() -> None:
    layer = _Crossed()
    layer.build((None, 4))
    assert [weight.name for weight in layer.weights] == ["made_first", "made_second"]


def test_paths_are_those_of_keras() -> None:
    model = Sequential([Input((4,)), layers.Dense(3), layers.Dropout(0.5), layers.Dense(1)])
    model.compile("adam", "mse", metrics=[metrics.MeanSquaredError()])
    model.fit(X, Y, verbose=0)
    paths = [path for path, _ in objects_with_state(model)]
    ours = "layers/dropout/seed_generator"  # Keras stores no random numbers
    assert paths == ["", "layers/dense", "layers/dropout", ours, "layers/dense_1", "optimizer"]


def test_a_list_tells_paths_apart_that_begin_alike() -> None:
    where = {"layers/dense/vars": [], "layers/dense_1/vars": []}
    assert WeightsFiles({}, where).groups("layers/dense") == ["vars"]
