"""Until weights are there."""
import numpy as np
def _all(model):
    return [*model.variables, *model.optimizer.variables]
def write_weights(file, model):
    for i, v in enumerate(_all(model)):
        file.write(f"variables/{i}", v.numpy())
class WeightsFile:
    def __init__(self, file): self.file = file
def load_state(model, file, name):
    vs = _all(model)
    arrays = [file.file.read(f"variables/{i}") for i in range(len(vs))]
    if len(file.file.children("variables")) != len(vs) or any(a.shape != v.shape for a, v in zip(arrays, vs)):
        raise ValueError("does not fit")
    for v, a in zip(vs, arrays): v.assign(a)
