/* Running: inputs and outputs are bound, and the instructions run one after another. */
#define _POSIX_C_SOURCE 199309L /* clock_gettime */
#include <string.h>
#include <time.h>

#include "../core/denormals.h"
#include "../core/error.h"
#include "../core/threads.h"
#include "../graph/arena.h"
#include "../graph/fused_loop.h"
#include "addresses.h"
#include "run.h"

/* ---- the instructions ----------------------------------------------------------------------- */

static lego_status run_call(const lego_call *call) {
    return call->brick->kernel(call);
}

/* Calls that run at the same time, and how each of them ended. */
typedef struct calls_side_by_side {
    const lego_call *calls;
    lego_status statuses[MOST_SIDE_BY_SIDE];
} calls_side_by_side;

static void run_calls(void *work, int64_t begin, int64_t end) {
    calls_side_by_side *c = work;
    for (int64_t i = begin; i < end; i++) {
        c->statuses[i] = run_call(&c->calls[i]);
    }
}

/* What failed may have done so in another thread, which has the sentence: it fails here again. */
static lego_status run_side_by_side(const instruction *i) {
    calls_side_by_side c = {.calls = i->calls};
    threads_run(i->op_count, 1, run_calls, &c);
    lego_status status = LEGO_OK;
    for (int k = 0; k < i->op_count && status == LEGO_OK; k++) {
        status = c.statuses[k] ? run_call(&i->calls[k]) : LEGO_OK;
    }
    return status;
}

static lego_status run_instruction(const instruction *i) {
    if (i->is_fused_loop) {
        fused_loop_run(i->fused_loop);
        return LEGO_OK;
    }
    if (i->is_side_by_side) {
        return run_side_by_side(i);
    }
    const lego_call *call = i->calls;
    return i->fused_loop ? call->brick->epilogue_kernel(call, &i->epilogue) : run_call(call);
}

