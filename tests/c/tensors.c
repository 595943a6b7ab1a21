/* Tensors: memory, views, references, wrapped memory, variables. */
#include <string.h>

#include "check.h"
#include "tensor/change.h"
#include "tensor/draw.h"
#include "tensor/view.h"

static const int64_t two_by_three[] = {2, 3};

/* ---- making --------------------------------------------------------------------------------- */

static void a_new_tensor_copies_its_data(void) {
    float data[] = {1, 2, 3, 4, 5, 6};
    lego_tensor *x = keep(lego_tensor_new(LEGO_FLOAT32, 2, two_by_three, data));
    data[0] = 77;
    CHECK(((float *)lego_tensor_data(x))[0] == 1);
    CHECK(lego_tensor_rank(x) == 2 && lego_tensor_size(x) == 6);
    CHECK(lego_tensor_shape(x)[1] == 3 && lego_tensor_strides(x)[0] == 3);
    CHECK(lego_tensor_dtype(x) == LEGO_FLOAT32 && !lego_tensor_is_variable(x));
}

static void a_new_tensor_without_data_is_zero(void) {
    lego_tensor *x = keep(lego_tensor_new(LEGO_INT64, 2, two_by_three, NULL));
    for (int i = 0; i < 6; i++) {
        CHECK(((int64_t *)lego_tensor_data(x))[i] == 0);
    }
}

static void rank_0_and_empty_tensors_are_tensors(void) {
    const int64_t empty[] = {3, 0};
    CHECK(lego_tensor_size(number(1)) == 1);
    lego_tensor *x = keep(lego_tensor_new(LEGO_FLOAT64, 2, empty, NULL));
    CHECK(lego_tensor_size(x) == 0);
    CHECK(lego_tensor_size(APPLY("add", NULL, x, number(1))) == 0);
}

static void impossible_shapes_are_refused(void) {
    const int64_t many[LEGO_MAX_RANK + 1] = {1, 1, 1, 1, 1, 1, 1, 1, 1};
    const int64_t huge[] = {(int64_t)1 << 40, (int64_t)1 << 40};
    const int64_t large[] = {(int64_t)1 << 40};
    CHECK(!lego_tensor_new(LEGO_FLOAT32, LEGO_MAX_RANK + 1, many, NULL));
    CHECK(lego_last_status() == LEGO_BAD_SHAPE);
    CHECK(!lego_tensor_new(LEGO_FLOAT32, 2, huge, NULL) && lego_last_status() == LEGO_NO_MEMORY);
    CHECK(!lego_tensor_new(LEGO_FLOAT32, 1, large, NULL) && lego_last_status() == LEGO_NO_MEMORY);
    CHECK(!lego_tensor_new((lego_dtype)99, 0, NULL, NULL) && lego_last_status() == LEGO_BAD_DTYPE);
    CHECK(!lego_tensor_release(NULL));
}

/* ---- views and references ------------------------------------------------------------------- */

static void views_share_memory(void) {
    const ints swapped = {2, {1, 0}};
    const struct {
        ints begin, shape, step;
    } backwards = {{2, {1, 2}}, {2, {2, 2}}, {2, {-1, -2}}};
    lego_tensor *x = rising(LEGO_FLOAT64, 2, two_by_three);
    lego_tensor *transposed = APPLY("transpose", &swapped, x);
    lego_tensor *sliced = APPLY("slice", &backwards, x);
    CHECK(lego_tensor_data(transposed) == lego_tensor_data(x));
    CHECK(lego_tensor_strides(transposed)[0] == 1 && lego_tensor_strides(transposed)[1] == 3);
    CHECK(at(sliced, 0) == 0.6 && at(sliced, -2) == 0.4 && at(sliced, -3) == 0.3);
}

