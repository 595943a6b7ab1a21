/* Handles: the Python objects that own tensors, and what holds one, the base of `Tensor`.
 *
 * All else of the engine is called through cffi. But the call of a brick (calls.c) and x[key]
 * (keys.c) are made so often, and cffi's conversions of lists, results and finalizers take so much
 * longer than a brick on ten numbers, that these are written for CPython directly, within its
 * limited API: the module lies in the same library as cffi's, and pylego/engine/library.py loads it
 * from there. */
#include "handles.h"

#include "attributes.h"
#include "autocast.h"
#include "core/half.h"

#include <structmember.h>

PyTypeObject *handle_type, *holder_type;
PyObject *tensor_class, *raise_failure, *convert, *read_by_key;
static PyObject *dtype_names[LEGO_DTYPE_COUNT];

/* Functions of pylego/engine, as connect() was given them. */
static PyObject *make_pointer; /* (address) -> cffi's pointer */
static PyObject *take_back;    /* () -> None: lets go of arrays that no tensor reads any more */
static PyObject *shape_class;  /* of the shapes of tensors, below tuple; NULL for tuple itself */

/* ---- ownership ------------------------------------------------------------------------------ */

/* A handle that owns the tensor; without memory for it, the tensor is released. */
static PyObject *handle_new(lego_tensor *tensor) {
    handle *self = PyObject_New(handle, handle_type);
    if (!self) {
        lego_tensor_release(tensor);
        return NULL;
    }
    self->tensor = tensor;
    self->shape = NULL;
    self->pointer = NULL;
    return (PyObject *)self;
}

/* An exception may be under way while an object goes: it must be the same afterwards. */
static void call_take_back(void) {
    PyObject *kind, *value, *traceback;
    PyErr_Fetch(&kind, &value, &traceback);
    PyObject *none = PyObject_CallNoArgs(take_back);
    if (!none) {
        PyErr_WriteUnraisable(take_back);
    }
    Py_XDECREF(none);
    PyErr_Restore(kind, value, traceback);
}

static void release(lego_tensor *tensor) {
    if (lego_tensor_release(tensor)) {
        call_take_back();
    }
}

static void handle_dealloc(PyObject *object) {
    handle *self = (handle *)object;
    PyTypeObject *type = Py_TYPE(object);
    release(self->tensor);
    Py_XDECREF(self->shape);
    Py_XDECREF(self->pointer);
    PyObject_Free(self);
    Py_DECREF(type);
}

/* own(address): a handle for a new reference that cffi was given. */
static PyObject *own(PyObject *module, PyObject *address) {
    (void)module;
    lego_tensor *tensor = PyLong_AsVoidPtr(address);
    if (!tensor) {
        return PyErr_Occurred() ? NULL : PyErr_Format(PyExc_ValueError, "there is no tensor at 0");
    }
    return handle_new(tensor);
}

/* ---- properties ----------------------------------------------------------------------------- */

static PyObject *tuple_of(const int64_t *numbers, int count) {
    PyObject *tuple = PyTuple_New(count);
    for (int i = 0; tuple && i < count; i++) {
        PyObject *number = PyLong_FromLongLong(numbers[i]);
        if (!number || PyTuple_SetItem(tuple, i, number)) {
            Py_CLEAR(tuple);
        }
    }
    return tuple;
}

/* The shape of x as a tuple, which is kept in *kept. */
static PyObject *shape_of(const lego_tensor *x, PyObject **kept) {
    if (!*kept) {
        *kept = tuple_of(lego_tensor_shape(x), lego_tensor_rank(x));
    }
    Py_XINCREF(*kept);
    return *kept;
}

static PyObject *handle_shape(PyObject *object, void *closure) {
    (void)closure;
    handle *self = (handle *)object;
    return shape_of(self->tensor, &self->shape);
}

