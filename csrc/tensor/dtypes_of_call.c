/* Which dtypes a brick's inputs are cast to, and whether its kernel knows them. */
#include "dtypes_of_call.h"

#include <string.h>

#include "../core/dtype.h"
#include "../core/error.h"
#include "tensor.h"

static bool is_promoted(char letter) {
    return letter == 'p' || letter == 'f' || letter == 'w';
}

lego_dtype call_common_dtype(const lego_brick *brick, lego_tensor *const *inputs, int count) {
    lego_dtype common = LEGO_BOOL;
    bool needs_float = false;
    bool needs_number = false;
    for (int i = 0; i < count; i++) {
        char letter = input_letter(brick->types, i);
        if (is_promoted(letter)) {
            common = lego_dtype_common(common, inputs[i]->array.dtype);
        }
        needs_float = needs_float || letter == 'f';
        needs_number = needs_number || letter == 'w';
    }
    common = needs_number && common == LEGO_BOOL ? LEGO_INT32 : common;
    return needs_float && !dtype_is_float(common) ? LEGO_FLOAT32 : common;
}

lego_status call_wanted_dtype(const lego_brick *brick, int input, lego_dtype given,
                              lego_dtype common, lego_dtype *wanted) {
    char letter = input_letter(brick->types, input);
    if (letter == 'i' && !dtype_is_integer(given)) {
        return fail(LEGO_BAD_DTYPE, "%s: input %d must hold integers, got %s", brick->name, input,
                    lego_dtype_name(given));
    }
    *wanted = is_promoted(letter) ? common
              : letter == 'b'     ? LEGO_BOOL
              : letter == 'i'     ? LEGO_INT64
                                  : given;
    return LEGO_OK;
}

int brick_dtype_slot(const lego_brick *brick) {
    int slot = 0;
    for (int i = 0; i < LEGO_MAX_ATTRIBUTES && brick->attributes[i].name; i++) {
        if (strcmp(brick->attributes[i].name, "dtype") == 0) {
            return slot;
        }
        slot += attribute_slots(brick->attributes[i].kind);
    }
    return -1;
}

bool call_has_narrow(const lego_call *call) {
    for (int i = 0; i < call->input_count; i++) {
        if (dtype_is_narrow(call->x[i]->dtype)) {
            return true;
        }
    }
    return dtype_is_narrow(call->y[0].dtype) && brick_dtype_slot(call->brick) >= 0;
}