/* What the bricks make in other cases: of a variable, and of what a tape watches. */
static void views_are_made_without_a_brick(void) {
    const int64_t shape[] = {2, 1};
    const int64_t strides[] = {-3, 7};
    lego_tensor *x = rising(LEGO_FLOAT64, 2, two_by_three);
    lego_tensor *view = tensor_view(x, 4, 2, shape, strides);
    CHECK(view && at(view, 0) == 0.5 && at(view, -3) == 0.2);
    CHECK(lego_tensor_strides(view)[0] == -3 && lego_tensor_strides(view)[1] == 1);
    lego_tensor_release(view);
    lego_tensor *variable = lego_variable_new(LEGO_FLOAT64, 2, two_by_three, NULL, true);
    CHECK(!tensor_view(variable, 4, 2, shape, strides));
    lego_tensor_release(variable);
    lego_tensor *asked = watched(2);
    CHECK(!tensor_view(asked, 0, 1, shape, strides));
    lego_tensor *made = APPLY("negative", NULL, asked);
    CHECK(!tensor_view(made, 0, 1, shape, strides));
}

static void keys_are_counted_without_a_brick(void) {
    const int64_t two = 2;
    const int64_t first[] = {7, INT64_MAX};
    lego_tensor *counter = lego_variable_new(LEGO_INT64, 1, &two, first, false);
    lego_tensor *key = tensor_next_key(counter);
    const int64_t *drawn = lego_tensor_data(key), *next = lego_tensor_data(counter);
    CHECK(drawn[0] == 7 && drawn[1] == INT64_MAX && next[0] == 7 && next[1] == INT64_MIN);
    CHECK(!tensor_next_key(key));
    lego_tensor_release(key);
    lego_tensor_release(counter);
    lego_tensor *floats = lego_variable_new(LEGO_FLOAT64, 1, &two, NULL, false);
    CHECK(!tensor_next_key(floats));
    lego_tensor_release(floats);
}

static void variables_are_changed_where_they_lie(void) {
    const int64_t three = 3, four = 4;
    const double numbers[] = {1, 2, 3};
    lego_tensor *variable = lego_variable_new(LEGO_FLOAT64, 1, &three, numbers, false);
    lego_tensor *value = lego_tensor_new(LEGO_FLOAT64, 1, &three, numbers);
    lego_tensor *longer = lego_tensor_new(LEGO_FLOAT64, 1, &four, NULL);
    lego_tensor *floats = lego_tensor_new(LEGO_FLOAT32, 1, &three, NULL);
    const lego_brick *add = lego_brick_find("add"), *sum = lego_brick_find("sum");
    const double *now = lego_tensor_data(variable);
    CHECK(tensor_change(variable, add, value) && now[0] == 2 && now[2] == 6);
    CHECK(tensor_change(variable, add, variable) && now[0] == 4 && now[2] == 12);
    CHECK(tensor_change(variable, lego_brick_find("assign"), value) && now[0] == 1 && now[2] == 3);
    CHECK(!tensor_change(variable, lego_brick_find("assign"), variable));
    CHECK(!tensor_change(variable, add, longer) && !tensor_change(variable, add, floats));
    CHECK(!tensor_change(variable, sum, value) && !tensor_change(value, add, variable));
    lego_program *p = lego_program_new(NULL);
    lego_record(p);
    CHECK(!tensor_change(variable, add, value) && now[0] == 1);
    lego_record(NULL);
    lego_program_release(p);
    lego_tensor_release(floats);
    lego_tensor_release(longer);
    lego_tensor_release(value);
    lego_tensor_release(variable);
}

static void a_view_outlives_its_tensor(void) {
    const ints swapped = {2, {1, 0}};
    lego_tensor *x = lego_tensor_new(LEGO_FLOAT64, 2, two_by_three, NULL);
    lego_tensor *view = APPLY("transpose", &swapped, x);
    lego_tensor_release(x);
    CHECK(at(view, 5) == 0);
}

static void references_are_counted(void) {
    lego_tensor *x = lego_tensor_new(LEGO_FLOAT64, 2, two_by_three, NULL);
    CHECK(lego_tensor_retain(x) == x);
    lego_tensor_release(x);
    CHECK(at(x, 5) == 0);
    lego_tensor_release(x);
    CHECK(lego_memory_used() == 0);
}

