#include "dataset/wake_source.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "dataset/silence_kind.h"
#include "dataset/wake_internal.h"

/* Responses of rooms are cut after this time. */
enum { N_ROOMS = 40, ROOM_MS = 500 };

enum { FLOOR_SECONDS = 3, MAX_TEXT_BYTES = 1 << 16 };

static const char *const kind_names[] = {
    [WS_WAKE_POSITIVE] = "positive", [WS_WAKE_NEAR] = "near",       [WS_WAKE_SPEECH] = "speech",
    [WS_WAKE_NOISE] = "noise",       [WS_WAKE_SILENCE] = "silence",
};

const char *ws_wake_kind_name(ws_wake_kind kind)
{
    return kind_names[kind];
}

static bool is_share(double x)
{
    return x >= 0.0 && x <= 1.0;
}

static ws_status check(const ws_wake_options *options, ws_error *err)
{
    double total = options->silence_share;

    for (size_t i = 0; i < options->n_folders; i++)
        total += options->folders[i].share;
    if (options->n_folders == 0 || !(total > 0.0))
        return ws_fail(err, WS_EUSAGE,
                       "no folder of recordings has a share; expected at least one");
    if (options->sample_rate_hz < 8000 || options->sample_rate_hz > 48000)
        return ws_fail(err, WS_EUSAGE, "a sample rate of %d Hz; expected 8000 to 48000",
                       options->sample_rate_hz);
    if (options->n_samples == 0 || options->n_samples >= 1u << 24 ||
        options->end_samples >= options->n_samples)
        return ws_fail(err, WS_EUSAGE,
                       "windows of %zu samples with phrases that end up to %zu samples before "
                       "their end; expected fewer of the second",
                       options->n_samples, options->end_samples);
    if (!is_share(options->part_share) || !is_share(options->noise_share) ||
        !is_share(options->room_share) || !is_share(options->microphone_share) ||
        !(options->speed_change >= 0.0 && options->speed_change <= 0.5) ||
        !(options->tempo_change >= 0.0 && options->tempo_change <= 0.5) ||
        !(options->low_dbfs <= options->high_dbfs) || !options->snr.is_wanted)
        return ws_fail(err, WS_EUSAGE,
                       "shares of %g, %g, %g and %g, changes of speed and tempo of %g and %g, and "
                       "levels of %g to %g dBFS; "
                       "expected shares of 0 to 1, changes of 0 to 0.5, the lower level first, "
                       "and an SNR",
                       options->part_share, options->noise_share, options->room_share,
                       options->microphone_share, options->speed_change, options->tempo_change,
                       options->low_dbfs, options->high_dbfs);
    return WS_OK;
}

/** Hiss of microphones, several recordings in several colours, each of the power 1. */
static ws_status make_floors(ws_wake_source *source, ws_error *err)
{
    const size_t n_part = (size_t)source->options.sample_rate_hz * FLOOR_SECONDS;

    source->n_floor = n_part;
    source->floors = malloc(WS_WAKE_N_FLOORS * n_part * sizeof *source->floors);
    if (source->floors == NULL)
        return ws_fail_memory(err, "a noise floor");
    for (size_t i = 0; i < WS_WAKE_N_FLOORS; i++) {
        float *part = source->floors + i * n_part;
        ws_random random;
        ws_random_init(&random, source->options.seed, WS_RANDOM_WAKE, 0, (uint32_t)i);
        ws_silence_fill_coloured(&random, part, n_part);
        const ws_samples all = {.floats = part, .n = n_part};
        const double power = ws_samples_get_power(&all, source->options.level);
        const float gain = (float)(1.0 / sqrt(power));
        for (size_t k = 0; k < n_part; k++)
            part[k] *= gain;
    }
    return WS_OK;
}

static ws_status make_rooms(ws_wake_source *source, ws_error *err)
{
    const ws_wake_options *options = &source->options;
    const ws_rooms_options rooms = {
        .dir = options->rooms_dir,
        .n_rooms = N_ROOMS,
        .max_samples = (size_t)options->sample_rate_hz * ROOM_MS / 1000 < WS_ROOMS_MAX_SAMPLES
                           ? (size_t)options->sample_rate_hz * ROOM_MS / 1000
                           : WS_ROOMS_MAX_SAMPLES,
        .sample_rate_hz = options->sample_rate_hz,
        .seed = options->seed,
        .strict = options->strict,
        .log = options->log,
    };

    return options->room_share > 0.0 ? ws_rooms_create(&rooms, &source->rooms, err) : WS_OK;
}

