/** The entry point of a fuzz target, called by libFuzzer and by replay.c. */
#ifndef WS_TESTS_FUZZ_FUZZ_H
#define WS_TESTS_FUZZ_FUZZ_H

#include <stddef.h>
#include <stdint.h>

/** Feeds one input to the code under test; aborts if it breaks a promise. Always returns 0. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#endif
