/** A lowered network for tests of the formats that are written from one. */
#ifndef WS_TESTS_LITE_FIXTURE_H
#define WS_TESTS_LITE_FIXTURE_H

#include "nn/lite/lower.h"

/** A network as at the start of a training, from 49 frames of 40 to 4 scores, with the note
 * "about".
 *  @param lite  ws_lite_deinit() */
void lite_lower_model(const char *name, const ws_lite_lower_options *how, ws_lite *lite);

#endif
