/**
 * Counter-based random numbers: Philox 4x32 with 10 rounds (Salmon, Moraes, Dror, Shaw: "Parallel
 * Random Numbers: As Easy as 1, 2, 3", SC 2011). A draw depends on nothing but its address
 *
 *     seed, purpose, step, sample, position in that stream
 *
 * so a run repeats bit for bit whatever the number of threads, and a resumed one draws what an
 * uninterrupted one would have drawn.
 */
#ifndef WS_BASE_RANDOM_H
#define WS_BASE_RANDOM_H

#include <stdint.h>

/** What numbers are drawn for: streams with different purposes are independent. */
typedef enum ws_random_purpose {
    WS_RANDOM_WEIGHTS = 1, /* step 0, sample = index of the parameter */
    WS_RANDOM_BATCH = 2,   /* which clip, shift and noise: step, sample = row of the batch */
    WS_RANDOM_DROPOUT = 3, /* step, sample = row of the batch and operator */
    WS_RANDOM_SILENCE = 4, /* noise of silence clips in evaluation: sample = index in the set */
    WS_RANDOM_SYNTH = 5,   /* made-up speech: sample = clip */
    WS_RANDOM_STREAM = 6, /* a stream to test on: step 0 its noise, step 1 its words; sample = which
                             of them */
    WS_RANDOM_SWEEP = 7,  /* settings of a sweep: step = number of the draw, sample = parameter */
    WS_RANDOM_SPEC_AUGMENT = 8, /* masks on features: step, sample = row of the batch */
    WS_RANDOM_EPOCH = 9, /* order of an epoch's clips: step = epoch, sample = round and half */
    WS_RANDOM_MICROPHONE = 10, /* silence of training: step, sample = row of the batch */
    WS_RANDOM_MIXUP = 11,    /* step, sample = row of the batch, or all ones for the whole batch */
    WS_RANDOM_UNKNOWN = 12,  /* other unknown clips: step, sample = row of the batch and draw */
    WS_RANDOM_SPEED = 13,    /* step, sample = row of the batch */
    WS_RANDOM_VOLUME = 14,   /* the same */
    WS_RANDOM_WAKE = 15,     /* windows of a wake source: step, sample = row of the batch; step 0:
                                its noise floors */
    WS_RANDOM_ROOM = 16,     /* computed rooms: sample = room */
    WS_RANDOM_WAKE_CUT = 17, /* windows out of stretches of it: step, sample = row of the batch */
    WS_RANDOM_WAKE_SET = 18, /* noise in the validation of a wake word: sample = piece */
    WS_RANDOM_TEST = 255,    /* never used by the program itself */
} ws_random_purpose;

typedef struct ws_random {
    uint32_t key[2];     /* the seed */
    uint32_t counter[4]; /* block, sample, step, purpose */
    uint32_t block[4];   /* the block drawn last */
    unsigned n_left;     /* unused words of it */
} ws_random;

/** One block of Philox4x32-10: out = f(key, counter). Pure. */
void ws_random_philox(const uint32_t key[2], const uint32_t counter[4], uint32_t out[4]);

/** Goes to the start of a stream. step must be below 2^32. */
void ws_random_init(ws_random *random, uint64_t seed, ws_random_purpose purpose, uint64_t step,
                    uint32_t sample);

/** 32 random bits. */
uint32_t ws_random_bits(ws_random *random);
/** Uniform in [0, 1), 53 bits; takes two words. */
double ws_random_uniform(ws_random *random);
/** Uniform whole number in [0, n), n >= 1, without bias (redraws). */
uint32_t ws_random_below(ws_random *random, uint32_t n);
/** Normal with mean 0 and deviation 1, redrawn outside two deviations (as TensorFlow's truncated
 *  normal). */
double ws_random_truncated_normal(ws_random *random);

#endif
