/** The files of _background_noise_. Private to synth. */
#ifndef WS_SYNTH_BACKGROUND_H
#define WS_SYNTH_BACKGROUND_H

#include <stddef.h>
#include <stdint.h>

#include "base/status.h"
#include "synth/plan.h"

/** The name of the i-th kind, which is its file's name without .wav; NULL beyond the last. */
const char *ws_synth_background_name(size_t i);

/**
 * Computes and writes one file.
 *
 * @param kind       below WS_SYNTH_N_BACKGROUND_KINDS
 * @param n_samples  its length, at WS_SYNTH_SAMPLE_RATE_HZ
 * @param plan       whose clips, all finished, the babble is mixed of
 */
WS_MUST_CHECK ws_status ws_synth_background_write(const char *path, size_t kind, uint64_t seed,
                                                  size_t n_samples, const ws_synth_plan *plan,
                                                  ws_error *err);

#endif
