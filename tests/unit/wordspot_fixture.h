/** A model file of random weights, and sound, for tests of libwordspot. */
#ifndef WS_TESTS_UNIT_WORDSPOT_FIXTURE_H
#define WS_TESTS_UNIT_WORDSPOT_FIXTURE_H

#include <stddef.h>

#include <wordspot/wordspot.h>

#include "formats/frozen.h"

enum { WS_TEST_SPOT_RATE_HZ = 16000, WS_TEST_SPOT_N_LABELS = 5 };

typedef struct ws_test_spot {
    char dir[256];
    char graph[300], labels[300]; /* paths of a frozen graph and its labels */
    ws_frozen frozen;             /* the same model */
} ws_test_spot;

/** The labels of the model: silence, unknown, and words. */
extern const char *const ws_test_spot_labels[WS_TEST_SPOT_N_LABELS];

/** Writes a model over a kind of features into a scratch folder. The weights are such that each
 *  label wins in some windows of the sound. @return to ws_test_spot_destroy() */
ws_test_spot *ws_test_spot_create(const char *architecture, const char *preprocess);

void ws_test_spot_destroy(ws_test_spot *spot);

/** A spotter on the graph; a failure fails the test. @return to wordspot_close() */
wordspot *ws_test_spot_open(const ws_test_spot *spot, const wordspot_options *options);

/** Tones that change twice a second, over noise, with half a second of digital silence. */
void ws_test_spot_fill(float *samples, size_t n, int rate_hz);

#endif
