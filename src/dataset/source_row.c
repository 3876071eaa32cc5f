/* How one row of a batch is drawn and made. Runs in all threads at once: writes only what is the
 * row's or the worker's own. */
#include <math.h>

#include "dataset/epoch_order.h"
#include "dataset/labels.h"
#include "dataset/source_internal.h"

ws_row_place ws_source_place(const ws_source *source, uint64_t step, size_t row)
{
    return (ws_row_place){.seed = source->options.seed, .step = step, .row = (uint32_t)row};
}

void ws_source_begin_row(const ws_row_place *place, ws_random *random)
{
    ws_random_init(random, place->seed, WS_RANDOM_BATCH, place->step, place->row);
}

/** The entry of the training set that a row has in the order of epochs. */
static size_t find_in_epoch(const ws_source *source, const ws_row_place *place, size_t n)
{
    const uint64_t at = (place->step - 1) * source->options.epoch_batch_size + place->row;
    return ws_epoch_order_get(place->seed, at / n, (uint32_t)n, (uint32_t)(at % n));
}

/** The entry that a draw of a row gives. */
static ws_clip draw_entry(const ws_source *source, const ws_row_place *place, int draw,
                          ws_random *random)
{
    const ws_index *index = source->options.index;
    const size_t n = ws_index_n_clips(index, WS_SET_TRAINING);

    if (draw == 0 && source->options.epoch_batch_size > 0)
        return ws_index_clip(index, WS_SET_TRAINING, find_in_epoch(source, place, n));
    return ws_index_clip(index, WS_SET_TRAINING, ws_random_below(random, (uint32_t)n));
}

ws_clip ws_source_draw_clip(const ws_source *source, const ws_row_place *place, int draw,
                            ws_random *random)
{
    const ws_unknown_redraw redraw = source->options.unknown_redraw;
    const ws_clip clip = draw_entry(source, place, draw, random);
    ws_random own;

    if (redraw == WS_REDRAW_NONE || clip.label != WS_UNKNOWN_INDEX)
        return clip;
    /* each of the draws that a row may need has a stream of its own */
    ws_random_init(&own, place->seed, WS_RANDOM_UNKNOWN, place->step,
                   place->row * WS_MAX_DRAWS + (uint32_t)draw);
    return ws_index_draw_unknown(source->options.index, redraw == WS_REDRAW_WORDS, &own);
}

/** Reads the clip, perhaps into worker->clip; of a silence entry nothing is read. */
static ws_row_result read_clip(ws_source *source, ws_source_worker *worker, const ws_clip *clip,
                               bool keep, ws_samples *samples)
{
    const ws_clip_request request = {clip->path, clip->file, keep};

    *samples = (ws_samples){0};
    if (clip->label == WS_SILENCE_INDEX)
        return WS_ROW_GOOD;
    const ws_status status = ws_clip_store_read(source->clips, &request, worker->clip, samples);
    if (status == WS_ENOMEM)
        return WS_ROW_NO_MEMORY;
    if (status != WS_OK)
        return WS_ROW_MET_BROKEN;
    unsigned result = WS_ROW_GOOD;
    if (ws_clip_store_is_resampled(source->clips, clip->file))
        result |= WS_ROW_MET_RESAMPLED;
    if (ws_clip_store_oddity(source->clips, clip->file) != WS_SOUND_AS_PROMISED)
        result |= WS_ROW_MET_ODD;
    return (ws_row_result)result;
}

static int64_t draw_shift(const ws_source *source, ws_random *random)
{
    const int64_t largest = source->options.time_shift_samples;
    if (largest <= 0)
        return 0;
    return (int64_t)ws_random_below(random, (uint32_t)(2 * largest)) - largest;
}

/** The gain that puts noise at a drawn distance below the clip; 0 if one of the two is silent. */
static double draw_snr_gain(const ws_source *source, ws_random *random, const ws_samples *samples,
                            const ws_augmentation *augmentation)
{
    const ws_noise_snr *snr = &source->options.snr;
    const double db = snr->low + ws_random_uniform(random) * (snr->high - snr->low);
    const ws_samples noise = {.floats = augmentation->noise,
                              .n = source->settings->desired_samples};
    const double of_noise = ws_samples_get_power(&noise, augmentation->level);
    const double of_clip = ws_samples_get_power(samples, augmentation->level);

    if (!(of_noise > 0.0))
        return 0.0;
    return (double)augmentation->gain * sqrt(of_clip / of_noise) * pow(10.0, -db / 20.0);
}

/** Silence is noise at any volume; speech gets it now and then, at a lower one. */
static float draw_noise_gain(const ws_source *source, ws_random *random, const ws_samples *samples,
                             const ws_augmentation *augmentation, bool is_silence)
{
    if (is_silence)
        return (float)ws_random_uniform(random);
    if (ws_random_uniform(random) >= source->options.background_frequency)
        return 0.0f;
    if (source->options.snr.is_wanted)
        return (float)draw_snr_gain(source, random, samples, augmentation);
    return (float)(ws_random_uniform(random) * source->options.background_volume);
}

