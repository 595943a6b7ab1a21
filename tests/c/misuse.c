/* Misuse: whatever the engine is called with, it returns a status and a sentence, stays within its
 * memory, and frees everything. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "check.h"
#include "core/array.h"
#include "tensor/brick.h"

/* ---- random calls ---------------------------------------------------------------------------- */

enum {
    ROUNDS = 1000,
    MOST_ROUNDS = 20000,
    MOST_INPUTS = 10,
    MOST_OUTPUTS = 5,
    MOST_ATTRIBUTE_SLOTS = 8 * 9
};

static uint64_t state;

/* xorshift64* (Marsaglia 2003, Vigna 2016). The engine's own numbers are under test. */
static uint64_t random_bits(void) {
    state ^= state >> 12;
    state ^= state << 25;
    state ^= state >> 27;
    return state * 2685821657736338717u;
}

static int64_t below(int64_t end) {
    return (int64_t)((random_bits() >> 33) % (uint64_t)end);
}

static bool once_in(int64_t times) {
    return below(times) == 0;
}

static int64_t random_int(void) {
    const int64_t absurd[] = {INT64_MIN,      INT64_MAX,      (int64_t)1 << 32,   (int64_t)1 << 40,
                              INT64_MAX >> 3, INT32_MIN - 1L, INT64_MAX / 24 + 1, -1};
    return once_in(8) ? absurd[below(8)] : below(8) - 2;
}

static double random_double(void) {
    const double some[] = {0, -0.0, 1, -1, 0.5, 2, 1e-40, 1e300, NAN, INFINITY, -INFINITY};
    return some[below(11)];
}

/* ---- tensors --------------------------------------------------------------------------------- */

static void fill_bits(char *number, size_t bytes) {
    const uint64_t word = (uint64_t)random_int() << 8 ^ (uint64_t)below(256);
    memcpy(number, &word, bytes);
}

static void fill_randomly(lego_tensor *x) {
    int64_t size = lego_tensor_size(x);
    void *data = lego_tensor_data(x);
    for (int64_t i = 0; i < size; i++) {
        switch (lego_tensor_dtype(x)) {
        case LEGO_BOOL:
            ((bool *)data)[i] = once_in(2);
            break;
        case LEGO_UINT8:
            ((uint8_t *)data)[i] = (uint8_t)below(256);
            break;
        case LEGO_INT32:
            ((int32_t *)data)[i] = (int32_t)random_int();
            break;
        case LEGO_INT64:
            ((int64_t *)data)[i] = random_int();
            break;
        case LEGO_FLOAT32:
            ((float *)data)[i] = (float)random_double();
            break;
        case LEGO_FLOAT64:
            ((double *)data)[i] = random_double();
            break;
        default: /* any bits are a number of a narrow dtype */
            fill_bits((char *)data + i * (int64_t)lego_dtype_size(lego_tensor_dtype(x)),
                      lego_dtype_size(lego_tensor_dtype(x)));
        }
    }
}

/* A view of x with its axes in reverse order. */
static lego_tensor *transposed(lego_tensor *x) {
    ints axes = {.count = lego_tensor_rank(x)};
    for (int64_t i = 0; i < axes.count; i++) {
        axes.values[i] = axes.count - 1 - i;
    }
    return APPLY("transpose", &axes, x);
}

/* A view of every second element, from last to first. */
static lego_tensor *every_second(lego_tensor *x) {
    const int64_t *shape = lego_tensor_shape(x);
    int64_t rank = lego_tensor_rank(x);
    struct {
        ints begin, shape, step;
    } window = {{.count = rank}, {.count = rank}, {.count = rank}};
    for (int64_t i = 0; i < rank; i++) {
        window.begin.values[i] = shape[i] - 1;
        window.shape.values[i] = (shape[i] + 1) / 2;
        window.step.values[i] = -2;
    }
    return APPLY("slice", &window, x);
}

