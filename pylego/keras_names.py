"""What Keras knows and pylego does not, for messages only: loaded when a name is not found.

`tests/test_names.py` makes sure that nothing here is there already, and, given a list of Keras's
names, that nothing is forgotten.
"""

from __future__ import annotations

# Names of Keras 3.15 that are not there yet, by package; "" is pylego itself.
NOT_THERE_YET: dict[str, str] = {
    "": """
        Quantizer SymbolicScope distillation distribution export legacy quantizers visualization
    """,
    "callbacks": "OrbaxCheckpoint",
    "config": """
        is_nnx_enabled set_backend
    """,
    "dtype_policies": """
        AWQDTypePolicy GPTQDTypePolicy Int4DTypePolicy QuantizedDTypePolicy
        QuantizedFloat8DTypePolicy
    """,
    "layers": """
        FlaxLayer JaxLayer MaxNumBoundingBoxes RandomHeight RandomWidth TFSMLayer
        TorchModuleWrapper
    """,
    "ops": "eig polar view_as_complex view_as_real",
    "ops.nn": "polar",
    "utils": """
        Config legacy
    """,
}

# Methods of Keras's models that are not there yet.
METHODS_NOT_THERE_YET = """
        export jax_state_sync quantize stateless_compute_loss
        symbolic_call
"""

# Methods that older programs call, and what is written today.
OLDER_METHODS: dict[str, str] = {
    "to_yaml": "write model.to_json()",
    "add_update": "assign to variables in call()",
    "get_updates_for": "assign to variables in call()",
    "get_losses_for": "read the attribute losses",
    "get_input_at": "read the attribute input_shape",
    "get_output_at": "read the attribute output_shape",
    "get_input_shape_at": "read the attribute input_shape",
    "get_output_shape_at": "read the attribute output_shape",
    "updates": "variables are assigned to in call()",
    "state_updates": "variables are assigned to in call()",
    "total_loss": "read what fit() or evaluate() returns",
}

# Names that older programs import, and what stands for them today.
OLDER_NAMES: dict[str, str] = {
    "Graph": "Sequential, or a subclass of Model",
    "ParametricSoftplus": "PReLU",
    "SReLU": "PReLU",
}

# Modules that older programs import, by package: their names are in the package itself today.
OLDER_MODULES: dict[str, str] = {
    "layers": """
        advanced_activations convolutional convolutional_recurrent core cudnn_recurrent embeddings
        local merge noise normalization pooling recurrent wrappers
    """,
    "utils": "data_utils generic_utils io_utils vis_utils",
}
