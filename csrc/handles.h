/* Handles: the Python objects that own tensors. */
#ifndef LEGO_HANDLES_H
#define LEGO_HANDLES_H

#define Py_LIMITED_API 0x030A0000 /* Python 3.10 */
#include <Python.h>

#include "lego.h"

typedef struct handle {
    PyObject_HEAD lego_tensor *tensor;
    PyObject *shape;   /* a tuple; NULL until somebody asks */
    PyObject *pointer; /* the tensor as cffi has it; NULL until somebody asks */
} handle;

/* The base of pylego's Tensor: an object that owns a tensor. Instances may be of any class below
 * it.
 */
typedef struct holder {
    PyObject_HEAD lego_tensor *tensor; /* NULL until its __init__ has run */
    PyObject *handle;                  /* of the same tensor; NULL until somebody asks */
    PyObject *shape;                   /* a tuple; NULL until somebody asks */
    PyObject *logits;                  /* what core/tensor.py says; NULL reads as None */
    PyObject *mask; /* which steps count, where a layer says so: see layers/masks.py */
    PyObject *weak_references;
    char is_autocast; /* whether layers read it in the dtype that they compute in: autocast.h */
} holder;

extern PyTypeObject *handle_type, *holder_type;

/* What Python has connected: the class of tensors, and functions (see handles.c). */
extern PyObject *tensor_class;
extern PyObject *raise_failure; /* (status) -> raises the exception of this thread's failure */
extern PyObject *convert;       /* (name, inputs) -> handles of tensors, arrays, numbers */
extern PyObject *read_by_key;   /* (x, key) -> x[key], for keys with arrays and for mistakes */

/* The tensor of a handle, or of an object that holds one; NULL for all else. Borrowed: another
 * thread of Python's may give a variable another one. */
static inline lego_tensor *tensor_of(PyObject *object) {
    PyTypeObject *type = Py_TYPE(object);
    if ((PyObject *)type == tensor_class || PyType_IsSubtype(type, holder_type)) {
        return ((holder *)object)->tensor;
    }
    return type == handle_type ? ((handle *)object)->tensor : NULL;
}

/* A tensor of Python's that owns the engine's, which is released where there is no memory. */
PyObject *held(lego_tensor *tensor);

/* Raises the exception of a status; gives NULL. */
PyObject *failure(lego_status status);

/* calls.c: the functions that apply bricks. */
PyObject *apply(PyObject *module, PyObject *const *args, Py_ssize_t count, PyObject *names);
PyObject *apply_all(PyObject *module, PyObject *const *args, Py_ssize_t count, PyObject *names);
PyObject *use_current_bricks(PyObject *module, PyObject *none);

/* calls.c: in_dtype(x, number), x in the dtype of that number, which may be x itself; None for all
 * but tensors. */
PyObject *in_dtype(PyObject *module, PyObject *const *args, Py_ssize_t count);

/* calls.c: next_key(counter), the key of the next draw, which the variable counts; None where the
 * bricks `copy`, `add` and `assign` must do so. */
PyObject *next_key(PyObject *module, PyObject *counter);

/* calls.c: change(variable, name, value): variable = brick(variable, value) where it lies; False
 * where the brick and `assign` must do so. */
PyObject *change(PyObject *module, PyObject *const *args, Py_ssize_t count);

/* keys.c: x[key]; and block_of(x, begin, shape), the block of x of that shape which begins there,
 * or None where the brick `slice` must make it or refuse it. */
PyObject *read_key(PyObject *x, PyObject *key);
PyObject *block_of(PyObject *module, PyObject *const *args, Py_ssize_t count);

#endif