static void random_shape(int *rank, int64_t *shape) {
    *rank = (int)(once_in(10) ? below(LEGO_MAX_RANK + 1) : below(4));
    for (int axis = 0; axis < *rank; axis++) {
        shape[axis] = once_in(12) ? 0 : 1 + below(*rank > 4 ? 2 : 4);
    }
}

static lego_tensor *random_tensor(lego_dtype dtype, int rank, const int64_t *shape) {
    lego_tensor *x = once_in(6) ? keep(lego_variable_new(dtype, rank, shape, NULL, once_in(2)))
                                : keep(lego_tensor_new(dtype, rank, shape, NULL));
    fill_randomly(x);
    x = once_in(4) ? transposed(x) : x;
    x = once_in(6) ? every_second(x) : x;
    if (lego_dtype_kind_of(dtype) == LEGO_KIND_FLOAT && once_in(2)) {
        lego_tensor_watch(x, true);
    }
    return x;
}

/* ---- one call ------------------------------------------------------------------------------- */

typedef struct random_call {
    const lego_brick *brick;
    lego_tensor *inputs[MOST_INPUTS];
    int input_count;
    int64_t slots[MOST_ATTRIBUTE_SLOTS];
    lego_tensor *outputs[MOST_OUTPUTS];
    int output_count;
} random_call;

/* Often the first input's shape, since else few calls would succeed. */
static void random_list(const random_call *q, int64_t *slots) {
    const lego_tensor *x = q->input_count > 0 ? q->inputs[0] : NULL;
    bool is_like_x = x && !once_in(4);
    slots[0] = is_like_x ? lego_tensor_rank(x) : once_in(20) ? random_int() : below(4);
    for (int i = 0; i < LEGO_MAX_RANK; i++) {
        bool is_length = is_like_x && i < lego_tensor_rank(x) && !once_in(4);
        slots[1 + i] = is_length ? lego_tensor_shape(x)[i] : random_int();
    }
}

static void random_attributes(random_call *q) {
    int64_t *slots = q->slots;
    for (int i = 0; i < lego_brick_attribute_count(q->brick); i++) {
        double number = random_double();
        switch (lego_brick_attribute_kind(q->brick, i)) {
        case LEGO_INT:
            *slots++ = random_int();
            break;
        case LEGO_FLOAT:
            memcpy(slots++, &number, sizeof number);
            break;
        default:
            random_list(q, slots);
            slots += 1 + LEGO_MAX_RANK;
        }
    }
}

static lego_dtype random_dtype(const lego_brick *brick, int input) {
    bool is_index = brick->types[input < (int)strlen(brick->types) ? input : 0] == 'i';
    lego_dtype likely = is_index ? LEGO_INT64 : LEGO_FLOAT64;
    return once_in(4) ? (lego_dtype)below(LEGO_DTYPE_COUNT) : likely;
}

/* Often like the input before, or with one axis more, since else few calls would succeed. */
static lego_tensor *random_input(const random_call *q, int input) {
    int rank;
    int64_t shape[LEGO_MAX_RANK + 1];
    lego_tensor *former = input > 0 ? q->inputs[input - 1] : NULL;
    lego_dtype dtype = random_dtype(q->brick, input);
    random_shape(&rank, shape);
    if (former && !once_in(3)) {
        rank = lego_tensor_rank(former);
        memcpy(shape, lego_tensor_shape(former), sizeof *shape * (size_t)rank);
        shape[rank] = 3;
        rank += once_in(4) && rank < LEGO_MAX_RANK;
    }
    return once_in(60) ? NULL : former && once_in(6) ? former : random_tensor(dtype, rank, shape);
}

static void random_inputs(random_call *q) {
    int wanted = lego_brick_inputs(q->brick);
    q->input_count = (int)(wanted < 0 || once_in(30) ? below(MOST_INPUTS + 1) : wanted);
    for (int i = 0; i < q->input_count; i++) {
        q->inputs[i] = random_input(q, i);
    }
}

