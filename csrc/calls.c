/* Calls: from Python's arguments to lego_apply(), and from its tensors to Python's.
 *
 * This is what each brick of an eager program costs before and after its work, so it takes few
 * steps: names of attributes are compared by their addresses, numbers beside tensors become tensors
 * here, and no dictionary, list or tuple is made. What needs more thought (arrays, lists, numbers
 * that the dtype does not hold) is left to Python's convert(). */
#include "attributes.h"
#include "autocast.h"
#include "core/dtype.h"
#include "core/half.h"
#include "handles.h"
#include "tensor/change.h"
#include "tensor/draw.h"

#include <limits.h>

/* ---- bricks by their names ------------------------------------------------------------------- */

static const char capsule_name[] = "named_brick";
static PyObject *known_bricks; /* a dictionary: name -> capsule of a named_brick */

static void free_capsule(PyObject *capsule) {
    named_brick_free(PyCapsule_GetPointer(capsule, capsule_name));
}

static named_brick *add_brick(PyObject *name) {
    const char *text = PyUnicode_Check(name) ? PyUnicode_AsUTF8AndSize(name, NULL) : NULL;
    const lego_brick *found = text ? lego_brick_find(text) : NULL;
    if (!found) {
        return PyErr_Occurred()
                   ? NULL
                   : (void *)PyErr_Format(PyExc_NameError, "there is no brick %R", name);
    }
    named_brick *b = named_brick_new(found);
    PyObject *capsule = b ? PyCapsule_New(b, capsule_name, free_capsule) : NULL;
    if (!capsule) {
        if (b) {
            named_brick_free(b);
        }
        return NULL;
    }
    bool is_kept = PyDict_SetItem(known_bricks, name, capsule) == 0;
    Py_DECREF(capsule);
    return is_kept ? b : NULL;
}

/* It lives as long as the module. */
static const named_brick *brick_named(PyObject *name) {
    if (!known_bricks && !(known_bricks = PyDict_New())) {
        return NULL;
    }
    PyObject *capsule = PyDict_GetItemWithError(known_bricks, name);
    if (capsule) {
        return PyCapsule_GetPointer(capsule, capsule_name);
    }
    return PyErr_Occurred() ? NULL : add_brick(name);
}

/* use_current_bricks(): those of the instruction set in use, from now on. */
PyObject *use_current_bricks(PyObject *module, PyObject *none) {
    (void)module;
    (void)none;
    Py_ssize_t place = 0;
    PyObject *capsule;
    while (known_bricks && PyDict_Next(known_bricks, &place, NULL, &capsule)) {
        named_brick *b = PyCapsule_GetPointer(capsule, capsule_name);
        b->brick = lego_brick_find(lego_brick_name(b->brick));
    }
    Py_RETURN_NONE;
}

/* ---- inputs ---------------------------------------------------------------------------------- */

/* The inputs of an application, in lists on the stack where they are few. Tensors of Python's
 * objects are borrowed; those that are made of numbers are owned. */
enum { FEW = 4 };
typedef struct input_list {
    int count;
    lego_tensor **tensors;
    bool *is_owned;
    lego_tensor *few_tensors[FEW];
    bool few_owned[FEW];
} input_list;

static void inputs_close(input_list *x) {
    while (x->count > 0) {
        if (x->is_owned[--x->count]) {
            lego_tensor_release(x->tensors[x->count]);
        }
    }
    if (x->tensors != x->few_tensors) {
        PyMem_Free(x->tensors);
    }
}

static bool inputs_open(input_list *x, Py_ssize_t room) {
    x->count = 0;
    x->tensors = x->few_tensors;
    x->is_owned = x->few_owned;
    if (room > FEW) {
        size_t each = sizeof(lego_tensor *) + sizeof(bool);
        x->tensors = room < INT_MAX ? PyMem_Malloc((size_t)room * each) : NULL;
        if (!x->tensors) {
            return PyErr_NoMemory();
        }
        x->is_owned = (bool *)(x->tensors + room);
    }
    return true;
}

