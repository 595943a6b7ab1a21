/* A pass: what depends on constants alone is computed at once, and is a constant from then on.
 *
 * Brick `full` makes a constant of any size out of one number. Elementwise bricks read that number
 * for every element instead, and the constant is gone. */
#include <string.h>

#include "../core/denormals.h"
#include "../core/error.h"
#include "chain.h"

enum { MOST_BYTES = 1 << 20 }; /* larger results are computed in each run instead of kept */

/* Memory of others, such as an array that the user may still write, is no constant. */
static bool is_constant(const home *h) {
    return h->kind == LEGO_HOME_CONSTANT && h->tensor->storage->owner == 0;
}

static bool can_fold(const lego_program *p, const part *piece) {
    if (part_writes(piece)) {
        return false;
    }
    for (int i = 0; i < piece->x_count; i++) {
        if (!is_constant(program_home(p, piece->x[i].home))) {
            return false;
        }
    }
    for (int i = 0; i < piece->y_count; i++) {
        const home *h = program_home(p, piece->y[i].home);
        if (h->kind != LEGO_HOME_ARENA || h->bytes > MOST_BYTES) {
            return false;
        }
    }
    return true;
}

/* Runs the kernel for good. A failure (a label out of range) is left for the run to tell. */
static bool compute(lego_program *p, const part *piece, lego_tensor **results) {
    const lego_array **x = pool_take(&p->pool, (size_t)piece->x_count, sizeof *x);
    lego_array *y = pool_take(&p->pool, (size_t)piece->y_count, sizeof *y);
    lego_view *views = pool_take(&p->pool, (size_t)piece->y_count, sizeof *views);
    if (!x || !y || !views) {
        return false;
    }
    for (int i = 0; i < piece->x_count; i++) {
        operand *o = &piece->x[i];
        o->array.data = (char *)program_home(p, o->home)->tensor->storage->memory + o->offset;
        x[i] = &o->array;
    }
    for (int i = 0; i < piece->y_count; i++) {
        results[i] = tensor_with_memory(&piece->y[i].array);
        if (!results[i]) {
            return false;
        }
        y[i] = results[i]->array;
    }
    lego_call call = {piece->brick, piece->attributes, x, piece->x_count, y, piece->y_count, views};
    uint64_t former = denormals_flush();
    lego_status status = piece->brick->kernel(&call);
    denormals_restore(former);
    return status == LEGO_OK;
}

static lego_status fold(lego_program *p, const part *piece, bool *is_folded) {
    lego_tensor **results = pool_take(&p->pool, (size_t)piece->y_count, sizeof *results);
    if (!results) {
        return LEGO_NO_MEMORY;
    }
    *is_folded = compute(p, piece, results);
    if (!*is_folded) {
        tensors_release(results, piece->y_count);
        return LEGO_OK;
    }
    for (int i = 0; i < piece->y_count; i++) {
        home *h = program_home(p, piece->y[i].home);
        h->kind = LEGO_HOME_CONSTANT;
        h->tensor = results[i];
    }
    return LEGO_OK;
}

/* ---- one number for many -------------------------------------------------------------------- */

static bool is_full(const part *piece) {
    return strcmp(piece->brick->name, "full") == 0 && piece->y[0].array.rank > 0;
}

/* The first element of a constant that is full of one number stands for all of them. */
static void read_one_number(const lego_program *p, part *piece, const bool *is_uniform) {
    if (!part_loop(piece)) {
        return;
    }
    for (int i = part_first_input(piece); i < piece->x_count; i++) {
        operand *o = &piece->x[i];
        bool is_narrowed = is_uniform[o->home] && program_home(p, o->home)->tensor;
        for (int axis = 0; is_narrowed && axis < o->array.rank; axis++) {
            o->array.strides[axis] = 0;
        }
    }
}

lego_status pass_fold(lego_program *p) {
    size_t kept = 0;
    bool *is_uniform = pool_take(&p->pool, p->homes.count + 1, sizeof *is_uniform);
    if (!is_uniform) {
        return LEGO_NO_MEMORY;
    }
    for (size_t i = 0; i < p->instructions.count; i++) {
        instruction at = *program_instruction(p, i);
        bool is_folded = false;
        read_one_number(p, at.parts, is_uniform);
        if (can_fold(p, at.parts)) {
            is_uniform[at.parts->y[0].home] = is_full(at.parts);
            lego_status status = fold(p, at.parts, &is_folded);
            if (status) {
                return status;
            }
        }
        if (!is_folded) {
            *program_instruction(p, kept++) = at;
        }
    }
    p->instructions.count = kept;
    return LEGO_OK;
}
