/* Keys: x[key] as views of x, for keys of integers, slices, `...` and None.
 *
 * A key is read into the offset, shape and strides of the view, and, where bricks must make it,
 * into the window that `slice` takes and the shape that is kept: an integer drops its axis, None
 * inserts one. Keys with anything else are left to Python's core/indexing.py. */
#include "attributes.h"
#include "autocast.h"
#include "handles.h"
#include "tensor/view.h"

#include <string.h>

/* The attributes of the bricks `slice` and `reshape`, as lego_apply() takes them. */
typedef struct axis_list {
    int64_t count;
    int64_t values[LEGO_MAX_RANK];
} axis_list;

typedef struct window {
    axis_list begin, shape, step;
} window;

typedef struct key_reader {
    const lego_tensor *x;
    window part;
    axis_list kept;                 /* the shape of x[key] */
    int64_t strides[LEGO_MAX_RANK]; /* of x[key] */
    int64_t offset;                 /* of its first element, from that of x */
    int left;                       /* axes of x that no item names, until `...` takes them */
    bool is_whole;                  /* the window is all of x, in its own order */
} key_reader;

/* Only what is read is set: clearing the lists would take longer than filling them. */
static void open_reader(key_reader *r, const lego_tensor *x) {
    r->x = x;
    r->part.begin.count = r->part.shape.count = r->part.step.count = r->kept.count = 0;
    r->offset = 0;
    r->is_whole = true;
}

static int64_t length_of(const key_reader *r) {
    return lego_tensor_shape(r->x)[r->part.begin.count];
}

static void append(axis_list *list, int64_t value) {
    list->values[list->count++] = value;
}

/* Returns the stride of the axis in x[key]. */
static int64_t append_axis(key_reader *r, int64_t begin, int64_t length, int64_t step) {
    int64_t stride = lego_tensor_strides(r->x)[r->part.begin.count];
    r->is_whole = r->is_whole && length == length_of(r) && step == 1;
    begin = length > 0 ? begin : 0;
    r->offset += begin * stride;
    append(&r->part.begin, begin);
    append(&r->part.shape, length);
    append(&r->part.step, step);
    return step * stride;
}

static bool keep(key_reader *r, int64_t length, int64_t stride) {
    if (r->kept.count == LEGO_MAX_RANK) {
        PyErr_Format(PyExc_ValueError, "a tensor has at most %d axes: the index makes more",
                     LEGO_MAX_RANK);
        return false;
    }
    r->strides[r->kept.count] = stride;
    append(&r->kept, length);
    return true;
}

static bool read_integer(key_reader *r, PyObject *item) {
    int overflow = 0;
    int64_t length = length_of(r);
    int64_t index = PyLong_AsLongLongAndOverflow(item, &overflow);
    if (overflow || index < -length || index >= length) {
        PyErr_Format(PyExc_IndexError, "index %R is out of bounds for axis %lld with size %lld",
                     item, (long long)r->part.begin.count, (long long)length);
        return false;
    }
    append_axis(r, index < 0 ? index + length : index, 1, 1);
    return true;
}

static bool read_slice(key_reader *r, PyObject *item) {
    Py_ssize_t begin, end, step;
    if (PySlice_Unpack(item, &begin, &end, &step)) {
        return false;
    }
    Py_ssize_t length = PySlice_AdjustIndices((Py_ssize_t)length_of(r), &begin, &end, step);
    return keep(r, length, append_axis(r, begin, length, step));
}

/* The axes that no item names. */
static bool read_dots(key_reader *r) {
    for (; r->left > 0; r->left--) {
        int64_t length = length_of(r);
        if (!keep(r, length, append_axis(r, 0, length, 1))) {
            return false;
        }
    }
    return true;
}

static bool read_item(key_reader *r, PyObject *item) {
    if (item == Py_None) {
        return keep(r, 1, 0);
    }
    if (item == Py_Ellipsis) {
        return read_dots(r);
    }
    return PyLong_CheckExact(item) ? read_integer(r, item) : read_slice(r, item);
}

/* What a key is made of. */
typedef struct item_counts {
    Py_ssize_t named; /* axes */
    int dots;
    int slices;
} item_counts;

/* False where an item is none of ours. */
static bool count_items(PyObject *const *items, Py_ssize_t count, item_counts *counts) {
    *counts = (item_counts){.named = count};
    for (Py_ssize_t i = 0; i < count; i++) {
        if (PyLong_CheckExact(items[i])) {
            continue;
        }
        if (Py_TYPE(items[i]) == &PySlice_Type) {
            counts->slices++;
        } else if (items[i] == Py_None || items[i] == Py_Ellipsis) {
            counts->named--;
            counts->dots += items[i] == Py_Ellipsis;
        } else {
            return false;
        }
    }
    return true;
}

static bool read_items(key_reader *r, PyObject *const *items, Py_ssize_t count,
                       const item_counts *counts) {
    int rank = lego_tensor_rank(r->x);
    if (counts->dots > 1) {
        PyErr_SetString(PyExc_IndexError, "an index can hold only one '...'");
        return false;
    }
    if (counts->named > rank) {
        PyErr_Format(PyExc_IndexError, "%zd indices for a tensor of %d axes", counts->named, rank);
        return false;
    }
    r->left = rank - (int)counts->named;
    for (Py_ssize_t i = 0; i < count; i++) {
        if (!read_item(r, items[i])) {
            return false;
        }
    }
    return read_dots(r);
}