static void a_detached_tensor_has_no_history(void) {
    lego_tensor *x = watched(3);
    lego_tensor *y = APPLY("multiply", NULL, x, x);
    lego_tensor *bare = keep(lego_tensor_detach(y));
    CHECK(lego_tensor_is_watched(y) && !lego_tensor_is_watched(bare));
    CHECK(lego_tensor_data(bare) == lego_tensor_data(y));
    CHECK(gradient(APPLY("multiply", NULL, bare, bare), x, false) == NULL);
}

/* ---- wrapped memory ------------------------------------------------------------------------- */

static int64_t released_owner(void) {
    int64_t owner = 0;
    return lego_released_owners(&owner, 1) == 1 ? owner : 0;
}

static void wrapped_memory_is_read_in_place(void) {
    double memory[] = {1, 2, 3, 4, 5, 6};
    const int64_t shape[] = {3};
    const int64_t backwards[] = {-2};
    lego_tensor *x = lego_tensor_wrap(LEGO_FLOAT64, 1, shape, backwards, memory + 5, 42);
    lego_tensor *copy = APPLY("copy", NULL, x);
    CHECK(at(copy, 0) == 6 && at(copy, 1) == 4 && at(copy, 2) == 2);
    CHECK(lego_tensor_release(x) && released_owner() == 42 && released_owner() == 0);
}

static void an_owner_waits_for_the_last_view(void) {
    double memory[] = {1, 2, 3, 4, 5, 6};
    const int64_t strides[] = {3, 1};
    const ints flat = {1, {6}};
    lego_tensor *x = lego_tensor_wrap(LEGO_FLOAT64, 2, two_by_three, strides, memory, 43);
    lego_tensor *view = NULL;
    int count = 0;
    CHECK(!lego_apply(lego_brick_find("reshape"), &x, 1, &flat, &view, 1, &count) && count == 1);
    CHECK(!lego_tensor_release(x) && released_owner() == 0);
    CHECK(lego_tensor_release(view) && released_owner() == 43);
}

static void history_holds_wrapped_memory(void) {
    double memory = 5;
    lego_tensor *w = watched(2);
    lego_tensor *x = lego_tensor_wrap(LEGO_FLOAT64, 0, NULL, NULL, &memory, 44);
    lego_tensor *y = APPLY("multiply", NULL, w, x);
    CHECK(!lego_tensor_release(x) && released_owner() == 0);
    CHECK(at(gradient(y, w, false), 0) == 5);
    release_kept();
    CHECK(released_owner() == 44);
}

static void memory_without_owner_is_refused(void) {
    double memory = 5;
    CHECK(!lego_tensor_wrap(LEGO_FLOAT64, 0, NULL, NULL, &memory, 0));
    refuse_request(1);
    CHECK(!lego_tensor_wrap(LEGO_FLOAT64, 0, NULL, NULL, &memory, 45));
    refuse_request(-1);
    CHECK(released_owner() == 0);
}

/* ---- variables ------------------------------------------------------------------------------ */

static void only_variables_are_written(void) {
    const double one = 1;
    lego_tensor *variable = keep(lego_variable_new(LEGO_FLOAT64, 0, NULL, &one, true));
    CHECK(APPLY("assign", NULL, number(1), number(2)) == NULL && last_error_says("variable"));
    CHECK(APPLY("assign", NULL, variable, number(2)) != NULL);
    CHECK(at(variable, 0) == 2 && lego_tensor_is_variable(variable));
}

static void a_variable_takes_what_fits(void) {
    lego_tensor *variable = keep(lego_variable_new(LEGO_FLOAT64, 2, two_by_three, NULL, true));
    const float one = 1;
    lego_tensor *single = keep(lego_tensor_new(LEGO_FLOAT32, 0, NULL, &one));
    CHECK(APPLY("assign", NULL, variable, number(1)) == NULL);
    CHECK(lego_last_status() == LEGO_BAD_SHAPE && last_error_says("(2, 3)"));
    CHECK(APPLY("assign", NULL, keep(lego_variable_new(LEGO_FLOAT64, 0, NULL, NULL, true)),
                single) == NULL);
    CHECK(lego_last_status() == LEGO_BAD_DTYPE);
}

