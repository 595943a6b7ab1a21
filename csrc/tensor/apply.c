/* lego_apply(), the entry for all bricks. One application takes these steps:
 *
 *     inputs    cast to the dtypes that the brick asks for, and copied where it needs that
 *     shape     the shape face checks everything and sets the outputs' layouts
 *     width     where numbers are narrower than those of the kernel: casts around the same brick
 *     outputs   views of x[0], new memory, or symbolic tensors while this thread records
 *     kernel    the kernel runs now, or the recorder notes the application for later; the
 * arithmetic of shapes runs now in a recording too history   a node on the tape, if gradients must
 * pass through */
#include <string.h>

#include "../core/denormals.h"
#include "../core/dtype.h"
#include "../core/error.h"
#include "../core/memory.h"
#include "brick.h"
#include "dtypes_of_call.h"
#include "recorder.h"
#include "tape.h"
#include "tensor.h"

enum { MOST_ATTRIBUTE_SLOTS = LEGO_MAX_ATTRIBUTES * (1 + LEGO_MAX_RANK) };

/* One application of a brick; all of its lists lie in one block, here where they are short. */
enum { FEW_BYTES = 512 }; /* enough for two outputs and several inputs */
typedef struct application {
    lego_call call;
    lego_tensor *const *inputs; /* as they were given: borrowed */
    lego_tensor **x; /* after capture, cast and copy: owned where they are others than the inputs */
    lego_tensor **y; /* the caller's list: what is there is released after a failure */
    recorder *recorder; /* who notes it; NULL where the kernel runs now */
    void *block;
    size_t block_bytes;
    _Alignas(lego_array) char few[FEW_BYTES];
} application;

/* Refuses lists that are longer than LEGO_MAX_RANK, before any face reads them. */
static lego_status check_attributes(const lego_brick *brick, const int64_t *slots) {
    for (int i = 0; slots && i < LEGO_MAX_ATTRIBUTES && brick->attributes[i].name; i++) {
        lego_attribute_kind kind = brick->attributes[i].kind;
        if (kind == LEGO_INTS && (*slots < 0 || *slots > LEGO_MAX_RANK)) {
            return fail(LEGO_BAD_SHAPE, "%s: a tensor has at most %d axes, but %s has %lld numbers",
                        brick->name, LEGO_MAX_RANK, brick->attributes[i].name, (long long)*slots);
        }
        slots += attribute_slots(kind);
    }
    return LEGO_OK;
}

/* ---- the inputs --------------------------------------------------------------------------- */

static void replace_input(application *a, int input, lego_tensor *x) {
    if (a->x[input] != a->inputs[input]) {
        lego_tensor_release(a->x[input]);
    }
    a->x[input] = x;
}

/* x = brick(x) */
static lego_status replace_by(application *a, int input, const char *name, const void *attributes) {
    lego_tensor *result = NULL;
    int count = 0;
    lego_status status =
        lego_apply(lego_brick_find(name), &a->x[input], 1, attributes, &result, 1, &count);
    if (status == LEGO_OK) {
        replace_input(a, input, result);
    }
    return status;
}

/* Whether an input cannot be read where it lies. That is so
 * - if it shares memory with the variable that the brick writes: elements would be overwritten
 *   before they are read;
 * - if the output is a view of a variable: it would show what is assigned to the variable later;
 * - if the kernel needs row-major order, and the strides are others. */
static bool must_be_copied(const application *a, int input) {
    const lego_tensor *x = a->x[input];
    unsigned flags = a->call.brick->flags;
    if (flags & LEGO_WRITES && input > 0 && x->storage == a->x[0]->storage) {
        return true;
    }
    if (flags & LEGO_VIEWS && input == 0 && x->is_variable) {
        return true;
    }
    return flags & LEGO_DENSE && !array_is_contiguous(&x->array);
}

static lego_status prepare_input(application *a, int input, lego_dtype common) {
    lego_dtype given = a->x[input]->array.dtype;
    lego_dtype wanted = given;
    lego_status status = call_wanted_dtype(a->call.brick, input, given, common, &wanted);
    if (status == LEGO_OK && wanted != given) {
        int64_t attributes[] = {wanted};
        status = replace_by(a, input, "cast", attributes);
    }
    if (status == LEGO_OK && must_be_copied(a, input)) {
        status = replace_by(a, input, "copy", NULL);
    }
    return status;
}

