#include "dataset/rooms.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "audio/sound.h"
#include "base/arena.h"
#include "base/file.h"
#include "base/path.h"
#include "base/text.h"
#include "dataset/folder.h"
#include "dataset/room.h"
#include "fft/real_plan.h"

/* A convolution in blocks, WS_FFT_LANES of them side by side. A block's transform is over the block
 * and the one before it (overlap-save); a response is cut into parts as long as a block, and part p
 * works on the transform of p blocks before. */
enum {
    BLOCK = 2048,
    N_FFT = 2 * BLOCK,
    N_BINS = N_FFT / 2 + 1,
    LANES = WS_FFT_LANES,
    MAX_PARTS = WS_ROOMS_MAX_SAMPLES / BLOCK,
    N_LEAD = 8, /* samples before the largest peak that belong to it */
    MAX_FILE = 1 << 22
};

_Static_assert(MAX_PARTS <= LANES, "a part reaches back at most one row of blocks");

typedef struct response {
    float *samples; /* [n] owned */
    size_t n, n_parts;
    double *bins; /* [n_parts, N_BINS, 2] owned: real and imaginary parts, over N_FFT */
} response;

struct ws_rooms {
    ws_fft_real *plan;
    response *items; /* [n_items] */
    size_t n_items;
};

/** A thread's memory, all [..., LANES]. */
typedef struct workspace {
    double *in;      /* [N_FFT] what is transformed */
    double *re, *im; /* [N_BINS] its transform */
    double *spectra; /* [N_BINS, 2 of re and im, 2 * LANES]: of the blocks before, then of these */
} workspace;

enum {
    IN_BYTES = N_FFT * LANES * sizeof(double), /* all of them multiples of WS_FFT_ALIGNMENT */
    BINS_BYTES = N_BINS * LANES * sizeof(double),
    WORK_BYTES = IN_BYTES + 6 * BINS_BYTES,
};

static workspace lay_out(unsigned char *base)
{
    return (workspace){
        .in = (double *)(void *)base,
        .re = (double *)(void *)(base + IN_BYTES),
        .im = (double *)(void *)(base + IN_BYTES + BINS_BYTES),
        .spectra = (double *)(void *)(base + IN_BYTES + 2 * BINS_BYTES),
    };
}

size_t ws_rooms_work_bytes(void)
{
    return WORK_BYTES;
}

/** Transforms the parts of a response. */
static ws_status make_bins(const ws_rooms *rooms, response *room, ws_error *err)
{
    ws_arena arena = {.base = NULL};

    room->n_parts = (room->n + BLOCK - 1) / BLOCK;
    room->bins = malloc(room->n_parts * N_BINS * 2 * sizeof *room->bins);
    if (room->bins == NULL)
        return ws_fail_memory(err, "a room");
    const ws_status status = ws_arena_init(&arena, WORK_BYTES, err);
    if (status != WS_OK)
        return status;
    const workspace work = lay_out(arena.base);
    for (size_t i = 0; i < room->n; i++) /* part p is in lane p */
        work.in[i % BLOCK * LANES + i / BLOCK] = (double)room->samples[i] / N_FFT;
    ws_fft_real_run(rooms->plan, ws_cpu_level_get_best(), work.in, work.re, work.im);
    for (size_t p = 0; p < room->n_parts; p++)
        for (size_t k = 0; k < N_BINS; k++) {
            room->bins[(p * N_BINS + k) * 2] = work.re[k * LANES + p];
            room->bins[(p * N_BINS + k) * 2 + 1] = work.im[k * LANES + p];
        }
    ws_arena_deinit(&arena);
    return WS_OK;
}

/** Takes a response from its direct sound on, faded out at its end, with the energy 1. */
static ws_status take(ws_rooms *rooms, const ws_rooms_options *options, const float *samples,
                      size_t n, ws_error *err)
{
    response *room = &rooms->items[rooms->n_items];
    size_t peak = 0;
    double energy = 0.0;

    for (size_t i = 0; i < n; i++)
        if (fabsf(samples[i]) > fabsf(samples[peak]))
            peak = i;
    const size_t first = peak > N_LEAD ? peak - N_LEAD : 0;
    const size_t n_fade = options->max_samples / 8;
    room->n = n - first < options->max_samples ? n - first : options->max_samples;
    room->samples = malloc(room->n * sizeof *room->samples);
    if (room->samples == NULL)
        return ws_fail_memory(err, "a room");
    memcpy(room->samples, samples + first, room->n * sizeof *room->samples);
    for (size_t i = 0; n - first > room->n && i < n_fade; i++)
        room->samples[room->n - 1 - i] *= (float)i / (float)n_fade;
    for (size_t i = 0; i < room->n; i++)
        energy += (double)room->samples[i] * (double)room->samples[i];
    const float gain = (float)(1.0 / sqrt(energy));
    for (size_t i = 0; i < room->n; i++)
        room->samples[i] *= gain;
    rooms->n_items++;
    return make_bins(rooms, room, err);
}

