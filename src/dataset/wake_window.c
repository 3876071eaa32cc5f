/* How one window is drawn and made. Runs in all threads at once: writes only what is the window's
 * or the worker's own. */
#include <math.h>
#include <string.h>

#include "dataset/microphone.h"
#include "dataset/silence.h"
#include "dataset/wake_internal.h"

/* Chances of other speech around a phrase, and of a lead that is as the recording has it. */
static const double before_chance = 0.4, after_chance = 0.3, whole_lead_chance = 0.5;

/* Of all noise in windows with speech, what is other people's speech. */
static const double babble_chance = 0.2;

/* Of the windows through a microphone, those that clip. */
static const double clip_chance = 0.1;

/* Levels in dBFS, drawn evenly. */
static const double low_floor = -90.0, high_floor = -55.0, low_noise = -65.0, high_noise = -12.0;

enum {
    FADE_MS = 8,
    SHORT_LEAD_MS = 30,
    GAP_MS = 400,
    OTHER_DB = 6,
    MIDDLE_SPEED = WS_N_SPEEDS / 2
};

/** A window being made. */
typedef struct making {
    const ws_wake_source *source;
    ws_wake_worker *worker;
    ws_wake_window *window;
    ws_random random;
    double dbfs; /* of the speech in it */
} making;

/** How much faster a recording is heard. */
typedef struct pace {
    size_t speed; /* of ws_speed: the pitch changes, too */
    double tempo; /* at the same pitch */
} pace;

/** A stretch of a recording on its way into the track. */
typedef struct voice {
    const ws_wake_clip *clip;
    size_t from, to; /* what is heard of it */
    size_t mark;     /* this sample of it ... */
    int64_t at;      /* ... lands here in the window, if need be before or after it */
    size_t first, n; /* what its level is measured on */
    double dbfs;
    pace pace; /* how fast */
} voice;

static double uniform(ws_random *random, double low, double high)
{
    return low + (high - low) * ws_random_uniform(random);
}

static bool happens(ws_random *random, double chance)
{
    return ws_random_uniform(random) < chance;
}

static size_t ms(const making *now, size_t n_ms)
{
    return (size_t)now->source->options.sample_rate_hz * n_ms / 1000;
}

/** The gain that brings a stretch of a recording to a level; 0 for zeros. */
static double find_gain(const making *now, const ws_wake_clip *clip, size_t first, size_t n,
                        double dbfs)
{
    const ws_samples all = {.int16 = clip->samples + first, .n = n};
    const double power = ws_samples_get_power(&all, now->source->options.level);

    return power > 0.0 ? sqrt(pow(10.0, dbfs / 10.0) / power) : 0.0;
}

static double get_factor(const ws_wake_source *source, pace at)
{
    return at.tempo * (source->speed != NULL ? ws_speed_get_factor(source->speed, at.speed) : 1.0);
}

static pace draw_pace(making *now)
{
    const ws_wake_source *source = now->source;
    const double most = 1.0 + source->options.tempo_change;
    pace drawn = {.speed = MIDDLE_SPEED, .tempo = 1.0};

    if (source->speed != NULL)
        drawn.speed = ws_random_below(&now->random, WS_N_SPEEDS);
    if (most > 1.0 && happens(&now->random, 0.5))
        drawn.tempo = uniform(&now->random, 1.0 / most, most);
    return drawn;
}

/** The chunk at another pace, in its own memory or in the worker's other one. */
static float *change_pace(const making *now, pace at)
{
    const ws_wake_source *source = now->source;
    ws_wake_worker *worker = now->worker;
    float *heard = worker->chunk, *other = worker->changed;

    if (source->speed != NULL && at.speed != MIDDLE_SPEED) {
        const ws_samples all = {.floats = heard, .n = source->n_wide};
        ws_speed_run(source->speed, at.speed, &all, worker->scratch, other, source->n_wide,
                     source->options.level);
        heard = worker->changed;
        other = worker->chunk;
    }
    if (at.tempo < 1.0 || at.tempo > 1.0) {
        ws_tempo_run(at.tempo, source->options.sample_rate_hz, heard, worker->scratch, other,
                     source->n_wide);
        heard = other;
    }
    return heard;
}