/* The dtype's number, the shape and the strides: programs are kept by those of their inputs. */
static PyObject *handle_layout(PyObject *object, void *closure) {
    const lego_tensor *x = ((handle *)object)->tensor;
    PyObject *shape = handle_shape(object, closure);
    PyObject *strides = tuple_of(lego_tensor_strides(x), lego_tensor_rank(x));
    PyObject *number = PyLong_FromLong(lego_tensor_dtype(x));
    bool is_whole = shape && strides && number;
    PyObject *layout = is_whole ? PyTuple_Pack(3, number, shape, strides) : NULL;
    Py_XDECREF(shape);
    Py_XDECREF(strides);
    Py_XDECREF(number);
    return layout;
}

static PyObject *name_of_dtype(lego_dtype dtype) {
    PyObject *name = dtype_names[dtype];
    Py_INCREF(name);
    return name;
}

static PyObject *handle_dtype(PyObject *object, void *closure) {
    (void)closure;
    return name_of_dtype(lego_tensor_dtype(((handle *)object)->tensor));
}

static PyObject *handle_address(PyObject *object, void *closure) {
    (void)closure;
    return PyLong_FromVoidPtr(((handle *)object)->tensor);
}

static PyObject *handle_pointer(PyObject *object, void *closure) {
    (void)closure;
    handle *self = (handle *)object;
    if (!self->pointer) {
        PyObject *address = handle_address(object, NULL);
        self->pointer = address ? PyObject_CallFunctionObjArgs(make_pointer, address, NULL) : NULL;
        Py_XDECREF(address);
    }
    Py_XINCREF(self->pointer);
    return self->pointer;
}

/* The only number of a tensor; None where it has none, or several. */
static PyObject *handle_item(PyObject *object, PyObject *none) {
    (void)none;
    const lego_tensor *x = ((handle *)object)->tensor;
    if (lego_tensor_size(x) != 1 || lego_tensor_is_symbolic(x)) {
        Py_RETURN_NONE;
    }
    const void *data = lego_tensor_data(x);
    switch (lego_tensor_dtype(x)) {
    case LEGO_BOOL:
        return PyBool_FromLong(*(const uint8_t *)data);
    case LEGO_UINT8:
        return PyLong_FromLong(*(const uint8_t *)data);
    case LEGO_INT32:
        return PyLong_FromLong(*(const int32_t *)data);
    case LEGO_INT64:
        return PyLong_FromLongLong(*(const int64_t *)data);
    case LEGO_FLOAT32:
        return PyFloat_FromDouble((double)*(const float *)data);
    case LEGO_FLOAT64:
        return PyFloat_FromDouble(*(const double *)data);
    case LEGO_INT8:
        return PyLong_FromLong(*(const int8_t *)data);
    case LEGO_INT16:
        return PyLong_FromLong(*(const int16_t *)data);
    case LEGO_UINT16:
        return PyLong_FromLong(*(const uint16_t *)data);
    case LEGO_UINT32:
        return PyLong_FromLongLong(*(const uint32_t *)data);
    case LEGO_FLOAT16:
        return PyFloat_FromDouble((double)float16_to_float(*(const uint16_t *)data));
    case LEGO_BFLOAT16:
        return PyFloat_FromDouble((double)bfloat16_to_float(*(const uint16_t *)data));
    }
    Py_RETURN_NONE;
}

/* ---- what holds a tensor -------------------------------------------------------------------- */

PyObject *held(lego_tensor *tensor) {
    holder *result = NULL;
    if (tensor_class) {
        result = (holder *)PyType_GenericAlloc((PyTypeObject *)tensor_class, 0);
    } else {
        PyErr_SetString(PyExc_RuntimeError, "no class of tensors was connected yet");
    }
    if (result) {
        result->tensor = tensor;
    } else {
        release(tensor);
    }
    return (PyObject *)result;
}

PyObject *failure(lego_status status) {
    PyObject *none = PyObject_CallFunction(raise_failure, "i", (int)status);
    Py_XDECREF(none);
    return NULL;
}

/* The tensor, or NULL with an exception: an object may lack it until its __init__ has run. */
static lego_tensor *tensor_held(PyObject *object) {
    lego_tensor *tensor = ((holder *)object)->tensor;
    if (!tensor) {
        PyErr_SetString(PyExc_AttributeError, "_handle");
    }
    return tensor;
}

