/* What the memory of this machine allows: loops that only move the bytes a workload must move. */

/* Numbers in the widest register that the machine has. */
#if defined(__AVX512F__)
enum { LANES = 16 };
#elif defined(__AVX__)
enum { LANES = 8 };
#else
enum { LANES = 4 };
#endif

enum { SUMS = 8 };

/* Unaligned, because a thread's part begins anywhere. */
typedef float lanes __attribute__((vector_size(LANES * sizeof(float)), aligned(sizeof(float))));

/* Several sums side by side: one alone would wait for its own additions, not for memory. */
static float sum(const float *w, long n) {
    lanes sums[SUMS] = {{0}};
    long i = 0;
    for (; i + SUMS * LANES <= n; i += SUMS * LANES) {
        for (int k = 0; k < SUMS; k++) {
            sums[k] += *(const lanes *)(w + i + k * LANES);
        }
    }
    float total = 0;
    for (; i < n; i++) {
        total += w[i];
    }
    for (int k = 0; k < SUMS; k++) {
        for (int lane = 0; lane < LANES; lane++) {
            total += sums[k][lane];
        }
    }
    return total;
}

/* Reads n weights once: what a prediction of one row cannot do without. */
float read_once(const float *w, long n, int threads) {
    float total = 0;
#pragma omp parallel for num_threads(threads) reduction(+ : total)
    for (int part = 0; part < threads; part++) {
        long begin = n * part / threads;
        total += sum(w + begin, n * (part + 1) / threads - begin);
    }
    return total;
}

/* Reads g, the last of the vectors, and reads and writes those before it: the bytes of a step
 * without its maths, 28 a parameter for Adam's w, m, v and g. */
void move_update(float *const *vectors, int written, long n, int threads) {
    enum { PART = 1024 };
    const float *g = vectors[written];
#pragma omp parallel for num_threads(threads)
    for (long begin = 0; begin < n; begin += PART) {
        long end = begin + PART < n ? begin + PART : n;
        for (int k = 0; k < written; k++) {
            float *restrict w = vectors[k];
            for (long i = begin; i < end; i++) {
                w[i] += g[i];
            }
        }
    }
}

/* So many numbers are read, then as many written as belong to them, and so on: as a loop does that
 * reads operands and writes a result. */
enum { PIECE = 32 * LANES };

static void read_piece(const float *r, long n, lanes sums[SUMS]) {
    long i = 0;
    for (; i + SUMS * LANES <= n; i += SUMS * LANES) {
        for (int k = 0; k < SUMS; k++) {
            sums[k] += *(const lanes *)(r + i + k * LANES);
        }
    }
    for (; i + LANES <= n; i += LANES) {
        sums[0] += *(const lanes *)(r + i);
    }
}

static void write_piece(float *w, long n, lanes value) {
    long i = 0;
    for (; i + LANES <= n; i += LANES) {
        *(lanes *)(w + i) = value;
    }
    for (; i < n; i++) {
        w[i] = value[0];
    }
}

/* Reads n numbers and writes m, so often; each thread keeps to its part of them. */
float move(const float *r, long n, float *w, long m, long repeats, int threads) {
    long pieces = ((n > m ? n : m) + PIECE - 1) / PIECE;
    float total = 0;
#pragma omp parallel for num_threads(threads) reduction(+ : total)
    for (int part = 0; part < threads; part++) {
        lanes sums[SUMS] = {{0}};
        for (long repeat = 0; repeat < repeats; repeat++) {
            for (long piece = pieces * part / threads; piece < pieces * (part + 1) / threads;
                 piece++) {
                long read = n * piece / pieces, written = m * piece / pieces;
                read_piece(r + read, n * (piece + 1) / pieces - read, sums);
                write_piece(w + written, m * (piece + 1) / pieces - written, sums[1]);
            }
            __asm__ volatile("" ::: "memory"); /* each repeat is really done */
        }
        for (int k = 0; k < SUMS; k++) {
            total += sums[k][0];
        }
    }
    return total;
}

enum { CHAINS = 12 };

#if defined(__x86_64__)
#define ANY_VECTOR(x) "+x"(x)
#else
#define ANY_VECTOR(x) "+w"(x) /* arm64's name for such a register */
#endif

long operations_a_step(void) {
    return 2 * CHAINS * LANES;
}

/* Fused multiplications and additions in registers, as many side by side as hide their latency. */
float multiply_and_add(long steps, int threads) {
    float total = 0;
#pragma omp parallel for num_threads(threads) reduction(+ : total)
    for (int part = 0; part < threads; part++) {
        lanes sums[CHAINS];
        lanes factor = {0};
        for (int k = 0; k < CHAINS; k++) {
            sums[k] = factor + (float)k;
        }
        factor += 0.5F;
        for (long step = 0; step < steps; step++) {
            for (int k = 0; k < CHAINS; k++) {
                sums[k] = sums[k] * factor + factor;
            }
            __asm__ volatile("" : ANY_VECTOR(factor)); /* each step is really done */
        }
        for (int k = 0; k < CHAINS; k++) {
            total += sums[k][0];
        }
    }
    return total;
}