/** How much of a sample next to a cut is heard: a ramp, so that the cut does not click. */
static float fade(const making *now, const voice *v, size_t i)
{
    const size_t length = ms(now, FADE_MS), left = i - v->from, right = v->to - 1 - i;
    const size_t distance = left < right ? left : right;

    return distance < length ? ((float)distance + 0.5f) / (float)length : 1.0f;
}

/** Adds a voice to the track: out[i] = the recording at mark + (i - at) * factor. */
static void add_voice(const making *now, const voice *v)
{
    const ws_wake_source *source = now->source;
    const double factor = get_factor(source, v->pace), middle = (double)(source->n_wide / 2);
    const double place = middle + ((double)v->at + (double)source->n_pad - middle) * factor;
    const int64_t first = (int64_t)v->mark - (int64_t)floor(place + 0.5); /* under chunk[0] */
    const int64_t end = first + (int64_t)source->n_wide;
    const size_t low = first > (int64_t)v->from ? (size_t)first : v->from;
    const size_t high = end < (int64_t)v->to ? (size_t)(end > 0 ? end : 0) : v->to;
    float *chunk = now->worker->chunk;

    if (low >= high)
        return;
    const float gain = (float)find_gain(now, v->clip, v->first, v->n, v->dbfs) / 32768.0f;
    memset(chunk, 0, source->n_wide * sizeof *chunk);
    for (size_t i = low; i < high; i++)
        chunk[(int64_t)i - first] = gain * fade(now, v, i) * (float)v->clip->samples[i];
    const float *heard = change_pace(now, v->pace);
    for (size_t i = 0; i < source->options.n_samples; i++)
        now->worker->track[i] += heard[source->n_pad + i];
}

/** Adds other speech that ends, or begins, at a place. */
static void add_other(making *now, int64_t at, bool ends_there)
{
    const ws_wake_source *source = now->source;
    const ws_wake_pool *pool = ws_wake_pool_of_kind(source, WS_WAKE_SPEECH);

    if (pool->n_items == 0)
        return;
    const ws_wake_clip *clip = ws_wake_pool_draw_second(source, pool, &now->random);
    const size_t mark = ws_random_below(&now->random, (uint32_t)clip->n_samples);
    const size_t from = ends_there ? 0 : mark, to = ends_there ? mark + 1 : clip->n_samples;
    add_voice(now, &(voice){
                       .clip = clip,
                       .from = from,
                       .to = to,
                       .mark = mark,
                       .at = at,
                       .n = clip->n_samples,
                       .dbfs = now->dbfs + uniform(&now->random, -OTHER_DB, OTHER_DB),
                       .pace = draw_pace(now),
                   });
}

/** The phrase of a clip, or its first part, at the end of the window. */
static void make_phrase(making *now, const ws_wake_clip *clip, bool is_part)
{
    const ws_wake_options *options = &now->source->options;
    const size_t n = options->n_samples, length = clip->end - clip->start;
    const size_t kept =
        is_part ? (size_t)((double)length * uniform(&now->random, 0.3, 0.7)) : length;
    const size_t end = clip->start + (kept > 0 ? kept : 1);
    const size_t lag = ws_random_below(&now->random, (uint32_t)options->end_samples + 1);
    const int64_t at = (int64_t)n - (int64_t)lag;
    const pace own = draw_pace(now);
    const size_t gap =
        ms(now, SHORT_LEAD_MS) + ws_random_below(&now->random, (uint32_t)ms(now, GAP_MS) + 1);
    const bool is_whole = happens(&now->random, whole_lead_chance);
    const bool has_before = happens(&now->random, before_chance);
    const bool has_after = happens(&now->random, is_part ? 0.5 : after_chance);
    const size_t lead = is_whole && !has_before ? clip->start : ms(now, SHORT_LEAD_MS);
    const size_t tail = is_part ? 0 : clip->n_samples - end;

    now->window->lag = lag;
    add_voice(now, &(voice){
                       .clip = clip,
                       .from = clip->start - (lead < clip->start ? lead : clip->start),
                       .to = end + (has_after && tail > gap ? gap : tail),
                       .mark = end,
                       .at = at,
                       .first = clip->start,
                       .n = length,
                       .dbfs = now->dbfs,
                       .pace = own,
                   });
    if (has_before)
        add_other(now, at - (int64_t)((double)kept / get_factor(now->source, own)) - (int64_t)gap,
                  true);
    if (has_after)
        add_other(now, at + (int64_t)(is_part ? gap / 4 : gap), false);
}

