"""Building asks for shapes: it runs no layer on numbers, and leaves no trace in a variable."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from pylego import initializers, layers, ops, random
from pylego.core.variable import Variable
from pylego.graph import KerasTensor
from pylego.models import Model, Sequential
from pylego.programs import symbolic

X, Y = np.ones((64, 2), np.float32), np.ones((64, 1), np.float32)


class Count(layers.Layer):
    """Counts its calls: in a variable, in the state of a generator, and in Python."""

    def __init__(self, **kwargs: Any):
        super().__init__(**kwargs)
        self.count = Variable(0.0, trainable=False)
        self.seeds = random.SeedGenerator(3)
        self.traces = 0

    def call(self, inputs: Any) -> Any:
        self.traces += 1
        self.count.assign_add(1.0)
        random.normal((2,), seed=self.seeds)
        return inputs

    def counted(self) -> list[float]:
        return [self.count.item(), self.seeds.state.numpy()[1]]


class Apply(layers.Layer):
    """Applies a function."""

    def __init__(self, function: Callable, **kwargs: Any):
        super().__init__(**kwargs)
        self.function = function

    def call(self, inputs: Any) -> Any:
        return self.function(inputs)


class Block(layers.Layer):
    """Calls layers one after the other, and does not build them."""

    def __init__(self, *inside: layers.Layer, **kwargs: Any):
        super().__init__(**kwargs)
        self.inside = list(inside)

    def call(self, inputs: Any) -> Any:
        for layer in self.inside:
            inputs = layer(inputs)
        return inputs


class TwoLayers(Model):
    def __init__(self) -> None:
        super().__init__()
        self.counter = Count()
        self.dense = layers.Dense(1)

    def call(self, inputs: Any) -> Any:
        return self.dense(self.counter(inputs))


def shape_of(function: Callable, shape: Any) -> Any:
    return Apply(function).compute_output_shape(shape)


# ---- calls without numbers ------------------------------------------------------------------


def test_a_call_without_numbers_takes_no_memory() -> None:
    spec = symbolic.TensorSpec((10**6, 10**6), "float32")
    product = symbolic.call(ops.matmul, [spec, spec], "the product")
    assert product.shape == (10**6, 10**6)
    assert symbolic.is_symbolic(product)


def test_a_call_without_numbers_says_when_it_needs_them() -> None:
    spec = symbolic.TensorSpec((2,), "float32")
    with pytest.raises(symbolic.NumbersNeededError):
        symbolic.call(lambda x: 1 if ops.sum(x) > 0 else 2, [spec], "the sum")
    with pytest.raises(ValueError, match="do not fit"):
        symbolic.call(lambda x: x + ops.ones(3), [spec], "the sum")


def test_a_run_on_zeros_gives_variables_their_numbers_back() -> None:
    made = []

    def run(x: Any) -> Any:
        made.append(Variable([1.0, 2.0]))
        return [one.assign_add(x + 1.0) for one in (*made, kept)]

    kept = Variable([3.0, 4.0])
    symbolic.run(run, [symbolic.TensorSpec((2,), "float32")])
    assert made[0].numpy().tolist() == [1.0, 2.0]
    assert kept.numpy().tolist() == [3.0, 4.0]


# ---- no trace -------------------------------------------------------------------------------


def test_building_a_stack_does_not_run_its_layers() -> None:
    layer = Sequential([layers.Input((1,)), Count()]).layers[0]
    assert layer.counted() == [0, 0]
    assert layer.traces <= 2
    layer.compute_output_shape((None, 1))
    layer.compute_output_spec(KerasTensor((4, 1)))
    assert layer.counted() == [0, 0]
    assert layer.traces <= 5


MODELS = {
    "with its input": lambda: Sequential([layers.Input((2,)), Count(), layers.Dense(1)]),
    "built by data": lambda: Sequential([Count(), layers.Dense(1)]),
    "subclass": TwoLayers,
}


@pytest.mark.parametrize("run_eagerly", [False, True])
@pytest.mark.parametrize("make", MODELS.values(), ids=MODELS)
def test_layers_are_called_once_for_each_batch(make: Callable, run_eagerly: bool) -> None:
    model = make()
    counter = model.layers[0]
    model.compile("sgd", "mse", metrics=["mae"], run_eagerly=run_eagerly)
    counts = []
    for run in (
        lambda: model.fit(X, Y, batch_size=32, epochs=3, verbose=0),
        lambda: model.evaluate(X, Y, batch_size=32, verbose=0),
        lambda: model.predict(X, batch_size=32, verbose=0),
        lambda: model.fit(X, Y, batch_size=32, validation_split=0.5, epochs=2, verbose=0),
        lambda: model.train_on_batch(X, Y),
        lambda: model(X),
    ):
        run()
        counts.append(counter.counted())
    assert counts == [[n, n] for n in (6, 8, 10, 14, 15, 16)]  # real Keras's numbers


def test_questions_about_a_model_do_not_run_it() -> None:
    model = TwoLayers()
    model.build((None, 2))
    assert model.count_params() == 4
    model.compile("sgd", "mse", metrics=["accuracy"])
    model.summary(print_fn=lambda text: None)
    model.fit(X, Y, batch_size=64, verbose=0)
    assert model.counter.counted() == [1, 1]
    again = Sequential([layers.Input((2,)), Count(), layers.Dense(1)])
    again.compile("sgd", "mse", metrics=["accuracy"])
    again.program("train", batch_size=8)
    again.memory(batch_size=8)
    assert again.layers[0].counted() == [0, 0]


def test_averages_and_draws_of_training_layers_stay() -> None:
    class Training(Block):
        def call(self, inputs: Any) -> Any:
            for layer in self.inside:
                inputs = layer(inputs, training=True)
            return inputs

    norm, drop = layers.BatchNormalization(), layers.Dropout(0.5, seed=3)
    Sequential([layers.Input((5,)), Training(norm, drop)])
    assert norm.moving_mean.numpy().tolist() == [0.0] * 5
    assert norm.moving_variance.numpy().tolist() == [1.0] * 5
    assert [v.numpy().tolist() for v in drop.variables] == [[3, 0]]


def test_a_question_between_two_calls_changes_no_draw() -> None:
    def drawn(asks: bool) -> list:
        layer = Apply(lambda x: random.dropout(x, 0.5, seed=layer.seeds))
        layer.seeds = random.SeedGenerator(7)
        first = layer(np.ones((4, 4)))
        if asks:
            layer.compute_output_shape((None, 4))
        return [first.numpy().tolist(), layer(np.ones((4, 4))).numpy().tolist()]

    assert drawn(asks=True) == drawn(asks=False)


def test_losses_of_the_last_call_stay() -> None:
    class Penalty(layers.Layer):
        def call(self, inputs: Any) -> Any:
            self.add_loss(ops.sum(inputs))
            return inputs

    layer = Penalty()
    assert layer.compute_output_shape((None, 3)) == (None, 3)
    assert layer.losses == []
    layer(np.ones((2, 3)))
    layer.compute_output_shape((None, 3))
    assert [loss.item() for loss in layer.losses] == [6.0]


def test_weights_that_a_question_makes_are_real() -> None:
    class Lazy(layers.Layer):
        kernel = None

        def call(self, inputs: Any) -> Any:
            if self.kernel is None:
                self.kernel = self.add_weight((inputs.shape[-1], 2), "ones")
            return ops.matmul(inputs, self.kernel)

    lazy, dense = Lazy(), layers.Dense(2, kernel_initializer=initializers.Constant(3.0))
    model = Sequential([layers.Input((4,)), lazy, Block(dense)])
    assert lazy.kernel.numpy().tolist() == [[1.0, 1.0]] * 4
    assert dense.kernel.numpy().tolist() == [[3.0, 3.0]] * 2
    assert model(np.ones((1, 4))).numpy().tolist() == [[24.0, 24.0]]


# ---- code that looks at numbers -------------------------------------------------------------


class Looking(Count):
    """Needs numbers to know what to do."""

    def call(self, inputs: Any) -> Any:
        random.normal((2,))  # of the generator that all share
        self.add_loss(ops.sum(inputs))
        outputs = super().call(inputs)
        return outputs if float(ops.sum(inputs)) > 1e9 else outputs * 2.0


def test_code_that_looks_at_numbers_leaves_no_trace_either() -> None:
    before = random.global_seed_generator().state.numpy().tolist()
    layer = Looking()
    assert layer.compute_output_shape((None, 2)) == (None, 2)
    assert layer.counted() == [0, 0]
    assert layer.losses == []
    assert random.global_seed_generator().state.numpy().tolist() == before
    model = Sequential([layers.Input((2,)), layer, layers.Dense(1)])
    model.compile("sgd", "mse", metrics=["accuracy"], run_eagerly=True)
    model.fit(X, Y, batch_size=32, validation_split=0.5, epochs=2, verbose=0)
    assert layer.counted() == [4, 4]


def test_what_a_first_call_keeps_can_be_used_later() -> None:
    class Table(layers.Layer):
        table = None

        def call(self, inputs: Any) -> Any:
            if self.table is None:
                self.table = ops.cos(ops.arange(inputs.shape[1], dtype="float32"))
            return inputs + self.table

    table = Table()
    model = Sequential([layers.Input((2,)), table, layers.Dense(1)])
    model.compile("sgd", "mse")
    model.fit(X[:50], Y[:50], validation_data=(X[:7], Y[:7]), verbose=0)
    np.testing.assert_allclose(table.table.numpy(), np.cos([0.0, 1.0]), rtol=1e-6)


def test_no_tensor_without_numbers_stays_in_an_attribute() -> None:
    class Keeping(layers.Layer):
        def __init__(self) -> None:
            super().__init__()
            self.seen: list = []
            self.by_name: dict = {}

        def call(self, inputs: Any) -> Any:
            self.last = inputs * 2.0
            self.seen.append(self.last)
            self.by_name["last"] = self.last
            return self.last

    layer = Keeping()
    assert layer.compute_output_shape((None, 2)) == (None, 2)
    for kept in (layer.last, *layer.seen, *layer.by_name.values()):
        assert kept.numpy().max() == 0.0
    model = Sequential([layers.Input((2,)), layer, layers.Dense(1)])
    model.compile("sgd", "mse", metrics=["accuracy"])
    model.fit(X, Y, verbose=0)


# ---- lengths that are free ------------------------------------------------------------------


def windows() -> Block:
    convolutions = [layers.Conv2D(4, 5) for _ in range(3)]
    return Block(*convolutions, layers.MaxPooling2D())


@pytest.mark.parametrize("depth", [1, 3, 6])
def test_blocks_that_need_large_pictures(depth: int) -> None:
    model = Sequential([layers.Input((None, None, 3)), *(windows() for _ in range(depth))])
    assert model.output_shape == (None, None, None, 4)
    assert Block(*(windows() for _ in range(depth))).compute_output_shape(
        (None, None, None, 3)
    ) == (None, None, None, 4)


def test_a_block_of_windows_takes_pictures_of_96() -> None:
    plain = Sequential([*(layers.Conv2D(4, 5) for _ in range(3)), layers.MaxPooling2D()])
    model = Sequential([layers.Input((None, None, 3)), plain, windows()])
    assert model(np.ones((1, 96, 96, 3), np.float32)).shape == (1, 15, 15, 4)


FREE: dict[str, tuple[Callable, Any, Any]] = {
    "two axes of one input": (
        lambda x: ops.matmul(x, ops.transpose(x, (0, 2, 1))), (None, None, 8), (None, None, None),
    ),
    "the batch twice": (lambda x: ops.matmul(x, ops.transpose(x)), (None, 4), (None, None)),
    "batch and time in one": (lambda x: ops.reshape(x, (-1, 64)), (None, None, 64), (None, 64)),
    "a batch of one is not an axis to squeeze": (ops.squeeze, (None, 1, 5), (None, 5)),
    "as long as a table at most": (
        lambda x: x + ops.ones((128, 3))[: x.shape[1]], (None, None, 3), (None, None, 3),
    ),
    "as long as a short table": (
        lambda x: x + ops.ones((20, 3))[: x.shape[1]], (None, None, 3), (None, None, 3),
    ),
    "cut off": (lambda x: x[:, :512], (None, None, 3), (None, None, 3)),
    "cut to what is always there": (lambda x: x[:, :2], (None, None, 3), (None, 2, 3)),
    "cut off early": (lambda x: x[:, :100], (None, None, 3), (None, None, 3)),
    "a length of 1": (lambda x: ops.sum(x, 1, keepdims=True), (None, None, 3), (None, 1, 3)),
    "pooled by hundreds": (
        lambda x: layers.MaxPooling1D(512, padding="same")(x), (None, None, 3), (None, None, 3),
    ),
    "halved five times and back": (
        lambda x: ops.concatenate([x, layers.UpSampling2D(32)(layers.MaxPooling2D(32)(x))], -1),
        (None, None, None, 3), (None, None, None, 6),
    ),
    "in sevens": (
        lambda x: ops.reshape(x, (x.shape[0], x.shape[1] // 7, 7, 3)),
        (None, None, 3), (None, None, 7, 3),
    ),
    "batches in fours": (lambda x: ops.reshape(x, (4, -1, 3)), (None, 3), (4, None, 3)),
    "squares": (lambda x: x + ops.transpose(x, (0, 2, 1)), (None, None, None), (None, None, None)),
    "a fixed size": (
        lambda x: ops.image.resize(x, (7, 7)), (None, None, None, 3), (None, 7, 7, 3),
    ),
    "a fixed batch": (lambda x: ops.sum(x, axis=1), (16, None, 3), (16, 3)),
    "inputs that add up": (
        lambda x: x[0] + x[1], [(None, None, 3), (None, None, 3)], (None, None, 3),
    ),
    "inputs on their own": (
        lambda x: ops.matmul(x[0], ops.transpose(x[1], (0, 2, 1))),
        [(None, None, 3), (None, 6, 3)], (None, None, 6),
    ),
    "dictionaries": (
        lambda x: {"a": x["u"], "b": (ops.sum(x["v"], axis=1), None)},
        {"u": (None, None, 3), "v": (None, 7)},
        {"a": (None, None, 3), "b": ((None,), None)},
    ),
    "labels": (lambda x: ops.take(ops.ones((10, 4)), x, axis=0), (None, 5), (None, 5, 4)),
}  # fmt: skip


@pytest.mark.parametrize("case", FREE.values(), ids=FREE)
def test_free_lengths(case: tuple[Callable, Any, Any]) -> None:
    function, shape, expected = case
    assert shape_of(function, shape) == expected


def test_a_misfit_is_told_as_one_and_can_be_mended() -> None:
    first, second = layers.Dense(4), layers.Dense(2)
    block = Block(first, second)
    with pytest.raises(ValueError, match=r"4480 stand for one that is free"):
        Sequential([layers.Input((3, None)), block])
    assert not block.built
    assert first.weights == []
    assert Sequential([layers.Input((3, 5)), block]).output_shape == (None, 3, 2)
    misfit = r"'apply.*\(None, 5\): Layer '.*/apply.*' \(Apply\): add: shapes \(1, 5\) and \(7,\)"
    with pytest.raises(ValueError, match=misfit):
        Sequential([layers.Input((5,)), Apply(lambda x: x + ops.ones(7))])


def test_a_build_that_finds_no_lengths_raises_what_the_layer_raised() -> None:
    def refuse(x: Any) -> Any:
        raise ValueError("not today")

    with pytest.raises(ValueError, match=r"^not today$"):
        shape_of(refuse, (None, None, 3))


# ---- dtypes ---------------------------------------------------------------------------------


def test_dtypes_go_from_layer_to_layer() -> None:
    look_up = Apply(lambda x: ops.take(ops.ones((10, 4)), x, axis=0))
    reshape = layers.Reshape((1, 5))
    model = Sequential([layers.Input((5,), dtype="int32"), reshape, look_up, layers.Flatten()])
    assert model.output_shape == (None, 20)
    by_data = Sequential([reshape, look_up, layers.Dense(2)])
    assert by_data(np.zeros((3, 5), np.int32)).shape == (3, 1, 5, 2)
    built = Sequential([look_up, layers.Dense(2)])
    built.build((None, 5))
    assert built.output_shape == (None, 5, 2)


@pytest.mark.parametrize(
    ("layer", "given", "dtype"),
    [
        (Apply(lambda x: x * 2.0, dtype="float64"), "float32", "float64"),
        (Apply(lambda x: ops.cast(x, "int32")), "float32", "int32"),
        (Apply(lambda x: x + 1), "int32", "int32"),
        (layers.MaxPooling2D(), "uint8", "uint8"),
        (layers.Rescaling(0.5), "uint8", "float32"),
        (layers.Flatten(), "int64", "int64"),
    ],
    ids=str,
)
def test_specs_have_the_dtype_of_the_outputs(layer: Any, given: str, dtype: str) -> None:
    spec = layer.compute_output_spec(KerasTensor((None, 4, 4, 3), given))
    assert spec.dtype == layer(np.ones((2, 4, 4, 3), given)).dtype == dtype


# ---- data that do not fit -------------------------------------------------------------------


def test_validation_that_does_not_fit_shows_before_training() -> None:
    model = Sequential([layers.Input((2,)), Count(), layers.Dense(3, activation="softmax")])
    model.compile("sgd", "sparse_categorical_crossentropy")
    labels = np.zeros(64, np.int64)
    with pytest.raises(IndexError, match="label"):
        model.fit(X, labels, validation_data=(X, labels + 3), verbose=0)
    with pytest.raises(ValueError, match="2 numbers"):
        model.fit(X, labels, validation_data=(np.ones((64, 4)), labels), verbose=0)
    assert model.layers[0].counted() == [0, 0]


# ---- builds last ----------------------------------------------------------------------------


class Assigning(layers.Layer):
    """Its build assigns to what it made."""

    def build(self, input_shape: Any) -> None:
        self.scale = self.add_weight((), "zeros")
        self.scale.assign(5.0)

    def call(self, inputs: Any) -> Any:
        return inputs * self.scale


@pytest.mark.parametrize("inside", [[], [Looking]], ids=["recorded", "on zeros"])
def test_what_a_build_assigns_lasts(inside: list) -> None:
    dense = layers.Dense(1, weights=[np.full((2, 1), 7.0), np.ones(1)])
    assigning = Assigning()
    block = Block(*(make() for make in inside), assigning, dense)
    assert block.compute_output_shape((None, 2)) == (None, 1)
    assert assigning.scale.item() == 5.0
    assert dense.kernel.numpy().tolist() == [[7.0], [7.0]]


def test_what_a_build_assigns_inside_of_a_recorded_step_lasts() -> None:
    class Late(Model):
        def __init__(self) -> None:
            super().__init__()
            self.scale, self.dense = Assigning(), layers.Dense(1)

        def call(self, inputs: Any, training: bool = False) -> Any:
            return self.dense(self.scale(inputs) if training else inputs)

    model = Late()
    model.compile("sgd", "mse")
    model.optimizer.learning_rate = 0.0
    model.fit(X, Y, verbose=0)
    assert model.scale.scale.item() == 5.0


def test_lengths_of_ones_own_may_be_numpys() -> None:
    class Flat(Apply):
        def compute_output_shape(self, input_shape: Any) -> Any:
            return [input_shape[0], np.prod(input_shape[1:])]

    flat = Flat(lambda x: ops.reshape(x, (x.shape[0], -1)))
    assert Sequential([layers.Input((2, 3)), flat, layers.Dense(2)]).count_params() == 14
    Flat.compute_output_shape = lambda self, shape: None
    with pytest.raises(TypeError, match="A shape is a tuple of lengths"):
        Sequential([layers.Input((2, 3)), Flat(ops.abs)])


def test_what_is_written_twice_in_a_run_on_zeros_gets_its_first_numbers_back() -> None:
    class Looks(layers.Layer):
        def __init__(self) -> None:
            super().__init__()
            self.count = self.add_weight((), "zeros", trainable=False)

        def call(self, x: Any) -> Any:
            self.count.assign_add(1.0)
            self.count.assign_add(float(ops.sum(x)) + 1.0)  # looks at numbers
            return x

    layer = Looks()
    assert layer.compute_output_shape((None, 3)) == (None, 3)
    assert float(layer.count) == 0.0


def test_build_takes_more_than_shapes() -> None:
    """What stands behind the shape is the layer's own."""

    class Started(layers.Layer):
        def build(self, input_shape: Any, start: Any) -> None:
            self.kernel = self.add_weight((input_shape[-1], 2), start)

    layer = Started()
    layer.build((None, 3), "ones")
    again = Started()
    again.build_from_config(layer.get_build_config() or {})
    assert again.kernel.numpy().tolist() == [[1.0, 1.0]] * 3
    with pytest.raises(TypeError, match="shape of a batch"):
        Started().build("ones", (None, 3))


