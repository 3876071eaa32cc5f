/**
 * Whole sound files through a model that follows a stream: a TFLite file that takes a few frames a
 * call, such as a wake word of ESPHome (recognize/scorer.h).
 *
 * The score of a file is the highest of its steps: no mean over steps is taken, as devices do
 * before they compare it with a cutoff.
 *
 * A stepper belongs to one thread at a time; inside it works with several, a file each.
 */
#ifndef WS_RECOGNIZE_STEPPER_H
#define WS_RECOGNIZE_STEPPER_H

#include <stddef.h>

#include "base/status.h"
#include "formats/frozen.h"

typedef struct ws_stepper ws_stepper;

/**
 * @param model      one with ws_frozen_is_stream(); borrowed until the stepper is destroyed
 * @param n_threads  0: as many as the process may use
 * @return WS_OK; WS_EFORMAT if a step gives more than one score; as ws_scorer_create
 */
WS_MUST_CHECK ws_status ws_stepper_create(const ws_frozen *model, unsigned n_threads,
                                          ws_stepper **stepper, ws_error *err);

/** NULL is fine. */
void ws_stepper_destroy(ws_stepper *stepper);

/**
 * @param paths   [n] sound files of any length
 * @param scores  [n] filled with the highest scores, from 0 to 1; 0 for a faulty file
 * @param times   [n] filled with the end of the step that has the score, the first such one, in
 *                seconds from the start of the file
 * @param faults  [n] filled with WS_OK, or with what is wrong with the file
 */
void ws_stepper_run(ws_stepper *stepper, const char *const *paths, size_t n, float *scores,
                    float *times, ws_error *faults);

#endif