/** A stretch of a recording, as it comes; of a short one at least its middle. @param end  its
 *  sample at the end of the window; 0: drawn */
static void make_stretch(making *now, const ws_wake_clip *clip, size_t end)
{
    const size_t n = now->source->options.n_samples;
    voice v = {.clip = clip, .to = clip->n_samples, .pace = draw_pace(now), .dbfs = now->dbfs};

    v.at = (int64_t)n;
    if (end > 0) {
        v.mark = end;
    } else if (clip->n_samples > n) {
        v.mark = n + ws_random_below(&now->random, (uint32_t)(clip->n_samples - n) + 1);
    } else {
        v.mark = clip->n_samples / 2;
        v.at = ws_random_below(&now->random, (uint32_t)n + 1);
    }
    v.first = v.mark > n ? v.mark - n : 0;
    v.n = clip->n_samples - v.first < n ? clip->n_samples - v.first : n;
    add_voice(now, &v);
    if (clip->n_samples <= n / 2 && happens(&now->random, 0.5))
        add_other(now, v.at - (int64_t)clip->n_samples, true);
}

/** Pieces of recordings in any order. */
static void make_shuffled(making *now)
{
    const ws_wake_source *source = now->source;
    const float gain = (float)pow(10.0, now->dbfs / 20.0);

    ws_wake_shuffle(source, &now->random, now->worker->chunk, source->n_wide);
    const float *heard = change_pace(now, draw_pace(now));
    for (size_t i = 0; i < source->options.n_samples; i++)
        now->worker->track[i] += gain * heard[source->n_pad + i];
}

/** Adds a stretch of a recording as noise to out, the recording repeated if it is short. */
static void add_noise(making *now, const ws_wake_clip *clip, size_t from, double dbfs, float *out)
{
    const size_t n = now->source->options.n_samples;
    const size_t n_heard = clip->n_samples - from < n ? clip->n_samples - from : n;
    const float gain = (float)find_gain(now, clip, from, n_heard, dbfs) / 32768.0f;

    for (size_t i = 0; i < n;) {
        const size_t left = clip->n_samples - from, n_part = left < n - i ? left : n - i;
        for (size_t k = 0; k < n_part; k++)
            out[i + k] += gain * (float)clip->samples[from + k];
        i += n_part;
        from = 0;
    }
}

/** Where a stretch of noise begins: a long recording is not wrapped around. */
static size_t draw_start(making *now, const ws_wake_clip *clip)
{
    const size_t n = now->source->options.n_samples;
    const size_t n_starts = clip->n_samples > n ? clip->n_samples - n : clip->n_samples;

    return ws_random_below(&now->random, (uint32_t)n_starts);
}

/** Noise under speech, of recordings of noise or of other people's speech. */
static void add_background(making *now, float *out)
{
    const ws_wake_source *source = now->source;
    const ws_noise_snr *snr = &source->options.snr;
    const ws_wake_pool *noise = ws_wake_pool_of_kind(source, WS_WAKE_NOISE);
    const ws_wake_pool *speech = ws_wake_pool_of_kind(source, WS_WAKE_SPEECH);
    const bool is_babble = happens(&now->random, babble_chance);
    const ws_wake_pool *pool =
        (is_babble && speech->n_items > 0) || noise->n_items == 0 ? speech : noise;

    if (!happens(&now->random, source->options.noise_share) || pool->n_items == 0)
        return;
    const ws_wake_clip *clip = ws_wake_pool_draw_second(source, pool, &now->random);
    const size_t from = draw_start(now, clip);
    add_noise(now, clip, from, now->dbfs - uniform(&now->random, snr->low, snr->high), out);
}

