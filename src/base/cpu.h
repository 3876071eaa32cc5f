/**
 * Which instruction sets this processor has. Numeric kernels are compiled once per level and
 * picked at run time; a lower level than the processor's can be forced, for tests and bug reports.
 */
#ifndef WS_BASE_CPU_H
#define WS_BASE_CPU_H

#include "base/status.h"

/** The levels: X(suffix of its kernels and name on the command line, NAME). The x86 levels are
 *  those of its System V ABI: v2 = SSE4.2, v3 = AVX2 + FMA, v4 = AVX-512 (F, BW, CD, DQ, VL).
 */
#if defined(__x86_64__)
#define WS_CPU_LEVEL_MAP(X) X(generic, GENERIC) X(v2, V2) X(v3, V3) X(v4, V4)
#else
#define WS_CPU_LEVEL_MAP(X) X(generic, GENERIC)
#endif

/** Ascending: a processor that has a level has all lower ones. */
typedef enum ws_cpu_level {
#define WS_CPU_LEVEL_ENUM(level, NAME) WS_CPU_##NAME,
    WS_CPU_LEVEL_MAP(WS_CPU_LEVEL_ENUM)
#undef WS_CPU_LEVEL_ENUM
        WS_CPU_N_LEVELS
} ws_cpu_level;

/** The highest level that this processor and its operating system support. */
ws_cpu_level ws_cpu_level_get_best(void);

/** "generic", "v2", "v3" or "v4". */
const char *ws_cpu_level_get_name(ws_cpu_level level);

/**
 * The level of that name, as --isa= takes it.
 *
 * @return WS_OK; WS_ENOTFOUND with the valid names; WS_EINVAL if this processor does not have it
 */
WS_MUST_CHECK ws_status ws_cpu_level_find(const char *name, ws_cpu_level *level, ws_error *err);

#endif