static ws_status read_file(ws_rooms *rooms, const ws_rooms_options *options, const char *path,
                           ws_error *err)
{
    ws_sound sound = {0};
    ws_status status = ws_sound_read_at(path, options->sample_rate_hz, MAX_FILE, &sound, err);
    bool is_silent = true;

    if (status != WS_OK)
        return status;
    for (size_t i = 0; i < sound.n_samples; i++)
        is_silent &= !(fabsf(sound.samples[i]) > 0.0f);
    status = is_silent
                 ? ws_fail(err, WS_EFORMAT,
                           "%s: nothing but zeros; expected the impulse response of a room", path)
                 : take(rooms, options, sound.samples, sound.n_samples, err);
    ws_sound_deinit(&sound);
    return status;
}

static ws_status read_files(ws_rooms *rooms, const ws_rooms_options *options,
                            const ws_text_list *names, ws_error *err)
{
    ws_error fault = {.status = WS_OK};
    ws_status status = WS_OK;

    rooms->items = calloc(names->n_items + 1, sizeof *rooms->items);
    if (rooms->items == NULL)
        return ws_fail_memory(err, "rooms");
    for (size_t i = 0; i < names->n_items && status == WS_OK; i++) {
        char *path = ws_path_join(options->dir, names->items[i]);
        status = path != NULL ? read_file(rooms, options, path, &fault) : WS_ENOMEM;
        free(path);
        if (status == WS_OK || options->strict || status == WS_ENOMEM)
            continue;
        ws_log_write(options->log, WS_LOG_WARN, "broken room skipped: %s", fault.message);
        status = WS_OK;
    }
    if (status != WS_OK)
        return fault.status != WS_OK ? ws_fail(err, status, "%s", fault.message)
                                     : ws_fail_memory(err, "rooms");
    if (rooms->n_items == 0)
        return names->n_items == 0
                   ? ws_fail(err, WS_ENOTFOUND,
                             "%s: no sound files in it, expected impulse responses of rooms",
                             options->dir)
                   : ws_fail(err, WS_EFORMAT,
                             "%s: none of its files can be used as the response of a room; the "
                             "last: %s",
                             options->dir, fault.message);
    return WS_OK;
}

static ws_status read_dir(ws_rooms *rooms, const ws_rooms_options *options, ws_error *err)
{
    ws_text_list names = {0};
    ws_left_out left_out = {0};

    if (!ws_dir_exists(options->dir))
        return ws_fail(err, WS_ENOTFOUND, "%s: %s, expected one with impulse responses of rooms",
                       options->dir, ws_dir_fault(options->dir));
    ws_status status = ws_folder_list_nested(options->dir, &names, &left_out, err);
    if (status == WS_OK)
        status = read_files(rooms, options, &names, err);
    ws_text_list_deinit(&names);
    return status;
}

static ws_status compute_rooms(ws_rooms *rooms, const ws_rooms_options *options, ws_error *err)
{
    const size_t n = options->max_samples + (size_t)options->sample_rate_hz / 50; /* 7 m */
    double *exact = malloc(n * sizeof *exact);
    float *samples = malloc(n * sizeof *samples);
    ws_status status = WS_OK;

    rooms->items = calloc(options->n_rooms + 1, sizeof *rooms->items);
    if (exact == NULL || samples == NULL || rooms->items == NULL)
        status = ws_fail_memory(err, "rooms");
    for (size_t i = 0; i < options->n_rooms && status == WS_OK; i++) {
        ws_random random;
        ws_room room;
        ws_random_init(&random, options->seed, WS_RANDOM_ROOM, 0, (uint32_t)i);
        ws_room_draw(&random, &room);
        ws_room_compute(&room, options->sample_rate_hz, exact, n);
        for (size_t k = 0; k < n; k++)
            samples[k] = (float)exact[k];
        status = take(rooms, options, samples, n, err);
    }
    free(exact);
    free(samples);
    return status;
}

ws_status ws_rooms_create(const ws_rooms_options *options, ws_rooms **rooms, ws_error *err)
{
    ws_rooms *made = calloc(1, sizeof *made);

    *rooms = NULL;
    if (made == NULL)
        return ws_fail_memory(err, "rooms");
    ws_status status = ws_fft_real_create(N_FFT, &made->plan, err);
    if (status == WS_OK)
        status =
            options->dir != NULL ? read_dir(made, options, err) : compute_rooms(made, options, err);
    if (status == WS_OK)
        *rooms = made;
    else
        ws_rooms_destroy(made);
    return status;
}

