/* The registry: every brick is complete, and its description is true. */
#include <string.h>

#include "check.h"
#include "tensor/brick.h"

typedef void brick_check(const lego_brick *brick);

static void check_all(brick_check *check_one) {
    for (int i = 0; i < lego_brick_count(); i++) {
        check_one(lego_brick_at(i));
    }
}

static void has_three_faces(const lego_brick *brick) {
    CHECK(brick->shape && brick->kernel && brick->gradient);
}

static void every_brick_has_three_faces(void) {
    CHECK(lego_brick_count() > 50);
    check_all(has_three_faces);
}

static void is_found(const lego_brick *brick) {
    CHECK(strlen(lego_brick_name(brick)) > 0);
    CHECK(lego_brick_find(lego_brick_name(brick)) == brick); /* so no other has its name */
}

static void every_name_leads_to_its_brick(void) {
    check_all(is_found);
    CHECK(lego_brick_find("no such brick") == NULL && lego_brick_find("") == NULL);
    CHECK(lego_brick_find(NULL) == NULL);
    CHECK(lego_brick_at(-1) == NULL && lego_brick_at(lego_brick_count()) == NULL);
}

static void has_formula(const lego_brick *brick) {
    const char *formula = lego_brick_formula(brick);
    CHECK(formula && strlen(formula) > 3);
    for (; *formula; formula++) {
        CHECK(*formula >= ' ' && *formula <= '~');
    }
}

static void every_brick_has_a_formula(void) {
    check_all(has_formula);
}

static void has_sound_inputs(const lego_brick *brick) {
    int last = brick->inputs < 0 ? 1 : brick->inputs;
    CHECK(brick->inputs >= -1 && strlen(brick->types) > 0);
    CHECK((int)strlen(brick->types) <= (last > 0 ? last : 1));
    CHECK(strspn(brick->types, "pfbiw.") == strlen(brick->types));
    CHECK(!(brick->flags & LEGO_WRITES) || brick->inputs > 0);
}

static void has_sound_outputs(const lego_brick *brick) {
    CHECK(brick->outputs == -1 || brick->outputs > 0);
    CHECK(brick->outputs > 0 || brick->attributes[0].kind == LEGO_INT);
    CHECK(brick->outputs > 0 || brick->attributes[0].name);
}

static void inputs_and_outputs_are_sound(void) {
    check_all(has_sound_inputs);
    check_all(has_sound_outputs);
}

/* An int and a float take one slot; a list takes one for its count and one per axis. */
static void has_sound_attributes(const lego_brick *brick) {
    int count = lego_brick_attribute_count(brick);
    int slots = 0;
    CHECK(count >= 0 && count <= LEGO_MAX_ATTRIBUTES);
    for (int i = 0; i < count; i++) {
        lego_attribute_kind kind = lego_brick_attribute_kind(brick, i);
        CHECK(kind == LEGO_INT || kind == LEGO_FLOAT || kind == LEGO_INTS);
        CHECK(strlen(lego_brick_attribute_name(brick, i)) > 0);
        slots += kind == LEGO_INTS ? 9 : 1;
    }
    CHECK(brick_attribute_slots(brick) == slots);
    CHECK(sizeof(lego_ints) == 9 * 8 && sizeof(ints) == sizeof(lego_ints));
}

static void attributes_are_slots_of_8_bytes(void) {
    check_all(has_sound_attributes);
}

/* ---- instruction sets -------------------------------------------------------------------- */

static void every_set_has_the_same_bricks(void) {
    const char *former = lego_isa();
    int count = lego_brick_count();
    for (int set = 0; set < lego_isa_count(); set++) {
        CHECK(lego_set_isa(lego_isa_at(set)) == LEGO_OK);
        CHECK(strcmp(lego_isa(), lego_isa_at(set)) == 0);
        CHECK(lego_brick_count() == count);
        check_all(is_found);
    }
    CHECK(lego_set_isa(former) == LEGO_OK);
}

static void a_set_that_is_not_there_is_refused(void) {
    const char *former = lego_isa();
    CHECK(lego_set_isa("sse9") == LEGO_BAD_VALUE && last_error_says("\"sse9\""));
    CHECK(lego_set_isa(NULL) == LEGO_BAD_VALUE);
    CHECK(lego_isa_at(-1) == NULL && lego_isa_at(lego_isa_count()) == NULL);
    CHECK(lego_isa() == former);
}

/* y = 3 x + x: its history holds bricks of the set that was in use, and outlives the change. */
static void histories_outlive_a_change_of_set(void) {
    const char *former = lego_isa();
    lego_tensor *x = watched(2);
    lego_tensor *y = APPLY("multiply", NULL, number(3), x);
    CHECK(lego_set_isa(lego_isa_at(0)) == LEGO_OK);
    y = APPLY("add", NULL, y, x);
    CHECK(lego_set_isa(lego_isa_at(lego_isa_count() - 1)) == LEGO_OK);
    CHECK(at(y, 0) == 8 && at(gradient(y, x, false), 0) == 4);
    CHECK(lego_set_isa(former) == LEGO_OK);
}

const test registry_tests[] = {
    {"every brick has three faces", every_brick_has_three_faces},
    {"every name leads to its brick", every_name_leads_to_its_brick},
    {"every brick has a formula", every_brick_has_a_formula},
    {"inputs and outputs are sound", inputs_and_outputs_are_sound},
    {"attributes are slots of 8 bytes", attributes_are_slots_of_8_bytes},
    {"every set has the same bricks", every_set_has_the_same_bricks},
    {"a set that is not there is refused", a_set_that_is_not_there_is_refused},
    {"histories outlive a change of set", histories_outlive_a_change_of_set},
    {NULL, NULL},
};