/* Arguments of affine bricks: images, matrices for them, a size. */
static void choose_images(random_call *q) {
    const int64_t images[] = {below(3), below(4), below(4), 1 + below(3)};
    const int64_t matrices[] = {images[0], 2, 3};
    q->input_count = 2;
    q->inputs[0] = random_tensor(random_dtype(q->brick, 0), 4, images);
    q->inputs[1] = random_tensor(LEGO_INT64, 3, matrices);
    q->slots[0] = 2;
    q->slots[1] = below(5);
    q->slots[2] = below(5);
    q->slots[1 + LEGO_MAX_RANK] = once_in(2); /* is_bilinear */
    q->slots[2 + LEGO_MAX_RANK] = below(6);   /* fill_mode */
}

/* A window that moves over images: one number for each of `axes`, without batch and channels. */
typedef struct moving_window {
    int axes;
    int64_t groups;
    ints strides, dilation, before, after;
    int64_t inputs[4]; /* shapes: (batch, lengths..., channels) */
    int64_t outputs[4];
    int64_t kernel[4]; /* (taps..., channels of a group, filters) */
    ints lengths, taps, shape;
} moving_window;

static void append(ints *list, int64_t value) {
    list->values[list->count++] = value;
}

static moving_window random_window(void) {
    moving_window w = {.axes = 1 + (int)below(2), .groups = 1 + below(2)};
    w.inputs[0] = w.outputs[0] = below(3);
    for (int i = 0; i < w.axes; i++) {
        int64_t length = 1 + below(5), taps = 1 + below(3);
        append(&w.lengths, length);
        append(&w.taps, taps);
        append(&w.strides, 1 + below(2));
        append(&w.dilation, 1 + once_in(3));
        append(&w.before, below(taps));
        append(&w.after, below(taps));
        int64_t seen = (taps - 1) * w.dilation.values[i] + 1;
        int64_t room = length + w.before.values[i] + w.after.values[i] - seen;
        w.inputs[1 + i] = length;
        w.kernel[i] = taps;
        w.outputs[1 + i] = room < 0 ? 0 : room / w.strides.values[i] + 1;
    }
    w.kernel[w.axes] = 1 + below(3);
    w.kernel[w.axes + 1] = w.groups * (1 + below(3));
    w.inputs[1 + w.axes] = w.groups * w.kernel[w.axes];
    w.outputs[1 + w.axes] = w.kernel[w.axes + 1];
    for (int i = 0; i < w.axes + 2; i++) {
        append(&w.shape, w.inputs[i]);
    }
    return w;
}

/* The slots of the brick's attributes, each by its name. */
static void window_attributes(random_call *q, const moving_window *w, bool is_to_kernel) {
    const struct {
        const char *name;
        const ints *list;
    } lists[] = {
        {"strides", &w->strides}, {"dilation", &w->dilation},
        {"before", &w->before},   {"after", &w->after},
        {"size", &w->taps},       {"lengths", is_to_kernel ? &w->taps : &w->lengths},
        {"shape", &w->shape},
    };
    int64_t *slots = q->slots;
    for (int i = 0; i < lego_brick_attribute_count(q->brick); i++) {
        const char *name = lego_brick_attribute_name(q->brick, i);
        if (strcmp(name, "groups") == 0) {
            *slots++ = w->groups;
        }
        for (size_t k = 0; k < sizeof lists / sizeof *lists; k++) {
            if (strcmp(name, lists[k].name) == 0) {
                memcpy(slots, lists[k].list, sizeof(ints));
                slots += 1 + LEGO_MAX_RANK;
            }
        }
    }
}

