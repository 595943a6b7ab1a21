/* A pass: a convolution or max pooling pads its image itself, instead of reading a padded copy.
 *
 *     conv(pad(x, before, after), k, before', after')
 *         = conv(x, k, before + before', after + after')
 *
 * Strided convolutions of Keras's networks are written that way, with ZeroPadding2D in front. The
 * sums are the same where the algorithm is: it multiplies zeros outside of the image, or leaves
 * them out, which is the same for all kernels of finite numbers (docs/equal-bits.md).
 *
 * Max pooling leaves out what lies outside. So do zeros, where no number of x is less: behind relu.
 * The places of its maxima count the padding, hence none may be read. */
#include <string.h>

#include "../core/error.h"
#include "../graph/values.h"
#include "passes.h"

static bool is_brick(const program_op *op, const char *name) {
    return op && strcmp(op->brick->name, name) == 0;
}

/* The slots of an attribute, of the op or of a copy of all its slots. */
static void *attribute_in(const program_op *op, const void *slots, const char *name) {
    int64_t *at = (int64_t *)slots;
    for (const lego_attribute *a = op->brick->attributes; strcmp(a->name, name) != 0; a++) {
        at += attribute_slots(a->kind);
    }
    return at;
}

/* Whether it surrounds images with zeros, and leaves the batch and the channels as they are. */
static bool pads_images(const program_op *pad) {
    const lego_ints *before = attribute_in(pad, pad->attributes, "before");
    const lego_ints *after = attribute_in(pad, pad->attributes, "after");
    const int64_t last = before->count - 1;
    double value;
    memcpy(&value, attribute_in(pad, pad->attributes, "value"), sizeof value);
    return value == 0 && before->values[0] == 0 && after->values[0] == 0 &&
           before->values[last] == 0 && after->values[last] == 0;
}

/* The op that pads what this one alone reads; NULL: there is none, or it does more. */
static program_op *padding_of(const lego_program *p, const program_op *op) {
    const operand *x = &op->x[0];
    program_op *pad = x->value ? x->value->maker : NULL;
    bool is_padding = is_brick(pad, "pad") && x->value->read_count == 1 && x->offset == 0 &&
                      buffer_at(p, x->buffer)->kind == LEGO_BUFFER_ARENA &&
                      array_same_shape(&x->array, &pad->y[0].array) &&
                      array_is_contiguous(&x->array) && array_is_contiguous(&pad->x[0].array);
    return is_padding && pads_images(pad) && operand_lasts(&pad->x[0], op->instruction) ? pad
                                                                                        : NULL;
}

/* The op's attributes with the padding's lengths added, in memory of the program. */
static const void *joined_attributes(lego_program *p, const program_op *op, const program_op *pad) {
    static const char *const names[] = {"before", "after"};
    const size_t slots = (size_t)brick_attribute_slots(op->brick);
    int64_t *joined = record_arena_take(&p->records, slots, sizeof *joined);
    if (!joined) {
        return NULL;
    }
    memcpy(joined, op->attributes, slots * sizeof *joined);
    for (int i = 0; i < 2; i++) {
        lego_ints *own = attribute_in(op, joined, names[i]);
        const lego_ints *more = attribute_in(pad, pad->attributes, names[i]);
        for (int axis = 0; axis < own->count; axis++) {
            own->values[axis] += more->values[1 + axis];
        }
    }
    return joined;
}

static lego_status join_conv(lego_program *p, program_op *conv, program_op *pad) {
    const operand read[] = {pad->x[0], conv->x[1]};
    program_op *op = op_like(p, conv, read, 2, &conv->y[0].array);
    const void *attributes = op ? joined_attributes(p, conv, pad) : NULL;
    if (!attributes) {
        return LEGO_NO_MEMORY;
    }
    op->attributes = attributes;
    if (strcmp(op_algorithm(op), op_algorithm(conv)) != 0) {
        op_remove(op);
        return LEGO_OK;
    }
    lego_status status = op_insert(p, op, conv);
    if (status == LEGO_OK) {
        op_take_over(op, conv);
        op_remove(pad);
    }
    return status;
}

/* ---- max pooling ----------------------------------------------------------------------------- */

/* Whether each window that the padding lengthens still has a place inside of the image. */
static bool is_narrower_than_windows(const program_op *pool, const void *attributes) {
    static const char *const names[] = {"before", "after"};
    const lego_ints *size = attribute_in(pool, attributes, "size");
    for (int i = 0; i < 2; i++) {
        const lego_ints *own = attribute_in(pool, attributes, names[i]);
        for (int axis = 0; axis < own->count; axis++) {
            if (own->values[axis] >= size->values[axis]) {
                return false;
            }
        }
    }
    return true;
}

static bool leaves_out_zeros(const lego_program *p, const program_op *pool, const program_op *pad) {
    const operand *places = &pool->y[1];
    return is_brick(pad->x[0].value->maker, "relu") && places->value->read_count == 0 &&
           buffer_at(p, places->buffer)->kind == LEGO_BUFFER_ARENA;
}

static lego_status join_pool(lego_program *p, program_op *pool, program_op *pad) {
    if (!leaves_out_zeros(p, pool, pad)) {
        return LEGO_OK;
    }
    const void *attributes = joined_attributes(p, pool, pad);
    if (!attributes) {
        return LEGO_NO_MEMORY;
    }
    if (is_narrower_than_windows(pool, attributes)) {
        value_replace(pool->x[0].value, pad->x[0].value);
        pool->x[0].array = pad->x[0].array;
        pool->x[0].offset = pad->x[0].offset;
        pool->attributes = attributes;
        op_remove(pad);
    }
    return LEGO_OK;
}

/* ---- the pass ------------------------------------------------------------------------------- */

lego_status pass_pad_in_windows(lego_program *p) {
    lego_status status = LEGO_OK;
    for (size_t i = 0; i < p->instructions.count && status == LEGO_OK; i++) {
        program_op *op = op_of(p, i);
        bool is_conv = is_brick(op, "conv");
        program_op *pad = is_conv || is_brick(op, "max_pool") ? padding_of(p, op) : NULL;
        if (pad) {
            status = is_conv ? join_conv(p, op, pad) : join_pool(p, op, pad);
        }
    }
    return status;
}