/* The brick applied to the tensor, of which one reference is taken; NULL with an exception. */
static lego_tensor *applied(const char *brick, lego_tensor *x, const void *attributes) {
    lego_tensor *y = NULL;
    int made = 0;
    lego_status status = lego_apply(lego_brick_find(brick), &x, 1, attributes, &y, 1, &made);
    lego_tensor_release(x);
    return status ? (void *)failure(status) : y;
}

/* As attributes are compared: zeros follow. */
static axis_list cleared(const axis_list *list) {
    axis_list clear = {.count = list->count};
    memcpy(clear.values, list->values, sizeof *list->values * (size_t)list->count);
    return clear;
}

/* The window by a brick, then the shape by another, where x does not have them already. */
static lego_tensor *view_by_bricks(lego_tensor *x, const key_reader *r, bool has_shape) {
    lego_tensor *y = lego_tensor_retain(x);
    if (!r->is_whole) {
        window part = {cleared(&r->part.begin), cleared(&r->part.shape), cleared(&r->part.step)};
        y = applied("slice", y, &part);
    }
    if (y && !has_shape) {
        axis_list kept = cleared(&r->kept);
        y = applied("reshape", y, &kept);
    }
    return y;
}

static PyObject *view_of(PyObject *object, lego_tensor *x, const key_reader *r) {
    size_t bytes = sizeof *r->kept.values * (size_t)r->kept.count;
    bool has_shape = r->kept.count == r->part.shape.count &&
                     memcmp(r->kept.values, r->part.shape.values, bytes) == 0;
    if (r->is_whole && has_shape) {
        Py_INCREF(object);
        return object;
    }
    lego_tensor *y = tensor_view(x, r->offset, (int)r->kept.count, r->kept.values, r->strides);
    if (!y) {
        y = view_by_bricks(x, r, has_shape);
    }
    return y ? held(y) : NULL;
}

/* x[key] for a key of so many items; `key` is all of them. The bounds of a slice may be objects
 * whose code gives a variable another tensor: meanwhile this one is held. */
static PyObject *read_all(PyObject *x, PyObject *key, PyObject *const *items, Py_ssize_t count) {
    item_counts counts;
    lego_tensor *tensor = tensor_of(x);
    if (!tensor || !count_items(items, count, &counts)) {
        return PyObject_CallFunctionObjArgs(read_by_key, x, key, NULL);
    }
    lego_tensor *held_meanwhile = counts.slices ? lego_tensor_retain(tensor) : NULL;
    key_reader r;
    open_reader(&r, tensor);
    bool is_read = read_items(&r, items, count, &counts);
    PyObject *result = is_read ? view_of(x, tensor, &r) : NULL;
    lego_tensor_release(held_meanwhile);
    return result;
}

enum { MOST_ITEMS = 2 * LEGO_MAX_RANK + 1 };

/* x[key] of a variable that bricks read in another dtype. */
static PyObject *read_cast(lego_tensor *tensor, PyObject *key) {
    lego_tensor *y = autocast_tensor(tensor);
    PyObject *x = y ? held(y) : failure(lego_last_status());
    PyObject *result = x ? read_key(x, key) : NULL;
    Py_XDECREF(x);
    return result;
}

PyObject *read_key(PyObject *x, PyObject *key) {
    lego_tensor *tensor = tensor_of(x);
    if (tensor && is_autocast(x, tensor)) {
        return read_cast(tensor, key);
    }
    if (!PyTuple_Check(key)) {
        return read_all(x, key, &key, 1);
    }
    PyObject *items[MOST_ITEMS];
    Py_ssize_t count = PyTuple_Size(key);
    if (count > MOST_ITEMS) {
        return PyErr_Format(PyExc_IndexError, "%zd indices for a tensor of %d axes at most", count,
                            LEGO_MAX_RANK);
    }
    for (Py_ssize_t i = 0; i < count; i++) {
        items[i] = PyTuple_GetItem(key, i);
    }
    return read_all(x, key, items, count);
}

/* A whole number, for a tuple that is_shape() passed; false where it does not fit. */
static bool number_at(PyObject *tuple, int axis, int64_t *number) {
    int overflow = 0;
    *number = PyLong_AsLongLongAndOverflow(PyTuple_GetItem(tuple, axis), &overflow);
    return !overflow;
}

static bool read_block(key_reader *r, PyObject *begins, PyObject *lengths) {
    int rank = lego_tensor_rank(r->x);
    bool is_inside = PyTuple_Size(begins) == rank && PyTuple_Size(lengths) == rank;
    for (int axis = 0; axis < rank && is_inside; axis++) {
        int64_t begin, length;
        is_inside = number_at(begins, axis, &begin) && number_at(lengths, axis, &length) &&
                    begin >= 0 && length >= 0 && length <= length_of(r) &&
                    begin <= length_of(r) - length;
        if (is_inside) {
            keep(r, length, append_axis(r, begin, length, 1));
        }
    }
    return is_inside;
}

PyObject *block_of(PyObject *module, PyObject *const *args, Py_ssize_t count) {
    (void)module;
    if (count != 3 || !is_shape(args[1]) || !is_shape(args[2])) {
        Py_RETURN_NONE;
    }
    lego_tensor *x = tensor_of(args[0]);
    lego_tensor *y = NULL;
    key_reader r;
    if (x && !is_autocast(args[0], x)) {
        open_reader(&r, x);
        if (read_block(&r, args[1], args[2])) {
            y = tensor_view(x, r.offset, (int)r.kept.count, r.kept.values, r.strides);
        }
    }
    if (!y) {
        Py_RETURN_NONE;
    }
    return held(y);
}