/* Arguments of convolutions and pooling: a window, and tensors of fitting shapes. */
static void choose_windows(random_call *q) {
    moving_window w = random_window();
    const char *name = lego_brick_name(q->brick);
    bool is_conv = strncmp(name, "conv", 4) == 0;
    bool is_gather = strcmp(name, "max_pool_gather") == 0;
    bool takes_result =
        is_gather || strcmp(name, "conv_input_gradient") == 0 || strstr(name, "pool_gradient");
    bool is_to_kernel = strcmp(name, "conv_kernel_gradient") == 0;
    if (!is_conv) { /* windows of pooling keep the channels, and have no dilation */
        w.outputs[1 + w.axes] = w.inputs[1 + w.axes];
        for (int i = 0; i < w.axes; i++) {
            int64_t room = w.inputs[1 + i] + w.before.values[i] + w.after.values[i] - w.kernel[i];
            w.outputs[1 + i] = room < 0 ? 0 : room / w.strides.values[i] + 1;
        }
    }
    const int64_t *second = is_to_kernel ? w.outputs
                            : is_conv    ? w.kernel
                            : is_gather  ? w.inputs
                                         : w.outputs;
    bool takes_argmax = strncmp(name, "max_pool_", 9) == 0 && !once_in(4);
    lego_dtype first = takes_argmax ? LEGO_UINT8 : random_dtype(q->brick, 0);
    q->input_count = lego_brick_inputs(q->brick);
    q->inputs[0] = random_tensor(first, w.axes + 2, takes_result ? w.outputs : w.inputs);
    q->inputs[1] = random_tensor(random_dtype(q->brick, 1), w.axes + 2, second);
    window_attributes(q, &w, is_to_kernel);
}

/* Tensors whose axes are named by letters, each of which has its length. One whose axes end with ?
 * may be missing: then it has the axes `missing`. */
static void choose_axes(random_call *q, const int64_t *lengths, const char *const *axes,
                        const char *missing) {
    q->input_count = lego_brick_inputs(q->brick);
    for (int i = 0; i < q->input_count; i++) {
        int64_t shape[LEGO_MAX_RANK];
        int rank = 0;
        bool may_be_missing = strchr(axes[i], '?');
        const char *own = may_be_missing && once_in(2) ? missing : axes[i];
        for (; own[rank] && own[rank] != '?'; rank++) {
            shape[rank] = lengths[(unsigned char)own[rank]];
        }
        q->inputs[i] = random_tensor(random_dtype(q->brick, i), rank, shape);
    }
}

/* Arguments of recurrent bricks: their axes are batch, steps, units, units of all gates and units
 * that are kept; a slope or a mask may be missing. */
static void choose_sequences(random_call *q, int gates, const char *const *axes) {
    int64_t units = below(4);
    const int64_t planes = gates == 4 ? 5 : 4; /* that are kept */
    const int64_t lengths[] = {['B'] = below(4),      ['T'] = below(4), ['U'] = units,
                               ['G'] = gates * units, ['P'] = planes,   ['0'] = 0};
    choose_axes(q, lengths, axes, "0");
    for (int i = 0; i < lego_brick_attribute_count(q->brick); i++) {
        q->slots[i] = below(5);
    }
}

/* Arguments of attention: batch, queries, keys, heads, groups, the sizes of keys and values, and
 * the two numbers of a draw; there may be no mask and no bias. */
static void choose_attention(random_call *q) {
    static const char *const axes[] = {"BQHS", "BKGS", "BKGV", "BHQK?", "BHQK?",
                                       "2",    "BQHV", "BHQ",  "BHQ",   "BQHV"};
    int64_t groups = 1 + below(2);
    const int64_t lengths[] = {['B'] = below(3),
                               ['Q'] = below(20),
                               ['K'] = below(20),
                               ['G'] = groups,
                               ['H'] = groups * (1 + below(3)),
                               ['S'] = below(4),
                               ['V'] = below(4),
                               ['2'] = 2};
    const double scale = 0.5, soft_cap = once_in(2) ? INFINITY : 3, rate = once_in(2) ? 0 : 0.5;
    choose_axes(q, lengths, axes, "");
    memcpy(&q->slots[0], &scale, sizeof scale);
    memcpy(&q->slots[1], &soft_cap, sizeof soft_cap);
    q->slots[2] = below(2);
    memcpy(&q->slots[3], &rate, sizeof rate);
    q->slots[4] = below(2); /* has_dscores, of the gradient */
}