/** The hiss of a microphone. */
static void add_floor(making *now, float *out)
{
    const ws_wake_source *source = now->source;
    const float gain = (float)pow(10.0, uniform(&now->random, low_floor, high_floor) / 20.0);
    const float *noise =
        source->floors + ws_random_below(&now->random, WS_WAKE_N_FLOORS) * source->n_floor;
    size_t at = ws_random_below(&now->random, (uint32_t)source->n_floor);

    for (size_t i = 0; i < source->options.n_samples; i++) {
        out[i] += gain * noise[at];
        at = at + 1 < source->n_floor ? at + 1 : 0;
    }
}

/** Clips to full scale, in steps of 16 bits. */
static void round_to_16_bits(float *samples, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        float x = samples[i] * 32768.0f;
        x = x < -32768.0f ? -32768.0f : x > 32767.0f ? 32767.0f : x;
        samples[i] = (float)(int32_t)(x < 0.0f ? x - 0.5f : x + 0.5f) / 32768.0f;
    }
}

/** Sound through a microphone of its own, in some windows. */
static void add_microphone(making *now)
{
    const ws_wake_options *options = &now->source->options;
    float *samples = now->window->samples, peak = 0.0f;
    ws_microphone microphone;

    if (!happens(&now->random, options->microphone_share))
        return;
    for (size_t i = 0; i < options->n_samples; i++)
        peak = fabsf(samples[i]) > peak ? fabsf(samples[i]) : peak;
    ws_microphone_draw(&now->random, options->sample_rate_hz, clip_chance, (double)peak,
                       &microphone);
    ws_microphone_run(&microphone, options->sample_rate_hz, samples, options->n_samples);
}

/** The speech of a window in a room, in some windows. */
static void add_room(making *now)
{
    const ws_wake_source *source = now->source;

    if (source->rooms == NULL || !happens(&now->random, source->options.room_share))
        return;
    const size_t room = ws_random_below(&now->random, (uint32_t)ws_rooms_n(source->rooms));
    ws_rooms_run(source->rooms, room, now->worker->room, now->worker->track,
                 source->options.n_samples, source->options.level);
}

/** For the quiet ends of clips, which some silence is made of: a window's worth of speech. */
static ws_status read_clip(void *user, ws_random *random, ws_samples *samples)
{
    const making *now = user;
    const ws_wake_source *source = now->source;
    const size_t n = source->options.n_samples;
    const ws_wake_pool *pool = ws_wake_pool_of_kind(source, WS_WAKE_POSITIVE);

    if (pool->n_items == 0)
        return WS_ENOTFOUND;
    const ws_wake_clip *clip = ws_wake_pool_draw(source, pool, random);
    *samples = (ws_samples){.int16 = clip->samples, .n = clip->n_samples < n ? clip->n_samples : n};
    return WS_OK;
}

static void make_silence(making *now)
{
    const ws_wake_options *options = &now->source->options;
    const ws_silence_parts parts = {
        .sample_rate_hz = options->sample_rate_hz,
        .n_samples = options->n_samples,
        .level = options->level,
        .read_clip = read_clip,
        .user = now,
    };

    now->window->kind = WS_WAKE_SILENCE;
    now->window->weight = options->silence_weight;
    if (ws_silence_make(&parts, &now->random, now->window->samples) != WS_OK)
        memset(now->window->samples, 0, options->n_samples * sizeof(float));
}

/** Noise alone. @param end  the sample at the end of the window; 0: drawn */
static void make_noise(making *now, const ws_wake_clip *clip, size_t end)
{
    const size_t n = now->source->options.n_samples;
    const size_t from = end >= n ? end - n : draw_start(now, clip);

    add_noise(now, clip, from, uniform(&now->random, low_noise, high_noise), now->window->samples);
}

