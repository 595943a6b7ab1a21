/* csrc/kernels/axes.h: which axes are merged, and that a walk meets each element once, in order. */
#include "kernels/axes.h"

#include "check.h"

static lego_array dense(int rank, const int64_t *shape) {
    lego_array x;
    array_set(&x, LEGO_FLOAT32, rank, shape);
    return x;
}

static void dense_arrays_become_one_axis(void) {
    lego_array x = dense(4, (const int64_t[]){2, 3, 1, 5});
    const lego_array *both[] = {&x, &x};
    walk_axes a = axes_broadcast(&x, both, 2);
    CHECK(a.rank == 1 && a.shape[0] == 30);
    CHECK(a.strides[0][0] == 1 && a.strides[0][1] == 1);
}

static void a_bias_makes_two_axes(void) {
    lego_array x = dense(3, (const int64_t[]){2, 3, 5});
    lego_array bias = dense(1, (const int64_t[]){5});
    const lego_array *both[] = {&x, &bias};
    walk_axes a = axes_broadcast(&x, both, 2);
    CHECK(a.rank == 2 && a.shape[0] == 6 && a.shape[1] == 5);
    CHECK(a.strides[0][1] == 0 && a.strides[1][1] == 1);
}

static void what_goes_on_in_one_array_alone_is_not_merged(void) {
    lego_array x = dense(2, (const int64_t[]){4, 5});
    lego_array turned = x;
    turned.strides[0] = 1;
    turned.strides[1] = 4;
    const lego_array *both[] = {&x, &turned};
    CHECK(axes_broadcast(&x, both, 2).rank == 2);
    CHECK(axes_broadcast(&x, both, 1).rank == 1);
}

static void one_element_is_a_row(void) {
    lego_array x = dense(3, (const int64_t[]){1, 1, 1});
    const lego_array *one[] = {&x};
    walk_axes a = axes_broadcast(&x, one, 1);
    CHECK(a.rank == 1 && a.shape[0] == 1 && axes_size(&a) == 1);
}

/* Rows of 3 x 4 x 5 in an array with gaps, seen backwards along one axis, from each element on. */
static void a_walk_meets_each_element_in_order(void) {
    lego_array x = dense(3, (const int64_t[]){3, 4, 5});
    x.strides[0] = 100;
    x.strides[1] = -10;
    x.strides[2] = 2;
    const lego_array *one[] = {&x};
    walk_axes a = axes_broadcast(&x, one, 1);
    CHECK(a.rank == 3);
    for (int64_t begin = 0; begin < 60; begin++) {
        walk_position at = axes_at(&a, begin);
        for (int64_t i = begin; i < 60;) {
            int64_t n = axes_in_row(&a, &at, 60 - i);
            CHECK(n == 5 - i % 5);
            CHECK(at.offsets[0] == 100 * (i / 20) - 10 * (i / 5 % 4) + 2 * (i % 5));
            CHECK(at.offsets[0] == axes_offset(&a, i));
            axes_next_row(&a, &at);
            i += n;
        }
    }
}

static void the_widest_stride_comes_first(void) {
    lego_array x = dense(3, (const int64_t[]){3, 4, 5});
    x.strides[0] = 2;
    x.strides[1] = -30;
    x.strides[2] = 6;
    int order[LEGO_MAX_RANK];
    axes_by_stride(&x, order);
    CHECK(order[0] == 1 && order[1] == 2 && order[2] == 0);
}

const test axes_tests[] = {
    {"dense arrays become one axis", dense_arrays_become_one_axis},
    {"a bias makes two axes", a_bias_makes_two_axes},
    {"what goes on in one array alone is not merged",
     what_goes_on_in_one_array_alone_is_not_merged},
    {"one element is a row", one_element_is_a_row},
    {"a walk meets each element in order", a_walk_meets_each_element_in_order},
    {"the widest stride comes first", the_widest_stride_comes_first},
    {NULL, NULL},
};
