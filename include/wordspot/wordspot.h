/**
 * wordspot: hears words in sound with a model that `wordspot train` made.
 *
 *     wordspot *spotter;
 *     wordspot_heard heard;
 *     wordspot_error error;
 *     wordspot_options options = WORDSPOT_OPTIONS_INIT;
 *     options.rate_hz = 48000;
 *     if (wordspot_open("conv.ckpt-18000", &options, &spotter, &error) != WORDSPOT_OK)
 *         fprintf(stderr, "%s\n", error.message);
 *     while (spotter != NULL && next_samples(samples, 480)) {
 *         wordspot_push_int16(spotter, samples, 480, NULL);
 *         while (wordspot_next(spotter, &heard))
 *             printf("%s %.2f\n", heard.word, heard.score);
 *     }
 *     wordspot_close(spotter);
 *
 * A model is a checkpoint of Wordspot, a frozen graph or a TFLite file. Those that Wordspot wrote
 * hold the names of their words and how sound becomes their features; a graph of TensorFlow needs a
 * file of labels (options.labels). A TFLite file of ESPHome takes its word and cutoff from the
 * manifest beside it, NAME.json for NAME.tflite.
 *
 * Sound is pushed in pieces of any length, at any sample rate. The model judges one window of sound
 * after the other, each as long as its clips and one stride after the previous one. A window is
 * judged in the call that brings its last sample. So a word is reported at most one stride after
 * the last sample that it needs, and the time to compute (converting a sample rate adds
 * 4 ms). Results do not depend on the pieces, to the last bit.
 *
 * Memory is allocated by wordspot_open() alone: it keeps about 40 blocks, at most 50, and for a
 * TFLite file others for each layer. One block cannot do: the converter, the features, the network
 * and the averages are made one after another, and only then is the size of each known.
 * wordspot_close() frees all. No other call allocates, takes a lock, prints or waits; there are no
 * threads and no global state. A spotter belongs to one thread at a time, and spotters are
 * independent of each other. Needs libc and libm.
 *
 * Texts are UTF-8 with a NUL at the end. All pointers that are passed in are borrowed for the call,
 * unless a comment says otherwise. Structures whose first field is struct_size may get more fields
 * at their end: initialise each with its macro or init function.
 */
#ifndef WORDSPOT_WORDSPOT_H
#define WORDSPOT_WORDSPOT_H

#include <stddef.h>
#include <stdint.h>

#if defined(__GNUC__)
#define WORDSPOT_API __attribute__((visibility("default")))
#else
#define WORDSPOT_API
#endif