static ws_status make_workers(ws_wake_source *source, ws_error *err)
{
    const size_t n_threads = source->options.n_threads > 0 ? (size_t)source->options.n_threads : 1;
    const size_t track_bytes = source->options.n_samples * sizeof(float);
    const size_t wide_bytes = source->n_wide * sizeof(float);
    const size_t n_speed = ws_speed_scratch(source->n_wide);
    const size_t n_tempo = ws_tempo_scratch(source->n_wide);
    const size_t scratch_bytes = (n_speed > n_tempo ? n_speed : n_tempo) * sizeof(float);
    const size_t room_bytes = source->rooms != NULL ? ws_rooms_work_bytes() : 0;

    source->workers = calloc(n_threads, sizeof *source->workers);
    if (source->workers == NULL)
        return ws_fail_memory(err, "a wake source");
    const ws_status status =
        ws_arena_init(&source->arena,
                      n_threads * (ws_arena_round(track_bytes) + 2 * ws_arena_round(wide_bytes) +
                                   ws_arena_round(scratch_bytes) + ws_arena_round(room_bytes)),
                      err);
    for (size_t i = 0; i < n_threads && status == WS_OK; i++)
        source->workers[i] = (ws_wake_worker){
            .track = ws_arena_push(&source->arena, track_bytes),
            .chunk = ws_arena_push(&source->arena, wide_bytes),
            .changed = ws_arena_push(&source->arena, wide_bytes),
            .scratch = ws_arena_push(&source->arena, scratch_bytes),
            .room = ws_arena_push(&source->arena, room_bytes),
        };
    return status;
}

/** Collects the clips of a folder or of a kind. */
static ws_status make_pool(const ws_wake_source *source, size_t which, ws_wake_pool *pool,
                           ws_error *err)
{
    const size_t n_folders = source->options.n_folders;
    uint64_t n_samples = 0;

    pool->items = calloc(source->clips.n_items + 1, sizeof *pool->items);
    pool->ends = calloc(source->clips.n_items + 1, sizeof *pool->ends);
    if (pool->items == NULL || pool->ends == NULL)
        return ws_fail_memory(err, "a wake source");
    for (size_t i = 0; i < source->clips.n_items; i++) {
        const ws_wake_clip *clip = &source->clips.items[i];
        const bool is_in = which < n_folders ? clip->folder == which
                                             : source->options.folders[clip->folder].kind ==
                                                   (ws_wake_kind)(which - n_folders);
        if (!is_in)
            continue;
        n_samples += clip->n_samples;
        pool->items[pool->n_items] = i;
        pool->ends[pool->n_items++] = n_samples;
    }
    return WS_OK;
}

static ws_status make_pools(ws_wake_source *source, ws_error *err)
{
    const size_t n = source->options.n_folders + WS_WAKE_N_KINDS;
    ws_status status = WS_OK;

    source->pools = calloc(n, sizeof *source->pools);
    if (source->pools == NULL)
        return ws_fail_memory(err, "a wake source");
    for (size_t i = 0; i < n && status == WS_OK; i++)
        status = make_pool(source, i, &source->pools[i], err);
    return status;
}

const ws_wake_pool *ws_wake_pool_of_kind(const ws_wake_source *source, ws_wake_kind kind)
{
    return &source->pools[source->options.n_folders + kind];
}

const ws_wake_clip *ws_wake_pool_draw(const ws_wake_source *source, const ws_wake_pool *pool,
                                      ws_random *random)
{
    return &source->clips.items[pool->items[ws_random_below(random, (uint32_t)pool->n_items)]];
}

const ws_wake_clip *ws_wake_pool_draw_second(const ws_wake_source *source, const ws_wake_pool *pool,
                                             ws_random *random)
{
    const uint64_t total = pool->ends[pool->n_items - 1];
    const uint64_t at = (uint64_t)(ws_random_uniform(random) * (double)total);
    size_t low = 0, high = pool->n_items - 1;

    while (low < high) { /* the first whose end is beyond the place */
        const size_t middle = low + (high - low) / 2;
        if (pool->ends[middle] > at)
            high = middle;
        else
            low = middle + 1;
    }
    return &source->clips.items[pool->items[low]];
}

