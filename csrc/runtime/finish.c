/* Finishing: from a recording to a program that can be run. */
#include "../core/error.h"
#include "../graph/record.h"
#include "../passes/pipeline.h"
#include "bind.h"
#include "plan.h"

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
        status = plan_arena(p);
    }
    if (status == LEGO_OK) {
        status = bind_program(p);
    }
    p->is_finished = status == LEGO_OK;
    return status;
}