static PyObject *holder_handle(PyObject *object, void *closure) {
    (void)closure;
    holder *self = (holder *)object;
    if (!self->handle && tensor_held(object)) {
        self->handle = handle_new(lego_tensor_retain(self->tensor));
    }
    Py_XINCREF(self->handle);
    return self->handle;
}

static int holder_set_handle(PyObject *object, PyObject *value, void *closure) {
    (void)closure;
    holder *self = (holder *)object;
    if (!value || Py_TYPE(value) != handle_type) {
        PyErr_SetString(PyExc_TypeError, "_handle must be a Handle");
        return -1;
    }
    lego_tensor *former_tensor = self->tensor;
    PyObject *former_handle = self->handle, *former_shape = self->shape;
    Py_INCREF(value);
    self->handle = value;
    self->tensor = lego_tensor_retain(((handle *)value)->tensor);
    self->shape = NULL;
    Py_XDECREF(former_shape);
    Py_XDECREF(former_handle);
    release(former_tensor);
    return 0;
}

static PyObject *holder_shape(PyObject *object, void *closure) {
    (void)closure;
    lego_tensor *x = tensor_held(object);
    PyObject **kept = &((holder *)object)->shape;
    if (!x || *kept || !shape_class) {
        return x ? shape_of(x, kept) : NULL;
    }
    PyObject *tuple = tuple_of(lego_tensor_shape(x), lego_tensor_rank(x));
    PyObject *shape = tuple ? PyObject_CallFunctionObjArgs(shape_class, tuple, NULL) : NULL;
    Py_XDECREF(tuple);
    Py_XDECREF(*kept); /* another thread may have been here */
    *kept = shape;
    Py_XINCREF(shape);
    return shape;
}

static PyObject *holder_dtype(PyObject *object, void *closure) {
    (void)closure;
    lego_tensor *x = tensor_held(object);
    return x ? name_of_dtype(dtype_as_input(object, x)) : NULL;
}

/* The handle of what bricks read for it: mostly its own. */
static PyObject *holder_input(PyObject *object, void *closure) {
    lego_tensor *x = tensor_held(object);
    if (!x || !is_autocast(object, x)) {
        return holder_handle(object, closure);
    }
    lego_tensor *y = autocast_tensor(x);
    return y ? handle_new(y) : failure(lego_last_status());
}

static PyObject *holder_ndim(PyObject *object, void *closure) {
    (void)closure;
    lego_tensor *x = tensor_held(object);
    return x ? PyLong_FromLong(lego_tensor_rank(x)) : NULL;
}

static PyObject *holder_size(PyObject *object, void *closure) {
    (void)closure;
    lego_tensor *x = tensor_held(object);
    return x ? PyLong_FromLongLong(lego_tensor_size(x)) : NULL;
}

/* Neither a handle nor a shape is part of a circle of references. */
static int holder_traverse(PyObject *object, visitproc visit, void *arg) {
    Py_VISIT(Py_TYPE(object));
    Py_VISIT(((holder *)object)->logits);
    Py_VISIT(((holder *)object)->mask);
    return 0;
}

static int holder_clear(PyObject *object) {
    Py_CLEAR(((holder *)object)->logits);
    Py_CLEAR(((holder *)object)->mask);
    return 0;
}

static void holder_dealloc(PyObject *object) {
    PyTypeObject *type = Py_TYPE(object);
    PyObject_GC_UnTrack(object);
    if (((holder *)object)->weak_references) {
        PyObject_ClearWeakRefs(object);
    }
    holder_clear(object);
    Py_XDECREF(((holder *)object)->handle);
    Py_XDECREF(((holder *)object)->shape);
    release(((holder *)object)->tensor);
    PyObject_GC_Del(object);
    Py_DECREF(type);
}

static PyMemberDef members_of_holder[] = {
    {"logits", T_OBJECT, offsetof(holder, logits), 0, "What a probability was made of."},
    {"_keras_mask", T_OBJECT_EX, offsetof(holder, mask), 0, "Which steps count."},
    {"_is_autocast", T_BOOL, offsetof(holder, is_autocast), 0, "Whether layers cast it."},
    {"__weaklistoffset__", T_PYSSIZET, offsetof(holder, weak_references), READONLY, NULL},
    {NULL, 0, 0, 0, NULL},
};