static lego_status check_inputs(const lego_brick *brick, lego_tensor *const *inputs, int count) {
    bool fits = brick->inputs < 0 ? count > 0 : count == brick->inputs;
    if (!fits) {
        return fail(LEGO_BAD_VALUE, "%s takes %d inputs, got %d", brick->name,
                    brick->inputs < 0 ? 1 : brick->inputs, count);
    }
    for (int i = 0; i < count; i++) {
        if (!inputs[i]) {
            return fail(LEGO_BAD_VALUE, "%s: input %d is NULL", brick->name, i);
        }
        if (!inputs[i]->storage) {
            return fail(LEGO_BAD_VALUE, "%s: the numbers of input %d were not kept", brick->name,
                        i);
        }
    }
    if (brick->flags & LEGO_WRITES && !inputs[0]->is_variable) {
        return fail(LEGO_BAD_VALUE, "%s: only a variable can be written", brick->name);
    }
    return LEGO_OK;
}

/* What the recorder uses for an input. */
static lego_status take_input(application *a, int input) {
    recorder *r = recorder_now();
    const char *name = a->call.brick->name;
    lego_tensor *x = a->inputs[input];
    if (!r || !r->capture) {
        a->x[input] = x;
        return recorder_check(r, x, name);
    }
    lego_tensor *taken = recorder_take(r, x, name);
    if (taken == x) {
        lego_tensor_release(taken); /* the caller has a reference */
    }
    a->x[input] = taken;
    return taken ? LEGO_OK : lego_last_status();
}

static lego_status prepare_inputs(application *a) {
    lego_call *call = &a->call;
    const lego_array **arrays = (const lego_array **)call->x;
    lego_dtype common = call_common_dtype(call->brick, a->inputs, call->input_count);
    for (int i = 0; i < call->input_count; i++) {
        lego_status status = take_input(a, i);
        if (status == LEGO_OK) {
            status = prepare_input(a, i, common);
        }
        if (status) {
            return status;
        }
        arrays[i] = &a->x[i]->array;
    }
    return LEGO_OK;
}

/* ---- the outputs -------------------------------------------------------------------------- */

static lego_tensor *view_of(const lego_call *call, lego_tensor *x, int output) {
    lego_array array = call->y[output];
    int64_t bytes = call->views[output].offset * (int64_t)lego_dtype_size(array.dtype);
    array.data = (void *)((uintptr_t)x->array.data + (uintptr_t)bytes); /* symbolic: an offset */
    return tensor_over(&array, x->storage, NULL, 0);
}

/* A few whole numbers made of whole numbers that are known, as shapes are: code that records asks
 * for them, tile(x, concatenate(sizes)) for one. Numbers in the memory of a caller may change. */
static bool is_arithmetic_of_shapes(const application *a) {
    enum { MOST = 16 };
    const lego_call *call = &a->call;
    int64_t count = 0;
    for (int i = 0; i < call->input_count; i++) {
        const storage *s = a->x[i]->storage;
        bool is_known = !s->symbolic_in && !s->owner && !a->x[i]->is_variable;
        if (!is_known || !dtype_is_integer(call->x[i]->dtype)) {
            return false;
        }
        count += array_size(call->x[i]);
    }
    for (int i = 0; i < call->output_count; i++) {
        if (!dtype_is_integer(call->y[i].dtype)) {
            return false;
        }
        count += array_size(&call->y[i]);
    }
    return call->input_count > 0 && count <= MOST && !(call->brick->flags & LEGO_EFFECT);
}

static lego_tensor *tensor_for(const application *a, const lego_array *y) {
    return a->recorder ? a->recorder->make_symbolic(a->recorder, y) : tensor_with_memory(y);
}

/* Where all inputs are transposed, elementwise bricks make results that are: then they walk memory
 * in its order, and so do the bricks that follow. */
static void follow_inputs(const lego_call *call) {
    if (!(call->brick->flags & (LEGO_WRITES | LEGO_ROW_MAJOR)) && brick_loop(call)) {
        array_lay_like(&call->y[0], call->x, call->input_count);
    }
}