/* Another thread may give a variable another tensor, once threads of Python's run. */
static void inputs_hold(input_list *x) {
    for (int i = 0; i < x->count; i++) {
        if (!x->is_owned[i]) {
            x->is_owned[i] = lego_tensor_retain(x->tensors[i]) != NULL;
        }
    }
}

/* A number as a dtype holds it. */
typedef union word {
    float f32;
    double f64;
    uint8_t u8;
    uint16_t u16;
    uint32_t u32;
    uint64_t u64;
} word;

static bool float_word(double number, lego_dtype dtype, word *w) {
    switch (dtype) {
    case LEGO_FLOAT64:
        w->f64 = number;
        return true;
    case LEGO_FLOAT32:
        w->f32 = (float)number;
        return true;
    case LEGO_FLOAT16:
        w->u16 = float16_of_float(float_to_odd(number));
        return true;
    case LEGO_BFLOAT16:
        w->u16 = bfloat16_of_float(float_to_odd(number));
        return true;
    default:
        return false;
    }
}

/* The lower bits of the number are the same, whether there is a sign or not. */
static bool integer_word(int64_t number, lego_dtype dtype, word *w) {
    if (!dtype_is_integer(dtype)) {
        return dtype != LEGO_BOOL && float_word((double)number, dtype, w);
    }
    switch (lego_dtype_size(dtype)) {
    case 1:
        w->u8 = (uint8_t)number;
        break;
    case 2:
        w->u16 = (uint16_t)number;
        break;
    case 4:
        w->u32 = (uint32_t)number;
        break;
    default:
        w->u64 = (uint64_t)number;
    }
    return number >= dtype_smallest(dtype) && number <= dtype_largest(dtype);
}

/* Whether the number, which is weak, takes the dtype of the tensors beside it as it is. */
static bool is_word(PyObject *number, lego_dtype dtype, word *w) {
    if (PyFloat_CheckExact(number)) {
        return float_word(PyFloat_AsDouble(number), dtype, w);
    }
    int overflow = 0;
    int64_t value = PyLong_AsLongLongAndOverflow(number, &overflow);
    return !overflow && integer_word(value, dtype, w);
}

static bool is_number(PyObject *object) {
    return PyFloat_CheckExact(object) || PyLong_CheckExact(object);
}

/* The common dtype of the tensors; false where there is none, or the program that is recorded
 * should have one constant for equal numbers. */
static bool common_dtype(PyObject *tuple, Py_ssize_t count, lego_dtype *common) {
    bool has_tensor = false;
    *common = LEGO_BOOL;
    for (Py_ssize_t i = 0; i < count; i++) {
        PyObject *object = PyTuple_GetItem(tuple, i);
        const lego_tensor *one = tensor_of(object);
        if (one) {
            has_tensor = true;
            *common = lego_dtype_common(*common, dtype_as_input(object, one));
        }
    }
    return has_tensor && !lego_is_recording();
}

/* A Python number as a tensor of that dtype, without axes; NULL, and no exception, for anything
 * that the dtype cannot hold. */
static lego_tensor *number_of(PyObject *object, lego_dtype dtype) {
    word w;
    bool is_plain = is_number(object) && is_word(object, dtype, &w);
    return is_plain ? lego_tensor_new(dtype, 0, NULL, &w) : NULL;
}

/* The same beside tensors; NULL also where convert() must see to it. */
static lego_tensor *number_beside(PyObject *number, PyObject *tuple, Py_ssize_t count) {
    lego_dtype common;
    return common_dtype(tuple, count, &common) ? number_of(number, common) : NULL;
}

/* False, without an exception, when convert() must see to them. */
static bool inputs_fill(input_list *x, PyObject *tuple, Py_ssize_t count) {
    for (; x->count < count; x->count++) {
        PyObject *object = PyTuple_GetItem(tuple, x->count);
        lego_tensor *given = tensor_of(object);
        bool is_borrowed = given && !is_autocast(object, given);
        lego_tensor *tensor = is_borrowed ? given
                              : given     ? autocast_tensor(given)
                                          : number_beside(object, tuple, count);
        if (!tensor) {
            return false;
        }
        x->tensors[x->count] = tensor;
        x->is_owned[x->count] = !is_borrowed;
    }
    return true;
}

