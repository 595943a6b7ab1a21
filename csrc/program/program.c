/* Programs: made, recorded, finished, released. */
#include "program.h"

#include <stdatomic.h>
#include <string.h>

#include "../core/error.h"
#include "../core/memory.h"
#include "arena.h"
#include "link.h"
#include "record.h"

lego_program *lego_program_new(lego_program *sibling) {
    static atomic_ullong recordings;
    lego_program *p = memory_take(sizeof *p);
    if (!p) {
        return NULL;
    }
    *p = (lego_program){
        .recorder = recorder_for(1 + atomic_fetch_add(&recordings, 1)),
        .homes.item_size = sizeof(home),
        .instructions.item_size = sizeof(instruction),
        .labels.item_size = sizeof(const char *),
        .addresses.item_size = sizeof(address),
        .arena = sibling ? arena_retain(sibling->arena) : arena_new(),
    };
    if (!p->arena) {
        memory_give(p, sizeof *p);
        return NULL;
    }
    return p;
}

void lego_program_release(lego_program *p) {
    if (!p) {
        return;
    }
    for (size_t i = 0; i < p->homes.count; i++) {
        lego_tensor_release(program_home(p, (int)i)->tensor);
    }
    list_free(&p->homes);
    list_free(&p->instructions);
    list_free(&p->labels);
    list_free(&p->addresses);
    pool_free(&p->pool);
    arena_release(p->arena);
    memory_give(p, sizeof *p);
}

int program_add_home(lego_program *p, home h) {
    return list_add(&p->homes, &h) ? (int)p->homes.count - 1 : -1;
}

int lego_program_label(lego_program *p, const char *name) {
    for (size_t i = 0; i < p->labels.count; i++) {
        if (strcmp(((const char **)p->labels.items)[i], name) == 0) {
            return (int)i + 1;
        }
    }
    size_t bytes = strlen(name) + 1;
    char *copy = pool_take(&p->pool, bytes, 1);
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

/* ---- parts ---- */

/* The call that faces see, with arrays of a part; x must have room for all inputs. */
static lego_call call_of(const part *piece, const lego_array **x, lego_array *y) {
    for (int i = 0; i < piece->x_count; i++) {
        x[i] = &piece->x[i].array;
    }
    *y = piece->y[0].array;
    return (lego_call){
        .brick = piece->brick,
        .attributes = piece->attributes,
        .x = x,
        .input_count = piece->x_count,
        .y = y,
        .output_count = 1,
    };
}

element_loop *part_loop(const part *piece) {
    const lego_array *x[LEGO_MAX_RANK];
    lego_array y;
    if (piece->y_count != 1 || piece->x_count < 1 || piece->x_count > LEGO_MAX_RANK) {
        return NULL;
    }
    lego_call call = call_of(piece, x, &y);
    return brick_loop(&call);
}

int64_t part_operations(const part *piece) {
    const lego_array *x[LEGO_MAX_RANK];
    lego_array y;
    int64_t most = array_size(&piece->y[0].array);
    if (piece->brick->operations && piece->x_count <= LEGO_MAX_RANK) {
        lego_call call = call_of(piece, x, &y);
        return piece->brick->operations(&call);
    }
    for (int i = part_first_input(piece); i < piece->x_count; i++) {
        int64_t size = array_size(&piece->x[i].array);
        most = size > most ? size : most;
    }
    return most;
}

/* ---- finishing ---- */

static lego_status run_passes(lego_program *p, unsigned passes) {
    static lego_status (*const in_order[])(lego_program *) = {
        pass_dead, pass_fold, pass_common, pass_narrow, pass_dead, pass_fuse, pass_product,
    };
    static const unsigned switches[] = {
        LEGO_PASS_DEAD, LEGO_PASS_FOLD, LEGO_PASS_COMMON,  LEGO_PASS_NARROW,
        LEGO_PASS_DEAD, LEGO_PASS_FUSE, LEGO_PASS_PRODUCT,
    };
    for (size_t i = 0; i < sizeof in_order / sizeof *in_order; i++) {
        lego_status status = passes & switches[i] ? in_order[i](p) : LEGO_OK;
        if (status) {
            return status;
        }
    }
    return LEGO_OK;
}

lego_status lego_program_finish(lego_program *p, lego_tensor *const *outputs, int count,
                                unsigned passes) {
    lego_status status = record_check_outputs(p, outputs, count);
    if (status) {
        return status;
    }
    status = record_outputs(p, outputs, count);
    p->is_closed = true;
    if (status == LEGO_OK) {
        status = run_passes(p, passes);
    }
    if (status == LEGO_OK) {
        status = plan_arena(p, passes & LEGO_PASS_REUSE);
    }
    if (status == LEGO_OK) {
        status = link_program(p);
    }
    p->is_finished = status == LEGO_OK;
    return status;
}
