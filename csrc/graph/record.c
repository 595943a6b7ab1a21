/* Recording: applications become instructions. */
#include "record.h"

#include <stdatomic.h>
#include <string.h>

#include "../core/error.h"
#include "../core/memory.h"
#include "arena.h"
#include "values.h"

/* ---- buffers of tensors -----------------------------------------------------------------------
 */

static uint64_t hash_of(const storage *s) {
    return hash_bytes(HASH_OF_NOTHING, &s, sizeof s);
}

/* The buffer of a constant or variable that was used before; -1: none. */
static int find_concrete(const lego_program *p, const storage *s) {
    int link = -1;
    while ((link = hash_chains_find(&p->concrete, hash_of(s), link)) >= 0) {
        int index = hash_chains_number(&p->concrete, link);
        const lego_tensor *tensor = buffer_at(p, index)->tensor;
        if (tensor && tensor->storage == s) {
            return index;
        }
    }
    return -1;
}

static int add_concrete(lego_program *p, lego_tensor *x) {
    int index = program_add_buffer(
        p, (program_buffer){
               .kind = x->storage->is_variable ? LEGO_BUFFER_VARIABLE : LEGO_BUFFER_CONSTANT,
               .bytes = (int64_t)x->storage->bytes,
               .tensor = x,
               .offset = -1,
           });
    if (index < 0) {
        return -1;
    }
    lego_tensor_retain(x);
    return hash_chains_add(&p->concrete, hash_of(x->storage), index) ? index : -1;
}

static int buffer_of(lego_program *p, lego_tensor *x) {
    if (x->storage->symbolic_in) {
        return x->storage->buffer;
    }
    int index = find_concrete(p, x->storage);
    return index >= 0 ? index : add_concrete(p, x);
}

static lego_status set_operand(lego_program *p, lego_tensor *x, operand *o) {
    uintptr_t base = (uintptr_t)x->storage->memory; /* NULL where data is an offset already */
    o->buffer = buffer_of(p, x);
    o->array = x->array;
    o->offset = (int64_t)((uintptr_t)x->array.data - base);
    return o->buffer < 0 ? LEGO_NO_MEMORY : LEGO_OK;
}

static operand *operands_of(lego_program *p, lego_tensor *const *tensors, int count) {
    operand *operands = record_arena_take(&p->records, (size_t)count, sizeof *operands);
    for (int i = 0; operands && i < count; i++) {
        if (set_operand(p, tensors[i], &operands[i])) {
            return NULL;
        }
    }
    return operands;
}

/* ---- the recorder --------------------------------------------------------------------------- */

static lego_status check_open(const lego_program *p) {
    return p->is_closed
               ? fail(LEGO_BAD_VALUE, "the program is finished: nothing can be added to it")
               : LEGO_OK;
}

static lego_tensor *make_symbolic(recorder *r, const lego_array *array) {
    if (check_open((lego_program *)r)) {
        return NULL;
    }
    int64_t bytes = array_size(array) * (int64_t)lego_dtype_size(array->dtype);
    program_buffer b = {.kind = LEGO_BUFFER_ARENA, .bytes = bytes, .offset = -1};
    int index = program_add_buffer((lego_program *)r, b);
    return index < 0 ? NULL : tensor_symbolic(array, r->number, index);
}

static const void *copy_attributes(lego_program *p, const lego_call *call) {
    size_t slots = (size_t)brick_attribute_slots(call->brick);
    int64_t *copy = record_arena_take(&p->records, slots + 1, sizeof *copy);
    return copy ? memcpy(copy, call->attributes, slots * sizeof *copy) : NULL;
}

static lego_status note(recorder *r, const lego_call *call, lego_tensor *const *x,
                        lego_tensor *const *y) {
    lego_program *p = (lego_program *)r;
    lego_status status = check_open(p);
    program_op *op = status ? NULL : record_arena_take(&p->records, 1, sizeof *op);
    if (!op) {
        return status ? status : LEGO_NO_MEMORY;
    }
    *op = (program_op){
        .brick = call->brick,
        .attributes = copy_attributes(p, call),
        .x_count = call->input_count,
        .y_count = call->output_count,
        .x = operands_of(p, x, call->input_count),
        .y = operands_of(p, y, call->output_count),
        .origin = origin_now(),
    };
    return op->attributes && op->x && op->y ? op_append(p, op) : LEGO_NO_MEMORY;
}

static recorder recorder_for(uint64_t number) {
    return (recorder){.number = number, .make_symbolic = make_symbolic, .note = note};
}

lego_program *lego_program_new(lego_program *sibling) {
    static atomic_ullong recordings;
    lego_program *p = memory_take(sizeof *p);
    if (!p) {
        return NULL;
    }
    *p = (lego_program){
        .recorder = recorder_for(1 + atomic_fetch_add(&recordings, 1)),
        .buffers.item_size = sizeof(program_buffer),
        .instructions.item_size = sizeof(instruction),
        .insertions.item_size = sizeof(insertion),
        .concrete.links.item_size = sizeof(hash_link),
        .labels.item_size = sizeof(const char *),
        .label_names.links.item_size = sizeof(hash_link),
        .addresses.item_size = sizeof(address),
        .feeds.item_size = sizeof(feed),
        .arena = sibling ? arena_retain(sibling->arena) : arena_new(),
    };
    if (!p->arena) {
        memory_give(p, sizeof *p);
        return NULL;
    }
    return p;
}