/** A spoken clip as it is mixed: perhaps at another speed or volume. */
static ws_spoken change_clip(const ws_source *source, ws_source_worker *worker,
                             const ws_row_place *place, const ws_samples *samples)
{
    const ws_sound_tools tools = {
        .options = &source->options.augment,
        .speed = source->speed,
        .n_samples = source->settings->desired_samples,
        .scratch = worker->speed_scratch,
        .changed = worker->changed,
        .level = source->settings->level,
    };
    ws_spoken clip = {.samples = *samples, .gain = 1.0f};

    ws_augmentations_run_on_sound(&tools, place, &clip);
    return clip;
}

/** Shifts the clip and mixes noise into it, as the original does with silence, too. */
static void mix(const ws_source *source, ws_source_worker *worker, const ws_spoken *clip,
                bool is_silence, ws_random *random)
{
    const size_t n = source->settings->desired_samples;
    ws_augmentation augmentation = {.gain = clip->gain, .level = source->settings->level};

    augmentation.shift = draw_shift(source, random);
    augmentation.noise = ws_noise_draw(source->options.noise, n, random);
    if (augmentation.noise != NULL)
        augmentation.noise_gain =
            draw_noise_gain(source, random, &clip->samples, &augmentation, is_silence);
    ws_augmentation_run(&augmentation, &clip->samples, worker->mixed, n);
}

/** Makes worker->mixed of a clip that was read. random is its stream after the draw of the clip. */
static ws_row_result make_samples(ws_source *source, ws_source_worker *worker,
                                  const ws_row_place *place, const ws_samples *samples,
                                  bool is_silence, ws_random *random)
{
    ws_random own;

    if (is_silence && source->options.silence == WS_SILENCE_MICROPHONE) {
        ws_random_init(&own, place->seed, WS_RANDOM_MICROPHONE, place->step, place->row);
        return ws_source_make_silence(source, worker, WS_SET_TRAINING, &own, worker->mixed);
    }
    const ws_spoken clip =
        is_silence ? (ws_spoken){.gain = 0.0f} : change_clip(source, worker, place, samples);
    mix(source, worker, &clip, is_silence, random);
    return WS_ROW_GOOD;
}

ws_row_result ws_source_make_training_row(ws_source *source, ws_source_worker *worker,
                                          const ws_row_place *place, float *features,
                                          int32_t *label)
{
    const ws_feature_shape shape = {source->settings->n_frames, source->settings->width};
    unsigned result = WS_ROW_GOOD;
    ws_random random;

    ws_source_begin_row(place, &random);
    for (int draw = 0; draw < WS_MAX_DRAWS; draw++) {
        ws_samples samples;
        const ws_clip clip = ws_source_draw_clip(source, place, draw, &random);
        const ws_row_result read = read_clip(source, worker, &clip, true, &samples);
        result |= read;
        if (read == WS_ROW_NO_MEMORY)
            return WS_ROW_NO_MEMORY;
        if (read == WS_ROW_MET_BROKEN)
            continue;
        if (make_samples(source, worker, place, &samples, clip.label == WS_SILENCE_INDEX,
                         &random) == WS_ROW_NO_MEMORY)
            return WS_ROW_NO_MEMORY;
        ws_features_run(source->options.features, worker->mixed, worker->scratch, features);
        ws_augmentations_run_on_features(&source->options.augment, place, shape, features);
        *label = clip.label;
        break;
    }
    return (ws_row_result)result;
}

ws_row_result ws_source_make_evaluation_samples(ws_source *source, ws_source_worker *worker,
                                                ws_set set, size_t i, float *out)
{
    const ws_clip clip = ws_index_clip(source->options.index, set, i);
    ws_augmentation augmentation = {.gain = 1.0f, .level = source->settings->level};
    ws_samples samples;
    ws_random random;

    /* not worth keeping: the fingerprint is kept */
    const ws_row_result read = read_clip(source, worker, &clip, false, &samples);
    if (read == WS_ROW_NO_MEMORY || read == WS_ROW_MET_BROKEN)
        return read;
    if (clip.label == WS_SILENCE_INDEX) {
        ws_random_init(&random, source->options.seed, WS_RANDOM_SILENCE, (uint64_t)set,
                       (uint32_t)i);
        if (source->options.silence == WS_SILENCE_MICROPHONE)
            return ws_source_make_silence(source, worker, set, &random, out);
        augmentation.gain = 0.0f;
        augmentation.noise =
            ws_noise_draw(source->options.noise, source->settings->desired_samples, &random);
        if (augmentation.noise != NULL)
            augmentation.noise_gain =
                draw_noise_gain(source, &random, &samples, &augmentation, true);
    }
    ws_augmentation_run(&augmentation, &samples, out, source->settings->desired_samples);
    return read;
}

ws_row_result ws_source_make_evaluation_row(ws_source *source, ws_source_worker *worker, ws_set set,
                                            size_t i, float *features)
{
    const ws_row_result made =
        ws_source_make_evaluation_samples(source, worker, set, i, worker->mixed);
    if (made != WS_ROW_NO_MEMORY && made != WS_ROW_MET_BROKEN)
        ws_features_run(source->options.features, worker->mixed, worker->scratch, features);
    return made;
}
