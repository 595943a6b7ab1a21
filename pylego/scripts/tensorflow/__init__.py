"""A small stand-in for TensorFlow: what programs for Keras use around it.

`tables` has functions that are those of `pylego.ops` under other names; `names` says what else
there is, and where; `quiet` has what says nothing here, such as the settings of GPUs. All else is
an AttributeError that says what there is.
"""