/* ---- applying a brick ------------------------------------------------------------------------ */

/* An application as Python asks for it: all but its inputs. */
typedef struct request {
    const named_brick *b;
    PyObject *name;
    const int64_t *slots;
    lego_tensor **y;
    int room;
    int made; /* of the outputs, once it has succeeded */
} request;

/* What an application comes to: one of these, or a status of the engine. */
enum { RAISED = -1, NOT_TENSORS = -2 };

/* Other threads of Python's run meanwhile, unless letting them takes longer than the work. */
static lego_status apply_brick(request *r, input_list *x) {
    const lego_brick *brick = r->b->brick;
    PyThreadState *state = NULL;
    if (!lego_is_quick(brick, x->tensors, x->count)) {
        inputs_hold(x);
        state = PyEval_SaveThread();
    }
    lego_status status = lego_apply(brick, x->tensors, x->count, r->slots, r->y, r->room, &r->made);
    if (state) {
        PyEval_RestoreThread(state);
    }
    return status;
}

static int apply_to(request *r, PyObject *inputs) {
    PyObject *tuple = PySequence_Tuple(inputs); /* mostly it is one */
    Py_ssize_t count = tuple ? PyTuple_Size(tuple) : -1;
    input_list x;
    int status = RAISED;
    if (tuple && inputs_open(&x, count)) {
        status = NOT_TENSORS;
        if (inputs_fill(&x, tuple, count)) {
            status = (int)apply_brick(r, &x);
        }
        inputs_close(&x);
    }
    Py_XDECREF(tuple);
    return status;
}

/* The same for inputs of any kind. */
static int apply_to_all_kinds(request *r, PyObject *inputs) {
    int status = apply_to(r, inputs);
    if (status != NOT_TENSORS) {
        return status;
    }
    PyObject *handles = PyObject_CallFunctionObjArgs(convert, r->name, inputs, NULL);
    status = handles ? apply_to(r, handles) : RAISED;
    Py_XDECREF(handles);
    if (status == NOT_TENSORS) {
        PyErr_Format(PyExc_TypeError, "%U: not all inputs are tensors", r->name);
        return RAISED;
    }
    return status;
}

/* False with an exception, also that of the engine. */
static bool run(request *r, PyObject *inputs, PyObject *names, PyObject *const *values) {
    int64_t slots[MOST_SLOTS];
    r->b = brick_named(r->name);
    if (!r->b || !attributes_read(r->b, names, values, slots)) {
        return false;
    }
    r->slots = r->b->count ? slots : NULL;
    int status = apply_to_all_kinds(r, inputs);
    if (status > 0) {
        failure((lego_status)status);
    }
    return status == 0;
}

static bool are_as_many(Py_ssize_t given, Py_ssize_t wanted) {
    if (given != wanted) {
        PyErr_Format(PyExc_TypeError, "%zd arguments without a name are needed, got %zd", wanted,
                     given);
    }
    return given == wanted;
}

PyObject *apply(PyObject *module, PyObject *const *args, Py_ssize_t count, PyObject *names) {
    (void)module;
    if (!are_as_many(count, 2)) {
        return NULL;
    }
    lego_tensor *y;
    request r = {.name = args[0], .y = &y, .room = 1};
    return run(&r, args[1], names, args + 2) ? held(y) : NULL;
}

/* x, or its copy in the dtype in which bricks of this thread read it, as the only input. */
static bool inputs_take(input_list *x, PyObject *object, lego_tensor *given) {
    bool is_open = inputs_open(x, 1);
    x->is_owned[0] = is_autocast(object, given);
    x->tensors[0] = x->is_owned[0] ? autocast_tensor(given) : given;
    x->count = is_open && x->tensors[0];
    return x->count == 1;
}

