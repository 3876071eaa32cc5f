/** Small models with made-up weights, for tests that write and read model files. */
#ifndef WS_TESTS_UNIT_FROZEN_FIXTURE_H
#define WS_TESTS_UNIT_FROZEN_FIXTURE_H

#include "formats/frozen.h"

/* The networks: together they have every operator and every kind of padding. */
enum { WS_TEST_N_FROZEN = 8 };

enum { WS_TEST_N_FROZEN_LABELS = 5 }; /* of the network with normalisations */

/** A network with normalisations of each kind: after a layer, in bands, and after a sum. */
ws_frozen *ws_test_frozen_create_normalised(void);

/** Network i of WS_TEST_N_FROZEN over mfcc features of 98 frames of 40. */
ws_frozen *ws_test_frozen_create(size_t i);

/** One dense layer over any features. */
ws_frozen *ws_test_frozen_create_dense(const ws_feature_options *features);

void ws_test_frozen_destroy(ws_frozen *frozen);

/** Asserts that both are the same model to the last bit, except for dropout, which only want may
 *  have, and that the flags of the features give the same settings. */
void ws_test_frozen_assert_same(const ws_frozen *got, const ws_frozen *want);

#endif