static lego_status make_outputs(application *a) {
    lego_call *call = &a->call;
    for (int i = 0; i < call->output_count; i++) {
        lego_array *y = &call->y[i];
        lego_status status = array_check(call->brick->name, y->dtype, y->rank, y->shape);
        if (status) {
            return status;
        }
        a->y[i] = call->views[i].is_view ? view_of(call, a->x[0], i) : tensor_for(a, y);
        if (!a->y[i]) {
            return lego_last_status();
        }
        *y = a->y[i]->array;
    }
    return LEGO_OK;
}

static bool has_work(const lego_call *call) {
    if (call->brick->flags & LEGO_WRITES) {
        return true;
    }
    for (int i = 0; i < call->output_count; i++) {
        if (!call->views[i].is_view) {
            return true;
        }
    }
    return false;
}

static lego_status run_now(const lego_call *call) {
    uint64_t former = denormals_flush();
    lego_status status = call->brick->kernel(call);
    denormals_restore(former);
    return status;
}

/* Runs the kernel now; or a recorder notes the application, and its program runs it later. */
static lego_status run_kernel(application *a) {
    if (!has_work(&a->call)) {
        return LEGO_OK;
    }
    recorder *r = a->recorder;
    lego_status status = r ? r->note(r, &a->call, a->x, a->y) : run_now(&a->call);
    if (a->call.brick->flags & LEGO_WRITES) {
        atomic_fetch_add(&a->x[0]->storage->version, 1);
    }
    return status;
}

/* ---- the history -------------------------------------------------------------------------- */

static lego_status note_on_tape(application *a) {
    lego_call *call = &a->call;
    if (!tape_wants(call->brick, a->x, call->input_count)) {
        return LEGO_OK;
    }
    node *n = node_new(call, a->x, a->y);
    if (!n) {
        return LEGO_NO_MEMORY;
    }
    for (int i = 0; i < call->output_count; i++) {
        if (dtype_is_float(call->y[i].dtype)) {
            a->y[i]->node = node_retain(n);
            a->y[i]->output_index = i;
        }
    }
    node_release(n);
    return LEGO_OK;
}

/* ---- narrow dtypes ------------------------------------------------------------------------ */

/* x in the dtype that kernels compute in for it. */
static lego_status widen_input(application *a, int input) {
    lego_dtype dtype = a->x[input]->array.dtype;
    int64_t attributes[] = {dtype_rows[dtype].computes_in};
    return dtype_is_narrow(dtype) ? replace_by(a, input, "cast", attributes) : LEGO_OK;
}

/* Rounds y to the dtype that the shape face has set. */
static lego_status narrow_output(application *a, int output) {
    lego_tensor *wide = a->y[output];
    int64_t attributes[] = {a->call.y[output].dtype};
    if (wide->array.dtype == a->call.y[output].dtype) {
        return LEGO_OK;
    }
    int count = 0;
    lego_status status =
        lego_apply(lego_brick_find("cast"), &wide, 1, attributes, &a->y[output], 1, &count);
    lego_tensor_release(wide);
    return status;
}

/* cast, brick, cast: three applications, which are recorded, fused and differentiated like any. */
static lego_status apply_wider(application *a) {
    const lego_brick *brick = a->call.brick;
    const void *attributes = a->call.attributes;
    int64_t slots[MOST_ATTRIBUTE_SLOTS];
    int slot = brick_dtype_slot(brick);
    if (slot >= 0) {
        memcpy(slots, attributes, sizeof *slots * (size_t)brick_attribute_slots(brick));
        slots[slot] = dtype_rows[slots[slot]].computes_in;
        attributes = slots;
    }
    lego_status status = LEGO_OK;
    for (int i = 0; i < a->call.input_count && !status; i++) {
        status = widen_input(a, i);
    }
    if (status == LEGO_OK) {
        int count;
        status = lego_apply(brick, a->x, a->call.input_count, attributes, a->y,
                            a->call.output_count, &count);
    }
    for (int i = 0; i < a->call.output_count && !status; i++) {
        status = narrow_output(a, i);
    }
    return status;
}

/* ---- one application ------------------------------------------------------------------------ */

