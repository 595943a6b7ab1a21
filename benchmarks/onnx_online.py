"""What onnxruntime is asked: an LSTM on one row, with the states that the last row left, and the
networks for photos, which PyTorch writes."""

from __future__ import annotations

import functools
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime
from onnx import TensorProto, helper, numpy_helper
from photo_networks import Application
from sequences import Recurrent
from workloads import THREADS, NoFigureError, Workload, data_of

Run = Callable[[], Any]


def start(name: str) -> tuple[Callable[[Workload], Run], str]:
    return prepare, f"onnxruntime {onnxruntime.__version__}"


def prepare(workload: Workload) -> Run:
    is_known = isinstance(workload.network, (Recurrent, Application))
    if workload.action != "predict" or not is_known:
        raise NoFigureError("-")
    run = online if isinstance(workload.network, Recurrent) else photos
    return run(workload)


def session_of(graph: str | bytes) -> onnxruntime.InferenceSession:
    """One of a graph's bytes, or of the file that holds them."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = THREADS
    return onnxruntime.InferenceSession(graph, options, providers=["CPUExecutionProvider"])


# ---- networks for photos --------------------------------------------------------------------


def photos(workload: Workload) -> Run:
    session = session_of(str(Path(file_of(workload.network).name, "model.onnx")))
    x = np.ascontiguousarray(data_of(workload)[0].transpose(0, 3, 1, 2))
    return lambda: session.run(None, {"x": x})[0]


@functools.cache
def file_of(network: Application) -> tempfile.TemporaryDirectory:
    """A folder with model.onnx, which a process of its own writes: PyTorch is not loaded here."""
    folder = tempfile.TemporaryDirectory()
    program = Path(__file__).with_name("torch_photos.py")
    command = [sys.executable, str(program), network.name, str(Path(folder.name, "model.onnx"))]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    return folder


# ---- a recurrent layer, row by row ----------------------------------------------------------


def online(workload: Workload) -> Run:
    session = session_of(model_of(workload.network).SerializeToString())
    x = data_of(workload)[0].transpose(1, 0, 2)  # steps come first
    states = [np.zeros((1, 1, workload.network.units), np.float32) for _ in range(2)]

    def run() -> np.ndarray:
        y, *states[:] = session.run(None, {"x": x, "h": states[0], "c": states[1]})
        return y

    return run


def model_of(network: Recurrent) -> Any:
    """A graph of two nodes: LSTM, and the product of its output with the head's kernel and bias."""
    units, features = network.units, network.features
    shapes = {
        "w": (1, 4 * units, features),
        "r": (1, 4 * units, units),
        "b": (1, 8 * units),
        "kernel": (units, 1),
        "bias": (1,),
    }
    rng = np.random.default_rng(0)
    weights = [
        numpy_helper.from_array(rng.normal(0, 0.1, shape).astype(np.float32), name)
        for name, shape in shapes.items()
    ]
    nodes = [
        helper.make_node(
            "LSTM", ["x", "w", "r", "b", "", "h", "c"], ["", "h_new", "c_new"], hidden_size=units
        ),
        helper.make_node("Squeeze", ["h_new", "axis"], ["row"]),
        helper.make_node("Gemm", ["row", "kernel", "bias"], ["y"]),
    ]
    state = (1, 1, units)
    inputs = [valued("x", (1, 1, features)), valued("h", state), valued("c", state)]
    outputs = [valued("y", (1, 1)), valued("h_new", state), valued("c_new", state)]
    axis = numpy_helper.from_array(np.array([0]), "axis")
    graph = helper.make_graph(nodes, "online", inputs, outputs, [*weights, axis])
    opset = helper.make_opsetid("", 17)
    return helper.make_model(graph, opset_imports=[opset], ir_version=8)


def valued(name: str, shape: tuple[int, ...]) -> Any:
    return helper.make_tensor_value_info(name, TensorProto.FLOAT, shape)
