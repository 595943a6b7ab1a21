/* The shapes of convolutions: their attributes, which shapes fit, and what comes out. */
#include "convolution_shapes.h"

#include "../core/error.h"
#include "../core/winograd.h"

/* ---- the attributes -------------------------------------------------------------------------- */

enum { FARTHEST = INT32_MAX }; /* no stride, dilation or padding is larger: products fit 64 bits */

static lego_status check_ranks(const lego_call *call) {
    const lego_array *x = call->x[0];
    const lego_array *kernel = call->x[1];
    if (x->rank < 3 || x->rank > 2 + CONV_AXES || kernel->rank != x->rank) {
        return fail(LEGO_BAD_SHAPE,
                    "%s: shapes %s and %s do not fit: both need one to three spatial axes and two "
                    "more, so 3, 4 or 5 axes, and the same number of them",
                    call->brick->name, array_text(x), array_text(kernel));
    }
    return LEGO_OK;
}

static lego_status check_count(const lego_call *call, const char *word, const lego_ints *ints) {
    int axes = call->x[0]->rank - 2;
    if (ints->count != axes) {
        return fail(LEGO_BAD_VALUE, "%s: %s needs a number for each of %d spatial axes, got %lld",
                    call->brick->name, word, axes, (long long)ints->count);
    }
    return LEGO_OK;
}

static lego_status check_range(const lego_call *call, const char *word, const lego_ints *ints,
                               int64_t lowest) {
    for (int i = 0; i < ints->count; i++) {
        if (ints->values[i] < lowest || ints->values[i] > FARTHEST) {
            return fail(LEGO_BAD_VALUE,
                        "%s: %s of spatial axis %d must be from %lld to %d, got %lld",
                        call->brick->name, word, i, (long long)lowest, FARTHEST,
                        (long long)ints->values[i]);
        }
    }
    return check_count(call, word, ints);
}

static lego_status check_window(const lego_call *call) {
    const conv_attributes *w = call->attributes;
    lego_status status = check_ranks(call);
    if (status == LEGO_OK) {
        status = check_range(call, "the stride", &w->strides, 1);
    }
    if (status == LEGO_OK) {
        status = check_range(call, "the dilation", &w->dilation, 1);
    }
    if (status == LEGO_OK) {
        status = check_range(call, "the padding before", &w->before, -FARTHEST);
    }
    if (status == LEGO_OK) {
        status = check_range(call, "the padding after", &w->after, -FARTHEST);
    }
    if (status == LEGO_OK && w->groups < 1) {
        status = fail(LEGO_BAD_VALUE, "%s: groups must be 1 or more, got %lld", call->brick->name,
                      (long long)w->groups);
    }
    return status;
}

/* The same with the lengths of a gradient; array_check() refuses those that are too large for
 * memory. */
static lego_status check_gradient(const lego_call *call, int64_t lowest) {
    const conv_gradient_attributes *a = call->attributes;
    lego_status status = check_window(call);
    return status ? status : check_range(call, "the length", &a->lengths, lowest);
}

/* ---- which shapes fit ------------------------------------------------------------------------ */

static lego_status check_channels(const lego_call *call, const lego_array *x,
                                  const lego_array *kernel) {
    const conv_attributes *w = call->attributes;
    int64_t channels = x->shape[x->rank - 1];
    int64_t seen = kernel->shape[kernel->rank - 2];
    int64_t all_seen;
    if (!__builtin_mul_overflow(seen, w->groups, &all_seen) && all_seen == channels) {
        return LEGO_OK;
    }
    bool divides = seen > 0 && channels % seen == 0;
    return fail(LEGO_BAD_SHAPE,
                "%s: the input %s has %lld channels and the kernel %s sees %lld of them in each of "
                "%lld groups%s",
                call->brick->name, array_text(x), (long long)channels, array_text(kernel),
                (long long)seen, (long long)w->groups,
                divides ? ": their product must be the channels" : ", which does not divide them");
}

static lego_status check_groups(const lego_call *call, const char *word, const lego_array *x) {
    const conv_attributes *w = call->attributes;
    int64_t count = x->shape[x->rank - 1];
    if (count % w->groups != 0) {
        return fail(LEGO_BAD_SHAPE, "%s: %lld %s, of shape %s, do not divide into %lld groups",
                    call->brick->name, (long long)count, word, array_text(x), (long long)w->groups);
    }
    return LEGO_OK;
}

/* How many outputs an axis has: those whose last tap still falls on the padded input. */
static lego_status output_length(const lego_call *call, const lego_array *x,
                                 const lego_array *kernel, int i, int64_t *outputs) {
    const conv_attributes *w = call->attributes;
    int64_t taps = kernel->shape[i];
    int64_t padded = x->shape[1 + i];
    int64_t extent;
    if (taps < 1) {
        return fail(LEGO_BAD_SHAPE, "%s: the kernel %s has no elements along spatial axis %d",
                    call->brick->name, array_text(kernel), i);
    }
    if (__builtin_mul_overflow(taps - 1, w->dilation.values[i], &extent) ||
        __builtin_add_overflow(padded, w->before.values[i] + w->after.values[i], &padded)) {
        return fail(LEGO_BAD_SHAPE, "%s: the lengths of spatial axis %d overflow 64 bits",
                    call->brick->name, i);
    }
    if (padded <= extent) {
        return fail(LEGO_BAD_SHAPE,
                    "%s: the kernel %s with dilation %lld reaches over more elements of spatial "
                    "axis %d than the %lld that the input %s has there with its padding: use a "
                    "smaller kernel, fewer strides or poolings before it, or padding=\"same\"",
                    call->brick->name, array_text(kernel), (long long)w->dilation.values[i], i,
                    (long long)(padded > 0 ? padded : 0), array_text(x));
    }
    *outputs = (padded - extent - 1) / w->strides.values[i] + 1;
    return LEGO_OK;
}

