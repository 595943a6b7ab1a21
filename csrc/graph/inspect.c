/* Inspection: what a program is made of, for print-outs. */
#include <string.h>

#include "../core/error.h"
#include "../core/sizes.h"
#include "../core/threads.h"
#include "fused_loop.h"

static lego_status no_such(const char *what, int index) {
    return fail(LEGO_BAD_INDEX, "the program has no %s %d", what, index);
}

int64_t lego_program_arena_bytes(const lego_program *p) {
    return p->arena_bytes;
}

static size_t list_bytes(const list *l) {
    return l->room > 0 ? lego_memory_block(l->room * l->item_size) : 0;
}

size_t lego_program_record_bytes(const lego_program *p) {
    return lego_memory_block(sizeof *p) + record_arena_bytes(&p->records) +
           list_bytes(&p->buffers) + list_bytes(&p->instructions) + list_bytes(&p->labels) +
           list_bytes(&p->addresses);
}

const char *lego_program_label_name(const lego_program *p, int label) {
    bool is_there = label > 0 && (size_t)label <= p->labels.count;
    return is_there ? ((const char **)p->labels.items)[label - 1] : NULL;
}

/* ---- buffers ----------------------------------------------------------------------------------
 */

int lego_program_buffer_count(const lego_program *p) {
    return (int)p->buffers.count;
}

static bool has_buffer(const lego_program *p, int index) {
    return index >= 0 && (size_t)index < p->buffers.count;
}

lego_status lego_program_buffer(const lego_program *p, int index, lego_buffer_info *info) {
    if (!has_buffer(p, index)) {
        return no_such("buffer", index);
    }
    const program_buffer *b = buffer_at(p, index);
    *info = (lego_buffer_info){
        .kind = b->kind,
        .bytes = b->bytes,
        .offset = b->offset,
        .first = b->first,
        .last = b->last,
        .slot = b->slot,
        .memory = b->tensor ? b->tensor->storage->memory : NULL,
    };
    return LEGO_OK;
}

/* ---- instructions --------------------------------------------------------------------------- */

int lego_program_instruction_count(const lego_program *p) {
    return (int)p->instructions.count;
}

/* Bytes that an instruction reads from memory or writes to it: tiles do not count, and what is
 * broadcast counts once. */
static int64_t bytes_of(const lego_program *p, const operand *o) {
    if (buffer_at(p, o->buffer)->kind == LEGO_BUFFER_TILE || array_size(&o->array) == 0) {
        return 0;
    }
    int64_t bytes = (int64_t)lego_dtype_size(o->array.dtype);
    for (int axis = 0; axis < o->array.rank; axis++) {
        bytes *= o->array.strides[axis] ? o->array.shape[axis] : 1;
    }
    return bytes;
}

static void add_op(const lego_program *p, const program_op *op, lego_instruction_info *info) {
    info->operations += op_operations(op);
    for (int i = op_first_input(op); i < op->x_count; i++) {
        info->bytes += bytes_of(p, &op->x[i]);
    }
    for (int i = 0; i < op->y_count; i++) {
        info->bytes += bytes_of(p, &op->y[i]);
    }
}

/* The work in operations over memory, by which kernels choose the number of chunks. Those of a
 * product, in registers, and of a fused loop, in tiles, are so many times quicker. */
static int64_t simple_operations(const instruction *i) {
    const int64_t product_gain = 64;
    int64_t sum = 0;
    for (int k = 0; k < i->op_count; k++) {
        bool is_stage = i->is_fused_loop || k > 0;
        bool is_product = i->ops[k]->brick->operations;
        sum += op_operations(i->ops[k]) / (is_product ? product_gain : is_stage ? STAGE_GAIN : 1);
    }
    return sum;
}

/* Those of bricks that know, or as many as the work is worth. */
static int64_t chunks_of(const instruction *i) {
    if (!i->ops[0]->brick->chunks) {
        return threads_chunks(simple_operations(i), threads_grain(1));
    }
    int64_t chunks = 0;
    for (int k = 0; k < i->op_count; k++) {
        chunks += op_chunks(i->ops[k]);
    }
    return chunks;
}

lego_status lego_program_instruction(const lego_program *p, int index,
                                     lego_instruction_info *info) {
    if (index < 0 || (size_t)index >= p->instructions.count) {
        return no_such("instruction", index);
    }
    const instruction *at = instruction_at(p, (size_t)index);
    *info = (lego_instruction_info){
        .ops = at->op_count,
        .seconds = at->seconds,
        .runs = p->profiled_runs,
    };
    for (int i = 0; i < at->op_count; i++) {
        add_op(p, at->ops[i], info);
    }
    info->threads = (int)smaller(larger(chunks_of(at), 1), lego_threads());
    return LEGO_OK;
}

static const program_op *op_at(const lego_program *p, int index, int which) {
    if (index < 0 || (size_t)index >= p->instructions.count) {
        return NULL;
    }
    const instruction *at = instruction_at(p, (size_t)index);
    return which >= 0 && which < at->op_count ? at->ops[which] : NULL;
}

/* The ops of an epilogue come after their product. */
static void add_pattern(const instruction *i, int which, lego_op_info *info) {
    int begin = i->is_fused_loop ? 0 : 1;
    for (int k = 0; i->fused_loop && k < i->fused_loop->stage_count; k++) {
        const stage *s = &i->fused_loop->stages[k];
        if (s->name && begin + s->first <= which && which <= begin + s->last) {
            info->pattern = s->name;
            info->pattern_first = begin + s->first;
            info->pattern_last = begin + s->last;
        }
    }
}

lego_status lego_program_op(const lego_program *p, int index, int which, lego_op_info *info) {
    const program_op *op = op_at(p, index, which);
    if (!op) {
        return no_such("op", which);
    }
    *info = (lego_op_info){
        .brick = op->brick,
        .algorithm = op_algorithm(op),
        .label = op->origin.label,
        .is_gradient = op->origin.is_gradient,
        .inputs = op->x_count,
        .outputs = op->y_count,
        .operations = op_operations(op),
        .obstacle = op->obstacle,
    };
    add_pattern(instruction_at(p, (size_t)index), which, info);
    return LEGO_OK;
}

const void *lego_program_attributes(const lego_program *p, int index, int which) {
    const program_op *op = op_at(p, index, which);
    return op ? op->attributes : NULL;
}

/* What an assignment writes is an operand of x without a value. */
static void add_maker(const lego_program *p, const operand *o, lego_operand_info *info) {
    const program_op *maker = o->value ? o->value->maker : NULL;
    if (maker) {
        const instruction *at = instruction_at(p, (size_t)maker->instruction);
        info->maker = maker->instruction;
        while (at->ops[info->maker_op] != maker) {
            info->maker_op++;
        }
    }
}

lego_status lego_program_operand(const lego_program *p, int index, int which, int operand_index,
                                 lego_operand_info *info) {
    const program_op *op = op_at(p, index, which);
    if (!op || operand_index < 0 || operand_index >= op->x_count + op->y_count) {
        return no_such("operand", operand_index);
    }
    const operand *o =
        operand_index < op->x_count ? &op->x[operand_index] : &op->y[operand_index - op->x_count];
    *info = (lego_operand_info){
        .buffer = o->buffer,
        .dtype = o->array.dtype,
        .rank = o->array.rank,
        .offset = o->offset,
        .maker = -1,
        .obstacle = o->obstacle,
    };
    add_maker(p, o, info);
    memcpy(info->shape, o->array.shape, sizeof info->shape);
    memcpy(info->strides, o->array.strides, sizeof info->strides);
    return LEGO_OK;
}
