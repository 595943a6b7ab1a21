/* The pipeline: passes in the order of their list (passes.h), those that are asked for. */
#include "pipeline.h"

#include "../graph/values.h"
#include "passes.h"

typedef struct pass {
    const char *name;
    unsigned flag;
    unsigned needs;
    lego_status (*run)(lego_program *p);
} pass;

#define PASS_ROW(name, needs) {#name, PASS_FLAG(name), needs, pass_##name},
static const pass passes_in_order[] = {EACH_PASS(PASS_ROW, PASS_ROW)};

enum { PASS_RUNS = sizeof passes_in_order / sizeof *passes_in_order };

/* After each pass the values know the order of the instructions again. */
lego_status run_passes(lego_program *p, unsigned flags) {
    lego_status status = LEGO_OK;
    for (int i = 0; i < PASS_RUNS && status == LEGO_OK; i++) {
        unsigned wanted = passes_in_order[i].flag | passes_in_order[i].needs;
        if ((flags & wanted) == wanted) {
            status = passes_in_order[i].run(p);
            status = status ? status : program_settle(p);
        }
    }
    return status;
}

/* It only says so: the plan (runtime/plan.c) comes after all passes. */
lego_status pass_reuse(lego_program *p) {
    p->shares_memory = true;
    return LEGO_OK;
}

/* ---- the list from outside ------------------------------------------------------------------ */

/* The pass of that number; NULL outside. */
static const pass *pass_at(int number) {
    for (int i = 0; i < PASS_RUNS; i++) {
        if (number >= 0 && number < PASS_COUNT && passes_in_order[i].flag == 1u << number) {
            return &passes_in_order[i];
        }
    }
    return NULL;
}

int lego_pass_count(void) {
    return PASS_COUNT;
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
