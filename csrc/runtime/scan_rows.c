/* Loops whose batch is cut into blocks of rows.
 *
 * In most cells a row of the batch depends on its own row of the step before and on nothing of the
 * other rows. Then threads need not meet at each step: each takes some rows through all steps. A
 * block is a body of its own, with the same ops on fewer rows. Its operands lie in the memory of
 * the whole loop, from the block's first row on.
 *
 * Whether rows are independent is read off the ops. A buffer has rows if its first axis is the
 * batch; a rule for each kind of brick says when row i of its result is made of rows i alone. All
 * kernels named here give a number the same bits however many rows there are, so blocks have the
 * bits of the whole, and their number depends on the sizes alone. */
#include "scan_rows.h"

#include <string.h>

#include "../core/dtype.h"
#include "../core/sizes.h"
#include "../graph/body.h"
#include "../graph/values.h"

enum {
    LEAST_ROWS = 16,           /* of a block: with fewer, products are slower */
    LEAST_OPERATIONS = 4 << 20 /* of a loop: threads take longer to wake than less work takes */
};

typedef struct row_finder {
    const lego_program *body;
    int64_t rows;   /* of the batch */
    bool *has_rows; /* of each buffer */
    bool is_anew;   /* another input turned out to have rows: what was found before is void */
} row_finder;

/* ---- which buffers have rows ----------------------------------------------------------------- */

/* Whether the operand is the same part of each row of its buffer, its first axis the batch. */
static bool lies_in_rows(const row_finder *f, const operand *o) {
    const lego_array *x = &o->array;
    if (x->rank == 0 || x->shape[0] != f->rows) {
        return false;
    }
    int64_t size = (int64_t)lego_dtype_size(x->dtype);
    int64_t row_bytes = x->strides[0] * size;
    int64_t end = o->offset + size;
    for (int axis = 1; axis < x->rank; axis++) {
        if (x->strides[axis] < 0 || x->shape[axis] == 0) {
            return false;
        }
        end += (x->shape[axis] - 1) * x->strides[axis] * size;
    }
    return end <= row_bytes && row_bytes * f->rows == buffer_at(f->body, o->buffer)->bytes;
}

static bool has_rows(const row_finder *f, const operand *o) {
    return f->has_rows[o->buffer];
}

/* Whether it is the same for all rows where it is broadcast to `rank` axes. */
static bool is_for_all_rows(const operand *o, int rank) {
    return o->array.rank < rank || o->array.shape[0] == 1;
}

/* What all steps share may have a row for each of the batch, such as a mask. */
static bool takes_for_rows(row_finder *f, const operand *o) {
    const program_buffer *b = buffer_at(f->body, o->buffer);
    if (b->kind != LEGO_BUFFER_INPUT || !lies_in_rows(f, o)) {
        return false;
    }
    f->has_rows[o->buffer] = true;
    f->is_anew = true;
    return true;
}

/* ---- rules: whether row i of y is made of rows i of x ---------------------------------------- */

static bool elements_by_rows(row_finder *f, const program_op *op) {
    int rank = op->y[0].array.rank;
    for (int i = 0; i < op->x_count; i++) {
        const operand *x = &op->x[i];
        bool is_row = has_rows(f, x) ? x->array.rank == rank && lies_in_rows(f, x)
                                     : is_for_all_rows(x, rank) || takes_for_rows(f, x);
        if (!is_row) {
            return false;
        }
    }
    return true;
}

/* Rows of a matrix times one that all rows share; or as many pairs of matrices as there are rows.
 */
static bool product_by_rows(row_finder *f, const program_op *op) {
    const int64_t *transposes = op->attributes;
    int rank = op->y[0].array.rank;
    bool are_pairs = rank > 2;
    for (int i = 0; i < 2; i++) {
        const operand *x = &op->x[i];
        bool is_by_rows = are_pairs || (i == 0 && !transposes[0]);
        bool is_row = has_rows(f, x)
                          ? is_by_rows && x->array.rank == rank && lies_in_rows(f, x)
                          : x->array.rank == 2 || (are_pairs && is_for_all_rows(x, rank));
        if (!is_row) {
            return false;
        }
    }
    return true;
}