/* x := x backwards must not read what it has written. */
static void a_variable_takes_a_view_of_itself(void) {
    const double numbers[] = {1, 2, 3, 4};
    const int64_t shape[] = {4};
    const struct {
        ints begin, shape, step;
    } backwards = {{1, {3}}, {1, {4}}, {1, {-1}}};
    lego_tensor *x = keep(lego_variable_new(LEGO_FLOAT64, 1, shape, numbers, true));
    CHECK(APPLY("assign", NULL, x, APPLY("slice", &backwards, x)) != NULL);
    CHECK(at(x, 0) == 4 && at(x, 1) == 3 && at(x, 2) == 2 && at(x, 3) == 1);
}

static void small_work_is_quick(void) {
    const int64_t column[] = {100, 1};
    const int64_t row[] = {1, 100};
    lego_tensor *few[] = {rising(LEGO_FLOAT32, 2, two_by_three), NULL};
    lego_tensor *many[] = {rising(LEGO_FLOAT32, 2, column), rising(LEGO_FLOAT32, 2, row)};
    CHECK(lego_is_quick(lego_brick_find("tanh"), few, 1));
    CHECK(lego_is_quick(lego_brick_find("transpose"), few, 1));
    CHECK(lego_is_quick(lego_brick_find("tanh"), many, 1));
    CHECK(!lego_is_quick(lego_brick_find("add"), many, 2)); /* 10,000 numbers */
    CHECK(!lego_is_quick(lego_brick_find("matmul"), many, 2));
    CHECK(!lego_is_quick(lego_brick_find("full"), NULL, 0)); /* as many as an attribute says */
    CHECK(!lego_is_quick(NULL, few, 1));
    CHECK(lego_is_quick(lego_brick_find("add"), few, 2)); /* it is refused */
}

/* Numbers up to 448 bytes lie in the block of their storage, others in one of their own. */
static void memory_of_any_size_is_aligned_and_given_back(void) {
    for (int64_t bytes = 0; bytes <= 1024; bytes += 32) {
        lego_tensor *x = lego_tensor_new(LEGO_UINT8, 1, &bytes, NULL);
        CHECK((uintptr_t)lego_tensor_data(x) % 64 == 0);
        memset(lego_tensor_data(x), 0xFF, (size_t)bytes);
        lego_tensor_release(x);
        CHECK(lego_memory_used() == 0);
    }
}

/* ---- the group ------------------------------------------------------------------------------ */

const test tensor_tests[] = {
    {"a new tensor copies its data", a_new_tensor_copies_its_data},
    {"a new tensor without data is zero", a_new_tensor_without_data_is_zero},
    {"rank 0 and empty tensors are tensors", rank_0_and_empty_tensors_are_tensors},
    {"impossible shapes are refused", impossible_shapes_are_refused},
    {"views share memory", views_share_memory},
    {"views are made without a brick", views_are_made_without_a_brick},
    {"keys are counted without a brick", keys_are_counted_without_a_brick},
    {"variables are changed where they lie", variables_are_changed_where_they_lie},
    {"a view outlives its tensor", a_view_outlives_its_tensor},
    {"references are counted", references_are_counted},
    {"a detached tensor has no history", a_detached_tensor_has_no_history},
    {"wrapped memory is read in place", wrapped_memory_is_read_in_place},
    {"an owner waits for the last view", an_owner_waits_for_the_last_view},
    {"history holds wrapped memory", history_holds_wrapped_memory},
    {"memory without owner is refused", memory_without_owner_is_refused},
    {"only variables are written", only_variables_are_written},
    {"a variable takes what fits", a_variable_takes_what_fits},
    {"a variable takes a view of itself", a_variable_takes_a_view_of_itself},
    {"small work is quick", small_work_is_quick},
    {"memory of any size is aligned and given back", memory_of_any_size_is_aligned_and_given_back},
    {NULL, NULL},
};
