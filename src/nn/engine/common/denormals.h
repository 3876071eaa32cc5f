/**
 * Numbers below the smallest normal float cost a hundred times the time of others and carry
 * nothing here: while an engine computes, every one of its threads takes them for zero.
 */
#ifndef WS_NN_ENGINE_COMMON_DENORMALS_H
#define WS_NN_ENGINE_COMMON_DENORMALS_H

/* The builtins need the compiler's own target to have SSE; every x86-64 does. */
#if defined(__SSE__)

/** Flushes from now on in this thread. @return what to hand to ws_denormals_restore */
static inline unsigned ws_denormals_flush(void)
{
    const unsigned flush_to_zero = 0x8000, denormals_are_zero = 0x0040;
    const unsigned before = __builtin_ia32_stmxcsr();
    __builtin_ia32_ldmxcsr(before | flush_to_zero | denormals_are_zero);
    return before;
}

static inline void ws_denormals_restore(unsigned before)
{
    __builtin_ia32_ldmxcsr(before);
}

#else /* elsewhere the default of the CPU holds: right, perhaps slower */

static inline unsigned ws_denormals_flush(void)
{
    return 0;
}

static inline void ws_denormals_restore(unsigned before)
{
    (void)before;
}

#endif
#endif