static void choose_recurrent(random_call *q) {
    static const struct {
        const char *name;
        int gates;
        const char *axes[10];
    } cells[] = {
        {"simple_rnn", 1, {"BTG", "UG", "BU", "BT?"}},
        {"simple_rnn_gradient", 1, {"UG", "BU", "BT?", "BTU", "BTU?", "BU?"}},
        {"gru", 3, {"BTG", "UG", "G", "BU", "BT?"}},
        {"gru_gradient", 3, {"UG", "BU", "BT?", "BTU", "TPBU", "BTU?", "BU?"}},
        {"gru_reset_before", 3, {"BTG", "UG", "BU", "BT?"}},
        {"gru_reset_before_gradient", 3, {"UG", "BU", "BT?", "BTU", "TPBU", "BTU?", "BU?"}},
        {"lstm", 4, {"BTG", "UG", "BU", "BU", "BT?"}},
        {"lstm_gradient", 4, {"UG", "BU", "BU", "BT?", "BTU", "TPBU", "TBU", "BTU?", "BU?", "BU?"}},
    };
    for (size_t i = 0; i < sizeof cells / sizeof *cells; i++) {
        if (strcmp(lego_brick_name(q->brick), cells[i].name) == 0) {
            choose_sequences(q, cells[i].gates, cells[i].axes);
        }
    }
}

/* A variable, what is subtracted from some of its rows, and which these are. */
static void choose_rows(random_call *q) {
    const int64_t shape[] = {1 + below(3), 1 + below(3)}, updates[] = {2, shape[1]};
    const lego_dtype dtype = once_in(2) ? LEGO_FLOAT32 : random_dtype(q->brick, 0);
    q->input_count = 5;
    q->inputs[0] = keep(lego_variable_new(dtype, 2, shape, NULL, once_in(2)));
    q->inputs[1] = once_in(2) ? q->inputs[0] : random_tensor(dtype, 2, shape);
    q->inputs[2] = random_tensor(dtype, 0, NULL);
    q->inputs[3] = random_tensor(LEGO_INT64, 1, updates);
    q->inputs[4] = random_tensor(dtype, 2, updates);
}

/* Arguments that fit, for bricks that random ones would hardly ever fit. */
static void choose_fitting(random_call *q) {
    const char *name = lego_brick_name(q->brick);
    choose_recurrent(q);
    if (strncmp(name, "affine", 6) == 0) {
        choose_images(q);
    } else if (strncmp(name, "attention", 9) == 0) {
        choose_attention(q);
    } else if (strncmp(name, "conv", 4) == 0 || strstr(name, "_pool")) {
        choose_windows(q);
    } else if (strcmp(name, "subtract_rows") == 0) {
        choose_rows(q);
    }
}

/* Reads every element, so that the sanitizer checks the views, and takes gradients. */
static void check_output(const random_call *q, lego_tensor *y) {
    const int64_t *shape = lego_tensor_shape(y);
    CHECK(!array_check("output", lego_tensor_dtype(y), lego_tensor_rank(y), shape));
    CHECK(APPLY("copy", NULL, y) != NULL || lego_last_status() == LEGO_NO_MEMORY);
    for (int i = 0; i < q->input_count && lego_tensor_is_watched(y); i++) {
        lego_tensor *x = q->inputs[i];
        lego_tensor *first = gradient(y, x, true);
        if (first) {
            CHECK(lego_tensor_rank(first) == lego_tensor_rank(x));
            CHECK(lego_tensor_dtype(first) == lego_tensor_dtype(x));
            CHECK(APPLY("copy", NULL, first) != NULL);
            gradient(first, x, false);
        }
    }
}

static void run(random_call *q) {
    int room = (int)below(MOST_OUTPUTS + 1);
    bool has_attributes = !once_in(30);
    refuse_request(once_in(10) ? below(6) : -1);
    lego_status status =
        lego_apply(q->brick, q->inputs, q->input_count, has_attributes ? q->slots : NULL,
                   q->outputs, room, &q->output_count);
    bool is_expected = !has_refused() || status == LEGO_NO_MEMORY;
    refuse_request(-1);
    CHECK(is_expected);
    CHECK(status == LEGO_OK || strlen(lego_last_error()) > 10);
    for (int i = 0; i < q->output_count; i++) {
        keep(q->outputs[i]);
    }
    for (int i = 0; i < q->output_count; i++) {
        check_output(q, q->outputs[i]);
    }
}

