"""Models that are saved and opened by both libraries: each function takes `keras` or `pylego`.

Together they have every layer, optimizer, loss and metric that pylego has. What draws random
numbers in training is in models that only predict.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

ROWS = 6


class Case(NamedTuple):
    """A compiled model, data for it, and the classes that nobody but its program knows."""

    model: Any
    x: Any
    y: Any
    custom_objects: dict[str, Any] | None = None
    trains: bool = True


def numbers(*shape: int, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).normal(size=(ROWS, *shape)).astype("float32")


def compiled(keras: Any, model: Any, x: Any, outputs: int = 1, **options: Any) -> Case:
    model.compile(keras.optimizers.Adam(0.01), "mse", metrics=["mae"])
    return Case(model, x, numbers(outputs, seed=1), **options)


# ---- layers ----


def vectors(keras: Any) -> Case:
    layers = keras.layers
    dense = layers.Dense(
        4,
        kernel_regularizer=keras.regularizers.L1L2(0.01, 0.02),
        bias_regularizer="l2",
        kernel_constraint=keras.constraints.MaxNorm(2.0),
        bias_constraint=keras.constraints.MinMaxNorm(0.1, 0.9),
        kernel_initializer=keras.initializers.HeNormal(seed=3),
        activity_regularizer=keras.regularizers.L1(0.01),
    )
    model = keras.Sequential(
        [
            keras.Input((5,)),
            dense,
            layers.BatchNormalization(momentum=0.9),
            layers.PReLU(),
            layers.RepeatVector(3),
            layers.LayerNormalization(),
            layers.Permute((2, 1)),
            layers.RMSNormalization(),
            layers.Reshape((2, 6)),
            layers.LeakyReLU(negative_slope=0.2),
            layers.ELU(alpha=0.5),
            layers.Flatten(),
            layers.UnitNormalization(),
            layers.Identity(),
            layers.Dense(3, "gelu", use_bias=False, kernel_constraint="non_neg"),
            layers.ReLU(max_value=4.0, negative_slope=0.1),
            layers.Activation("tanh"),
            layers.Rescaling(2.0, offset=0.5),
            layers.Softmax(),
            layers.Dense(1, kernel_regularizer=keras.regularizers.OrthogonalRegularizer(0.01)),
        ]
    )
    return compiled(keras, model, numbers(5))


def sequences(keras: Any) -> Case:
    layers = keras.layers
    model = keras.Sequential(
        [
            keras.Input((12, 2)),
            layers.Conv1D(4, 3, padding="causal", dilation_rate=2, activation="relu"),
            layers.ZeroPadding1D((1, 2)),
            layers.SeparableConv1D(4, 2, depth_multiplier=2),
            layers.MaxPooling1D(2),
            layers.DepthwiseConv1D(2, padding="same"),
            layers.Conv1DTranspose(3, 2, strides=2),
            layers.AveragePooling1D(2, padding="same"),
            layers.UpSampling1D(2),
            layers.Cropping1D(1),
            layers.GlobalAveragePooling1D(),
            layers.Dense(1),
        ]
    )
    return compiled(keras, model, numbers(12, 2))


def images(keras: Any) -> Case:
    layers = keras.layers
    model = keras.Sequential(
        [
            keras.Input((8, 8, 2)),
            layers.ZeroPadding2D(1),
            layers.Conv2D(4, 3, groups=2, strides=2, padding="same"),
            layers.GroupNormalization(2),
            layers.SeparableConv2D(4, 2, padding="same"),
            layers.DepthwiseConv2D(2, depth_multiplier=2),
            layers.MaxPooling2D(2, padding="same"),
            layers.UpSampling2D(2, interpolation="bilinear"),
            layers.Conv2DTranspose(3, 3, strides=2, padding="same"),
            layers.Cropping2D(1),
            layers.AveragePooling2D(2),
            layers.GlobalMaxPooling2D(),
            layers.Dense(1),
        ]
    )
    return compiled(keras, model, numbers(8, 8, 2))


def volumes(keras: Any) -> Case:
    layers = keras.layers
    model = keras.Sequential(
        [
            keras.Input((4, 4, 4, 1)),
            layers.Conv3D(2, 2, padding="same"),
            layers.ZeroPadding3D(1),
            layers.MaxPooling3D(2),
            layers.Conv3DTranspose(2, 2, strides=2),
            layers.UpSampling3D(2),
            layers.Cropping3D(2),
            layers.AveragePooling3D(2),
            layers.GlobalAveragePooling3D(keepdims=True),
            layers.Flatten(),
            layers.Dense(1),
        ]
    )
    return compiled(keras, model, numbers(4, 4, 4, 1))


def pooled(keras: Any) -> Case:
    layers = keras.layers
    sequence, image, volume = (keras.Input(s) for s in ((6, 2), (4, 4, 2), (3, 3, 3, 2)))
    means = [
        layers.GlobalMaxPooling1D()(sequence),
        layers.GlobalAveragePooling2D()(image),
        layers.GlobalMaxPooling3D()(volume),
    ]
    model = keras.Model([sequence, image, volume], layers.Dense(1)(layers.Concatenate()(means)))
    x = [numbers(6, 2), numbers(4, 4, 2), numbers(3, 3, 3, 2)]
    return compiled(keras, model, x)


def merged(keras: Any) -> Case:
    """Two inputs, two outputs, shared layers, models inside, operators."""
    layers = keras.layers
    left, right = keras.Input((4,), name="left"), keras.Input((4,), name="right")
    shared = layers.Dense(4, activation="tanh", name="shared")
    a, b = shared(left), shared(right)
    inner_input = keras.Input((4,))
    inner = keras.Model(inner_input, layers.Dense(4)(inner_input), name="inner")
    stack = keras.Sequential([keras.Input((4,)), layers.Dense(3), layers.Dense(4)], name="stack")
    sums = layers.Add()([a, b]) * layers.Subtract()([inner(a), stack(b)])
    ends = [layers.Maximum()([a, b]), layers.Minimum()([a, b]), layers.Average()([a, sums])]
    joined = layers.Concatenate()([layers.Multiply()([a, b]), *ends, 2.0 * sums - b])
    joined = keras.ops.concatenate([joined, layers.Dot(axes=1)([a, b])], axis=-1)
    outputs = {
        "value": layers.Dense(1, name="value")(joined),
        "kind": layers.Dense(3, activation="softmax", name="kind")(joined),
    }
    model = keras.Model({"left": left, "right": right}, outputs)
    model.compile(
        keras.optimizers.Adam(0.01),
        {"value": "mse", "kind": "sparse_categorical_crossentropy"},
        loss_weights={"value": 0.5, "kind": 2.0},
        metrics={"value": ["mae"], "kind": ["accuracy"]},
    )
    y = {"value": numbers(1, seed=1), "kind": np.arange(ROWS).reshape(-1, 1) % 3}
    return Case(model, {"left": numbers(4), "right": numbers(4, seed=2)}, y)


def noisy(keras: Any) -> Case:
    layers = keras.layers
    model = keras.Sequential(
        [
            keras.Input((4, 6)),
            layers.Dense(6),
            layers.SpatialDropout1D(0.1),
            layers.AlphaDropout(0.1, seed=2),
            layers.GaussianNoise(0.1),
            layers.Reshape((4, 3, 2)),
            layers.SpatialDropout2D(0.1),
            layers.GaussianDropout(0.1),
            layers.Reshape((2, 2, 3, 2)),
            layers.SpatialDropout3D(0.1),
            layers.Flatten(),
            layers.Dropout(0.5, seed=1),
            layers.Dense(1),
        ]
    )
    return compiled(keras, model, numbers(4, 6), trains=False)


def augmented(keras: Any) -> Case:
    layers = keras.layers
    model = keras.Sequential(
        [
            keras.Input((8, 8, 3)),
            layers.Rescaling(1 / 255),
            layers.RandomFlip("horizontal"),
            layers.RandomRotation(0.1, fill_mode="nearest"),
            layers.RandomZoom(0.1),
            layers.RandomTranslation(0.1, 0.1),
            layers.RandomContrast(0.2),
            layers.RandomBrightness(0.1, value_range=(0, 1)),
            layers.Resizing(10, 9),
            layers.CenterCrop(7, 7),
            layers.RandomCrop(7, 7),
            layers.Conv2D(2, 3),
            layers.Flatten(),
            layers.Dense(1),
        ]
    )
    return compiled(keras, model, np.abs(numbers(8, 8, 3)) * 60, trains=False)


def subclassed(keras: Any) -> Case:
    """Layers in attributes, lists, dictionaries and behind properties; weights of all kinds."""
    layers = keras.layers

    class Block(layers.Layer):
        def __init__(self, width: int = 4, **kwargs: Any):
            super().__init__(**kwargs)
            self.width = width
            self.stack = [layers.Dense(width) for _ in range(2)]
            self.by_name = {
                "one": layers.Dense(width),
                "more": [layers.Dense(width), (layers.LayerNormalization(),)],
            }
            self._hidden = layers.Dense(width)
            self.alias = self.stack[0]

        @property
        def also_hidden(self) -> Any:
            return self._hidden

        def inner(self) -> list:
            more = self.by_name["more"]
            return [*self.stack, self.by_name["one"], more[0], more[1][0], self._hidden]

        def build(self, input_shape: Any) -> None:
            self.kept = self.add_weight(shape=(4,), name="kept", trainable=False)
            self.scale = self.add_weight(shape=(4,), name="scale")
            self.others = [self.add_weight(shape=(1,), name="other", initializer="ones")]
            for layer in self.inner():
                layer.build(input_shape)

        def call(self, x: Any) -> Any:
            for layer in self.inner():
                x = layer(x)
            return x * self.scale + self.kept + self.others[0]

        def get_config(self) -> dict[str, Any]:
            return {**super().get_config(), "width": self.width}

    class Tower(keras.Model):
        def __init__(self, depth: int = 2, **kwargs: Any):
            super().__init__(**kwargs)
            self.depth = depth
            self.top = Block()
            self.blocks = [Block() for _ in range(depth)]
            self.answer = layers.Dense(1)

        def call(self, x: Any) -> Any:
            for block in (*self.blocks, self.top):
                x = block(x)
            return self.answer(x)

        def get_config(self) -> dict[str, Any]:
            return {**super().get_config(), "depth": self.depth}

    model, x = Tower(), numbers(4)
    model.compile(keras.optimizers.Adam(0.01), "mse")
    model(x)
    return Case(model, x, numbers(1, seed=1), {"Block": Block, "Tower": Tower})


# ---- what models are compiled with ----


def small(keras: Any, units: int = 1, activation: str | None = None) -> Any:
    layers = keras.layers
    return keras.Sequential(
        [
            keras.Input((3,)),
            layers.Dense(2, activation="tanh"),
            layers.Dense(units, activation=activation),
        ]
    )


OPTIMIZERS: dict[str, Callable[[Any], Any]] = {
    "sgd": lambda o: o.SGD(0.1),
    "momentum": lambda o: o.SGD(0.1, momentum=0.9, weight_decay=0.01),
    "nesterov": lambda o: o.SGD(0.1, momentum=0.8, nesterov=True, clipnorm=0.5),
    "rmsprop": lambda o: o.RMSprop(0.05, rho=0.8, clipvalue=0.3),
    "centered": lambda o: o.RMSprop(0.05, momentum=0.5, centered=True),
    "adam": lambda o: o.Adam(0.05, beta_1=0.8, global_clipnorm=1.0),
    "amsgrad": lambda o: o.Adam(0.05, amsgrad=True),
    "adamw": lambda o: o.AdamW(0.05, weight_decay=0.02),
    "averaged": lambda o: o.Adam(0.05, use_ema=True, ema_overwrite_frequency=4),
    "accumulated": lambda o: o.SGD(0.1, momentum=0.9, gradient_accumulation_steps=2),
}

# Names of losses and their arguments; the number of outputs, and their activation.
LOSSES: dict[str, tuple[str, dict[str, Any], int, str | None]] = {
    "squares": ("MeanSquaredError", {"reduction": "sum"}, 1, None),
    "distances": ("MeanAbsoluteError", {}, 1, None),
    "yes_or_no": ("BinaryCrossentropy", {"label_smoothing": 0.1}, 1, "sigmoid"),
    "logits": ("BinaryCrossentropy", {"from_logits": True}, 1, None),
    "one_of_three": ("CategoricalCrossentropy", {"label_smoothing": 0.2}, 3, "softmax"),
    "labels": ("SparseCategoricalCrossentropy", {"from_logits": True}, 3, None),
}
LOSS_NAMES = (
    "mse", "mae", "mean_squared_error", "mean_absolute_error", "binary_crossentropy",
)  # fmt: skip

METRICS: dict[str, tuple[str, ...]] = {
    "yes_or_no": ("BinaryAccuracy", "BinaryCrossentropy", "MeanSquaredError", "Accuracy"),
    "squares": ("RootMeanSquaredError", "MeanAbsoluteError"),
    "one_of_three": ("CategoricalAccuracy", "CategoricalCrossentropy"),
    "labels": ("SparseCategoricalAccuracy",),
}


def targets(loss: str, units: int) -> np.ndarray:
    labels = np.arange(ROWS) % max(units, 2)
    if loss == "SparseCategoricalCrossentropy":
        return labels.reshape(-1, 1)
    if loss == "CategoricalCrossentropy":
        return np.eye(units, dtype="float32")[labels]
    return labels.reshape(-1, 1).astype("float32")


def with_optimizer(name: str) -> Callable[[Any], Case]:
    def make(keras: Any) -> Case:
        model = small(keras)
        model.compile(OPTIMIZERS[name](keras.optimizers), "mse")
        return Case(model, numbers(3), numbers(1, seed=1))

    return make


def with_loss(name: str) -> Callable[[Any], Case]:
    def make(keras: Any) -> Case:
        kind, options, units, activation = LOSSES[name]
        model = small(keras, units, activation)
        metrics = [getattr(keras.metrics, metric)() for metric in METRICS.get(name, ())]
        loss = getattr(keras.losses, kind)(**options)
        weighted = ["mse"] if units == 1 else [metrics[0].name]
        model.compile("sgd", loss, metrics=metrics, weighted_metrics=weighted)
        return Case(model, numbers(3), targets(kind, units))

    return make


def with_loss_name(name: str) -> Callable[[Any], Case]:
    def make(keras: Any) -> Case:
        model = small(keras, activation="sigmoid")
        model.compile("rmsprop", name, metrics=["mae", "accuracy"])
        return Case(model, numbers(3), targets("", 1))

    return make


CASES: dict[str, Callable[[Any], Case]] = {
    "vectors": vectors,
    "sequences": sequences,
    "images": images,
    "volumes": volumes,
    "pooled": pooled,
    "merged": merged,
    "noisy": noisy,
    "augmented": augmented,
    "subclassed": subclassed,
    **{f"optimizer_{name}": with_optimizer(name) for name in OPTIMIZERS},
    **{f"loss_{name}": with_loss(name) for name in LOSSES},
    **{f"loss_named_{name}": with_loss_name(name) for name in LOSS_NAMES},
}


# ---- what is compared ----


def flat(outputs: Any) -> list[list[float]]:
    """Outputs as lists of numbers."""
    if isinstance(outputs, dict):
        outputs = [outputs[name] for name in sorted(outputs)]
    if not isinstance(outputs, (list, tuple)):
        outputs = [outputs]
    return [np.asarray(one, "float64").ravel().tolist() for one in outputs]


def train(case: Case, steps: int) -> dict[str, list[float]]:
    """Do some steps with all rows; return what was logged."""
    if not case.trains:
        return {}
    fitted = case.model.fit(case.x, case.y, epochs=steps, batch_size=ROWS, shuffle=False, verbose=0)
    return {name: [float(v) for v in values] for name, values in fitted.history.items()}


def facts(case: Case) -> dict[str, Any]:
    """What the model predicts, and what it logs in the three steps after that."""
    return {"outputs": flat(case.model.predict(case.x, verbose=0)), "logs": train(case, 3)}


def difference(found: dict[str, Any], expected: dict[str, Any], tolerance: float = 1e-5) -> str:
    """Say how facts differ; an empty text if they agree."""
    if sorted(found["logs"]) != sorted(expected["logs"]):
        return f"logs {sorted(found['logs'])}, not {sorted(expected['logs'])}"
    pairs = {f"output {k}": p for k, p in enumerate(zip(found["outputs"], expected["outputs"]))}
    pairs |= {name: (found["logs"][name], expected["logs"][name]) for name in found["logs"]}
    return "; ".join(
        f"{name}: {a} and not {b}"
        for name, (a, b) in pairs.items()
        if len(a) != len(b) or not np.allclose(a, b, rtol=10 * tolerance, atol=tolerance)
    )