def test_layers_without_weights_are_built_when_made_as_in_keras() -> None:
    class Weighted(layers.Dropout):
        def build(self, input_shape: Any) -> None:
            self.scale = self.add_weight((input_shape[-1],), "ones")

    class Held(Model):
        def __init__(self) -> None:
            super().__init__()
            self.dropout = layers.Dropout(0.5)

    made = [
        layers.Activation("relu"), layers.ActivityRegularization(), layers.AlphaDropout(0.1),
        layers.Dropout(0.1), layers.ELU(), layers.GaussianDropout(0.1), layers.GaussianNoise(0.1),
        layers.GlobalMaxPooling1D(), layers.Identity(), layers.LeakyReLU(), layers.Masking(),
        layers.MaxPooling2D(), layers.ReLU(), layers.Reshape((1,)), layers.Softmax(),
        layers.SpatialDropout1D(0.1), layers.UnitNormalization(),
    ]  # fmt: skip
    assert all(layer.built for layer in made)
    later = [layers.Flatten(), layers.Rescaling(2.0), layers.Add(), layers.PReLU(), Weighted(0.1)]
    assert not any(layer.built for layer in (*later, Held(), layers.Layer()))
    weighted = Weighted(0.1)
    weighted(X)
    assert weighted.built
    assert weighted.scale.shape == (2,)
