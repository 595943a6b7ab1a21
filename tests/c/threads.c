/* Threads: work is cut by its size alone, and several threads may use the engine at once. */
#include "core/threads.h"

#include <pthread.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "check.h"
#include "net.h"

/* ---- chunks --------------------------------------------------------------------------------- */

enum { ITEMS = 1000 };

typedef struct cover {
    int visits[ITEMS];
    int64_t begins[ITEMS];
} cover;

static void visit(void *work, int64_t begin, int64_t end) {
    cover *c = work;
    for (int64_t i = begin; i < end; i++) {
        c->visits[i]++;
        c->begins[i] = begin;
    }
}

static void chunks_cover_everything_once(void) {
    for (int threads = 1; threads <= 3; threads++) {
        lego_set_threads(threads);
        for (int64_t grain = 1; grain <= 2 * ITEMS; grain = 3 * grain + 1) {
            cover c = {{0}, {0}};
            threads_run(ITEMS, grain, visit, &c);
            for (int64_t i = 0; i < ITEMS; i++) {
                CHECK(c.visits[i] == 1 && c.begins[i] == i / grain * grain);
            }
        }
    }
    threads_run(0, 5, visit, NULL);
}

/* The lengths of the chunks that begin at each multiple of 64. */
enum { MOST_LINES = 4096 };
static int64_t lengths[MOST_LINES];

static void note_length(void *work, int64_t begin, int64_t end) {
    (void)work;
    lengths[begin / 64] += end - begin;
}

static void even_chunks_are_equal(void) {
    const int64_t most = threads_grain(1);
    for (int64_t count = 0; count < 64 * MOST_LINES; count += 1 + count / 5) {
        memset(lengths, 0, sizeof lengths);
        threads_run_evenly(count, note_length, NULL);
        int64_t sum = 0, chunks = 0;
        for (int line = 0; line < MOST_LINES; line++) {
            bool is_last = sum + lengths[line] == count;
            CHECK(lengths[line] <= most && (!lengths[line] || line * 64 == sum));
            CHECK(!lengths[line] || is_last || lengths[line] == lengths[0]);
            sum += lengths[line];
            chunks += lengths[line] > 0;
        }
        CHECK(sum == count && (chunks <= 1 || chunks % 2 == 0));
        CHECK(chunks == 0 || chunks * most < count + 2 * most);
    }
}

static void a_grain_is_never_empty(void) {
    CHECK(threads_grain(0) >= 1);
    CHECK(threads_grain(1) > threads_grain(100));
    CHECK(threads_grain(INT64_MAX) == 1);
}

static void absurd_thread_counts_are_refused(void) {
    int former = lego_threads();
    CHECK(lego_set_threads(0) == LEGO_BAD_VALUE);
    CHECK(lego_set_threads(-1) == LEGO_BAD_VALUE);
    CHECK(lego_set_threads(1000000) == LEGO_BAD_VALUE && last_error_says("1000000"));
    CHECK(lego_threads() == former);
    CHECK(lego_set_threads(2) == LEGO_OK && lego_threads() == 2);
}

/* ---- the same bits -------------------------------------------------------------------------- */

/* Rows times hidden units are several times the work that a thread is worth. */
enum { ROWS = 600, INPUTS = 40, HIDDEN = 300 };

static void train_with(int threads, float *weights) {
    net n;
    lego_set_threads(threads);
    if (CHECK(net_open(&n, ROWS, INPUTS, HIDDEN))) {
        CHECK(net_train(&n) != NULL);
        CHECK(net_train(&n) != NULL);
        memcpy(weights, lego_tensor_data(n.weights[0]), sizeof(float) * INPUTS * HIDDEN);
    }
    release_kept();
}

static void threads_change_no_bit(void) {
    static float one[INPUTS * HIDDEN];
    static float two[INPUTS * HIDDEN];
    static float three[INPUTS * HIDDEN];
    train_with(1, one);
    train_with(2, two);
    train_with(3, three);
    CHECK(memcmp(one, two, sizeof one) == 0);
    CHECK(memcmp(one, three, sizeof one) == 0);
}

/* ---- several users -------------------------------------------------------------------------- */

enum { USERS = 4 };

typedef struct user {
    lego_tensor *x; /* shared by all */
    double slope;
} user;

/* d sum(x * x * w) / d w */
static void *use(void *argument) {
    user *u = argument;
    lego_tensor *w = watched(3);
    for (int i = 0; i < 50; i++) {
        lego_tensor *y = APPLY("multiply", NULL, APPLY("multiply", NULL, u->x, u->x), w);
        lego_tensor *g = gradient(y, w, false);
        u->slope = g ? at(g, 0) : -1;
    }
    release_kept();
    return NULL;
}

static void several_threads_share_a_tensor(void) {
    pthread_t threads[USERS];
    user users[USERS];
    lego_tensor *x = number(2);
    lego_set_threads(1);
    for (int i = 0; i < USERS; i++) {
        users[i] = (user){.x = x};
        pthread_create(&threads[i], NULL, use, &users[i]);
    }
    for (int i = 0; i < USERS; i++) {
        pthread_join(threads[i], NULL);
        CHECK(users[i].slope == 4);
    }
}

/* ---- fork ----------------------------------------------------------------------------------- */

static void a_forked_child_works(void) {
    net n;
    lego_set_threads(2);
    CHECK(net_open(&n, ROWS, INPUTS, HIDDEN) && net_loss(&n));
    pid_t child = fork();
    if (child == 0) {
        alarm(60); /* a child that waits for its parent's threads waits for ever */
        _exit(net_train(&n) && lego_threads() == 2 ? 0 : 1);
    }
    int status = -1;
    CHECK(child > 0 && waitpid(child, &status, 0) == child);
    CHECK(WIFEXITED(status) && WEXITSTATUS(status) == 0);
    CHECK(net_train(&n) != NULL);
}

/* ---- the group ------------------------------------------------------------------------------ */

const test thread_tests[] = {
    {"chunks cover everything once", chunks_cover_everything_once},
    {"even chunks are equal", even_chunks_are_equal},
    {"a grain is never empty", a_grain_is_never_empty},
    {"absurd thread counts are refused", absurd_thread_counts_are_refused},
    {"threads change no bit", threads_change_no_bit},
    {"several threads share a tensor", several_threads_share_a_tensor},
    {"a forked child works", a_forked_child_works},
    {NULL, NULL},
};
