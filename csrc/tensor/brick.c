/* Questions about a brick that its table row does not answer by itself. */
#include "brick.h"

int brick_attribute_slots(const lego_brick *brick) {
    int slots = 0;
    for (int i = 0; i < LEGO_MAX_ATTRIBUTES && brick->attributes[i].name; i++) {
        slots += attribute_slots(brick->attributes[i].kind);
    }
    return slots;
}

element_loop *brick_loop(const lego_call *call) {
    const lego_brick *brick = call->brick;
    if (brick->choose_loop) {
        return brick->choose_loop(call);
    }
    return brick->loops ? brick->loops[call->x[call->input_count - 1]->dtype] : NULL;
}