/* Along one axis of x[0], or from it on; `joins`: of all inputs, else the others have no rows. */
static bool axis_by_rows(const row_finder *f, const program_op *op, bool joins) {
    const operand *x = op->x;
    int64_t axis = *(const int64_t *)op->attributes;
    bool is_by_rows = axis_from_first(axis, x[0].array.rank) > 0;
    for (int i = 0; i < op->x_count && is_by_rows; i++) {
        bool wanted = i == 0 || joins;
        is_by_rows = has_rows(f, &x[i]) == wanted && (!wanted || lies_in_rows(f, &x[i]));
    }
    return is_by_rows;
}

static bool joined_by_rows(row_finder *f, const program_op *op) {
    return axis_by_rows(f, op, true);
}

static bool lines_by_rows(row_finder *f, const program_op *op) {
    return axis_by_rows(f, op, false);
}

static bool reduction_by_rows(row_finder *f, const program_op *op) {
    const lego_ints *axes = op->attributes;
    bool keeps_rows = lies_in_rows(f, &op->x[0]);
    for (int i = 0; i < axes->count; i++) {
        keeps_rows &= axis_from_first(axes->values[i], op->x[0].array.rank) > 0;
    }
    return keeps_rows;
}

static bool sum_to_by_rows(row_finder *f, const program_op *op) {
    return lies_in_rows(f, &op->x[0]) && op->x[0].array.rank == op->y[0].array.rank;
}

/* The gradient of a slice: all rows of it, some columns. */
static bool unslice_by_rows(row_finder *f, const program_op *op) {
    const lego_ints *attributes = op->attributes; /* shape, begin, step */
    return lies_in_rows(f, &op->x[0]) && op->x[0].array.rank == op->y[0].array.rank &&
           attributes[1].values[0] == 0 && attributes[2].values[0] == 1;
}

typedef struct row_rule {
    const char *brick;
    bool (*holds)(row_finder *f, const program_op *op);
} row_rule;

/* Of bricks that are not elementwise. Those that are missing here share no loop. */
static const row_rule rules[] = {
    {"matmul", product_by_rows}, {"concatenate", joined_by_rows},      {"unslice", unslice_by_rows},
    {"softmax", lines_by_rows},  {"log_softmax", lines_by_rows},       {"logsumexp", lines_by_rows},
    {"sum_to", sum_to_by_rows},  {"normalize_lines", lines_by_rows},   {"sum", reduction_by_rows},
    {"mean", reduction_by_rows}, {"prod", reduction_by_rows},          {"norm", reduction_by_rows},
    {"max", reduction_by_rows},  {"min", reduction_by_rows},           {"any", reduction_by_rows},
    {"all", reduction_by_rows},  {"count_nonzero", reduction_by_rows},
};

static bool op_by_rows(row_finder *f, const program_op *op) {
    if (op_loop(op)) {
        return elements_by_rows(f, op);
    }
    for (size_t i = 0; i < sizeof rules / sizeof *rules; i++) {
        if (strcmp(op->brick->name, rules[i].brick) == 0) {
            return rules[i].holds(f, op);
        }
    }
    return false;
}

/* The same number in each row. */
static bool fills_rows(const row_finder *f, const program_op *op) {
    return strcmp(op->brick->name, "full") == 0 && lies_in_rows(f, &op->y[0]);
}

static bool note_op(row_finder *f, const program_op *op) {
    bool reads_rows = fills_rows(f, op);
    for (int i = 0; i < op->x_count; i++) {
        reads_rows |= has_rows(f, &op->x[i]);
    }
    if (!reads_rows) {
        return true;
    }
    if (!fills_rows(f, op) && !op_by_rows(f, op)) {
        return false;
    }
    for (int k = 0; k < op->y_count; k++) {
        f->has_rows[op->y[k].buffer] = lies_in_rows(f, &op->y[k]);
        if (!has_rows(f, &op->y[k])) {
            return false;
        }
    }
    return true;
}

/* Whether all ops work row by row, and so many first results have rows. */
static bool find_rows(row_finder *f) {
    const lego_program *p = f->body;
    for (int i = 0; i < p->input_count; i++) {
        bool is_of_steps = feed_at(p, i)->kind != FEED_WHOLE;
        f->has_rows[p->inputs[i].buffer] = is_of_steps && lies_in_rows(f, &p->inputs[i]);
    }
    do {
        f->is_anew = false;
        for (size_t i = 0; i < p->instructions.count; i++) {
            if (op_has_effect(op_of(p, i)) || !note_op(f, op_of(p, i))) {
                return false;
            }
        }
    } while (f->is_anew);
    return true;
}

/* ---- a block --------------------------------------------------------------------------------- */