void ws_rooms_destroy(ws_rooms *rooms)
{
    if (rooms == NULL)
        return;
    for (size_t i = 0; i < rooms->n_items; i++) {
        free(rooms->items[i].samples);
        free(rooms->items[i].bins);
    }
    free(rooms->items);
    ws_fft_real_destroy(rooms->plan);
    free(rooms);
}

size_t ws_rooms_n(const ws_rooms *rooms)
{
    return rooms->n_items;
}

const float *ws_rooms_response(const ws_rooms *rooms, size_t i, size_t *n)
{
    *n = rooms->items[i].n;
    return rooms->items[i].samples;
}

/** Lane l gets block first + l and the one before it; zeros outside of the sound. */
static void load(const float *samples, size_t n, size_t first, double *in)
{
    for (size_t lane = 0; lane < LANES; lane++) {
        const int64_t start = ((int64_t)(first + lane) - 1) * BLOCK;
        for (int64_t i = 0; i < N_FFT; i++) {
            const int64_t at = start + i;
            in[(size_t)i * LANES + lane] = at >= 0 && at < (int64_t)n ? (double)samples[at] : 0.0;
        }
    }
}

/** These blocks' transforms take the place after those of the blocks before. */
static void keep_spectra(const workspace *work)
{
    for (size_t k = 0; k < N_BINS; k++) {
        double *re = work->spectra + k * 4 * LANES, *im = re + 2 * LANES;
        for (size_t lane = 0; lane < LANES; lane++) {
            re[lane] = re[LANES + lane];
            im[lane] = im[LANES + lane];
            re[LANES + lane] = work->re[k * LANES + lane];
            im[LANES + lane] = work->im[k * LANES + lane];
        }
    }
}

/** The sum over the parts at bin k. */
static void multiply(const response *room, const workspace *work, size_t k, double re[LANES],
                     double im[LANES])
{
    const double *x = work->spectra + k * 4 * LANES;

    for (size_t lane = 0; lane < LANES; lane++)
        re[lane] = im[lane] = 0.0;
    for (size_t p = 0; p < room->n_parts; p++) {
        const double h_re = room->bins[(p * N_BINS + k) * 2];
        const double h_im = room->bins[(p * N_BINS + k) * 2 + 1];
        const double *x_re = x + LANES - p, *x_im = x_re + 2 * LANES;
        for (size_t lane = 0; lane < LANES; lane++) {
            re[lane] += x_re[lane] * h_re - x_im[lane] * h_im;
            im[lane] += x_re[lane] * h_im + x_im[lane] * h_re;
        }
    }
}

/** The products, as the Hartley transform of the result: re - im, and for the upper half of the
 *  bins, which are conjugates, re + im. That transform is its own inverse. */
static void fill_hartley(const response *room, const workspace *work)
{
    for (size_t k = 0; k < N_BINS; k++) {
        double re[LANES], im[LANES];
        const size_t mirror = (N_FFT - k) % N_FFT;
        multiply(room, work, k, re, im);
        for (size_t lane = 0; lane < LANES; lane++) {
            work->in[mirror * LANES + lane] = re[lane] + im[lane];
            work->in[k * LANES + lane] = re[lane] - im[lane];
        }
    }
}

/** The later half of each block's result is what does not wrap around. */
static void store(const workspace *work, size_t first, float *samples, size_t n)
{
    for (size_t lane = 0; lane < LANES; lane++) {
        const size_t start = (first + lane) * BLOCK;
        for (size_t i = 0; i < BLOCK && start + i < n; i++) {
            const size_t mirror = N_FFT - (BLOCK + i); /* a bin below N_BINS */
            samples[start + i] =
                (float)(work->re[mirror * LANES + lane] + work->im[mirror * LANES + lane]);
        }
    }
}

void ws_rooms_run(const ws_rooms *rooms, size_t i, void *work, float *samples, size_t n,
                  ws_cpu_level level)
{
    const size_t n_blocks = (n + BLOCK - 1) / BLOCK;
    float last[BLOCK] = {
        0.0f}; /* of the sound as it was: the block before those that are loaded next */
    const workspace w = lay_out(work);

    memset(w.spectra, 0, 4 * N_BINS * LANES * sizeof *w.spectra);
    for (size_t first = 0; first < n_blocks; first += LANES) {
        const size_t next = (first + LANES) * BLOCK;
        load(samples, n, first, w.in);
        for (size_t k = 0; first > 0 && k < BLOCK; k++)
            w.in[k * LANES] = (double)last[k];
        if (next < n)
            memcpy(last, samples + next - BLOCK, sizeof last);
        ws_fft_real_run(rooms->plan, level, w.in, w.re, w.im);
        keep_spectra(&w);
        fill_hartley(&rooms->items[i], &w);
        ws_fft_real_run(rooms->plan, level, w.in, w.re, w.im);
        store(&w, first, samples, n);
    }
}
