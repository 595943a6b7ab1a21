/* Programs: their buffers, labels and ops; how they are released. */
#include "program.h"

#include <string.h>

#include "../core/memory.h"
#include "arena.h"

void lego_program_release(lego_program *p) {
    if (!p) {
        return;
    }
    for (size_t i = 0; i < p->buffers.count; i++) {
        lego_tensor_release(buffer_at(p, (int)i)->tensor);
    }
    list_free(&p->buffers);
    list_free(&p->instructions);
    list_free(&p->labels);
    list_free(&p->addresses);
    record_arena_free(&p->records);
    arena_release(p->arena);
    memory_give(p, sizeof *p);
}

int program_add_buffer(lego_program *p, program_buffer b) {
    return list_add(&p->buffers, &b) ? (int)p->buffers.count - 1 : -1;
}

int lego_program_label(lego_program *p, const char *name) {
    for (size_t i = 0; i < p->labels.count; i++) {
        if (strcmp(((const char **)p->labels.items)[i], name) == 0) {
            return (int)i + 1;
        }
    }
    size_t bytes = strlen(name) + 1;
    char *copy = record_arena_take(&p->records, bytes, 1);
    if (!copy) {
        return -1;
    }
    memcpy(copy, name, bytes);
    const char *label = copy;
    return list_add(&p->labels, &label) ? (int)p->labels.count : -1;
}

int lego_set_label(int label) {
    return origin_set((origin){.label = label}).label;
}

/* ---- ops ---- */

/* The call that faces see, with arrays of an op; x must have room for all inputs. */
static lego_call call_of(const program_op *op, const lego_array **x, lego_array *y) {
    for (int i = 0; i < op->x_count; i++) {
        x[i] = &op->x[i].array;
    }
    *y = op->y[0].array;
    return (lego_call){
        .brick = op->brick,
        .attributes = op->attributes,
        .x = x,
        .input_count = op->x_count,
        .y = y,
        .output_count = 1,
    };
}

element_loop *op_loop(const program_op *op) {
    const lego_array *x[LEGO_MAX_RANK];
    lego_array y;
    if (op->y_count != 1 || op->x_count < 1 || op->x_count > LEGO_MAX_RANK) {
        return NULL;
    }
    lego_call call = call_of(op, x, &y);
    return brick_loop(&call);
}

int64_t op_operations(const program_op *op) {
    const lego_array *x[LEGO_MAX_RANK];
    lego_array y;
    int64_t most = array_size(&op->y[0].array);
    if (op->brick->operations && op->x_count <= LEGO_MAX_RANK) {
        lego_call call = call_of(op, x, &y);
        return op->brick->operations(&call);
    }
    for (int i = op_first_input(op); i < op->x_count; i++) {
        int64_t size = array_size(&op->x[i].array);
        most = size > most ? size : most;
    }
    return most;
}

const char *op_algorithm(const program_op *op) {
    const lego_array *x[LEGO_MAX_RANK];
    lego_array y;
    if (!op->brick->algorithm || op->x_count > LEGO_MAX_RANK) {
        return NULL;
    }
    lego_call call = call_of(op, x, &y);
    return op->brick->algorithm(&call);
}