#ifdef __cplusplus
extern "C" {
#endif

/* The version of this header: an increase of the first number breaks programs, one of the second
 * adds to the library, one of the third mends it. */
#define WORDSPOT_VERSION_MAJOR  0
#define WORDSPOT_VERSION_MINOR  1
#define WORDSPOT_VERSION_PATCH  0
#define WORDSPOT_VERSION_STRING "0.1.0"
/** All three as one number that grows from version to version. */
#define WORDSPOT_VERSION \
    (WORDSPOT_VERSION_MAJOR * 10000 + WORDSPOT_VERSION_MINOR * 100 + WORDSPOT_VERSION_PATCH)

/** WORDSPOT_VERSION of the library that the program has been linked with. */
WORDSPOT_API int wordspot_version(void);

/* The declared maxima. */
#define WORDSPOT_MAX_RATE_HZ  1000000
#define WORDSPOT_MAX_CHANNELS 256
#define WORDSPOT_MAX_WAITING  256 /* words that wait for wordspot_next() */

/** In place of a number in wordspot_options whose 0 means the default: really 0. */
#define WORDSPOT_NONE (-1)

/** Results. 0 is success, failures are negative; more may be added. */
typedef enum wordspot_status {
    WORDSPOT_OK = 0,
    WORDSPOT_ENOMEM = -1,    /**< out of memory */
    WORDSPOT_EINVAL = -2,    /**< an option or argument is outside its range */
    WORDSPOT_EIO = -4,       /**< a file cannot be read */
    WORDSPOT_EFORMAT = -5,   /**< the model is damaged, or of a kind that cannot be run */
    WORDSPOT_ENOTFOUND = -6, /**< there is no such file */
    WORDSPOT_ELIMIT = -8,    /**< beyond a declared maximum */
    WORDSPOT_ENUMERIC = -9   /**< a sample or a score is not a finite number */
} wordspot_status;

/** What went wrong: one sentence that names the file or option and what was expected. Filled by
 *  calls that fail, and only by them; NULL in place of one: not wanted. */
typedef struct wordspot_error {
    char message[1024];
} wordspot_error;

/** Follows one stream of sound with one model. Made by wordspot_open(), freed by wordspot_close().
 */
typedef struct wordspot wordspot;

/** A word that was heard. Times are in seconds from the first sample of the stream. */
typedef struct wordspot_heard {
    const char *word; /**< the label; lives as long as the spotter */
    size_t label;     /**< its number, below wordspot_n_labels() */
    double score;     /**< the average that made it count as heard, 0 to 1 */
    double start_s;   /**< start of the window that was judged last */
    double end_s;     /**< its end: the sound up to here decided */
    double latency_s; /**< sound that had been pushed beyond that, in the same call or before */
    int is_unknown;   /**< 1: the label of words that the model was trained to reject */
} wordspot_heard;

/** When a word counts as heard. */
typedef enum wordspot_rule {
    /** That of TensorFlow's speech_commands: the average of all scores of the last average_ms
     *  exceeds the threshold, the last word was another one, and suppression_ms have passed since
     *  then. A word counts again after silence or another word. */
    WORDSPOT_RULE_AVERAGE = 0,
    /** That of ESPHome's wake words: the mean of the last n_last scores exceeds the threshold;
     *  then the scores are forgotten, and suppression_ms must pass. Unknown words are not
     *  reported. In use with every model that gives a single score, its wake word's. */
    WORDSPOT_RULE_LAST = 1
} wordspot_rule;

/** How sound is followed. All zero, but for struct_size, is a good choice: 0 and NULL always mean
 *  the default, also in fields that later versions add at the end. */
typedef struct wordspot_options {
    /** sizeof(wordspot_options) of the caller; wordspot_options_init() sets it. */
    size_t struct_size;
    /** File of labels, one a line; NULL: the model's own, if it has them. */
    const char *labels;
    /** Sample rate of the sound that will be pushed, up to WORDSPOT_MAX_RATE_HZ; 0: the model's. */
    int rate_hz;
    /** Channels of that sound, interleaved; 0: one. */
    int n_channels;
    /** The channel that is listened to, counted from 0. */
    int channel;
    /** From one window to the next in milliseconds, at most a window; 0: 30, or the distance of
     *  the model's frames if that is larger. */
    int stride_ms;
    wordspot_rule rule;
    /** Of the average or mean, above 0 and below 1; 0: 0.7, and with WORDSPOT_RULE_LAST the
     *  manifest's cutoff or 0.95; WORDSPOT_NONE: any score. */
    double threshold;
    /** Time over which WORDSPOT_RULE_AVERAGE averages, in milliseconds, up to 3600000; 0: 500. */
    int average_ms;
    /** Windows that such an average needs, at most those that fit into average_ms; 0: 4. */
    int min_count;
    /** Scores in a mean of WORDSPOT_RULE_LAST, up to 1000; 0: the manifest's number or 5. */
    int n_last;
    /** Time after a word in which no other is reported, in milliseconds; 0: 500, and 1000 with
     *  WORDSPOT_RULE_LAST; WORDSPOT_NONE: no time. */
    int suppression_ms;
    /** Called within push for each word, instead of keeping it for wordspot_next(); NULL: not
     *  wanted. It may call functions that do not change the spotter. */
    void (*on_heard)(void *user, const wordspot_heard *heard);
    /** Called within push for each window with its scores, before on_heard.
     *  @param scores   [wordspot_n_labels()] they sum to 1; borrowed for the call
     *  @param start_s  start of the window
     *  @param end_s    its end */
    void (*on_scores)(void *user, const float *scores, double start_s, double end_s);
    /** Handed to the functions above; not looked at. */
    void *user;
    /** Instruction set to compute with: "generic", on x86-64 also "v2", "v3", "v4"; NULL: the best
     *  one of this processor. */
    const char *isa;
    /** Not 0: follow the sound as a device does, not window by window. Features continue from frame
     *  to frame (micro keeps its estimate of the noise), and the network gets each frame once, so
     *  that it is many times faster. Only for networks without padding in time, such as mixednet;
     *  stride_ms must be a multiple of what the network takes at a time, which is the default. A
     *  TFLite file of streams is always followed so. */
    int continuous;
} wordspot_options;

/* C++ before C++20 cannot name a member. */
#ifdef __cplusplus
extern "C++" {
template <typename T> inline T wordspot_init_sized()
{
    T made = T();
    made.struct_size = sizeof(T);
    return made;
}
}
#define WORDSPOT_OPTIONS_INIT wordspot_init_sized<wordspot_options>()
#else
#define WORDSPOT_OPTIONS_INIT                   \
    {                                           \
        .struct_size = sizeof(wordspot_options) \
    }
#endif

/** Sets all fields to their defaults; call it as wordspot_options_init(&options, sizeof options).
 */
WORDSPOT_API void wordspot_options_init(wordspot_options *options, size_t struct_size);

/**
 * Reads a model and prepares to follow a stream with it.
 *
 * @param model    a checkpoint of Wordspot: its prefix ("dir/conv.ckpt-100"), one of its files, or
 *                 a directory, for the newest one in it; or a frozen graph: a file or a SavedModel
 *                 directory; or a TFLite file
 * @param options  NULL: the defaults
 * @param spotter  set to a new spotter for wordspot_close(); NULL after a failure
 * @return WORDSPOT_OK; WORDSPOT_ENOTFOUND, WORDSPOT_EIO, WORDSPOT_EFORMAT for files;
 *         WORDSPOT_EINVAL for an option; WORDSPOT_ELIMIT, WORDSPOT_ENOMEM
 */
WORDSPOT_API wordspot_status wordspot_open(const char *model, const wordspot_options *options,
                                           wordspot **spotter, wordspot_error *error);

/** Frees it; NULL is fine. */
WORDSPOT_API void wordspot_close(wordspot *spotter);

/**
 * Takes the next sound, judges the windows that it completes, and calls the functions of the
 * options.
 *
 * @param samples   [n_frames, n_channels] interleaved; +-1 is full scale
 * @param n_frames  samples of each channel; 0 is fine
 * @return WORDSPOT_OK; WORDSPOT_EINVAL after wordspot_finish(); WORDSPOT_ENUMERIC if a sample is
 *         not finite, with nothing taken, or if scores are not finite, with all taken
 */
WORDSPOT_API wordspot_status wordspot_push_float(wordspot *spotter, const float *samples,
                                                 size_t n_frames, wordspot_error *error);

/** The same for 16-bit samples; 32768 is full scale. */
WORDSPOT_API wordspot_status wordspot_push_int16(wordspot *spotter, const int16_t *samples,
                                                 size_t n_frames, wordspot_error *error);

/**
 * Ends the stream: judges what converting a sample rate has held back. wordspot_reset() begins
 * another one.
 *
 * @return as wordspot_push_float()
 */
WORDSPOT_API wordspot_status wordspot_finish(wordspot *spotter, wordspot_error *error);

/**
 * The next word that was heard, oldest first. Words wait here unless options.on_heard is set. Of
 * more than WORDSPOT_MAX_WAITING the oldest are lost.
 *
 * @return 1 with *heard filled, or 0 if no word waits
 */
WORDSPOT_API int wordspot_next(wordspot *spotter, wordspot_heard *heard);

/** Begins another stream at time 0: forgets all sound, scores and words. */
WORDSPOT_API void wordspot_reset(wordspot *spotter);

/**
 * Scores of one clip, as `wordspot label_wav` gives them: a longer clip is cut at the length of the
 * model's clips, a shorter one is followed by silence. Ends the stream that was under way:
 * wordspot_reset() is called before and after. The functions of the options are not called.
 *
 * @param samples  as for wordspot_push_float()
 * @param scores   [wordspot_n_labels()] filled; they sum to 1
 * @return WORDSPOT_OK; WORDSPOT_ENUMERIC
 */
WORDSPOT_API wordspot_status wordspot_label_float(wordspot *spotter, const float *samples,
                                                  size_t n_frames, float *scores,
                                                  wordspot_error *error);

/** The same for 16-bit samples. */
WORDSPOT_API wordspot_status wordspot_label_int16(wordspot *spotter, const int16_t *samples,
                                                  size_t n_frames, float *scores,
                                                  wordspot_error *error);

/** The number of labels, and so of scores. */
WORDSPOT_API size_t wordspot_n_labels(const wordspot *spotter);

/** The name of a label, such as "yes"; lives as long as the spotter. NULL for one that is missing.
 *  "_silence_" and "_unknown_" are labels, too. */
WORDSPOT_API const char *wordspot_label_name(const wordspot *spotter, size_t label);

/** The sample rate that the model was trained with. */
WORDSPOT_API int wordspot_model_rate_hz(const wordspot *spotter);

/** The length of a window, which is that of the model's clips, in seconds. */
WORDSPOT_API double wordspot_window_s(const wordspot *spotter);

/** From one window to the next, in seconds. */
WORDSPOT_API double wordspot_stride_s(const wordspot *spotter);

/** Words that were lost since the last reset, because nobody called wordspot_next(). */
WORDSPOT_API uint64_t wordspot_n_lost(const wordspot *spotter);

#ifdef __cplusplus
}
#endif

#endif
