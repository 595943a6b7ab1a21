/* The order of the passes. */
#include "pipeline.h"

#include "passes.h"

lego_status run_passes(lego_program *p, unsigned passes) {
    static lego_status (*const in_order[])(lego_program *) = {
        pass_dead, pass_fold_constants, pass_common,   pass_mask_before_pooling,
        pass_dead, pass_fuse,           pass_epilogue,
    };
    static const unsigned switches[] = {
        LEGO_PASS_DEAD, LEGO_PASS_FOLD_CONSTANTS, LEGO_PASS_COMMON,   LEGO_PASS_MASK_BEFORE_POOLING,
        LEGO_PASS_DEAD, LEGO_PASS_FUSE,           LEGO_PASS_EPILOGUE,
    };
    for (size_t i = 0; i < sizeof in_order / sizeof *in_order; i++) {
        lego_status status = passes & switches[i] ? in_order[i](p) : LEGO_OK;
        if (status) {
            return status;
        }
    }
    return LEGO_OK;
}