static PyGetSetDef properties_of_holder[] = {
    {"_handle", holder_handle, holder_set_handle, "The tensor that it holds.", NULL},
    {"_input", holder_input, NULL, "The tensor that bricks read for it.", NULL},
    {"shape", holder_shape, NULL, "The lengths of its axes.", NULL},
    {"dtype", holder_dtype, NULL, "The name of its dtype, for example 'float32'.", NULL},
    {"ndim", holder_ndim, NULL, "How many axes it has.", NULL},
    {"size", holder_size, NULL, "How many elements it has.", NULL},
    {NULL, NULL, NULL, NULL, NULL},
};

static PyType_Slot slots_of_holder[] = {
    {Py_tp_doc, (void *)"Holds a tensor: the base of pylego's Tensor."},
    {Py_tp_members, members_of_holder},
    {Py_tp_getset, properties_of_holder},
    {Py_tp_traverse, (void *)(uintptr_t)holder_traverse},
    {Py_tp_clear, (void *)(uintptr_t)holder_clear},
    {Py_tp_dealloc, (void *)(uintptr_t)holder_dealloc},
    {Py_mp_subscript, (void *)(uintptr_t)read_key},
    {0, NULL},
};

static PyType_Spec spec_of_holder = {
    .name = "pylego._handles.Holder",
    .basicsize = sizeof(holder),
    .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE | Py_TPFLAGS_HAVE_GC,
    .slots = slots_of_holder,
};

/* ---- the module ----------------------------------------------------------------------------- */

/* connect(make_pointer, take_back, raise_failure), once. */
static PyObject *connect(PyObject *module, PyObject *args) {
    (void)module;
    if (!PyArg_ParseTuple(args, "OOO", &make_pointer, &take_back, &raise_failure)) {
        return NULL;
    }
    Py_INCREF(make_pointer);
    Py_INCREF(take_back);
    Py_INCREF(raise_failure);
    Py_RETURN_NONE;
}

static PyGetSetDef properties[] = {
    {"shape", handle_shape, NULL, "The lengths of its axes.", NULL},
    {"layout", handle_layout, NULL, "The number of its dtype, its shape and its strides.", NULL},
    {"dtype", handle_dtype, NULL, "The name of its dtype.", NULL},
    {"address", handle_address, NULL, "Where the tensor is, while the handle lives.", NULL},
    {"pointer", handle_pointer, NULL, "The tensor as cffi has it, while the handle lives.", NULL},
    {NULL, NULL, NULL, NULL, NULL},
};

static PyMethodDef methods_of_handle[] = {
    {"item", handle_item, METH_NOARGS, "Return its only number; None where there is none."},
    {NULL, NULL, 0, NULL},
};

static PyType_Slot slots_of_handle[] = {
    {Py_tp_doc, (void *)"Owns a tensor of the engine."},
    {Py_tp_dealloc, (void *)(uintptr_t)handle_dealloc},
    {Py_tp_methods, methods_of_handle},
    {Py_tp_getset, properties},
    {0, NULL},
};

static PyType_Spec spec_of_handle = {
    .name = "pylego._handles.Handle",
    .basicsize = sizeof(handle),
    .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_DISALLOW_INSTANTIATION,
    .slots = slots_of_handle,
};

/* connect_tensors(class of tensors, convert, read_by_key), once. */
static PyObject *connect_tensors(PyObject *module, PyObject *args) {
    (void)module;
    PyObject *type, *converter, *reader;
    if (!PyArg_ParseTuple(args, "OOO", &type, &converter, &reader)) {
        return NULL;
    }
    if (!PyType_Check(type) || !PyType_IsSubtype((PyTypeObject *)type, holder_type)) {
        return PyErr_Format(PyExc_TypeError, "what comes out must be of a class below Holder");
    }
    Py_INCREF(type);
    Py_INCREF(converter);
    Py_INCREF(reader);
    tensor_class = type;
    convert = converter;
    read_by_key = reader;
    Py_RETURN_NONE;
}

