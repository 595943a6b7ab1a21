/* Handles: the Python objects that own tensors, and the call that applies a brick to them.
 *
 * All else of the engine is called through cffi. This one call is made for each brick, and on a
 * tensor of ten numbers cffi's conversions of lists, results and finalizers took five times as long
 * as the brick itself. So it is written for CPython directly, within its limited API: the module
 * lies in the same library as cffi's, and pylego/engine/lifetimes.py loads it from there. */
#include "attributes.h"

#include <limits.h>
#include <structmember.h>

typedef struct handle {
    PyObject_HEAD lego_tensor *tensor;
    PyObject *shape;   /* a tuple; NULL until somebody asks */
    PyObject *pointer; /* the tensor as cffi has it; NULL until somebody asks */
} handle;

/* The base of pylego's Tensor: an object with a handle. Instances may be of any class below it. */
typedef struct holder {
    PyObject_HEAD PyObject *handle;
    PyObject *logits; /* what core/tensor.py says; NULL reads as None */
} holder;

static PyTypeObject *handle_type, *holder_type;
static PyObject *dtype_names[LEGO_DTYPE_COUNT];

/* Functions of pylego/engine, as connect() was given them. */
static PyObject *make_pointer;  /* (address) -> cffi's pointer */
static PyObject *take_back;     /* () -> None: lets go of arrays that no tensor reads any more */
static PyObject *raise_failure; /* (status) -> raises the exception of this thread's failure */

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

