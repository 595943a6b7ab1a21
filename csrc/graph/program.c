/* Programs: their buffers, labels and ops; how they are released. */
#include "program.h"

#include <string.h>

#include "../core/memory.h"
#include "../core/sizes.h"
#include "arena.h"

void program_forget_feeds(lego_program *body) {
    for (size_t i = 0; i < body->feeds.count; i++) {
        const feed *f = (const feed *)body->feeds.items + i;
        lego_tensor_release(f->outer);
        lego_tensor_release(f->inner);
    }
    list_free(&body->feeds);
    body->feeds.count = 0;
}

void lego_program_release(lego_program *p) {
    if (!p) {
        return;
    }
    for (size_t i = 0; i < p->buffers.count; i++) {
        lego_tensor_release(buffer_at(p, (int)i)->tensor);
    }
    program_forget_feeds(p);
    list_free(&p->buffers);
    list_free(&p->instructions);
    list_free(&p->insertions);
    list_free(&p->labels);
    list_free(&p->addresses);
    hash_chains_free(&p->concrete);
    hash_chains_free(&p->label_names);
    record_arena_free(&p->records);
    arena_release(p->arena);
    memory_give(p, sizeof *p);
}

int program_add_buffer(lego_program *p, program_buffer b) {
    value *first = record_arena_take(&p->records, 1, sizeof *first);
    if (!first) {
        return -1;
    }
    first->buffer = (int)p->buffers.count;
    b.first_value = b.last_value = first;
    return list_add(&p->buffers, &b) ? (int)p->buffers.count - 1 : -1;
}

static char *copy_of(lego_program *p, const char *text, size_t bytes) {
    char *copy = record_arena_take(&p->records, bytes, 1);
    return copy ? memcpy(copy, text, bytes) : NULL;
}

static int find_label(const lego_program *p, const char *name, uint64_t hash) {
    int link = -1;
    while ((link = hash_chains_find(&p->label_names, hash, link)) >= 0) {
        int label = hash_chains_number(&p->label_names, link);
        if (strcmp(((const char **)p->labels.items)[label - 1], name) == 0) {
            return label;
        }
    }
    return -1;
}

int lego_program_label(lego_program *p, const char *name) {
    size_t bytes = strlen(name) + 1;
    uint64_t hash = hash_bytes(HASH_OF_NOTHING, name, bytes);
    int found = find_label(p, name, hash);
    const char *label = found > 0 ? NULL : copy_of(p, name, bytes);
    if (!label) {
        return found;
    }
    int number = (int)p->labels.count + 1;
    bool is_added = list_add(&p->labels, &label) && hash_chains_add(&p->label_names, hash, number);
    return is_added ? number : -1;
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

/* What a face of the brick says; -1 where there is no memory to ask it. */
static int64_t asked(const program_op *op, work_face *face) {
    const lego_array *few[LEGO_MAX_RANK];
    bool are_few = op->x_count <= LEGO_MAX_RANK;
    size_t bytes = sizeof *few * (size_t)op->x_count;
    const lego_array **x = are_few ? few : memory_take(bytes);
    lego_array y;
    if (!x) {
        return -1;
    }
    lego_call call = call_of(op, x, &y);
    int64_t answer = face(&call);
    if (!are_few) {
        memory_give(x, bytes);
    }
    return answer;
}

int64_t op_operations(const program_op *op) {
    int64_t own = op->brick->operations ? asked(op, op->brick->operations) : -1;
    int64_t most = array_size(&op->y[0].array);
    if (own >= 0) {
        return own;
    }
    for (int i = op_first_input(op); i < op->x_count; i++) {
        most = larger(most, array_size(&op->x[i].array));
    }
    return most;
}

int64_t op_chunks(const program_op *op) {
    return op->brick->chunks ? asked(op, op->brick->chunks) : -1;
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
