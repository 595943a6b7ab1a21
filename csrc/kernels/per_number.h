/* Code that is written once and compiled for every dtype but bool; per_float.h explains it. A bool
 * is stored as a byte of 0 or 1, so the code for uint8 mostly works for it too. */
#define NUMBER     uint8_t
#define NAME(word) word##_uint8
#include TEMPLATE
#undef NUMBER
#undef NAME

#define NUMBER     int32_t
#define NAME(word) word##_int32
#include TEMPLATE
#undef NUMBER
#undef NAME

#define NUMBER     int64_t
#define NAME(word) word##_int64
#include TEMPLATE
#undef NUMBER
#undef NAME

#include "per_float.h"
