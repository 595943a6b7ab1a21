/* Dtypes: a row of traits for each.
 *
 * Promotion is Keras's, which is JAX's lattice: a float beside integers keeps its width, also
 * beside int64, and float16 beside bfloat16 becomes float32. (Keras then cuts 64 bits to 32, as JAX
 * does by default; here they stay.) Sums of bools and of narrow integers have 32 bits. */
#include "dtype.h"

#include <float.h>

/* Short names, for this table alone. */
#define B   LEGO_BOOL
#define U8  LEGO_UINT8
#define I32 LEGO_INT32
#define I64 LEGO_INT64
#define F32 LEGO_FLOAT32
#define F64 LEGO_FLOAT64
#define I8  LEGO_INT8
#define I16 LEGO_INT16
#define U16 LEGO_UINT16
#define U32 LEGO_UINT32
#define F16 LEGO_FLOAT16
#define BF  LEGO_BFLOAT16

#define UNSIGNED LEGO_KIND_UNSIGNED
#define SIGNED   LEGO_KIND_SIGNED
#define FLOAT    LEGO_KIND_FLOAT

/* clang-format off */
const dtype_traits dtype_rows[LEGO_DTYPE_COUNT] = {
    /* name, bytes, kind, computes in, sums in, and what it has in common with
     *        B    U8   I32  I64  F32  F64  I8   I16  U16  U32  F16  BF */
    [B] = {"bool", 1, LEGO_KIND_BOOL, B, I32,
              {  B,  U8, I32, I64, F32, F64,  I8, I16, U16, U32, F16,  BF}},
    [U8] = {"uint8", 1, UNSIGNED, U8, U32,
              { U8,  U8, I32, I64, F32, F64, I16, I16, U16, U32, F16,  BF}},
    [I32] = {"int32", 4, SIGNED, I32, I32,
              {I32, I32, I32, I64, F32, F64, I32, I32, I32, I64, F16,  BF}},
    [I64] = {"int64", 8, SIGNED, I64, I64,
              {I64, I64, I64, I64, F32, F64, I64, I64, I64, I64, F16,  BF}},
    [F32] = {"float32", 4, FLOAT, F32, F32,
              {F32, F32, F32, F32, F32, F64, F32, F32, F32, F32, F32, F32}},
    [F64] = {"float64", 8, FLOAT, F64, F64,
              {F64, F64, F64, F64, F64, F64, F64, F64, F64, F64, F64, F64}},
    [I8] = {"int8", 1, SIGNED, I32, I32,
              { I8, I16, I32, I64, F32, F64,  I8, I16, I32, I64, F16,  BF}},
    [I16] = {"int16", 2, SIGNED, I32, I32,
              {I16, I16, I32, I64, F32, F64, I16, I16, I32, I64, F16,  BF}},
    [U16] = {"uint16", 2, UNSIGNED, I32, U32,
              {U16, U16, I32, I64, F32, F64, I32, I32, U16, U32, F16,  BF}},
    [U32] = {"uint32", 4, UNSIGNED, I64, U32,
              {U32, U32, I64, I64, F32, F64, I64, I64, U32, U32, F16,  BF}},
    [F16] = {"float16", 2, FLOAT, F32, F16,
              {F16, F16, F16, F16, F32, F64, F16, F16, F16, F16, F16, F32}},
    [BF] = {"bfloat16", 2, FLOAT, F32, BF,
              { BF,  BF,  BF,  BF, F32, F64,  BF,  BF,  BF,  BF, F32,  BF}},
};
/* clang-format on */

_Static_assert(LEGO_INT8 == LEGO_FLOAT64 + 1, "narrow dtypes come behind all others");

int64_t dtype_smallest(lego_dtype dtype) {
    int bits = 8 * (int)dtype_rows[dtype].size;
    return dtype_rows[dtype].kind == LEGO_KIND_SIGNED ? -(INT64_C(1) << (bits - 2)) * 2 : 0;
}

int64_t dtype_largest(lego_dtype dtype) {
    return dtype == LEGO_BOOL ? 1
           : dtype_rows[dtype].kind == LEGO_KIND_SIGNED
               ? -(dtype_smallest(dtype) + 1)
               : (INT64_C(1) << (8 * dtype_rows[dtype].size)) - 1;
}

double dtype_largest_float(lego_dtype dtype) {
    return dtype == LEGO_FLOAT16    ? 65504
           : dtype == LEGO_BFLOAT16 ? 0x1.FEp127
           : dtype == LEGO_FLOAT32  ? FLT_MAX
                                    : DBL_MAX;
}

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