/** A window of a recording that is not silence. @param end  of a hard one; 0: drawn */
static void make_sound(making *now, const ws_wake_clip *clip, size_t end, bool is_part)
{
    const ws_wake_options *options = &now->source->options;
    const ws_wake_folder *folder = &options->folders[clip->folder];
    ws_wake_window *window = now->window;
    const bool is_phrase = folder->kind == WS_WAKE_POSITIVE || folder->kind == WS_WAKE_NEAR;

    window->kind = is_part ? WS_WAKE_NEAR : folder->kind;
    window->label = is_part ? 0 : folder->label;
    window->recording = (size_t)(clip - now->source->clips.items);
    memset(window->samples, 0, options->n_samples * sizeof(float));
    if (folder->kind == WS_WAKE_NOISE) {
        make_noise(now, clip, end);
    } else {
        memset(now->worker->track, 0, options->n_samples * sizeof(float));
        now->dbfs = uniform(&now->random, options->low_dbfs, options->high_dbfs);
        if (is_phrase && end == 0)
            make_phrase(now, clip, is_part);
        else if (!is_phrase && end == 0 && options->shuffle_share > 0.0 &&
                 happens(&now->random, options->shuffle_share))
            make_shuffled(now);
        else
            make_stretch(now, clip, end);
        add_room(now);
        for (size_t i = 0; i < options->n_samples; i++)
            window->samples[i] += now->worker->track[i];
        add_background(now, window->samples);
    }
    add_microphone(now);
    add_floor(now, window->samples);
    round_to_16_bits(window->samples, options->n_samples);
}

/** A window that ends near a hard place. @return false if this row is not to be one */
static bool make_hard(making *now)
{
    const ws_wake_source *source = now->source;
    const size_t most = source->options.n_samples / 8;

    if (source->n_hard == 0 || !happens(&now->random, source->hard_share))
        return false;
    const ws_wake_place *place =
        &source->hard[ws_random_below(&now->random, (uint32_t)source->n_hard)];
    const ws_wake_clip *clip = &source->clips.items[place->recording];
    size_t end = place->end + ws_random_below(&now->random, (uint32_t)(2 * most + 1));
    end = end > most ? end - most : 1;
    make_sound(now, clip, end < clip->n_samples ? end : clip->n_samples, false);
    return true;
}

/** The folder that a window is made of; n_folders for silence. */
static size_t draw_folder(making *now)
{
    const ws_wake_options *options = &now->source->options;
    double left = ws_random_uniform(&now->random) * now->source->total_share;
    size_t last = options->n_folders;

    for (size_t i = 0; i < options->n_folders; i++) {
        if (!(options->folders[i].share > 0.0) || now->source->pools[i].n_items == 0)
            continue;
        last = i;
        if (left < options->folders[i].share)
            return i;
        left -= options->folders[i].share;
    }
    return options->silence_share > 0.0 ? options->n_folders : last; /* a sum may round down */
}

void ws_wake_source_make(ws_wake_source *source, size_t thread, uint64_t step, uint32_t row,
                         ws_wake_window *window)
{
    const ws_wake_options *options = &source->options;
    making now = {.source = source, .worker = &source->workers[thread], .window = window};
    float *samples = window->samples;

    *window = (ws_wake_window){.samples = samples, .recording = SIZE_MAX};
    ws_random_init(&now.random, options->seed, WS_RANDOM_WAKE, step, row);
    const size_t folder = draw_folder(&now);
    if (folder == options->n_folders) {
        make_silence(&now);
        return;
    }
    const ws_wake_kind kind = options->folders[folder].kind;
    window->weight = options->folders[folder].weight;
    if ((kind == WS_WAKE_SPEECH || kind == WS_WAKE_NOISE) && make_hard(&now))
        return;
    const ws_wake_pool *pool = &source->pools[folder];
    const ws_wake_pool *whole = ws_wake_pool_of_kind(source, WS_WAKE_POSITIVE);
    const bool is_part =
        kind == WS_WAKE_NEAR && whole->n_items > 0 && happens(&now.random, options->part_share);
    const ws_wake_clip *clip = is_part || kind == WS_WAKE_POSITIVE || kind == WS_WAKE_NEAR
                                   ? ws_wake_pool_draw(source, is_part ? whole : pool, &now.random)
                                   : ws_wake_pool_draw_second(source, pool, &now.random);
    make_sound(&now, clip, 0, is_part);
}