double run_clock(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

static lego_status run_timed(instruction *i) {
    double began = run_clock();
    lego_status status = run_instruction(i);
    i->seconds += run_clock() - began;
    return status;
}

static _Thread_local int failed_label;

int lego_failed_label(void) {
    return failed_label;
}

static lego_status run_instructions(lego_program *p) {
    lego_status status = LEGO_OK;
    instruction *all = p->instructions.items;
    for (size_t i = 0; i < p->instructions.count && status == LEGO_OK; i++) {
        status = p->is_profiled ? run_timed(&all[i]) : run_instruction(&all[i]);
        if (status) {
            failed_label = all[i].ops[0]->origin.label;
        }
    }
    p->profiled_runs += p->is_profiled;
    return status;
}

/* Tells the tapes of other computations that variables have new numbers. */
static void note_writes(const lego_program *p) {
    for (size_t i = 0; i < p->buffers.count; i++) {
        const program_buffer *b = buffer_at(p, (int)i);
        if (b->is_written) {
            atomic_fetch_add(&b->tensor->storage->version, 1);
        }
    }
}

/* ---- what every run begins and ends with ---------------------------------------------------- */

lego_status run_enter(lego_program *p, int64_t extra_bytes, char **extra) {
    int64_t planned = (p->arena_bytes + 63) / 64 * 64;
    char *base = arena_enter(p->arena, planned + extra_bytes);
    if (!base) {
        return LEGO_NO_MEMORY;
    }
    if (base != p->arena_base) {
        bind_group(p, ARENA_GROUP, base);
        p->arena_base = base;
    }
    *extra = base + planned;
    return LEGO_OK;
}

lego_status run_once(lego_program *p) {
    uint64_t former = denormals_flush();
    lego_status status = run_instructions(p);
    denormals_restore(former);
    return status;
}

void run_leave(lego_program *p) {
    note_writes(p);
    arena_leave(p->arena);
}

lego_status run_check(const lego_program *p, int input_count, int output_count) {
    failed_label = 0;
    if (!p->is_finished) {
        return fail(LEGO_BAD_VALUE, "a program must be finished before it is run");
    }
    if (input_count != p->input_count || output_count != p->output_count) {
        return fail(LEGO_BAD_VALUE,
                    "the program takes %d inputs and gives %d outputs, not %d and %d",
                    p->input_count, p->output_count, input_count, output_count);
    }
    return LEGO_OK;
}

lego_status run_check_numbers(const lego_tensor *x, const char *what, int slot) {
    if (!x || !x->storage || x->storage->symbolic_in) {
        return fail(LEGO_BAD_VALUE, "%s %d of the program has no numbers", what, slot);
    }
    return LEGO_OK;
}

/* ---- one run -------------------------------------------------------------------------------- */

static lego_status check_layout(const lego_program *p, const lego_tensor *x, int slot) {
    lego_status status = run_check_numbers(x, "input", slot);
    if (status) {
        return status;
    }
    const lego_array *wanted = &p->inputs[slot].array;
    size_t axes = sizeof(int64_t) * (size_t)wanted->rank;
    if (!array_same_shape(&x->array, wanted) || x->array.dtype != wanted->dtype ||
        memcmp(x->array.strides, wanted->strides, axes) != 0) {
        return fail(LEGO_BAD_SHAPE, "input %d of the program is %s of shape %s, got %s of shape %s",
                    slot, lego_dtype_name(wanted->dtype), array_text(wanted),
                    lego_dtype_name(x->array.dtype), array_text(&x->array));
    }
    return LEGO_OK;
}

static lego_status bind(lego_program *p, lego_tensor *const *inputs, lego_tensor **outputs) {
    for (int i = 0; i < p->input_count; i++) {
        bind_group(p, input_group(i), inputs[i]->array.data);
    }
    for (int i = 0; i < p->output_count; i++) {
        outputs[i] = tensor_with_memory(&p->outputs[i].array);
        if (!outputs[i]) {
            return LEGO_NO_MEMORY;
        }
        bind_group(p, output_group(p, i), outputs[i]->array.data);
    }
    return LEGO_OK;
}

lego_status lego_program_run(lego_program *p, lego_tensor *const *inputs, int input_count,
                             lego_tensor **outputs, int output_count) {
    lego_status status = run_check(p, input_count, output_count);
    for (int i = 0; i < input_count && status == LEGO_OK; i++) {
        status = check_layout(p, inputs[i], i);
    }
    char *extra;
    if (status || (status = run_enter(p, 0, &extra))) {
        return status;
    }
    for (int i = 0; i < output_count; i++) { /* so that a failure releases those that are there */
        outputs[i] = NULL;
    }
    status = bind(p, inputs, outputs);
    if (status == LEGO_OK) {
        status = run_once(p);
    }
    run_leave(p);
    if (status) {
        tensors_release(outputs, output_count);
    }
    return status;
}

static lego_status check_bytes(const operand *o, const char *what, size_t bytes) {
    if (!array_is_contiguous(&o->array) || (size_t)operand_bytes(o) != bytes) {
        return fail(LEGO_BAD_SHAPE, "the %s of the program is of shape %s, %lld bytes, got %zu",
                    what, array_text(&o->array), (long long)operand_bytes(o), bytes);
    }
    return LEGO_OK;
}

lego_status lego_program_run_on(lego_program *p, const void *x, size_t x_bytes, void *y,
                                size_t y_bytes) {
    lego_status status = run_check(p, 1, 1);
    if (status == LEGO_OK) {
        status = check_bytes(&p->inputs[0], "input", x_bytes);
    }
    if (status == LEGO_OK) {
        status = check_bytes(&p->outputs[0], "output", y_bytes);
    }
    char *extra;
    if (status || (status = run_enter(p, 0, &extra))) {
        return status;
    }
    bind_group(p, input_group(0), (void *)x); /* nothing writes to a program's input */
    bind_group(p, output_group(p, 0), y);
    status = run_once(p);
    run_leave(p);
    return status;
}

/* ---- watching and timing -------------------------------------------------------------------- */

bool lego_program_is_watched(const lego_program *p) {
    for (size_t i = 0; i < p->buffers.count; i++) {
        const program_buffer *b = buffer_at(p, (int)i);
        if (b->tensor && lego_tensor_is_watched(b->tensor)) {
            return true;
        }
    }
    return false;
}

void lego_program_profile(lego_program *p, bool is_on) {
    p->is_profiled = is_on;
    if (is_on) {
        p->profiled_runs = 0;
        for (size_t i = 0; i < p->instructions.count; i++) {
            instruction_at(p, i)->seconds = 0;
        }
    }
}
