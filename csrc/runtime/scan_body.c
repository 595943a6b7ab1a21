/* The body of a loop, finished, with the body of its gradient: what the brick `scan` runs. */
#include "scan_body.h"

#include "../core/error.h"
#include "../core/memory.h"
#include "../graph/record.h"

void tensor_list_free(list *tensors) {
    tensors_release(tensors->items, (int)tensors->count);
    list_free(tensors);
    tensors->count = 0;
}

scan_body *scan_body_new(lego_program *program, int64_t length) {
    scan_body *b = memory_take(sizeof *b);
    if (!b) {
        lego_program_release(program);
        return NULL;
    }
    *b = (scan_body){.program = program, .carry_count = body_carries(program), .length = length};
    return b;
}

void scan_body_release(void *body) {
    scan_body *b = body;
    if (!b) {
        return;
    }
    lego_tensor_release(b->gradient);
    lego_program_release(b->program);
    scan_rows_release(&b->rows);
    record_arena_free(&b->records);
    memory_give(b, sizeof *b);
}

/* ---- variables ------------------------------------------------------------------------------- */

static lego_status read_as_input(lego_program *p, int buffer) {
    lego_tensor *variable = lego_tensor_retain(buffer_at(p, buffer)->tensor);
    feed f = {FEED_WHOLE, variable, NULL};
    lego_status status = record_variable_as_input(p, buffer);
    if (status == LEGO_OK && !list_add(&p->feeds, &f)) {
        status = LEGO_NO_MEMORY;
    }
    if (status) {
        lego_tensor_release(variable);
    }
    return status;
}

/* The buffer holds the copy from now on, the list the variable. */
static lego_status write_to_copy(scan_body *b, program_buffer *buffer, list *written) {
    lego_tensor *variable = buffer->tensor;
    const lego_array *like = &variable->array;
    lego_tensor *copy = lego_variable_new(like->dtype, like->rank, like->shape, NULL, false);
    if (!copy || !list_add(written, &variable)) {
        lego_tensor_release(copy);
        return LEGO_NO_MEMORY;
    }
    buffer->tensor = copy;
    b->copies[b->copy_count++] = copy;
    return LEGO_OK;
}

lego_status scan_body_take_variables(scan_body *b, list *written) {
    lego_program *p = b->program;
    b->copies = record_arena_take(&b->records, p->buffers.count, sizeof *b->copies);
    lego_status status = b->copies ? LEGO_OK : LEGO_NO_MEMORY;
    for (int i = 0; i < (int)p->buffers.count && status == LEGO_OK; i++) {
        program_buffer *buffer = buffer_at(p, i);
        if (buffer->kind == LEGO_BUFFER_VARIABLE) {
            status = body_writes(buffer) ? write_to_copy(b, buffer, written) : read_as_input(p, i);
        }
    }
    return status;
}

/* ---- finishing ------------------------------------------------------------------------------- */

lego_status scan_body_finish(scan_body *b, lego_tensor *const *results, int count) {
    lego_program *p = b->program;
    b->carry_count = body_carries(p);
    b->feeds = record_arena_take(&b->records, p->feeds.count, sizeof *b->feeds);
    if (!b->feeds) {
        return LEGO_NO_MEMORY;
    }
    for (size_t i = 0; i < p->feeds.count; i++) {
        b->feeds[i] = feed_at(p, (int)i)->kind;
    }
    lego_status status =
        scan_rows_make(&b->rows, p, results, count, b->stacked_end, b->length, &b->records);
    return status ? status : lego_program_finish(p, results, count, LEGO_PASS_ALL);
}

static size_t bytes_of(const lego_program *p) {
    return lego_program_record_bytes(p) + (size_t)p->arena_bytes;
}

lego_tensor *scan_body_tensor(scan_body *b) {
    storage *s = storage_around(b, 0, 0);
    if (!s) {
        scan_body_release(b);
        return NULL;
    }
    s->give = scan_body_release;
    s->bytes = bytes_of(b->program);
    for (int i = 0; i < b->rows.count; i++) {
        s->bytes += bytes_of(b->rows.blocks[i].program);
    }
    lego_array none;
    array_set(&none, LEGO_UINT8, 1, (int64_t[]){0});
    none.data = b;
    lego_tensor *x = tensor_over(&none, s, NULL, 0);
    storage_release(s); /* x holds it now; without x the body is released */
    return x;
}

bool scan_body_has_effect(const scan_body *b) {
    for (size_t i = 0; i < b->program->instructions.count; i++) {
        const instruction *at = instruction_at(b->program, i);
        for (int k = 0; k < at->op_count; k++) {
            if (at->ops[k]->brick->flags & LEGO_EFFECT) {
                return true;
            }
        }
    }
    return false;
}