/* set_shape_class(a class below tuple, or None for tuple itself). */
static PyObject *set_shape_class(PyObject *module, PyObject *type) {
    (void)module;
    if (type != Py_None &&
        (!PyType_Check(type) || !PyType_IsSubtype((PyTypeObject *)type, &PyTuple_Type))) {
        return PyErr_Format(PyExc_TypeError, "shapes must be of a class below tuple");
    }
    PyObject *former = shape_class;
    shape_class = type == Py_None ? NULL : type;
    Py_XINCREF(shape_class);
    Py_XDECREF(former);
    Py_RETURN_NONE;
}

static PyObject *tell_shape(PyObject *module, PyObject *object) {
    (void)module;
    return PyBool_FromLong(is_shape(object));
}

static const char doc_of_apply[] =
    "apply($module, name, inputs, /, **attributes)\n--\n\n"
    "Apply the brick of that name to tensors, arrays and Python numbers.\n\n"
    "Python numbers are weak: beside a tensor they take its dtype (see `dtypes.scalar_dtype`).";
static const char doc_of_apply_all[] =
    "apply_all($module, name, inputs, most, /, **attributes)\n--\n\n"
    "Apply a brick of several outputs, of which there are at most `most`.";

static PyMethodDef functions[] = {
    {"apply", (PyCFunction)(void (*)(void))apply, METH_FASTCALL | METH_KEYWORDS, doc_of_apply},
    {"apply_all", (PyCFunction)(void (*)(void))apply_all, METH_FASTCALL | METH_KEYWORDS,
     doc_of_apply_all},
    {"block_of", (PyCFunction)(void (*)(void))block_of, METH_FASTCALL,
     "Return the block of a tensor that begins somewhere; None where the brick slice must see to "
     "it."},
    {"change", (PyCFunction)(void (*)(void))change, METH_FASTCALL,
     "Change a variable's numbers by a brick of them and a value, where they lie; False where "
     "bricks "
     "must do so."},
    {"connect", connect, METH_VARARGS, NULL},
    {"connect_tensors", connect_tensors, METH_VARARGS, NULL},
    {"in_dtype", (PyCFunction)(void (*)(void))in_dtype, METH_FASTCALL,
     "Return a tensor in the dtype of that number; None for all but tensors."},
    {"is_shape", tell_shape, METH_O, "Return whether it is a tuple of plain integers."},
    {"next_key", next_key, METH_O,
     "Return the key of the next draw, and count it; None where bricks must do so."},
    {"own", own, METH_O, NULL},
    {"set_autocast", set_autocast, METH_O,
     "Set the dtype in which bricks of this thread read variables; return the former one."},
    {"set_shape_class", set_shape_class, METH_O,
     "Let shapes of tensors be of a class below tuple; None: be tuples."},
    {"use_current_bricks", use_current_bricks, METH_NOARGS, NULL},
    {NULL, NULL, 0, NULL},
};

static struct PyModuleDef definition = {
    PyModuleDef_HEAD_INIT,
    .m_name = "pylego._handles",
    .m_size = -1,
    .m_methods = functions,
};

static PyTypeObject *add_type(PyObject *module, const char *name, PyType_Spec *spec) {
    PyObject *type = module ? PyType_FromSpec(spec) : NULL;
    Py_XINCREF(type); /* one reference is the module's */
    return type && !PyModule_AddObject(module, name, type) ? (PyTypeObject *)type : NULL;
}

PyMODINIT_FUNC PyInit__handles(void) {
    PyObject *module = PyModule_Create(&definition);
    handle_type = add_type(module, "Handle", &spec_of_handle);
    holder_type = add_type(module, "Holder", &spec_of_holder);
    bool is_ready = handle_type && holder_type;
    for (int i = 0; is_ready && i < LEGO_DTYPE_COUNT; i++) {
        dtype_names[i] = PyUnicode_InternFromString(lego_dtype_name((lego_dtype)i));
        is_ready = dtype_names[i] != NULL;
    }
    if (!is_ready) {
        Py_CLEAR(module);
    }
    return module;
}
