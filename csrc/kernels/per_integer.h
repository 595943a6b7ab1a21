/* Code that is written once and compiled for the integers; per_float.h explains it. What includes
 * this file by itself undefines TEMPLATE. */
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
