/**
 * Detection error trade-off of a wake word: at each cutoff, how many phrases are missed and how
 * often other sound is taken for the phrase.
 *
 * The detector is the device's. It gets a score every call of the network and keeps the last n_last
 * of them. When their mean is above the cutoff, the phrase counts as heard; the scores are
 * forgotten, and nothing is heard for the next n_pause scores.
 *
 * All in whole numbers, so figures of several recordings, speakers or threads are sums.
 */
#ifndef WS_METRICS_DET_H
#define WS_METRICS_DET_H

#include <stddef.h>
#include <stdint.h>

enum { WS_DET_N_CUTOFFS = 256 };

/** How scores become detections. */
typedef struct ws_det_rule {
    size_t n_last;  /* scores in a mean, at least 1 */
    size_t n_pause; /* scores after a detection without another one, at least n_last: then those
                       that are forgotten make no difference */
} ws_det_rule;

/** The rule of ESPHome's manifests with "sliding_window_size": 5: a mean of five scores, and a
 * second of pause. @param seconds  from one score to the next */
ws_det_rule ws_det_rule_of_device(double seconds);

/** Figures so far; all zeros but the rule: nothing was heard yet. */
typedef struct ws_det {
    ws_det_rule rule;
    double seconds;                      /* of sound without the phrase */
    uint64_t n_false[WS_DET_N_CUTOFFS];  /* detections in it */
    uint64_t n_phrases;                  /* that were said */
    uint64_t n_missed[WS_DET_N_CUTOFFS]; /* of these */
} ws_det;

/** Cutoff i, below WS_DET_N_CUTOFFS: i / 256, as scores of 8 bits have it. */
double ws_det_cutoff(size_t i);

/**
 * The mean that a detector compares with its cutoff, after each score.
 *
 * @param scores  [n] from 0 to 1, from the first one after a start, before which all are 0
 * @param means   [n] filled; not the same array
 */
void ws_det_find_means(const ws_det_rule *rule, const float *scores, size_t n, float *means);

/** How often a detector hears the phrase. @param means  [n] as above
 *  @param at  [n] filled with where, rising; NULL: not wanted. @return how often */
size_t ws_det_find(const ws_det_rule *rule, const float *means, size_t n, double cutoff,
                   size_t *at);

/** Sound without the phrase. @param means  [n] from its start on; seconds: its length */
void ws_det_push_other(ws_det *det, const float *means, size_t n, double seconds);

/** One phrase. @param best  the highest mean near it: it is heard where that is above the cutoff */
void ws_det_push_phrase(ws_det *det, float best);

/** Adds the figures of another part; the rules are the same. */
void ws_det_add(ws_det *det, const ws_det *part);

/** False accepts an hour at a cutoff; NaN without sound. */
double ws_det_rate(const ws_det *det, size_t cutoff);

/** Share of missed phrases at a cutoff; NaN without phrases. */
double ws_det_miss_share(const ws_det *det, size_t cutoff);

/**
 * One figure to compare checkpoints by: the share of phrases heard, as a mean over 0 to n false
 * accepts in the sound that was heard, each at its lowest cutoff. It does not hang on a single
 * false accept, as the misses at one cutoff do where little was heard.
 *
 * @return 0 to 1; 0 without phrases
 */
double ws_det_mean_recall(const ws_det *det, uint64_t n);

/** The lowest cutoff with at most that many false accepts an hour in the sound that was heard; the
 *  last cutoff if no other does. */
size_t ws_det_find_cutoff(const ws_det *det, double rate);

#endif
