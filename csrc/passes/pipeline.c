/* The table of passes, in the order in which they run, and what each of them needs.
 *
 * `dead` runs twice. The first time it drops what was recorded and is not needed, so that no pass
 * folds or compares it. The second time it drops the masks that mask_before_pooling has replaced:
 * they have no readers any more, but a fused loop would still compute and store them. */
#include "pipeline.h"

#include "../graph/values.h"
#include "passes.h"

typedef struct pass {
    const char *name;
    unsigned flag;
    unsigned needs; /* passes without which it has nothing to do: then it does not run */
    lego_status (*run)(lego_program *p); /* NULL: the flag is for runtime/plan.c */
} pass;

static const pass passes_in_order[] = {
    {"dead", LEGO_PASS_DEAD, 0, pass_dead},
    {"fold_constants", LEGO_PASS_FOLD_CONSTANTS, 0, pass_fold_constants},
    {"common", LEGO_PASS_COMMON, 0, pass_common},
    {"mask_before_pooling", LEGO_PASS_MASK_BEFORE_POOLING, 0, pass_mask_before_pooling},
    {"dead", LEGO_PASS_DEAD, LEGO_PASS_MASK_BEFORE_POOLING, pass_dead},
    {"fuse", LEGO_PASS_FUSE, 0, pass_fuse},
    {"epilogue", LEGO_PASS_EPILOGUE, LEGO_PASS_FUSE, pass_epilogue},
    {"reuse", LEGO_PASS_REUSE, 0, NULL},
};

enum { PASSES = sizeof passes_in_order / sizeof *passes_in_order };

static bool runs(const pass *of, unsigned flags) {
    unsigned wanted = of->flag | of->needs;
    return of->run && (flags & wanted) == wanted;
}

/* After each pass the values know the order of the instructions again. */
lego_status run_passes(lego_program *p, unsigned flags) {
    lego_status status = LEGO_OK;
    for (int i = 0; i < PASSES && status == LEGO_OK; i++) {
        if (runs(&passes_in_order[i], flags)) {
            status = passes_in_order[i].run(p);
            status = status ? status : program_settle(p);
        }
    }
    return status;
}

/* ---- the table from outside: each pass once -------------------------------------------------- */

static bool has_run_before(int index) {
    for (int i = 0; i < index; i++) {
        if (passes_in_order[i].flag == passes_in_order[index].flag) {
            return true;
        }
    }
    return false;
}

/* The pass of that number, of those that differ; NULL outside. */
static const pass *pass_at(int wanted) {
    int found = 0;
    for (int i = 0; i < PASSES; i++) {
        if (!has_run_before(i) && found++ == wanted) {
            return &passes_in_order[i];
        }
    }
    return NULL;
}

int lego_pass_count(void) {
    int count = 0;
    while (pass_at(count)) {
        count++;
    }
    return count;
}

const char *lego_pass_name(int index) {
    const pass *found = pass_at(index);
    return found ? found->name : NULL;
}

unsigned lego_pass_flag(int index) {
    const pass *found = pass_at(index);
    return found ? found->flag : 0;
}

unsigned lego_pass_needs(int index) {
    const pass *found = pass_at(index);
    return found ? found->needs : 0;
}