static PyObject *cast_to(const named_brick *cast, PyObject *object, lego_tensor *x, int64_t dtype) {
    lego_tensor *y;
    request r = {.b = cast, .slots = &dtype, .y = &y, .room = 1};
    input_list inputs;
    bool is_taken = inputs_take(&inputs, object, x);
    lego_status status = is_taken ? apply_brick(&r, &inputs) : lego_last_status();
    inputs_close(&inputs);
    return status == LEGO_OK ? held(y) : failure(status);
}

/* The same as apply("cast", (x,), dtype=number), after what Python would ask before. */
PyObject *in_dtype(PyObject *module, PyObject *const *args, Py_ssize_t count) {
    static const named_brick *cast; /* it lives as long as the module */
    (void)module;
    if (!cast) {
        PyObject *name = PyUnicode_FromString("cast");
        cast = name ? brick_named(name) : NULL;
        Py_XDECREF(name);
    }
    if (!cast || !are_as_many(count, 2)) {
        return NULL;
    }
    lego_tensor *x = tensor_of(args[0]);
    if (!x) {
        Py_RETURN_NONE;
    }
    long number = PyLong_AsLong(args[1]);
    if (number == -1 && PyErr_Occurred()) {
        return NULL;
    }
    bool is_same = number == (long)dtype_as_input(args[0], x);
    return is_same ? Py_NewRef(args[0]) : cast_to(cast, args[0], x, number);
}

/* A list of tensors that own y[count]. */
static PyObject *list_of(lego_tensor *const *y, int count) {
    PyObject *list = PyList_New(count);
    for (int i = 0; i < count; i++) {
        PyObject *one = held(y[i]); /* also after a failure: it takes y[i] */
        if (!list || !one || PyList_SetItem(list, i, one)) {
            Py_CLEAR(list);
        }
    }
    return list;
}

PyObject *apply_all(PyObject *module, PyObject *const *args, Py_ssize_t count, PyObject *names) {
    (void)module;
    long most = are_as_many(count, 3) ? PyLong_AsLong(args[2]) : -1;
    if (most < 0 || most > INT_MAX) {
        return PyErr_Occurred() ? NULL : PyErr_Format(PyExc_ValueError, "most=%ld outputs", most);
    }
    lego_tensor **y = PyMem_Malloc((size_t)most * sizeof *y);
    if (!y) {
        return PyErr_NoMemory();
    }
    request r = {.name = args[0], .y = y, .room = (int)most};
    PyObject *result = run(&r, args[1], names, args + 3) ? list_of(y, r.made) : NULL;
    PyMem_Free(y);
    return result;
}

PyObject *next_key(PyObject *module, PyObject *counter) {
    (void)module;
    lego_tensor *x = tensor_of(counter);
    lego_tensor *key = x ? tensor_next_key(x) : NULL;
    if (!key) {
        Py_RETURN_NONE;
    }
    return held(key);
}

/* Other threads of Python's run meanwhile, as in apply_brick(). */
static bool change_now(lego_tensor *variable, const lego_brick *brick, lego_tensor *value) {
    lego_tensor *both[] = {variable, value};
    if (lego_is_quick(brick, both, 2)) {
        return tensor_change(variable, brick, value);
    }
    lego_tensor_retain(variable);
    lego_tensor_retain(value);
    PyThreadState *state = PyEval_SaveThread();
    bool is_done = tensor_change(variable, brick, value);
    PyEval_RestoreThread(state);
    lego_tensor_release(value);
    lego_tensor_release(variable);
    return is_done;
}

PyObject *change(PyObject *module, PyObject *const *args, Py_ssize_t count) {
    (void)module;
    const named_brick *b = are_as_many(count, 3) ? brick_named(args[1]) : NULL;
    if (!b) {
        return NULL;
    }
    lego_tensor *variable = tensor_of(args[0]);
    lego_tensor *given = tensor_of(args[2]);
    lego_tensor *number =
        variable && !given ? number_of(args[2], lego_tensor_dtype(variable)) : NULL;
    lego_tensor *value = given ? given : number;
    bool is_done = variable && value && change_now(variable, b->brick, value);
    lego_tensor_release(number);
    return PyBool_FromLong(is_done);
}