lego_program *lego_record(lego_program *p) {
    return (lego_program *)recorder_set((recorder *)p);
}

bool lego_is_recording(void) {
    return recorder_now() != NULL;
}

/* ---- inputs --------------------------------------------------------------------------------- */

/* A copy of the operands with room for one more. */
static operand *grown(lego_program *p, operand *former, int count) {
    operand *more = record_arena_take(&p->records, (size_t)count + 1, sizeof *more);
    if (more && count > 0) {
        memcpy(more, former, sizeof *more * (size_t)count);
    }
    return more;
}

lego_tensor *lego_program_input(lego_program *p, lego_dtype dtype, int rank, const int64_t *shape,
                                const int64_t *strides) {
    lego_array array = {.rank = 0};
    if (check_open(p) || array_check("input", dtype, rank, shape)) {
        return NULL;
    }
    array_set(&array, dtype, rank, shape);
    for (int axis = 0; strides && axis < rank; axis++) {
        array.strides[axis] = strides[axis];
    }
    int64_t bytes = array_size(&array) * (int64_t)lego_dtype_size(dtype);
    program_buffer b = {
        .kind = LEGO_BUFFER_INPUT, .bytes = bytes, .slot = p->input_count, .offset = -1};
    int index = program_add_buffer(p, b);
    operand *inputs = index < 0 ? NULL : grown(p, p->inputs, p->input_count);
    lego_tensor *x = inputs ? tensor_symbolic(&array, p->recorder.number, index) : NULL;
    if (x) {
        inputs[p->input_count++] = (operand){.buffer = index, .array = array};
        p->inputs = inputs;
    }
    return x;
}

lego_status record_variable_as_input(lego_program *p, int buffer) {
    program_buffer *b = buffer_at(p, buffer);
    operand *inputs = grown(p, p->inputs, p->input_count);
    if (!inputs) {
        return LEGO_NO_MEMORY;
    }
    inputs[p->input_count] = (operand){.buffer = buffer, .array = b->tensor->array};
    b->kind = LEGO_BUFFER_INPUT;
    b->slot = p->input_count++;
    lego_tensor_release(b->tensor);
    b->tensor = NULL;
    p->inputs = inputs;
    return LEGO_OK;
}

/* ---- outputs -------------------------------------------------------------------------------- */

/* Each run makes new memory for an output. What shares its memory with others (an input, a
 * variable, another output) is copied. */
static bool has_own_buffer(const lego_program *p, const lego_tensor *x) {
    if (!x->storage->symbolic_in || !array_is_contiguous(&x->array)) {
        return false;
    }
    const program_buffer *b = buffer_at(p, x->storage->buffer);
    int64_t bytes = array_size(&x->array) * (int64_t)lego_dtype_size(x->array.dtype);
    return b->kind == LEGO_BUFFER_ARENA && b->bytes == bytes;
}

static lego_status copy_output(lego_program *p, lego_tensor **x) {
    lego_tensor *copy = NULL;
    int count = 0;
    recorder *former = recorder_set(&p->recorder);
    lego_status status = lego_apply(lego_brick_find("copy"), x, 1, NULL, &copy, 1, &count);
    recorder_set(former);
    *x = copy;
    return status;
}

static lego_status record_output(lego_program *p, lego_tensor *x, int slot) {
    lego_status status = LEGO_OK;
    bool is_copied = !has_own_buffer(p, x);
    if (is_copied) {
        status = copy_output(p, &x);
    }
    if (status == LEGO_OK) {
        status = set_operand(p, x, &p->outputs[slot]);
    }
    if (status == LEGO_OK) {
        program_buffer *b = buffer_at(p, p->outputs[slot].buffer);
        b->kind = LEGO_BUFFER_OUTPUT;
        b->slot = slot;
    }
    if (is_copied) {
        lego_tensor_release(x);
    }
    return status;
}

lego_status record_check_outputs(const lego_program *p, lego_tensor *const *outputs, int count) {
    lego_status status = check_open(p);
    for (int i = 0; i < count && status == LEGO_OK; i++) {
        bool has_numbers = outputs[i] && outputs[i]->storage;
        status = has_numbers ? recorder_check(&p->recorder, outputs[i], "output")
                             : fail(LEGO_BAD_VALUE, "output %d of the program has no numbers", i);
    }
    return status;
}

lego_status record_outputs(lego_program *p, lego_tensor *const *outputs, int count) {
    p->outputs = record_arena_take(&p->records, (size_t)count, sizeof *p->outputs);
    if (!p->outputs) {
        return LEGO_NO_MEMORY;
    }
    p->output_count = count;
    p->recorder.notes_all = true; /* each run has copies of its own */
    int64_t former_tape = lego_tape(LEGO_TAPE_PAUSED);
    lego_status status = LEGO_OK;
    for (int i = 0; i < count && status == LEGO_OK; i++) {
        status = record_output(p, outputs[i], i);
    }
    lego_tape((lego_taping)former_tape);
    hash_chains_free(&p->concrete); /* nothing is recorded any more */
    hash_chains_free(&p->label_names);
    return status;
}
