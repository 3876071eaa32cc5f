/**
 * Which instruction sets this processor has. Numeric kernels are compiled once per level and
 * picked at run time; a lower level than the processor's can be forced, for tests and bug reports.
 */
#ifndef WS_BASE_CPU_H
#define WS_BASE_CPU_H

#include <stdbool.h>

#include "base/status.h"

/** The levels: X(suffix of its kernels and name on the command line, NAME). The x86 levels are
 *  those of its System V ABI: v2 = SSE4.2, v3 = AVX2 + FMA, v4 = AVX-512 (F, BW, CD, DQ, VL).
 */
#if defined(__x86_64__)
#define WS_CPU_LEVEL_MAP(X) X(generic, GENERIC) X(v2, V2) X(v3, V3) X(v4, V4)
#else
#define WS_CPU_LEVEL_MAP(X) X(generic, GENERIC)
#endif

/** The kernels of each level in turn, as X(suffix, NAME). With WS_FEW_LEVELS (the sanitizers'
 * build, for time) they are compiled for two levels, and v2 and v4 have those of the level below.
 */
#if defined(__x86_64__) && defined(WS_FEW_LEVELS)
#define WS_CPU_KERNEL_MAP(X)          X(generic, GENERIC) X(generic, V2) X(v3, V3) X(v3, V4)
/** The same for one type: X(type, suffix). */
#define WS_CPU_KERNEL_MAP_OF(X, type) X(type, generic) X(type, generic) X(type, v3) X(type, v3)
#elif defined(__x86_64__)
#define WS_CPU_KERNEL_MAP(X)          WS_CPU_LEVEL_MAP(X)
#define WS_CPU_KERNEL_MAP_OF(X, type) X(type, generic) X(type, v2) X(type, v3) X(type, v4)
#else
#define WS_CPU_KERNEL_MAP(X)          WS_CPU_LEVEL_MAP(X)
#define WS_CPU_KERNEL_MAP_OF(X, type) X(type, generic)
#endif

/* Defines the function
 *
 *     const type *getter(ws_cpu_level level);
 *
 * that gives the build of a constant table for a level. ws_kernels() in src/CMakeLists.txt compiles
 * the table's file once per level; there it has the name <type>_<level>. */
#define WS_CPU_DEFINE_GETTER(type, getter)                                              \
    WS_CPU_KERNEL_MAP_OF(WS_CPU_DECLARE_TABLE, type)                                    \
    const type *getter(ws_cpu_level level)                                              \
    {                                                                                   \
        static const type *const tables[] = {WS_CPU_KERNEL_MAP_OF(WS_CPU_TABLE, type)}; \
        return tables[level];                                                           \
    }
#define WS_CPU_DECLARE_TABLE(type, level) extern const type type##_##level;
#define WS_CPU_TABLE(type, level)         &type##_##level,

/** Ascending: a processor that has a level has all lower ones. */
typedef enum ws_cpu_level {
#define WS_CPU_LEVEL_ENUM(level, NAME) WS_CPU_##NAME,
    WS_CPU_LEVEL_MAP(WS_CPU_LEVEL_ENUM)
#undef WS_CPU_LEVEL_ENUM
        WS_CPU_N_LEVELS
} ws_cpu_level;

/** The highest level that this processor and its operating system support. */
ws_cpu_level ws_cpu_level_get_best(void);

/** Whether the processor has AVX-512 VNNI (products of whole numbers), which no level includes. */
bool ws_cpu_has_dot_products(void);

/** "generic", "v2", "v3" or "v4". */
const char *ws_cpu_level_get_name(ws_cpu_level level);

/**
 * The level of that name, as --isa= takes it.
 *
 * @return WS_OK; WS_ENOTFOUND with the valid names; WS_EINVAL if this processor does not have it
 */
WS_MUST_CHECK ws_status ws_cpu_level_find(const char *name, ws_cpu_level *level, ws_error *err);

#endif
