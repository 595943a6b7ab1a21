"""Programs written for Keras, run as they are printed.

`python -m pylego program.py` and `as_keras()` let `import keras` and `import tensorflow` reach
pylego: `finder` answers the imports, `modules` says which module offers what, `running` runs a
program. `backend` is `keras.backend` as Keras 2 had it, `tensorflow` a small stand-in for what such
programs use around Keras, `layers` has layers that Keras 3 no longer has.
"""