static void shorten(const row_finder *f, int64_t rows, operand *o) {
    if (has_rows(f, o)) {
        o->array.shape[0] = rows;
    }
}

static lego_status copy_buffers(const row_finder *f, int64_t rows, lego_program *to) {
    for (int i = 0; i < (int)f->body->buffers.count; i++) {
        program_buffer b = *buffer_at(f->body, i);
        b.bytes = f->has_rows[i] ? b.bytes / f->rows * rows : b.bytes;
        if (program_add_buffer(to, b) < 0) {
            return LEGO_NO_MEMORY;
        }
        lego_tensor_retain(b.tensor);
    }
    return LEGO_OK;
}

static operand *copy_operands(const row_finder *f, int64_t rows, const operand *from, int count,
                              lego_program *to) {
    operand *copies = record_arena_take(&to->records, (size_t)count, sizeof *copies);
    for (int i = 0; copies && i < count; i++) {
        copies[i] =
            (operand){.buffer = from[i].buffer, .offset = from[i].offset, .array = from[i].array};
        shorten(f, rows, &copies[i]);
    }
    return copies;
}

static lego_status copy_op(const row_finder *f, int64_t rows, const program_op *from,
                           lego_program *to) {
    size_t slots = (size_t)brick_attribute_slots(from->brick);
    program_op *op = record_arena_take(&to->records, 1, sizeof *op);
    int64_t *attributes = record_arena_take(&to->records, slots + 1, sizeof *attributes);
    if (!op || !attributes) {
        return LEGO_NO_MEMORY;
    }
    memcpy(attributes, from->attributes, slots * sizeof *attributes);
    *op = (program_op){
        .brick = from->brick,
        .attributes = attributes,
        .x_count = from->x_count,
        .y_count = from->y_count,
        .x = copy_operands(f, rows, from->x, from->x_count, to),
        .y = copy_operands(f, rows, from->y, from->y_count, to),
    };
    return op->x && op->y ? op_append(to, op) : LEGO_NO_MEMORY;
}

static lego_status copy_body(const row_finder *f, int64_t rows, lego_program *to) {
    const lego_program *p = f->body;
    lego_status status = copy_buffers(f, rows, to);
    to->input_count = p->input_count;
    to->inputs = copy_operands(f, rows, p->inputs, p->input_count, to);
    status = status || to->inputs ? status : LEGO_NO_MEMORY;
    for (size_t i = 0; i < p->instructions.count && status == LEGO_OK; i++) {
        status = copy_op(f, rows, op_of(p, i), to);
    }
    return status;
}

static operand operand_of(const lego_tensor *x) {
    return (operand){
        .buffer = x->storage->buffer,
        .offset = (int64_t)(uintptr_t)x->array.data,
        .array = x->array,
    };
}

/* What stands for a result in the block; NULL: no memory. */
static lego_tensor *result_of(const row_finder *f, int64_t rows, const lego_tensor *x,
                              const lego_program *block) {
    operand o = operand_of(x);
    shorten(f, rows, &o);
    lego_tensor *y = tensor_symbolic(&o.array, block->recorder.number, o.buffer);
    if (y) {
        y->array.data = x->array.data;
    }
    return y;
}

static lego_status finish_block(const row_finder *f, int64_t rows, lego_tensor *const *results,
                                int count, lego_program *block) {
    record_arena scratch = {NULL};
    lego_tensor **own = record_arena_take(&scratch, (size_t)count, sizeof *own);
    lego_status status = own ? LEGO_OK : LEGO_NO_MEMORY;
    int made = 0;
    for (; made < count && status == LEGO_OK; made++) {
        own[made] = result_of(f, rows, results[made], block);
        status = own[made] ? LEGO_OK : LEGO_NO_MEMORY;
    }
    if (status == LEGO_OK) {
        status = lego_program_finish(block, own, count, LEGO_PASS_ALL);
    }
    for (int i = 0; own && i < made; i++) {
        lego_tensor_release(own[i]);
    }
    record_arena_free(&scratch);
    return status;
}

/* ---- all blocks ------------------------------------------------------------------------------ */

static bool results_have_rows(const row_finder *f, lego_tensor *const *results, int count,
                              int stacked_end) {
    for (int i = 0; i < count; i++) {
        if (!results[i]->storage->symbolic_in) {
            return false;
        }
        operand o = operand_of(results[i]);
        if (has_rows(f, &o) ? !lies_in_rows(f, &o) : i < stacked_end) {
            return false;
        }
    }
    return true;
}