/* Whether some call succeeded, and all checks passed. */
static bool call_randomly(const lego_brick *brick) {
    int former = failures();
    int succeeded = 0;
    /* more rounds for bricks that few calls fit */
    for (int round = 0; round < (succeeded ? ROUNDS : MOST_ROUNDS) && failures() == former;
         round++) {
        random_call q = {.brick = brick};
        lego_tape((lego_taping)below(3));
        random_inputs(&q);
        random_attributes(&q);
        if (once_in(2)) {
            choose_fitting(&q);
        }
        run(&q);
        release_kept();
        CHECK(lego_memory_used() == 0);
        succeeded += q.output_count > 0;
    }
    lego_tape(LEGO_TAPE_ASKED);
    return CHECK(succeeded > 0) && failures() == former;
}

static void random_calls_are_safe(void) {
    for (int i = 0; i < lego_brick_count(); i++) {
        state = 88172645463325252u + (uint64_t)i;
        if (!call_randomly(lego_brick_at(i))) {
            fprintf(stderr, "... when calling %s\n", lego_brick_name(lego_brick_at(i)));
        }
    }
}

/* ---- plain mistakes -------------------------------------------------------------------------- */

static lego_status call_with(const char *name, lego_tensor *a, lego_tensor *b, int count,
                             int room) {
    lego_tensor *both[] = {a, b};
    lego_tensor *output = NULL;
    int outputs = 0;
    lego_status status =
        lego_apply(lego_brick_find(name), both, count, NULL, &output, room, &outputs);
    keep(output);
    return status;
}

static void plain_mistakes_are_named(void) {
    lego_tensor *x = number(1);
    CHECK(call_with("ad", x, x, 2, 1) == LEGO_BAD_NAME);
    CHECK(call_with("add", x, x, 1, 1) == LEGO_BAD_VALUE && last_error_says("add takes 2"));
    CHECK(call_with("add", x, x, -1, 1) == LEGO_BAD_VALUE);
    CHECK(call_with("add", x, NULL, 2, 1) == LEGO_BAD_VALUE && last_error_says("input 1"));
    CHECK(call_with("add", x, x, 2, 0) == LEGO_BAD_VALUE && last_error_says("room"));
    CHECK(call_with("split", x, x, 1, 1) == LEGO_BAD_VALUE);
    CHECK(call_with("add", x, x, 2, 1) == LEGO_OK);
}

static void shapes_that_do_not_fit_are_named(void) {
    lego_tensor *a = rising(LEGO_FLOAT64, 2, (int64_t[]){2, 3});
    lego_tensor *b = rising(LEGO_FLOAT64, 2, (int64_t[]){3, 2});
    CHECK(call_with("add", a, b, 2, 1) == LEGO_BAD_SHAPE);
    CHECK(last_error_says("add") && last_error_says("(2, 3)") && last_error_says("(3, 2)"));
}

static void lists_that_are_too_long_are_refused(void) {
    ints many = {.count = LEGO_MAX_RANK + 1};
    lego_tensor *x = number(1);
    CHECK(APPLY("reshape", &many, x) == NULL && lego_last_status() == LEGO_BAD_SHAPE);
    CHECK(last_error_says("reshape") && last_error_says("9"));
    many.count = -1;
    CHECK(APPLY("broadcast_to", &many, x) == NULL && lego_last_status() == LEGO_BAD_SHAPE);
}

/* ---- the group ------------------------------------------------------------------------------- */

const test misuse_tests[] = {
    {"plain mistakes are named", plain_mistakes_are_named},
    {"shapes that do not fit are named", shapes_that_do_not_fit_are_named},
    {"lists that are too long are refused", lists_that_are_too_long_are_refused},
    {"random calls are safe", random_calls_are_safe},
    {NULL, NULL},
};