static ws_status fill(ws_wake_source *source, ws_error *err)
{
    const ws_wake_options *options = &source->options;
    ws_status status = ws_wake_clips_init(&source->clips, options, err);

    source->total_share = options->silence_share;
    for (size_t i = 0; i < options->n_folders && status == WS_OK; i++)
        if (source->clips.firsts[i] < source->clips.firsts[i + 1])
            source->total_share += options->folders[i].share;
    const double most = (1.0 + options->speed_change) * (1.0 + options->tempo_change);
    source->n_pad = (size_t)((double)options->n_samples * (most - 1.0) / 2.0) + 1;
    source->n_wide = options->n_samples + 2 * source->n_pad;
    if (status == WS_OK && options->speed_change > 0.0)
        status = ws_speed_create(options->speed_change, &source->speed, err);
    if (status == WS_OK)
        status = make_pools(source, err);
    if (status == WS_OK)
        status = make_rooms(source, err);
    if (status == WS_OK)
        status = make_floors(source, err);
    return status == WS_OK ? make_workers(source, err) : status;
}

ws_status ws_wake_source_create(const ws_wake_options *options, ws_wake_source **source,
                                ws_error *err)
{
    ws_status status = check(options, err);

    *source = NULL;
    if (status != WS_OK)
        return status;
    ws_wake_source *made = calloc(1, sizeof *made);
    if (made == NULL)
        return ws_fail_memory(err, "a wake source");
    made->options = *options;
    status = fill(made, err);
    made->options.log = NULL;
    if (status == WS_OK)
        *source = made;
    else
        ws_wake_source_destroy(made);
    return status;
}

void ws_wake_source_destroy(ws_wake_source *source)
{
    if (source == NULL)
        return;
    for (size_t i = 0; source->pools != NULL && i < source->options.n_folders + WS_WAKE_N_KINDS;
         i++) {
        free(source->pools[i].items);
        free(source->pools[i].ends);
    }
    free(source->pools);
    ws_wake_clips_deinit(&source->clips);
    ws_rooms_destroy(source->rooms);
    ws_speed_destroy(source->speed);
    ws_arena_deinit(&source->arena);
    free(source->floors);
    free(source->workers);
    free(source->hard);
    free(source);
}

size_t ws_wake_source_n_recordings(const ws_wake_source *source)
{
    return source->clips.n_items;
}

ws_wake_recording ws_wake_source_recording(const ws_wake_source *source, size_t i)
{
    const ws_wake_clip *clip = &source->clips.items[i];
    const ws_wake_folder *folder = &source->options.folders[clip->folder];

    return (ws_wake_recording){
        .path = clip->path,
        .kind = folder->kind,
        .label = folder->label,
        .samples = clip->samples,
        .n_samples = clip->n_samples,
        .start = clip->start,
        .end = clip->end,
    };
}

ws_status ws_wake_source_set_hard(ws_wake_source *source, const ws_wake_place *places, size_t n,
                                  double share, ws_error *err)
{
    ws_wake_place *copy = malloc((n + 1) * sizeof *copy);

    if (copy == NULL)
        return ws_fail_memory(err, "the hard windows");
    if (n > 0)
        memcpy(copy, places, n * sizeof *copy);
    free(source->hard);
    source->hard = copy;
    source->n_hard = n;
    source->hard_share = share;
    return WS_OK;
}

char *ws_wake_source_text(const ws_wake_source *source)
{
    const ws_wake_options *options = &source->options;
    ws_buf text;

    ws_buf_init(&text, MAX_TEXT_BYTES);
    for (size_t i = 0; i < options->n_folders; i++)
        ws_buf_push_format(&text, "%s%zu in %s", i > 0 ? ", " : "",
                           source->clips.firsts[i + 1] - source->clips.firsts[i],
                           options->folders[i].dir);
    char *taken = ws_buf_take_string(&text);
    ws_buf_deinit(&text);
    return taken;
}