/* y's shape, from those of x and the kernel. */
static lego_status convolved(const lego_call *call, const lego_array *x, const lego_array *kernel,
                             int64_t *shape) {
    lego_status status = check_channels(call, x, kernel);
    if (status == LEGO_OK) {
        status = check_groups(call, "filters", kernel);
    }
    shape[0] = x->shape[0];
    for (int i = 0; i < x->rank - 2 && status == LEGO_OK; i++) {
        status = output_length(call, x, kernel, i, &shape[1 + i]);
    }
    shape[x->rank - 1] = kernel->shape[x->rank - 1];
    return status;
}

lego_status conv_shape(const lego_call *call) {
    const lego_array *x = call->x[0];
    int64_t shape[LEGO_MAX_RANK];
    lego_status status = check_window(call);
    if (status == LEGO_OK) {
        status = convolved(call, x, call->x[1], shape);
    }
    if (status == LEGO_OK) {
        array_set(&call->y[0], x->dtype, x->rank, shape);
    }
    return status;
}

/* The convolution of a gradient's result must have the shape of the dy that came. */
static lego_status check_convolved(const lego_call *call, const lego_array *x,
                                   const lego_array *kernel, const lego_array *dy) {
    int64_t shape[LEGO_MAX_RANK];
    lego_status status = convolved(call, x, kernel, shape);
    for (int axis = 0; axis < dy->rank && status == LEGO_OK; axis++) {
        if (shape[axis] != dy->shape[axis]) {
            status = fail(LEGO_BAD_SHAPE,
                          "%s: an input %s and a kernel %s give outputs %s, not the %s that came",
                          call->brick->name, array_text(x), array_text(kernel),
                          shape_text(x->rank, shape), array_text(dy));
        }
    }
    return status;
}

lego_status conv_input_gradient_shape(const lego_call *call) {
    const conv_gradient_attributes *a = call->attributes;
    const lego_array *dy = call->x[0];
    const lego_array *kernel = call->x[1];
    lego_status status = check_gradient(call, 0);
    if (status) {
        return status;
    }
    int64_t shape[LEGO_MAX_RANK] = {dy->shape[0]};
    for (int i = 0; i < dy->rank - 2; i++) {
        shape[1 + i] = a->lengths.values[i];
    }
    int64_t *channels = &shape[dy->rank - 1];
    if (!__builtin_mul_overflow(kernel->shape[dy->rank - 2], a->window.groups, channels)) {
        array_set(&call->y[0], dy->dtype, dy->rank, shape);
        return check_convolved(call, &call->y[0], kernel, dy);
    }
    return fail(LEGO_NO_MEMORY, "%s: the number of channels overflows 64 bits", call->brick->name);
}

lego_status conv_kernel_gradient_shape(const lego_call *call) {
    const conv_gradient_attributes *a = call->attributes;
    const lego_array *x = call->x[0];
    const lego_array *dy = call->x[1];
    lego_status status = check_gradient(call, 1);
    if (status == LEGO_OK) {
        status = check_groups(call, "channels", x);
    }
    if (status) {
        return status;
    }
    int64_t shape[LEGO_MAX_RANK];
    for (int i = 0; i < x->rank - 2; i++) {
        shape[i] = a->lengths.values[i];
    }
    shape[x->rank - 2] = x->shape[x->rank - 1] / a->window.groups;
    shape[x->rank - 1] = dy->shape[x->rank - 1];
    array_set(&call->y[0], x->dtype, x->rank, shape);
    return check_convolved(call, x, &call->y[0], dy);
}

/* ---- for the kernels ------------------------------------------------------------------------- */

conv conv_of(const lego_call *call, const lego_array *x, const lego_array *kernel,
             const lego_array *y) {
    const conv_attributes *w = call->attributes;
    int axes = x->rank - 2;
    conv c = {
        .dtype = x->dtype,
        .winograd = winograd_setting(),
        .batch = x->shape[0],
        .groups = w->groups,
        .channels = x->shape[axes + 1] / w->groups,
        .filters = y->shape[axes + 1] / w->groups,
        .kept = call->kept,
    };
    for (int i = 0; i < CONV_AXES; i++) {
        int own = i - (CONV_AXES - axes);
        c.axes[i] = own < 0 ? (conv_axis){1, 1, 1, 1, 1, 0}
                            : (conv_axis){
                                  .input = x->shape[1 + own],
                                  .output = y->shape[1 + own],
                                  .taps = kernel->shape[own],
                                  .stride = w->strides.values[own],
                                  .dilation = w->dilation.values[own],
                                  .before = w->before.values[own],
                              };
    }
    return c;
}