static bool carries_have_rows(const row_finder *f) {
    for (int i = 0; i < f->body->input_count; i++) {
        bool is_carry = feed_at(f->body, i)->kind == FEED_CARRY;
        if (is_carry && !f->has_rows[f->body->inputs[i].buffer]) {
            return false;
        }
    }
    return true;
}

static int64_t batch_of(const lego_program *body) {
    for (int i = 0; i < body->input_count; i++) {
        const lego_array *x = &body->inputs[i].array;
        if (feed_at(body, i)->kind == FEED_CARRY) {
            return x->rank > 0 ? x->shape[0] : 0;
        }
    }
    return 0;
}

/* In powers of two, which as many threads finish together. */
static int blocks_for(int64_t rows) {
    int blocks = rows >= 16 * LEAST_ROWS ? 8 : rows >= 4 * LEAST_ROWS ? 4 : 2;
    return rows < 2 * LEAST_ROWS ? 0 : blocks;
}

static bool is_worth_it(const lego_program *body, int64_t length) {
    int64_t operations = 0;
    for (size_t i = 0; i < body->instructions.count; i++) {
        operations += op_operations(op_of(body, i));
    }
    return length > 0 && operations >= LEAST_OPERATIONS / length;
}

static int64_t row_bytes(const row_finder *f, int buffer) {
    return f->has_rows[buffer] ? buffer_at(f->body, buffer)->bytes / f->rows : 0;
}

static lego_status note_row_bytes(const row_finder *f, lego_tensor *const *results, int count,
                                  scan_rows *rows, record_arena *records) {
    const lego_program *p = f->body;
    rows->input_row_bytes =
        record_arena_take(records, (size_t)p->input_count, sizeof *rows->input_row_bytes);
    rows->output_row_bytes =
        record_arena_take(records, (size_t)count, sizeof *rows->output_row_bytes);
    if (!rows->input_row_bytes || !rows->output_row_bytes) {
        return LEGO_NO_MEMORY;
    }
    for (int i = 0; i < p->input_count; i++) {
        rows->input_row_bytes[i] = row_bytes(f, p->inputs[i].buffer);
    }
    for (int i = 0; i < count; i++) {
        const lego_array *x = &results[i]->array;
        int64_t bytes = array_size(x) * (int64_t)lego_dtype_size(x->dtype);
        rows->output_row_bytes[i] = f->has_rows[results[i]->storage->buffer] ? bytes / f->rows : 0;
    }
    return LEGO_OK;
}

static lego_status make_blocks(const row_finder *f, lego_tensor *const *results, int count,
                               scan_rows *rows, record_arena *records) {
    int blocks = blocks_for(f->rows);
    lego_status status = note_row_bytes(f, results, count, rows, records);
    rows->blocks = record_arena_take(records, (size_t)blocks, sizeof *rows->blocks);
    status = status || rows->blocks ? status : LEGO_NO_MEMORY;
    for (int i = 0; i < blocks && status == LEGO_OK; i++) {
        row_block *b = &rows->blocks[rows->count];
        b->first = f->rows * i / blocks;
        int64_t n = f->rows * (i + 1) / blocks - b->first;
        b->program = lego_program_new(NULL);
        if (!b->program) {
            return LEGO_NO_MEMORY;
        }
        rows->count++;
        status = copy_body(f, n, b->program);
        status = status ? status : finish_block(f, n, results, count, b->program);
    }
    return status;
}

lego_status scan_rows_make(scan_rows *rows, const lego_program *body, lego_tensor *const *results,
                           int count, int stacked_end, int64_t length, record_arena *records) {
    row_finder f = {.body = body, .rows = batch_of(body)};
    if (blocks_for(f.rows) == 0 || !is_worth_it(body, length)) {
        return LEGO_OK;
    }
    f.has_rows = record_arena_take(records, body->buffers.count, sizeof *f.has_rows);
    if (!f.has_rows) {
        return LEGO_NO_MEMORY;
    }
    bool are_apart = find_rows(&f) && carries_have_rows(&f) &&
                     results_have_rows(&f, results, count, stacked_end);
    return are_apart ? make_blocks(&f, results, count, rows, records) : LEGO_OK;
}

void scan_rows_release(scan_rows *rows) {
    for (int i = 0; i < rows->count; i++) {
        lego_program_release(rows->blocks[i].program);
    }
}