static void handle_dealloc(PyObject *object) {
    handle *self = (handle *)object;
    PyTypeObject *type = Py_TYPE(object);
    bool has_released = lego_tensor_release(self->tensor);
    Py_XDECREF(self->shape);
    Py_XDECREF(self->pointer);
    PyObject_Free(self);
    Py_DECREF(type);
    if (has_released) {
        call_take_back();
    }
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

static PyObject *handle_shape(PyObject *object, void *closure) {
    (void)closure;
    handle *self = (handle *)object;
    if (!self->shape) {
        self->shape = tuple_of(lego_tensor_shape(self->tensor), lego_tensor_rank(self->tensor));
    }
    Py_XINCREF(self->shape);
    return self->shape;
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

static PyObject *handle_dtype(PyObject *object, void *closure) {
    (void)closure;
    PyObject *name = dtype_names[lego_tensor_dtype(((handle *)object)->tensor)];
    Py_INCREF(name);
    return name;
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
    }
    Py_RETURN_NONE;
}

/* ---- applying bricks ------------------------------------------------------------------------ */

static const char capsule_name[] = "named_brick";

static void free_capsule(PyObject *capsule) {
    named_brick_free(PyCapsule_GetPointer(capsule, capsule_name));
}

/* brick(name): the brick of the instruction set in use, as apply() takes it. */
static PyObject *brick(PyObject *module, PyObject *name) {
    (void)module;
    const char *text = PyUnicode_AsUTF8AndSize(name, NULL);
    const lego_brick *found = text ? lego_brick_find(text) : NULL;
    if (!found) {
        return text ? PyErr_Format(PyExc_NameError, "there is no brick %R", name) : NULL;
    }
    named_brick *b = named_brick_new(found);
    PyObject *capsule = b ? PyCapsule_New(b, capsule_name, free_capsule) : NULL;
    if (b && !capsule) {
        named_brick_free(b);
    }
    return capsule;
}

/* The handle itself, or the one that the object holds; NULL for all else. Borrowed. */
static PyObject *handle_of(PyObject *object) {
    if (PyObject_TypeCheck(object, holder_type)) {
        object = ((holder *)object)->handle;
    }
    return object && Py_TYPE(object) == handle_type ? object : NULL;
}

/* The inputs of an application, in lists on the stack where they are few. */
enum { FEW = 4 };
typedef struct input_list {
    Py_ssize_t count;
    PyObject **handles; /* owned: another thread may give a variable another handle meanwhile */
    lego_tensor **tensors;
    PyObject *few_handles[FEW];
    lego_tensor *few_tensors[FEW];
} input_list;

static void inputs_close(input_list *x) {
    while (x->count > 0) {
        Py_DECREF(x->handles[--x->count]);
    }
    if (x->handles != x->few_handles) {
        PyMem_Free(x->handles);
    }
}

static bool inputs_open(input_list *x, Py_ssize_t room) {
    x->count = 0;
    x->handles = x->few_handles;
    x->tensors = x->few_tensors;
    if (room > FEW) {
        size_t each = sizeof(PyObject *) + sizeof(lego_tensor *);
        x->handles = room < INT_MAX ? PyMem_Malloc((size_t)room * each) : NULL;
        x->tensors = (lego_tensor **)(x->handles + room);
    }
    return x->handles || PyErr_NoMemory();
}

/* False, without an exception, when not all of them have a handle. */
static bool inputs_fill(input_list *x, PyObject *tuple, Py_ssize_t count) {
    for (; x->count < count; x->count++) {
        PyObject *one = handle_of(PyTuple_GetItem(tuple, x->count));
        if (!one) {
            return false;
        }
        Py_INCREF(one);
        x->handles[x->count] = one;
        x->tensors[x->count] = ((handle *)one)->tensor;
    }
    return true;
}

/* What an application comes to: one of these, or a status of the engine. */
enum { RAISED = -1, NO_HANDLES = -2 };

/* *y = brick(inputs): at most `room` new tensors, whose number is *made. */
static int apply_to(const named_brick *b, PyObject *inputs, const int64_t *slots, lego_tensor **y,
                    int room, int *made) {
    PyObject *tuple = PySequence_Tuple(inputs); /* mostly it is one */
    Py_ssize_t count = tuple ? PyTuple_Size(tuple) : -1;
    input_list x;
    int status = RAISED;
    if (tuple && inputs_open(&x, count)) {
        status = NO_HANDLES;
        if (inputs_fill(&x, tuple, count)) {
            Py_BEGIN_ALLOW_THREADS;
            status = (int)lego_apply(b->brick, x.tensors, (int)count, slots, y, room, made);
            Py_END_ALLOW_THREADS;
        }
        inputs_close(&x);
    }
    Py_XDECREF(tuple);
    return status;
}

/* The same for arguments from Python: the class of what comes out, a brick, a sequence of handles
 * or of what holds them, and a dictionary of attributes. */
static int apply_from(PyObject *const *args, lego_tensor **y, int room, int *made) {
    int64_t slots[MOST_SLOTS];
    const named_brick *b = PyCapsule_GetPointer(args[1], capsule_name);
    bool has_attributes = b && PyDict_Size(args[3]) != 0;
    if (!b || (has_attributes && !attributes_read(b, args[3], slots))) {
        return RAISED;
    }
    return apply_to(b, args[2], has_attributes ? slots : NULL, y, room, made);
}

/* What Python gets of an application without outputs: an exception, or None. */
static PyObject *nothing(int status) {
    if (status == NO_HANDLES) {
        Py_RETURN_NONE;
    }
    if (status != RAISED) {
        PyObject *none = PyObject_CallFunction(raise_failure, "i", status);
        Py_XDECREF(none);
    }
    return NULL;
}

/* An instance of the class that holds the tensor, or the handle alone where the class is None. The
 * tensor is owned in any case. */
static PyObject *result_of(PyObject *kind, lego_tensor *tensor) {
    PyObject *own_handle = handle_new(tensor);
    if (!own_handle || kind == Py_None) {
        return own_handle;
    }
    holder *result = (holder *)PyType_GenericAlloc((PyTypeObject *)kind, 0);
    if (result) {
        result->handle = own_handle;
    } else {
        Py_DECREF(own_handle);
    }
    return (PyObject *)result;
}

static bool are_fit(PyObject *const *args, Py_ssize_t given, Py_ssize_t wanted) {
    if (given != wanted) {
        PyErr_Format(PyExc_TypeError, "%zd arguments are needed, got %zd", wanted, given);
        return false;
    }
    bool is_holder =
        PyType_Check(args[0]) && PyType_IsSubtype((PyTypeObject *)args[0], holder_type);
    if (args[0] != Py_None && !is_holder) {
        PyErr_SetString(PyExc_TypeError, "what comes out must be of a class below Holder");
        return false;
    }
    return true;
}

/* apply(class, brick, inputs, attributes): the only output; None when an input has no handle. */
static PyObject *apply(PyObject *module, PyObject *const *args, Py_ssize_t count) {
    (void)module;
    if (!are_fit(args, count, 4)) {
        return NULL;
    }
    lego_tensor *y;
    int made;
    int status = apply_from(args, &y, 1, &made);
    return status ? nothing(status) : result_of(args[0], y);
}

/* A list of what owns y[count]. */
static PyObject *list_of(PyObject *kind, lego_tensor *const *y, int count) {
    PyObject *list = PyList_New(count);
    for (int i = 0; i < count; i++) {
        PyObject *one = result_of(kind, y[i]); /* also after a failure: it takes y[i] */
        if (!list || !one || PyList_SetItem(list, i, one)) {
            Py_CLEAR(list);
        }
    }
    return list;
}

/* apply_all(class, brick, inputs, attributes, most): a list of at most so many outputs, or None. */
static PyObject *apply_all(PyObject *module, PyObject *const *args, Py_ssize_t count) {
    (void)module;
    long most = are_fit(args, count, 5) ? PyLong_AsLong(args[4]) : -1;
    if (most < 0 || most > INT_MAX) {
        return PyErr_Occurred() ? NULL : PyErr_Format(PyExc_ValueError, "most=%ld outputs", most);
    }
    lego_tensor **y = PyMem_Malloc((size_t)most * sizeof *y);
    if (!y) {
        return PyErr_NoMemory();
    }
    int made = 0;
    int status = apply_from(args, y, (int)most, &made);
    PyObject *result = status ? nothing(status) : list_of(args[0], y, made);
    PyMem_Free(y);
    return result;
}

/* ---- what holds a handle -------------------------------------------------------------------- */

static int holder_traverse(PyObject *object, visitproc visit, void *arg) {
    Py_VISIT(Py_TYPE(object));
    Py_VISIT(((holder *)object)->handle);
    Py_VISIT(((holder *)object)->logits);
    return 0;
}

static int holder_clear(PyObject *object) {
    Py_CLEAR(((holder *)object)->handle);
    Py_CLEAR(((holder *)object)->logits);
    return 0;
}

static void holder_dealloc(PyObject *object) {
    PyTypeObject *type = Py_TYPE(object);
    PyObject_GC_UnTrack(object);
    holder_clear(object);
    PyObject_GC_Del(object);
    Py_DECREF(type);
}

static PyMemberDef members_of_holder[] = {
    {"_handle", T_OBJECT_EX, offsetof(holder, handle), 0, "The tensor that it holds."},
    {"logits", T_OBJECT, offsetof(holder, logits), 0, "What a probability was made of."},
    {NULL, 0, 0, 0, NULL},
};

static PyType_Slot slots_of_holder[] = {
    {Py_tp_doc, (void *)"Holds the handle of a tensor: the base of pylego's Tensor."},
    {Py_tp_members, members_of_holder},
    {Py_tp_traverse, (void *)(uintptr_t)holder_traverse},
    {Py_tp_clear, (void *)(uintptr_t)holder_clear},
    {Py_tp_dealloc, (void *)(uintptr_t)holder_dealloc},
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

static PyMethodDef functions[] = {
    {"apply", (PyCFunction)(void (*)(void))apply, METH_FASTCALL, NULL},
    {"apply_all", (PyCFunction)(void (*)(void))apply_all, METH_FASTCALL, NULL},
    {"brick", brick, METH_O, NULL},
    {"connect", connect, METH_VARARGS, NULL},
    {"own", own, METH_O, NULL},
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
