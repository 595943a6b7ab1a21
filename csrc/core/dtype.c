/* Dtypes: a row of traits for each.
 *
 * Promotion is Keras's, which is JAX's lattice: a float beside integers keeps its width, also
 * beside int64. (Keras then cuts 64 bits to 32, as JAX does by default; here they stay.) Sums of
 * bools and of narrow integers are int32. */
#include "dtype.h"

/* Short names, for this table alone. */
#define B   LEGO_BOOL
#define U8  LEGO_UINT8
#define I32 LEGO_INT32
#define I64 LEGO_INT64
#define F32 LEGO_FLOAT32
#define F64 LEGO_FLOAT64

/* clang-format off */
const dtype_traits dtype_rows[LEGO_DTYPE_COUNT] = {
    /*  name, bytes, kind, of sums,               common with: B    U8   I32  I64  F32  F64 */
    [B] =   {"bool",    1, LEGO_KIND_BOOL,     I32, {  B,  U8, I32, I64, F32, F64}},
    [U8] =  {"uint8",   1, LEGO_KIND_UNSIGNED, I32, { U8,  U8, I32, I64, F32, F64}},
    [I32] = {"int32",   4, LEGO_KIND_SIGNED,   I32, {I32, I32, I32, I64, F32, F64}},
    [I64] = {"int64",   8, LEGO_KIND_SIGNED,   I64, {I64, I64, I64, I64, F32, F64}},
    [F32] = {"float32", 4, LEGO_KIND_FLOAT,    F32, {F32, F32, F32, F32, F32, F64}},
    [F64] = {"float64", 8, LEGO_KIND_FLOAT,    F64, {F64, F64, F64, F64, F64, F64}},
};
/* clang-format on */

const char *lego_dtype_name(lego_dtype dtype) {
    return dtype_is_valid((int64_t)dtype) ? dtype_rows[dtype].name : NULL;
}

size_t lego_dtype_size(lego_dtype dtype) {
    return dtype_is_valid((int64_t)dtype) ? dtype_rows[dtype].size : 0;
}

lego_dtype_kind lego_dtype_kind_of(lego_dtype dtype) {
    return dtype_is_valid((int64_t)dtype) ? dtype_rows[dtype].kind : LEGO_KIND_BOOL;
}

lego_dtype lego_dtype_common(lego_dtype a, lego_dtype b) {
    bool is_known = dtype_is_valid((int64_t)a) && dtype_is_valid((int64_t)b);
    return is_known ? dtype_rows[a].common[b] : a;
}