static lego_status application_open(application *a, const lego_brick *brick, lego_tensor *const *x,
                                    int input_count, const void *attributes, lego_tensor **y,
                                    int output_count) {
    static const int64_t zeros[MOST_ATTRIBUTE_SLOTS];
    size_t inputs = (size_t)input_count;
    size_t outputs = (size_t)output_count;
    a->block_bytes = outputs * (sizeof(lego_array) + sizeof(lego_view)) +
                     inputs * (sizeof(lego_tensor *) + sizeof(lego_array *));
    a->block = a->block_bytes <= FEW_BYTES ? a->few : memory_take(a->block_bytes);
    if (!a->block) {
        return LEGO_NO_MEMORY;
    }
    memset(a->block, 0, a->block_bytes);
    a->inputs = x;
    lego_array *arrays = a->block;
    lego_view *views = (lego_view *)(arrays + outputs);
    a->y = y;
    a->x = (lego_tensor **)(views + outputs);
    a->call = (lego_call){
        .brick = brick,
        .attributes = attributes ? attributes : zeros,
        .x = (const lego_array *const *)(a->x + inputs),
        .input_count = input_count,
        .y = arrays,
        .output_count = output_count,
        .views = views,
    };
    for (int i = 0; i < output_count; i++) {
        y[i] = NULL;
    }
    return LEGO_OK;
}

static void application_close(application *a, lego_status status) {
    for (int i = 0; i < a->call.input_count; i++) {
        replace_input(a, i, NULL);
    }
    for (int i = 0; i < a->call.output_count && status; i++) {
        lego_tensor_release(a->y[i]);
        a->y[i] = NULL;
    }
    if (a->block != a->few) {
        memory_give(a->block, a->block_bytes);
    }
}

static lego_status application_run(application *a) {
    lego_status status = prepare_inputs(a);
    if (status == LEGO_OK) {
        status = a->call.brick->shape(&a->call);
    }
    if (status == LEGO_OK && call_is_too_narrow(&a->call)) {
        return apply_wider(a);
    }
    if (status == LEGO_OK) {
        follow_inputs(&a->call);
        a->recorder = recorder_now();
        if (a->recorder && !a->recorder->notes_all && is_arithmetic_of_shapes(a)) {
            a->recorder = NULL;
        }
        status = make_outputs(a);
    }
    if (status == LEGO_OK) {
        status = run_kernel(a);
    }
    return status == LEGO_OK ? note_on_tape(a) : status;
}

static lego_status count_outputs(const lego_brick *brick, const void *attributes, int room,
                                 int *count) {
    int64_t made = brick->outputs;
    if (made < 0) {
        made = attributes ? *(const int64_t *)attributes : 0;
    }
    if (made < 1 || made > room) {
        return fail(LEGO_BAD_VALUE, "%s: room for %d outputs, but it makes %lld", brick->name, room,
                    (long long)made);
    }
    *count = (int)made;
    return LEGO_OK;
}

/* The work of elementwise bricks, views, reductions and products is at most the product of their
 * inputs' sizes: that of (m, k) and (k, n) is m k^2 n, and what they are broadcast to is no larger
 * either. */
bool lego_is_quick(const lego_brick *brick, lego_tensor *const *inputs, int input_count) {
    const int64_t most = 4096;
    if (!brick || brick->flags & LEGO_EFFECT) {
        return false;
    }
    bool is_bounded = brick->loops || brick->choose_loop || brick->epilogue_kernel ||
                      brick->total || brick->flags & LEGO_VIEWS;
    int64_t work = 1;
    for (int i = 0; i < input_count && work <= most; i++) {
        int64_t size = inputs[i] ? array_size(&inputs[i]->array) : 0;
        work = size <= most ? work * size : size;
    }
    return is_bounded && work <= most;
}

lego_status lego_apply(const lego_brick *brick, lego_tensor *const *inputs, int input_count,
                       const void *attributes, lego_tensor **outputs, int room, int *output_count) {
    if (!brick) {
        return fail(LEGO_BAD_NAME, "there is no such brick");
    }
    int count = 0;
    lego_status status = count_outputs(brick, attributes, room, &count);
    if (status == LEGO_OK) {
        status = check_attributes(brick, attributes);
    }
    if (status == LEGO_OK) {
        status = check_inputs(brick, inputs, input_count);
    }
    application a;
    if (status == LEGO_OK) {
        status = application_open(&a, brick, inputs, input_count, attributes, outputs, count);
    }
    if (status) {
        return status;
    }
    status = application_run(&a);
    if (status == LEGO_OK) {
        *output_count = count;
    }
    application_close(&a, status);
    return status;
}
