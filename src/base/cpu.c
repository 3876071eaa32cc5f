#include "base/cpu.h"

#include <stddef.h>

#include "base/lookup.h"

static const char *const names[] = {
#define LEVEL_NAME(level, NAME) #level,
    WS_CPU_LEVEL_MAP(LEVEL_NAME)
#undef LEVEL_NAME
};

/* The compilers' checks ask the operating system too (it must save the wide registers). What a
 * level also needs but both compilers cannot ask for (LZCNT, MOVBE, F16C) comes with AVX2 and BMI2
 * in every processor made. */
ws_cpu_level ws_cpu_level_get_best(void)
{
#if defined(__x86_64__)
    __builtin_cpu_init();
    if (!__builtin_cpu_supports("sse4.2") || !__builtin_cpu_supports("popcnt"))
        return WS_CPU_GENERIC;
    if (!__builtin_cpu_supports("avx2") || !__builtin_cpu_supports("fma") ||
        !__builtin_cpu_supports("bmi") || !__builtin_cpu_supports("bmi2"))
        return WS_CPU_V2;
    if (!__builtin_cpu_supports("avx512f") || !__builtin_cpu_supports("avx512bw") ||
        !__builtin_cpu_supports("avx512cd") || !__builtin_cpu_supports("avx512dq") ||
        !__builtin_cpu_supports("avx512vl"))
        return WS_CPU_V3;
    return WS_CPU_V4;
#else
    return WS_CPU_GENERIC;
#endif
}

bool ws_cpu_has_dot_products(void)
{
#if defined(__x86_64__)
    __builtin_cpu_init();
    return __builtin_cpu_supports("avx512vnni") != 0;
#else
    return false;
#endif
}

const char *ws_cpu_level_get_name(ws_cpu_level level)
{
    return names[level];
}

static const char *name_at(size_t i)
{
    return names[i];
}

ws_status ws_cpu_level_find(const char *name, ws_cpu_level *level, ws_error *err)
{
    size_t index;
    const ws_status status =
        ws_lookup("--isa", name, name_at, (size_t)WS_CPU_N_LEVELS, &index, err);
    if (status != WS_OK)
        return status;
    const ws_cpu_level best = ws_cpu_level_get_best();
    if ((ws_cpu_level)index > best)
        return ws_fail(err, WS_EINVAL,
                       "--isa=%s: this processor does not have it, expected at most %s", name,
                       names[best]);
    *level = (ws_cpu_level)index;
    return WS_OK;
}
