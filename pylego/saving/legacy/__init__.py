"""HDF5 files that hold a whole model: those of Keras 3, which calls them legacy, of Keras 2 and 1.

`layer_names` has the old words of layers as tables, `layer_configs`, `model_configs` and `nodes`
rewrite descriptions by them, `layer_weights` turns arrays, `matching` finds whose they are, and
`file` reads a file with them. `writing` writes the form of Keras 3. No code in a file is run.
"""

from pylego.saving.legacy.file import (
    load as load,
    load_weights as load_weights,
    model_from_json as model_from_json,
)
from pylego.saving.legacy.writing import save as save, save_weights as save_weights
