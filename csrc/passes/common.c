/* A pass: what is computed twice is computed once (common subexpressions).
 *
 * Two ops are the same if brick, attributes and operands are: the same elements of the same values.
 * A variable has another value after each assignment. Every brick is a function of its inputs
 * (random numbers too: of their key), but for those that have an effect. */
#include <string.h>

#include "../core/error.h"
#include "../graph/values.h"
#include "passes.h"

enum { BUCKETS = 256 };

static uint64_t mix(uint64_t hash, const void *data, size_t bytes) {
    const unsigned char *byte = data;
    for (size_t i = 0; i < bytes; i++) {
        hash = (hash ^ byte[i]) * 1099511628211u; /* FNV-1a */
    }
    return hash;
}

static size_t attribute_bytes(const program_op *op) {
    return sizeof(int64_t) * (size_t)brick_attribute_slots(op->brick);
}

static unsigned bucket_of(const program_op *op) {
    uint64_t hash = mix(14695981039346656037u, &op->brick, sizeof op->brick);
    hash = mix(hash, op->attributes, attribute_bytes(op));
    for (int i = 0; i < op->x_count; i++) {
        hash = mix(hash, &op->x[i].value, sizeof op->x[i].value);
    }
    return (unsigned)(hash % BUCKETS);
}

static bool same_array(const lego_array *a, const lego_array *b) {
    size_t axes = sizeof(int64_t) * (size_t)a->rank;
    return a->dtype == b->dtype && array_same_shape(a, b) &&
           memcmp(a->strides, b->strides, axes) == 0;
}

static bool is_same(const program_op *a, const program_op *b) {
    if (a->brick != b->brick || a->x_count != b->x_count || a->y_count != b->y_count ||
        memcmp(a->attributes, b->attributes, attribute_bytes(a)) != 0) {
        return false;
    }
    for (int i = 0; i < a->x_count; i++) {
        if (a->x[i].value != b->x[i].value || a->x[i].offset != b->x[i].offset ||
            !same_array(&a->x[i].array, &b->x[i].array)) {
            return false;
        }
    }
    return true;
}

/* The first op that computes the same; NULL: none. */
static program_op *find(const list *kept, const program_op *op) {
    const list *bucket = &kept[bucket_of(op)];
    for (size_t i = 0; i < bucket->count; i++) {
        program_op *other = ((program_op **)bucket->items)[i];
        if (is_same(other, op)) {
            return other;
        }
    }
    return NULL;
}

/* An output keeps its buffer: a run has to fill it. */
static bool makes_output(const lego_program *p, const program_op *op) {
    for (int i = 0; i < op->y_count; i++) {
        if (buffer_at(p, op->y[i].buffer)->kind != LEGO_BUFFER_ARENA) {
            return true;
        }
    }
    return false;
}

static lego_status visit(const lego_program *p, list *kept, program_op *op) {
    if (op_has_effect(op)) {
        return LEGO_OK;
    }
    program_op *same = makes_output(p, op) ? NULL : find(kept, op);
    if (!same) {
        return list_add(&kept[bucket_of(op)], &op) ? LEGO_OK : LEGO_NO_MEMORY;
    }
    for (int i = 0; i < op->y_count; i++) {
        value_replace(op->y[i].value, same->y[i].value);
    }
    op_remove(op);
    return LEGO_OK;
}

lego_status pass_common(lego_program *p) {
    list kept[BUCKETS]; /* ops by hash */
    lego_status status = LEGO_OK;
    for (int i = 0; i < BUCKETS; i++) {
        kept[i] = (list){.item_size = sizeof(program_op *)};
    }
    for (size_t i = 0; i < p->instructions.count && status == LEGO_OK; i++) {
        status = visit(p, kept, op_of(p, i));
    }
    for (int i = 0; i < BUCKETS; i++) {
        list_free(&kept[i]);
    }
    return status;
}
