"""Recurrent bricks: what NumPy computes, step by step and row by row, and how cases are drawn."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from strategies import Case, Drawer

GATES = {"simple_rnn": 1, "gru": 3, "gru_reset_before": 3, "lstm": 4}
PLANES = {"simple_rnn": 0, "gru": 4, "gru_reset_before": 4, "lstm": 5}  # that are kept of a step

ACTIVATIONS: list[Callable] = [
    lambda x: x,
    np.tanh,
    lambda x: 0.5 * (1.0 + np.tanh(0.5 * x)),
    lambda x: np.where(x <= 0, 0.0, x),
    lambda x: np.clip(x + 3, 0, 6) / 6,
]
SLOPES: list[Callable] = [  # of the result y
    lambda y: 1.0,
    lambda y: 1 - y * y,
    lambda y: y * (1 - y),
    lambda y: np.where(y > 0, 1.0, 0.0),
    lambda y: np.where((y > 0) & (y < 1), 1 / 6, 0.0),
]


def _order(steps: int, is_reversed: int) -> list[int]:
    return list(range(steps))[:: -1 if is_reversed else 1]


def _is_real(mask: np.ndarray, row: int, step: int) -> bool:
    return mask.size == 0 or bool(mask[row, step])


# ---- forwards -------------------------------------------------------------------------------


def _step(
    kind: str, x: Any, p: Any, h: Any, c: Any, kernel: Any, f: Callable, g: Callable
) -> tuple:
    """The next h and c, and the gates that are kept."""
    if kind == "simple_rnn":
        return f(x + p), c, None
    if kind == "gru":
        (x_z, x_r, x_n), (p_z, p_r, p_n) = np.split(x, 3), np.split(p, 3)
        z, r = g(x_z + p_z), g(x_r + p_r)
        n = f(x_n + r * p_n)
        return z * h + (1 - z) * n, c, np.stack([z, r, n, p_n])
    if kind == "gru_reset_before":
        (x_z, x_r, x_n), (p_z, p_r, _) = np.split(x, 3), np.split(p, 3)
        z, r = g(x_z + p_z), g(x_r + p_r)
        n = f(x_n + (r * h) @ kernel[:, 2 * len(h) :])
        return z * h + (1 - z) * n, c, np.stack([z, r, n, r * h])
    s_i, s_f, s_n, s_o = np.split(x + p, 4)
    i, forget, n, o = g(s_i), g(s_f), f(s_n), g(s_o)
    c = forget * c + i * n
    return o * f(c), c, np.stack([i, forget, n, o, f(c)])


def _forward(
    kind: str, x: np.ndarray, kernel: np.ndarray, bias: Any, h0: np.ndarray, c0: Any,
    mask: np.ndarray, activation: int, is_reversed: int, zero_masked: int,
    recurrent_activation: int = 0,
) -> list[np.ndarray]:  # fmt: skip
    batch, steps, units = *x.shape[:2], kernel.shape[0]
    f, g = ACTIVATIONS[activation], ACTIVATIONS[recurrent_activation]
    y, cells = np.zeros((batch, steps, units)), np.zeros((steps, batch, units))
    gates = np.zeros((steps, PLANES[kind], batch, units))
    h, c = h0.copy(), (np.zeros_like(h0) if c0 is None else c0.copy())
    for row in range(batch):
        out = np.zeros(units)
        for step in _order(steps, is_reversed):
            if _is_real(mask, row, step):
                product = h[row] @ kernel + bias
                h[row], c[row], kept = _step(
                    kind, x[row, step], product, h[row], c[row], kernel, f, g
                )
                out = h[row].copy()
                gates[step, :, row] = 0 if kept is None else kept
            elif zero_masked:
                out = np.zeros(units)
            y[row, step], cells[step, row] = out, c[row]
    return [y, h, c, gates, cells]


def simple_rnn(x: Any, kernel: Any, h: Any, mask: Any, **attributes: int) -> list[np.ndarray]:
    return _forward("simple_rnn", x, kernel, 0.0, h, None, mask, **attributes)[:2]


def gru(
    x: Any, kernel: Any, bias: Any, h: Any, mask: Any, keeps_gates: int, **attributes: int
) -> list[np.ndarray]:
    y, h, _, gates, _ = _forward("gru", x, kernel, bias, h, None, mask, **attributes)
    return [y, h, gates if keeps_gates else np.zeros(0)]


def gru_reset_before(
    x: Any, kernel: Any, h: Any, mask: Any, keeps_gates: int, **attributes: int
) -> list[np.ndarray]:
    y, h, _, gates, _ = _forward("gru_reset_before", x, kernel, 0.0, h, None, mask, **attributes)
    return [y, h, gates if keeps_gates else np.zeros(0)]


def lstm(
    x: Any, kernel: Any, h: Any, c: Any, mask: Any, keeps_gates: int, **attributes: int
) -> list[np.ndarray]:
    y, h, c, *kept = _forward("lstm", x, kernel, 0.0, h, c, mask, **attributes)
    return [y, h, c, *(kept if keeps_gates else [np.zeros(0)] * 2)]


# ---- backwards ------------------------------------------------------------------------------


def _slopes_of_gates(kind: str, kernel: Any, gates: Any, h: Any, c_before: Any, dh: Any, dc: Any,
                     f: int, g: int) -> tuple:  # fmt: skip
    """Of x, of the product with h, and what is known of dh and dc of the step before."""
    df, dg = SLOPES[f], SLOPES[g]
    if kind == "gru_reset_before":
        z, r, n, _ = gates
        d_n = dh * (1 - z) * df(n)
        d_reset_h = d_n @ kernel[:, 2 * len(h) :].T
        d_z, d_r = dh * (h - n) * dg(z), d_reset_h * h * dg(r)
        product = np.concatenate([d_z, d_r, np.zeros_like(d_n)])
        return np.concatenate([d_z, d_r, d_n]), product, dh * z + d_reset_h * r, dc
    if kind == "gru":
        z, r, n, p_n = gates
        d_n = dh * (1 - z) * df(n)
        d_z, d_r = dh * (h - n) * dg(z), d_n * p_n * dg(r)
        return np.concatenate([d_z, d_r, d_n]), np.concatenate([d_z, d_r, d_n * r]), dh * z, dc
    i, forget, n, o, active = gates
    d_o = dh * active * dg(o)
    dc = dc + dh * o * df(active)
    d_i, d_f, d_n = dc * n * dg(i), dc * c_before * dg(forget), dc * i * df(n)
    dx = np.concatenate([d_i, d_f, d_n, d_o])
    return dx, dx, np.zeros_like(dh), dc * forget


def _backward(
    kind: str, kernel: Any, h0: Any, c0: Any, mask: Any, y: Any, gates: Any, cells: Any, dy: Any,
    dh: Any, dc: Any, activation: int, is_reversed: int, zero_masked: int,
    recurrent_activation: int = 0,
) -> dict[str, np.ndarray]:  # fmt: skip
    batch, steps, units = y.shape
    width = GATES[kind] * units
    first = 2 * units if kind == "gru_reset_before" else width  # columns that h is multiplied by
    dx, d_product, h_before = (np.zeros((batch, steps, n)) for n in (width, width, units))
    dh0, dc0 = (np.zeros((batch, units)) if d.size == 0 else d.copy() for d in (dh, dc))
    dy = dy if dy.size else np.zeros_like(y)
    for row in range(batch):
        order, repeated = _order(steps, is_reversed), np.zeros(units)
        while order:
            step = order.pop()
            if not _is_real(mask, row, step):
                repeated = repeated + (0 if zero_masked else dy[row, step])
                continue
            real = [t for t in order if _is_real(mask, row, t)]
            h = y[row, real[-1]] if real else h0[row]
            d, repeated = dh0[row] + dy[row, step] + repeated, np.zeros(units)
            if kind == "simple_rnn":
                x_slope = p_slope = d * SLOPES[activation](y[row, step])
                rest = np.zeros(units)
            else:
                c_before = cells[order[-1], row] if order and kind == "lstm" else c0[row]
                x_slope, p_slope, rest, dc0[row] = _slopes_of_gates(
                    kind, kernel, gates[step, :, row], h, c_before, d, dc0[row],
                    activation, recurrent_activation,
                )  # fmt: skip
            dx[row, step], d_product[row, step], h_before[row, step] = x_slope, p_slope, h
            dh0[row] = rest + p_slope[:first] @ kernel[:, :first].T
    return {"dx": dx, "d_product": d_product, "h_before": h_before, "dh0": dh0, "dc0": dc0}


NONE = np.zeros(0)


def simple_rnn_gradient(
    kernel: Any, h: Any, mask: Any, y: Any, dy: Any, dh: Any, **attributes: int
) -> list[np.ndarray]:
    found = _backward(
        "simple_rnn", kernel, h, h, mask, y, None, None, dy, dh, NONE, **attributes
    )  # fmt: skip
    return [found["dx"], found["dh0"], found["h_before"]]


def gru_gradient(
    kernel: Any, h: Any, mask: Any, y: Any, gates: Any, dy: Any, dh: Any, **attributes: int
) -> list[np.ndarray]:
    found = _backward("gru", kernel, h, h, mask, y, gates, None, dy, dh, NONE, **attributes)
    return [found["dx"], found["dh0"], found["d_product"], found["h_before"]]


def gru_reset_before_gradient(
    kernel: Any, h: Any, mask: Any, y: Any, gates: Any, dy: Any, dh: Any, **attributes: int
) -> list[np.ndarray]:
    found = _backward(
        "gru_reset_before", kernel, h, h, mask, y, gates, None, dy, dh, NONE, **attributes
    )  # fmt: skip
    is_real = np.ones(y.shape[:2], bool) if mask.size == 0 else mask
    h_reset = np.where(is_real[..., None], gates[:, 3].swapaxes(0, 1), 0.0)
    return [found["dx"], found["dh0"], found["h_before"], h_reset]


def lstm_gradient(
    kernel: Any, h: Any, c: Any, mask: Any, y: Any, gates: Any, cells: Any, dy: Any, dh: Any,
    dc: Any, **attributes: int,
) -> list[np.ndarray]:  # fmt: skip
    found = _backward("lstm", kernel, h, c, mask, y, gates, cells, dy, dh, dc, **attributes)
    return [found["dx"], found["dh0"], found["dc0"], found["h_before"]]


# ---- cases ----------------------------------------------------------------------------------


def _lengths(d: Drawer) -> tuple[int, int, int]:
    """Batch, steps, units."""
    if d.is_large:
        return d.choose((1, 40, 70)), d.choose((1, 4)), d.choose((1, 17, 64))
    return d.length(), d.length(), d.length()


def _mask(d: Drawer, batch: int, steps: int) -> np.ndarray:
    mask = np.asarray(d.generator.random((batch, steps)) < 0.6)
    return mask if d.flag() else np.zeros(0, bool)


def _attributes(d: Drawer, kind: str) -> dict[str, int]:
    """Differences are taken of activations without corners."""
    choices = range(3 if d.is_smooth else 5)
    of_gates = {} if kind == "simple_rnn" else {"recurrent_activation": d.choose(choices)}
    order = {"is_reversed": d.flag(), "zero_masked": d.flag()}
    return {"activation": d.choose(choices), **order, **of_gates}


def forward(kind: str) -> Callable[[Drawer], Case]:
    def draw(d: Drawer) -> Case:
        batch, steps, units = _lengths(d)
        width = GATES[kind] * units
        x, kernel = d.numbers((batch, steps, width)), d.numbers((units, width), -0.4, 0.4)
        bias = [d.numbers((width,))] if kind == "gru" else []
        states = [d.numbers((batch, units)) for _ in range(2 if kind == "lstm" else 1)]
        keeps = {} if kind == "simple_rnn" else {"keeps_gates": 1}
        attributes = {**_attributes(d, kind), **keeps}
        return Case([x, kernel, *bias, *states, _mask(d, batch, steps)], attributes)

    return draw


def backward(kind: str) -> Callable[[Drawer], Case]:
    def draw(d: Drawer) -> Case:
        batch, steps, units = _lengths(d)
        kernel = d.numbers((units, GATES[kind] * units), -0.4, 0.4)
        count = 2 if kind == "lstm" else 1
        states = [d.numbers((batch, units)) for _ in range(count)]
        planes = (steps, PLANES[kind], batch, units)
        kept = [d.numbers(planes, 0, 1)] if kind != "simple_rnn" else []
        kept += [d.numbers((steps, batch, units))] if kind == "lstm" else []
        shapes = [(batch, steps, units)] + [(batch, units)] * count
        slopes = [d.numbers(d.choose((shape, shape, (0,)))) for shape in shapes]
        y = d.numbers((batch, steps, units), -1, 1)
        inputs = [kernel, *states, _mask(d, batch, steps), y, *kept, *slopes]
        return Case(inputs, _attributes(d, kind))

    return draw
